"""When Chinese companies work: weekends, public holidays, the Spring Festival dip, the rush at the end of a quarter."""

from __future__ import annotations

import datetime as dt
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

TIME_ZONE = ZoneInfo("Asia/Shanghai")

SPRING_FESTIVALS = (
    dt.date(2020, 1, 25), dt.date(2021, 2, 12), dt.date(2022, 2, 1), dt.date(2023, 1, 22), dt.date(2024, 2, 10),
    dt.date(2025, 1, 29), dt.date(2026, 2, 17), dt.date(2027, 2, 6), dt.date(2028, 1, 26), dt.date(2029, 2, 13),
    dt.date(2030, 2, 3), dt.date(2031, 1, 23), dt.date(2032, 2, 11), dt.date(2033, 1, 31), dt.date(2034, 2, 19),
    dt.date(2035, 2, 8), dt.date(2036, 1, 28),
)  # fmt: skip
"""First day of the lunar year."""

MONTH_WEIGHTS = (0.90, 0.85, 1.25, 1.12, 1.02, 1.08, 0.95, 0.90, 1.12, 0.92, 1.08, 0.98)
"""How many sales are opened on a working day of a month, against the mean."""
FESTIVAL_DIP = 0.35
"""What remains of the openings in the two weeks before and the two after the Spring Festival."""
GROWTH_A_YEAR = 1.12
"""Openings grow by this factor from one year to the next."""
QUARTER_END_PULL = 0.40
"""Share of the wins due within QUARTER_END_REACH days after a quarter's end that are signed before it."""
QUARTER_END_REACH = 35

_FIRST_HOUR, _LAST_HOUR = 8, 18


def _near_festival(day: dt.date, before: int, after: int) -> bool:
    return any(-before <= (day - festival).days <= after for festival in SPRING_FESTIVALS)


@cache
def is_working_day(day: dt.date) -> bool:
    """Tell whether offices are open: no weekend, no public holiday."""
    if day.weekday() >= 5 or _near_festival(day, 1, 7):  # Saturday
        return False
    national_day = day.month == 10 and day.day <= 7
    labour_day = day.month == 5 and day.day <= 5
    new_year = day.month == 1 and day.day == 1
    return not (national_day or labour_day or new_year)


def working_day_from(day: dt.date) -> dt.date:
    """Return the day itself or the next working day."""
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return day


def working_day_until(day: dt.date) -> dt.date:
    """Return the day itself or the working day before."""
    while not is_working_day(day):
        day -= dt.timedelta(days=1)
    return day


def opening_weight(day: dt.date, *, start: dt.date) -> float:
    """How many sales are opened on a day, against the mean working day of the first year."""
    if not is_working_day(day):
        return 0.0
    dip = FESTIVAL_DIP if _near_festival(day, 14, 14) else 1.0
    growth: float = GROWTH_A_YEAR ** ((day - start).days / 365.25)
    return MONTH_WEIGHTS[day.month - 1] * dip * growth


def quarter_end_before(day: dt.date) -> dt.date:
    """Return the last day of the quarter before the one `day` lies in."""
    first_month = (day.month - 1) // 3 * 3 + 1
    return dt.date(day.year, first_month, 1) - dt.timedelta(days=1)


def during(day: dt.date, random: Random) -> dt.datetime:
    """Choose an instant in the working hours of a day."""
    minute = random.randrange(_FIRST_HOUR * 60 + 30, _LAST_HOUR * 60)
    return dt.datetime.combine(day, dt.time(minute // 60, minute % 60, random.randrange(60)), tzinfo=TIME_ZONE)


def after(moment: dt.datetime, days: float, random: Random) -> dt.datetime:
    """Choose a working instant `days` calendar days later, or the next working day; never before `moment`."""
    day = working_day_from((moment + dt.timedelta(days=days)).astimezone(TIME_ZONE).date())
    chosen = during(day, random)
    return chosen if chosen > moment else moment + dt.timedelta(minutes=random.randrange(5, 50))
