"""What would be found if one could watch forever: the win rates that a company's habits amount to in the long run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnelstats.simulation.calendar import days_of
from funnelstats.simulation.company import Company
from funnelstats.simulation.deals import WON, draw_deals
from funnelstats.simulation.life import live

YEAR, LONGEST = 365, 1095


@dataclass(frozen=True, slots=True)
class LongRun:
    """Entries into one stage (or deals of one rep), followed to their end: how many, and the ages of those that won."""

    entries: int
    won_at: NDArray[np.int64]

    def won_within(self, days: float) -> float:
        """Share won within so many days of the entry."""
        return float(np.searchsorted(self.won_at, days, side="right") / self.entries)


def long_run(
    companies: Sequence[Company], *, copies: int, seed: int
) -> tuple[dict[tuple[int, int], LongRun], dict[tuple[int, int], LongRun]]:
    """Let each company live so many times over, each time in another market; follow a year's deals for three years.

    An even number of copies goes through as many good markets as bad ones. Returns the long run by (company, stage),
    from the first entry into the stage, and by (company, rep), from opening.
    """
    random = np.random.default_rng(seed)
    many = [company for company in companies for _ in range(copies)]
    calendar = days_of(dt.date(2001, 1, 1), YEAR + LONGEST)
    sd = np.array([company.market_sd for company in many])
    market = random.standard_normal((len(many), calendar.quarters))
    # Every second copy lives in the opposite market of the one before, so that the markets' luck cancels out.
    market[1::2] = -market[: len(many) - 1 : 2]
    market *= sd[:, None]
    deals = draw_deals(many, calendar, random, until=YEAR)
    moves = live(many, calendar, market, deals, random)
    won_on = np.full(len(deals.company), -1)
    wins = moves.state == WON
    won_on[moves.deal[wins]] = moves.day[wins]

    most = max(company.stages for company in companies)
    entered = moves.state != WON
    key = moves.deal[entered] * most + moves.stage[entered]
    first, place = np.unique(key, return_index=True)
    deal, stage, day = first // most, first % most, moves.day[entered][place]
    by_stage = _grouped(deals.company[deal] // copies, stage, won_on[deal], day)
    by_rep = _grouped(deals.company // copies, deals.rep, won_on, deals.opened)
    return by_stage, by_rep


def _grouped(
    company: NDArray[np.int64], part: NDArray[np.int64], won_on: NDArray[np.int64], since: NDArray[np.int64]
) -> dict[tuple[int, int], LongRun]:
    width = int(part.max()) + 1
    key = company * width + part
    order = np.lexsort((won_on - since, key))
    kinds, starts = np.unique(key[order], return_index=True)
    found = {}
    for kind, rows in zip(kinds, np.split(order, starts[1:]), strict=True):
        won = won_on[rows] >= 0
        found[int(kind // width), int(kind % width)] = LongRun(len(rows), (won_on[rows] - since[rows])[won])
    return found
