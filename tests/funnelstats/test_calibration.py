"""Calibration against a hand-worked table, and identities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnelstats.calibration import assess, drift, isotonic

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
