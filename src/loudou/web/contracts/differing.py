"""What an amendment changes, in words: one row for each field that two versions say differently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from loudou.contracts.choices import DueBasis
from loudou.contracts.due_words import due_words
from loudou.contracts.models import Instalment
from loudou.contracts.selectors.differences import FieldDifference, RowDifference, VersionDifferences
from loudou.web.frame import formats

NOTHING = "–"
TOTALS = ("net_amount", "tax_amount", "amount")


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One field that two versions say differently, in words; what belongs together is named once, in the first row."""

    subject: str
    change: str
    label: str
    old: str
    new: str


def difference_rows(found: VersionDifferences, plan: Sequence[RowDifference], currency: str) -> Iterator[DifferenceRow]:
    """All differences, one after the other: the total, lines, terms, payment plan, clauses."""
    totals = [field for field in found.terms if field.name in TOTALS]
    terms = [field for field in found.terms if field.name not in TOTALS]
    yield from _named(_("Total"), "", [_field(field, currency) for field in reversed(totals)])
    for row in found.lines:
        yield from _named(row.label, row.change, [_field(field, currency) for field in row.fields])
    yield from _named(_("Terms"), "", [_field(field, currency) for field in terms])
    for row in plan:
        subject = _("Instalment %(label)s") % {"label": row.label}
        yield from _named(subject, row.change, list(_of_instalment(*row.instalments)))
    for row in found.clauses:
        yield from _named(row.label, row.change, [_field(field, currency) for field in row.fields])


def _named(subject: str, change: str, fields: Sequence[tuple[str, str, str]]) -> Iterator[DifferenceRow]:
    for place, field in enumerate(fields):
        yield DifferenceRow(subject if place == 0 else "", change if place == 0 else "", *field)


def _of_instalment(old: Instalment | None, new: Instalment | None) -> Iterator[tuple[str, str, str]]:
    """What differs of an instalment, as its plan shows it: name, when it is due, amount."""
    for label, write in (
        (_("Name"), lambda row: row.label), (_("Due"), instalment_due),
        (_("Amount"), lambda row: formats.money(row.amount, row.currency)),
        (_("Retention"), lambda row: _("Yes") if row.is_retention else _("No")),
    ):  # fmt: skip
        before, after = ("" if row is None else write(row) for row in (old, new))
        if before == after or (None in {old, new} and _is_told_already(label, old or new)):
            continue
        yield label, before or NOTHING, after or NOTHING


def _is_told_already(label: str, row: Instalment | None) -> bool:
    """Whether an added or removed instalment need not say it: its name stands before it, and most retain nothing."""
    return label == _("Name") or (label == _("Retention") and row is not None and not row.is_retention)


def instalment_due(row: Instalment) -> str:
    """When an instalment is due, as its plan says it: the day, or the event and how much later."""
    return formats.date(row.fixed_on) if row.basis == DueBasis.DATE else due_words(row)


def _field(field: FieldDifference, currency: str) -> tuple[str, str, str]:
    return str(field.label), _words(field, field.old, currency), _words(field, field.new, currency)


def _words(field: FieldDifference, value: Any, currency: str) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        if field.name.endswith("_rate"):
            return formats.rate(value)
        is_money = field.name.endswith(("amount", "price"))
        return formats.money(value, currency) if is_money else formats.number(value.normalize())
    return formats.date(value) if isinstance(value, dt.date) else str(value)
