"""A distribution of money on an even grid: its quantiles, its moments, and how well it foretold what came."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.float64]
_HAIR = 1e-12


@dataclass(frozen=True, slots=True)
class Distribution:
    """Probabilities of totals `start`, `start + step`, `start + 2 step`, ...

    A quantile is the least total whose cumulated probability reaches the share: inf {x: F(x) >= share}.
    """

    step: float
    probabilities: Floats
    start: float = 0.0

    @property
    def totals(self) -> Floats:
        """All totals of the grid."""
        return self.start + self.step * np.arange(len(self.probabilities), dtype=np.float64)

    @property
    def mean(self) -> float:
        """Expected total."""
        return float(self.start + self.step * (np.arange(len(self.probabilities)) @ self.probabilities))

    @property
    def sd(self) -> float:
        """Standard deviation of the total."""
        places = np.arange(len(self.probabilities))
        mean = float(places @ self.probabilities)
        return float(self.step * np.sqrt(max(0.0, float((places - mean) ** 2 @ self.probabilities))))

    def quantile(self, share: float) -> float:
        """Least total whose cumulated probability reaches `share`."""
        reached = np.searchsorted(np.cumsum(self.probabilities), share - _HAIR)
        return float(self.start + self.step * min(int(reached), len(self.probabilities) - 1))

    def at_most(self, total: float) -> float:
        """Probability of a total not above `total`."""
        place = int(np.floor((total - self.start) / self.step + 1e-9))
        return float(self.probabilities[: max(place + 1, 0)].sum())

    def crps(self, actual: float) -> float:
        """Continuous ranked probability score against what came, in the unit of the totals; 0 is perfect.

        The integral of (F(x) - [x >= actual])^2 (Gneiting and Raftery, JASA 2007, section 4.2), exact for this grid.
        For a forecast of one number it is the absolute error, so that points and distributions compare.
        """
        totals, steps = self.totals, np.cumsum(self.probabilities)[:-1]
        left, right = totals[:-1], totals[1:]
        below = np.clip(actual - left, 0.0, right - left)
        score = float(np.sum(steps**2 * below + (1 - steps) ** 2 * (right - left - below)))
        return score + max(float(totals[0]) - actual, 0.0) + max(actual - float(totals[-1]), 0.0)

    def shifted(self, by: float) -> Distribution:
        """Return the same distribution with a certain amount added, such as what is booked already."""
        return replace(self, start=self.start + by)


def add(left: Distribution, right: Distribution) -> Distribution:
    """Distribution of the sum of two independent totals on the same grid. Raises ValueError for different steps."""
    if left.step != right.step:
        raise ValueError("totals can only be added on the same grid")
    length = len(left.probabilities) + len(right.probabilities) - 1
    size = fft.next_fast_len(length, real=True)
    product = fft.rfft(left.probabilities, size) * fft.rfft(right.probabilities, size)
    return Distribution(left.step, cleaned(fft.irfft(product, n=size)[:length]), left.start + right.start)


def cleaned(raw: Floats) -> Floats:
    """Probabilities from an inverse transform: rounding below zero cut off, summing to one."""
    clean: Floats = np.clip(raw, 0.0, None)
    clean /= clean.sum()
    return clean
