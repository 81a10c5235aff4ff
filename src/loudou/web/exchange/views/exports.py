"""Who took which list out of the house as a file: one's own exports, and for auditors everybody's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, ClassVar

from django.urls import Resolver404, resolve
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.exchange.choices import ExportFormat
from loudou.people import selectors
from loudou.people.choices import ExportOutcome
from loudou.people.models import AuditEntry
from loudou.web.exchange.filters import ExportFilter, OwnExportFilter
from loudou.web.frame.columns import EMPTY, Column
from loudou.web.frame.lists import ListPage
from loudou.web.templatetags.loudou import badge

LONGEST = dt.timedelta(hours=1)
"""No stream lasts longer: one without an end after that was cut off together with its server."""

_BADGES = {
    ExportOutcome.FINISHED: ("green", "check"),
    ExportOutcome.BROKEN_OFF: ("orange", "ban"),
    ExportOutcome.FAILED: ("red", "alert-triangle"),
}


def _fact(name: str) -> Callable[[AuditEntry], Any]:
    return lambda entry: (entry.after or {}).get(name, "")


def _end(name: str) -> Callable[[Any], Any]:
    return lambda entry: (entry.ended or {}).get(name)


def _title(entry: AuditEntry) -> str:
    """Name of the screen the rows came from, in the reader's language; what the file was called when it has none."""
    name = str(_fact("list")(entry))
    try:
        page = resolve(str(_fact("address")(entry)).partition("?")[0]).func
    except Resolver404:
        return name
    return str(getattr(getattr(page, "view_class", None), "title", "")) or name


def _list(entry: AuditEntry) -> SafeString:
    address = _fact("address")(entry)
    if not address or not _is_list(address):
        return format_html("{}", _title(entry))
    return format_html('<a href="{}">{}</a>', address, _title(entry))


def _is_list(address: str) -> bool:
    try:
        page = resolve(address.partition("?")[0]).func
    except Resolver404:
        return False
    return issubclass(getattr(page, "view_class", object), ListPage)


def _format(entry: AuditEntry) -> str:
    return str(dict(ExportFormat.choices).get(_fact("format")(entry), ""))


def _outcome(entry: Any) -> str:
    if entry.outcome:
        return str(ExportOutcome(entry.outcome).label)
    return gettext("under way") if clock.now() - entry.at < LONGEST else gettext("end unknown")


def _outcome_badge(entry: Any) -> SafeString:
    colour, icon = _BADGES.get(entry.outcome, ("secondary", "clock"))
    return badge(_outcome(entry), colour, icon)


def _filters(entry: AuditEntry) -> SafeString:
    text = _fact("filters")(entry)
    return format_html("{}", text) if text else EMPTY


class ExportList(ListPage):
    """Every export: who took which list with which filters, how many rows, and whether all of it arrived."""

    permission = "audit.view"
    title = _("Exports")
    filterset = ExportFilter
    columns: ClassVar[tuple[Column, ...]] = (
        Column(name="list", label=_("List"), value=_title, html=_list),
        Column(name="outcome", label=_("Outcome"), value=_outcome, html=_outcome_badge),
        Column(name="rows", label=_("Rows"), value=_end("rows"), kind="number"),
        Column(name="at", label=_("When"), kind="datetime"),
        Column(name="actor", label=_("Who"), value=lambda entry: entry.actor.name if entry.actor else ""),
        Column(name="filters", label=_("Filters"), value=_fact("filters"), html=_filters, hide_below="md"),
        Column(name="format", label=_("Format"), value=_format, hide_below="md"),
        Column(name="bytes", label=_("Bytes"), value=_end("bytes"), kind="number", shown=False),
        Column(name="ip_address", label=_("Address"), shown=False),
        Column(name="address", label=_("Address of the list"), value=_fact("address"), shown=False),
    )
    export_permission = "audit.view"
    empty_icon = "file-export"
    empty_title = _("Nothing was exported yet")
    empty_text = _("Whoever takes a list out of Loudou as a file stands here, with its filters and the number of rows.")

    def rows(self) -> Any:
        """Everybody's exports, newest first."""
        return selectors.all_exports(self.request.user)


class OwnExports(ExportList):
    """What the reader exported."""

    permission = "people.own"
    title = _("My exports")
    template = "exchange/own_exports.html"
    filterset = OwnExportFilter
    columns = tuple(column for column in ExportList.columns if column.name != "actor")
    export_permission = ""
    empty_text = _("Lists have a button for CSV and Excel. What you take with it stands here, with its filters.")

    def rows(self) -> Any:
        """One's own exports, newest first."""
        return selectors.own_exports(self.request.user)
