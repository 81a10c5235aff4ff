"""What tests of evidence and phases share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from loudou.core import checks
from loudou.customers import services
from loudou.customers.models import Customer
from loudou.customers.services import CustomerDraft

PROVEN = [
    "customers.hold",
    "customers.phase",
    "customers.phase_history",
    "customers.segments",
    "customers.standing_evidence",
]


@pytest.fixture
def acme(owner, now) -> Customer:
    """A customer of `owner`."""
    return services.create_customer(owner, CustomerDraft(name="Acme"), at=now)


@pytest.fixture
def findings() -> Callable[[], dict[str, list[str]]]:
    """Run the checks of evidence, phases, segments and holds; what they find by name, {} when all is well."""

    def run() -> dict[str, list[str]]:
        checks.load()
        return {check.name: [one.record for one in found] for check, found in checks.run(PROVEN) if found}

    return run
