"""The demo company is built once for all tests of a module that ask for it, and rolled back afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import transaction
from tests.conftest import install_what_ships

from loudou.demo.building import Built, build

TODAY = dt.date(2026, 11, 20)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker) -> Iterator[Built]:
    """The Chinese demo company, whole."""
    with django_db_blocker.unblock(), transaction.atomic():
        install_what_ships()
        yield build(locale="zh", today=TODAY)
        transaction.set_rollback(True)


@pytest.fixture
def demo(built, db) -> Built:
    """The demo company, with the test's own changes undone after it."""
    return built
