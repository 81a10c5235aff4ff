"""Business that is not in the funnel yet: deals still to be opened and won in time, and orders without a deal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from funnelstats.forecast.chances import Span, won_within
from funnelstats.forecast.history import Amounts, Curve, Flow, OrderFlow
from funnelstats.forecast.season import season_of_arrivals
from funnelstats.totals import Coming

Floats = NDArray[np.float64]
LEVEL_DAYS = 56
YEAR, HALF_YEAR = 364, 182
MOST_AMOUNTS = 400


def arrivals_to_come(flow: Flow, opening: Curve, amounts: Amounts, span: Span, *, day: int) -> Coming:
    """Deals opened from now on and won within the span (the idea of the actuary's "incurred but not reported").

    Their number follows the last eight weeks times the season of the quarter; each is won in time by the chance of a
    deal from its opening; amounts are those of won deals.
    """
    weeks = range(0, span.until, 7)
    pace = season_of_arrivals(flow).pace(day - LEVEL_DAYS, LEVEL_DAYS + span.until)
    recent = flow.opened[max(day - LEVEL_DAYS - flow.first, 0) : day - flow.first]
    usual = pace[:LEVEL_DAYS][LEVEL_DAYS - len(recent) :].sum()
    a_day = float(recent.sum() / usual) if usual else 0.0
    arrivals = np.array(
        [a_day * pace[LEVEL_DAYS + week : LEVEL_DAYS + min(week + 7, span.until)].sum() for week in weeks]
    )
    chances = np.array([_won_in_time(opening, span, week) for week in weeks])
    return Coming(
        arrivals, chances, resampled(amounts.won_amount / np.maximum(amounts.won, 1), amounts.won),
        shape=_shape(flow.opened[: day - flow.first], float(recent.sum()), arrivals * chances),
    )  # fmt: skip


def _won_in_time(opening: Curve, span: Span, week: int) -> float:
    """Chance that a deal opened in the middle of a week from now is won within the span."""
    opened = min(week + 3, span.until - 1)
    rest = Span(max(span.wait - opened, 0), span.until - opened, span.pace[opened:])
    return min(won_within(opening, rest).value, 1.0)


def _shape(by_day: Floats, recent: float, wins: Floats) -> float:
    """Shape of the count: how uncertain the level is, and how much more weekly counts swing than chance would let them.

    1 / shape = 1 / recent + extra * (1 / 8 + sum of squared shares of the weeks to come), where `extra` is the squared
    relative swing of weekly counts beyond Poisson, by moments around each quarter's mean.
    """
    if not recent or not wins.sum():
        return float("inf")
    year = by_day[-YEAR:]
    weekly = year[len(year) % 7 :].reshape(-1, 7).sum(axis=1)
    quarters = [block for block in np.array_split(weekly, max(len(weekly) // 13, 1)) if len(block) > 1 and block.sum()]
    extra = 0.0
    if quarters:
        beyond = sum(float(np.var(block, ddof=1) - block.mean()) * len(block) for block in quarters)
        extra = max(beyond / sum(float(block.mean() ** 2) * len(block) for block in quarters), 0.0)
    shares = wins / wins.sum()
    return float(1 / (1 / recent + extra * (7 / LEVEL_DAYS + float(shares @ shares))))


def orders_to_come(orders: OrderFlow | None, span: Span, *, day: int) -> Coming | None:
    """Orders without a deal within the span, at the last half-year's rate per customer and day; None without orders.

    Where the BG/NBD model is fitted (`repeat.py`), its expected number of orders is the better one: see
    `expected_orders`.
    """
    if orders is None or not orders.orders.sum():
        return None
    until = day - orders.first
    exposure = np.cumsum(orders.customers)[max(until - HALF_YEAR, 0) : until]
    recent = float(orders.orders[max(until - HALF_YEAR, 0) : until].sum())
    if not recent or not exposure.sum():
        return None
    expected = recent / float(exposure.sum()) * float(exposure[-1]) * (span.until - span.wait)
    return expected_orders(expected, orders.worth, orders.counts, uncertainty=1 / recent)


def expected_orders(expected: float, worth: Floats, counts: Floats, *, uncertainty: float) -> Coming:
    """Orders of which so many are expected, each worth what orders of the classes `worth` were.

    `expected` may be the sum of `BuyingModel.expected_orders` over all customers; `uncertainty` is the squared relative
    uncertainty of it.
    """
    return Coming(np.array([expected]), None, resampled(worth, counts), shape=1 / uncertainty)


def resampled(worth: Floats, counts: Floats, most: int = MOST_AMOUNTS) -> Floats:
    """Evenly drawn values of a counted sample: all of them up to `most`, else that many, with the same mean."""
    used = counts > 0
    worth, counts = worth[used], counts[used]
    if not len(worth):
        return np.zeros(0)
    total = int(counts.sum())
    if total <= most:
        return np.repeat(worth, counts.astype(np.int64))
    order = np.argsort(worth)
    middle = (np.arange(most) + 0.5) * total / most
    drawn = worth[order][np.searchsorted(np.cumsum(counts[order]), middle)]
    return np.asarray(drawn * (float(worth @ counts) / total) / drawn.mean())
