"""Receivables against published examples, on both engines where SQL is involved."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelstats import queries
from funnelstats.receivables import (
    collection_effectiveness,
    countback,
    days_sales_outstanding,
    loss_rates,
    provision,
)

D = Decimal
TODAY = dt.date(2026, 7, 1)


def test_countback_uses_up_the_latest_months_first():
    found = countback(D(212), [(D(100), 30), (D(80), 30), (D(70), 30)])
    assert found.days == pytest.approx(D("73.714"), abs=D("0.001"))
    assert found.is_complete
    assert days_sales_outstanding(D(212), D(250), 90) == pytest.approx(D("76.32"), abs=D("0.01"))


def test_countback_says_when_more_months_are_needed():
    found = countback(D(300), [(D(100), 30)])
    assert (found.days, found.is_complete) == (30, False)


@given(st.integers(1, 360))
def test_countback_is_the_simple_figure_when_sales_are_flat(receivable):
    months = [(D(30), 30)] * 12
    assert countback(D(receivable), months).days == pytest.approx(days_sales_outstanding(D(receivable), D(360), 360))


def test_collection_effectiveness_of_a_month():
    found = collection_effectiveness(D(6200), D(10890) / 3, D(6340), D(3590))
    assert found == pytest.approx(D("55.93"), abs=D("0.01"))
    assert collection_effectiveness(D(0), D(10), D(10), D(10)) is None


def test_provision_by_the_matrix():
    rates = loss_rates([D(100_000), D(50_000), D(23_000), D(8_000), D(2_000)], D(2_000))
    assert [round(rate * 100, 1) for rate in rates] == [D("2.0"), D("4.0"), D("8.7"), D("25.0"), D("100.0")]
    balances = [D(300_000), D(140_000), D(60_000), D(23_000), D(5_000)]
    assert round(provision(balances, rates)) == 27_567
    millions = [D(15), D("7.5"), D(4), D("2.5"), D(1)]
    shares = [D(s) / 100 for s in ("0.3", "1.6", "3.6", "6.6", "10.6")]
    assert provision(millions, shares) * 1_000_000 == 580_000
    with pytest.raises(ValueError, match="one rate"):
        provision(millions, shares[1:])


ENGINE = duckdb.connect(config={"threads": 1})
ENGINE.execute("CREATE TABLE open_items (customer_id INT, due_on DATE, amount DECIMAL(18, 2))")


def aging(items):
    engine = ENGINE.cursor()
    engine.execute("DELETE FROM open_items")
    rows = ", ".join(f"({customer}, DATE '{due_on}', {amount})" for customer, due_on, amount in items)
    engine.execute(f"INSERT INTO open_items VALUES {rows}")
    return engine.execute(queries.render("aging", dialect="duckdb"), {"as_of": TODAY}).fetchall()


def test_each_day_past_due_has_its_bucket():
    late = (0, 1, 30, 31, 60, 61, 90, 91, 180, 181, 365, 366)
    [row] = aging([(1, TODAY - dt.timedelta(days=days), 1) for days in late] + [(1, TODAY, -7)])
    assert row == (1, 1, 2, 2, 2, 2, 2, 1, -7, 5)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(-50, 500), st.decimals(-100, 1000, places=2)), min_size=1))
def test_buckets_and_credits_add_up_to_what_is_open(rows):
    items = [(customer, TODAY - dt.timedelta(days=late), amount) for customer, late, amount in rows]
    found = aging(items)
    assert all(sum(row[1:-1]) == row[-1] for row in found)
    assert sum((row[-1] for row in found), D(0)) == sum((amount for *_, amount in items), D(0))
