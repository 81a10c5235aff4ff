"""Keeping an uploaded table, looking at it, and knowing one like it again."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction

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
        delete_upload(Path(record.file.path))
        record.file = ""
        raise
    return table


def throw_away(record: UploadedTable) -> None:
    """Delete a locked record and its file."""
    upload = Path(record.file.path) if record.file else None
    record.delete()
    if upload is not None:
        transaction.on_commit(partial(delete_upload, upload))  # a file does not come back on rollback


def delete_upload(path: Path) -> None:
    """Delete an uploaded file and what was made of it."""
    delete_made_of(path)
    path.unlink(missing_ok=True)


def delete_made_of(path: Path) -> None:
    """Delete what stands beside an uploaded file, which is made again when asked for: sheets, what was understood."""
    for made in path.parent.glob(f"{glob.escape(path.name)}.*"):
        made.unlink(missing_ok=True)


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
