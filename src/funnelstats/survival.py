"""Competing risks: what share of deals is won by a time, when others are lost and some are still undecided.

The Aalen-Johansen estimator. With w_j deals won and l_j lost on day t_j and n_j at risk just before:

    S(t)     = prod over t_j <= t of (1 - (w_j + l_j) / n_j)
    CIF_w(t) = sum over t_j <= t of S(t_j-) * w_j / n_j          (and CIF_l likewise)

and CIF_w + CIF_l + S = 1 at every t. Never 1 - Kaplan-Meier with losses as censored: that overstates.
The variance is the delta method's (Marubini and Valsecchi, Analysing Survival Data, 1995, section 10.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = Sequence[float] | NDArray[Any]


@dataclass(frozen=True, slots=True)
class CompetingRisks:
    """Curves over distinct times, ascending; all arrays have one entry per time.

    `at_risk` counts deals just before each time; `survival` is the share still undecided after it; `won` and `lost`
    are cumulative incidences; `won_se` is the standard error of `won`, `survival_se` that of `survival` (Greenwood).
    """

    times: Floats
    at_risk: Floats
    survival: Floats
    won: Floats
    lost: Floats
    won_se: Floats
    survival_se: Floats

    def position(self, time: float) -> int | None:
        """Index of the last time not after `time`; None before the first."""
        index = int(np.searchsorted(self.times, time, side="right")) - 1
        return index if index >= 0 else None

    def won_by(self, time: float) -> float:
        """Share won by `time`; 0 before the first observation."""
        index = self.position(time)
        return float(self.won[index]) if index is not None else 0.0

    def undecided_at(self, time: float) -> float:
        """Share still undecided after `time`; 1 before the first observation."""
        index = self.position(time)
        return float(self.survival[index]) if index is not None else 1.0

    def mean_within(self, time: float) -> float:
        """Mean time until decided or until `time`, whichever comes first: the area under the survival curve (RMST)."""
        inside = self.times < time
        ends = np.concatenate(([0.0], self.times[inside], [time]))
        return float(np.diff(ends) @ np.concatenate(([1.0], self.survival[inside])))


def curves_of(rows: Iterable[Sequence[float]]) -> CompetingRisks:
    """Estimate the curves from rows (days, won, lost, undecided), or with a fifth column: late entries."""
    table = rows_of_numbers(rows, least=4)
    return competing_risks(*table.T)


def rows_of_numbers(rows: Iterable[Sequence[float]], *, least: int) -> Floats:
    """Rows as a table of floats, also where there are none."""
    found = [tuple(row) for row in rows]
    return np.asarray(found, dtype=float) if found else np.empty((0, least))


def competing_risks(
    times: Numbers,
    won: Numbers,
    lost: Numbers,
    undecided: Numbers,
    late_entries: Numbers | None = None,
) -> CompetingRisks:
    """Estimate the curves from counts per time.

    `times` are ages in any unit, `won`, `lost` and `undecided` how many deals left observation at that age and how.
    `late_entries` counts deals whose observation only began at that age (left truncation: a deal imported in the
    middle of its life is at risk after that age, not before). Ties are exact: deals that leave undecided on the day
    of an event count as at risk for it. Raises ValueError for counts of unequal length or negative counts.
    """
    t = np.asarray(times, dtype=float)
    late_counts = np.zeros_like(t) if late_entries is None else late_entries
    counts = [np.asarray(x, dtype=float) for x in (won, lost, undecided, late_counts)]
    if any(len(x) != len(t) for x in counts):
        raise ValueError("times and counts must have the same length")
    if any((x < 0).any() for x in counts):
        raise ValueError("counts cannot be negative")
    unique, where = np.unique(t, return_inverse=True)
    w, l, c, late = (_per_time(where, x, len(unique)) for x in counts)  # noqa: E741
    leaving = w + l + c
    at_risk = leaving.sum() - late.sum() + _sum_before(late) - _sum_before(leaving)
    keep = at_risk > 0
    unique, w, l, at_risk = unique[keep], w[keep], l[keep], at_risk[keep]  # noqa: E741

    survival = np.cumprod(1 - (w + l) / at_risk)
    before = np.concatenate(([1.0], survival))[:-1]
    cif_won = np.cumsum(before * w / at_risk)
    cif_lost = np.cumsum(before * l / at_risk)
    return CompetingRisks(
        times=unique,
        at_risk=at_risk,
        survival=survival,
        won=cif_won,
        lost=cif_lost,
        won_se=_standard_error(cif_won, before, w, w + l, at_risk),
        survival_se=survival * np.sqrt(np.cumsum(_greenwood(w + l, at_risk))),
    )


def _per_time(where: NDArray[np.intp], counts: Floats, size: int) -> Floats:
    """Counts added up per distinct time."""
    return np.bincount(where, weights=counts, minlength=size).astype(np.float64)


def _sum_before(counts: Floats) -> Floats:
    """Running sum of everything before each place."""
    return np.cumsum(counts) - counts


def _greenwood(events: Floats, at_risk: Floats) -> Floats:
    """Greenwood's terms d / (n (n - d)); left out where everybody left."""
    everybody_left = at_risk <= events
    terms: Floats = np.where(everybody_left, 0.0, events / np.where(everybody_left, 1.0, at_risk * (at_risk - events)))
    return terms


def _standard_error(incidence: Floats, before: Floats, cause: Floats, events: Floats, at_risk: Floats) -> Floats:
    """Delta-method standard error of a cumulative incidence, in one pass of running sums.

    Var I(t) = sum (I(t) - I_j)^2 d_j / (n_j (n_j - d_j)) + sum S_j^2 (n_j - c_j) c_j / n_j^3
               - 2 sum (I(t) - I_j) S_j c_j / n_j^2,   over t_j <= t, with S_j the survival just before t_j.
    Where everybody left (n_j = d_j) the first term's weight is undefined and multiplies zero at t_j; it is left out.
    """
    first = _greenwood(events, at_risk)
    third = before * cause / at_risk**2
    variance = (
        incidence**2 * np.cumsum(first)
        - 2 * incidence * np.cumsum(incidence * first)
        + np.cumsum(incidence**2 * first)
        + np.cumsum(before**2 * (at_risk - cause) * cause / at_risk**3)
        - 2 * (incidence * np.cumsum(third) - np.cumsum(incidence * third))
    )
    error: Floats = np.sqrt(np.maximum(variance, 0.0))
    return error
