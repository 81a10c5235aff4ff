"""Quarters by day number: which quarter each day is in, and until when the rules of that day hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
QUARTER_END_DAYS = 14


@dataclass(frozen=True, slots=True)
class Days:
    """Day 0, 1, ... of a world: `quarter` counts from the first one, `season` is 0 to 3 within the year.

    `is_end` marks the last fourteen days of a quarter; `same_until` is the last day on which both are the same.
    """

    start: dt.date
    quarter: Ints
    season: Ints
    is_end: NDArray[np.bool_]
    same_until: Ints

    @property
    def quarters(self) -> int:
        """Number of quarters begun."""
        return int(self.quarter[-1]) + 1

    def date(self, day: int) -> dt.date:
        """Date of a day number."""
        return self.start + dt.timedelta(days=day)

    def quarter_starts(self) -> list[int]:
        """Day number on which each quarter begins."""
        return [0, *(np.nonzero(np.diff(self.quarter))[0] + 1).tolist()]


def days_of(start: dt.date, days: int) -> Days:
    """Number the days from `start`, which should begin a quarter."""
    dates = np.datetime64(start, "D") + np.arange(days + 1)
    months = dates.astype("datetime64[M]").astype(np.int64)
    absolute = months // 3
    after = ((absolute + 1) * 3).astype("datetime64[M]").astype("datetime64[D]")
    left = (after - dates).astype(np.int64)
    is_end = left <= QUARTER_END_DAYS
    key = absolute * 2 + is_end
    last = np.append(np.nonzero(np.diff(key))[0], days)
    return Days(
        start=start,
        quarter=absolute - absolute[0],
        season=(months // 3) % 4,
        is_end=is_end,
        same_until=last[np.searchsorted(last, np.arange(days + 1))],
    )
