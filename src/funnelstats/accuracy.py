"""How good forecasts were: WAPE, bias, pinball loss, CRPS, interval coverage, and a rep's own bias, shrunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
