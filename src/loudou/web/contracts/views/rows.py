"""The list of contracts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from loudou.contracts.models.contract import ContractQuerySet
from loudou.contracts.selectors.reconciliation import contracts_with_figures
from loudou.core import clock
from loudou.web.contracts.filters import ContractFilter
from loudou.web.contracts.looks import state_mark
from loudou.web.frame import formats
from loudou.web.frame.columns import EMPTY, Column
from loudou.web.frame.lists import ListPage


def _share_received(row: Any) -> Decimal | None:
    """Share of the amount that was received in money; None before signing."""
    return row.received_sum / row.amount if row.is_binding and row.amount else None


def _received(row: Any) -> SafeString:
    """Share of the amount that was received, as a bar with its figure."""
    found = _share_received(row)
    if found is None:
        return EMPTY
    share = int(found * 100)
    return format_html(
        '<span class="paid-bar"><progress max="100" value="{}">{}</progress><span class="numeric">{} %</span></span>',
        share, _now("%(share)s %% received") % {"share": share}, share,
    )  # fmt: skip


def _overdue(row: Any) -> SafeString:
    if not row.overdue_sum:
        return EMPTY
    return format_html('<span class="late numeric">{}</span>', formats.money(row.overdue_sum, row.currency))


class ContractList(ListPage):
    """Contracts in columns, with what was paid of them."""

    permission = "contracts.view"
    title = _("Contracts")
    filterset = ContractFilter
    columns = (
        Column(name="title", label=_("Contract"), sort="title"),
        Column(name="number", label=_("Number"), kind="code", sort="number", hide_below="md"),
        Column(name="customer", label=_("Customer"), value="customer", hide_below="sm"),
        Column(name="state", label=_("State"), html=lambda row: state_mark(row.state), value="get_state_display"),
        Column(name="amount", label=_("Amount"), currency="currency", sort="amount"),
        Column(name="paid", label=_("Received"), html=_received, value=_share_received, hide_below="md"),
        Column(name="overdue_sum", label=_("Overdue"), html=_overdue, hide_below="lg"),
        Column(name="next_due_on", label=_("Next due"), kind="date", hide_below="lg"),
        Column(name="signed_on", label=_("Signed on"), kind="date", sort="signed_on", shown=False),
        Column(name="owner", label=_("Owner"), value="owner.name", hide_below="xl"),
        Column(name="kind", label=_("Kind"), value="get_kind_display", shown=False),
        Column(name="open_sum", label=_("Outstanding"), currency="currency", shown=False),
        Column(name="invoiced_sum", label=_("Invoiced"), currency="currency", shown=False),
        Column(name="delivered_sum", label=_("Delivered"), currency="currency", shown=False),
        Column(name="expires_on", label=_("Expires"), kind="date", shown=False),
        Column(name="customer_reference", label=_("Customer's order number"), shown=False),
        Column(name="updated_at", label=_("Last changed"), kind="date", sort="updated_at", shown=False),
        Column(name="external_id", label=_("Id in another system"), shown=False),
    )
    default_sort = "-updated_at"
    row_url_name = "contracts:contract"
    export_permission = "contracts.export"
    add_url_name = "contracts:add"
    add_permission = "contracts.draft"
    add_label = _("New contract")
    empty_icon = "file-text"
    empty_title = _("No contracts yet")
    empty_text = _("Contracts and orders live here, from the draft to the last payment. Draft one, or win a sale.")

    def rows(self) -> ContractQuerySet:
        """Visible contracts with their figures of today."""
        return contracts_with_figures(self.request.user, today=clock.today()).select_related("customer", "owner")
