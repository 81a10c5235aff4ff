"""Pages about an uploaded table: taking the file, and showing how it would be read while the choices change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_protect

from loudou.core.refusals import BusinessRefusal
from loudou.exchange.errors import FileTooLarge
from loudou.exchange.models.uploaded import UploadedTable
from loudou.exchange.reading.delimited import DELIMITERS
from loudou.exchange.reading.encodings import ENCODINGS, guess_encodings
from loudou.exchange.reading.spreadsheets import sheet_names
from loudou.exchange.reading.tables import KINDS as FILE_KINDS
from loudou.exchange.reading.tables import Table

MEGABYTE = 1024 * 1024
PREVIEWED = 12


class TakesFile:
    """A page that takes a file. Its size is looked at before a byte of it is read, hence the token is checked
    afterwards; the page itself is exempt from Django's own check, which would read the body first.
    """

    request: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse what is too large by what the browser announces, then go on as ever."""
        announced = request.headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) > (settings.UPLOAD_LIMIT_MB + 1) * MEGABYTE:
            raise FileTooLarge(limit=settings.UPLOAD_LIMIT_MB)
        answer: HttpResponseBase = csrf_protect(super().dispatch)(request, *args, **kwargs)  # type: ignore[misc]
        return answer

    def limits(self) -> dict[str, Any]:
        """What may be uploaded."""
        return {
            "accept": ",".join(sorted(FILE_KINDS)),
            "limit_mb": settings.UPLOAD_LIMIT_MB,
            "limit_bytes": settings.UPLOAD_LIMIT_MB * MEGABYTE,
            "too_large": str(FileTooLarge(limit=settings.UPLOAD_LIMIT_MB)),
        }

    def sent(self) -> UploadedFile[Any] | None:
        """The file that was sent, if there is one."""
        found: UploadedFile[Any] | None = self.request.FILES.get("file")
        return found


def table_as(record: UploadedTable, data: QueryDict) -> Table:
    """The file, read by the choices in `data`, else by those kept before."""
    encoding = data.get("encoding", record.encoding)
    delimiter = data.get("delimiter", record.delimiter)
    return Table(
        Path(record.file.path),
        record.file_name,
        encoding if encoding in ENCODINGS else record.encoding,
        delimiter if delimiter in DELIMITERS else record.delimiter,
        _number(data.get("sheet"), record.sheet),
        max(_number(data.get("header_row"), record.header_row), 1),
    )


def preview_of(table: Table) -> dict[str, Any]:
    """The first rows of the table, or the sentence that says why they cannot be read."""
    try:
        headers = table.headers()
        lines = [line for line in table.head(table.header_row + PREVIEWED) if line.number > table.header_row]
    except BusinessRefusal as refusal:
        return {"trouble": str(refusal)}
    width = len(headers)
    rows = [(line.number, [*line.cells[:width], *[""] * (width - len(line.cells))]) for line in lines]
    return {"headers": headers, "rows": rows[:PREVIEWED]}


def reading_choices(table: Table) -> dict[str, Any]:
    """What may be chosen for reading the table, the best guesses first."""
    if table.is_spreadsheet:
        return {"table": table, "sheets": sheet_names(table.path, name=table.name)}
    guesses = guess_encodings(table.path)
    likely = {guess.encoding: guess.confidence for guess in guesses}
    order = [*likely, *(code for code in ENCODINGS if code not in likely)]
    return {
        "table": table,
        "encodings": [(code, ENCODINGS[code], likely.get(code, 0.0)) for code in order],
        "delimiters": DELIMITERS.items(),
        "is_sure": guesses[0].confidence >= 1,
    }


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 8 else otherwise  # noqa: PLR2004 - row numbers
