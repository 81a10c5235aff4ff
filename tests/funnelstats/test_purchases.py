"""From invoices to customers: what counts as an order, the scores, the cohorts, the histories."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.funnelstats.question import ask

from funnelstats.cohorts import cohorts
from funnelstats.rfm import standing

TODAY = dt.date(2026, 6, 15)
TRANSACTIONS = "transactions(customer_id INT, happened_on DATE, amount DECIMAL(18, 2), margin DECIMAL(18, 2))"
PURCHASES = "purchases(customer_id INT, first_on DATE, last_on DATE, orders INT, value DECIMAL(18, 2))"


def day(month, number):
    return dt.date(2026, month, number)


def test_invoices_of_one_day_are_one_order_and_a_day_of_returns_is_none():
    rows = [
        (1, day(1, 5), 100, 40),
        (1, day(1, 5), 50, None),
        (1, day(2, 1), -30, -10),  # returned: no order, but its money counts
        (1, day(3, 1), 20, 5),
        (1, day(7, 1), 99, 9),  # after the day asked about
        (2, day(4, 1), -5, -5),
    ]
    found = {row.pop("customer_id"): row for row in ask("purchases", {TRANSACTIONS: rows}, as_of=TODAY)}
    assert found[1] == {"first_on": day(1, 5), "last_on": day(3, 1), "orders": 2, "amount": 140, "margin": 35}
    assert found[2] == {"first_on": None, "last_on": None, "orders": 0, "amount": -5, "margin": -5}


def scores(rows, new_days=90):
    found = ask("rfm", {PURCHASES: rows}, as_of=TODAY, new_days=new_days)
    return {row["customer_id"]: (row["recency"], row["frequency"], row["money"]) for row in found}


def test_fifths_go_from_the_worst_to_the_best():
    old = dt.date(2025, 6, 15)
    rows = [(n, old, TODAY - dt.timedelta(days=10 * n), 11 - n, 1000 * n) for n in range(1, 11)]
    found = scores(rows)
    assert [found[n][0] for n in range(1, 11)] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert [found[n][1] for n in range(1, 11)] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert [found[n][2] for n in range(1, 11)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_a_customer_of_less_than_ninety_days_is_new():
    old = dt.date(2025, 6, 15)
    found = scores([(1, old, TODAY, 3, 10), (2, TODAY - dt.timedelta(days=89), TODAY, 9, 99)])
    assert found[2] == (None, None, None)
    assert standing(*found[2]) == "new"
    assert None not in found[1]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from([1, 2, 5]), min_size=2, max_size=30), st.randoms())
def test_equal_customers_have_equal_scores_in_any_order(values, random):
    old = dt.date(2025, 6, 15)
    rows = [(n, old, TODAY, 4, value) for n, value in enumerate(values)]
    random.shuffle(rows)
    found = scores(rows)
    assert len({(values[n], score) for n, score in found.items()}) == len(set(values))


def test_standings_cover_all_cells():
    named = {standing(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)}
    assert named == {"champion", "loyal", "promising", "cannot_lose", "cooling", "asleep", "occasional"}
    assert standing(5, 5, 5) == "champion"
    assert standing(1, 5, 5) == "cannot_lose"
    assert standing(1, 1, 1) == "asleep"
    with pytest.raises(ValueError, match="1 to 5"):
        standing(0, 1, 1)


def test_cohorts_leave_out_the_month_that_is_not_over():
    rows = [
        (1, day(1, 5), 10, None),
        (1, day(2, 5), 10, None),
        (1, day(4, 5), 30, None),
        (2, day(1, 20), 5, None),
        (3, day(4, 2), 7, None),
        (3, day(6, 2), 7, None),
    ]
    table = cohorts((tuple(row.values()) for row in ask("cohorts", {TRANSACTIONS: rows}, as_of=TODAY)), as_of=TODAY)
    assert [(c.month, c.active) for c in table] == [
        (day(1, 1), (2, 1, 0, 1, 0, None)),
        (day(4, 1), (1, 0, None, None, None, None)),
    ]
    assert table[0].retention == (1.0, 0.5, 0.0, 0.5, 0.0, None)
    assert table[0].amounts == (15, 10, 0, 30, 0, None)
    assert cohorts([], as_of=TODAY) == []


def test_a_month_is_over_on_its_last_day():
    rows = [(day(5, 1), 0, 4, Decimal(8))]
    assert [c.active for c in cohorts(rows, as_of=day(5, 31))] == [(4,)]
    assert [c.active for c in cohorts(rows, as_of=day(6, 29))] == [(4, None)]
    assert [c.active for c in cohorts(rows, as_of=day(6, 30))] == [(4, 0)]


@pytest.mark.parametrize(("grain", "recency"), [(1, 10 / 7), (7, 1.0)])
def test_histories_are_counted_in_weeks(grain, recency):
    rows = [
        (1, day(5, 18), day(5, 28), 3, 1),
        (2, day(5, 18), day(5, 28), 3, 2),
        (3, day(6, 1), day(6, 1), 1, 2),
        (4, None, None, 0, 2),
    ]
    found = ask("repeat_histories", {PURCHASES: rows}, as_of=TODAY, grain=grain)
    assert sorted(tuple(row.values()) for row in found) == [(0, 0.0, 2.0, 1), (2, pytest.approx(recency), 4.0, 2)]
