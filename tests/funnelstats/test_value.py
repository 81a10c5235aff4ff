"""Customer value: worked tables, and classes that do not depend on the order or scale of rows."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.funnelstats import question

from funnelstats.value import Whale, contractual_value, return_on_customer, simple_value, threshold_tier

VALUES = [400, 300, 100, 80, 50, 30, 20, 10, 6, 4]
PROFITS = [500, 300, 120, 40, 10, 0, -20, -50, -150, -250]


def ask(name, values, **parameters):
    table = "customers(customer_id INT, value DECIMAL(18, 2))"
    found = question.ask(name, {table: list(enumerate(values, start=1))}, **parameters)
    return [tuple(row.values()) for row in found]


def classes(values, first=0.8, second=0.95):
    return {customer: found for customer, _, found, _ in ask("abc", values, first=first, second=second)}


def test_the_crossing_customer_is_in_the_higher_class():
    assert "".join(classes(VALUES)[c] for c in range(1, 11)) == "AAABBBCCCC"


def test_customers_without_value_stand_outside():
    found = classes([100, 0, -5, 10])
    assert (found[2], found[3]) == ("N", "N")
    assert found[1] == "A"


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20), st.randoms())
def test_classes_do_not_depend_on_order_or_scale(values, random):
    by_value = sorted(zip(values, (classes(values)[i + 1] for i in range(len(values))), strict=True))
    shuffled = [value * 3 for value in values]
    random.shuffle(shuffled)
    again = sorted(zip(shuffled, (classes(shuffled)[i + 1] for i in range(len(values))), strict=True))
    assert [c for _, c in by_value] == [c for _, c in again]


def test_ranked_shares_are_about_two_three_five():
    found = [tier for *_, tier in sorted(ask("ranked_shares", VALUES, first=0.2, second=0.5))]
    assert found == ["strategic"] * 2 + ["important"] * 3 + ["general"] * 5


def whale(profits, best=0.2, worst=0.3):
    [row] = ask("whale_summary", profits, best=best, worst=worst)
    return Whale(*row)


def test_the_whale_has_its_hump_where_profit_turns():
    found = whale(PROFITS)
    assert (found.peak, found.peak_customers, found.total, found.customers) == (970, 5, 500, 10)
    assert found.peak_share == Decimal("1.94")
    assert found.eroded_share == pytest.approx(Decimal("0.4845"), abs=Decimal("0.0001"))
    assert (found.best, found.best_share) == (800, Decimal("1.6"))
    assert (found.worst, found.worst_share) == (-450, Decimal("-0.9"))


def test_the_curve_keeps_its_peak_and_its_end_however_few_its_points():
    shares = [100, 160, 184, 192, 194, 194, 190, 180, 150, 100]
    assert [running / 5 for *_, running in ask("whale_curve", PROFITS, points=100)] == shares
    assert [place for place, *_ in ask("whale_curve", PROFITS, points=2)] == [5, 10]
    assert [place for place, *_ in ask("whale_curve", [5, 3, -1, -1, -1, -1], points=2)] == [2, 3, 6]


def test_a_losing_company_has_no_shares():
    found = whale([10, -15])
    assert (found.total, found.peak, found.peak_share, found.eroded_share, found.best_share) == (
        -5,
        10,
        None,
        None,
        None,
    )


def test_without_customers_there_is_nothing():
    assert whale([]) == Whale(0, 0, 0, 0, 0, 0)


def test_simple_and_contractual_value():
    assert simple_value(Decimal(1200), Decimal(60), Decimal(5)) == 36_500
    assert simple_value(Decimal(1200), Decimal(60), Decimal(5), Decimal("0.3")) == 10_950
    rates = {"retention": Decimal("0.8"), "discount": Decimal("0.1")}
    assert contractual_value(Decimal(100), **rates) == pytest.approx(Decimal("266.667"), abs=Decimal("0.001"))
    assert contractual_value(Decimal(100), **rates, first_now=True) == pytest.approx(
        Decimal("366.667"), abs=Decimal("0.001")
    )


def test_thresholds_are_floors():
    tiers = [("VIP", Decimal(100)), ("large", Decimal(50)), ("small", Decimal(0))]
    assert [threshold_tier(Decimal(v), tiers) for v in (100, 99, 0, -1)] == ["VIP", "large", "small", None]


def test_return_on_customer():
    assert return_on_customer(Decimal(120), Decimal(1000), Decimal(-20)) == Decimal("0.1")
    assert return_on_customer(Decimal(120), Decimal(0), Decimal(0)) is None
