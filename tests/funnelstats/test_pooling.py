"""Partial pooling: the published fit of a textbook data set, and what pooling promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelstats.pooling import Prior, difference, fit_prior, pool

# Tumours in 70 groups of control rats (Tarone 1982): the data set on which the method is usually taught.
RATS_WON = [0] * 14 + [1] * 8 + [2] * 9 + [1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10] + [4] * 7 + [10, 4, 4, 4, 5, 11, 12]
RATS_WON += [5, 5, 6, 5, 6, 6, 6, 6, 16, 15, 15, 9]
RATS_N = [20] * 7 + [19] * 4 + [18] * 2 + [17] + [20] * 4 + [19] * 2 + [18] * 2 + [25, 24, 23] + [20] * 6
RATS_N += [10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50] + [20] * 7 + [48, 19, 19, 19, 22, 46, 49]
RATS_N += [20, 20, 23, 19, 22, 20, 20, 20, 52, 46, 47, 24]

groups = st.dictionaries(
    st.integers(0, 30),
    st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=25,
).filter(lambda found: sum(n for _, n in found.values()) > 0)


def test_the_published_fit_is_reproduced():
    assert (sum(RATS_WON), sum(RATS_N)) == (263, 1725)
    prior = fit_prior(RATS_WON, RATS_N)
    assert prior.alpha == pytest.approx(2.304768, abs=1e-3)
    assert prior.beta == pytest.approx(14.079707, abs=5e-3)


def test_small_groups_get_a_sensible_number_and_a_wide_interval():
    prior = fit_prior([*RATS_WON, 4], [*RATS_N, 14])
    assert prior.alpha == pytest.approx(2.3416, abs=1e-3)
    assert prior.beta == pytest.approx(14.1148, abs=5e-3)
    rates = pool({"four of fourteen": (4, 14), "none of twenty": (0, 20)}, prior)
    four, none = rates["four of fourteen"], rates["none of twenty"]
    assert [four.value, four.low, four.high] == pytest.approx([0.2082, 0.1009, 0.3376], abs=1e-4)
    assert [none.value, none.low, none.high] == pytest.approx([0.0642, 0.0143, 0.1411], abs=1e-4)
    assert none.raw == 0


@settings(deadline=None, max_examples=60)
@given(groups)
def test_a_pooled_rate_lies_between_the_raw_one_and_the_prior(found):
    prior = fit_prior([w for w, _ in found.values()], [n for _, n in found.values()])
    for rate in pool(found, prior).values():
        raw = prior.mean if rate.raw is None else rate.raw
        assert min(raw, prior.mean) - 1e-9 <= rate.value <= max(raw, prior.mean) + 1e-9
        assert 0 <= rate.low <= rate.high <= 1


def test_without_spread_between_groups_all_get_the_common_rate():
    rates = pool(dict.fromkeys(range(20), (30, 100)))
    assert max(rate.value for rate in rates.values()) - min(rate.value for rate in rates.values()) < 1e-9


def test_few_groups_use_a_fixed_strength():
    prior = fit_prior([10, 5], [20, 20])
    assert prior.strength == pytest.approx(20)
    assert prior.mean == pytest.approx(15.5 / 41)


def test_pooled_rates_are_closer_to_the_truth_than_raw_ones():
    errors, raw_errors, covered = [], [], []
    for seed in range(8):
        random = np.random.default_rng(seed)
        truth = random.beta(6, 14, size=400)
        n = random.integers(3, 30, size=400)
        won = random.binomial(n, truth)
        rates = pool({i: (int(w), int(m)) for i, (w, m) in enumerate(zip(won, n, strict=True))})
        errors += [(rates[i].value - truth[i]) ** 2 for i in range(400)]
        raw_errors += [(won[i] / n[i] - truth[i]) ** 2 for i in range(400)]
        covered += [rates[i].low <= truth[i] <= rates[i].high for i in range(400)]
    assert np.mean(errors) < 0.6 * np.mean(raw_errors)
    assert 0.86 <= np.mean(covered) <= 0.93  # slightly narrow: the prior is estimated, too


def test_noise_between_reps_is_called_no_evidence():
    random = np.random.default_rng(3)
    noise = {rep: (int(random.binomial(200, 0.63)), 200) for rep in range(30)}
    assert difference(noise).evidence == "none"


def test_a_real_difference_is_called_clear():
    found = difference({"a": (80, 100), "b": (40, 100), "c": (45, 100)})
    assert found.evidence == "clear"
    assert found.p_value < 1e-6


def test_groups_too_small_for_a_test_are_put_together_or_say_nothing():
    assert difference({"a": (1, 2), "b": (0, 3)}).p_value is None
    assert difference({"a": (0, 50), "b": (0, 50)}).evidence == "none"


def test_more_wins_than_deals_are_refused():
    with pytest.raises(ValueError, match="between zero"):
        fit_prior([3], [2])
    with pytest.raises(ValueError, match="at least one deal"):
        fit_prior([0], [0])


def test_the_prior_says_what_it_is_worth():
    prior = Prior(6, 14)
    assert (prior.mean, prior.strength) == (0.3, 20)
