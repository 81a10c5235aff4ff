"""Win rates from history, with their uncertainty.

The official figure is the cumulative incidence of winning (competing risks): undecided deals count as undecided, not
as lost, and not left out. The closed rate, won / (won + lost), stands beside it under its own name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from funnelstats.survival import CompetingRisks, competing_risks

CONFIDENCE = 0.90
LONGEST_HORIZON_DAYS = 730
FEWEST_OBSERVED = 20
FEWEST_DECIDED = 10
AT_RISK_AT_HORIZON = 20


@dataclass(frozen=True, slots=True)
class WinRate:
    """How often deals like these are won.

    `value`, `low` and `high` are shares between 0 and 1 (None when history is too short, see `is_enough`);
    `undecided` is the share still open at `horizon_days`; `n` counts deals observed, `won` and `lost` those decided;
    `closed` is the plain won / (won + lost).
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    won: int
    lost: int
    undecided: float | None
    horizon_days: int | None

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
    years. None when no age has enough.
    """
    if not len(curves.times):
        return None
    enough = min(AT_RISK_AT_HORIZON, max(5.0, curves.at_risk[0] / 10))
    usable = curves.times[(curves.at_risk >= enough) & (curves.times <= LONGEST_HORIZON_DAYS)]
    return int(usable[-1]) if len(usable) else None


def win_rate(counts: Iterable[tuple[int, int, int, int]]) -> WinRate:
    """Infer the win rate from rows (days, won, lost, undecided), one per age in whole days."""
    rows = np.asarray(list(counts), dtype=float).reshape(-1, 4)
    won, lost = int(rows[:, 1].sum()), int(rows[:, 2].sum())
    n = int(rows[:, 1:].sum())
    curves = competing_risks(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3])
    at = horizon(curves)
    if n < FEWEST_OBSERVED or won + lost < FEWEST_DECIDED or at is None:
        return WinRate(None, None, None, n, won, lost, None, None)
    index = curves.position(at)
    if index is None:
        raise AssertionError("the horizon is one of the observed times")
    value, error = float(curves.won[index]), float(curves.won_se[index])
    low, high = interval(value, error, won=won, lost=lost)
    return WinRate(value, low, high, n, won, lost, float(curves.survival[index]), at)


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


def stage_win_rates(rows: Iterable[tuple[Hashable, int, int, int, int]]) -> dict[Hashable, WinRate]:
    """Win rate per stage from the rows of `stage_outcomes.sql`: (stage, days, won, lost, undecided)."""
    grouped: dict[Hashable, list[tuple[int, int, int, int]]] = defaultdict(list)
    for stage, *counts in rows:
        grouped[stage].append((counts[0], counts[1], counts[2], counts[3]))
    return {stage: win_rate(counts) for stage, counts in grouped.items()}
