"""A calendar of what is to happen: acts are done in the order of their days, and plan further ones."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Callable
from itertools import count

from loudou.demo import calendar

Act = Callable[[dt.date], None]
"""Something to be done, given the day on which it is done."""
_AFTERNOON = dt.time(16, 30)


class Agenda:
    """Acts by day. What is planned for the past is done at once; what lies beyond the last day is never done."""

    def __init__(self) -> None:
        self._acts: list[tuple[dt.date, int, Act]] = []
        self._numbers = count()
        self.day = dt.date.min

    def plan(self, day: dt.date, act: Act) -> None:
        """Plan an act; on one day the first planned is done first."""
        heapq.heappush(self._acts, (max(day, self.day), next(self._numbers), act))

    def live_through(self, today: dt.date) -> None:
        """Do everything that is planned until `today`."""
        while self._acts and self._acts[0][0] <= today:
            self.day, _number, act = heapq.heappop(self._acts)
            act(self.day)


def instant(day: dt.date) -> dt.datetime:
    """When on a day the office posts what happened."""
    return dt.datetime.combine(day, _AFTERNOON, tzinfo=calendar.TIME_ZONE)


def working_days_later(day: dt.date, days: int) -> dt.date:
    """So many calendar days later, or the next working day."""
    return calendar.working_day_from(day + dt.timedelta(days=days))
