"""Simulated companies: the same seed the same world, lives that keep their rules, hazards that can be found again."""

import dataclasses
import datetime as dt
import itertools

import numpy as np
import pyarrow as pa
import pytest

from funnelstats.simulation import Company, draw_company, simulate, tables
from funnelstats.simulation.truth import long_run
from funnelstats.validation import validate_arrow

START = dt.date(2023, 1, 1)
PLAIN = Company(
    advance=(0.02, 0.03), lose=(0.02, 0.01), back=0.0, skip=0.0, skills=(0.0,), quality_sd=0.0, customer_sd=0.0,
    size_effect=0.0, market_sd=0.0, stale_after=100_000, stale_factor=1.0, quarter_end=1.0, weekly_arrivals=40.0,
    arrival_shape=50.0, season=(1.0, 1.0, 1.0, 1.0), customer_share=0.3, log_amount=10.0, log_amount_sd=0.5,
    orders_a_year=2.0, years_a_customer=2.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def world():
    random = np.random.default_rng(3)
    return simulate([draw_company(random) for _ in range(12)], start=START, days=900, seed=4)


def rows(world, **options):
    return {name: pa.table(dict(columns)) for name, columns in tables(world, **options).items()}


def test_the_same_seed_makes_the_same_world_and_another_seed_another():
    made = [simulate([PLAIN], start=START, days=200, seed=seed) for seed in (1, 1, 2)]
    events = [np.column_stack(dataclasses.astuple(one.events)) for one in made]
    assert np.array_equal(events[0], events[1])
    assert events[0].shape != events[2].shape or not np.array_equal(events[0], events[2])


def test_a_world_begins_with_a_quarter():
    with pytest.raises(ValueError, match="first day of a quarter"):
        simulate([PLAIN], start=dt.date(2023, 2, 1), days=10, seed=1)


def test_the_tables_are_those_that_statistics_expect(world):
    errors = [finding for finding in validate_arrow(rows(world)) if finding.severity == "error"]
    assert errors == []


def test_a_past_day_holds_what_was_known_then(world):
    now, then = rows(world), rows(world, as_of=400)
    noon = dt.datetime(2023, 1, 1, 12) + dt.timedelta(days=400)  # noqa: DTZ001
    kept = now["stage_events"].filter(pa.compute.less_equal(now["stage_events"]["happened_at"], noon))
    assert kept.equals(then["stage_events"])
    assert then["opportunities"].num_rows < now["opportunities"].num_rows
    assert pa.compute.max(then["opportunities"]["closed_at"]).as_py() <= noon


def test_nothing_happens_to_a_deal_after_its_end_or_before_its_beginning(world):
    events, deals = world.events, world.deals
    first = np.searchsorted(events.deal, np.arange(len(deals.opened)))
    assert (events.day[first] == deals.opened).all()
    last = np.append(first[1:], len(events.deal)) - 1
    closed = deals.outcome > 0
    assert (events.state[last] == deals.outcome).all()
    assert (events.day[last][closed] == deals.closed[closed]).all()
    assert (np.delete(events.state, last) == 0).all()
    same_deal = np.diff(events.deal) == 0
    assert (np.diff(events.day)[same_deal] >= 0).all()


def test_stages_are_passed_one_by_one_except_for_skips_and_moves_back(world):
    events = world.events
    step = np.diff(events.stage)[(np.diff(events.deal) == 0) & (np.diff(events.stage) != 0)]
    assert set(step.tolist()) == {-1, 1, 2}


def test_hazards_are_kept():
    """Half of the deals pass the first stage, three quarters of those the second, after 25 days each on average."""
    world = simulate([PLAIN], start=START, days=1500, seed=7)
    old = world.deals.opened < 1000
    won = world.deals.outcome[old] == 1
    assert won.mean() == pytest.approx(0.5 * 0.75, abs=3 * np.sqrt(0.375 * 0.625 / old.sum()))
    events = world.events
    passed = (np.diff(events.stage) == 1) & (np.diff(events.deal) == 0) & old[events.deal[1:]]
    entered = world.deals.opened[events.deal[1:][passed]]
    assert (events.day[1:][passed] - entered).mean() == pytest.approx(1 / 0.04 + 0.5, rel=0.03)


def test_what_a_period_brought_is_the_sum_of_its_wins_and_orders(world):
    won = world.deals.outcome == 1
    last = np.append(np.nonzero(np.diff(world.events.deal))[0], len(world.events.deal) - 1)
    meant = won & (world.deals.closed >= 200) & (world.deals.closed < 300) & (world.deals.company == 5)
    assert world.won_in(200, 300)[5] == pytest.approx(world.events.amount[last][meant].sum())
    orders = world.orders
    meant = (orders.company == 5) & (orders.day >= 200) & (orders.day < 300)
    assert world.ordered_in(200, 300)[5] == pytest.approx(orders.amount[meant].sum())


def test_only_customers_that_were_won_order_again(world):
    won = world.deals.outcome == 1
    first = {}
    for customer, day in zip(world.deals.customer[won], world.deals.closed[won], strict=True):
        first[customer] = min(day, first.get(customer, day))
    assert len(world.orders.day) > 100
    assert all(day > first[customer] for customer, day in zip(world.orders.customer, world.orders.day, strict=True))


def test_the_long_run_of_plain_hazards_is_their_formula():
    by_stage, by_rep = long_run([PLAIN], copies=5, seed=2)
    assert by_stage[0, 0].won_within(2000) == pytest.approx(0.375, abs=0.012)
    assert by_stage[0, 1].won_within(2000) == pytest.approx(0.75, abs=0.015)
    # From the second stage, won by day 20 by hazards 0.03 (won) and 0.01 (lost).
    assert by_stage[0, 1].won_within(20) == pytest.approx(0.75 * (1 - np.exp(-0.04 * 20)), abs=0.015)
    assert by_rep[0, 0].won_within(2000) == by_stage[0, 0].won_within(2000)


def test_better_reps_win_more_and_a_good_market_helps_everybody():
    skilled = dataclasses.replace(PLAIN, skills=(-0.8, 0.8), market_sd=0.0)
    _, by_rep = long_run([skilled], copies=5, seed=2)
    assert by_rep[0, 1].won_within(2000) > by_rep[0, 0].won_within(2000) + 0.25
    swinging = simulate([dataclasses.replace(PLAIN, market_sd=1.0)], start=START, days=2000, seed=11)
    starts = swinging.days.quarter_starts()[2:]
    brought = [float(swinging.won_in(a, b)[0]) for a, b in itertools.pairwise(starts)]
    assert np.corrcoef(brought, swinging.market[0, 2 : len(brought) + 2])[0, 1] > 0.5
