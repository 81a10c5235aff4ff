"""Survival curves against lifelines and statsmodels: published data, late entries, standard errors, medians."""

import warnings

import lifelines
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines.datasets import load_waltons
from statsmodels.duration.survfunc import CumIncidenceRight

from funnelstats import competing_risks, duration
from funnelstats.survival import curves_of

observations = st.lists(st.tuples(st.integers(1, 40), st.sampled_from([0, 1, 2])), min_size=5, max_size=60)
late_observations = st.lists(
    st.tuples(st.integers(0, 10), st.integers(1, 20), st.booleans()).map(lambda x: (x[0], x[0] + x[1], x[2])),
    min_size=5,
    max_size=60,
)


def kaplan_meier(durations, happened, entry=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return lifelines.KaplanMeierFitter(alpha=0.1).fit(durations, happened, entry=entry)


def test_the_median_lifetimes_of_a_published_data_set():
    flies = load_waltons()

    def median(group):
        rows = [(days, is_dead, 1 - is_dead) for days, is_dead in zip(group["T"], group["E"], strict=True)]
        return duration(rows).median

    assert (len(flies), median(flies)) == (163, 56)
    assert median(flies[flies["group"] == "control"]) == 58
    assert median(flies[flies["group"] == "miR-137"]) == 26


@settings(deadline=None, max_examples=40)
@given(late_observations)
def test_late_entries_agree_with_an_independent_kaplan_meier(rows):
    # One is there from first to last: with nobody at risk early on the two go on differently, and neither is right.
    entry, leaving, happened = (np.array(column) for column in zip(*rows, (0, 31, False), strict=True))
    times = np.concatenate([leaving, entry])
    none = np.zeros(len(entry))
    curves = competing_risks(
        times,
        np.concatenate([happened, none]),
        np.zeros(len(times)),
        np.concatenate([~happened, none]),
        np.concatenate([none, entry > 0]),
    )
    theirs = kaplan_meier(leaving, happened, entry)
    for day in range(1, 31):
        assert curves.undecided_at(day) == pytest.approx(float(theirs.predict(day)), abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(observations)
def test_standard_errors_agree_with_an_independent_implementation(rows):
    assume({e for _, e in rows} >= {1, 2})
    times, outcomes = (np.array(column) for column in zip(*rows, strict=True))
    curves = competing_risks(times, outcomes == 1, outcomes == 2, outcomes == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs = CumIncidenceRight(times, outcomes)
    ours = np.array([curves.won_se[curves.position(t)] for t in theirs.times])
    known = np.isfinite(theirs.cinc_se[0]) & np.array([curves.undecided_at(t) > 0 for t in theirs.times])
    assert np.allclose(ours[known], theirs.cinc_se[0][known], atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(observations)
def test_the_error_of_the_survival_curve_is_greenwoods(rows):
    times, outcomes = (np.array(column) for column in zip(*rows, strict=True))
    curves = competing_risks(times, outcomes > 0, outcomes > 9, outcomes == 0)
    theirs = kaplan_meier(times, outcomes > 0)
    for row in theirs.confidence_interval_.itertuples():
        survival = curves.undecided_at(row[0])
        if 0 < survival < 1:
            error = curves.survival_se[curves.position(row[0])]
            bound = survival ** np.exp(1.6448536 * error / (survival * abs(np.log(survival))))
            assert bound == pytest.approx(row[1], abs=1e-6)


def test_the_bounds_of_a_median_are_where_the_band_crosses_a_half():
    flies = load_waltons()
    found = duration([(days, is_dead, 1 - is_dead) for days, is_dead in zip(flies["T"], flies["E"], strict=True)])
    band = kaplan_meier(flies["T"], flies["E"]).confidence_interval_
    low = band.index[band.iloc[:, 0] <= 0.5][0]
    high = band.index[band.iloc[:, 1] <= 0.5][0]
    assert (found.low, found.high) == (low, high)
    assert found.low <= found.median <= found.high


def test_the_mean_within_a_horizon_is_the_area_under_the_curve():
    flies = load_waltons()
    curves = curves_of([(days, is_dead, 0, 1 - is_dead) for days, is_dead in zip(flies["T"], flies["E"], strict=True)])
    theirs = lifelines.utils.restricted_mean_survival_time(kaplan_meier(flies["T"], flies["E"]), t=60)
    assert curves.mean_within(60) == pytest.approx(theirs)


def test_nobody_left_has_a_mean_equal_to_the_horizon():
    assert curves_of([(50, 0, 0, 10)]).mean_within(30) == 30
    assert curves_of([]).mean_within(30) == 30
