"""Customers by the month of their first order: which share ordered again in each month after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Cohort:
    """One row of the table: `active[k]` customers ordered k months after their first order; [0] is the cohort's size.

    Cells of months that are not over at the moment asked about are None: not known yet is not zero.
    """

    month: dt.date
    active: tuple[int | None, ...]
    amounts: tuple[Decimal | None, ...]
    as_of: dt.date

    @property
    def size(self) -> int:
        """Customers whose first order was in this month."""
        return self.active[0] or 0

    @property
    def retention(self) -> tuple[float | None, ...]:
        """Share of the cohort that ordered in each month."""
        return tuple(None if count is None else count / self.size for count in self.active)


def cohorts(rows: Iterable[tuple[dt.date, int, int, Decimal]], *, as_of: dt.date) -> list[Cohort]:
    """Fill the table from the rows of `cohorts.sql`: (cohort, age, customers, amount), the oldest cohort first.

    A cohort's own month is shown while it runs (it grows still); later months only once they are over.
    """
    cells: dict[dt.date, dict[int, tuple[int, Decimal]]] = {}
    for month, age, customers, amount in rows:
        cells.setdefault(month, {})[int(age)] = (int(customers), amount)
    if not cells:
        return []
    width = _months_between(min(cells), as_of) + 1
    table = []
    for month in sorted(cells):
        over = _months_over(month, as_of)
        known = [cells[month].get(age, (0, Decimal(0))) if age == 0 or age < over else None for age in range(width)]
        table.append(
            Cohort(
                month,
                tuple(None if cell is None else cell[0] for cell in known),
                tuple(None if cell is None else cell[1] for cell in known),
                as_of,
            )
        )
    return table


def _months_between(first: dt.date, last: dt.date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _months_over(month: dt.date, as_of: dt.date) -> int:
    """How many months, the cohort's own counted, are over at the end of the day asked about."""
    is_last_day = (as_of + dt.timedelta(days=1)).day == 1
    return _months_between(month, as_of) + (1 if is_last_day else 0)
