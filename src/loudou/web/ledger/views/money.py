"""The money of a contract and of a customer: plan, reconciliation, and the rows behind each figure; statistics."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import BooleanFilter, DateFilter

from loudou.contracts.choices import DueBasis, PlanState
from loudou.contracts.models import Instalment
from loudou.contracts.selectors.contracts import contracts_of_customer, drafted_version
from loudou.contracts.selectors.receivable import instalment_rows, invoice_rows, plans_of, receipt_rows
from loudou.contracts.selectors.reconciliation import AMOUNTS, contract_figures, customer_figures
from loudou.contracts.selectors.reconciliation_rows import rows_behind
from loudou.contracts.services import plans
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.customers.selectors import get_customer
from loudou.web.contracts.views.contract import OfContract
from loudou.web.contracts.views.drafting import FormOfContract
from loudou.web.frame.actions import Done
from loudou.web.frame.choosers import chooser_filter
from loudou.web.frame.columns import Column
from loudou.web.frame.filters import ListFilter
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import Page
from loudou.web.ledger.forms import MonthlyPlanForm, PlanForm, PlanTemplateForm

SHOWN = 50
LABELS = {
    "ordered": gettext_lazy("Ordered"),
    "delivered": gettext_lazy("Delivered"),
    "invoiced": gettext_lazy("Invoiced"),
    "received": gettext_lazy("Received"),
    "in_bills": gettext_lazy("In bills of exchange"),
    "open": gettext_lazy("Outstanding"),
    "overdue": gettext_lazy("Overdue"),
    "retention": gettext_lazy("Retention"),
    "undated": gettext_lazy("Waits for an event"),
    "advance": gettext_lazy("Advance"),
}


def figures_in_order(found: Any) -> list[dict[str, Any]]:
    """The figures of one currency with their labels; those that are zero and rarely matter are left out."""
    always = {"ordered", "delivered", "invoiced", "received", "open", "overdue"}
    return [
        {"name": name, "label": LABELS[name], "amount": getattr(found, name), "currency": found.currency}
        for name in AMOUNTS
        if name in always or getattr(found, name)
    ]


class ContractMoney(OfContract, Page):
    """Reconciliation, plan, receipts and invoices of one contract; follows the contract's page."""

    permission = "contracts.view"
    template = "ledger/_contract_money.html"

    def context(self) -> dict[str, Any]:
        """Everything that concerns money."""
        user, contract, today = self.request.user, self.contract(), clock.today()
        found = list(plans_of(user, contract.pk))
        shown = next((plan for plan in found if plan.state == PlanState.IN_FORCE), found[0] if found else None)
        draft = next((plan for plan in found if plan.state == PlanState.DRAFT), None)
        figures = figures_in_order(contract_figures(user, contract.pk, today=today)) if contract.is_binding else []
        return {
            "contract": contract,
            "figures": figures,
            "plan": shown,
            "draft": draft,
            "may_plan": user.has_permission("contracts.draft") and drafted_version(contract) is not None,
            "receipts": list(receipt_rows(user).filter(contract=contract).order_by("-received_on", "-pk")[:SHOWN]),
            "invoices": list(invoice_rows(user).filter(contract=contract).order_by("-issued_on", "-pk")[:SHOWN]),
            "may": {verb: user.has_permission(f"contracts.{verb}") for verb in ("invoice", "post_receipt", "allocate")},
            "today": today,
        }


class PlanEdit(FormOfContract):
    """The payment plan of a draft, as a table edited as a whole."""

    template = "ledger/plan_form.html"
    title = gettext_lazy("Payment plan")
    form_class = PlanForm

    def initial(self, record: Any) -> dict[str, Any]:
        """The table fills itself."""
        return {}

    def form_kwargs(self) -> dict[str, Any]:
        """The instalments as they are."""
        draft = plans_of(self.request.user, self.kwargs["pk"]).filter(state=PlanState.DRAFT).first()
        rows = []
        for row in draft.instalments.all() if draft else ():
            by_share = row.share is not None
            rows.append(
                {
                    "name": row.name, "share": row.share, "amount": None if by_share else row.amount,
                    "basis": row.basis, "on": row.fixed_on, "offset_months": row.offset_months or None,
                    "offset_days": row.offset_days or None, "is_retention": row.is_retention,
                }
            )  # fmt: skip
        return {"request": self.request, "rows": rows}

    def save(self, form: PlanForm, *, version: int | None) -> Done:
        """Replace the plan of the draft."""
        lines = [
            InstalmentDraft(
                name=row["name"],
                basis=DueBasis(row["basis"] or DueBasis.DATE),
                share=row["share"],
                amount=None if row["share"] is not None else row["amount"],
                on=row["on"],
                offset_months=row["offset_months"] or 0,
                offset_days=row["offset_days"] or 0,
                is_retention=row["is_retention"],
            )
            for row in form.cleaned_rows()
        ]
        plans.draft_plan(self.request.user, self.kwargs["pk"], lines=lines)
        return self.done(_("The payment plan is saved."))


class PlanFromTemplate(FormOfContract):
    """Set the plan of a draft from a template."""

    title = gettext_lazy("Payment plan from a template")
    form_class = PlanTemplateForm
    submit_label = gettext_lazy("Take it")

    def initial(self, record: Any) -> dict[str, Any]:
        """Nothing is chosen."""
        return {}

    def save(self, form: PlanTemplateForm, *, version: int | None) -> Done:
        """Take it."""
        plans.draft_plan_from_template(self.request.user, self.kwargs["pk"], template_id=form.cleaned_data["template"])
        return self.done(_("The payment plan is saved."))


class PlanMonthly(FormOfContract):
    """Set a plan of equal instalments, one a month."""

    title = gettext_lazy("Equal monthly instalments")
    form_class = MonthlyPlanForm
    submit_label = gettext_lazy("Take it")

    def initial(self, record: Any) -> dict[str, Any]:
        """From today on."""
        return {"first_on": clock.today(), "months": 12}

    def save(self, form: MonthlyPlanForm, *, version: int | None) -> Done:
        """Take it."""
        plans.draft_monthly_plan(self.request.user, self.kwargs["pk"], **form.cleaned_data)
        return self.done(_("The payment plan is saved."))


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


class InstalmentList(ListPage):
    """What customers owe, or will: open instalments in the order of their due days."""

    permission = "contracts.view"
    title = gettext_lazy("Open instalments")
    filterset = InstalmentFilter
    columns = (
        Column(name="due_on", label=gettext_lazy("Due on"), kind="date", sort="due_on"),
        Column(name="customer", label=gettext_lazy("Customer"), value="customer"),
        Column(name="contract", label=gettext_lazy("Contract"), value="contract.number", hide_below="sm"),
        Column(name="name", label=gettext_lazy("Instalment"), hide_below="md"),
        Column(name="basis", label=gettext_lazy("Due"), value="get_basis_display", hide_below="lg"),
        Column(name="amount", label=gettext_lazy("Amount"), currency="currency", hide_below="md"),
        Column(name="open_amount", label=gettext_lazy("Outstanding"), currency="currency", sort="open_amount"),
        Column(name="owner", label=gettext_lazy("Owner"), value="contract.owner", hide_below="lg"),
    )
    default_sort = "due_on"
    export_permission = "contracts.export"
    empty_icon = "calendar-dollar"
    empty_title = gettext_lazy("Nothing is open")
    empty_text = gettext_lazy("Instalments of signed contracts wait here until they are paid.")

    def rows(self) -> QuerySet[Instalment]:
        """Open instalments of visible contracts."""
        return instalment_rows(self.request.user).open()


class CustomerMoney(Page):
    """Ordered, delivered, invoiced, received, open and overdue of one customer, today or as of a past day."""

    permission = "contracts.view"
    template = "ledger/customer.html"
    section = "customers:customer_list"

    def context(self) -> dict[str, Any]:
        """Figures by currency, and the customer's contracts."""
        user, today = self.request.user, clock.today()
        customer = get_customer(user, self.kwargs["pk"])
        on = parse_date(self.request.GET.get("on", "") or "") if self.request.GET.get("on") else None
        self.title = _("Money of %(name)s") % {"name": customer}
        found = customer_figures(user, customer.pk, today=today, on=on if on and on < today else None)
        open_rows = instalment_rows(user).open().filter(customer=customer).oldest_due_first()
        return {
            "title": self.title,
            "customer": customer,
            "on": on,
            "today": today,
            "currencies": [figures_in_order(figures) for figures in found.values()],
            "contracts": contracts_of_customer(user, customer.pk, most=SHOWN),
            "instalments": list(open_rows[:SHOWN]),
            "receipts": list(receipt_rows(user).filter(customer=customer).order_by("-received_on", "-pk")[:SHOWN]),
            "may_allocate": user.has_permission("contracts.allocate"),
        }


class FigureRows(Page):
    """The rows behind one figure of a reconciliation."""

    permission = "contracts.view"
    template = "ledger/figure.html"

    def context(self) -> dict[str, Any]:
        """Rows in words, and their sum by currency."""
        which, name = self.kwargs["of"], self.kwargs["figure"]
        if which not in ("contract", "customer"):
            raise NotVisible
        chosen = {f"{which}_id": self.kwargs["pk"]}
        behind = rows_behind(self.request.user, name, today=clock.today(), **chosen)
        rows = list(behind.rows[:1000])
        self.title = str(LABELS[name])
        return {"title": self.title, "rows": [_row_in_words(row, behind.amount) for row in rows]}


def _row_in_words(row: Any, amount: str) -> dict[str, Any]:
    """Day, what it is, address and amount of any entry of the ledger."""
    day = next(
        (
            getattr(row, name)
            for name in ("issued_on", "received_on", "due_on", "signed_on", "on")
            if getattr(row, name, None) is not None
        ),
        None,
    )
    kind = row._meta.model_name
    contract = row if kind == "contract" else getattr(row, "contract", None)
    address = {
        "invoice": lambda: reverse("ledger:invoice", args=[row.pk]),
        "receipt": lambda: reverse("ledger:receipt", args=[row.pk]),
        "allocation": lambda: reverse("ledger:receipt", args=[row.receipt_id]),
    }.get(kind, lambda: reverse("contracts:contract", args=[contract.pk]) if contract else "")()
    currency = getattr(row, "currency", "") or (contract.currency if contract else "")
    return {
        "day": day,
        "kind": row._meta.verbose_name,
        "label": str(row),
        "contract": contract,
        "url": address,
        "amount": getattr(row, amount),
        "currency": currency,
    }
