"""Win rates: what they say, and when they say that they cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelstats import duration, stage_win_rates, win_rate

counts = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)), max_size=30
)


def test_a_few_deals_are_not_enough_history():
    rate = win_rate([(10, 5, 4, 3)])
    assert not rate.is_enough
    assert (rate.value, rate.low, rate.high) == (None, None, None)
    assert (rate.n, rate.won, rate.lost) == (12, 5, 4)
    assert rate.closed == pytest.approx(5 / 9)


def test_undecided_deals_are_neither_lost_nor_left_out():
    rate = win_rate([(10, 20, 20, 0), (20, 0, 0, 60)])
    assert rate.value == pytest.approx(0.2)
    assert rate.closed == pytest.approx(0.5)
    assert rate.undecided == pytest.approx(0.6)
    assert rate.low < rate.value < rate.high


def test_the_rate_is_read_where_enough_deals_are_still_at_risk():
    rate = win_rate([(10, 100, 100, 0), (100, 0, 0, 40), (300, 3, 0, 2)])
    assert rate.horizon_days == 100
    assert rate.value == pytest.approx(100 / 245)


def test_no_win_at_all_does_not_claim_certainty():
    rate = win_rate([(10, 0, 30, 0), (20, 0, 0, 5)])
    assert rate.value == 0
    assert rate.low == 0
    assert 0.03 < rate.high < 0.15


@given(counts)
def test_the_interval_holds_the_rate(rows):
    rate = win_rate(rows)
    if rate.is_enough:
        assert 0 <= rate.low <= rate.value + 1e-12
        assert rate.value <= rate.high + 1e-12 <= 1 + 2e-12


def test_stages_are_kept_apart():
    rates = stage_win_rates([("a", 5, 20, 20, 10), ("b", 5, 10, 30, 10), ("a", 9, 0, 0, 20)])
    assert set(rates) == {"a", "b"}
    assert rates["a"].n == 70
    assert rates["b"].won == 10


def test_the_median_counts_those_that_are_still_waiting():
    finished_only = duration([(d, 1, 0) for d in range(1, 21)])
    with_waiting = duration([(d, 1, 0) for d in range(1, 21)] + [(30, 0, 15)])
    assert finished_only.median == 10
    assert with_waiting.median == 18
    assert with_waiting.p80 is None


def test_too_few_finished_stays_say_nothing():
    short = duration([(3, 9, 50)])
    assert not short.is_enough
    assert short.median is None
    assert (short.n, short.finished) == (59, 9)
