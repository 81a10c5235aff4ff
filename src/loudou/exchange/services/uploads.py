"""Keeping an uploaded table, looking at it, and knowing one like it again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.files import File

from loudou.exchange.errors import FileKindUnknown, FileTooLarge
from loudou.exchange.models.uploaded import UploadedTable
from loudou.exchange.reading.tables import KINDS, Table, inspect, kind_of
from loudou.exchange.values.texts import letters


def keep_upload(record: UploadedTable, *, content: File[Any], name: str, limit_mb: int) -> Table:
    """Store the file of a record that is not saved with it yet, and return how it may be read.

    Raises FileTooLarge, FileKindUnknown, FileUnreadable, FileTooCostly; then nothing of the file is kept.
    """
    if (content.size or 0) > limit_mb * 1024 * 1024:
        raise FileTooLarge(limit=limit_mb)
    if kind_of(name) not in KINDS:
        raise FileKindUnknown(name=name)
    record.file.save(f"{record._meta.model_name}-{record.pk}{kind_of(name)}", content, save=False)
    record.file_name, record.file_size = Path(name).name[-255:], content.size or 0
    try:
        table = inspect(Path(record.file.path), name=record.file_name)
        read_as(record, table)
    except BaseException:
        record.file.delete(save=False)
        raise
    return table


def table_of(record: UploadedTable) -> Table:
    """The file, with the choices made for reading it."""
    return Table(
        Path(record.file.path), record.file_name, record.encoding, record.delimiter, record.sheet, record.header_row
    )


def read_as(record: UploadedTable, table: Table) -> None:
    """Take over how the table is read, and its headings."""
    record.encoding, record.delimiter = table.encoding, table.delimiter
    record.sheet, record.header_row = table.sheet, table.header_row
    record.headers = table.headers()


def signature(headers: Sequence[str]) -> str:
    """What makes two files alike: the same headings in the same order."""
    return hashlib.sha256("\n".join(letters(header) for header in headers).encode()).hexdigest()
