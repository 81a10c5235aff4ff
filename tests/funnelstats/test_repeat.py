"""Repeat buying: the published figures of the CDNOW sample, and properties that hold without it."""

import datetime as dt
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelstats.repeat import (
    BuyingModel,
    FitFailed,
    SpendingModel,
    compress,
    fit_buying,
    fit_spending,
    lifetime_values,
)

SAMPLE = Path(__file__).resolve().parents[3] / "shared/data/cdnow/CDNOW_sample.txt"
PUBLISHED = BuyingModel(r=0.243, alpha=4.414, a=0.793, b=2.426, log_likelihood=-9582.4, customers=2357)
CALIBRATION_ENDS = dt.date(1997, 9, 30)


def customers():
    """Frequency, recency, age in weeks and mean value of repeat orders, as the paper counts them."""
    orders = defaultdict(lambda: defaultdict(float))
    for line in SAMPLE.read_text().splitlines():
        _, customer, day, _, value = line.split()
        on = dt.datetime.strptime(day, "%Y%m%d").replace(tzinfo=dt.UTC).date()
        if on <= CALIBRATION_ENDS:
            orders[customer][on] += float(value)
    rows = []
    for days in orders.values():
        first, last = min(days), max(days)
        repeat = [value for on, value in days.items() if on != first]
        mean = float(np.mean(repeat)) if repeat else 0.0
        rows.append((len(days) - 1, (last - first).days / 7, (CALIBRATION_ENDS - first).days / 7, mean))
    return np.array(rows)


@pytest.fixture(scope="module")
def cdnow():
    if not SAMPLE.exists():
        pytest.skip("the CDNOW sample is not beside the project")
    return customers()


def test_the_published_parameters_are_found(cdnow):
    assert (len(cdnow), cdnow[:, 0].sum()) == (2357, 2457)
    model = fit_buying(compress(cdnow[:, 0], cdnow[:, 1], cdnow[:, 2]))
    assert [model.r, model.alpha, model.a, model.b] == pytest.approx([0.2426, 4.4135, 0.7929, 2.4258], abs=2e-3)
    assert model.log_likelihood == pytest.approx(-9582.43, abs=0.01)


def test_the_value_of_orders_is_as_published(cdnow):
    model = fit_spending(cdnow[:, 0], cdnow[:, 3])
    assert model.customers == 946
    assert [model.p, model.q, model.v] == pytest.approx([6.25, 3.74, 15.44], abs=0.1)
    assert model.correlation == pytest.approx(0.114, abs=0.01)
    assert model.expected_value([2, 1, 0], [22.35, 11.77, 0]) == pytest.approx([24.65, 18.91, 35.2], abs=0.1)
    assert model.is_believable


def test_predictions_of_the_published_model():
    assert PUBLISHED.expected_orders(39, [2], [30.43], [38.86])[0] == pytest.approx(1.2260, abs=1e-3)
    assert PUBLISHED.alive([2], [30.43], [38.86])[0] == pytest.approx(0.7266, abs=1e-4)
    assert PUBLISHED.expected_orders_of_new(39) == pytest.approx(1.1967, abs=1e-3)
    assert PUBLISHED.expected_orders_of_new(78) == pytest.approx(1.8605, abs=1e-3)


def test_known_parameters_are_recovered_from_simulated_customers():
    random = np.random.default_rng(11)
    rows = []
    for _ in range(6000):
        rate, leave = random.gamma(1.2, 1 / 8), random.beta(1.5, 4)
        clock, last, orders = 0.0, 0.0, 0
        while True:
            clock += random.exponential(1 / rate)
            if clock > 52:
                break
            last, orders = clock, orders + 1
            if random.random() < leave:
                break
        rows.append((orders, last, 52.0))
    model = fit_buying(compress(*np.array(rows).T))
    assert model.expected_orders_of_new(52) == pytest.approx(np.mean([row[0] for row in rows]), rel=0.03)
    assert model.r / model.alpha == pytest.approx(1.2 / 8, rel=0.2)


@given(st.integers(1, 30), st.floats(0, 40), st.floats(0, 30), st.floats(0.1, 30))
def test_silence_never_makes_a_customer_more_alive(frequency, recency, silence, longer):
    now, later = PUBLISHED.alive([frequency] * 2, [recency] * 2, [recency + silence, recency + silence + longer])
    assert later <= now + 1e-12


def test_equal_histories_are_counted_once():
    given_rows = compress([1, 0, 1], [3, 0, 3], [9, 5, 9])
    assert given_rows.customers.tolist() == [1, 2]
    with pytest.raises(ValueError, match="at most the age"):
        compress([1], [5], [4])


def test_without_repeat_orders_there_is_nothing_to_fit():
    with pytest.raises(FitFailed):
        fit_buying(compress([0, 0], [0, 0], [5, 6]))
    with pytest.raises(FitFailed):
        fit_spending([0, 1], [0, 5])


def test_lifetime_value_is_discounted_margin_of_expected_orders():
    buying = BuyingModel(0.243, 4.414, 0.793, 2.426, 0.0, 1)
    spending = SpendingModel(6.25, 3.74, 15.44, 1, 0.0)
    history = {"frequency": [2, 0], "recency": [30.43, 0], "age": [38.86, 10], "mean_value": [22.35, 0]}
    [repeat, once] = lifetime_values(
        buying, spending, **history, margin_rate=0.3, discount_rate=0.0, periods=1, period_length=39
    )
    assert repeat == pytest.approx(1.2260 * 24.65 * 0.3, abs=0.01)
    assert once > 0
    months = lifetime_values(buying, spending, **history, margin_rate=0.3, discount_rate=0.01, periods=9)
    undiscounted = lifetime_values(buying, spending, **history, margin_rate=0.3, discount_rate=0.0, periods=9)
    assert undiscounted[0] == pytest.approx(repeat, rel=0.01)  # nine months are about 39 weeks
    assert repeat * 0.93 < months[0] < undiscounted[0]
    with pytest.raises(ValueError, match="above -1"):
        lifetime_values(buying, spending, **history, margin_rate=0.3, discount_rate=-1.0)
