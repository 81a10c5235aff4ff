"""A bank's file on its way in: kept, said how it is read, looked at, and read in as a whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction

from loudou.contracts.selectors.bank_matching import known_accounts, spelling_of
from loudou.contracts.services import bank_statements
from loudou.contracts.services.bank_statements import ReadIn
from loudou.core.actors import Actor
from loudou.core.money import check_currency
from loudou.core.rates import company
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import lock, service
from loudou.exchange.bank_files import PREAMBLE, find_heading_row
from loudou.exchange.choices import DateOrder, DecimalMark
from loudou.exchange.errors import (
    BankColumnsMissing,
    BankDirectionAlone,
    BankRowsUnreadable,
    EncodingWrong,
    FileEmpty,
    FileUnreadable,
    MappingAmbiguous,
    StatementFileDone,
)
from loudou.exchange.models import AccountFormat, StatementFile
from loudou.exchange.reading.tables import Table, headings_in
from loudou.exchange.services.uploads import delete_made_of, keep_upload, read_as, signature, throw_away
from loudou.exchange.statement_look import look_at, understood_rows
from loudou.exchange.targets.bank import CODES, MANY, label_of, lacks, propose_bank_columns
from loudou.exchange.values.texts import tidy

READING = ("encoding", "delimiter", "sheet", "date_order", "decimal_mark", "mapping")
"""What is remembered of an account's files; the row of the headings is found anew in each."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a bank's file is meant to be read: as a table, its dates and amounts, and the target of each column."""

    encoding: str
    delimiter: str
    sheet: int
    header_row: int
    mapping: Mapping[int, str]
    date_order: str = DateOrder.AUTO
    decimal_mark: str = DecimalMark.POINT


@service("contracts.post_receipt")
def begin_statement_file(
    actor: Actor, *, content: File[Any], name: str, account: str, currency: str = "", limit_mb: int
) -> StatementFile:
    """Keep the file of an account and propose how it is read: as the last one with such headings, else by a guess.

    An account of which statements were read in is found in any spelling. Without a currency that of the account's last
    statement counts, else the company's. Raises InvalidInput, UnknownCurrency, FileTooLarge, FileKindUnknown,
    FileUnreadable, FileTooCostly; then nothing is kept.
    """
    account = spelling_of(actor, _account(account))
    code = currency or known_accounts(actor).get(account) or company().base_currency
    record = StatementFile(account=account, currency=check_currency(code), created_by_id=actor.pk)
    record.save()
    table = keep_upload(record, content=content, name=name, limit_mb=limit_mb)
    try:
        if not _recognise(actor, record):
            read_as(record, find_heading_row(table))
            record.mapping = {str(column): code for column, code in propose_bank_columns(record.headers).items()}
    except BaseException:
        record.file.delete(save=False)
        raise
    record.save()
    return record


@service("contracts.post_receipt")
def choose_format(actor: Actor, file_id: int, *, chosen: Format) -> StatementFile:
    """Say how the file is read and what its columns are; columns that are left out are skipped.

    Raises NotVisible, StatementFileDone, BankColumnsMissing, BankDirectionAlone, MappingAmbiguous, EncodingWrong,
    FileUnreadable.
    """
    record = _unfinished(actor, file_id)
    table = Table(
        Path(record.file.path), record.file_name, chosen.encoding, chosen.delimiter, chosen.sheet, chosen.header_row
    )
    read_as(record, table)
    mapping = {
        column: code for column, code in chosen.mapping.items() if code in CODES and column < len(record.headers)
    }
    twice = [code for code, often in Counter(mapping.values()).items() if often > 1 and code not in MANY]
    if twice:
        raise MappingAmbiguous(fields=", ".join(label_of(code) for code in twice))
    if lacks(mapping.values()):
        raise BankColumnsMissing
    if "direction" in mapping.values() and "amount" not in mapping.values():
        raise BankDirectionAlone
    record.mapping = {str(column): code for column, code in sorted(mapping.items())}
    record.date_order, record.decimal_mark = DateOrder(chosen.date_order), DecimalMark(chosen.decimal_mark)
    record.format = None
    record.save_changes("header_row", "headers", "format", *READING)
    return record


@service("contracts.post_receipt")
def read_in_file(actor: Actor, file_id: int, *, leaving_out: int, at: dt.datetime) -> ReadIn:
    """Keep the movements of the file as a bank statement, all of them or none, and remember how it was read.

    `leaving_out` is the number of unreadable rows that the person saw and agreed to leave out. Movements that an
    earlier file brought are left out as well. Raises NotVisible, StatementFileDone, BankColumnsMissing,
    BankRowsUnreadable, FileEmpty, and what reading raises.
    """
    record = _unfinished(actor, file_id)
    look = look_at(actor, record)
    if look.unreadable != leaving_out:
        raise BankRowsUnreadable(count=look.unreadable)
    if not look.total:
        raise FileEmpty(name=record.file_name)
    done = bank_statements.read_in_statement(
        actor,
        account=record.account,
        name=record.file_name,
        currency=record.currency,
        rows=list(understood_rows(actor, record)),
        at=at,
    )
    record.account = done.statement.account
    record.format, _created = AccountFormat.objects.update_or_create(
        account=record.account,
        signature=signature(record.headers),
        defaults={
            "headers": record.headers,
            "choices": {name: getattr(record, name) for name in READING},
            "used_at": at,
            "used_by_id": actor.pk,
        },
    )
    record.statement, record.left_out = done.statement, leaving_out
    record.save_changes("account", "statement", "left_out", "format")
    transaction.on_commit(partial(delete_made_of, Path(record.file.path)))
    return done


@service("contracts.post_receipt")
def discard_statement_file(actor: Actor, file_id: int) -> None:
    """Throw away a file that was not read in. Raises NotVisible, StatementFileDone."""
    throw_away(_unfinished(actor, file_id))


@service("contracts.post_receipt")
def forget_format(actor: Actor, format_id: int) -> AccountFormat:
    """Forget how files of an account are read: the next one is asked about again. Raises NotVisible."""
    known = lock(AccountFormat.objects.visible_to(actor), format_id)
    StatementFile.objects.filter(format=known).update(format=None)
    known.delete()
    return known


def _account(name: str) -> str:
    """The name of an account, tidied. Raises InvalidInput."""
    field = StatementFile._meta.get_field("account")
    try:
        found: str = field.clean(tidy(name), None)
    except ValidationError as error:
        raise InvalidInput({"account": error.messages}) from error
    return found


def _unfinished(actor: Actor, file_id: int) -> StatementFile:
    record = lock(StatementFile.objects.visible_to(actor), file_id)
    if record.statement_id is not None:
        raise StatementFileDone(name=record.file_name)
    return record


def _recognise(actor: Actor, record: StatementFile) -> bool:
    """Take over what is remembered of the account for such headings, wherever in the first rows they stand."""
    for known in AccountFormat.objects.visible_to(actor).filter(account=record.account).order_by("-used_at"):
        choices = known.choices
        table = Table(
            Path(record.file.path), record.file_name, choices["encoding"], choices["delimiter"], choices["sheet"]
        )
        row = _row_of_headings(table, known.signature)
        if row is not None:
            for name in READING:
                setattr(record, name, choices[name])
            record.header_row, record.headers, record.format = row, known.headers, known
            return True
    return False


def _row_of_headings(table: Table, wanted: str) -> int | None:
    if table.is_spreadsheet == bool(table.encoding):
        return None
    try:
        head = table.head(PREAMBLE)
    except (EncodingWrong, FileUnreadable):
        return None  # written in another way than the file that is remembered
    return next((line.number for line in head if signature(headings_in(line)) == wanted), None)
