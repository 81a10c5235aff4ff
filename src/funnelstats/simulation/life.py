"""How deals move through stages: competing hazards that change with the market, the season and their own age.

Hazards are constant between the moments at which one of those changes, so that the days until the next move can be
drawn at once: all open deals take one such step together, and the steps are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnelstats.simulation.calendar import Days
from funnelstats.simulation.company import Company
from funnelstats.simulation.deals import LOST, OPEN, WON, Deals

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Moves:
    """One entry per opening and move, in the order of deals and days; `state` is 0 open, 1 won, 2 lost."""

    deal: Ints
    day: Ints
    stage: Ints
    state: Ints


@dataclass(frozen=True, slots=True)
class _Habits:
    """Companies' hazards as tables, so that many companies' deals can step together."""

    advance: Floats
    lose: Floats
    back: Floats
    skip: Floats
    last: Ints
    stale_after: Ints
    stale_factor: Floats
    quarter_end: Floats


def live(
    companies: Sequence[Company],
    calendar: Days,
    market: Floats,
    deals: Deals,
    random: np.random.Generator,
) -> Moves:
    """Move all deals from their opening to their end, or to the end of the calendar."""
    habits = _habits(companies)
    end = len(calendar.quarter) - 1
    deal = np.nonzero(deals.opened <= end)[0]
    now, stage, entered = deals.opened[deal], np.zeros(len(deal), dtype=np.int64), deals.opened[deal]
    found = [(deal, now, stage, np.zeros(len(deal), dtype=np.int64))]
    while True:
        alive = now < end
        deal, now, stage, entered = deal[alive], now[alive], stage[alive], entered[alive]
        if not len(deal):
            break
        who, next_day = deals.company[deal], now + 1
        is_stale = now - entered >= habits.stale_after[who]
        until = calendar.same_until[next_day]
        until = np.where(is_stale, until, np.minimum(until, entered + habits.stale_after[who]))
        half = np.exp((deals.strength[deal] + market[who, calendar.quarter[next_day]]) / 2)
        advance = habits.advance[who, stage] * half * np.where(is_stale, habits.stale_factor[who], 1.0)
        is_last = stage == habits.last[who]
        advance *= np.where(is_last & calendar.is_end[next_day], habits.quarter_end[who], 1.0)
        lose = habits.lose[who, stage] / half
        total = advance + lose + np.where(stage > 0, habits.back[who], 0.0)
        then = now + np.ceil(random.exponential(size=len(deal)) / total).astype(np.int64)
        moves = then <= until
        now = np.where(moves, then, until)
        lot = random.random(len(deal)) * total
        skips = (random.random(len(deal)) < habits.skip[who]) & (stage + 2 <= habits.last[who])
        wins, loses = moves & (lot < advance) & is_last, moves & (lot >= advance) & (lot < advance + lose)
        step = np.where(lot < advance, np.where(skips, 2, 1), -1)
        stage = np.where(moves & ~wins & ~loses, stage + step, stage)
        entered = np.where(moves, now, entered)
        state = np.where(wins, WON, np.where(loses, LOST, OPEN))
        found.append((deal[moves], now[moves], stage[moves], state[moves]))
        stays = state == OPEN
        deal, now, stage, entered = deal[stays], now[stays], stage[stays], entered[stays]
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    return Moves(*(column[order] for column in columns))


def _habits(companies: Sequence[Company]) -> _Habits:
    most = max(company.stages for company in companies)

    def table(rows: list[tuple[float, ...]]) -> Floats:
        return np.array([[*row, *[0.0] * (most - len(row))] for row in rows])

    return _Habits(
        advance=table([one.advance for one in companies]),
        lose=table([one.lose for one in companies]),
        back=np.array([one.back for one in companies]),
        skip=np.array([one.skip for one in companies]),
        last=np.array([one.stages - 1 for one in companies]),
        stale_after=np.array([one.stale_after for one in companies]),
        stale_factor=np.array([one.stale_factor for one in companies]),
        quarter_end=np.array([one.quarter_end for one in companies]),
    )
