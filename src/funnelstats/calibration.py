"""Are probabilities worth what they say? Brier score with its decomposition, calibration error, isotonic fit.

Brier score BS = mean((f - o)^2) = reliability - resolution + uncertainty (Murphy 1973), exact where all forecasts in
a bin are equal; forecasts are therefore grouped by value here, not by range.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

CLIP = 0.01
ALARM = 2.5
Numbers = Sequence[float] | NDArray[Any]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How good probabilities are; `n` forecasts.

    `brier` is the mean squared error (0 is perfect); `reliability` the cost of wrong probabilities, `resolution` the
    gain from telling deals apart, `uncertainty` what nobody can know; `skill` = 1 - brier / uncertainty (None when
    all outcomes are alike); `expected_error` the mean distance between forecast and frequency; `log_loss` with
    forecasts clipped to [0.01, 0.99].
    """

    n: int
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    skill: float | None
    expected_error: float
    log_loss: float


def assess(forecasts: Numbers, outcomes: Numbers) -> Calibration:
    """Compare probabilities with outcomes (0 or 1). Raises ValueError when they are empty or of unequal length."""
    f, o = np.asarray(forecasts, dtype=float), np.asarray(outcomes, dtype=float)
    if len(f) == 0 or len(f) != len(o):
        raise ValueError("one outcome per forecast is needed, and at least one")
    values, where = np.unique(f, return_inverse=True)
    size = np.bincount(where).astype(float)
    frequency = np.bincount(where, weights=o) / size
    base = float(o.mean())
    brier = float(np.mean((f - o) ** 2))
    uncertainty = base * (1 - base)
    clipped = np.clip(f, CLIP, 1 - CLIP)
    return Calibration(
        n=len(f),
        brier=brier,
        reliability=float(np.sum(size * (values - frequency) ** 2) / len(f)),
        resolution=float(np.sum(size * (frequency - base) ** 2) / len(f)),
        uncertainty=uncertainty,
        skill=1 - brier / uncertainty if uncertainty else None,
        expected_error=float(np.sum(size * np.abs(values - frequency)) / len(f)),
        log_loss=float(-np.mean(o * np.log(clipped) + (1 - o) * np.log(1 - clipped))),
    )


def isotonic(values: Numbers, weights: Numbers | None = None) -> NDArray[np.float64]:
    """Return the non-decreasing sequence nearest to `values` in weighted squares (pool adjacent violators)."""
    blocks: list[list[float]] = []
    sizes: list[int] = []
    for value, weight in zip(values, np.ones(len(values)) if weights is None else weights, strict=True):
        blocks.append([float(value) * float(weight), float(weight)])
        sizes.append(1)
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            total, mass = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += mass
            merged = sizes.pop()
            sizes[-1] += merged
    return np.repeat([total / mass for total, mass in blocks], sizes)


def drift(probabilities: Numbers, outcomes: Numbers) -> float | None:
    """Calibration in the large: z = (sum o - sum p) / sqrt(sum p (1 - p)), standard normal when probabilities hold.

    None when every probability is 0 or 1, which leaves nothing to compare with.
    """
    p, o = np.asarray(probabilities, dtype=float), np.asarray(outcomes, dtype=float)
    variance = float(np.sum(p * (1 - p)))
    return float((o.sum() - p.sum()) / np.sqrt(variance)) if variance else None


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts alike: how many, their mean, how often it came true, and the 90 % interval (Jeffreys) of that."""

    n: int
    forecast: float
    frequency: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """How good probabilities of any value are, told in bins of as many forecasts each.

    brier = reliability - resolution + uncertainty + within, exactly: `within` is what forecasts vary inside their
    bins, less what that variation foretells (Stephenson, Coelho and Jolliffe, Weather and Forecasting 23, 2008).
    `expected_error` is the mean distance of forecast and frequency over the bins; it is never zero, not even for
    perfect probabilities: with as many forecasts those would show `null_error` (median; `null_error_high` in one of
    twenty cases).
    """

    n: int
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    skill: float | None
    log_loss: float
    expected_error: float
    null_error: float
    null_error_high: float
    bins: tuple[Bin, ...]

    @property
    def is_honest(self) -> bool:
        """Whether the distance is no larger than what perfect probabilities show in nineteen of twenty cases."""
        return self.expected_error <= self.null_error_high


def assess_in_bins(forecasts: Numbers, outcomes: Numbers, *, bins: int = 10, draws: int = 400) -> Reliability:
    """Compare probabilities with outcomes in bins of about as many forecasts each; independent forecasts only.

    Equal forecasts stay in one bin. The null error is drawn with a fixed seed. Raises ValueError when they are empty or
    of unequal length.
    """
    f, o = np.asarray(forecasts, dtype=float), np.asarray(outcomes, dtype=float)
    if len(f) == 0 or len(f) != len(o):
        raise ValueError("one outcome per forecast is needed, and at least one")
    borders = np.unique(np.quantile(f, np.linspace(0, 1, bins + 1)[1:-1]))
    where = np.searchsorted(borders, f, side="left")
    _, where = np.unique(where, return_inverse=True)
    size = np.bincount(where).astype(float)
    mean, frequency = np.bincount(where, f) / size, np.bincount(where, o) / size
    base, brier = float(o.mean()), float(np.mean((f - o) ** 2))
    reliability = float(size @ (mean - frequency) ** 2 / len(f))
    resolution = float(size @ (frequency - base) ** 2 / len(f))
    deviation = f - mean[where]
    within = float(np.mean(deviation**2) - 2 * np.mean(deviation * (o - frequency[where])))
    random = np.random.default_rng(1)
    perfect = [
        float(np.abs(np.bincount(where, random.random(len(f)) < f) - size * mean).sum() / len(f)) for _ in range(draws)
    ]
    clipped = np.clip(f, CLIP, 1 - CLIP)
    return Reliability(
        n=len(f),
        brier=brier,
        reliability=reliability,
        resolution=resolution,
        uncertainty=base * (1 - base),
        within=within,
        skill=1 - brier / (base * (1 - base)) if 0 < base < 1 else None,
        log_loss=float(-np.mean(o * np.log(clipped) + (1 - o) * np.log(1 - clipped))),
        expected_error=float(size @ np.abs(mean - frequency) / len(f)),
        null_error=float(np.median(perfect)),
        null_error_high=float(np.quantile(perfect, 0.95)),
        bins=tuple(_bin(*one) for one in zip(size, mean, frequency, strict=True)),
    )


def _bin(n: float, forecast: float, frequency: float) -> Bin:
    won = frequency * n
    posterior = stats.beta(won + 0.5, n - won + 0.5)
    return Bin(int(n), float(forecast), float(frequency), float(posterior.ppf(0.05)), float(posterior.ppf(0.95)))


def is_alarming(drifts: Sequence[float | None]) -> bool:
    """Whether calibration in the large was off (|z| > 2.5) in two periods running."""
    off = [z is not None and abs(z) > ALARM for z in drifts]
    return any(first and second for first, second in itertools.pairwise(off))
