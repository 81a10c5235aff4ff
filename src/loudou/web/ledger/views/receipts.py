"""Receipts: the list, the page of one, posting, allocating, paying back, reversing, bills of exchange."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, DateFilter

from loudou.contracts.choices import BillStep, ReceiptKind
from loudou.contracts.models import Contract, Receipt
from loudou.contracts.selectors.contracts import get_contract
from loudou.contracts.selectors.duties import bills_until
from loudou.contracts.selectors.receivable import (
    allocations_of_receipt,
    get_receipt,
    get_refund,
    instalment_rows,
    receipt_rows,
    refunds_of_receipt,
)
from loudou.contracts.services import allocations, bills, receipts, refunds
from loudou.contracts.services.ledger_drafts import BillOutcome, Part, ReceiptDraft, RefundDraft
from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.core.searchtext import matches
from loudou.web.frame import formats
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.choosers import chooser_filter
from loudou.web.frame.columns import Column
from loudou.web.frame.filters import ListFilter
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import RecordPage
from loudou.web.ledger.forms import AllocationForm, BillForm, ReasonForm, ReceiptForm, RefundForm, ReversalForm

KEPT = ("customer", "received_on", "currency", "kind")
"""What the address of the form may say."""


class ReceiptFilter(ListFilter):
    """By what receipts are narrowed."""

    main = ("kind", "with_advance", "received_from", "received_until")

    q = CharFilter(label=gettext_lazy("Search"), method="search")
    kind = ChoiceFilter(label=gettext_lazy("Form of payment"), choices=ReceiptKind.choices)
    customer = chooser_filter("customers", label=gettext_lazy("Customer"))
    with_advance = BooleanFilter(label=gettext_lazy("With money not allocated"), method="advance")
    received_from = DateFilter(label=gettext_lazy("Received from"), field_name="received_on", lookup_expr="gte")
    received_until = DateFilter(label=gettext_lazy("Received until"), field_name="received_on", lookup_expr="lte")
    matures_until = DateFilter(label=gettext_lazy("Bill matures until"), method="maturing")

    def search(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Rows that hold every word."""
        return rows.filter(matches(words))

    def advance(self, rows: QuerySet[Any], name: str, value: bool | None) -> QuerySet[Any]:
        """Receipts with money that pays nothing yet, or without."""
        return rows.filter(available__gt=0) if value else rows.filter(available=0)

    def maturing(self, rows: Any, name: str, value: dt.date) -> QuerySet[Any]:
        """Bills of exchange that mature until a day and are not money yet."""
        return bills_until(rows, value)


class ReceiptList(ListPage):
    """Receipts in columns."""

    permission = "contracts.view"
    title = gettext_lazy("Receipts")
    filterset = ReceiptFilter
    columns = (
        Column(name="received_on", label=gettext_lazy("Received on"), kind="date", sort="received_on"),
        Column(name="number", label=gettext_lazy("Number"), kind="code", sort="number", hide_below="sm"),
        Column(name="customer", label=gettext_lazy("Customer"), value="customer"),
        Column(name="contract", label=gettext_lazy("Contract"), value="contract.number", kind="code", hide_below="md"),
        Column(name="kind", label=gettext_lazy("Form of payment"), value="get_kind_display", hide_below="md"),
        Column(name="amount", label=gettext_lazy("Amount"), currency="currency", sort="amount"),
        Column(name="allocated", label=gettext_lazy("Allocated"), currency="currency", hide_below="lg"),
        Column(name="available", label=gettext_lazy("Advance"), currency="currency", hide_below="md"),
        Column(name="payer", label=gettext_lazy("Payer"), hide_below="xl"),
        Column(name="bank_reference", label=gettext_lazy("Bank reference"), shown=False),
        Column(name="matures_on", label=gettext_lazy("Matures on"), kind="date", shown=False),
        Column(name="refunded", label=gettext_lazy("Paid back"), currency="currency", shown=False),
        Column(name="reversed", label=gettext_lazy("Reversed"), currency="currency", shown=False),
    )
    default_sort = "-received_on"
    row_url_name = "ledger:receipt"
    export_permission = "contracts.export"
    add_url_name = "ledger:receipt_add"
    add_permission = "contracts.post_receipt"
    add_label = gettext_lazy("Post a receipt")
    empty_icon = "coins"
    empty_title = gettext_lazy("No receipts yet")
    empty_text = gettext_lazy("Money that customers pay is posted here and pays their oldest due instalments.")

    def rows(self) -> QuerySet[Receipt]:
        """Visible receipts."""
        return receipt_rows(self.request.user)


class ReceiptPage(RecordPage):
    """One receipt with everything that became of it."""

    permission = "contracts.view"
    template = "ledger/receipt.html"
    record_name = "receipt"
    section = "ledger:receipt_list"

    def record(self) -> Receipt:
        """The receipt."""
        return get_receipt(self.request.user, self.kwargs["pk"])

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list."""
        return [(_("Receipts"), reverse("ledger:receipt_list"))]

    def render(self, **context: Any) -> HttpResponse:
        """Add entries and what may be done."""
        user, receipt = self.request.user, context["record"]
        self.title = _("Receipt %(number)s") % {"number": receipt.number}
        verbs = ("allocate", "refund", "reverse", "post_receipt")
        entries = list(allocations_of_receipt(user, receipt.pk))
        more: dict[str, Any] = {
            "title": self.title,
            "entries": entries,
            "undone": {entry.undoes_id for entry in entries},
            "refunds": list(refunds_of_receipt(user, receipt.pk)),
            "is_open_bill": receipt.kind == ReceiptKind.BILL and receipt.cash_on is None and not receipt.reversed,
            "may": {verb: user.has_permission(f"contracts.{verb}") for verb in verbs},
        }
        return super().render(**context, **more)


class ReceiptAdd(FormPage):
    """Post money that came in."""

    permission = "contracts.post_receipt"
    template = "ledger/receipt_form.html"
    title = gettext_lazy("Post a receipt")
    form_class = ReceiptForm
    submit_label = gettext_lazy("Post")
    section = "ledger:receipt_list"

    def contract(self) -> Contract | None:
        """The contract that the payer named, when the form was opened from one."""
        return get_contract(self.request.user, self.kwargs["pk"]) if "pk" in self.kwargs else None

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer what the user may see."""
        return {"request": self.request, "contract": self.contract()}

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Today, for the contract's open amount."""
        contract = self.contract()
        known: dict[str, Any] = {"received_on": clock.today(), "allocate": True}
        known |= {name: self.request.GET[name] for name in KEPT if self.request.GET.get(name)}
        if contract is not None:
            due = instalment_rows(self.request.user).open().filter(contract=contract).oldest_due_first().first()
            known |= {"customer": contract.customer_id, "contract": contract.pk, "currency": contract.currency}
            known |= {"amount": due.open_amount} if due else {}
        return known

    def save(self, form: ReceiptForm, *, version: int | None) -> Done:
        """Post and allocate it."""
        given = form.cleaned_data
        contract = given.pop("contract")
        draft = ReceiptDraft(
            customer_id=given.pop("customer").pk,
            contract_id=contract.pk if contract else None,
            **(given | {"kind": ReceiptKind(given["kind"])}),
        )
        row = receipts.post_receipt(self.request.user, draft, at=clock.now())
        message = _("Receipt %(number)s is posted.") % {"number": row.number}
        here = self.contract()
        if "again" in self.request.POST:
            return Done(message=message, url=self._one_more(draft), leave=True)
        url = reverse("contracts:contract", args=[here.pk]) if here else reverse("ledger:receipt", args=[row.pk])
        return Done(message=message, url=url, leave=here is None)

    def show(self, *args: Any, **context: Any) -> HttpResponse:
        """Away from a contract, one may post one receipt after the other."""
        return super().show(*args, may_repeat=self.contract() is None, **context)

    def _one_more(self, posted: ReceiptDraft) -> str:
        """The empty form, with the day, the currency and the form of payment of the receipt that was posted."""
        kept = {"received_on": posted.received_on, "currency": posted.currency, "kind": posted.kind.value}
        return f"{reverse('ledger:receipt_add')}?{urlencode(kept)}"


class FormOfReceipt(FormPage):
    """A form about one receipt; what was posted stays, entries are added."""

    section = "ledger:receipt_list"
    _receipt: Receipt | None = None

    def receipt(self) -> Receipt:
        """The receipt, read once per request. Raises NotVisible."""
        if self._receipt is None:
            self._receipt = get_receipt(self.request.user, self.kwargs["pk"])
        return self._receipt

    def record(self) -> models.Model | None:
        """Nothing is edited."""
        self.receipt()
        return None

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Today."""
        return {"on": clock.today()}

    def done(self, message: str) -> Done:
        """Say it on the receipt's page."""
        return Done(message=message, url=reverse("ledger:receipt", args=[self.kwargs["pk"]]))


class ReceiptAllocate(FormOfReceipt):
    """Put what is left of a receipt on instalments."""

    permission = "contracts.allocate"
    template = "ledger/allocate_form.html"
    title = gettext_lazy("Allocate")
    form_class = AllocationForm
    submit_label = gettext_lazy("Allocate")

    def form_kwargs(self) -> dict[str, Any]:
        """Open instalments of the customer in the receipt's currency, the oldest due first."""
        receipt = self.receipt()
        rows = instalment_rows(self.request.user).open().filter(customer=receipt.customer, currency=receipt.currency)
        never = _("no day yet")
        return {
            "instalments": [
                (row.pk, f"{row.contract.number} · {row} · {formats.date(row.due_on) or never} · "
                 f"{formats.money(row.open_amount, row.currency)}", row.open_amount)
                for row in rows.oldest_due_first()[:200]
            ]
        }  # fmt: skip

    def save(self, form: AllocationForm, *, version: int | None) -> Done:
        """Allocate by hand, or the oldest due first when nothing was typed."""
        parts = [Part(pk, amount) for pk, amount in form.parts()]
        allocations.allocate_receipt(self.request.user, self.kwargs["pk"], parts=parts, at=clock.now())
        return self.done(_("The money is allocated."))


class AllocationUndo(FormPage):
    """Take an allocation back by an opposite entry."""

    permission = "contracts.allocate"
    title = gettext_lazy("Take the allocation back")
    form_class = ReasonForm
    submit_label = gettext_lazy("Take it back")
    section = "ledger:receipt_list"

    def record(self) -> models.Model | None:
        """Whoever may not see the receipt learns nothing of it."""
        get_receipt(self.request.user, self.kwargs["receipt"])
        return None

    def save(self, form: ReasonForm, *, version: int | None) -> Done:
        """Undo it; the money is an advance again."""
        allocations.undo_allocation(
            self.request.user, self.kwargs["pk"], reason=form.cleaned_data["reason"], at=clock.now()
        )
        message = _("The allocation is taken back; the money is an advance again.")
        return Done(message=message, url=reverse("ledger:receipt", args=[self.kwargs["receipt"]]))


class AdvancesAllocate(ActionPage):
    """Put all advances of a customer on its open instalments."""

    permission = "contracts.allocate"

    def act(self) -> Done:
        """Oldest money first, oldest due first."""
        entries = allocations.allocate_advances(self.request.user, self.kwargs["pk"], at=clock.now())
        message = _("%(count)s entries were made.") % {"count": entries}
        return Done(message=message, url=reverse("ledger:customer", args=[self.kwargs["pk"]]))


class ReceiptRefund(FormOfReceipt):
    """Pay money back."""

    permission = "contracts.refund"
    title = gettext_lazy("Pay money back")
    form_class = RefundForm
    submit_label = gettext_lazy("Pay back")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """What is not allocated, today."""
        return {"on": clock.today(), "amount": self.receipt().available or None}

    def save(self, form: RefundForm, *, version: int | None) -> Done:
        """Post the refund."""
        given = form.cleaned_data
        draft = RefundDraft(
            receipt_id=self.kwargs["pk"],
            amount=given["amount"],
            refunded_on=given["on"],
            reason=given["reason"],
            bank_reference=given["bank_reference"],
        )
        refunds.refund_receipt(self.request.user, draft, at=clock.now())
        return self.done(_("The refund is posted."))


class ReceiptReverse(FormOfReceipt):
    """Take back a receipt that was posted by mistake or bounced."""

    permission = "contracts.reverse"
    title = gettext_lazy("Reverse the receipt")
    form_class = ReversalForm
    submit_label = gettext_lazy("Reverse")

    def save(self, form: ReversalForm, *, version: int | None) -> Done:
        """Reverse it by an entry that names it."""
        given = form.cleaned_data
        refunds.reverse_receipt(
            self.request.user, self.kwargs["pk"], on=given["on"], reason=given["reason"], at=clock.now()
        )
        return self.done(_("The receipt is reversed."))


class RefundReverse(FormPage):
    """Take back a refund that did not leave the account after all."""

    permission = "contracts.reverse"
    title = gettext_lazy("Reverse the refund")
    form_class = ReversalForm
    submit_label = gettext_lazy("Reverse")
    section = "ledger:receipt_list"

    def record(self) -> models.Model | None:
        """Whoever may not see the refund learns nothing of it."""
        if get_refund(self.request.user, self.kwargs["pk"]).receipt_id != self.kwargs["receipt"]:
            raise NotVisible
        return None

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Today."""
        return {"on": clock.today()}

    def save(self, form: ReversalForm, *, version: int | None) -> Done:
        """Reverse it by an entry that names it; the money is an advance again."""
        self.record()
        given = form.cleaned_data
        refunds.reverse_refund(
            self.request.user, self.kwargs["pk"], on=given["on"], reason=given["reason"], at=clock.now()
        )
        message = _("The refund is reversed; the money is an advance again.")
        return Done(message=message, url=reverse("ledger:receipt", args=[self.kwargs["receipt"]]))


class BillSettle(FormOfReceipt):
    """Record what became of a bill of exchange."""

    permission = "contracts.post_receipt"
    title = gettext_lazy("What became of the bill")
    form_class = BillForm
    submit_label = gettext_lazy("Record it")

    def initial(self, record: models.Model | None) -> dict[str, Any]:
        """Honoured, on the day it matured."""
        matured = self.receipt().matures_on
        return {"on": min(matured, clock.today()) if matured else clock.today(), "step": BillStep.HONOURED}

    def save(self, form: BillForm, *, version: int | None) -> Done:
        """Record it."""
        given = form.cleaned_data
        outcome = BillOutcome(BillStep(given["step"]), given["on"], given["note"])
        bills.settle_bill(self.request.user, self.kwargs["pk"], outcome=outcome, at=clock.now())
        return self.done(_("It is recorded what became of the bill."))
