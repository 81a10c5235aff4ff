"""How past periods would have been forecast from what was known then, and how large the shared shock must have been."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from funnelstats.accuracy import Accuracy, accuracy
from funnelstats.distribution import Distribution
from funnelstats.forecast.history import History, day_number
from funnelstats.forecast.period import DEFAULT_SHOCK, PeriodForecast, Prospect, foretell, prospect
from funnelstats.forecast.season import quarter_of
from funnelstats.shocks import Shock

SHOCKS = np.arange(0.0, 1.55, 0.05)
PRIOR_PERIODS = 1.0
"""The default shock counts as much as one past period that it fits."""
LITTLE = 0.02
FEWEST_PERIODS = 3


@dataclass(frozen=True, slots=True)
class Past:
    """A past period: what could be said of it then, and what it brought in the end."""

    prospect: Prospect
    actual: float


@dataclass(frozen=True, slots=True)
class Tested:
    """A past period's forecast with the shock of this back-test, and what came."""

    forecast: PeriodForecast
    actual: float

    @property
    def is_within(self) -> bool:
        """Whether what came lies between P10 and P90."""
        total = _total(self.forecast)
        return total.quantile(0.1) <= self.actual <= total.quantile(0.9)


@dataclass(frozen=True, slots=True)
class Score:
    """How one kind of forecast did: WAPE and bias of its point, mean CRPS (for a point, its error)."""

    accuracy: Accuracy
    crps: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """All past periods that could be tested, the fitted `shock`, `coverage` of P10-P90, and scores by kind of forecast.

    `scores` has `model` (its P50 and its distribution), `weighted`, `naive` and `pacing` over the periods where each
    exists; `skill` compares the model's CRPS on those same periods: 1 - CRPS / the other's, positive where the model is
    better. Fewer than three periods leave the shock at its default: `is_enough` is false.
    """

    periods: tuple[Tested, ...]
    shock: float
    coverage: float | None
    scores: dict[str, Score]
    skill: dict[str, float | None]

    @property
    def is_enough(self) -> bool:
        """Whether there were enough periods to fit the shock."""
        return len(self.periods) >= FEWEST_PERIODS


def quarters_before(start: dt.date, count: int) -> list[tuple[dt.date, dt.date]]:
    """Return the last `count` quarters before the one that begins at `start`, the earliest first."""
    found = []
    end = start
    for _ in range(count):
        begin = quarter_of(end - dt.timedelta(days=1))[0]
        found.append((begin, end))
        end = begin
    return found[::-1]


def look_back(
    read: Callable[[dt.date], History | None],
    now: History,
    periods: Iterable[tuple[dt.date, dt.date]],
    *,
    into: int = 0,
) -> list[Past]:
    """Forecast past periods as of `into` days after each one's start (negative: before it), each from its own history.

    `read` returns the history as known on a day. What a period brought is read from `now`. Periods before the first
    fifty decided deals are left out.
    """
    found = []
    for start, end in periods:
        as_of = start + dt.timedelta(days=into)
        if day_number(as_of) <= now.flow.first:
            continue
        history = read(as_of)
        if history is None:
            continue
        then = prospect(history, start, end, as_of=as_of)
        if then.is_enough:
            found.append(Past(then, now.brought(day_number(start), day_number(end))))
    return found


def fit_shock(past: Sequence[Past]) -> float:
    """Choose the standard deviation of the shared shock under which past periods are likeliest.

    Each period's total is taken as Gamma with the mean and variance that the shock gives it. Where intervals of 80 %
    held too seldom, the likeliest shock is larger: with eight periods the coverage itself knows nine values only, the
    distances know more. The default of 0.4 counts as one more period that it fits, so that a short past does not claim
    certainty.
    """
    if len(past) < FEWEST_PERIODS:
        return DEFAULT_SHOCK
    best, likeliest = DEFAULT_SHOCK, -np.inf
    for shock in SHOCKS:
        value = PRIOR_PERIODS * _log_prior(float(shock)) + sum(_log_likelihood(one, float(shock)) for one in past)
        if value > likeliest:
            best, likeliest = float(shock), value
    return best


def _log_prior(shock: float) -> float:
    """Return the mean log-likelihood of one normal error with the default's spread under another shock's."""
    floor = 0.15**2
    ratio = (DEFAULT_SHOCK**2 + floor) / (shock**2 + floor)
    return 0.5 * (math.log(ratio) - ratio)


def _log_likelihood(past: Past, shock: float) -> float:
    found = past.prospect
    mean, variance = moments(found, shock)
    rest, came = mean, past.actual - found.booked
    if rest <= 0 or variance <= 0:
        return 0.0
    shape, scale = rest**2 / variance, variance / rest
    # No amount at all has no density; it says as much as very little.
    came = max(came, LITTLE * rest)
    return float((shape - 1) * np.log(came / scale) - came / scale - special.gammaln(shape) - np.log(scale))


def moments(found: Prospect, shock: float) -> tuple[float, float]:
    """Mean and variance of what is still to come, with a shock."""
    shared = Shock.of(shock)
    deals = found.deals
    chances = shared.chances(deals.chances)
    means = chances @ (deals.counts * deals.amounts)
    inside = chances @ (deals.counts * deals.squares()) - chances**2 @ (deals.counts * deals.amounts**2)
    for one in found.coming:
        if len(one.amounts):
            wins = one.means(shared)
            means = means + wins * one.amounts.mean()
            inside = inside + wins * np.mean(one.amounts**2) + (wins * one.amounts.mean()) ** 2 / one.shape
    mean = float(shared.weights @ means)
    return mean, float(shared.weights @ (inside + (means - mean) ** 2))


def backtest(past: Sequence[Past]) -> Backtest:
    """Fit the shock to past periods, forecast each with it, and compare with weighted pipeline, naive and pacing."""
    shock = fit_shock(past)
    tested = tuple(Tested(foretell(one.prospect, shock=shock), one.actual) for one in past)
    scores: dict[str, Score] = {}
    skill: dict[str, float | None] = {}
    if tested:
        medians = [_total(one.forecast).quantile(0.5) for one in tested]
        scores["model"] = _score(medians, [one.actual for one in tested], [_crps(one) for one in tested])
    for kind in ("weighted", "naive", "pacing"):
        pairs = [(getattr(one.forecast.prospect, kind), one) for one in tested]
        usable = [(point, one) for point, one in pairs if point is not None]
        if not usable:
            continue
        points, actuals = [point for point, _ in usable], [one.actual for _, one in usable]
        errors = [abs(point - actual) for point, actual in zip(points, actuals, strict=True)]
        scores[kind] = _score(points, actuals, errors)
        ours = float(np.mean([_crps(one) for _, one in usable]))
        skill[kind] = 1 - ours / scores[kind].crps if scores[kind].crps else None
    held = float(np.mean([one.is_within for one in tested])) if tested else None
    return Backtest(tested, shock, held, scores, skill)


def _score(points: Sequence[float], actuals: Sequence[float], crps: Sequence[float]) -> Score:
    return Score(accuracy(points, actuals), float(np.mean(crps)))


def _crps(tested: Tested) -> float:
    return _total(tested.forecast).crps(tested.actual)


def _total(forecast: PeriodForecast) -> Distribution:
    if forecast.total is None:
        raise AssertionError("periods with too little history are not tested")
    return forecast.total
