"""When in a quarter deals are won and opened: an index where history shows it clearly, and one where it does not."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from funnelstats.forecast.history import Flow, date_of, day_number

Floats = NDArray[np.float64]
WEEKS = 13
CLEAR = 0.01
PRIOR_EVENTS = 20.0
FEWEST_EVENTS = 50
_FLAT_WEEKS, _FLAT_WEEKDAYS = np.ones(WEEKS), np.ones(7)


@dataclass(frozen=True, slots=True)
class Season:
    """Factors of a daily rate: `by_week` of the quarter counted from its end (0: the last seven days), `by_weekday`.

    All ones where the hypothesis of no season stands (p of a chi-square test of 0.01 and more).
    """

    by_week: Floats
    by_weekday: Floats

    def pace(self, first: int, days: int) -> Floats:
        """Factor of each of so many days from day number `first` on."""
        week, weekday = places(first, days)
        return np.asarray(self.by_week[week] * self.by_weekday[weekday])


NO_SEASON = Season(_FLAT_WEEKS, _FLAT_WEEKDAYS)


def quarter_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """First day of a day's quarter, and of the next one."""
    start = dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return start, dt.date(start.year + start.month // 10, (start.month + 2) % 12 + 1, 1)


def places(first: int, days: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Week of the quarter, counted from its end, and weekday (Monday is 0) of days from day number `first` on."""
    numbers = np.arange(first, first + days)
    dates = numbers.astype("datetime64[D]")
    quarter = dates.astype("datetime64[M]").astype(np.int64) // 3
    ends = ((quarter + 1) * 3).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.minimum((ends - 1 - numbers) // 7, WEEKS - 1), (numbers + 3) % 7


def season(events: Floats, exposure: Floats, first: int) -> Season:
    """Find the season of events per exposure, such as wins per open deal, day by day from day number `first` on.

    Returns `NO_SEASON` where there are fewer than fifty events.
    """
    if events.sum() < FEWEST_EVENTS or not exposure.sum():
        return NO_SEASON
    week, weekday = places(first, len(events))
    expected = exposure * events.sum() / exposure.sum()
    by_weekday = _index(events, expected, weekday, 7)
    expected = expected * by_weekday[weekday]
    expected *= events.sum() / expected.sum()
    return Season(_index(events, expected, week, WEEKS), by_weekday)


def _index(by_day: Floats, expected_by_day: Floats, place: NDArray[np.int64], size: int) -> Floats:
    """Observed over expected, drawn towards one as if twenty events had been as expected; ones without evidence."""
    events = np.bincount(place, by_day, size).astype(np.float64)
    expected = np.bincount(place, expected_by_day, size).astype(np.float64)
    used = expected > 0
    statistic = float(np.sum((events[used] - expected[used]) ** 2 / expected[used]))
    if stats.chi2.sf(statistic, int(used.sum()) - 1) >= CLEAR:
        return np.ones(len(events))
    index = (events + PRIOR_EVENTS) / (expected + PRIOR_EVENTS)
    # Normal days stay normal: the mean over what is to be expected is one.
    return np.asarray(index * expected.sum() / (index @ expected))


def season_of_wins(flow: Flow) -> Season:
    """When in the quarter open deals are won."""
    return season(flow.won, np.maximum(flow.open_before, 0.0), flow.first)


def season_of_arrivals(flow: Flow) -> Season:
    """When in the quarter deals are opened, against a level that runs from one whole quarter's mean to the next.

    Growth is no season.
    """
    start = quarter_of(date_of(flow.first))[1]
    end = quarter_of(date_of(flow.end))[0]
    if start >= end:
        return NO_SEASON
    opened = flow.opened[day_number(start) - flow.first : day_number(end) - flow.first]
    days = np.arange(len(opened))
    months = (day_number(start) + days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    quarter = months // 3 - months[0] // 3
    lengths = np.bincount(quarter)
    middles = np.cumsum(lengths) - lengths / 2
    return season(opened, np.interp(days, middles, np.bincount(quarter, opened) / lengths), day_number(start))
