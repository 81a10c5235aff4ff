"""A period's forecast: what it is made of, what it may know, what it says where one deal decides, and its back-test."""

import dataclasses
import datetime as dt

import numpy as np
import pytest
from tests.funnelstats.worlds import START, engine_of, world_of

from funnelstats.draws import draw_totals
from funnelstats.forecast import backtest, fit_shock, foretell, look_back, prospect, quarters_before, read_histories
from funnelstats.forecast.history import day_number
from funnelstats.forecast.past import Past, moments
from funnelstats.forecast.period import DEFAULT_SHOCK
from funnelstats.totals import Coming, OpenDeals

NOW = dt.date(2024, 8, 15)
QUARTER = (dt.date(2024, 7, 1), dt.date(2024, 10, 1))
NEXT = (dt.date(2024, 10, 1), dt.date(2025, 1, 1))


@pytest.fixture(scope="module")
def world():
    return world_of(3, days=1100, seed=21)


@pytest.fixture(scope="module")
def engine(world):
    return engine_of(world)


@pytest.fixture(scope="module")
def histories(engine):
    return read_histories(engine, NOW, with_orders=True)


@pytest.fixture(scope="module")
def found(histories):
    return prospect(histories[2], *QUARTER, as_of=NOW)


def same(left, right):
    """Whether two nested values of numbers and arrays are equal."""
    if isinstance(left, np.ndarray):
        return np.array_equal(left, right, equal_nan=True)
    if dataclasses.is_dataclass(left):
        return all(same(getattr(left, f.name), getattr(right, f.name)) for f in dataclasses.fields(left))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def test_a_past_history_is_the_one_read_from_what_there_was_then(world, histories):
    """Nothing that came later is seen: with all later rows deleted, every figure is the same."""
    then = engine_of(world, as_of=(NOW - START).days - 1)
    assert same(read_histories(then, NOW, with_orders=True), histories)


def test_what_was_recorded_late_is_not_known_before(engine):
    late = "SELECT * REPLACE (happened_at + INTERVAL '40' DAY AS recorded_at) FROM stage_events"
    slow = dataclasses.replace(engine, tables={**engine.tables, "stage_events": late})
    then = read_histories(slow, NOW)[2]
    earlier = read_histories(engine, NOW - dt.timedelta(days=40))[2]
    assert then.flow.won.sum() == earlier.flow.won.sum()
    assert then.closed == earlier.closed < read_histories(engine, NOW)[2].closed


def test_the_parts_of_a_forecast_add_up(world, found):
    first, today = (QUARTER[0] - START).days, (NOW - START).days
    assert found.booked == pytest.approx(world.won_in(first, today)[1] + world.ordered_in(first, today)[1])
    parts = found.booked + found.deals.mean + found.orders.mean + found.new.mean
    assert found.expected == pytest.approx(parts)
    forecast = foretell(found, shock=0.3)
    assert forecast.total.mean == pytest.approx(parts, rel=1e-3)
    assert found.booked < forecast.quantile(0.1) < forecast.quantile(0.5) < forecast.quantile(0.9)
    is_open = (world.deals.opened < today) & ((world.deals.closed < 0) | (world.deals.closed >= today))
    assert found.deals.counts.sum() == (is_open & (world.deals.company == 1)).sum()


def test_the_distribution_is_the_one_that_draws_find(found):
    drawn = found.booked + draw_totals(found.deals, found.coming, shock=0.4, draws=8000, seed=3)
    total = foretell(found, shock=0.4).total
    for share in (0.1, 0.5, 0.9):
        assert total.at_most(float(np.quantile(drawn, share))) == pytest.approx(share, abs=0.02)
    mean, variance = moments(found, 0.4)
    assert found.booked + mean == pytest.approx(total.mean, rel=1e-3)
    assert np.sqrt(variance) == pytest.approx(total.sd, rel=0.01)


def test_the_next_quarter_counts_no_win_before_it_begins(histories):
    ahead = prospect(histories[2], *NEXT, as_of=NOW)
    assert ahead.booked == 0
    assert ahead.pacing is None
    both = prospect(histories[2], QUARTER[0], NEXT[1], as_of=NOW)
    this = prospect(histories[2], *QUARTER, as_of=NOW)
    assert ahead.deals.mean + this.deals.mean == pytest.approx(both.deals.mean, rel=0.02)


def test_pacing_and_naive_are_read_from_the_same_days_of_earlier_quarters(world, found):
    starts = [(start - START).days for start, _ in quarters_before(QUARTER[0], 8)]
    ends = [(end - START).days for _, end in quarters_before(QUARTER[0], 8)]
    into = (NOW - QUARTER[0]).days

    def brought(a, b):
        return float(world.won_in(a, b)[1] + world.ordered_in(a, b)[1])

    then = sum(brought(start, start + into) for start in starts)
    final = sum(brought(start, end) for start, end in zip(starts, ends, strict=True))
    assert found.pacing == pytest.approx(found.booked * final / then)
    year_ago = (dt.date(2023, 7, 1) - START).days
    assert found.naive == pytest.approx(brought(year_ago, year_ago + 92))


def test_a_part_is_forecast_with_the_laws_of_the_whole(histories):
    whole = histories[2]
    few = dataclasses.replace(
        whole,
        flow=dataclasses.replace(whole.flow, **dict.fromkeys(("won", "lost", "won_amount"), whole.flow.won * 0)),
        stages={},
    )
    assert not prospect(few, *QUARTER, as_of=NOW).is_enough
    with_laws = prospect(few, *QUARTER, as_of=NOW, laws=whole)
    assert with_laws.is_enough
    assert with_laws.deals.mean == pytest.approx(prospect(whole, *QUARTER, as_of=NOW).deals.mean)


def test_too_little_history_is_said_and_not_forecast(engine):
    early = read_histories(engine, dt.date(2022, 1, 20))[2]
    forecast = foretell(prospect(early, dt.date(2022, 1, 1), dt.date(2022, 4, 1), as_of=dt.date(2022, 1, 20)))
    assert not forecast.is_enough
    assert forecast.quantile(0.5) is None
    assert forecast.prospect.closed < 50


def test_a_period_that_is_over_is_not_forecast(histories):
    with pytest.raises(ValueError, match="before the end"):
        prospect(histories[2], dt.date(2024, 4, 1), dt.date(2024, 7, 1), as_of=NOW)
    with pytest.raises(ValueError, match="history of that day"):
        prospect(histories[2], *QUARTER, as_of=NOW - dt.timedelta(days=1))


def plain(found, deals):
    nothing = Coming(np.zeros(1), np.zeros(1), np.ones(1))
    return dataclasses.replace(found, booked=0.0, deals=deals, orders=None, new=nothing)


def test_one_deal_that_decides_is_shown_in_two_pictures(found):
    deals = OpenDeals.of([100, 200, 50, 400], [0.5, 0.3, 0.9, 0.12])
    forecast = foretell(plain(found, deals), shock=0.0)
    modes = forecast.modes
    assert (modes.amount, modes.chance) == (400, 0.12)
    # Without it at most 350: the exact distribution of the other three; with it 400 more.
    assert modes.without == (50, 150, 350)
    assert modes.with_it == (450, 550, 750)
    assert [forecast.quantile(q) for q in (0.1, 0.5, 0.9)] == [50, 150, 450]


def test_a_deal_seen_won_says_that_the_market_is_good(found):
    deals = OpenDeals.of([400.0, *[10.0] * 20], [0.3] * 21)
    calm = foretell(plain(found, deals), shock=0.0).modes
    shaken = foretell(plain(found, deals), shock=1.0).modes
    assert calm.with_it[1] - 400 == calm.without[1]
    assert shaken.with_it[1] - 400 > shaken.without[1] + 10


def test_no_deal_decides_among_many_alike(found):
    assert foretell(plain(found, OpenDeals.of([10.0] * 30, [0.3] * 30))).modes is None
    assert foretell(plain(found, OpenDeals())).modes is None


def test_the_shock_is_as_large_as_past_surprises(found):
    alike = plain(found, OpenDeals.of(np.full(200, 10.0), np.full(200, 0.3)))
    mean = alike.deals.mean
    calm = [Past(alike, mean * factor) for factor in (0.98, 1.04, 1.0, 0.95, 1.05, 1.01, 0.97, 1.02)]
    wild = [Past(alike, mean * factor) for factor in (0.6, 1.5, 0.9, 1.3, 0.5, 1.6, 1.2, 0.7)]
    assert fit_shock(calm) < 0.15
    assert fit_shock(wild) > 0.45
    assert fit_shock(wild[:2]) == DEFAULT_SHOCK
    assert not backtest(wild[:2]).is_enough


def test_a_back_test_compares_with_simpler_forecasts_on_the_same_quarters(engine, histories):
    read = {start: read_histories(engine, start, with_orders=True) for start, _ in quarters_before(QUARTER[0], 6)}
    past = look_back(lambda day: read[day].get(2), histories[2], quarters_before(QUARTER[0], 6))
    assert [one.prospect.start for one in past] == [start for start, _ in quarters_before(QUARTER[0], 6)]
    assert past[0].actual == pytest.approx(
        histories[2].brought(day_number(past[0].prospect.start), day_number(past[0].prospect.end))
    )
    tested = backtest(past)
    assert tested.is_enough
    assert tested.scores["model"].accuracy.n == 6
    assert tested.coverage == np.mean([one.is_within for one in tested.periods])
    assert tested.skill["weighted"] == pytest.approx(1 - tested.scores["model"].crps / tested.scores["weighted"].crps)
    assert "pacing" not in tested.scores  # nothing is booked on a quarter's first day


def test_periods_before_there_was_enough_history_are_not_tested(engine, histories):
    read = {start: read_histories(engine, start) for start, _ in quarters_before(dt.date(2022, 10, 1), 3)[1:]}
    past = look_back(lambda day: read[day].get(2), histories[2], quarters_before(dt.date(2022, 10, 1), 3))
    assert all(one.prospect.closed >= 50 for one in past)
    assert len(past) < 3
