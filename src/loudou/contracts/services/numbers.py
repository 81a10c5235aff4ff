"""Numbers of documents: gap-free where the law wants it, fast elsewhere, never twice."""

from __future__ import annotations

import datetime as dt
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypedDict, Unpack

from django.db import connection
from django.utils.translation import gettext as _

from loudou.contracts.choices import DocumentKind, NumberReset
from loudou.contracts.errors import SeriesMissing
from loudou.contracts.models import NumberCounter, NumberSeries
from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version, lock, service, validate

LANES = 32
"""How many documents of a series that may have gaps can be numbered at the same moment without waiting."""

WIDEST = 12
_LITERAL = re.compile(r"[\w\-/.()（）]*")
_NEEDS: Mapping[str, tuple[frozenset[str], ...]] = {
    NumberReset.NEVER: (),
    NumberReset.YEARLY: (frozenset({"year", "yy"}),),
    NumberReset.MONTHLY: (frozenset({"year", "yy"}), frozenset({"month"})),
}

# A share of the series keeps its set-up from changing meanwhile, without making documents wait for each other. The
# counter of a series without gaps is what they wait for: the same statement moves it on by as many as are wanted.
_TAKE = """
    WITH series AS (
        SELECT *, CASE reset WHEN 'monthly' THEN %(month)s WHEN 'yearly' THEN %(year)s ELSE '' END AS period
        FROM contracts_numberseries WHERE kind = %(kind)s FOR SHARE
    ), drawn AS (
        INSERT INTO contracts_numbercounter AS counter (series_id, period, lane, last)
        SELECT id, period, 0, starts_at + %(wanted)s - 1 FROM series WHERE is_gap_free
        ON CONFLICT (series_id, period, lane) DO UPDATE SET last = counter.last + %(wanted)s
        RETURNING last
    )
    SELECT series.*, drawn.last FROM series LEFT JOIN drawn ON true
"""
_OPEN_LANES = """
    INSERT INTO contracts_numbercounter (series_id, period, lane, last)
    SELECT %(series)s, %(period)s, lane, %(first)s + lane - 1 - %(lanes)s FROM generate_series(1, %(lanes)s) lane
    ON CONFLICT DO NOTHING
"""
_NEXT_IN_A_FREE_LANE = """
    UPDATE contracts_numbercounter SET last = last + %(lanes)s WHERE id = (
        SELECT id FROM contracts_numbercounter WHERE series_id = %(series)s AND period = %(period)s AND lane > 0
        ORDER BY last LIMIT 1 FOR NO KEY UPDATE {skip}
    ) RETURNING last
"""


class SeriesFacts(TypedDict, total=False):
    """What can be set up of a series."""

    pattern: str
    reset: str
    starts_at: int
    is_gap_free: bool
    numbered_at: str


def next_number(kind: DocumentKind | str, *, on: dt.date) -> str:
    """Give the next number of a kind of document that is dated `on`. See `next_numbers`."""
    return next_numbers(kind, [on])[0]


def next_numbers(kind: DocumentKind | str, days: Sequence[dt.date]) -> list[str]:
    """Give the next numbers of documents of one kind by their days, one for each, in order. Raises SeriesMissing.

    Not a verb of its own: the calling service writes the documents in the same transaction, and asks as late as it can.
    In a gap-free series the counter stays locked until that ends, so a posting that fails gives its numbers back and
    nobody skips one. Counters are the last rows that a transaction locks, those of several months in their order, and
    all numbers of a month are taken at once; so two postings never wait for each other.
    """
    given: dict[int, str] = {}
    places = sorted(range(len(days)), key=lambda place: (days[place].year, days[place].month))
    for _month, together in groupby(places, key=lambda place: (days[place].year, days[place].month)):
        wanted = list(together)
        taken = _take(str(kind), days[wanted[0]], len(wanted))
        given |= {place: taken.write(step, days[place]) for step, place in enumerate(wanted)}
    return [given[place] for place in range(len(days))]


@dataclass(frozen=True, slots=True)
class _Taken:
    """Numbers taken from one series for one month."""

    pattern: str
    numbers: Sequence[int]

    def write(self, place: int, on: dt.date) -> str:
        return _format(self.pattern, self.numbers[place], on)


def _take(kind: str, on: dt.date, wanted: int) -> _Taken:
    """Take so many numbers for documents of one month. Raises SeriesMissing."""
    facts = {"kind": kind, "wanted": wanted, "year": f"{on:%Y}", "month": f"{on:%Y-%m}"}
    found: Iterable[Any] = NumberSeries.objects.raw(_TAKE, facts)  # rows with `period` and `last` besides
    for series in found:
        if series.is_gap_free:
            return _Taken(series.pattern, range(series.last - wanted + 1, series.last + 1))
        return _Taken(series.pattern, [_from_a_free_lane(series, series.period) for _number in range(wanted)])
    raise SeriesMissing(kind=DocumentKind(kind).label)


@service("contracts.configure")
def update_series(
    actor: Actor, series_id: int, *, version: int | None = None, **changes: Unpack[SeriesFacts]
) -> NumberSeries:
    """Set up how a kind of document is numbered; numbers already given stay as they are.

    Raises NotVisible, StaleWrite, InvalidInput.
    """
    series = lock(NumberSeries.objects.all(), series_id)  # waits for whoever is taking a number
    check_version(series, version)
    written = [name for name, value in changes.items() if getattr(series, name) != value]
    lanes_change = "is_gap_free" in written
    for name in written:
        setattr(series, name, changes[name])  # type: ignore[literal-required]
    validate(series)
    check_pattern(series.pattern, series.reset)
    if lanes_change:
        _carry_counters_over(series)
    if written:
        series.save_changes(*written)
    return series


def check_pattern(pattern: str, reset: str) -> None:
    """Refuse a format that would give the same number twice or that cannot be read. Raises InvalidInput."""
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError:
        raise _wrong_pattern(_("A brace is not closed.")) from None
    names = [name for _text, name, _spec, _conversion in parts if name is not None]
    literal = "".join(text for text, *_rest in parts)
    if set(names) - {"year", "yy", "month", "number"} or not _LITERAL.fullmatch(literal):
        raise _wrong_pattern(
            _("Use letters, digits and - / . ( ), and {year}, {yy}, {month} and {number:4} in curly braces.")
        )
    if names.count("number") != 1:
        raise _wrong_pattern(_("The format needs {number:4} exactly once."))
    for _text, name, spec, conversion in parts:
        width = spec or "1"
        if conversion or (name == "number" and not (width.isdigit() and 1 <= int(width) <= WIDEST)):
            raise _wrong_pattern(_("The least number of digits is between 1 and %(most)s.") % {"most": WIDEST})
        if name not in (None, "number") and spec:
            raise _wrong_pattern(_("Only {number} takes a number of digits."))
    if not all(set(names) & choice for choice in _NEEDS[reset]):
        raise _wrong_pattern(
            _("A series that starts again needs the year, and the month if it does so every month, in its numbers.")
        )


def sample(series: NumberSeries, *, on: dt.date) -> str:
    """Show what the first number of the series looks like."""
    return _format(series.pattern, series.starts_at, on)


def _wrong_pattern(sentence: str) -> InvalidInput:
    return InvalidInput({"pattern": [sentence]})


def _from_a_free_lane(series: NumberSeries, period: str) -> int:
    facts: dict[str, int | str] = {
        "series": series.pk,
        "period": period,
        "first": series.starts_at,
        "lanes": LANES,
    }
    with connection.cursor() as cursor:
        for statement in (
            _NEXT_IN_A_FREE_LANE.format(skip="SKIP LOCKED"),
            _OPEN_LANES,
            _NEXT_IN_A_FREE_LANE.format(skip="SKIP LOCKED"),
            _NEXT_IN_A_FREE_LANE.format(skip=""),
        ):
            cursor.execute(statement, facts)
            if statement is not _OPEN_LANES and (row := cursor.fetchone()) is not None:
                return int(row[0])
    raise SeriesMissing(kind=series.get_kind_display())


def _format(pattern: str, number: int, on: dt.date) -> str:
    written = []
    for text, name, spec, _conversion in string.Formatter().parse(pattern):
        written.append(text)
        if name == "number":
            written.append(str(number).zfill(int(spec or "1")))
        elif name is not None:
            written.append({"year": f"{on:%Y}", "yy": f"{on:%y}", "month": f"{on:%m}"}[name])
    return "".join(written)


def _carry_counters_over(series: NumberSeries) -> None:
    """Go on above the highest number given in each period when a series becomes gap-free or ceases to be."""
    counters = NumberCounter.objects.filter(series=series)
    highest: dict[str, int] = {}
    for period, last in counters.values_list("period", "last"):
        highest[period] = max(last, highest.get(period, 0))
    counters.delete()
    NumberCounter.objects.bulk_create(
        NumberCounter(series=series, period=period, lane=lane, last=last)
        for period, top in highest.items()
        for lane, last in (
            [(0, top)] if series.is_gap_free else [(lane, top + lane - LANES) for lane in range(1, LANES + 1)]
        )
    )
