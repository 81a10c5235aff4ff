"""Rates by group: undecided deals count for what they tell, small groups are drawn to all, noise is not ranked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.funnelstats.test_pooling import RATS_N, RATS_WON

from funnelstats.censoring import effective_counts, timing
from funnelstats.evidence import CHI_SQUARE, OVERDISPERSION, corrected, difference
from funnelstats.hyperprior import integrate
from funnelstats.pooling import fit_prior, pool
from funnelstats.segments import segment_rates
from funnelstats.survival import curves_of

# Wins come on days 20 to 60, losses on days 10 to 30; half is won. Forty of each, ten still open at day 5, five at 70.
ALL = [(20, 20, 0, 0, 0), (60, 20, 0, 0, 0), (10, 0, 20, 0, 0), (30, 0, 20, 0, 0), (5, 0, 0, 10, 0), (70, 0, 0, 25, 0)]


def simulated(random, groups, *, newcomers):
    """Rows (group, days, won, lost, undecided) of reps whose true rates are known; wins are slower than losses."""
    rates = random.beta(6, 14, size=groups)
    counts = {}
    for group, rate in enumerate(rates):
        for _ in range(int(random.integers(5, 60))):
            age = int(random.uniform(0, 100 if newcomers and group % 2 else 500))
            is_won = random.random() < rate
            days = int(random.weibull(1.5) * (110 if is_won else 60))
            kind = 2 if days > age else 0 if is_won else 1
            counts.setdefault((group, min(days, age)), [0, 0, 0])[kind] += 1
    return rates, [(*key, *three) for key, three in counts.items()]


def test_the_published_posterior_of_the_prior_is_reproduced():
    """Gelman et al., Bayesian Data Analysis (3rd ed.), p. 113: E(alpha | y) = 2.4, E(beta | y) = 14.3."""
    won, n = np.array([*RATS_WON, 4.0]), np.array([*RATS_N, 14.0])
    alpha, beta = integrate(won, n - won).expected
    assert (round(alpha, 1), round(beta, 1)) == (2.4, 14.3)


def test_quantiles_of_the_mixture_agree_with_draws():
    won, lost = np.array([3.0, 10, 0, 7, 8, 2, 12, 5]), np.array([9.0, 10, 4, 20, 3, 8, 30, 5])
    mixture = integrate(won, lost)
    drawn = mixture.draw(won, lost, 200_000, np.random.default_rng(1))
    assert np.allclose(mixture.means(won, lost), drawn.mean(axis=0), atol=0.002)
    assert np.allclose(mixture.quantiles(won, lost, 0.05), np.quantile(drawn, 0.05, axis=0), atol=0.004)
    assert np.allclose(mixture.quantiles(won, lost, 0.95), np.quantile(drawn, 0.95, axis=0), atol=0.004)


def test_a_prior_that_is_not_sure_of_itself_widens_the_intervals():
    groups = {group: (3 + group % 4, 14) for group in range(12)}
    sure = pool(groups, fit_prior([w for w, _ in groups.values()], [n for _, n in groups.values()]))
    unsure = pool(groups)
    assert all(unsure[g].high - unsure[g].low > sure[g].high - sure[g].low for g in groups)


def test_the_chance_of_being_better_than_the_middle():
    rates = pool({"a": (30, 60), "b": (10, 60), "c": (10, 60), "d": (11, 60), "e": (9, 60)})
    assert rates["a"].above_median > 0.99
    assert 0.3 < rates["b"].above_median < 0.7
    assert sum(rate.above_median for rate in rates.values()) == pytest.approx(2.5)


def test_a_fresh_deal_tells_nothing_and_one_older_than_any_win_counts_as_lost():
    clock = timing(curves_of(ALL), 65)
    rates = np.full(3, 0.5)
    wins, losses = clock.weights(np.array([0.0, 15.0, 61.0]), rates)
    assert (wins[0], losses[0]) == (0, 0)
    assert (wins[2], losses[2]) == pytest.approx((0, 1))
    # Half of the losses come by day 10, no win before day 20: who is still open by then is better than the average.
    assert 0 < wins[1] < 1
    assert -0.2 < losses[1] < 0


def test_effective_counts_have_the_slope_and_curvature_of_the_exact_likelihood():
    clock = timing(curves_of(ALL), 65)
    age, rate, step = 25.0, 0.4, 1e-4
    place = np.searchsorted(clock.times, age, side="right") - 1
    s, g = clock.open_if_won[place], clock.open_if_not[place]

    def exact(p):
        return np.log(p * s + (1 - p) * g)

    wins, losses = (x[0] for x in clock.weights(np.array([age]), np.array([rate])))
    slope = (exact(rate + step) - exact(rate - step)) / (2 * step)
    bend = (exact(rate + step) - 2 * exact(rate) + exact(rate - step)) / step**2
    assert wins / rate - losses / (1 - rate) == pytest.approx(slope, rel=1e-5)
    assert -wins / rate**2 - losses / (1 - rate) ** 2 == pytest.approx(bend, rel=1e-4)


def test_a_deal_seen_only_late_counts_for_what_came_after():
    clock = timing(curves_of(ALL), 65)
    rows = np.array([[25.0, 0, 0, 1, 0], [25.0, 0, 0, 0, 1]])
    won, lost = effective_counts(rows, np.array([0.4, 0.4]), clock)
    assert (won.sum(), lost.sum()) == pytest.approx((0, 0))


def test_a_win_after_the_horizon_is_not_one_by_it():
    won, lost = effective_counts(np.array([[80.0, 2, 1, 0, 0]]), np.array([0.5]), timing(curves_of(ALL), 65))
    assert (won[0], lost[0]) == (0, 3)


def test_a_new_rep_is_not_judged_by_the_deals_that_were_lost_at_once():
    old = [("old", 30, 0, 60, 0, 0), ("old", 100, 40, 0, 0, 0), ("old", 150, 0, 0, 40, 0)]
    new = [("new", 20, 0, 0, 20, 0), ("new", 10, 0, 6, 0, 0)]
    early = [("old", 10, 0, 20, 0, 0)]
    found = {line.segment: line for line in segment_rates([*old, *early, *new]).rows}
    assert found["new"].own.closed == 0
    assert found["new"].raw is None
    assert 0.15 < found["new"].pooled.value < found["old"].pooled.value
    assert found["new"].pooled.n < 10


def test_intervals_hold_the_truth_though_half_of_the_reps_are_new():
    covered, errors, raw_errors = [], [], []
    for seed in range(24):
        random = np.random.default_rng(seed)
        rates, rows = simulated(random, 16, newcomers=True)
        found = segment_rates(rows)
        won_by_horizon = 1 - np.exp(-(((found.overall.horizon_days + 1) / 110) ** 1.5))
        for line in found.rows:
            truth = rates[line.segment] * won_by_horizon
            covered.append(line.pooled.low <= truth <= line.pooled.high)
            if line.own.closed is not None:
                errors.append((line.pooled.value - truth) ** 2)
                raw_errors.append((line.own.closed - truth) ** 2)
    assert 0.85 <= np.mean(covered) <= 0.95
    assert np.mean(errors) < 0.5 * np.mean(raw_errors)


def test_little_history_says_so_for_all_and_for_each():
    found = segment_rates([("a", 10, 2, 3, 4), ("b", 5, 1, 1, 0)], as_of="then")
    assert not found.overall.is_enough
    assert [(line.segment, line.own.n, line.pooled) for line in found.rows] == [("a", 9, None), ("b", 2, None)]
    assert (found.difference.evidence, found.as_of) == ("none", "then")
    assert segment_rates([]).rows == ()


def test_equal_reps_show_no_evidence_and_unequal_ones_do():
    random = np.random.default_rng(4)
    same = [(g, 10, int(w), 100 - int(w), 20, 0) for g, w in enumerate(random.binomial(100, 0.4, size=12))]
    apart = [(g, 10, 20 + 5 * g, 80 - 5 * g, 20, 0) for g in range(12)]
    assert segment_rates(same).difference.evidence == "none"
    assert segment_rates(apart).difference.evidence == "clear"
    assert segment_rates(apart).difference.test == CHI_SQUARE


def test_many_small_groups_are_tested_by_their_spread():
    random = np.random.default_rng(5)
    noise = {g: (int(random.binomial(6, 0.4)), 6) for g in range(200)}
    real = {g: (6 if g % 3 == 0 else 1, 6) for g in range(200)}
    assert (difference(noise).evidence, difference(noise).test) == ("none", OVERDISPERSION)
    assert difference(real).evidence == "clear"


def test_asking_often_asks_for_more():
    found = {
        "owner": difference({"a": (50, 100), "b": (36, 100)}),
        "product": difference({"a": (50, 100), "b": (49, 100)}),
        "source": difference({"a": (50, 100), "b": (15, 100)}),
        "nothing": difference({}),
    }
    answers = corrected(found)
    assert (found["owner"].evidence, answers["owner"].evidence) == ("weak", "none")
    assert answers["owner"].p_value == pytest.approx(2 * found["owner"].p_value)
    assert answers["source"].evidence == "clear"
    assert answers["nothing"].p_value is None
    assert answers["owner"].test == f"{CHI_SQUARE}, corrected for 3"


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99), *[st.integers(0, 9)] * 3), max_size=40))
def test_pooled_rates_are_shares_within_their_intervals(rows):
    for line in segment_rates(rows).rows:
        if line.pooled is not None:
            assert 0 <= line.pooled.low <= line.pooled.value + 1e-9 <= line.pooled.high + 2e-9 <= 1 + 3e-9
            assert 0 <= line.pooled.above_median <= 1
