"""What reps write down about their deals: expected dates that are pushed, amounts that change, probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from funnelstats.simulation.company import Company
from funnelstats.simulation.deals import OPEN, Deals
from funnelstats.simulation.life import Moves

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_PUSHES = 8
OPTIMISM, OPTIMISM_SD, DOUBT_SD, INSIGHT = 0.3, 0.5, 0.7, 0.7


@dataclass(frozen=True, slots=True)
class Notes:
    """One entry per change written down; `move` says during which move (its place in `Moves`) it was."""

    deal: Ints
    day: Ints
    move: Ints
    amount: Floats
    expected: Ints
    probability: Floats


def take_notes(
    companies: Sequence[Company],
    deals: Deals,
    moves: Moves,
    length: int,
    random: np.random.Generator,
) -> Notes:
    """Write down every move, and every push of the expected date in between, with what the rep then believed."""
    first = np.searchsorted(moves.deal, np.arange(len(deals.company)))
    cycle = np.array([sum(1 / (a + b) for a, b in zip(one.advance, one.lose, strict=True)) for one in companies])
    hope = np.exp(0.4 * random.standard_normal(len(deals.company))) * cycle[deals.company]
    expected = moves.day[first] + np.maximum(hope, 3).astype(np.int64)
    ends = np.full(len(deals.company), length)
    closes = moves.state != OPEN
    ends[moves.deal[closes]] = moves.day[closes]
    pushed_deal, pushed_day, pushed_to = _pushes(expected, ends, random)

    key = moves.deal * (length + 1) + moves.day
    during = np.searchsorted(key, pushed_deal * (length + 1) + pushed_day, side="right") - 1
    deal = np.concatenate([moves.deal, pushed_deal])
    day = np.concatenate([moves.day, pushed_day])
    move = np.concatenate([np.arange(len(moves.deal)), during])
    is_push = np.arange(len(deal)) >= len(moves.deal)
    given = np.concatenate(
        [np.where(np.arange(len(moves.deal)) == first[moves.deal], expected[moves.deal], -1), pushed_to]
    )
    order = np.lexsort((is_push, day, deal))
    deal, day, move, given = deal[order], day[order], move[order], given[order]
    # The last date given is the one that stands; every deal's first row gives one.
    last_given = np.maximum.accumulate(np.where(given >= 0, np.arange(len(given)), 0))
    return Notes(
        deal=deal, day=day, move=move,
        amount=_amounts(companies, deals, moves, random)[move],
        expected=given[last_given],
        probability=_believed(companies, deals, deal, moves.stage[move], random),
    )  # fmt: skip


def _pushes(expected: Ints, ends: Ints, random: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Deal, day and new date of each push: an expected day that passes is put off, the first times by little."""
    deal, due = np.arange(len(expected)), expected
    found = []
    for _ in range(MOST_PUSHES):
        is_late = due + 1 < ends[deal]
        deal, day = deal[is_late], due[is_late] + 1
        due = day + 7 + random.exponential(30, len(deal)).astype(np.int64)
        found.append((deal, day, due))
    deals, days, dues = (np.concatenate(column) for column in zip(*found, strict=True))
    return deals, days, dues


def _amounts(companies: Sequence[Company], deals: Deals, moves: Moves, random: np.random.Generator) -> Floats:
    """Amount at each move: the first guess until the proposal (the middle stage), then a revised one."""
    middle = np.array([one.stages // 2 for one in companies])[deals.company]
    proposed = np.full(len(middle), np.iinfo(np.int64).max)
    reaches = moves.stage >= middle[moves.deal]
    np.minimum.at(proposed, moves.deal[reaches], moves.day[reaches])
    factor = np.exp(-0.03 + 0.2 * random.standard_normal(len(middle)))
    revised = np.round(deals.amount * factor, -2) + 100
    return np.where(moves.day >= proposed[moves.deal], revised[moves.deal], deals.amount[moves.deal])


def _believed(
    companies: Sequence[Company], deals: Deals, deal: Ints, stage: Ints, random: np.random.Generator
) -> Floats:
    """Return the rep's own probability: the stage's, what the rep sees of the deal's strength, optimism and doubt."""
    most = max(one.stages for one in companies)
    chance = np.full((len(companies), most), 0.5)
    for place, one in enumerate(companies):
        passing = np.array(one.advance) / (np.array(one.advance) + np.array(one.lose))
        chance[place, : one.stages] = np.cumprod(passing[::-1])[::-1]
    reps = max(len(one.skills) for one in companies)
    optimism = OPTIMISM_SD * random.standard_normal((len(companies), reps)) + OPTIMISM
    company = deals.company[deal]
    logit = special.logit(chance)[company, stage] + INSIGHT * deals.strength[deal] + optimism[company, deals.rep[deal]]
    return np.round(special.expit(logit + DOUBT_SD * random.standard_normal(len(deal))), 2)
