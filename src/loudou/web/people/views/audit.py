"""What happened: to one record, and everywhere."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from typing import Any

from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import NotVisible
from loudou.people import selectors
from loudou.people.models import AuditEntry
from loudou.web.frame.columns import EMPTY, Column
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import SHELLS, Page
from loudou.web.frame.paging import RowsPage
from loudou.web.people.filters import AuditFilter
from loudou.web.people.history import SHOWN, history, in_words, source_name

WHOLE_HISTORY = 200
PAGES_OF = {
    "customers_customer": "customers:customer",
    "customers_contact": "customers:contact",
    "catalog_product": "customers:product",
    "pipeline_opportunity": "pipeline:opportunity",
    "playbook_card": "playbook:card",
    "contracts_contract": "contracts:contract",
    "contracts_receipt": "ledger:receipt",
    "contracts_invoice": "ledger:invoice",
    "exchange_importjob": "exchange:import",
    "people_user": "people:user",
    "people_team": "people:team",
}
"""URL name of the page that shows a record of a table."""


def _who(entry: AuditEntry) -> str:
    return entry.actor.name if entry.actor else ""


def _source(entry: AuditEntry) -> str:
    return source_name(entry.source)


def _where(entry: AuditEntry) -> SafeString:
    address = format_html('<span class="text-secondary"> {}</span>', entry.ip_address) if entry.ip_address else ""
    return format_html("{}{}", _source(entry), address)


def _subject(entry: AuditEntry) -> SafeString:
    what = selectors.describe(entry)
    if not entry.object_id:
        return format_html("{}", what)
    try:
        address = reverse(PAGES_OF[entry.table_name], args=[entry.object_id])
    except (KeyError, NoReverseMatch):
        return format_html('{} <span class="text-secondary">{}</span>', what, entry.object_id)
    return format_html('{} <a class="link-in-words" href="{}" data-panel>{}</a>', what, address, entry.object_id)


def _changes(entry: Any) -> SafeString:
    changes = getattr(entry, "changes", [])
    return render_to_string("people/_changes.html", {"changes": changes, "entry": entry}) if changes else EMPTY


def _as_text(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else ""


class AuditList(ListPage):
    """Every change and event, for auditors and administrators."""

    permission = "audit.view"
    title = _("Audit")
    filterset = AuditFilter
    columns = (
        Column(name="at", label=_("When"), kind="datetime"),
        Column(name="actor", label=_("Who"), value=_who, hide_below="sm"),
        Column(name="operation", label=_("What happened"), value=AuditEntry.get_operation_display),
        Column(name="subject", label=_("Concerning"), value=selectors.describe, html=_subject),
        Column(name="object_id", label=_("Record"), shown=False),
        Column(name="changes", label=_("Before and after"), html=_changes, exported=False),
        Column(name="source", label=_("From where"), value=_source, html=_where, hide_below="lg"),
        Column(name="ip_address", label=_("Address"), shown=False),
        Column(name="reason", label=_("Reason"), shown=False),
        Column(name="request_id", label=_("Request"), shown=False),
        Column(name="before", label=_("Before"), value=lambda entry: _as_text(entry.before), shown=False),
        Column(name="after", label=_("After"), value=lambda entry: _as_text(entry.after), shown=False),
    )
    export_permission = "audit.view"
    empty_title = _("Nothing has happened yet")

    def rows(self) -> Any:
        """Every entry the reader may see, newest first."""
        return selectors.audit_entries(self.request.user)

    @functools.cached_property
    def rows_page(self) -> RowsPage:
        """The page of rows, each with its changes in words: names are read once for the whole page."""
        page = super().rows_page
        rows = list(page.rows)
        for happening in in_words(rows):
            happening.entry.changes = happening.changes  # type: ignore[attr-defined]
        return replace(page, rows=rows)


class RecordHistory(Page):
    """What happened to one record, for whoever can see it."""

    permission = "home.view"
    title = _("History")
    template = "people/history.html"

    @property
    def shell(self) -> str:
        """The entries alone when a record's page unfolds its history."""
        return SHELLS["list"] if (self.request.htmx.target or "").startswith("history-") else super().shell

    def context(self) -> dict[str, Any]:
        """The history."""
        object_id = self.kwargs["pk"]
        if not 0 < object_id < 2**63:
            raise NotVisible
        most = SHOWN if self.shell == SHELLS["list"] else WHOLE_HISTORY
        return {"history": history(self.request.user, self.kwargs["table"], object_id, most=most)}
