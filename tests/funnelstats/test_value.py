"""Customer value: worked tables, and classes that do not depend on the order or scale of rows."""

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelstats import queries
from funnelstats.value import contractual_value, growth_kind, simple_value, threshold_tier, whale

VALUES = [400, 300, 100, 80, 50, 30, 20, 10, 6, 4]
PROFITS = [500, 300, 120, 40, 10, 0, -20, -50, -150, -250]


ENGINE = duckdb.connect(config={"threads": 1})
ENGINE.execute("CREATE TABLE customers (customer_id INT, value DECIMAL(18, 2))")


def ask(name, values, **parameters):
    engine = ENGINE.cursor()
    engine.execute("DELETE FROM customers")
    rows = ", ".join(f"({customer}, {value})" for customer, value in enumerate(values, start=1))
    engine.execute(f"INSERT INTO customers VALUES {rows}")
    return engine.execute(queries.render(name, dialect="duckdb"), parameters or None).fetchall()


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


def test_the_whale_has_its_hump_where_profit_turns():
    found = whale([running for *_, running in ask("whale", PROFITS)])
    assert (found.peak, found.customers, found.total) == (970, 5, 500)
    assert found.peak_share == Decimal("1.94")
    assert found.eroded_share == pytest.approx(Decimal("0.4845"), abs=Decimal("0.0001"))


def test_a_losing_company_has_no_shares():
    found = whale([Decimal(10), Decimal(-5)])
    assert (found.peak_share, found.eroded_share) == (None, None)
    assert whale([]) is None


def test_simple_and_contractual_value():
    assert simple_value(Decimal(1200), Decimal(60), Decimal(5)) == 36_500
    assert simple_value(Decimal(1200), Decimal(60), Decimal(5), Decimal("0.3")) == 10_950
    rates = {"retention": Decimal("0.8"), "discount": Decimal("0.1")}
    assert contractual_value(Decimal(100), **rates) == pytest.approx(Decimal("266.667"), abs=Decimal("0.001"))
    assert contractual_value(Decimal(100), **rates, first_now=True) == pytest.approx(
        Decimal("366.667"), abs=Decimal("0.001")
    )


def test_growth_kinds_go_from_the_worst_to_the_best():
    limits = {"valuable_from": 1000, "gap_from": 500}
    assert growth_kind(-1, 9000, **limits) == "below_zero"
    assert growth_kind(1500, 9000, **limits) == "most_valuable"
    assert growth_kind(200, 800, **limits) == "most_growable"
    assert growth_kind(200, 300, **limits) == "other"


def test_thresholds_are_floors():
    tiers = [("VIP", Decimal(100)), ("large", Decimal(50)), ("small", Decimal(0))]
    assert [threshold_tier(Decimal(v), tiers) for v in (100, 99, 0, -1)] == ["VIP", "large", "small", None]
