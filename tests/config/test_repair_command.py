"""`loudou repair` at the command line: it only says, until it is told to keep; the audit knows what it mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from typer.testing import CliRunner, Result

from loudou.config.cli import app, repair
from loudou.core import audit
from loudou.customers import services
from loudou.customers.models import Customer
from loudou.customers.services import CustomerDraft
from loudou.people.models import AuditEntry, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def loudou(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command against the test's database."""

    @contextmanager
    def here() -> Iterator[None]:
        with audit.source("command"):
            yield

    monkeypatch.setattr(repair, "installation", here)
    return lambda *words, **facts: CliRunner().invoke(app, list(words), **facts)


@pytest.fixture
def damaged(owner: User, now: object) -> Customer:
    """A customer whose owner somebody took away by raw SQL."""
    row = services.create_customer(owner, CustomerDraft(name="Acme"), at=now)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET owner_id = NULL")
    return row


def test_without_apply_it_only_says_what_differs(loudou, damaged, owner):
    told = loudou("repair")
    assert told.exit_code == 1
    assert f"customers.customer {damaged.pk} owner_id: None → {owner.pk}" in told.output
    assert Customer.objects.get().owner is None
    assert not AuditEntry.objects.filter(table_name="repaired").exists()


def test_it_mends_what_it_is_told_to_and_writes_it_down_as_the_system(loudou, damaged, owner):
    assert loudou("repair", "--apply", input="n\n").exit_code == 1
    assert Customer.objects.get().owner is None
    assert loudou("repair", "customers.phase", "--apply", "--yes").output.strip() == "Nothing differs."
    assert loudou("repair", "customers.owner", "--apply", "--yes").exit_code == 0
    assert Customer.objects.get().owner == owner
    entry = AuditEntry.objects.get(table_name="repaired")
    assert (entry.actor, entry.source, entry.after["repair"]) == (None, "command", "customers.owner")
    assert entry.after["values"] == [[f"customers.customer {damaged.pk}", "owner_id", "None", str(owner.pk)]]
    assert loudou("repair").exit_code == 0


def test_it_knows_its_repairs_by_name(loudou):
    assert loudou("repair", "nonsense").exit_code == 2
    listed = loudou("repair", "--list").output
    assert "customers.phase: " in listed
    assert "contracts.receipts: " in listed
