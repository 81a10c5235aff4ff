"""Are probabilities worth what they say? Brier score with its decomposition, calibration error, isotonic fit.

Brier score BS = mean((f - o)^2) = reliability - resolution + uncertainty (Murphy 1973), exact where all forecasts in
a bin are equal; forecasts are therefore grouped by value here, not by range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CLIP = 0.01
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
