"""Two hundred companies whose truth is known: how often estimates hold what they promise.

The tests assert the promises; `python -m tools.truths` writes the figures into docs/algorithms/truth-tests.md.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from tests.funnelstats.worlds import START, companies, engine_of

from funnelstats.forecast import backtest, foretell, look_back, prospect, quarters_before, read_histories
from funnelstats.segments import segment_rates
from funnelstats.shared_luck import stage_win_rates_in_the_long_run
from funnelstats.simulation import simulate
from funnelstats.simulation.tables import REPS_PER_COMPANY, STAGES_PER_COMPANY

COMPANIES = 200
SEED = 2026
END = dt.date(2026, 1, 1)
QUARTER = (dt.date(2025, 10, 1), END)
PAST_QUARTERS = 8
COPIES = 20
REP_MOMENTS = tuple(dt.datetime(year, month, 1, tzinfo=dt.UTC) for year, month in ((2022, 4), (2022, 8), (2024, 1)))
SIZES = ((1, 5), (6, 10), (11, 20), (21, 40), (41, 10_000))


@dataclass(frozen=True)
class World:
    """Companies, what happened to them, and the engine that holds their tables."""

    companies: list
    world: object
    engine: object


def make(number=COMPANIES, seed=SEED):
    """Four years of so many companies."""
    drawn = companies(number, seed=seed)
    world = simulate(drawn, start=START, days=(END - START).days, seed=seed + 1)
    return World(drawn, world, engine_of(world))


@dataclass(frozen=True)
class Coverage:
    """How often intervals held the truth."""

    intervals: int
    held: float
    width: float


def win_rates(given, by_stage):
    """Stage win rates of every company against its long run, at each rate's own horizon."""
    at = dt.datetime(2025, 7, 1, tzinfo=dt.UTC)
    rates = stage_win_rates_in_the_long_run(given.engine.rows("stage_cohort_outcomes", as_of=at))
    held, widths = [], []
    for stage, rate in rates.items():
        key = (stage // STAGES_PER_COMPANY, stage % STAGES_PER_COMPANY - 1)
        if rate.is_enough and key in by_stage:
            held.append(rate.low <= by_stage[key].won_within(rate.horizon_days) <= rate.high)
            widths.append(rate.high - rate.low)
    return Coverage(len(held), float(np.mean(held)), float(np.mean(widths)))


@dataclass(frozen=True)
class RepErrors:
    """Mean squared errors of reps' rates with so many closed deals."""

    fewest: int
    most: int
    reps: int
    raw: float
    shrunk: float


def rep_rates(given, by_rep):
    """Raw (closed) and shrunk rates of reps against their long run, by how many deals they closed."""
    found = []
    engine = given.engine.segmented("owner_id")
    for at in (
        dt.datetime(2022, 4, 1, tzinfo=dt.UTC),
        dt.datetime(2022, 8, 1, tzinfo=dt.UTC),
        dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
    ):
        by_company = defaultdict(list)
        for row in engine.rows("segment_outcomes", as_of=at):
            by_company[row[0] // REPS_PER_COMPANY].append(row)
        for company, rows in by_company.items():
            rates = segment_rates(rows)
            for one in rates.rows:
                closed = one.own.won + one.own.lost
                key = (company, one.segment % REPS_PER_COMPANY - 1)
                if closed and one.pooled is not None and key in by_rep:
                    truth = by_rep[key].won_within(rates.overall.horizon_days)
                    found.append((closed, one.own.won / closed - truth, one.pooled.value - truth))
    table = np.array(found)
    return [_errors(table, fewest, most) for fewest, most in SIZES]


def _errors(table, fewest, most):
    inside = table[(table[:, 0] >= fewest) & (table[:, 0] <= most)]
    return RepErrors(fewest, most, len(inside), float(np.mean(inside[:, 1] ** 2)), float(np.mean(inside[:, 2] ** 2)))


@dataclass(frozen=True)
class QuarterForecasts:
    """Forecasts of one quarter on its first day: coverage of P10-P90, and mean CRPS over what was expected."""

    companies: int
    held: float
    tested_before: float
    model: float
    weighted: float
    naive: float
    median_error: float
    shock: float


def quarter_forecasts(given, *, past_quarters=PAST_QUARTERS):
    """Forecast every company's quarter with the shock that its own past quarters ask for."""
    start, end = QUARTER
    days = [first for first, _ in quarters_before(start, past_quarters)]
    histories = {day: read_histories(given.engine, day, with_orders=True) for day in [*days, start]}
    first, last = (start - START).days, (end - START).days
    brought = given.world.won_in(first, last) + given.world.ordered_in(first, last)
    rows = []
    for segment, history in histories[start].items():
        past = look_back(lambda day: histories[day].get(segment), history, quarters_before(start, past_quarters))  # noqa: B023
        tested = backtest(past)
        found = prospect(history, start, end, as_of=start)
        total, actual = foretell(found, shock=tested.shock).total, brought[segment - 1]
        if total is None or found.naive is None:
            continue
        errors = [
            total.crps(actual),
            abs(found.weighted - actual),
            abs(found.naive - actual),
            abs(total.quantile(0.5) - actual),
        ]
        held = total.quantile(0.1) <= actual <= total.quantile(0.9)
        rows.append([held, tested.coverage, tested.shock, *(error / total.mean for error in errors)])
    held, before, shock, model, weighted, naive, median = np.array(rows, dtype=float).mean(axis=0).tolist()
    return QuarterForecasts(len(rows), held, before, model, weighted, naive, median, shock)
