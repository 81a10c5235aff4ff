"""The money of a contract and of a customer: reconciliation, and the entries behind each figure."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.contracts.choices import ContractState, PlanState
from loudou.contracts.due_words import due_words
from loudou.contracts.models import Contract, ExchangeDifference
from loudou.contracts.selectors.contracts import drafted_version
from loudou.contracts.selectors.receivable import instalment_rows, invoice_rows, plans_of, receipt_rows
from loudou.contracts.selectors.reconciliation import (
    AMOUNTS,
    Figures,
    contract_figures,
    customer_figures,
    exchange_result,
    figures_by_contract,
)
from loudou.contracts.selectors.reconciliation_rows import Entry, entries_behind
from loudou.contracts.services.plan_drafting import payment_days_of
from loudou.contracts.services.plans_in_force import plan_to_come
from loudou.core import clock
from loudou.core.phrases import labelled
from loudou.core.refusals import NotVisible
from loudou.customers.selectors import get_customer
from loudou.web.contracts.views.contract import OfContract
from loudou.web.frame import formats
from loudou.web.frame.pages import Page

SHOWN = 50
ROWS = 100
"""Rows behind a figure on one page."""
MOST_DIGITS = 8
ALWAYS = ("ordered", "delivered", "invoiced", "received", "open", "overdue")
"""The figures that a reconciliation always shows; others appear when they are not zero."""
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
    "exchange": gettext_lazy("Exchange gain or loss"),
}


def figures_in_order(found: Any) -> list[dict[str, Any]]:
    """The figures of one currency with their labels; those that are zero and rarely matter are left out."""
    return [
        {"name": name, "label": LABELS[name], "amount": getattr(found, name), "currency": found.currency}
        for name in AMOUNTS
        if name in ALWAYS or getattr(found, name)
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
        figures = contract_figures(user, contract.pk, today=today) if contract.is_binding else None
        exchange = exchange_result(user, contract_id=contract.pk)
        is_terminated = contract.state == ContractState.TERMINATED
        return {
            "contract": contract,
            "figures": figures_in_order(figures) if figures else [],
            "plan": shown,
            "plan_to_come": self._plan_to_come(contract) if shown is None else [],
            "payment_days": payment_days_of(contract) if shown is None else None,
            "draft": draft,
            "may_settle": is_terminated and user.has_permission("contracts.end"),
            "is_unsettled": is_terminated and figures and figures.open and shown and shown.total == contract.amount,
            "exchange": exchange,
            "is_gain": exchange > 0,
            "base": self.request.company.base_currency,
            "may_plan": user.has_permission("contracts.draft") and drafted_version(contract) is not None,
            "receipts": list(receipt_rows(user).filter(contract=contract).order_by("-received_on", "-pk")[:SHOWN]),
            "invoices": list(invoice_rows(user).filter(contract=contract).order_by("-issued_on", "-pk")[:SHOWN]),
            "may_invoice": bool(figures and figures.ordered > figures.invoiced)
            and user.has_permission("contracts.invoice"),
            "may_receive": bool(figures and (contract.is_running or figures.open))
            and user.has_permission("contracts.post_receipt"),
            "today": today,
        }

    def _plan_to_come(self, contract: Contract) -> list[str]:
        """What the draft will be offered with while it has no plan: parts, when they are due, and how much."""
        draft = drafted_version(contract)
        rows = plan_to_come(contract, draft) if draft else []
        return [labelled(row.label, f"{formats.money(row.amount, row.currency)} · {due_words(row)}") for row in rows]


class CustomerMoney(Page):
    """Ordered, delivered, invoiced, received, open and overdue of a customer and of each of its contracts.

    Today or as of the end of a past day; every figure opens the entries that add up to it.
    """

    permission = "contracts.view"
    template = "ledger/customer.html"
    section = "customers:customer_list"

    def context(self) -> dict[str, Any]:
        """Figures by currency and by contract, and what is open."""
        user, today = self.request.user, clock.today()
        customer = get_customer(user, self.kwargs["pk"])
        on = past_day(self.request.GET.get("on", ""))
        self.title = _("Money of %(name)s") % {"name": customer}
        found = customer_figures(user, customer.pk, today=today, on=on)
        lines = figures_by_contract(user, customer.pk, today=today, on=on, most=SHOWN)
        exchange = exchange_result(user, customer_id=customer.pk, on=on)
        open_rows = instalment_rows(user).open().filter(customer=customer).oldest_due_first()
        receipts = receipt_rows(user).filter(customer=customer).order_by("-received_on", "-pk")
        return {
            "title": self.title,
            "customer": customer,
            "on": on,
            "today": today,
            "currencies": [figures_in_order(figures) for figures in found.values()],
            "exchange": exchange,
            "is_gain": exchange > 0,
            "base": self.request.company.base_currency,
            "labels": [LABELS[name] for name in ALWAYS],
            "lines": [{"contract": line.contract, "figures": _always(line.figures)} for line in lines],
            "more_contracts": len(lines) == SHOWN,
            "instalments": [] if on else list(open_rows[:SHOWN]),
            "receipts": [] if on else list(receipts[:SHOWN]),
            "may_allocate": user.has_permission("contracts.allocate") and any(each.advance for each in found.values()),
            "may_receive": user.has_permission("contracts.post_receipt"),
        }


def _always(found: Figures) -> list[dict[str, Any]]:
    return [{"name": name, "amount": getattr(found, name), "currency": found.currency} for name in ALWAYS]


def past_day(given: str) -> dt.date | None:
    """The day of an address, when it is one before today."""
    try:
        on = parse_date(given)
    except ValueError:
        return None
    return on if on is not None and on < clock.today() else None


class FigureRows(Page):
    """The rows behind one figure of a reconciliation, with what they come to."""

    permission = "contracts.view"
    template = "ledger/figure.html"

    def context(self) -> dict[str, Any]:
        """A page of rows in words, and the sum of all by currency."""
        which, name = self.kwargs["of"], self.kwargs["figure"]
        if which not in ("contract", "customer"):
            raise NotVisible
        on = past_day(self.request.GET.get("on", ""))
        number = self.request.GET.get("page", "1")
        page = max(int(number), 1) if number.isascii() and number.isdecimal() and len(number) < MOST_DIGITS else 1
        start = (page - 1) * ROWS
        chosen = {f"{which}_id": self.kwargs["pk"]}
        found = entries_behind(self.request.user, name, today=clock.today(), on=on, start=start, most=ROWS, **chosen)
        self.title = str(LABELS[name])
        return {
            "title": self.title,
            "on": on,
            "rows": [_in_words(entry) for entry in found.rows],
            "count": found.count,
            "totals": sorted(found.totals.items()),
            "next_page": page + 1 if start + len(found.rows) < found.count else None,
        }


def _in_words(entry: Entry) -> dict[str, Any]:
    """Day, what it is, address and amount of any entry of the ledger."""
    row: Any = entry.record
    kind = row._meta.model_name
    contract = row if kind == "contract" else getattr(row, "contract", None)
    cause = _cause(row) if kind == "exchangedifference" else row
    receipt = cause.pk if cause._meta.model_name == "receipt" else getattr(cause, "receipt_id", None)
    if kind == "instalment":
        address = reverse("ledger:instalment", args=[row.pk])
    elif kind == "invoice":
        address = reverse("ledger:invoice", args=[row.pk])
    elif receipt is not None:
        address = reverse("ledger:receipt", args=[receipt])
    else:
        address = reverse("contracts:contract", args=[contract.pk]) if contract else ""
    return {
        "day": entry.day,
        "kind": row._meta.verbose_name,
        "label": _label(cause),
        "contract": contract,
        "url": address,
        "amount": entry.amount,
        "currency": entry.currency,
    }


def _cause(difference: ExchangeDifference) -> Any:
    """The entry that a gain or loss was written with."""
    return difference.allocation or difference.refund or difference.reversal


def _label(row: Any) -> str:
    """What an entry is called; an allocation by the receipt and the instalment that it joins."""
    return f"{row.receipt} → {row.instalment}" if row._meta.model_name == "allocation" else str(row)
