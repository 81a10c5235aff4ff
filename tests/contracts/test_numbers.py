"""Numbers of documents: format, starting again, and what it costs to have no gaps."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from loudou.contracts.choices import DocumentKind
from loudou.contracts.errors import SeriesMissing
from loudou.contracts.models import NumberCounter, NumberSeries
from loudou.contracts.services import numbers
from loudou.contracts.services.numbers import next_number, next_numbers, sample, update_series
from loudou.core.refusals import InvalidInput, PermissionRefused, StaleWrite

JUNE, JULY, NEXT_YEAR = dt.date(2026, 6, 30), dt.date(2026, 7, 1), dt.date(2027, 1, 1)


@pytest.fixture
def series(db):
    """The series of contracts, as it ships."""
    return NumberSeries.objects.get(kind=DocumentKind.CONTRACT)


def give(kind=DocumentKind.CONTRACT, on=JUNE):
    with transaction.atomic():
        return next_number(kind, on=on)


def test_numbers_start_again_with_the_year_of_the_document(series):
    assert [give(), give(on=JULY), give(on=NEXT_YEAR), give(on=dt.date(2026, 12, 31))] == [
        "HT2026-0001", "HT2026-0002", "HT2027-0001", "HT2026-0003",
    ]  # fmt: skip


def test_a_monthly_series_starts_again_every_month_and_the_width_is_the_least(series):
    NumberSeries.objects.filter(pk=series.pk).update(pattern="S/{yy}-{month}/{number:2}", reset="monthly", starts_at=99)
    assert [give(), give(), give(on=JULY)] == ["S/26-06/99", "S/26-06/100", "S/26-07/99"]


@pytest.mark.parametrize("gap_free", [True, False])
def test_many_numbers_are_taken_at_once_in_the_order_of_months(series, gap_free):
    NumberSeries.objects.filter(pk=series.pk).update(is_gap_free=gap_free)
    give()
    with transaction.atomic():
        taken = next_numbers(DocumentKind.CONTRACT, [NEXT_YEAR, JULY, JUNE, JULY])
    assert taken == ["HT2027-0001", "HT2026-0003", "HT2026-0002", "HT2026-0004"]
    assert next_numbers(DocumentKind.CONTRACT, []) == []
    assert give() == "HT2026-0005"


def test_many_numbers_of_one_month_cost_one_statement(series, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(1):
        assert next_numbers(DocumentKind.CONTRACT, [JUNE] * 500)[-1] == "HT2026-0500"


def test_a_posting_that_fails_gives_its_number_back(series):
    with pytest.raises(RuntimeError), transaction.atomic():
        assert next_number(DocumentKind.CONTRACT, on=JUNE) == "HT2026-0001"
        raise RuntimeError
    assert give() == "HT2026-0001"


def test_without_waiting_the_numbers_come_in_order_too(series):
    NumberSeries.objects.filter(pk=series.pk).update(is_gap_free=False, starts_at=5)
    assert [give() for _ in range(70)] == [f"HT2026-{number:04}" for number in range(5, 75)]


def test_a_kind_without_a_series_is_refused(series):
    series.delete()
    with pytest.raises(SeriesMissing):
        give()


@pytest.mark.parametrize(
    ("pattern", "reset", "fine"),
    [
        ("HT{year}-{number:4}", "yearly", True),
        ("合同（{yy}）{number}", "yearly", True),
        ("{number:12}", "never", True),
        ("{year}.{month}/{number:3}", "monthly", True),
        ("HT-{number:4}", "yearly", False),
        ("HT{year}-{number:4}", "monthly", False),
        ("HT{month}-{number:4}", "yearly", False),
        ("HT{year}", "yearly", False),
        ("HT{year}-{number:4}-{number}", "yearly", False),
        ("HT{year}-{number:0}", "yearly", False),
        ("HT{year}-{number:13}", "yearly", False),
        ("HT{year}-{number:x}", "yearly", False),
        ("HT{year}-{number!r}", "yearly", False),
        ("HT{year:4}-{number}", "yearly", False),
        ("HT{year}-{number", "yearly", False),
        ("HT{day}-{number}", "never", False),
        ("HT{number.__class__}", "never", False),
        ("HT <b>{number}", "never", False),
    ],
)
def test_a_format_is_checked_before_it_is_used(pattern, reset, fine, series, administrator):
    if fine:
        changed = update_series(administrator, series.pk, pattern=pattern, reset=reset)
        assert sample(changed, on=JUNE)
        return
    with pytest.raises(InvalidInput) as refused:
        update_series(administrator, series.pk, pattern=pattern, reset=reset)
    assert "pattern" in refused.value.errors
    series.refresh_from_db()
    assert series.pattern == "HT{year}-{number:4}"


def test_a_series_goes_on_above_its_highest_number_when_gaps_become_allowed_or_forbidden(series, administrator):
    assert [give(), give()] == ["HT2026-0001", "HT2026-0002"]
    update_series(administrator, series.pk, is_gap_free=False)
    assert [give() for _ in range(3)] == ["HT2026-0003", "HT2026-0004", "HT2026-0005"]
    update_series(administrator, series.pk, is_gap_free=True)
    assert [give(), give()] == ["HT2026-0006", "HT2026-0007"]
    assert NumberCounter.objects.filter(series=series).count() == 1


def test_only_who_may_configure_changes_a_series(series, finance, administrator):
    with pytest.raises(PermissionRefused):
        update_series(finance, series.pk, pattern="X{year}{number}")
    update_series(administrator, series.pk, pattern="X{year}{number}", version=1)
    with pytest.raises(StaleWrite):
        update_series(administrator, series.pk, pattern="Y{year}{number}", version=1)
    assert NumberSeries.objects.get(pk=series.pk).pattern == "X{year}{number}"


def test_the_series_of_contracts_may_number_drafts(series, drafted, administrator, at):
    update_series(administrator, series.pk, numbered_at="draft")
    assert [drafted().number, drafted().number] == ["HT2026-0001", "HT2026-0002"]
    assert numbers.LANES > 1
