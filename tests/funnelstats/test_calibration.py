"""Calibration against a hand-worked table, and identities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelstats.calibration import assess, assess_in_bins, drift, is_alarming, isotonic

FORECASTS = [0.1] * 5 + [0.5] * 4 + [0.9] * 3
OUTCOMES = [0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 0]


def test_the_hand_worked_table_is_reproduced():
    found = assess(FORECASTS, OUTCOMES)
    assert found.brier == pytest.approx(0.2233333, abs=1e-7)
    assert found.reliability == pytest.approx(0.0177778, abs=1e-7)
    assert found.resolution == pytest.approx(0.0375)
    assert found.uncertainty == pytest.approx(0.2430556, abs=1e-7)
    assert found.expected_error == pytest.approx(0.10)
    assert found.skill == pytest.approx(0.0811429, abs=1e-7)
    assert found.log_loss == pytest.approx(0.6674935, abs=1e-7)


@given(st.lists(st.tuples(st.sampled_from([0.05, 0.2, 0.5, 0.7, 1.0]), st.integers(0, 1)), min_size=1, max_size=60))
def test_the_parts_of_the_score_add_up(pairs):
    found = assess(*zip(*pairs, strict=True))
    assert found.reliability - found.resolution + found.uncertainty == pytest.approx(found.brier, abs=1e-12)


def test_outcomes_that_are_all_alike_leave_no_skill_to_measure():
    assert assess([0.3, 0.4], [1, 1]).skill is None


def test_isotonic_fits_from_the_textbook():
    assert isotonic([1, 3, 2, 4]).tolist() == [1, 2.5, 2.5, 4]
    assert isotonic([0, 1, 0, 1, 1, 0]) == pytest.approx([0, 0.5, 0.5, 2 / 3, 2 / 3, 2 / 3])


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=40))
def test_isotonic_rises_keeps_the_mean_and_changes_nothing_twice(values):
    once = isotonic(values)
    assert (np.diff(once) >= -1e-9).all()
    assert once.mean() == pytest.approx(np.mean(values), abs=1e-7)
    assert isotonic(once) == pytest.approx(once, abs=1e-9)


def test_drift_is_zero_when_as_much_is_won_as_expected_and_unknown_for_certainties():
    assert drift([0.5] * 4, [1, 1, 0, 0]) == 0
    assert drift([0.2] * 25, [1] * 10 + [0] * 15) == pytest.approx(2.5)
    assert drift([1, 0], [1, 0]) is None


def test_missing_outcomes_are_refused():
    with pytest.raises(ValueError, match="one outcome per forecast"):
        assess([0.1], [])


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=80))
def test_the_parts_of_the_score_add_up_in_bins_of_unlike_forecasts(pairs):
    found = assess_in_bins(*zip(*pairs, strict=True), bins=5, draws=3)
    parts = found.reliability - found.resolution + found.uncertainty + found.within
    assert parts == pytest.approx(found.brier, abs=1e-12)
    assert sum(one.n for one in found.bins) == len(pairs)


def test_in_bins_of_equal_forecasts_the_hand_worked_table_is_the_same():
    found = assess_in_bins(FORECASTS, OUTCOMES, bins=3)
    assert found.reliability == pytest.approx(0.0177778, abs=1e-7)
    assert found.resolution == pytest.approx(0.0375)
    assert found.within == pytest.approx(0, abs=1e-15)
    assert found.expected_error == pytest.approx(0.10)
    assert [(one.n, round(one.forecast, 4), round(one.frequency, 4)) for one in found.bins] == [
        (5, 0.1, 0.2), (4, 0.5, 0.5), (3, 0.9, 0.6667),
    ]  # fmt: skip


def test_perfect_probabilities_show_the_null_error_and_wrong_ones_more():
    random = np.random.default_rng(8)
    truth = random.random(1500)
    outcomes = random.random(1500) < truth
    perfect, wrong = assess_in_bins(truth, outcomes), assess_in_bins(truth**2, outcomes)
    assert perfect.is_honest
    assert perfect.expected_error == pytest.approx(perfect.null_error, abs=0.015)
    assert not wrong.is_honest
    # A hundred perfect forecasts in fifteen bins show about 0.087, though nothing is wrong with them.
    few = assess_in_bins(truth[:100], outcomes[:100], bins=15)
    assert few.null_error == pytest.approx(0.11, abs=0.03)


def test_two_bad_quarters_running_raise_the_alarm_and_one_does_not():
    assert is_alarming([0.3, -2.6, -3.1])
    assert not is_alarming([2.6, 0.4, -3.1, None, 2.9])
    assert not is_alarming([])
