"""Characteristic functions on a grid: sums of independent amounts become products of these.

The total of a period is a sum of many parts. In the frequency domain each part is one factor,

    a deal won for a with chance p             1 + p (E exp(-i w a R) - 1)        R: how amounts change until the end
    many small deals                           exp(-i k1 w - k2 w^2 / 2 + i k3 w^3 / 6)       their cumulants k
    a Negative-Binomial number of amounts      (1 + m (1 - E exp(-i w A)) / r) ^ -r           Poisson for r = infinity

and one inverse transform gives the distribution. Amounts between two places of the grid are split over both so that
their mean is kept.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
SPREAD_NODES, SPREAD_WEIGHTS = np.polynomial.hermite_e.hermegauss(7)


@dataclass(frozen=True, slots=True)
class Grid:
    """Totals `0, step, ..., step * (length - 1)`, transformed with `size` points, of which the rest is room."""

    step: float
    length: int
    size: int

    @classmethod
    def spanning(cls, step: float, length: int) -> Grid:
        """Grid with the next size that transforms fast."""
        return cls(step, length, fft.next_fast_len(max(length, 2), real=True))

    @property
    def frequencies(self) -> Floats:
        """Angles per place of the grid, from zero to pi."""
        return 2 * np.pi * np.arange(self.size // 2 + 1) / self.size

    def turned(self, places: Floats, weights: Floats | None = None) -> Complexes:
        """E exp(-i w place) - 1 of a place (or of places with weights summing to one), splitting broken places."""
        masses = np.ones(len(places)) / len(places) if weights is None else weights
        whole = np.floor(places + 1e-9)
        part = np.where(places - whole < 1e-9, 0.0, places - whole)  # noqa: PLR2004
        histogram_at = np.concatenate([whole, whole + 1]).astype(np.int64) % self.size
        amounts = np.concatenate([masses * (1 - part), masses * part])
        if len(places) <= 8:  # noqa: PLR2004 - for few places the sum is cheaper than a transform
            used = amounts > 0
            angles = self.frequencies[None, :] * histogram_at[used][:, None]
            return np.asarray(amounts[used] @ np.exp(-1j * angles)) - 1
        histogram = np.bincount(histogram_at, weights=amounts, minlength=self.size)
        return np.asarray(fft.rfft(histogram)) - 1


def spread_out(amount: float, spread: float) -> tuple[Floats, Floats]:
    """Values and weights of a final amount whose mean is `amount` and whose logarithm has the standard deviation."""
    if spread == 0:
        return np.array([amount]), np.ones(1)
    values = amount * np.exp(spread * SPREAD_NODES - spread**2 / 2)
    weights = SPREAD_WEIGHTS / SPREAD_WEIGHTS.sum()
    return np.asarray(values * amount / (weights @ values)), np.asarray(weights)


def of_small_deals(grid: Grid, cumulants: tuple[Floats, Floats, Floats]) -> Complexes:
    """Spectrum of a sum with these first three cumulants, a row per shock; a point where narrower than a step."""
    mean, variance, third = (one[:, None] / grid.step**power for power, one in enumerate(cumulants, start=1))
    angles = grid.frequencies[None, :]
    bell = np.exp(-1j * mean * angles - variance * angles**2 / 2 + 1j * third * angles**3 / 6)
    whole = np.floor(mean)
    part = mean - whole
    point = np.exp(-1j * whole * angles) * (1 - part + part * np.exp(-1j * angles))
    return np.where(variance < 1, point, bell)


def of_counted(turned: Complexes, means: Floats, shape: float) -> Complexes:
    """Spectrum of a random number of amounts, a row per shock.

    `means` has a row per shock and a column per span of time, in each of which the number is Negative-Binomial with
    that mean and `shape` (infinite: Poisson).
    """
    if not np.isfinite(shape):
        return np.asarray(np.exp(means.sum(axis=1)[:, None] * turned[None, :]))
    logs = np.zeros((len(means), len(turned)), dtype=np.complex128)
    factors = [1 - column[:, None] * turned[None, :] / shape for column in means.T]
    # A factor's angle is within a right angle, so that two share one logarithm without leaving its main branch.
    for left, right in itertools.zip_longest(factors[::2], factors[1::2], fillvalue=np.ones(1)):
        logs += np.log(left * right)
    return np.asarray(np.exp(-shape * logs))
