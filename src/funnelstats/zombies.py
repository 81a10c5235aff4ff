"""Zombies: deals left open longer than nearly all that were ever won took. They tell about housekeeping, not selling.

An estimator of win rates takes it that what is still open will fare like the rest (independent censoring). A deal that
somebody forgot to close will not. Zombies are therefore flagged, with their share and with the win rate as it would be
if they were lost, and as it would be without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from funnelstats.survival import Floats, curves_of, rows_of_numbers
from funnelstats.winrates import Moment, WinRate, horizon, win_rate

NEARLY_ALL = 0.99
FEWEST_WON = 20


@dataclass(frozen=True, slots=True)
class Zombies:
    """Deals open for more than `limit_days` (None: too few wins to say): how many, and their share of all undecided.

    `if_lost` and `if_left_out` are the win rate under either reading; the official one lies between or near them.
    """

    limit_days: int | None
    count: int
    share: float | None
    official: WinRate
    if_lost: WinRate
    if_left_out: WinRate
    as_of: Moment | None = None


def zombies(counts: Iterable[Sequence[float]], *, as_of: Moment | None = None) -> Zombies:
    """Find zombies among rows (days, won, lost, undecided[, late]) since opening."""
    rows = rows_of_numbers(counts, least=4)
    official, limit = win_rate(rows, as_of=as_of), limit_days(rows)
    undecided = float(rows[:, 3].sum())
    count = int(rows[rows[:, 0] > limit, 3].sum()) if limit is not None else 0
    return Zombies(
        limit_days=limit,
        count=count,
        share=count / undecided if undecided else None,
        official=official,
        if_lost=win_rate(settled(rows, limit, as_lost=True), as_of=as_of),
        if_left_out=win_rate(settled(rows, limit, as_lost=False), as_of=as_of),
        as_of=as_of,
    )


def limit_days(rows: Floats) -> int | None:
    """Age by which 99 % of all wins have come, open deals taken into account; None with fewer than twenty wins."""
    curves = curves_of(rows)
    at = horizon(curves)
    if rows[:, 1].sum() < FEWEST_WON or at is None:
        return None
    reached = curves.won >= NEARLY_ALL * curves.won_by(at) - 1e-12
    return int(curves.times[np.argmax(reached)])


def settled(rows: Floats, limit: int | None, *, as_lost: bool) -> Floats:
    """Rows with zombies as lost, or without them."""
    if limit is None:
        return rows
    found = rows.copy()
    old = found[:, 0] > limit
    if as_lost:
        found[old, 2] += found[old, 3]
    found[old, 3] = 0
    return found
