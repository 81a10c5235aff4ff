"""Invoices: the list, the page of one, blue ones against a contract's lines, red ones that take them back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import CharFilter, ChoiceFilter, DateFilter

from loudou.contracts.choices import InvoiceKind
from loudou.contracts.models import ContractLine, Invoice
from loudou.contracts.selectors.contracts import present_version
from loudou.contracts.selectors.receivable import get_invoice, invoice_rows
from loudou.contracts.services import invoices
from loudou.contracts.services.ledger_drafts import InvoiceDraft, InvoiceLineDraft, RedInvoiceDraft
from loudou.core import clock
from loudou.core.searchtext import matches
from loudou.web.contracts.views.drafting import FormOfContract
from loudou.web.frame import formats
from loudou.web.frame.actions import Done
from loudou.web.frame.choosers import chooser_filter
from loudou.web.frame.columns import Column
from loudou.web.frame.filters import ListFilter
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import RecordPage
from loudou.web.ledger.forms import InvoiceForm, RedInvoiceForm


class InvoiceFilter(ListFilter):
    """By what invoices are narrowed."""

    main = ("kind", "customer", "issued_from", "issued_until")

    q = CharFilter(label=gettext_lazy("Search"), method="search")
    kind = ChoiceFilter(label=gettext_lazy("Kind of invoice"), choices=InvoiceKind.choices)
    customer = chooser_filter("customers", label=gettext_lazy("Customer"))
    issued_from = DateFilter(label=gettext_lazy("Issued from"), field_name="issued_on", lookup_expr="gte")
    issued_until = DateFilter(label=gettext_lazy("Issued until"), field_name="issued_on", lookup_expr="lte")

    def search(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Rows that hold every word."""
        return rows.filter(matches(words))


class InvoiceList(ListPage):
    """Invoices in columns; red ones are negative."""

    permission = "contracts.view"
    title = gettext_lazy("Invoices")
    filterset = InvoiceFilter
    columns = (
        Column(name="issued_on", label=gettext_lazy("Invoice date"), kind="date", sort="issued_on"),
        Column(name="number", label=gettext_lazy("Number"), kind="code", sort="number", hide_below="sm"),
        Column(name="customer", label=gettext_lazy("Customer"), value="customer"),
        Column(name="contract", label=gettext_lazy("Contract"), value="contract.number", kind="code", hide_below="md"),
        Column(name="kind", label=gettext_lazy("Kind of invoice"), value="get_kind_display", hide_below="lg"),
        Column(name="net_amount", label=gettext_lazy("Without tax"), currency="currency", hide_below="md"),
        Column(name="tax_amount", label=gettext_lazy("Tax"), currency="currency", hide_below="lg"),
        Column(name="amount", label=gettext_lazy("Amount"), currency="currency", sort="amount"),
        Column(
            name="corrects", label=gettext_lazy("Takes back"), value="corrects.number", kind="code", hide_below="lg"
        ),
        Column(name="title", label=gettext_lazy("Invoice title"), shown=False),
        Column(name="tax_number", label=gettext_lazy("Tax number"), shown=False),
    )
    default_sort = "-issued_on"
    row_url_name = "ledger:invoice"
    export_permission = "contracts.export"
    empty_icon = "file-invoice"
    empty_title = gettext_lazy("No invoices yet")
    empty_text = gettext_lazy("Invoices are issued on a contract's page, against its lines.")

    def rows(self) -> QuerySet[Invoice]:
        """Visible invoices."""
        return invoice_rows(self.request.user)


class InvoicePage(RecordPage):
    """One invoice with its lines and the red ones that take it back."""

    permission = "contracts.view"
    template = "ledger/invoice.html"
    record_name = "invoice"
    section = "ledger:invoice_list"

    def record(self) -> Invoice:
        """The invoice."""
        return get_invoice(self.request.user, self.kwargs["pk"])

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list."""
        return [(_("Invoices"), reverse("ledger:invoice_list"))]

    def render(self, **context: Any) -> HttpResponse:
        """Say what it is called and whether a red one may follow."""
        invoice = context["record"]
        self.title = _("Invoice %(number)s") % {"number": invoice.number}
        may = self.request.user.has_permission("contracts.invoice") and invoice.corrects_id is None
        return super().render(**(context | {"title": self.title, "may_correct": may}))


class InvoiceAdd(FormOfContract):
    """Issue a blue invoice against the lines of a contract."""

    permission = "contracts.invoice"
    template = "ledger/invoice_form.html"
    title = gettext_lazy("Issue an invoice")
    form_class = InvoiceForm
    submit_label = gettext_lazy("Issue")

    def form_kwargs(self) -> dict[str, Any]:
        """What is not invoiced yet of each line, offered as the amount."""
        names = {row.line_id: row.description for row in present_version(self.contract()).terms.all()}
        rows = ContractLine.objects.visible_to(self.request.user).filter(contract=self.contract()).order_by("number")
        left = [(row.pk, names.get(row.pk, str(row.number)), row.ordered_amount - row.invoiced_amount) for row in rows]
        return {"lines": [line for line in left if line[2] > 0]}

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Today, to the customer."""
        customer = self.contract().customer
        return {
            "issued_on": clock.today(),
            "kind": InvoiceKind.SPECIAL,
            "title": customer.name,
            "tax_number": customer.credit_code,
        }

    def save(self, form: InvoiceForm, *, version: int | None) -> Done:
        """Issue it."""
        given = form.cleaned_data
        draft = InvoiceDraft(
            contract_id=self.kwargs["pk"],
            lines=[InvoiceLineDraft(pk, amount) for pk, amount in form.amounts()],
            kind=InvoiceKind(given["kind"]),
            **{name: given[name] for name in ("issued_on", "number", "title", "tax_number", "note")},
        )
        row = invoices.issue_invoice(self.request.user, draft, at=clock.now())
        return self.done(_("Invoice %(number)s is issued.") % {"number": row.number})


class InvoiceRed(FormPage):
    """Take a blue invoice back."""

    permission = "contracts.invoice"
    title = gettext_lazy("Issue a red invoice")
    form_class = RedInvoiceForm
    submit_label = gettext_lazy("Issue")
    section = "ledger:invoice_list"

    def record(self) -> models.Model | None:
        """Whoever may not see the invoice learns nothing of it."""
        get_invoice(self.request.user, self.kwargs["pk"])
        return None

    def form_kwargs(self) -> dict[str, Any]:
        """How much of the invoice is left."""
        blue = get_invoice(self.request.user, self.kwargs["pk"])
        left = blue.amount + sum((red.amount for red in blue.red_ones.all()), Decimal(0))
        return {"left": formats.money(left, blue.currency)}

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Today."""
        return {"issued_on": clock.today()}

    def save(self, form: RedInvoiceForm, *, version: int | None) -> Done:
        """Issue it for all that is left of the blue one."""
        draft = RedInvoiceDraft(invoice_id=self.kwargs["pk"], **form.cleaned_data)
        row = invoices.issue_red_invoice(self.request.user, draft, at=clock.now())
        message = _("Invoice %(number)s is issued.") % {"number": row.number}
        return Done(message=message, url=reverse("ledger:invoice", args=[row.pk]))
