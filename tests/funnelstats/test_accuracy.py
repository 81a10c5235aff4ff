"""Accuracy measures against worked figures."""

import numpy as np
import pytest

from funnelstats.accuracy import (
    Forecast,
    accuracy,
    blend,
    by_lead,
    coverage,
    crps_normal,
    crps_sample,
    pinball,
    rep_bias,
)


def test_errors_do_not_cancel_in_wape_but_do_in_bias():
    found = accuracy([120, 10, 30, 180], [100, 0, 50, 200])
    assert found.wape == pytest.approx(0.20)
    assert found.bias == pytest.approx(-0.028571, abs=1e-6)


def test_a_share_of_nothing_is_unknown():
    found = accuracy([10, 0], [0, 0])
    assert (found.wape, found.bias) == (None, None)


def test_pinball_loss():
    assert [pinball(100, 80, share) for share in (0.1, 0.5, 0.9)] == pytest.approx([2, 10, 18])


def test_crps_of_a_normal_and_of_a_sample():
    assert crps_normal(0, 1, 0) == pytest.approx(0.2336950, abs=1e-7)
    assert crps_sample([1, 2, 3, 4], 2.5) == pytest.approx(0.375)
    assert crps_sample([1, 2, 3, 4], 2.5, fair=True) == pytest.approx(0.1666667, abs=1e-7)


def test_a_large_sample_scores_like_its_distribution():
    draws = np.random.default_rng(1).normal(10, 2, 20_000)
    assert crps_sample(draws, 11) == pytest.approx(crps_normal(10, 2, 11), abs=0.01)


def test_crps_is_twice_the_mean_pinball_loss():
    sample = np.random.default_rng(2).gamma(2, 3, 4000)
    shares = (np.arange(1000) + 0.5) / 1000
    losses = [pinball(5, q, t) for q, t in zip(np.quantile(sample, shares), shares, strict=True)]
    assert 2 * np.mean(losses) == pytest.approx(crps_sample(sample, 5), abs=0.01)


def test_a_reps_bias_is_shrunk_to_the_team_and_kept_in_bounds():
    assert rep_bias([100] * 4, [70, 72, 68, 75], team_ratio=0.9) == pytest.approx(0.80625)
    assert rep_bias([], [], team_ratio=0.9) == 0.9
    assert rep_bias([100] * 50, [10] * 50, team_ratio=0.9) == 0.5


def test_coverage_counts_hits():
    assert coverage([0, 0, 5], [10, 10, 9], [5, 11, 5]) == pytest.approx(2 / 3)
    assert coverage([], [], []) is None


def test_accuracy_is_told_by_lead_time_against_what_others_said():
    def said(lead, point, low, high):
        return Forecast(lead, point, 100, {0.1: low, 0.9: high}, {"naive": 80, "pacing": 100})

    early, late = by_lead([said(1, 95, 90, 120), said(13, 70, 60, 90), said(1, 110, 101, 130)])
    assert (early.lead, early.accuracy.n, early.accuracy.wape, early.coverage) == (13, 1, pytest.approx(0.3), 0)
    assert (late.lead, late.accuracy.n, late.accuracy.wape) == (1, 2, pytest.approx(0.075))
    assert late.coverage == 0.5
    assert early.loss == pytest.approx((0.1 * 40 + 0.9 * 10) / 2)
    assert early.skill == {"naive": pytest.approx(-0.5), "pacing": None}
    assert late.skill["naive"] == pytest.approx(1 - 15 / 40)


def test_without_quantiles_nothing_is_said_about_them():
    [found] = by_lead([Forecast(4, 90, 100)])
    assert (found.loss, found.coverage, found.skill) == (None, None, {})


def test_who_was_nearer_weighs_more():
    actual = [100.0] * 6
    assert blend([90] * 6, [70] * 6, actual) == pytest.approx(900 / 1000)
    assert blend([90] * 5, [70] * 5, actual[:5]) == 0.5
    assert blend(actual, actual, actual) == 0.5
