"""A look at a bank's file before it is read in: what it would bring, what is known already, what cannot be read.

The file is read once; what was understood stays beside it (`understanding.py`) until something it rests on changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils.translation import get_language

from loudou import __version__
from loudou.contracts.models import BankStatement, StatementLine
from loudou.contracts.movements import lines_of, trouble_of
from loudou.contracts.selectors.bank_matching import known_identities, latest_statement, spelling_of
from loudou.contracts.services.ledger_drafts import BankRow
from loudou.core.actors import Actor
from loudou.exchange.bank_files import BadRow, Manner, Movement, read_movements
from loudou.exchange.errors import BankColumnsMissing
from loudou.exchange.models import AccountFormat, StatementFile
from loudou.exchange.reading.row import Line
from loudou.exchange.services.uploads import table_of
from loudou.exchange.targets.bank import lacks
from loudou.exchange.understanding import Look, Seen, Understanding

SAMPLED = 200


def unfinished_files(actor: Actor) -> QuerySet[StatementFile]:
    """Files that wait to be read in, the newest first."""
    return StatementFile.objects.visible_to(actor).unfinished().select_related("created_by")


def account_formats(actor: Actor) -> QuerySet[AccountFormat]:
    """What is remembered of the files of our accounts."""
    return AccountFormat.objects.visible_to(actor).select_related("used_by")


def manner_of(record: StatementFile) -> Manner:
    """How the cells of a file are meant, as kept with it."""
    return Manner(record.columns, record.date_order, record.decimal_mark, record.currency)


def look_at(actor: Actor, record: StatementFile) -> Look:
    """What the file would bring, read as chosen; writes no row. Raises BankColumnsMissing and what reading raises."""
    if lacks(record.columns.values()):
        raise BankColumnsMissing
    understanding = _understanding(actor, record)
    return understanding.look() or understanding.keep(*_read(actor, record))


def understood_rows(actor: Actor, record: StatementFile) -> Iterator[BankRow]:
    """The movements of a file that was looked at."""
    return (seen.row for seen in _understanding(actor, record).movements())


def bad_records(actor: Actor, record: StatementFile) -> Iterator[list[object]]:
    """The rows of a file that cannot be read, for a file: number, cells, reasons in one cell. Raises as `look_at`."""
    look_at(actor, record)
    width = len(record.headers)
    return (
        [row.number, *row.cells[:width], *[""] * (width - len(row.cells)), " ".join(row.reasons)]
        for row in _understanding(actor, record).bad()
    )


def samples_of(lines: Sequence[Line], width: int, most: int = 3) -> list[list[str]]:
    """For each column a few different values that are not empty."""
    found: list[list[str]] = [[] for _column in range(width)]
    for line in lines[:SAMPLED]:
        for column, cell in enumerate(line.cells[:width]):
            text = cell.strip()[:60]
            if text and len(found[column]) < most and text not in found[column]:
                found[column].append(text)
    return found


def _understanding(actor: Actor, record: StatementFile) -> Understanding:
    """What was understood of a file; it rests on all that is named here, the account's statements included."""
    table, language = table_of(record), get_language() or ""
    rests_on = [
        __version__, language, table.encoding, table.delimiter, table.sheet, table.header_row, record.mapping,
        record.date_order, record.decimal_mark, record.account, record.currency,
        latest_statement(actor, spelling_of(actor, record.account)),
    ]  # fmt: skip
    return Understanding(table.path, language=language, rests_on=rests_on)


def _read(actor: Actor, record: StatementFile) -> tuple[list[Seen], list[BadRow]]:
    """Read the whole file."""
    reading = read_movements(table_of(record), manner_of(record))
    statement = BankStatement(account=spelling_of(actor, record.account), currency=record.currency)
    sound, lines, bad = _parted(statement, reading.movements)
    known = known_identities(actor, lines)
    seen = [
        Seen(movement.number, movement.row, line.amount, line.identity in known)
        for movement, line in zip(sound, lines, strict=True)
    ]
    return seen, sorted([*reading.bad, *bad], key=lambda row: row.number)


def _parted(
    statement: BankStatement, movements: Sequence[Movement]
) -> tuple[Sequence[Movement], list[StatementLine], list[BadRow]]:
    """Movements that can be kept, with their lines, and rows that cannot although every cell was read."""
    lines = lines_of(statement, [movement.row for movement in movements])
    troubles = [trouble_of(line) for line in lines]
    if not any(troubles):
        return movements, lines, []
    sound = [movement for movement, why in zip(movements, troubles, strict=True) if not why]
    bad = [BadRow(m.number, m.cells, [why]) for m, why in zip(movements, troubles, strict=True) if why]
    return sound, lines_of(statement, [movement.row for movement in sound]), bad
