"""What a period will bring: what is booked, open deals, orders without a deal, and deals that are still to be opened.

Everything but the shared shock follows from one history (`prospect`); the shock widens the distribution (`foretell`).
How well such forecasts did, and how large the shock must be, is in `past.py`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from funnelstats.distribution import Distribution
from funnelstats.forecast.business import arrivals_to_come, orders_to_come
from funnelstats.forecast.chances import Span, stage_chances
from funnelstats.forecast.history import History, Revision, Standing, day_number
from funnelstats.forecast.season import quarter_of, season_of_wins
from funnelstats.forecast.sizes import sizes
from funnelstats.totals import Coming, OpenDeals, pacing, period_total

Floats = NDArray[np.float64]
FEWEST_CLOSED = 50
DEFAULT_SHOCK = 0.4
FAT_PART = 0.25
EVER = 730
PACING_QUARTERS = 8
PRIOR_REVISIONS = 20.0
"""A stage's mean change of amount is drawn towards none as if twenty deals had kept theirs."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What can be said of a period [start, end) at the beginning of a day, apart from the shock.

    Money is in the unit of the amounts. `weighted` = booked + sum of amount x stage win rate over the deals expected to
    be signed before the end; `calibrated` = booked + sum of amount x chance to be won within the period; `pacing` is
    the link ratio of booked to final (None without earlier periods or when nothing was booked); `naive` is what the
    same quarter of the last year brought, or the last one, None where neither is in the history. `closed` counts the
    decided deals behind all this.
    """

    as_of: dt.date
    start: dt.date
    end: dt.date
    closed: int
    booked: float
    deals: OpenDeals
    orders: Coming | None
    new: Coming
    weighted: float
    pacing: float | None
    naive: float | None

    @property
    def calibrated(self) -> float:
        """Booked, and each open deal's amount times its chance to be won within the period."""
        return self.booked + self.deals.mean

    @property
    def coming(self) -> tuple[Coming, ...]:
        """All business that is not a deal yet."""
        return (self.new,) if self.orders is None else (self.orders, self.new)

    @property
    def expected(self) -> float:
        """Expected final total."""
        return self.calibrated + sum(one.mean for one in self.coming)

    @property
    def is_enough(self) -> bool:
        """Whether fifty deals were decided; fewer say nothing about a period."""
        return self.closed >= FEWEST_CLOSED


@dataclass(frozen=True, slots=True)
class Modes:
    """One deal decides: its amount and chance, and P10, P50, P90 of the total without and with it."""

    amount: float
    chance: float
    without: tuple[float, float, float]
    with_it: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PeriodForecast:
    """The distribution of a period's final total, booked included; `total` is None with too little history."""

    prospect: Prospect
    shock: float
    total: Distribution | None
    modes: Modes | None = None

    @property
    def is_enough(self) -> bool:
        """Whether history sufficed for a distribution."""
        return self.total is not None

    def quantile(self, share: float) -> float | None:
        """Quantile of the final total; None with too little history."""
        return self.total.quantile(share) if self.total else None


def prospect(
    history: History, start: dt.date, end: dt.date, *, as_of: dt.date, laws: History | None = None
) -> Prospect:
    """Gather what is known of the period at the beginning of `as_of`, the history's day.

    `laws` gives the win curves, seasons and changes of amounts where `history` is a part too small to have its own,
    such as one team's. Raises ValueError when the period has ended, or the history is of another day.
    """
    day = day_number(as_of)
    if end <= as_of or history.day != day:
        raise ValueError("a forecast is made before the end of its period, from the history of that day")
    law = laws or history
    wait, until = max((start - as_of).days, 0), (end - as_of).days
    span = Span(wait, until, season_of_wins(law.flow).pace(day, until))
    booked = history.brought(day_number(start), day)
    usual = float(law.amounts.won_amount.sum() / max(law.amounts.won.sum(), 1))
    before = quarter_of(start)[0]
    return Prospect(
        as_of=as_of,
        start=start,
        end=end,
        closed=law.closed,
        booked=booked,
        deals=_open_deals(history.standing, law, span, usual),
        orders=orders_to_come(history.orders, span, day=day),
        new=arrivals_to_come(history.flow, law.opening, law.amounts, span, day=day),
        weighted=booked + _weighted(history.standing, law, until, usual),
        pacing=_pacing(history, start, day, booked) if before == start else None,
        naive=_naive(history, start, end),
    )


def _open_deals(standing: Standing, law: History, span: Span, usual: float) -> OpenDeals:
    """Chance, expected final amount and its spread of each open deal; an amount that is not known is the usual one."""
    if not len(standing.days):
        return OpenDeals()
    chances = stage_chances(law.stages, span).of(standing.stages, standing.days)
    offset = sizes(law.amounts).of(standing.amounts)
    inside = np.clip(chances, 1e-9, 1 - 1e-9)
    chances = np.where(offset == 0, chances, special.expit(special.logit(inside) + offset))
    known = np.nan_to_num(standing.amounts) > 0
    amounts = np.where(known, standing.amounts, usual)
    means, spreads = _revised(standing, law)
    return OpenDeals.of(
        amounts * np.where(known, means, 1.0), np.clip(np.round(chances, 4), 0, 1), standing.counts,
        np.where(known, spreads, 0.0),
    )  # fmt: skip


def _revised(standing: Standing, law: History) -> tuple[Floats, Floats]:
    """Factor by which amounts of a stage change until the win, on average, and the spread of its logarithm."""
    nothing = Revision(0, 0.0, 0.0)
    found = [law.revisions.get(stage, nothing) for stage in standing.stages]
    trust = np.array([one.n / (one.n + PRIOR_REVISIONS) for one in found])
    spread = np.round(np.array([one.sd for one in found]) * trust, 3)
    return np.exp(trust * np.array([one.mean for one in found]) + spread**2 / 2), spread


def _weighted(standing: Standing, law: History, until: int, usual: float) -> float:
    """Sum of amount x stage win rate over deals expected to be signed before the end (or whose date is not known)."""
    if not len(standing.days):
        return 0.0
    rates = stage_chances(law.stages, Span.plain(EVER))
    by_stage = {stage: float(chain[0]) for stage, chain in rates.by_stage.items()}
    share = np.array([by_stage.get(stage, rates.overall) for stage in standing.stages])
    amounts = np.where(np.nan_to_num(standing.amounts) > 0, standing.amounts, usual)
    due = ~(standing.expected_in >= until)
    return float(np.sum((amounts * share * standing.counts)[due]))


def _pacing(history: History, start: dt.date, day: int, booked: float) -> float | None:
    """Link ratio over up to eight past quarters at the same number of days from their start."""
    into, then, final = day - day_number(start), [], []
    if into <= 0:
        return None
    first = start
    for _ in range(PACING_QUARTERS):
        last, first = first, quarter_of(first - dt.timedelta(days=1))[0]
        if day_number(first) < history.flow.first:
            break
        then.append(history.brought(day_number(first), day_number(first) + into))
        final.append(history.brought(day_number(first), day_number(last)))
    return pacing(booked, then, final)


def _naive(history: History, start: dt.date, end: dt.date) -> float | None:
    """What the same period a year before brought, else the one just before; None where the history is too short."""
    for year, shift in ((1, 0), (0, (end - start).days)):
        earlier = dt.date(start.year - year, start.month, min(start.day, 28)) - dt.timedelta(days=shift)
        first = day_number(earlier)
        if first >= history.flow.first and first + (end - start).days <= history.day:
            return history.brought(first, first + (end - start).days)
    return None


def foretell(found: Prospect, *, shock: float = DEFAULT_SHOCK) -> PeriodForecast:
    """Distribution of the period's final total, and the two-mode picture where one deal is over a quarter of it."""
    if not found.is_enough:
        return PeriodForecast(found, shock, None)
    total = period_total(found.deals, found.coming, shock=shock).shifted(found.booked)
    return PeriodForecast(found, shock, total, _modes(found, shock))


def _modes(found: Prospect, shock: float) -> Modes | None:
    deals = found.deals
    if not len(deals.amounts):
        return None
    fattest = int(np.argmax(np.where((deals.chances > 0) & (deals.chances < 1), deals.amounts, 0.0)))
    amount, chance = float(deals.amounts[fattest]), float(deals.chances[fattest])
    if amount <= FAT_PART * found.expected or not 0 < chance < 1:
        return None
    counts = deals.counts.copy()
    counts[fattest] -= 1
    rest = OpenDeals(deals.amounts, deals.chances, counts, deals.spread)

    def quantiles(is_won: bool) -> tuple[float, float, float]:
        total = period_total(rest, found.coming, shock=shock, seen=(chance, is_won))
        total = total.shifted(found.booked + (amount if is_won else 0.0))
        return total.quantile(0.1), total.quantile(0.5), total.quantile(0.9)

    return Modes(amount, chance, without=quantiles(False), with_it=quantiles(True))
