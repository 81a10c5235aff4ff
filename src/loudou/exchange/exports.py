"""Exports: any list as CSV or XLSX, streamed, recorded, and safe to open in a spreadsheet.

    file = export(user, permission="pipeline.export", name="opportunities", columns=COLUMNS,
                  rows=opportunity_rows(user), file_format="xlsx", address="/pipeline/?state=open", now=clock.now)

Pages send it by `loudou.web.frame.exporting.send`, the one door for files made of rows.

Rows come from a selector, so the scope of the person was applied before. A queryset is read with a server-side cursor:
memory does not grow with the number of rows.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, override
from xlsxwriter import Workbook

from loudou.core.refusals import PermissionRefused
from loudou.exchange.choices import ExportFormat
from loudou.exchange.errors import UnknownFormat
from loudou.exchange.export_record import Clock, ExportRecord, RecordedChunks

if TYPE_CHECKING:
    from loudou.core.actors import Actor

FETCH = 2000
CHUNK_BYTES = 64 * 1024
ROWS_PER_SHEET = 1_000_000
CELL_LENGTH = 32_767
EXACT_DIGITS = 15
"""Spreadsheets keep numbers as doubles: a longer one is exported as text, so that no digit is lost."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
CONTENT_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column: its heading, and how a row gives its value (text, number, date, instant, truth or None)."""

    heading: str | Promise
    value: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file on its way: name, kind, and its content as an iterator of bytes."""

    filename: str
    content_type: str
    chunks: Iterator[bytes]

    @property
    def headers(self) -> dict[str, str]:
        """HTTP headers that make a browser save the file under its name, and nobody keep a copy."""
        ascii_name = self.filename.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
        disposition = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(self.filename)}"
        return {"Content-Disposition": disposition, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def export(
    actor: Actor,
    *,
    permission: str,
    name: str,
    columns: Sequence[ExportColumn],
    rows: QuerySet[Any] | Iterable[Any],
    file_format: str,
    now: Clock,
    address: str = "",
    filters: str = "",
) -> ExportFile:
    """Export the rows of a list and write down who took which list, how filtered, how much, and how it ended.

    `address` opens the same rows again; `filters` says in words what narrowed them. Raises PermissionRefused without
    `permission`, and UnknownFormat for anything but CSV and XLSX.
    """
    if not actor.has_permission(permission):
        raise PermissionRefused
    if file_format not in ExportFormat.values:
        raise UnknownFormat
    chosen = ExportFormat(file_format)
    at, headings = now(), [str(column.heading) for column in columns]
    facts = {"list": name, "format": chosen.value, "address": address, "filters": filters, "columns": headings}
    record = ExportRecord(actor, facts={key: value for key, value in facts.items() if value}, at=at, now=now)
    records = record.counted(_read(rows, columns))
    content = csv_chunks(headings, records) if chosen == ExportFormat.CSV else xlsx_chunks(name, headings, records)
    filename = f"{name}-{timezone.localtime(at):%Y-%m-%d}.{chosen.value}"
    return ExportFile(filename, CONTENT_TYPES[chosen], RecordedChunks(_as_of_now(content), record))


def _as_of_now(chunks: Iterator[bytes]) -> Generator[bytes]:
    """The same in the language and time zone of this moment: a file is streamed when the request's are gone."""
    language, zone = get_language(), timezone.get_current_timezone()

    def streamed() -> Generator[bytes]:
        while True:
            with override(language), timezone.override(zone):
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk

    return streamed()


def _read(rows: QuerySet[Any] | Iterable[Any], columns: Sequence[ExportColumn]) -> Iterator[list[Any]]:
    values = [column.value for column in columns]
    source = rows.iterator(chunk_size=FETCH) if isinstance(rows, QuerySet) else rows
    for row in source:
        yield [value(row) for value in values]


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula: a leading apostrophe, which the import takes away again."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def _as_text(value: Any) -> str:  # noqa: PLR0911 - one line per kind of value
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value == value.to_integral() else f"{value:f}".rstrip("0").rstrip(".")
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return guarded("; ".join(_as_text(item) for item in value))
    return guarded(str(value))


def csv_chunks(headings: Sequence[str], records: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """CSV in UTF-8 with a byte order mark, so that every Excel reads Chinese; in pieces of about 64 KB."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([guarded(heading) for heading in headings])
    for record in records:
        writer.writerow([_as_text(value) for value in record])
        if buffer.tell() >= CHUNK_BYTES:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def xlsx_chunks(name: str, headings: Sequence[str], records: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """XLSX written row by row to a temporary file, then sent in pieces."""
    with tempfile.TemporaryFile() as file:
        write_xlsx(file, name, headings, records)
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def write_xlsx(file: IO[bytes], name: str, headings: Sequence[str], records: Iterable[Sequence[Any]]) -> None:
    """Write a workbook; text is always text, and rows beyond a sheet's limit go on in the next sheet."""
    workbook = Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = workbook.add_format({"bold": True})
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    instant = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet, line, number = None, 0, 0
    for record in records:
        if sheet is None or line > ROWS_PER_SHEET:
            number += 1
            sheet, line = _sheet(workbook, name, number, headings, bold), 1
        for column, value in enumerate(record):
            if value is None or value == "":
                continue
            if isinstance(value, dt.datetime):
                local = timezone.localtime(value) if timezone.is_aware(value) else value
                sheet.write_datetime(line, column, local.replace(tzinfo=None), instant)
            elif isinstance(value, dt.date):
                sheet.write_datetime(line, column, value, day)
            elif _is_exact_number(value):
                sheet.write_number(line, column, value)
            else:
                text = value if isinstance(value, str) else _as_text(value)
                sheet.write_string(line, column, text[:CELL_LENGTH])
        line += 1
    if sheet is None:
        _sheet(workbook, name, 1, headings, bold)
    workbook.close()


def _is_exact_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return len(Decimal(str(value)).normalize().as_tuple().digits) <= EXACT_DIGITS


def _sheet(workbook: Workbook, name: str, number: int, headings: Sequence[str], bold: Any) -> Any:
    sheet = workbook.add_worksheet(name[:24] if number == 1 else f"{name[:24]} {number}")
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, str(heading), bold)
        sheet.set_column(column, column, max(12, min(40, len(str(heading)) * 2)))
    sheet.freeze_panes(1, 0)
    return sheet
