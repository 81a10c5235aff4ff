"""Dates as people write them: ISO, Chinese, American, European, month names, spreadsheet serials."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from loudou.exchange.choices import DateOrder
from loudou.exchange.values.unreadable import Unreadable

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T\s,]\s*(.*))?")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?:[T\s,]\s*(.*))?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\s*(\d{2})(\d{2})(\d{2})?)?")
_MILLISECONDS = re.compile(r"1\d{12}")
"""Milliseconds since 1970, as some systems write instants; from 2001 to 2033."""

_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_DAY_NAME_YEAR = re.compile(r"(\d{1,2})[\s\-]+([A-Za-z]{3,9})\.?[\s\-,]+(\d{4}|\d{2})(?:\s+(.*))?")
_NAME_DAY_YEAR = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:,?\s+(.*))?")
_CLOCK = re.compile(
    r"(?:上午|下午)?\s*(\d{1,2})[:时](\d{2})(?:[:分](\d{2})秒?(?:\.\d+)?)?\s*(AM|PM|am|pm)?\s*(Z|[+-]\d{2}:?\d{2})?分?"
)
_MONTHS = {
    name: n
    for n, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_SERIALS = range(20_000, 80_000)
_EPOCH = dt.date(1899, 12, 30)
_YEARS = range(1800, 2200)
_CENTURY_TURNS = 70
_NOON = 12
NOON = dt.time(12)

AMBIGUOUS = r"^\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})"
"""Regular expression (PostgreSQL, too) of dates whose order of day and month must be known."""


def read_date(text: str, order: str, home: str = "", zone: str = "") -> dt.date:
    """Read a day of the time zone `home`. Raises Unreadable.

    An instant of another zone may lie on another day there: one that names its offset, or any time but midnight when
    the file's times are of `zone`. Midnight without an offset is a day that some program gave a time.
    """
    day, clock, offset = _read(text, order)
    if clock is None or not home or (offset is None and (not zone or clock == dt.time())):
        return day
    return dt.datetime.combine(day, clock, offset or ZoneInfo(zone)).astimezone(ZoneInfo(home)).date()


def read_moment(text: str, order: str, zone: str) -> dt.datetime:
    """Read an instant. A time without an offset is one of `zone`, a day alone means its noon. Raises Unreadable."""
    day, clock, offset = _read(text, order)
    return dt.datetime.combine(day, clock or NOON, offset or ZoneInfo(zone))


@lru_cache(maxsize=20_000)
def _read(text: str, order: str) -> tuple[dt.date, dt.time | None, dt.timezone | None]:
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        if _MILLISECONDS.fullmatch(plain):
            at = dt.datetime.fromtimestamp(int(plain) / 1000, dt.UTC)
            return at.date(), at.time().replace(microsecond=0), dt.UTC
        found = _parts(plain, order)
        if found is None:
            raise _unreadable(text)
        (year, month, day), rest = found
        if year not in _YEARS:
            raise _unreadable(text)
        clock, offset = _clock(rest) if rest else (None, None)
        return dt.date(year, month, day), clock, offset
    except ValueError as error:
        if isinstance(error, Unreadable):
            raise
        raise _unreadable(text) from error


def _parts(plain: str, order: str) -> tuple[tuple[int, int, int], str] | None:  # noqa: PLR0911 - one per way
    if match := _YEAR_FIRST.fullmatch(plain):
        return (int(match[1]), int(match[2]), int(match[3])), match[4] or ""
    if match := _YEAR_LAST.fullmatch(plain):
        return _ordered(int(match[1]), int(match[2]), int(match[3]), order, len(match[3])), match[4] or ""
    if match := _PACKED.fullmatch(plain):
        return (int(match[1]), int(match[2]), int(match[3])), f"{match[4]}:{match[5]}" if match[4] else ""
    if _SERIAL.fullmatch(plain) and int(float(plain)) in _SERIALS:
        day = _EPOCH + dt.timedelta(days=int(float(plain)))
        return (day.year, day.month, day.day), ""
    if match := _DAY_NAME_YEAR.fullmatch(plain):
        return (_full_year(int(match[3]), len(match[3])), _month(match[2]), int(match[1])), match[4] or ""
    if match := _NAME_DAY_YEAR.fullmatch(plain):
        return (int(match[3]), _month(match[1]), int(match[2])), match[4] or ""
    return None


def _ordered(first: int, second: int, third: int, order: str, digits: int) -> tuple[int, int, int]:
    if order == DateOrder.YMD and digits == 2:  # noqa: PLR2004 - a short year may come first
        return _full_year(first, 2), second, third
    year = _full_year(third, digits)
    return (year, second, first) if order == DateOrder.DMY else (year, first, second)


def _full_year(year: int, digits: int) -> int:
    if digits > 2:  # noqa: PLR2004 - not abbreviated
        return year
    return year + (1900 if year >= _CENTURY_TURNS else 2000)


def _month(name: str) -> int:
    return _MONTHS.get(name[:3].lower(), 0)


def _clock(text: str) -> tuple[dt.time | None, dt.timezone | None]:
    match = _CLOCK.fullmatch(text.strip())
    if not match:
        raise ValueError(text)
    hour = int(match[1])
    if ((match[4] or "").lower() == "pm" or text.startswith("下午")) and hour < _NOON:
        hour += _NOON
    elif (match[4] or "").lower() == "am" and hour == _NOON:
        hour = 0
    offset = None
    if zone := match[5]:
        minutes = 0 if zone == "Z" else int(zone[1:3]) * 60 + int(zone[-2:])
        offset = dt.timezone(dt.timedelta(minutes=-minutes if zone[0] == "-" else minutes))
    return dt.time(hour, int(match[2]), int(match[3] or 0)), offset


def _unreadable(text: str) -> Unreadable:
    return Unreadable(_("“%(text)s” is not a date. Write it like 2026-03-31.") % {"text": text[:60]})
