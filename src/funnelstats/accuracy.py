"""How good forecasts were: WAPE, bias, pinball loss, CRPS, interval coverage, and a rep's own bias, shrunk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Numbers = Sequence[float] | NDArray[Any]
BIAS_LIMITS = (0.5, 1.5)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Forecasts against what happened, over `n` periods.

    `wape` = sum |F - A| / sum |A| and `bias` = sum (F - A) / sum A are None when nothing happened at all: a share of
    nothing is not zero. Errors are summed before dividing, so that a period without business does no harm.
    """

    n: int
    wape: float | None
    bias: float | None


def accuracy(forecasts: Numbers, actuals: Numbers) -> Accuracy:
    """Compare forecasts with actuals, in any one unit. Raises ValueError for unequal lengths."""
    f, a = np.asarray(forecasts, dtype=float), np.asarray(actuals, dtype=float)
    if len(f) != len(a):
        raise ValueError("one actual per forecast is needed")
    volume, total = float(np.abs(a).sum()), float(a.sum())
    return Accuracy(
        n=len(f),
        wape=float(np.abs(f - a).sum()) / volume if volume else None,
        bias=float((f - a).sum()) / total if total else None,
    )


def pinball(actual: float, quantile_value: float, share: float) -> float:
    """Loss of a forecast quantile: max(t (y - q), (t - 1)(y - q)) for share t."""
    return max(share * (actual - quantile_value), (share - 1) * (actual - quantile_value))


def crps_normal(mean: float, sd: float, actual: float) -> float:
    """Continuous ranked probability score of a normal forecast, in the unit of the amounts (0 is perfect)."""
    z = (actual - mean) / sd
    return float(sd * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi)))


def crps_sample(sample: Numbers, actual: float, *, fair: bool = False) -> float:
    """CRPS of a forecast given as draws: mean |X - y| - mean |X - X'| / 2.

    `fair` divides the second term by m (m - 1) instead of m^2, which does not punish a small sample.
    """
    x = np.sort(np.asarray(sample, dtype=float))
    m = len(x)
    # sum over pairs |x_i - x_j| of sorted draws in one pass
    pairs = 2 * float(np.sum(x * (2 * np.arange(1, m + 1) - m - 1)))
    return float(np.mean(np.abs(x - actual)) - pairs / (2 * m * ((m - 1) if fair else m)))


def coverage(lows: Numbers, highs: Numbers, actuals: Numbers) -> float | None:
    """Share of periods whose actual lay within its interval; None without periods."""
    low, high, a = (np.asarray(x, dtype=float) for x in (lows, highs, actuals))
    return float(np.mean((low <= a) & (a <= high))) if len(a) else None


def rep_bias(forecasts: Numbers, actuals: Numbers, *, team_ratio: float, strength: float = 4.0) -> float:
    """What a rep's forecast is worth: actual / forecast, shrunk to the team's ratio, kept within 0.5 and 1.5.

    b = (sum A + k b0 F) / (sum F + k F) with F the mean forecast, b0 the team's ratio, k periods of strength.
    A rep without forecasts gets the team's ratio.
    """
    f, a = np.asarray(forecasts, dtype=float), np.asarray(actuals, dtype=float)
    if not len(f) or not f.sum():
        return team_ratio
    weight = strength * float(f.mean())
    ratio = (float(a.sum()) + team_ratio * weight) / (float(f.sum()) + weight)
    return min(max(ratio, BIAS_LIMITS[0]), BIAS_LIMITS[1])


@dataclass(frozen=True, slots=True)
class LeadAccuracy:
    """How good forecasts were `lead` weeks ahead, over `accuracy.n` periods.

    `loss` is the mean pinball loss over the quantiles given (half the CRPS on a fine grid), `coverage` the share of
    periods within the outer quantiles, `skill` = 1 - loss of the points / loss of each reference's points.
    """

    lead: int
    accuracy: Accuracy
    loss: float | None
    coverage: float | None
    skill: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Forecast:
    """One forecast of one period: its point, its quantiles {share: amount}, what came, and what others had said."""

    lead: int
    point: float
    actual: float
    quantiles: Mapping[float, float] = field(default_factory=dict)
    references: Mapping[str, float] = field(default_factory=dict)


def by_lead(forecasts: Iterable[Forecast]) -> tuple[LeadAccuracy, ...]:
    """Accuracy by lead time, the longest first: errors should narrow as the period ends.

    `references` (the same quarter last year, pacing, the weighted pipeline) are compared on the periods that have them.
    """
    leads: dict[int, list[Forecast]] = {}
    for one in forecasts:
        leads.setdefault(one.lead, []).append(one)
    return tuple(_at_lead(lead, leads[lead]) for lead in sorted(leads, reverse=True))


def _at_lead(lead: int, found: list[Forecast]) -> LeadAccuracy:
    losses = [pinball(one.actual, amount, share) for one in found for share, amount in one.quantiles.items()]
    ranged = [one for one in found if len(one.quantiles) > 1]
    names = sorted({name for one in found for name in one.references})
    return LeadAccuracy(
        lead=lead,
        accuracy=accuracy([one.point for one in found], [one.actual for one in found]),
        loss=float(np.mean(losses)) if losses else None,
        coverage=coverage(
            [one.quantiles[min(one.quantiles)] for one in ranged],
            [one.quantiles[max(one.quantiles)] for one in ranged],
            [one.actual for one in ranged],
        ),
        skill={name: _skill([one for one in found if name in one.references], name) for name in names},
    )


def _skill(found: list[Forecast], name: str) -> float | None:
    theirs = sum(abs(one.references[name] - one.actual) for one in found)
    return 1 - sum(abs(one.point - one.actual) for one in found) / theirs if theirs else None


def blend(own: Numbers, model: Numbers, actuals: Numbers, *, fewest: int = 6) -> float:
    """Weight of a rep's own (corrected) forecast beside the model's: by inverse mean squared error.

    One half with fewer than `fewest` periods, or where both were always right.
    """
    o, m, a = (np.asarray(x, dtype=float) for x in (own, model, actuals))
    if len(a) < fewest:
        return 0.5
    of_own, of_model = float(np.mean((o - a) ** 2)), float(np.mean((m - a) ** 2))
    return of_model / (of_own + of_model) if of_own + of_model else 0.5
