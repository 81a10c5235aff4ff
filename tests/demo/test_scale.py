"""The large company: shaped like life, consistent, and with the database's guards back in place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.db.models import Count

from loudou.core import checks
from loudou.customers.models import Customer, CustomerMember
from loudou.demo.building import Built, build
from loudou.demo.errors import SizeOutOfRange
from loudou.demo.scale_loading import open_sales
from loudou.people.models import AuditEntry, Team, User
from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity, SalesProcess, StageChange

from .conftest import TODAY

SCALE = 2_000


def database_guards() -> tuple[list[str], int, list[str]]:
    """Names of all indexes, how many triggers fire, names of all constraints that hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        indexes = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal")
        triggers = cursor.fetchone()[0]
        cursor.execute("SELECT conrelid::regclass::text || conname FROM pg_constraint WHERE convalidated ORDER BY 1")
        return indexes, triggers, [name for (name,) in cursor.fetchall()]


@pytest.fixture(scope="module")
def large(django_db_setup, django_db_blocker) -> Iterator[tuple[Built, bool]]:
    with django_db_blocker.unblock(), transaction.atomic():
        before = database_guards()
        made = build(locale="en", today=TODAY, scale=SCALE)
        yield made, database_guards() == before
        transaction.set_rollback(True)


@pytest.fixture
def scaled(large, db) -> Built:
    return large[0]


def test_it_has_so_many_opportunities_and_few_of_them_open(scaled):
    assert Opportunity.objects.count() == SCALE
    still_open = Opportunity.objects.filter(state=State.OPEN).count()
    assert still_open == pytest.approx(open_sales(SCALE), rel=0.1)
    assert 3.5 <= StageChange.objects.count() / SCALE <= 5


def test_the_working_set_grows_slower_than_the_past():
    assert [open_sales(size) for size in (10_000, 100_000, 1_000_000)] == [3_000, 11_406, 43_363]


def test_the_reps_board_is_full(scaled):
    tender = SalesProcess.objects.get(name="Tender")
    rep = User.objects.get(username="rep")
    columns = (
        Opportunity.objects.visible_to(rep).filter(state=State.OPEN, process=tender)
        .values("stage").annotate(cards=Count("pk")).order_by("stage")
    )  # fmt: skip
    assert len(columns) == 6
    assert min(column["cards"] for column in columns) >= 40


def test_loudou_check_finds_nothing_wrong(scaled):
    checks.load()
    assert {check.name: findings[:3] for check, findings in checks.run() if findings} == {}


def test_every_foreign_key_points_at_a_row(scaled):
    connection.check_constraints()
    assert not Opportunity.objects.filter(customer__owner=None).exists()
    assert not Team.objects.filter(parent=None).exclude(name="Headquarters").exists()
    assert CustomerMember.objects.exists()


def test_indexes_triggers_and_constraints_are_back(large, scaled):
    assert large[1]
    customer = Customer.objects.first()
    Customer.objects.filter(pk=customer.pk).update(city="Elsewhere")
    assert AuditEntry.objects.filter(table_name="customers_customer", object_id=str(customer.pk)).count() == 1


@pytest.mark.parametrize("size", [10, 50_000_000])
def test_absurd_sizes_are_refused(db, size):
    with pytest.raises(SizeOutOfRange):
        build(locale="zh", today=TODAY, scale=size)
