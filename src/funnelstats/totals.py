"""The distribution of what a period will bring: deals that are each won or not, and business that is still to come.

Exact by convolution in the frequency domain (`spectra.py`), mixed over a shock that all share (`shocks.py`) by a sum
over its values: no simulation, no seed. Where deals are many, those too small to be told apart enter together by their
first three cumulants: a hundred thousand deals take no longer than a hundred. `draws.py` draws the same totals at
random, as an independent check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from funnelstats.distribution import Distribution, add, cleaned
from funnelstats.shocks import Shock
from funnelstats.spectra import Grid, of_counted, of_small_deals, spread_out

__all__ = [
    "Coming",
    "Distribution",
    "OpenDeals",
    "add",
    "expected_new_business",
    "pacing",
    "period_total",
    "total_of_arrivals",
    "total_of_deals",
]

Floats = NDArray[np.float64]
Numbers = Sequence[float] | NDArray[Any]
LARGEST_GRID = 1 << 22
POINTS = 2048
EXACT_STEPS = 4000
FEW_DEALS = 200
SMALL_PART = 1 / 20
TAIL = 8.0
CHANCE_LEVELS = 250
AT_ONCE = 256
_NONE = np.zeros(0)


@dataclass(frozen=True, slots=True)
class OpenDeals:
    """Deals that are each won or not, alike ones in one entry.

    `amounts` is what each is expected to be worth if won, `chances` its chance, `counts` how many are alike, `spread`
    the standard deviation of the logarithm of its final amount (zero: the amount is certain).
    """

    amounts: Floats = field(default_factory=lambda: _NONE)
    chances: Floats = field(default_factory=lambda: _NONE)
    counts: Floats = field(default_factory=lambda: _NONE)
    spread: Floats = field(default_factory=lambda: _NONE)

    @classmethod
    def of(cls, amounts: Numbers, chances: Numbers, counts: Numbers | None = None, spread: Any = 0.0) -> OpenDeals:
        """Check and complete. Raises ValueError for chances outside [0, 1], negative amounts, counts or spreads."""
        a, p = np.asarray(amounts, dtype=float), np.asarray(chances, dtype=float)
        c = np.ones(len(a)) if counts is None else np.asarray(counts, dtype=float)
        s = np.broadcast_to(np.asarray(spread, dtype=float), a.shape)
        if len(a) != len(p) or (a < 0).any() or ((p < 0) | (p > 1)).any():
            raise ValueError("each deal needs an amount of zero or more and a chance between 0 and 1")
        if len(c) != len(a) or (c < 0).any() or (s < 0).any():
            raise ValueError("each deal needs a count of zero or more and a spread of zero or more")
        return cls(a, p, c, np.array(s))

    @property
    def mean(self) -> float:
        """Expected total."""
        return float(np.sum(self.counts * self.amounts * self.chances))

    def squares(self) -> Floats:
        """Return E A^2 of each deal's final amount."""
        return np.asarray(self.amounts**2 * np.exp(self.spread**2))

    @property
    def variance(self) -> float:
        """Variance of the total of independent deals."""
        return float(np.sum(self.counts * (self.squares() * self.chances - (self.amounts * self.chances) ** 2)))

    @property
    def pull(self) -> float:
        """How far the expected total moves per unit of a shock on the logit scale."""
        return float(np.sum(self.counts * self.amounts * self.chances * (1 - self.chances)))

    def where(self, chosen: NDArray[np.bool_]) -> OpenDeals:
        """Only some of the deals."""
        return OpenDeals(self.amounts[chosen], self.chances[chosen], self.counts[chosen], self.spread[chosen])


@dataclass(frozen=True, slots=True)
class Coming:
    """Business that is not a deal yet: a Negative-Binomial number of wins, each worth one of `amounts`.

    Per span of time `arrivals` are expected and each is won in time with its chance in `chances` (None: each arrival is
    itself an order, whose rate moves with the shock). `shape` is that of the Negative-Binomial count of all spans
    together: 1 / shape is the squared relative uncertainty of the expected number (infinite: Poisson).
    """

    arrivals: Floats
    chances: Floats | None
    amounts: Floats
    shape: float = float("inf")

    @property
    def wins(self) -> float:
        """Expected number of wins."""
        return float(self.arrivals.sum() if self.chances is None else self.arrivals @ self.chances)

    @property
    def mean(self) -> float:
        """Expected total."""
        return self.wins * float(self.amounts.mean()) if len(self.amounts) else 0.0

    @property
    def variance(self) -> float:
        """Variance of the total without shock."""
        if not len(self.amounts):
            return 0.0
        return float(self.wins * np.mean(self.amounts**2) + self.mean**2 / self.shape)

    @property
    def pull(self) -> float:
        """How far the expected total moves per unit of a shock."""
        if self.chances is None:
            return self.mean
        moving = self.arrivals @ (self.chances * (1 - self.chances))
        return float(moving * self.amounts.mean()) if len(self.amounts) else 0.0

    def means(self, shock: Shock) -> Floats:
        """Expected number of wins under each value of the shock."""
        if self.chances is None:
            return np.asarray(shock.rates() * self.wins)
        return np.asarray(shock.chances(self.chances) @ self.arrivals)


def period_total(
    deals: OpenDeals,
    coming: Sequence[Coming] = (),
    *,
    shock: float = 0.0,
    step: float | None = None,
    seen: tuple[float, bool] | None = None,
) -> Distribution:
    """Distribution of what open deals and coming business bring together.

    `shock` is the standard deviation, on the logit scale of chances, of what all share; zero means that everything is
    independent, whose total is known too well. `step` is the grid; default: the greatest common divisor of whole
    amounts where the deals span at most 4,000 of it, else about 2,000 places over everything that is at all likely.
    The mean is exact on any grid. `seen` is the chance and the outcome of another deal, which says something about the
    shock. Raises ValueError for a grid of more than four million places.
    """
    coming = [one for one in coming if one.wins > 0 and len(one.amounts)]
    sd = float(np.sqrt(deals.variance + sum(one.variance for one in coming)))
    pull = deals.pull + sum(one.pull for one in coming)
    shared = Shock.of(shock, pull=shock * pull / sd if sd else 0.0)
    grid = _grid(deals, coming, shared, sd, step)
    spectrum = _of_deals(grid, deals, shared, sd)
    for one in coming:
        spectrum = spectrum * _of_coming(grid, one, shared, sd)
    mixed = _weights(shared, seen) @ spectrum
    raw = fft.irfft(mixed, n=grid.size)[: grid.length]
    return Distribution(grid.step, cleaned(raw))


def _weights(shock: Shock, seen: tuple[float, bool] | None) -> Floats:
    """Weights of the shock's values, after Bayes where a deal's outcome was seen."""
    if seen is None:
        return shock.weights
    chance, is_won = seen
    chances = shock.chances(np.array([chance]))[:, 0]
    weights = shock.weights * (chances if is_won else 1 - chances)
    return np.asarray(weights / weights.sum())


def total_of_deals(
    amounts: Numbers, chances: Numbers, *, shock: float = 0.0, step: float | None = None
) -> Distribution:
    """Distribution of the total of deals, each won for its amount with its chance; see `period_total`.

    Raises ValueError for chances outside [0, 1], negative amounts or a grid of more than four million places.
    """
    return period_total(OpenDeals.of(amounts, chances), shock=shock, step=step)


def _grid(deals: OpenDeals, coming: Sequence[Coming], shock: Shock, sd: float, step: float | None) -> Grid:
    """Choose step and length so that nothing likely lies beyond the end."""
    everything = float(deals.counts @ deals.amounts)
    best = deals.counts @ (deals.amounts * shock.chances(deals.chances)[-1]) if len(deals.amounts) else 0.0
    best += sum(float(one.means(shock)[-1] * one.amounts.mean()) for one in coming)
    largest = max([0.0, *(float(one.amounts.max()) for one in coming)])
    reach = float(best) + TAIL * sd + 2 * largest
    is_bounded = not coming and not deals.spread.any()
    if is_bounded:
        reach = min(reach, everything) if len(deals.amounts) > FEW_DEALS else everything
    if step is None:
        divisor = _divisor(deals) if is_bounded else 0.0
        step = divisor if divisor and everything / divisor <= EXACT_STEPS else max(reach / POINTS, 1e-9)
    length = int(np.ceil(reach / step - 1e-9)) + 1
    if length > LARGEST_GRID:
        raise ValueError("the grid is too fine: choose a larger step")
    # A place split over two may reach one step further.
    return Grid.spanning(step, length + (0 if is_bounded and everything % step == 0 else 1))


def _divisor(deals: OpenDeals) -> float:
    """Greatest common divisor of whole amounts; zero where they are not whole (or there are none)."""
    amounts = deals.amounts[deals.amounts > 0]
    if not len(amounts):
        return 1.0
    whole = (amounts == np.rint(amounts)).all() and amounts.max() < 2**53
    return float(np.gcd.reduce(amounts.astype(np.int64))) if whole else 0.0


def _of_deals(grid: Grid, deals: OpenDeals, shock: Shock, sd: float) -> NDArray[np.complex128]:
    """Spectrum of all deals, a row per shock: large ones one by one, small ones together."""
    spectrum = np.ones((len(shock.z), len(grid.frequencies)), dtype=np.complex128)
    if not len(deals.amounts):
        return spectrum
    is_small = np.zeros(len(deals.amounts), dtype=bool)
    if deals.counts.sum() > FEW_DEALS:
        is_small = deals.amounts * np.exp(deals.spread**2 / 2) < SMALL_PART * sd
    large, small = _alike(deals.where(~is_small)), deals.where(is_small)
    chances = shock.chances(large.chances)
    for first in range(0, len(large.amounts), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        values, weights = spread_out(large.amounts[part], large.spread[part])
        turned = grid.turned(values / grid.step, weights)
        for row, column, count in zip(turned, chances[:, part].T, large.counts[part], strict=True):
            factor = 1 + column[:, None] * row[None, :]
            spectrum *= factor if count == 1 else factor**count
    if len(small.amounts):
        spectrum *= of_small_deals(grid, _cumulants(small, shock))
    return spectrum


def _alike(deals: OpenDeals) -> OpenDeals:
    """Put equal deals into one entry."""
    if len(deals.amounts) < 2:  # noqa: PLR2004
        return deals
    rows = np.column_stack([deals.amounts, deals.chances, deals.spread])
    kinds, where = np.unique(rows, axis=0, return_inverse=True)
    counts = np.bincount(where.ravel(), weights=deals.counts)
    return OpenDeals(kinds[:, 0], kinds[:, 1], counts.astype(np.float64), kinds[:, 2])


def _cumulants(deals: OpenDeals, shock: Shock) -> tuple[Floats, Floats, Floats]:
    """First three cumulants of the total, one of each per shock; chances are grouped into 250 levels of equal means."""
    level = np.minimum((deals.chances * CHANCE_LEVELS).astype(np.int64), CHANCE_LEVELS - 1)

    def sums(weights: Floats) -> Floats:
        return np.bincount(level, weights=deals.counts * weights, minlength=CHANCE_LEVELS).astype(np.float64)

    first, second, third = deals.amounts, deals.squares(), deals.amounts**3 * np.exp(3 * deals.spread**2)
    weight = sums(first)
    used = weight > 0
    centre = sums(first * deals.chances)[used] / weight[used]
    p = shock.chances(centre)
    mean = p @ sums(first)[used]
    variance = p @ sums(second)[used] - p**2 @ sums(first**2)[used]
    skewness = p @ sums(third)[used] - 3 * p**2 @ sums(first * second)[used] + 2 * p**3 @ sums(first**3)[used]
    return np.asarray(mean), np.asarray(variance), np.asarray(skewness)


def _of_coming(grid: Grid, coming: Coming, shock: Shock, sd: float) -> NDArray[np.complex128]:
    """Spectrum of business that is not a deal yet, a row per shock."""
    amounts = coming.amounts / grid.step
    if float(np.mean(amounts)) < SMALL_PART * sd / grid.step / 2 and float(np.mean(amounts)) < 1:
        # So small and so many that only two moments show; splitting over places would widen them.
        angles = grid.frequencies
        turned = -1j * angles * amounts.mean() - angles**2 * np.mean(amounts**2) / 2
    else:
        turned = grid.turned(amounts)[0]
    return of_counted(turned, coming.means(shock), coming.shape)


def total_of_arrivals(expected: float, amounts: Numbers, *, step: float, length: int) -> Distribution:
    """Distribution of the total of a Poisson number of deals, each worth one of `amounts` (compound Poisson).

    `expected` is the mean number of deals won; totals above `step * (length - 1)` are cut off, so choose the length
    with room. Used for business that is not in the funnel yet.
    """
    grid = Grid(step, length, fft.next_fast_len(max(2 * length, 2), real=True))
    turned = grid.turned(np.minimum(np.asarray(amounts, dtype=float) / step, grid.size - 1))[0]
    spectrum = of_counted(turned, np.array([expected]), float("inf"))[0]
    return Distribution(step, cleaned(fft.irfft(spectrum, n=grid.size)[:length]))


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
