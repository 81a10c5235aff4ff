"""A look at a bank's file before it is read in: what it would bring, what is known already, what cannot be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from loudou.contracts.models import BankStatement, StatementLine
from loudou.contracts.movements import lines_of, trouble_of
from loudou.contracts.selectors.bank_matching import known_identities
from loudou.contracts.services.ledger_drafts import BankRow
from loudou.core.actors import Actor
from loudou.exchange.bank_files import BadRow, Manner, Movement, read_movements
from loudou.exchange.errors import BankColumnsMissing
from loudou.exchange.models import AccountFormat, StatementFile
from loudou.exchange.reading.row import Line
from loudou.exchange.services.uploads import table_of
from loudou.exchange.targets.bank import lacks

SAMPLED = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A movement of the file: its row number, what it says, its amount as it would be kept, whether it is known."""

    number: int
    row: BankRow
    amount: Decimal
    is_known: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What a file would bring. Amounts are in its account's currency; money out is positive."""

    movements: list[Seen]
    bad: list[BadRow]

    @property
    def known(self) -> int:
        """How many movements an earlier file brought."""
        return sum(seen.is_known for seen in self.movements)

    @property
    def fresh(self) -> int:
        """How many movements are new."""
        return len(self.movements) - self.known

    @property
    def money_in(self) -> Decimal:
        """Sum of what came in, known movements included."""
        return sum((seen.amount for seen in self.movements if seen.amount > 0), Decimal(0))

    @property
    def money_out(self) -> Decimal:
        """Sum of what went out, known movements included."""
        return -sum((seen.amount for seen in self.movements if seen.amount < 0), Decimal(0))

    @property
    def days(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last day; None without movements."""
        found = [seen.row.booked_on for seen in self.movements]
        return (min(found), max(found)) if found else None


def unfinished_files(actor: Actor) -> QuerySet[StatementFile]:
    """Files that wait to be read in, the newest first."""
    return StatementFile.objects.visible_to(actor).filter(statement=None).select_related("created_by")


def account_formats(actor: Actor) -> QuerySet[AccountFormat]:
    """What is remembered of the files of our accounts."""
    return AccountFormat.objects.visible_to(actor).select_related("used_by")


def manner_of(record: StatementFile) -> Manner:
    """How the cells of a file are meant, as kept with it."""
    return Manner(record.columns, record.date_order, record.decimal_mark, record.currency)


def look_at(actor: Actor, record: StatementFile) -> Look:
    """Read the whole file as chosen, write nothing. Raises BankColumnsMissing and what reading a file raises."""
    if lacks(record.columns.values()):
        raise BankColumnsMissing
    reading = read_movements(table_of(record), manner_of(record))
    statement = BankStatement(account=record.account, currency=record.currency)
    sound, bad = _parted(statement, reading.movements)
    lines = lines_of(statement, [movement.row for movement in sound])
    known = known_identities(actor, lines)
    seen = [
        Seen(movement.number, movement.row, line.amount, line.identity in known)
        for movement, line in zip(sound, lines, strict=True)
    ]
    return Look(seen, sorted([*reading.bad, *bad], key=lambda row: row.number))


def samples_of(lines: Sequence[Line], width: int, most: int = 3) -> list[list[str]]:
    """For each column a few different values that are not empty."""
    found: list[list[str]] = [[] for _column in range(width)]
    for line in lines[:SAMPLED]:
        for column, cell in enumerate(line.cells[:width]):
            text = cell.strip()[:60]
            if text and len(found[column]) < most and text not in found[column]:
                found[column].append(text)
    return found


def bad_records(record: StatementFile, look: Look) -> Iterator[list[object]]:
    """The rows that cannot be read, for a file: number, cells, reasons in one cell."""
    width = len(record.headers)
    for row in look.bad:
        yield [row.number, *row.cells[:width], *[""] * (width - len(row.cells)), " ".join(row.reasons)]


def _parted(statement: BankStatement, movements: Sequence[Movement]) -> tuple[list[Movement], list[BadRow]]:
    """Movements that can be kept, and rows that cannot although every cell was read."""
    sound, bad = [], []
    lines: list[StatementLine] = lines_of(statement, [movement.row for movement in movements])
    for movement, line in zip(movements, lines, strict=True):
        if why := trouble_of(line):
            bad.append(BadRow(movement.number, movement.cells, [why]))
        else:
            sound.append(movement)
    return sound, bad
