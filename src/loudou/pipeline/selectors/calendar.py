"""A month of days: which signings are expected and which next steps are due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Count, F, Value, Window
from django.db.models.functions import Coalesce, NullIf, RowNumber

from loudou.pipeline.models import Opportunity
from loudou.pipeline.models.opportunity import OpportunityQuerySet

ENTRIES_PER_DAY = 4
WEEKS = 6


class Entry(NamedTuple):
    """An opportunity on a day of the calendar."""

    pk: int
    subject: str
    next_step: str
    customer: str | None
    stage_id: int
    version: int


@dataclass
class Day:
    """One day: its first entries of both kinds, and how many there are in all."""

    on: dt.date
    signings: list[Entry] = field(default_factory=list)
    steps: list[Entry] = field(default_factory=list)
    signing_count: int = 0
    step_count: int = 0

    @property
    def left(self) -> int:
        """Entries that are not shown."""
        return self.signing_count + self.step_count - len(self.signings) - len(self.steps)


def calendar_days(
    rows: OpportunityQuerySet, *, month: dt.date, first_weekday: int = 0, per_day: int = ENTRIES_PER_DAY
) -> Sequence[Day]:
    """The six weeks around a month, with entries of `rows` (open ones). Four statements, each on one date index."""
    first = month.replace(day=1)
    start = first - dt.timedelta(days=(first.weekday() - first_weekday) % 7)
    grid = {(on := start + dt.timedelta(days=number)): Day(on) for number in range(WEEKS * 7)}
    for column in ("expected_on", "next_step_on"):
        inside = rows.filter(
            **{f"{column}__gte": start, f"{column}__lt": start + dt.timedelta(days=WEEKS * 7)}
        ).order_by()
        for on, count in inside.values_list(column).annotate(rows=Count("*")):
            setattr(grid[on], "signing_count" if column == "expected_on" else "step_count", count)
        for on, entry in _first_entries(inside, column, per_day):
            (grid[on].signings if column == "expected_on" else grid[on].steps).append(entry)
    return list(grid.values())


def _first_entries(rows: OpportunityQuerySet, column: str, per_day: int) -> list[tuple[dt.date, Entry]]:
    """The most valuable entries of each day."""
    by_value = [F("amount_base").desc(nulls_last=True), F("pk").asc()]
    ranked = rows.annotate(place=Window(RowNumber(), partition_by=[F(column)], order_by=by_value))
    # Ranking reads the date's index alone; only the few rows that are shown are fetched.
    first = ranked.filter(place__lte=per_day).values("pk")
    label = Coalesce(NullIf("customer__short_name", Value("")), "customer__name")
    found = (
        Opportunity.objects.filter(pk__in=first)
        .annotate(customer_label=label)
        .order_by(column, *by_value)
        .values_list(column, "pk", "subject", "next_step", "customer_label", "stage_id", "version")
    )
    return [(on, Entry(*values)) for on, *values in found]
