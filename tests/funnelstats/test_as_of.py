"""A figure that is quoted without its moment is soon quoted for another one: results say what they are as of."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest

from funnelstats.cash import expected_cash, payment_curve
from funnelstats.cohorts import cohorts
from funnelstats.evidence import corrected, difference
from funnelstats.receivables import countback
from funnelstats.repeat import compress, fit_buying, fit_spending
from funnelstats.waterfall import waterfalls

NOW = dt.date(2026, 9, 30)


def test_money_outstanding_and_its_flow_say_when():
    assert countback(Decimal(90), [(Decimal(100), 30)], as_of=NOW).as_of == NOW
    rows = [("east", "opening", 1, Decimal(10)), ("east", "won", 1, Decimal(-10))]
    assert waterfalls(rows, as_of=NOW)["east"].as_of == NOW


def test_a_week_of_cash_says_when_and_from_how_many_items():
    curve = payment_curve([("steel", day, 1.0, 0.0, 0.0) for day in range(30)], as_of=NOW)
    assert curve.as_of == NOW
    week = expected_cash([("steel", 3.0, 100.0), ("steel", 5.0, 50.0)], curve, weeks=1)[0]
    assert (week.items, week.as_of) == (2, NOW)


def test_a_test_of_difference_says_when_and_of_how_many_also_when_it_was_corrected():
    found = difference({"a": (50, 100), "b": (15, 100)}, as_of=NOW)
    assert (found.evidence, found.n, found.as_of) == ("clear", 200, NOW)
    after = corrected({"owner": found, "product": difference({"a": (5, 10)}, as_of=NOW)})
    assert (after["owner"].n, after["owner"].as_of, after["product"].as_of) == (200, NOW, NOW)


def test_models_of_buying_and_spending_say_when():
    random = np.random.default_rng(5)
    frequency = random.integers(1, 6, 60)
    recency = random.uniform(5, 30, 60)
    assert fit_buying(compress(frequency, recency, recency + 8), as_of=NOW).as_of == NOW
    assert fit_spending(frequency, random.gamma(6, 4, 60), as_of=NOW).as_of == NOW


@pytest.mark.parametrize("as_of", [NOW, dt.date(2026, 10, 14)])
def test_a_cohort_says_when(as_of):
    assert [one.as_of for one in cohorts([(dt.date(2026, 9, 1), 0, 4, Decimal(8))], as_of=as_of)] == [as_of]
