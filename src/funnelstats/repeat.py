"""Customers who buy without a contract: how many orders to expect, whether they are still customers, what they spend.

BG/NBD: while a customer is alive orders come at rate lambda ~ Gamma(r, alpha); after each order the customer leaves
with chance p ~ Beta(a, b) (Fader, Hardie and Lee, Counting Your Customers the Easy Way, Marketing Science 24, 2005).
Gamma-Gamma for the mean value of an order (Fader and Hardie, 2013). Customers are compressed to distinct (frequency,
recency, age) with counts before fitting, so that ten million customers cost no more than their few hundred thousand
distinct histories.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special
from threadpoolctl import threadpool_limits

from funnelstats.winrates import Moment

Floats = NDArray[np.float64]
Numbers = Sequence[float] | NDArray[Any]
LARGEST_VALUE_CORRELATION = 0.3
STARTS = ((0.5, 0.5, 0.5, 2.0), (1.0, 0.2, 0.1, 1.0), (0.2, 1.0, 1.0, 5.0))
"""Where the search begins: r, alpha (in units of the mean age), a, b."""
COARSE = 8
"""Steps of the grid on which the best start is chosen; the optimum itself is found on the histories as they are."""


DAYS_A_WEEK = 7
LONGEST = 20_000
"""Days up to which histories are numbered by counting instead of sorting."""
LARGEST_TABLE = 1 << 26


class FitFailed(ArithmeticError):  # noqa: N818 - reads as what happened
    """The likelihood has no optimum that the data can tell."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Distinct purchase histories, and how many customers have each.

    `frequency` counts repeat orders, `recency` runs from first to last order, `age` from first order to now, in one
    unit of time (weeks by custom).
    """

    frequency: Floats
    recency: Floats
    age: Floats
    customers: Floats


@dataclass(frozen=True, slots=True)
class BuyingModel:
    """Fitted BG/NBD parameters with the log-likelihood and the number of customers behind them."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int
    as_of: Moment | None = None

    def alive(self, frequency: Numbers, recency: Numbers, age: Numbers) -> Floats:
        """Chance that each customer is still one; 1 by the model's nature without a repeat order: show "unknown"."""
        x, tx, t = (np.asarray(v, dtype=float) for v in (frequency, recency, age))
        odds = np.where(
            x > 0,
            self.a / (self.b + np.maximum(x, 1) - 1) * ((self.alpha + t) / (self.alpha + tx)) ** (self.r + x),
            0.0,
        )
        result: Floats = 1 / (1 + odds)
        return result

    def expected_orders(self, horizon: float, frequency: Numbers, recency: Numbers, age: Numbers) -> Floats:
        """Expected number of orders of each customer in the next `horizon` units of time."""
        x, t = np.asarray(frequency, dtype=float), np.asarray(age, dtype=float)
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6  # noqa: PLR2004 - the formula is singular at one
        hyper = special.hyp2f1(self.r + x, self.b + x, a + self.b + x - 1, horizon / (self.alpha + t + horizon))
        grown = ((self.alpha + t) / (self.alpha + t + horizon)) ** (self.r + x)
        result: Floats = (a + self.b + x - 1) / (a - 1) * (1 - grown * hyper) * self.alive(frequency, recency, age)
        return result

    def expected_orders_of_new(self, horizon: float) -> float:
        """Expected repeat orders of a fresh customer in the first `horizon` units of time."""
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6  # noqa: PLR2004
        hyper = special.hyp2f1(self.r, self.b, a + self.b - 1, horizon / (self.alpha + horizon))
        grown = (self.alpha / (self.alpha + horizon)) ** self.r
        return float((a + self.b - 1) / (a - 1) * (1 - grown * hyper))


@dataclass(frozen=True, slots=True)
class SpendingModel:
    """Fitted Gamma-Gamma parameters; `correlation` of order count and mean value must be near zero to believe them."""

    p: float
    q: float
    v: float
    customers: int
    correlation: float
    as_of: Moment | None = None

    @property
    def is_believable(self) -> bool:
        """Whether order count and mean value are independent enough for the model."""
        return abs(self.correlation) <= LARGEST_VALUE_CORRELATION

    def expected_value(self, frequency: Numbers, mean_value: Numbers) -> Floats:
        """Expected mean value of each customer's orders; without repeat orders the population's mean."""
        x, m = np.asarray(frequency, dtype=float), np.asarray(mean_value, dtype=float)
        result: Floats = self.p * (self.v + x * m) / (self.p * x + self.q - 1)
        return result


def compress(frequency: Numbers, recency: Numbers, age: Numbers) -> Histories:
    """Count equal histories. Raises ValueError for negative figures or a last order after now."""
    x, tx, t = (np.asarray(v, dtype=float) for v in (frequency, recency, age))
    if (x < 0).any() or (tx < 0).any() or (tx > t).any():
        raise ValueError("frequency and recency are zero or more, and recency is at most the age")
    return _counted(x, tx, t)


def _counted(
    frequency: Floats, recency: Floats, age: Floats, customers: Floats | None = None, *, per: int = DAYS_A_WEEK
) -> Histories:
    """Add up the customers of equal histories; each counts once where no counts are given. `per` as in `_numbered`."""
    x, x_at = _numbered(frequency, 1)
    tx, tx_at = _numbered(recency, per)
    t, t_at = _numbered(age, per)
    triples = (x_at * len(tx) + tx_at) * len(t) + t_at
    cells = len(x) * len(tx) * len(t)
    if cells <= LARGEST_TABLE:
        per_cell = np.bincount(triples, weights=customers, minlength=cells)
        found = np.flatnonzero(per_cell)
        counts: Floats = per_cell[found].astype(np.float64)
    else:
        found, where = np.unique(triples, return_inverse=True)
        counts = np.bincount(where, weights=customers).astype(np.float64)
    rest, t_found = np.divmod(found, len(t))
    x_found, tx_found = np.divmod(rest, len(tx))
    return Histories(x[x_found], tx[tx_found], t[t_found], counts)


def _numbered(column: Floats, per: int) -> tuple[Floats, NDArray[np.int64]]:
    """Distinct values, and which of them each place holds. Multiples of 1 / `per` are numbered without sorting."""
    scaled = column * per
    if len(column) and scaled.max() < LONGEST:
        at = (scaled + 0.5).astype(np.int64)
        scaled -= at
        if max(scaled.max(), -scaled.min()) < 1e-9:  # noqa: PLR2004
            occurs = np.bincount(at) > 0
            place: NDArray[np.int64] = np.cumsum(occurs) - 1
            return np.flatnonzero(occurs) / per, place[at]
    values, where = np.unique(column, return_inverse=True)
    return values, where.astype(np.int64)


class _Likelihood:
    """Log-likelihood of given histories with its gradient.

    Logarithms and gamma functions are taken once for each distinct frequency, recency and age (a few hundred numbers,
    whatever the number of histories) and handed out from there. Everything stays in logs, so that large counts do not
    overflow.
    """

    def __init__(self, given: Histories, *, per: int = DAYS_A_WEEK) -> None:
        self.customers = given.customers
        self.x, self.x_at = _numbered(given.frequency, 1)
        self.tx, self.tx_at = _numbered(given.recency, per)
        self.t, self.t_at = _numbered(given.age, per)
        self.by_x: Floats = np.bincount(self.x_at, weights=self.customers, minlength=len(self.x)).astype(np.float64)
        self.repeats = self.x > 0

    def in_units_of(self, unit: float) -> _Likelihood:
        """The same histories with times in another unit: only the distinct times are divided."""
        scaled = copy.copy(self)
        scaled.tx, scaled.t = self.tx / unit, self.t / unit
        return scaled

    def __call__(self, model: Sequence[float] | Floats) -> tuple[float, Floats]:
        """Value and gradient at (r, alpha, a, b)."""
        r, alpha, a, b = model
        x = self.x
        after = b + np.maximum(x, 1) - 1
        common = (
            special.betaln(a, b + x) - special.betaln(a, b) + special.gammaln(r + x) - special.gammaln(r)
            + r * np.log(alpha)
        )  # fmt: skip
        log_t, log_tx = np.log(alpha + self.t)[self.t_at], np.log(alpha + self.tx)[self.tx_at]
        orders = (r + x)[self.x_at]
        leaving = np.where(self.repeats, np.log(a) - np.log(after), -np.inf)[self.x_at]
        # The odds of having left against still being a customer, then the share of each.
        odds = leaving + orders * (log_t - log_tx)
        stays = -special.log_expit(-odds)  # log(1 + odds)
        value = _sum(self.by_x, common) + _sum(self.customers, stays - orders * log_t)
        left = self.customers * special.expit(odds)
        stayed = self.customers - left
        left_by_x: Floats = np.bincount(self.x_at, weights=left, minlength=len(x)).astype(np.float64)
        ab = special.digamma(a + b) - special.digamma(a + b + x)
        gradient = np.asarray([
            _sum(self.by_x, special.digamma(r + x) - special.digamma(r) + np.log(alpha))
            - _sum(stayed, log_t) - _sum(left, log_tx),
            self.customers.sum() * r / alpha
            - _sum(stayed * orders, (1 / (alpha + self.t))[self.t_at])
            - _sum(left * orders, (1 / (alpha + self.tx))[self.tx_at]),
            _sum(self.by_x, ab) + left_by_x.sum() / a,
            _sum(self.by_x, ab + special.digamma(b + x) - special.digamma(b)) - _sum(left_by_x, 1 / after),
        ])  # fmt: skip
        return float(value), gradient


def _sum(left: Floats, right: Floats) -> float:
    """Sum of products in this thread: BLAS would share such a short one out, which costs more than it saves."""
    return float(np.einsum("i,i->", left, right))


def log_likelihood(model: tuple[float, float, float, float], given: Histories) -> float:
    """Log-likelihood of (r, alpha, a, b)."""
    return _Likelihood(given)(model)[0]


def fit_buying(given: Histories, *, as_of: Moment | None = None) -> BuyingModel:
    """Fit BG/NBD by maximum likelihood. Raises FitFailed when nobody ordered twice or no start converges."""
    if not (given.customers @ given.frequency) > 0:
        raise FitFailed("nobody has ordered twice yet")
    total = float(given.customers.sum())
    scale = max(float(given.customers @ given.age) / total, 1e-9)  # so that alpha starts near one, whatever the unit
    recency, age = (np.round(v / scale * COARSE) / COARSE for v in (given.recency, given.age))
    rough = _Likelihood(_counted(given.frequency, recency, age, given.customers, per=COARSE), per=COARSE)
    tries = [_climb(rough, np.log(start), total, tolerance=1e-7) for start in STARTS]
    unscaled = _Likelihood(given)
    likelihood = unscaled.in_units_of(scale)
    for logs, _ in sorted((found for found in tries if np.isfinite(found[1])), key=lambda found: found[1]):
        best, loss = _climb(likelihood, logs, total)
        if np.isfinite(loss):
            r, alpha, a, b = (float(v) for v in np.exp(best))
            reached, _ = unscaled((r, alpha * scale, a, b))
            return BuyingModel(r, alpha * scale, a, b, reached, round(total), as_of)
    raise FitFailed("no start of the search converged")


def _climb(likelihood: _Likelihood, logs: Floats, total: float, tolerance: float = 1e-15) -> tuple[Floats, float]:
    """Search from one start on the logarithms of the parameters; the place found, and its loss per customer."""

    def loss(at: Floats) -> tuple[float, Floats]:
        model = np.exp(at)
        value, gradient = likelihood(model)
        return -value / total, -gradient * model / total

    options = {"ftol": tolerance, "gtol": 1e-10, "maxiter": 2000}
    minimize: Any = optimize.minimize  # its stubs do not know an objective that returns its gradient as well
    with threadpool_limits(1, "blas"):  # four parameters: threads would spend more on waiting than the whole fit takes
        fit = minimize(loss, logs, jac=True, method="L-BFGS-B", bounds=[(-12, 12)] * 4, options=options)
    return fit.x, float(fit.fun)


def fit_spending(frequency: Numbers, mean_value: Numbers, *, as_of: Moment | None = None) -> SpendingModel:
    """Fit Gamma-Gamma to customers with repeat orders and positive mean value (net of returns).

    Raises FitFailed with fewer than ten such customers.
    """
    x, m = np.asarray(frequency, dtype=float), np.asarray(mean_value, dtype=float)
    usable = (x > 0) & (m > 0)
    x, m = x[usable], m[usable]
    if len(x) < 10:  # noqa: PLR2004
        raise FitFailed("fewer than ten customers have repeat orders with a value")
    scale = float(m.mean())
    y = m / scale

    def loss(logs: Floats) -> float:
        p, q, v = np.exp(logs)
        terms = (
            special.gammaln(p * x + q)
            - special.gammaln(p * x)
            - special.gammaln(q)
            + q * np.log(v)
            + (p * x - 1) * np.log(y)
            + p * x * np.log(x)
            - (p * x + q) * np.log(x * y + v)
        )
        return -float(terms.mean())

    fits = [
        optimize.minimize(
            loss,
            np.log(start),
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 8000, "maxfev": 8000},
        )
        for start in ((1.0, 1.5, 1.0), (6.0, 4.0, 0.5))
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    p, q, v = (float(z) for z in np.exp(best.x))
    spread = np.std(x) * np.std(m)
    correlation = float(np.corrcoef(x, m)[0, 1]) if spread > 0 else 0.0
    return SpendingModel(p, q, v * scale, len(x), correlation, as_of)


def lifetime_values(
    buying: BuyingModel,
    spending: SpendingModel,
    *,
    frequency: Numbers,
    recency: Numbers,
    age: Numbers,
    mean_value: Numbers,
    margin_rate: float,
    discount_rate: float,
    periods: int = 36,
    period_length: float = 365 / 12 / 7,
) -> Floats:
    """Discounted margin of each customer's future orders: sum over k of E[orders in period k] E[M] m / (1 + d)^k.

    Rates are shares for one period (by default a month, given in the models' weeks), money in the unit of `mean_value`.
    Customers without a repeat order get the population's mean value. Raises ValueError for a discount of -1 or less.
    """
    if discount_rate <= -1:
        raise ValueError("the discount rate is above -1")
    worth = spending.expected_value(frequency, mean_value) * margin_rate
    total = np.zeros(len(worth))
    before = np.zeros(len(worth))
    for period in range(1, periods + 1):
        orders = buying.expected_orders(period * period_length, frequency, recency, age)
        total += (orders - before) * worth / (1 + discount_rate) ** period
        before = orders
    return total
