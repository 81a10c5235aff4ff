"""Win rates from history, with their uncertainty.

The official figure is the cumulative incidence of winning (competing risks): undecided deals count as undecided, not
as lost, and not left out. The closed rate, won / (won + lost), stands beside it under its own name.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from funnelstats.survival import CompetingRisks, curves_of, rows_of_numbers

Moment = dt.date | dt.datetime

CONFIDENCE = 0.90
LONGEST_HORIZON_DAYS = 730
FEWEST_OBSERVED = 20
FEWEST_DECIDED = 10
AT_RISK_AT_HORIZON = 20
FEWEST_AT_RISK = 5.0


@dataclass(frozen=True, slots=True)
class WinRate:
    """How often deals like these are won.

    `value`, `low` and `high` are shares between 0 and 1 (None when history is too short, see `is_enough`);
    `undecided` is the share still open at `horizon_days`; `n` counts deals observed, `won` and `lost` those decided;
    `closed` is the plain won / (won + lost); `as_of` the moment the rows speak of, where the caller said it.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    won: int
    lost: int
    undecided: float | None
    horizon_days: int | None
    as_of: Moment | None = None

    @property
    def is_enough(self) -> bool:
        """Whether history sufficed for a figure."""
        return self.value is not None

    @property
    def closed(self) -> float | None:
        """Won / (won + lost) among closed deals: over-weights fast outcomes; None when nothing was closed."""
        decided = self.won + self.lost
        return self.won / decided if decided else None


def horizon(curves: CompetingRisks) -> int | None:
    """Return the age in days at which the win rate is read: the last with enough deals still at risk.

    Enough is twenty, or a tenth of the deals (at least five) where there are fewer than two hundred; never beyond two
    years. None when no age has enough. Where observation begins late so few may be at risk early that one decision
    moves everything; what follows such an age says nothing either.
    """
    if not len(curves.times):
        return None
    enough = min(AT_RISK_AT_HORIZON, max(FEWEST_AT_RISK, curves.at_risk.max() / 10))
    decided = np.diff(curves.survival, prepend=1.0) < 0
    thin = decided & (curves.at_risk < FEWEST_AT_RISK)
    usable = (curves.at_risk >= enough) & (curves.times <= LONGEST_HORIZON_DAYS) & ~np.maximum.accumulate(thin)
    return int(curves.times[usable][-1]) if usable.any() else None


def win_rate(counts: Iterable[Sequence[float]], *, as_of: Moment | None = None) -> WinRate:
    """Infer the win rate from rows (days, won, lost, undecided[, late entries]), one per age in whole days."""
    rows = rows_of_numbers(counts, least=4)
    won, lost, n = int(rows[:, 1].sum()), int(rows[:, 2].sum()), int(rows[:, 1:4].sum())
    curves = curves_of(rows)
    at = horizon(curves)
    if n < FEWEST_OBSERVED or won + lost < FEWEST_DECIDED or at is None:
        return WinRate(None, None, None, n, won, lost, None, None, as_of)
    value, low, high, undecided = incidence_at(curves, at, won=won, lost=lost)
    return WinRate(value, low, high, n, won, lost, undecided, at, as_of)


def incidence_at(curves: CompetingRisks, days: float, *, won: int, lost: int) -> tuple[float, float, float, float]:
    """Share won by an age with its 90 % interval, and the share undecided at it."""
    index = curves.position(days)
    if index is None:
        return 0.0, 0.0, 1.0, 1.0
    value = float(curves.won[index])
    low, high = interval(value, float(curves.won_se[index]), won=won, lost=lost)
    return value, low, high, float(curves.survival[index])


def interval(value: float, error: float, *, won: int, lost: int) -> tuple[float, float]:
    """90 % interval of a cumulative incidence on the complementary log-log scale, which stays between 0 and 1.

    Where nothing or everything was won the estimated error is zero and would claim certainty; the Jeffreys interval
    of the decided deals says what so few deals can say.
    """
    tail = (1 - CONFIDENCE) / 2
    if not 0 < value < 1 or error == 0:
        decided = stats.beta(won + 0.5, lost + 0.5)
        return (0.0 if won == 0 else float(decided.ppf(tail))), (1.0 if lost == 0 else float(decided.ppf(1 - tail)))
    spread = stats.norm.ppf(1 - tail) * error / (value * abs(np.log(value)))
    return float(value ** np.exp(spread)), float(value ** np.exp(-spread))


def stage_win_rates(rows: Iterable[Sequence[Any]], *, as_of: Moment | None = None) -> dict[Hashable, WinRate]:
    """Win rate per stage from the rows of `stage_outcomes.sql`: (stage, days, won, lost, undecided, late)."""
    return {stage: win_rate(counts, as_of=as_of) for stage, counts in grouped(rows).items()}


def grouped(rows: Iterable[Sequence[Any]], *, columns: int = 1) -> dict[Any, list[Sequence[float]]]:
    """Rows by their first column (or by a tuple of the first few), without it."""
    found: dict[Any, list[Sequence[float]]] = defaultdict(list)
    for row in rows:
        found[row[0] if columns == 1 else tuple(row[:columns])].append(row[columns:])
    return dict(found)
