"""The total of a period: exact enumeration, moments, the effect of a shared shock."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelstats.totals import add, expected_new_business, pacing, total_of_arrivals, total_of_deals

AMOUNTS, CHANCES = (100, 200, 50, 400), (0.5, 0.3, 0.9, 0.12)
ENUMERATED = {0: 0.0308, 50: 0.3080, 100: 0.3388, 150: 0.6160, 200: 0.6292, 250: 0.7480, 300: 0.7612, 350: 0.8800}
ENUMERATED |= {400: 0.8842, 450: 0.9220, 500: 0.9262, 550: 0.9640, 600: 0.9658, 650: 0.9820, 700: 0.9838, 750: 1.0}

deals = st.lists(st.tuples(st.integers(0, 300), st.floats(0, 1)), min_size=1, max_size=12)


def test_exact_enumeration_is_reproduced():
    total = total_of_deals(AMOUNTS, CHANCES)
    assert {t: round(total.at_most(t), 4) for t in ENUMERATED} == ENUMERATED
    assert total.mean == pytest.approx(203)
    assert total.sd == pytest.approx(167.395, abs=1e-3)
    assert [total.quantile(q) for q in (0.1, 0.5, 0.9)] == [50, 150, 450]


@settings(deadline=None, max_examples=60)
@given(deals)
def test_moments_are_those_of_independent_deals(found):
    amounts, chances = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    total = total_of_deals(amounts, chances, step=1)
    assert total.probabilities.sum() == pytest.approx(1)
    assert total.mean == pytest.approx(float(amounts @ chances), abs=1e-6)
    assert total.sd**2 == pytest.approx(float(amounts**2 @ (chances * (1 - chances))), abs=1e-3)
    assert total.quantile(0.1) <= total.quantile(0.5) <= total.quantile(0.9)


def test_a_shared_shock_widens_the_interval_as_simulation_says():
    amounts, chances = np.full(40, 10.0), np.full(40, 0.4)
    alone, together = total_of_deals(amounts, chances), total_of_deals(amounts, chances, shock=0.6)
    random = np.random.default_rng(5)
    logit = np.log(0.4 / 0.6) + 0.6 * random.standard_normal((20_000, 1))
    drawn = (random.random((20_000, 40)) < 1 / (1 + np.exp(-logit))).sum(axis=1) * 10
    assert together.quantile(0.9) - together.quantile(0.1) > 1.5 * (alone.quantile(0.9) - alone.quantile(0.1))
    assert together.mean == pytest.approx(drawn.mean(), rel=0.01)
    assert together.sd == pytest.approx(drawn.std(), rel=0.03)
    assert together.quantile(0.1) == pytest.approx(np.quantile(drawn, 0.1), abs=10)


def test_no_deals_bring_nothing_for_sure():
    assert total_of_deals([], []).quantile(0.9) == 0


def test_impossible_chances_are_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        total_of_deals([1], [1.2])
    with pytest.raises(ValueError, match="too fine"):
        total_of_deals([1e9], [0.5], step=1)


def test_new_business_counts_what_can_still_be_won_in_time():
    assert expected_new_business([2, 2, 1], 100, [0.3, 0.1, 0]) == pytest.approx(80)


def test_pacing_is_the_volume_weighted_link_ratio():
    assert pacing(90, [60, 80, 100], [100, 120, 180]) == pytest.approx(150)
    assert pacing(90, [], []) is None


def test_deals_that_do_not_exist_yet_have_a_mean_and_a_spread():
    total = total_of_arrivals(3.0, [10, 20, 30], step=10, length=60)
    assert total.mean == pytest.approx(60, rel=1e-6)
    assert total.sd**2 == pytest.approx(3 * (100 + 400 + 900) / 3, rel=1e-6)
    assert total.at_most(0) == pytest.approx(np.exp(-3))


def test_independent_totals_add_up():
    both = add(total_of_deals([10, 20], [0.5, 0.5], step=10), total_of_deals([10], [0.5], step=10))
    assert both.probabilities == pytest.approx(total_of_deals([10, 20, 10], [0.5] * 3, step=10).probabilities)
    with pytest.raises(ValueError, match="same grid"):
        add(total_of_deals([10], [0.5], step=10), total_of_deals([10], [0.5], step=5))
