"""From the cells of a row to values, following the import's mapping, defaults and the person's decisions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from loudou.core.phrases import labelled
from loudou.core.rates import company
from loudou.exchange.choices import DateOrder, EmptyCell, Reconcile
from loudou.exchange.models import ImportJob, ImportRow
from loudou.exchange.targets import KINDS, Kind, Target, ValueType
from loudou.exchange.targets.synonyms import choice_words
from loudou.exchange.values.dates import read_date, read_moment
from loudou.exchange.values.numbers import read_currency, read_integer, read_money, read_number, read_share
from loudou.exchange.values.texts import letters, read_list, read_truth, same, tidy
from loudou.exchange.values.unreadable import Unreadable

ANY = "*"
"""Key of the decision about all values of a target that have none of their own."""


CODES = frozenset({"external_id", "credit_code", "registration_number", "code"})
"""Targets that hold numbers nobody counts with."""

_SHORTENED = re.compile(r"\d(\.\d+)?E\+\d{1,2}", re.IGNORECASE)


@dataclass(slots=True)
class Parsed:
    """A row as values by target code. References are still texts in `named` until the directory finds them."""

    row: ImportRow
    values: dict[str, Any] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What the person should know of a row that is loaded all the same."""

    skip: str = ""
    parts: list[Parsed] = field(default_factory=list)
    """All rows of this row's record, itself first; empty when rows are records of their own."""

    def text(self, code: str) -> str:
        """A text value, or ''."""
        return str(self.values.get(code, ""))


@dataclass(frozen=True)
class Decision:
    """What the person decided about a value of the file that names nothing known."""

    do: str
    to: str = ""


class Parser:
    """Reads rows of one import."""

    def __init__(self, job: ImportJob, *, date_orders: dict[str, str]) -> None:
        self.job = job
        self.kind: Kind = KINDS[job.kind]
        self.date_orders = date_orders
        self.columns = sorted((int(column), self.kind.target(code)) for column, code in job.mapping.items() if code)
        self.columns.sort(key=lambda pair: pair[0])
        self.defaults = {code: text for code, text in job.defaults.items() if text and self.kind.has(code)}
        self._known: dict[tuple[str, str], Any] = {}

    @cached_property
    def currency(self) -> str:
        """Currency of amounts that name none."""
        return self.job.currency or company().base_currency

    @cached_property
    def home_zone(self) -> str:
        """Time zone of the company: of an instant that names its offset, the day in it counts."""
        return company().time_zone

    def parse(self, rows: Iterable[ImportRow]) -> list[Parsed]:
        """Read rows; what cannot be read is said in `problems`."""
        return [self._parse(row) for row in rows]

    def _parse(self, row: ImportRow) -> Parsed:
        parsed = Parsed(row)
        width = len(self.job.headers)
        if any(cell.strip() for cell in row.cells[width:]):
            parsed.problems.append(
                _("The row has more cells than there are headings (%(width)s). Is a separator or a quote out of place?")
                % {"width": width}
            )
        for column, target in self.columns:
            text = row.cells[column].strip() if column < len(row.cells) else ""
            self._read_into(parsed, target, text)
        for code, text in self.defaults.items():
            if code not in parsed.values and code not in parsed.named:
                self._read_into(parsed, self.kind.target(code), text)
                parsed.cleared.discard(code)
        return parsed

    def _read_into(self, parsed: Parsed, target: Target, text: str) -> None:
        if not text:
            if self.job.empty_cell == EmptyCell.CLEAR and target.code not in parsed.values:
                parsed.cleared.add(target.code)
            return
        if target.value in (ValueType.REFERENCE, ValueType.REFERENCES):
            self._name(parsed, target, text)
            return
        try:
            value = self._value(target, text)
        except Unreadable as problem:
            parsed.problems.append(labelled(target.label, problem))
            return
        if value is None:
            return
        if target.value == ValueType.LIST and target.code in parsed.values:
            value = list(dict.fromkeys([*parsed.values[target.code], *value]))
        parsed.values[target.code] = value
        parsed.cleared.discard(target.code)

    def _name(self, parsed: Parsed, target: Target, text: str) -> None:
        names = read_list(text) if target.value == ValueType.REFERENCES else [tidy(text)]
        kept = []
        for name in names:
            decision = self.decision(target.code, name)
            if decision is None or decision.do in (Reconcile.CREATE, Reconcile.CLOSEST, Reconcile.FAIL):
                kept.append(name)
            elif decision.do == Reconcile.MAP:
                kept.append(decision.to)
        if kept:
            parsed.named.setdefault(target.code, []).extend(kept)
            parsed.cleared.discard(target.code)

    def decision(self, code: str, text: str) -> Decision | None:
        """What was decided about this very value of a target."""
        found = self.job.reconciled.get(code, {}).get(same(text))
        return Decision(found["do"], found.get("to", "")) if found else None

    def fallback(self, code: str) -> Decision | None:
        """What was decided about all other values of a target."""
        found = self.job.reconciled.get(code, {}).get(ANY)
        return Decision(found["do"], found.get("to", "")) if found else None

    def _value(self, target: Target, text: str) -> Any:
        if target.value == ValueType.TEXT:
            return self._text(target, text)
        key = (target.code, text)
        if key not in self._known:
            if len(self._known) > 50_000:  # noqa: PLR2004 - bounds the memory of a long import
                self._known.clear()
            self._known[key] = self._read(target, text)
        return self._known[key]

    def _text(self, target: Target, text: str) -> str:
        value = text if target.length is None else tidy(text)
        if target.code in CODES and _SHORTENED.fullmatch(value):
            raise Unreadable(
                _(
                    "“%(text)s” is a long number that a spreadsheet has shortened. Format the column as text and "
                    "export it again."
                )
                % {"text": value}
            )
        if target.length is not None and len(value) > target.length:
            raise Unreadable(
                _("The text has %(length)s characters; there is room for %(most)s.")
                % {"length": len(value), "most": target.length}
            )
        return value

    def _read(self, target: Target, text: str) -> Any:
        mark, order = self.job.decimal_mark, self.date_orders.get(target.code, self.job.date_order)
        readers: dict[ValueType, Callable[[], Any]] = {
            ValueType.LIST: lambda: read_list(text),
            ValueType.NUMBER: lambda: read_number(text, mark),
            ValueType.MONEY: lambda: read_money(text, mark),
            ValueType.INTEGER: lambda: read_integer(text, mark),
            ValueType.SHARE: lambda: read_share(text, mark),
            ValueType.DATE: lambda: read_date(text, order, self.home_zone, self.job.time_zone),
            ValueType.MOMENT: lambda: read_moment(text, order, self.job.time_zone or self.home_zone),
            ValueType.TRUTH: lambda: read_truth(text),
            ValueType.CURRENCY: lambda: read_currency(text),
            ValueType.CHOICE: lambda: self._choice(target, text),
        }
        return readers[target.value]()

    def _choice(self, target: Target, text: str) -> str | None:
        words = choice_words(target)
        decision = self.decision(target.code, text)
        if decision is None and letters(text) not in words:
            decision = self.fallback(target.code)
        if decision is not None and decision.do == Reconcile.EMPTY:
            return None
        wanted = decision.to if decision is not None and decision.do == Reconcile.MAP else text
        found = words.get(letters(wanted))
        if found is None:
            raise Unreadable(_("“%(text)s” is not one of the known values.") % {"text": text[:60]})
        return found


def money(parsed: Parsed, code: str) -> tuple[Decimal | None, str]:
    """The number and the currency a MONEY cell named ('' when it named none)."""
    found = parsed.values.get(code)
    return (None, "") if found is None else found


def orders_of_dates(job: ImportJob, ambiguous: Callable[[int], str | None]) -> dict[str, str]:
    """How to read the dates of each date column: as told, or as the column itself proves."""
    kind = KINDS[job.kind]
    if job.date_order != DateOrder.AUTO:
        return {}
    orders: dict[str, str] = {}
    for column, code in job.mapping.items():
        if code and kind.target(code).value in (ValueType.DATE, ValueType.MOMENT):
            orders[code] = ambiguous(int(column)) or DateOrder.MDY
    return orders


def needed(kind: Kind, codes: Sequence[str]) -> list[Target]:
    """Required targets that have neither a column nor a default."""
    return [target for target in kind.targets if target.required and target.code not in codes]
