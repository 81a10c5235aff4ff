"""Customers who buy without a contract: how many orders to expect, whether they are still customers, what they spend.

BG/NBD: while a customer is alive orders come at rate lambda ~ Gamma(r, alpha); after each order the customer leaves
with chance p ~ Beta(a, b) (Fader, Hardie and Lee, Counting Your Customers the Easy Way, Marketing Science 24, 2005).
Gamma-Gamma for the mean value of an order (Fader and Hardie, 2013). Customers are compressed to distinct (frequency,
recency, age) with counts before fitting, so that ten million customers cost no more than their few hundred thousand
distinct histories.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Floats = NDArray[np.float64]
Numbers = Sequence[float] | NDArray[Any]
LARGEST_VALUE_CORRELATION = 0.3
_SEARCH: Any = {"ftol": 1e-14, "gtol": 1e-9, "maxiter": 2000}
_POLISH: Any = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 8000, "maxfev": 8000}


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
    distinct, counts = np.unique(np.column_stack([x, tx, t]), axis=0, return_counts=True)
    return Histories(distinct[:, 0], distinct[:, 1], distinct[:, 2], counts.astype(float))


def log_likelihood(model: tuple[float, float, float, float], given: Histories) -> float:
    """Log-likelihood of (r, alpha, a, b), computed in logs throughout so that large counts do not overflow."""
    r, alpha, a, b = model
    x, tx, t = given.frequency, given.recency, given.age
    common = (
        special.betaln(a, b + x)
        - special.betaln(a, b)
        + special.gammaln(r + x)
        - special.gammaln(r)
        + r * np.log(alpha)
    )
    staying = -(r + x) * np.log(alpha + t)
    with np.errstate(divide="ignore"):
        left = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + tx), -np.inf)
    return float(given.customers @ (common + np.logaddexp(staying, left)))


def fit_buying(given: Histories) -> BuyingModel:
    """Fit BG/NBD by maximum likelihood. Raises FitFailed when nobody ordered twice or no start converges."""
    if not (given.customers @ given.frequency) > 0:
        raise FitFailed("nobody has ordered twice yet")
    total = float(given.customers.sum())
    scale = max(float(given.customers @ given.age) / total, 1e-9)  # so that alpha starts near one, whatever the unit
    scaled = Histories(given.frequency, given.recency / scale, given.age / scale, given.customers)

    def loss(logs: Floats) -> float:
        r, alpha, a, b = np.exp(logs)
        return -log_likelihood((r, alpha, a, b), scaled) / total

    best = None
    for start in ((0.5, 0.5, 0.5, 2.0), (1.0, 0.2, 0.1, 1.0), (0.2, 1.0, 1.0, 5.0)):
        fit = optimize.minimize(
            loss,
            np.log(start),
            method="L-BFGS-B",
            bounds=[(-12, 12)] * 4,
            options={"ftol": 1e-14, "gtol": 1e-9, "maxiter": 2000},
        )
        if np.isfinite(fit.fun) and (best is None or fit.fun < best.fun):
            best = fit
    if best is None:
        raise FitFailed("no start of the search converged")
    polished = optimize.minimize(loss, best.x, method="Nelder-Mead", options=_POLISH)
    r, alpha, a, b = (float(v) for v in np.exp(polished.x))
    alpha *= scale
    return BuyingModel(r, alpha, a, b, log_likelihood((r, alpha, a, b), given), int(total))


def fit_spending(frequency: Numbers, mean_value: Numbers) -> SpendingModel:
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
    return SpendingModel(p, q, v * scale, len(x), correlation)


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
