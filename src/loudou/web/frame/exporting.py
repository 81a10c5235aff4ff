"""A list as a file: exactly the rows and columns that the address shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from loudou.core import clock
from loudou.exchange.choices import ExportFormat
from loudou.exchange.exports import ExportColumn, export

if TYPE_CHECKING:
    from loudou.web.frame.columns import Column
    from loudou.web.frame.lists import ListPage

FORMATS = frozenset(ExportFormat.values)


def export_columns(columns: list[Column]) -> list[ExportColumn]:
    """What an export writes for the chosen columns; a money column is followed by its currency."""
    written: list[ExportColumn] = []
    for column in columns:
        if not column.exported:
            continue
        written.append(ExportColumn(column.label, column.reader()))
        if column.currency:
            written.append(ExportColumn(_("Currency"), column.currency_reader()))
    return written


def download(page: ListPage, file_format: str) -> StreamingHttpResponse:
    """Stream the filtered rows, in their order, to the browser."""
    file = export(
        page.request.user,
        permission=page.export_permission,
        name=page.key.replace(":", "-"),
        columns=export_columns(page.shown_columns),
        rows=page.sorted_rows(),
        file_format=file_format,
        query=page.query.urlencode(),
        at=clock.now(),
    )
    return StreamingHttpResponse(file.chunks, content_type=file.content_type, headers=file.headers)
