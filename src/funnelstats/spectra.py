"""Characteristic functions on a grid: sums of independent amounts become products of these.

The total of a period is a sum of many parts. In the frequency domain each part is one factor,

    a deal won for a with chance p             1 + p (E exp(-i w a R) - 1)        R: how amounts change until the end
    many small deals                           exp(-i k1 w - k2 w^2 / 2 + i k3 w^3 / 6)       their cumulants k
    a Negative-Binomial number of amounts      (1 + m (1 - E exp(-i w A)) / r) ^ -r           Poisson for r = infinity

and one inverse transform gives the distribution. Amounts between two places of the grid are split over both so that
their mean is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
_SPREAD_NODES, _SPREAD_WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_HAIR = 1e-9


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
        """E exp(-i w place) - 1 of places with weights that sum to one (default: all alike), a row per row of places.

        A place between two of the grid is split over both so that the mean is kept.
        """
        rows = np.atleast_2d(places)
        masses = np.broadcast_to(1 / rows.shape[1] if weights is None else weights, rows.shape)
        whole = np.floor(rows + _HAIR)
        part = np.where(rows - whole < _HAIR, 0.0, rows - whole)
        start = np.arange(len(rows))[:, None] * self.size
        at = np.stack([start + whole % self.size, start + (whole + 1) % self.size]).astype(np.int64)
        split = np.stack([masses * (1 - part), masses * part])
        histogram = np.bincount(at.ravel(), weights=split.ravel(), minlength=len(rows) * self.size)
        return np.asarray(fft.rfft(histogram.reshape(len(rows), self.size), axis=1)) - 1


def spread_out(amounts: Floats, spreads: Floats) -> tuple[Floats, Floats]:
    """Values and weights of final amounts, a row each, with these means and standard deviations of the logarithm."""
    if not spreads.any():
        return amounts[:, None], np.ones(1)
    weights = _SPREAD_WEIGHTS / _SPREAD_WEIGHTS.sum()
    factors = np.exp(spreads[:, None] * _SPREAD_NODES[None, :] - spreads[:, None] ** 2 / 2)
    return np.asarray(amounts[:, None] * factors / (factors @ weights)[:, None]), np.asarray(weights)


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
    """Spectrum of a Negative-Binomial number of amounts with these means, a row each; infinite `shape`: Poisson."""
    if not np.isfinite(shape):
        return np.asarray(np.exp(means[:, None] * turned[None, :]))
    # The real part of the base is at least one, so that the power stays on its main branch.
    return np.asarray((1 - means[:, None] * turned[None, :] / shape) ** -shape)
