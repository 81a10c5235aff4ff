"""Real page numbers at a bounded cost: rows are counted up to a cap, however many there are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

COUNT_CAP = 10_000
FEW = 2_000
"""So many rows are cheaper found and sorted than met on a walk down an order until a page is full."""
PAGE_SIZES = (25, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class RowsPage:
    """One page of a list. `count` is exact unless `capped`, which means "at least so many"."""

    rows: Sequence[Any]
    number: int
    size: int
    count: int
    capped: bool

    @property
    def pages(self) -> int:
        """Number of pages that can be turned to."""
        return max(1, math.ceil(self.count / self.size))

    @property
    def first(self) -> int:
        """Place of the first row on this page, counted from 0."""
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        """Place after the last row on this page."""
        return self.first + len(self.rows)

    @property
    def previous_number(self) -> int:
        """Number of the page before."""
        return self.number - 1

    @property
    def next_number(self) -> int:
        """Number of the page after."""
        return self.number + 1

    def numbers(self) -> list[int]:
        """Page numbers to offer: both ends and the neighbours; 0 stands for a gap."""
        near = {1, self.pages, *range(max(1, self.number - 2), min(self.pages, self.number + 2) + 1)}
        offered: list[int] = []
        for number in sorted(near):
            if offered and number - offered[-1] > 1:
                offered.append(0)
            offered.append(number)
        return offered


def turn_to(
    rows: QuerySet[Any], *, number: int, size: int, known: int | None = None, cap: int | None = None
) -> RowsPage:
    """Read one page: one statement when all fits on the first page or the number of rows is `known`, else two.

    Pages go as far as `cap` (COUNT_CAP unless told), and so does the count; a `known` number above it says "more".

    When few rows are known to be there, they are looked for without a limit or without the order: seeking the first of
    an order the database trusts that they lie evenly spread, and reads the whole table when they lie at its end.
    """
    cap = COUNT_CAP if cap is None else cap
    number = max(1, min(number, math.ceil(cap / size)))
    first = (number - 1) * size
    if known == 0:
        return RowsPage([], 1, size, 0, capped=False)
    if known is not None and known <= size:
        found = list(rows)[:size]
        return RowsPage(found, 1, size, len(found), capped=False)
    if known is not None and known <= FEW:
        rows = rows.filter(pk__in=rows.order_by().values("pk")[: FEW + size])
    found = _slice(rows, first, first + size + 1, is_long=known is not None and known > FEW)
    if len(found) <= size and (found or number == 1):
        return RowsPage(found, number, size, first + len(found), capped=False)
    count = rows.order_by()[: cap + 1].count() if known is None else known
    if not found and count:
        return turn_to(rows, number=math.ceil(min(count, cap) / size), size=size, known=known, cap=cap)
    return RowsPage(found[:size], number, size, min(count, cap), capped=count > cap)


def _slice(rows: QuerySet[Any], start: int, stop: int, *, is_long: bool) -> list[Any]:
    """Read a part of the rows. In an order without an index all of them are sorted: then only their keys are."""
    if not is_long or _has_index(rows):
        return list(rows[start:stop])
    keys = list(rows.values_list("pk", flat=True)[start:stop])
    return list(rows.filter(pk__in=keys))


def _has_index(rows: QuerySet[Any]) -> bool:
    """Tell whether the rows' order begins with a column by which an index of the whole table is sorted."""
    order = rows.query.order_by
    first = order[0].removeprefix("-") if order and isinstance(order[0], str) else ""
    leading = {index.fields[0] for index in rows.model._meta.indexes if index.fields and index.condition is None}
    return first in {"pk", "id", *leading} or f"-{first}" in leading
