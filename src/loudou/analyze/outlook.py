"""What this and the next quarter will bring, as a distribution, and how such forecasts did in the file's own past.

Open deals are won within the quarter with the chance that deals of their age had; deals that are not opened yet come as
they came in the last thirteen weeks. All open deals share a shock, whose size is the smallest that made past forecasts'
P10-P90 hold what they promise. Distributions are computed exactly on a grid, not simulated.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from funnelstats.accuracy import accuracy
from funnelstats.survival import CompetingRisks
from funnelstats.totals import Distribution, add, total_of_arrivals, total_of_deals
from loudou.analyze.deals import Deals
from loudou.analyze.questions import ages, curves

SHOCKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
DEFAULT_SHOCK = 0.4
PROMISED_COVERAGE = 0.8
TRAILING_DAYS = 91
FEWEST_CLOSED = 50
FEWEST_BACKTESTS = 2
GRID = 4000


@dataclass(frozen=True, slots=True)
class Forecast:
    """A quarter: won in it so far, quantiles of its final total, and the plain stage-blind weighted pipeline beside."""

    period: str
    start: dt.date
    end: dt.date
    booked: float
    p10: float
    p50: float
    p90: float
    weighted: float
    from_open: float
    from_new: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """One past quarter, forecast from what was known at its start."""

    period: str
    p10: float
    p50: float
    p90: float
    weighted: float
    naive: float
    actual: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Forecasts, past forecasts with their accuracy, and the shock they led to; empty with too little history."""

    forecasts: tuple[Forecast, ...]
    backtests: tuple[Backtest, ...]
    wape: float | None
    wape_weighted: float | None
    wape_naive: float | None
    coverage: float | None
    shock: float


def quarter_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """First day of a day's quarter, and of the next one."""
    start = dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return start, dt.date(start.year + (start.month == 10), (start.month + 2) % 12 + 1, 1)  # noqa: PLR2004


def label(start: dt.date) -> str:
    """Name of a quarter, such as 2026-Q3."""
    return f"{start.year}-Q{(start.month + 2) // 3}"


def outlook(deals: Deals) -> Outlook:
    """Forecast the quarter of the file's last day and the one after, with a back-test on earlier quarters."""
    [(closed, first)] = deals.engine.execute(
        "SELECT count(*), min(opened_on) FROM deals WHERE outcome <> 'open' AND closed_on IS NOT NULL"
    ).fetchall()
    if closed < FEWEST_CLOSED or first is None:
        return Outlook((), (), None, None, None, None, DEFAULT_SHOCK)
    # On the last day of a quarter it is over: the two that matter are the next ones.
    this, following = quarter_of(deals.as_of + dt.timedelta(days=1))
    past = _past_quarters(quarter_of(first)[1], this)
    shock, tests = _tune(deals, past)
    after = quarter_of(following)[1]
    forecasts = (
        _forecast(deals, deals.as_of, this, following, shock),
        _forecast(deals, deals.as_of, following, after, shock),
    )
    actual = [test.actual for test in tests]
    held = [test.p10 <= test.actual <= test.p90 for test in tests]
    return Outlook(
        forecasts=forecasts,
        backtests=tuple(tests),
        wape=accuracy([test.p50 for test in tests], actual).wape,
        wape_weighted=accuracy([test.weighted for test in tests], actual).wape,
        wape_naive=accuracy([test.naive for test in tests], actual).wape,
        coverage=sum(held) / len(held) if held else None,
        shock=shock,
    )


def _past_quarters(first: dt.date, this: dt.date) -> list[tuple[dt.date, dt.date]]:
    quarters = []
    start = first
    while start < this:
        quarters.append((start, quarter_of(start)[1]))
        start = quarter_of(start)[1]
    return quarters


def _tune(deals: Deals, past: list[tuple[dt.date, dt.date]]) -> tuple[float, list[Backtest]]:
    """The smallest shock whose past intervals held often enough, with the forecasts it would have made."""
    usable = [(start, end) for start, end in past if _closed_before(deals, start) >= FEWEST_CLOSED]
    if len(usable) < FEWEST_BACKTESTS:
        return DEFAULT_SHOCK, [_backtest(deals, start, end, DEFAULT_SHOCK) for start, end in usable]
    tests: list[Backtest] = []
    for shock in SHOCKS:
        tests = [_backtest(deals, start, end, shock) for start, end in usable]
        if sum(test.p10 <= test.actual <= test.p90 for test in tests) >= PROMISED_COVERAGE * len(tests):
            return shock, tests
    return SHOCKS[-1], tests


def _closed_before(deals: Deals, day: dt.date) -> int:
    [(count,)] = deals.engine.execute(
        "SELECT count(*) FROM deals WHERE outcome <> 'open' AND closed_on < $day", {"day": day}
    ).fetchall()
    return int(count)


def _won_between(deals: Deals, start: dt.date, end: dt.date) -> float:
    [(total,)] = deals.engine.execute(
        "SELECT coalesce(sum(amount), 0) FROM deals WHERE outcome = 'won' AND closed_on >= $start AND closed_on < $end",
        {"start": start, "end": end},
    ).fetchall()
    return float(total)


def _backtest(deals: Deals, start: dt.date, end: dt.date, shock: float) -> Backtest:
    eve = start - dt.timedelta(days=1)
    made = _forecast(deals, eve, start, end, shock)
    before = quarter_of(eve)[0]
    return Backtest(
        label(start), made.p10, made.p50, made.p90, made.weighted,
        naive=_won_between(deals, before, start), actual=_won_between(deals, start, end),
    )  # fmt: skip


def _forecast(deals: Deals, as_of: dt.date, start: dt.date, end: dt.date, shock: float) -> Forecast:
    """Distribution of what [start, end) brings in all, as seen on `as_of`, which lies in it or before it."""
    found = curves(ages(deals, as_of=as_of))
    usual = _usual_amounts(deals, as_of)
    mean = float(usual.mean()) if len(usual) else 0.0
    booked = _won_between(deals, start, min(end, as_of + dt.timedelta(days=1)))
    wait, until = max((start - as_of).days, 0), (end - as_of).days
    amounts, chances = _open_deals(deals, as_of, found, mean=mean, wait=wait, until=until)
    expected_new = _expected_wins_of_new(deals, as_of, found, wait, until)
    total = _total(amounts, chances, expected_new, usual, shock)
    closed_rate = _closed_rate(deals, as_of)
    return Forecast(
        period=label(start),
        start=start,
        end=end,
        booked=booked,
        p10=booked + total.quantile(0.1),
        p50=booked + total.quantile(0.5),
        p90=booked + total.quantile(0.9),
        weighted=booked + closed_rate * float(amounts.sum()),
        from_open=float(amounts @ chances),
        from_new=expected_new * mean,
    )


def _total(amounts: np.ndarray, chances: np.ndarray, arrivals: float, usual: np.ndarray, shock: float) -> Distribution:
    mean_new = arrivals * float(usual.mean()) if len(usual) else 0.0
    step = max((float(amounts.sum()) + 3 * mean_new) / GRID, 1e-9)
    existing = total_of_deals(amounts, chances, shock=shock, step=step)
    if not mean_new:
        return existing
    room = int(mean_new / step * 3 + 6 * np.sqrt(arrivals + 1) * float(usual.max()) / step) + 2
    return add(existing, total_of_arrivals(arrivals, usual, step=step, length=room))


def _usual_amounts(deals: Deals, as_of: dt.date) -> np.ndarray:
    rows = deals.engine.execute(
        "SELECT amount FROM deals WHERE outcome = 'won' AND closed_on <= $as_of AND amount > 0"
        " USING SAMPLE 20000 ROWS (reservoir, 7)",
        {"as_of": as_of},
    ).fetchall()
    return np.array([amount for (amount,) in rows], dtype=float)


def _open_deals(
    deals: Deals, as_of: dt.date, found: CompetingRisks, *, mean: float, wait: int, until: int
) -> tuple[np.ndarray, np.ndarray]:
    """Amounts of the deals open on a day, and each one's chance to be won after `wait` and before `until` days.

    P(won in (a + wait, a + until] | undecided at age a) = (CIF(a + until) - CIF(a + wait)) / S(a). What an amount is
    missing in gets the mean of won deals; a deal whose opening is not known counts as just opened.
    """
    rows = deals.engine.execute(
        """
        SELECT greatest(coalesce(date_diff('day', opened_on, $as_of), 0), 0) AS age,
               CASE WHEN amount > 0 AND outcome <> 'lost' THEN amount ELSE $mean END AS worth, count(*) AS deals
        FROM deals
        WHERE coalesce(opened_on <= $as_of, outcome = 'open' AND $as_of >= $last)
              AND (outcome = 'open' OR closed_on > $as_of)
        GROUP BY ALL ORDER BY ALL
        """,
        {"as_of": as_of, "mean": mean, "last": deals.as_of},
    ).fetchall()
    amounts: list[float] = []
    chances: list[float] = []
    for age, worth, count in rows:
        alive = found.undecided_at(age)
        chance = (found.won_by(age + until - 1) - found.won_by(age + wait)) / alive if alive > 0 else 0.0
        amounts += [worth] * count
        chances += [round(min(max(chance, 0.0), 1.0), 3)] * count  # alike deals are added up together
    return np.array(amounts), np.array(chances)


def _expected_wins_of_new(deals: Deals, as_of: dt.date, found: CompetingRisks, wait: int, until: int) -> float:
    """Expected number of deals opened after `as_of` and won between `wait` and `until` days from it."""
    [(opened,)] = deals.engine.execute(
        "SELECT count(*) FROM deals WHERE opened_on > $since AND opened_on <= $as_of",
        {"since": as_of - dt.timedelta(days=TRAILING_DAYS), "as_of": as_of},
    ).fetchall()
    a_day = opened / TRAILING_DAYS
    return float(a_day) * sum(
        found.won_by(until - 1 - day) - (found.won_by(wait - day) if wait > day else 0.0) for day in range(1, until)
    )


def _closed_rate(deals: Deals, as_of: dt.date) -> float:
    [(rate,)] = deals.engine.execute(
        "SELECT count(*) FILTER (WHERE outcome = 'won') / nullif(count(*), 0)"
        " FROM deals WHERE outcome <> 'open' AND closed_on <= $as_of",
        {"as_of": as_of},
    ).fetchall()
    return float(rate or 0.0)
