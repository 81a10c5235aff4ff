"""The distribution of what a period will bring: the sum of deals that are each won or not.

Exact by convolution on a grid of the smallest unit when the grid is small enough; with a shared shock (deals share a
market and a quarter, so that they are won or lost together more often than chance) the exact distribution is mixed
over the shock by Gauss-Hermite quadrature: no simulation, no seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, special

Floats = NDArray[np.float64]
Numbers = Sequence[float] | NDArray[Any]
SHOCK_NODES = 15
LARGEST_GRID = 1 << 22


@dataclass(frozen=True, slots=True)
class Distribution:
    """Probabilities of totals `step * 0, step * 1, ...`; a quantile is the least total with at least that chance."""

    step: float
    probabilities: Floats

    @property
    def mean(self) -> float:
        """Expected total."""
        return float(self.step * (np.arange(len(self.probabilities)) @ self.probabilities))

    @property
    def sd(self) -> float:
        """Standard deviation of the total."""
        places = np.arange(len(self.probabilities))
        mean = float(places @ self.probabilities)
        return float(self.step * np.sqrt(max(0.0, float((places - mean) ** 2 @ self.probabilities))))

    def quantile(self, share: float) -> float:
        """Least total whose cumulated probability reaches `share`."""
        reached = np.searchsorted(np.cumsum(self.probabilities), share - 1e-12)
        return float(self.step * min(int(reached), len(self.probabilities) - 1))

    def at_most(self, total: float) -> float:
        """Probability of a total not above `total`."""
        place = int(np.floor(total / self.step + 1e-9))
        return float(self.probabilities[: max(place + 1, 0)].sum())


def _convolve(places: NDArray[np.int64], chances: Floats, size: int) -> Floats:
    """Distributions of the sum, one per row of `chances`: generating functions multiplied at the roots of unity.

    `chances` has a column per deal. Deals alike in place and chances are multiplied in one power.
    """
    frequencies = np.arange(size // 2 + 1)
    spectra = np.ones((len(chances), len(frequencies)), dtype=np.complex128)
    kinds, counts = np.unique(np.vstack([places, chances]), axis=1, return_counts=True)
    for column, count in zip(kinds.T, counts, strict=True):
        turn = np.exp(-2j * np.pi * ((int(column[0]) * frequencies) % size) / size)
        factor = 1 + column[1:, None] * (turn - 1)
        spectra *= factor if count == 1 else factor**count
    clean: Floats = np.clip(fft.irfft(spectra, n=size, axis=1), 0.0, None)
    clean /= clean.sum(axis=1, keepdims=True)
    return clean


def total_of_deals(
    amounts: Numbers, chances: Numbers, *, shock: float = 0.0, step: float | None = None
) -> Distribution:
    """Distribution of the total of deals, each won for its amount with its chance.

    `shock` is the standard deviation on the logit scale of what all chances share; zero means independent deals, whose
    total is known too well. `step` is the grid of amounts (default: such that the total spans about 4,000 steps, or the
    greatest common divisor of whole amounts where that is coarser); amounts are rounded to it. Raises ValueError for
    chances outside [0, 1], negative amounts or a grid of more than four million places.
    """
    a, p = np.asarray(amounts, dtype=float), np.asarray(chances, dtype=float)
    if len(a) != len(p) or (a < 0).any() or ((p < 0) | (p > 1)).any():
        raise ValueError("each deal needs an amount of zero or more and a chance between 0 and 1")
    width = step or _default_step(a)
    places = np.rint(a / width).astype(np.int64)
    length = int(places.sum()) + 1
    if length > LARGEST_GRID:
        raise ValueError("the grid is too fine: choose a larger step")
    size = fft.next_fast_len(max(length, 2), real=True)
    if shock == 0:
        return Distribution(width, _convolve(places, p[None, :], size)[0, :length])
    nodes, weights = np.polynomial.hermite_e.hermegauss(SHOCK_NODES)
    shifted = special.expit(special.logit(p)[None, :] + shock * nodes[:, None])
    mixed: Floats = (weights / weights.sum()) @ _convolve(places, shifted, size)
    return Distribution(width, mixed[:length])


def _default_step(amounts: Floats) -> float:
    total = float(amounts.sum())
    if total == 0:
        return 1.0
    if (amounts == np.rint(amounts)).all():
        divisor = float(np.gcd.reduce(amounts[amounts > 0].astype(np.int64)))
        if total / divisor <= 4000:  # noqa: PLR2004
            return divisor
    return total / 4000


def expected_new_business(arrivals: Sequence[float], amount: float, won_within: Sequence[float]) -> float:
    """Value of business not yet in the funnel: sum over remaining weeks of arrivals x mean amount x share won in time.

    `arrivals[w]` deals are expected to be opened in week w; `won_within[w]` is the share of a new deal won in the weeks
    that remain after w. The result is in the unit of `amount`.
    """
    return float(amount * np.dot(np.asarray(arrivals, dtype=float), np.asarray(won_within, dtype=float)))


def pacing(booked: float, booked_then: Sequence[float], final_then: Sequence[float]) -> float | None:
    """Cross-check by link ratio: booked now x (sum of past finals / sum of what was booked by then in the past).

    None when nothing had been booked at this point of any past period.
    """
    so_far = float(np.sum(booked_then))
    return booked * float(np.sum(final_then)) / so_far if so_far else None


def total_of_arrivals(expected: float, amounts: Numbers, *, step: float, length: int) -> Distribution:
    """Distribution of the total of a Poisson number of deals, each worth one of `amounts` (compound Poisson).

    `expected` is the mean number of deals won; totals above `step * (length - 1)` are cut off, so choose the length
    with room. Used for business that is not in the funnel yet.
    """
    size = fft.next_fast_len(max(2 * length, 2), real=True)
    single = np.zeros(size)
    places = np.minimum(np.rint(np.asarray(amounts, dtype=float) / step).astype(np.int64), size - 1)
    np.add.at(single, places, 1 / len(places))
    raw = fft.irfft(np.exp(expected * (fft.rfft(single) - 1)), n=size)[:length]
    clean: Floats = np.clip(raw, 0.0, None)
    clean /= clean.sum()
    return Distribution(step, clean)


def add(left: Distribution, right: Distribution) -> Distribution:
    """Distribution of the sum of two independent totals on the same grid. Raises ValueError for different steps."""
    if left.step != right.step:
        raise ValueError("totals can only be added on the same grid")
    length = len(left.probabilities) + len(right.probabilities) - 1
    size = fft.next_fast_len(length, real=True)
    product = fft.rfft(left.probabilities, size) * fft.rfft(right.probabilities, size)
    clean: Floats = np.clip(fft.irfft(product, n=size)[:length], 0.0, None)
    clean /= clean.sum()
    return Distribution(left.step, clean)
