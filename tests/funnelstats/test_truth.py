"""Two hundred simulated companies: estimates hold what they promise about a truth that is known."""

import pytest
from tests.funnelstats.truths import COPIES, SEED, make, quarter_forecasts, rep_rates, win_rates

from funnelstats.simulation.truth import long_run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def given():
    return make()


@pytest.fixture(scope="module")
def truth(given):
    """Win rates in the long run, by stage and by rep."""
    return long_run(given.companies, copies=COPIES, seed=SEED + 2)


def test_ninety_per_cent_intervals_of_win_rates_cover_the_truth(given, truth):
    found = win_rates(given, truth[0])
    assert found.intervals > 800
    assert 0.85 <= found.held <= 0.95


def test_shrunk_rates_of_reps_are_nearer_the_truth_than_raw_ones_at_every_number_of_deals(given, truth):
    found = rep_rates(given, truth[1])
    assert all(one.reps > 500 for one in found)
    assert all(one.shrunk < one.raw for one in found)


def test_p10_to_p90_of_the_quarter_holds_four_of_five_and_the_forecast_beats_simpler_ones(given):
    found = quarter_forecasts(given)
    assert found.companies > 190
    assert 0.75 <= found.held <= 0.85
    assert found.model < found.weighted
    assert found.model < found.naive
    # Not only because a distribution scores better than a point: its middle is nearer as well.
    assert found.median_error < min(found.weighted, found.naive)
