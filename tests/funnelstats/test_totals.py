"""The total of a period: exact enumeration, moments, the effect of a shared shock."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelstats.accuracy import crps_sample
from funnelstats.draws import draw_totals
from funnelstats.shocks import Shock
from funnelstats.totals import (
    Coming,
    OpenDeals,
    add,
    expected_new_business,
    pacing,
    period_total,
    total_of_arrivals,
    total_of_deals,
)

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
    drawn = draw_totals(OpenDeals.of(amounts, chances), shock=0.6, draws=20_000, seed=5)
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


def some_deals(number, seed=1, spread=0.0):
    random = np.random.default_rng(seed)
    amounts = np.round(np.exp(9 + random.standard_normal(number)), -2) + 100
    return OpenDeals.of(amounts, random.beta(2, 8, number), spread=spread)


COMING = Coming(np.full(13, 3.0), np.linspace(0.3, 0.01, 13), np.array([4e3, 9e3, 9e3, 2e4, 7e4]), shape=5.0)
ORDERS = Coming(np.array([25.0]), None, np.array([2e3, 3e3, 8e3]), shape=8.0)
CASES = {
    "a few deals": (some_deals(30), (), 0.0),
    "a few deals with a shock": (some_deals(30), (), 0.4),
    "amounts that change": (some_deals(60, spread=0.4), (), 0.4),
    "so many that small ones enter together": (some_deals(1000), (), 0.0),
    "many with a strong shock": (some_deals(400, spread=0.3), (), 0.8),
    "with business to come": (some_deals(60), (COMING, ORDERS), 0.4),
    "business to come alone": (OpenDeals(), (COMING,), 0.4),
}


@pytest.mark.parametrize("case", CASES)
def test_the_exact_distribution_is_the_drawn_one(case):
    deals, coming, shock = CASES[case]
    exact = period_total(deals, coming, shock=shock)
    drawn = draw_totals(deals, coming, shock=shock, draws=12_000, seed=7)
    assert exact.mean == pytest.approx(deals.mean + sum(one.mean for one in coming), rel=5e-4)
    assert drawn.mean() == pytest.approx(exact.mean, abs=4 * exact.sd / np.sqrt(len(drawn)))
    assert drawn.std() == pytest.approx(exact.sd, rel=0.03)
    # 12,000 draws place a share within 0.009 (two standard errors at 0.5); the rest is the grid.
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert exact.at_most(float(np.quantile(drawn, share))) == pytest.approx(share, abs=0.015)


def test_twenty_thousand_small_deals_do_not_vanish_between_the_places_of_the_grid():
    total = total_of_deals(np.full(20_000, 99.5), np.full(20_000, 0.25))
    assert total.mean == pytest.approx(20_000 * 99.5 * 0.25, rel=1e-9)
    assert total.sd == pytest.approx(99.5 * np.sqrt(20_000 * 0.25 * 0.75), rel=0.01)


def test_a_shock_moves_no_chance():
    shock = Shock.of(0.8)
    chances = np.array([0.0, 0.001, 0.1, 0.5, 0.97, 1.0])
    assert shock.weights @ shock.chances(chances) == pytest.approx(chances, abs=1e-5)
    assert shock.weights @ shock.rates() == pytest.approx(1)
    with pytest.raises(ValueError, match="not negative"):
        Shock.of(-0.1)


def test_a_strong_pull_needs_closer_shocks_or_the_total_would_fall_into_lumps():
    assert len(Shock.of(0.4, pull=1).z) == 15
    assert len(Shock.of(0.4, pull=20).z) > 150
    alike = total_of_deals(np.full(5000, 1.0), np.full(5000, 0.2), shock=0.5)
    steps = np.diff([alike.quantile(share) for share in np.linspace(0.05, 0.95, 91)])
    assert (np.maximum(steps[1:], steps[:-1]) < 1.5 * np.minimum(steps[1:], steps[:-1])).all()


def test_the_same_seed_draws_the_same_totals():
    deals = some_deals(20)
    first, again, other = (draw_totals(deals, draws=50, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_crps_of_a_distribution_is_that_of_its_draws_and_of_a_point_the_distance():
    total = total_of_deals(AMOUNTS, CHANCES)
    sample = np.repeat(total.totals, np.rint(total.probabilities * 10_000).astype(int))
    for actual in (-20.0, 0.0, 130.0, 203.0, 900.0):
        assert total.crps(actual) == pytest.approx(crps_sample(sample, actual), abs=0.05)
    sure = total_of_deals([100.0], [1.0])
    assert sure.crps(130.0) == pytest.approx(30)
    assert sure.crps(60.0) == pytest.approx(40)


def test_what_is_booked_already_moves_the_whole_distribution():
    total = total_of_deals(AMOUNTS, CHANCES).shifted(1000)
    assert [total.quantile(q) for q in (0.1, 0.5, 0.9)] == [1050, 1150, 1450]
    assert total.mean == pytest.approx(1203)
    assert total.at_most(999) == 0
