"""A bank's file of movements, read: where its table begins, and its rows, or why they cannot be read.

Banks write one signed amount, or an amount with a column that says in or out, or two columns, money in and money out.
Above their table they put lines about the account, below it often totals.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from django.utils.translation import gettext as _

from loudou.contracts.services.ledger_drafts import BankRow
from loudou.core.phrases import labelled
from loudou.exchange.choices import DateOrder
from loudou.exchange.reading.row import Line
from loudou.exchange.reading.tables import Table
from loudou.exchange.targets.bank import FEWEST, IN, OUT, label_of, propose_bank_columns
from loudou.exchange.values.dates import AMBIGUOUS, read_date
from loudou.exchange.values.numbers import read_currency, read_money
from loudou.exchange.values.texts import same, tidy
from loudou.exchange.values.unreadable import Unreadable

T = TypeVar("T")
PREAMBLE = 60
"""Rows among which the heading of a bank's table is looked for."""

_AMBIGUOUS = re.compile(AMBIGUOUS)
_DAYS_OF_MONTH = 12


@dataclass(frozen=True, slots=True)
class Manner:
    """How the cells of a bank's file are meant: targets by column, orders and marks, the currency of the account."""

    mapping: Mapping[int, str]
    date_order: str
    decimal_mark: str
    currency: str


@dataclass(frozen=True, slots=True)
class Movement:
    """A row that was read, with its number in the file and its cells."""

    number: int
    cells: list[str]
    row: BankRow


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read, and why."""

    number: int
    cells: list[str]
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """All rows of a file: movements, and those that are none."""

    movements: list[Movement]
    bad: list[BadRow]


def find_heading_row(table: Table) -> Table:
    """The table with the row of headings that names the most known ones; as proposed when no row names two."""
    best, most = table.header_row, FEWEST - 1
    for line in table.head(PREAMBLE):
        known = len(set(propose_bank_columns(line.cells).values()))
        if known > most:
            best, most = line.number, known
    return replace(table, header_row=best)


def read_movements(table: Table, manner: Manner, *, most: int | None = None) -> Reading:
    """Read the rows below the headings, at most `most` of them.

    Rows without anything in a mapped column are passed over. Raises what reading a file raises.
    """
    lines = []
    for line in table.rows():
        if any(_cell(line, column) for column in manner.mapping):
            lines.append(line)
        if most is not None and len(lines) == most:
            break
    order = date_order_of(lines, manner)
    movements, bad = [], []
    for line in lines:
        reader = _Row(line, manner, order)
        row = reader.read()
        if row is None:
            bad.append(BadRow(line.number, line.cells, reader.reasons))
        else:
            movements.append(Movement(line.number, line.cells, row))
    return Reading(movements, bad)


def date_order_of(lines: Iterable[Line], manner: Manner) -> str:
    """The order of dates: as told, or as a number above 12 proves it; AUTO when neither."""
    if manner.date_order != DateOrder.AUTO:
        return manner.date_order
    columns = [column for column, code in manner.mapping.items() if code == "booked_on"]
    for line in lines:
        for column in columns:
            if match := _AMBIGUOUS.match(_cell(line, column)):
                if int(match[1]) > _DAYS_OF_MONTH:
                    return DateOrder.DMY
                if int(match[2]) > _DAYS_OF_MONTH:
                    return DateOrder.MDY
    return DateOrder.AUTO


def _cell(line: Line, column: int) -> str:
    return line.cells[column].strip() if column < len(line.cells) else ""


class _Row:
    """Reads one row; what is wrong with it gathers in `reasons`."""

    def __init__(self, line: Line, manner: Manner, order: str) -> None:
        self.manner, self.order = manner, order
        self.reasons: list[str] = []
        cells: dict[str, list[str]] = {}
        for column, code in sorted(manner.mapping.items()):
            if text := _cell(line, column):
                cells.setdefault(code, []).append(text)
        self.cells = {code: " ".join(dict.fromkeys(texts)) for code, texts in cells.items()}

    def read(self) -> BankRow | None:
        """The movement, or None."""
        booked_on = self._try("booked_on", self._day)
        amount = self._amount()
        self._try("currency", self._check_currency)
        if self.reasons or booked_on is None or amount is None:
            return None
        return BankRow(
            booked_on,
            amount,
            payer=tidy(self.cells.get("payer", "")),
            payer_account=tidy(self.cells.get("payer_account", "")),
            remittance=tidy(self.cells.get("remittance", "")),
            reference=tidy(self.cells.get("reference", "")),
        )

    def _try(self, code: str, read: Callable[[str], T]) -> T | None:
        try:
            return read(self.cells.get(code, ""))
        except Unreadable as problem:
            self.reasons.append(labelled(label_of(code), problem))
            return None

    def _day(self, text: str) -> dt.date:
        if not text:
            raise Unreadable(_("The cell is empty."))
        if self.order == DateOrder.AUTO and _AMBIGUOUS.match(text):
            raise Unreadable(
                _("“%(text)s” may be two different days. Choose the order of day and month.") % {"text": text[:60]}
            )
        try:
            return read_date(text, self.order)
        except Unreadable:
            day, _space, clock = text.partition(" ")
            if not clock[:1].isdigit():
                raise
            return read_date(day, self.order)

    def _amount(self) -> Decimal | None:
        """The signed amount, or money in less money out."""
        if self._has("amount"):
            amount = self._try("amount", self._money)
            if amount is None or "direction" not in self.manner.mapping.values():
                return amount
            is_in = self._try("direction", _came_in)
            # A negative amount that came in was taken back; one that went out has its sign twice.
            return None if is_in is None else amount if is_in else -abs(amount)
        sides = [code for code in ("credit", "debit") if self._has(code)]
        if not sides:
            self.reasons.append(_("The row has no amount."))
            return None
        came, went = (self._try(code, self._money) if code in sides else Decimal(0) for code in ("credit", "debit"))
        return None if came is None or went is None else came - abs(went)

    def _has(self, code: str) -> bool:
        """Whether a cell holds an amount: some banks put dashes where there is none."""
        return bool(self.cells.get(code, "").strip("-–—"))

    def _money(self, text: str) -> Decimal:
        amount, named = read_money(text, self.manner.decimal_mark)
        if named:
            self._check_currency(named)
        return amount

    def _check_currency(self, text: str) -> None:
        if text and (named := read_currency(text)) != self.manner.currency:
            raise Unreadable(
                _("This row is in %(named)s, the account in %(currency)s.")
                % {"named": named, "currency": self.manner.currency}
            )


def _came_in(text: str) -> bool:
    word = same(text)
    if word in IN or word in OUT:
        return word in IN
    raise Unreadable(_("“%(text)s” does not say whether money came in or went out.") % {"text": text[:60]})
