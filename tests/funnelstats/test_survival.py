"""Competing risks against hand-worked tables, published data, an independent implementation, and identities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight

from funnelstats import competing_risks

HAND_WORKED = ((5, 2), (8, 1), (10, 2), (12, 0), (15, 1), (20, 2), (21, 1), (25, 0), (30, 1), (30, 0))
FREIREICH_6MP = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"

observations = st.lists(st.tuples(st.integers(0, 40), st.sampled_from([0, 1, 2])), min_size=1, max_size=80)


def estimate(rows):
    times, outcomes = zip(*rows, strict=True)
    return competing_risks(times, *([e == kind for e in outcomes] for kind in (1, 2, 0)))


def test_the_hand_worked_table_is_reproduced():
    curves = estimate(HAND_WORKED)
    assert curves.won_by(30) == pytest.approx(0.508333, abs=1e-6)
    assert curves.lost[-1] == pytest.approx(0.316667, abs=1e-6)
    assert curves.undecided_at(30) == pytest.approx(0.175)
    assert curves.won_se[-1] == pytest.approx(0.181474, abs=1e-6)


def test_ties_between_neighbours_are_exact():
    curves = estimate(list(zip(range(1, 7), (0, 1, 1, 2, 2, 0), strict=True)))
    assert curves.won[-1] == pytest.approx(0.4)
    assert curves.lost[-1] == pytest.approx(0.4)


def test_the_survival_curve_of_a_textbook_trial_is_reproduced():
    rows = [(int(x.rstrip("+")), 0 if x.endswith("+") else 1) for x in FREIREICH_6MP.split()]
    curves = estimate(rows)
    expected = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert {t: round(curves.undecided_at(t), 4) for t in expected} == expected


@given(observations)
def test_won_lost_and_undecided_always_add_up_to_one(rows):
    curves = estimate(rows)
    assert np.allclose(curves.won + curves.lost + curves.survival, 1)
    assert (np.diff(curves.won) >= -1e-12).all()


@settings(deadline=None)
@given(observations)
def test_an_independent_implementation_agrees(rows):
    if len({e for _, e in rows} - {0}) < 2:
        return  # the oracle numbers causes from the data and needs both
    curves = estimate(rows)
    with np.errstate(divide="ignore", invalid="ignore"):  # its error term divides by zero when everybody has left
        theirs = CumIncidenceRight(*(np.array(column) for column in zip(*rows, strict=True)))
    ours = np.array([curves.won_by(t) for t in theirs.times])
    assert np.allclose(ours, theirs.cinc[0])


def test_a_deal_that_is_observed_late_is_at_risk_only_from_then_on():
    whole = competing_risks([5, 10], [1, 1], [0, 0], [0, 8])
    late = competing_risks([5, 7, 10], [1, 0, 1], [0, 0, 0], [0, 0, 8], late_entries=[0, 5, 0])
    assert whole.at_risk.tolist() == [10, 9]
    assert late.at_risk.tolist() == [5, 4, 9]
    assert late.won[0] == pytest.approx(0.2)


def test_unequal_or_negative_counts_are_refused():
    with pytest.raises(ValueError, match="same length"):
        competing_risks([1, 2], [1], [0], [0])
    with pytest.raises(ValueError, match="negative"):
        competing_risks([1], [-1], [0], [0])


def test_no_deals_give_empty_curves():
    curves = competing_risks([], [], [], [])
    assert curves.won_by(10) == 0
    assert curves.undecided_at(10) == 1
