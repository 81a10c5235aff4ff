"""Rows as a file, exactly those that the address shows: the one door through which such a file leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from loudou.core import clock
from loudou.core.phrases import in_a_row, labelled
from loudou.exchange.choices import ExportFormat
from loudou.exchange.exports import ExportColumn, ExportFile, export
from loudou.web.frame.filter_bar import chips

if TYPE_CHECKING:
    from django.http import HttpRequest

    from loudou.web.frame.columns import Column
    from loudou.web.frame.lists import ListPage

FORMATS = frozenset(ExportFormat.values)
LEFT_OUT = frozenset({"export", "format", "panel", "page", "per", "filters", "view", "part"})
"""Parameters of an address that say nothing about the rows of a file."""


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


def send(
    request: HttpRequest,
    *,
    permission: str,
    name: str,
    columns: Sequence[ExportColumn],
    rows: QuerySet[Any] | Iterable[Any],
    file_format: str,
    filters: str = "",
) -> StreamingHttpResponse:
    """Stream rows to the browser as CSV or XLSX, recorded with the address they came from.

    Raises PermissionRefused without `permission`, UnknownFormat.
    """
    user: Any = request.user
    file = export(
        user,
        permission=permission,
        name=name,
        columns=columns,
        rows=rows,
        file_format=file_format,
        address=_address(request),
        filters=filters,
        now=clock.now,
    )
    return send_file(file)


def send_file(file: ExportFile) -> StreamingHttpResponse:
    """Stream a file that a service made, and recorded as an export, to the browser."""
    return StreamingHttpResponse(file.chunks, content_type=file.content_type, headers=file.headers)


def download(page: ListPage, file_format: str) -> StreamingHttpResponse:
    """Stream the filtered rows of a list, in their order, to the browser."""
    return send(
        page.request,
        permission=page.export_permission,
        name=page.key.replace(":", "-"),
        columns=export_columns(page.shown_columns),
        rows=page.sorted_rows(),
        file_format=file_format,
        filters=filters_in_words(page),
    )


def filters_in_words(page: ListPage) -> str:
    """What narrows the rows of a list, as its chips say it."""
    return in_a_row(labelled(chip.label, chip.text) for chip in chips(page))


def _address(request: HttpRequest) -> str:
    """The address of the rows: that of the request without what only says how they are shown or sent."""
    query = request.GET.copy()
    for name in LEFT_OUT:
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path
