"""Open instalments, and the page of one with everything that paid it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import BooleanFilter, DateFilter

from loudou.contracts.due_words import due_words
from loudou.contracts.models import Instalment
from loudou.contracts.selectors.receivable import allocations_of_instalment, get_instalment, instalment_rows
from loudou.core import clock
from loudou.web.frame import formats
from loudou.web.frame.choosers import chooser_filter
from loudou.web.frame.columns import Column
from loudou.web.frame.filters import ListFilter
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import RecordPage


class InstalmentFilter(ListFilter):
    """By what instalments are narrowed."""

    main = ("customer", "overdue", "due_from", "due_until")

    customer = chooser_filter("customers", label=gettext_lazy("Customer"))
    overdue = BooleanFilter(label=gettext_lazy("Overdue"), method="of_overdue")
    due_from = DateFilter(label=gettext_lazy("Due from"), field_name="due_on", lookup_expr="gte")
    due_until = DateFilter(label=gettext_lazy("Due until"), field_name="due_on", lookup_expr="lte")

    def of_overdue(self, rows: QuerySet[Any], name: str, value: bool | None) -> QuerySet[Any]:
        """Due before today, or not."""
        return rows.filter(due_on__lt=clock.today()) if value else rows.exclude(due_on__lt=clock.today())


def _due_day(row: Instalment) -> SafeString:
    if row.due_on is None:
        # The cell is the row's link, which needs a name.
        return format_html("{}", due_words(row))
    day = format_html('<span class="text-nowrap">{}</span>', formats.time_tag(row.due_on, formats.date(row.due_on)))
    return format_html('<span class="late">{} · {}</span>', day, _("overdue")) if row.due_on < clock.today() else day


def _contract_link(row: Instalment) -> SafeString:
    url = reverse("contracts:contract", args=[row.contract_id])
    return format_html('<a class="text-nowrap" href="{}" data-panel>{}</a>', url, row.contract.number)


class InstalmentList(ListPage):
    """What customers owe, or will: open instalments in the order of their due days."""

    permission = "contracts.view"
    title = gettext_lazy("Open instalments")
    filterset = InstalmentFilter
    columns = (
        Column(name="due_on", label=gettext_lazy("Due on"), kind="date", html=_due_day, sort="due_on"),
        Column(name="customer", label=gettext_lazy("Customer"), value="customer"),
        Column(
            name="contract",
            label=gettext_lazy("Contract"),
            value="contract.number",
            html=_contract_link,
            hide_below="sm",
        ),
        Column(name="name", value="label", label=gettext_lazy("Instalment"), hide_below="md"),
        Column(name="basis", label=gettext_lazy("Due"), value=due_words, hide_below="lg"),
        Column(name="amount", label=gettext_lazy("Amount"), currency="currency", hide_below="md"),
        Column(name="open_amount", label=gettext_lazy("Outstanding"), currency="currency", sort="open_amount"),
        Column(name="owner", label=gettext_lazy("Owner"), value="contract.owner", hide_below="lg"),
    )
    default_sort = "due_on"
    row_url_name = "ledger:instalment"
    export_permission = "contracts.export"
    empty_icon = "calendar-dollar"
    empty_title = gettext_lazy("Nothing is open")
    empty_text = gettext_lazy("Instalments of signed contracts wait here until they are paid.")

    def rows(self) -> QuerySet[Instalment]:
        """Open instalments of visible contracts."""
        return instalment_rows(self.request.user).open()


class InstalmentPage(RecordPage):
    """One instalment: what it asks for and when, and every entry that paid it or took that back."""

    permission = "contracts.view"
    template = "ledger/instalment.html"
    record_name = "instalment"
    section = "ledger:instalment_list"

    def record(self) -> Instalment:
        """The instalment, of whichever plan."""
        return get_instalment(self.request.user, self.kwargs["pk"])

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list."""
        return [(_("Open instalments"), reverse("ledger:instalment_list"))]

    def render(self, **context: Any) -> HttpResponse:
        """Add the entries."""
        row = context["record"]
        self.title = _("Instalment %(name)s") % {"name": row}
        entries = list(allocations_of_instalment(self.request.user, row.pk))
        return super().render(**context, title=self.title, entries=entries, today=clock.today())
