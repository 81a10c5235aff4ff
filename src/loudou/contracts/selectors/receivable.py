"""Lists of the ledger: what is owed, what came in, what waits to be allocated or to become money."""

from __future__ import annotations

import datetime as dt

from django.db.models import Prefetch, QuerySet

from loudou.contracts.models import (
    Allocation,
    ExchangeDifference,
    Instalment,
    Invoice,
    InvoiceLine,
    PaymentPlan,
    PlanTemplate,
    Receipt,
    Refund,
    Reversal,
)
from loudou.contracts.models.allocation import DifferenceQuerySet
from loudou.contracts.models.invoice import InvoiceQuerySet
from loudou.contracts.models.plan import InstalmentQuerySet
from loudou.contracts.models.receipt import ReceiptQuerySet
from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible


def instalment_rows(actor: Actor) -> InstalmentQuerySet:
    """Instalments of plans in force with contract and customer, for lists; `.open()`, `.overdue(today=...)` narrow."""
    rows = Instalment.objects.visible_to(actor).in_force().select_related("contract__owner", "customer")
    return rows.defer("contract__search_text", "customer__search_text", "customer__name_key")


def get_instalment(actor: Actor, instalment_id: int) -> Instalment:
    """One instalment of any plan, also of one that was replaced. Raises NotVisible."""
    return Instalment.objects.select_related("contract", "customer").get_visible(actor, instalment_id)


def receipt_rows(actor: Actor) -> ReceiptQuerySet:
    """Receipts with customer and contract, for lists; `.with_advance()`, `.bills()` narrow."""
    rows = Receipt.objects.visible_to(actor).select_related("customer", "contract", "posted_by")
    return rows.defer("search_text", "contract__search_text", "customer__search_text", "customer__name_key")


def invoice_rows(actor: Actor) -> InvoiceQuerySet:
    """Invoices with customer and contract, for lists; `.blue()`, `.red()` narrow."""
    rows = Invoice.objects.visible_to(actor).select_related("customer", "contract", "corrects", "posted_by")
    return rows.defer("search_text", "contract__search_text", "customer__search_text", "customer__name_key")


def get_receipt(actor: Actor, receipt_id: int) -> Receipt:
    """One receipt with customer, contract, and whatever follows from it. Raises NotVisible."""
    return receipt_rows(actor).select_related("bill_event", "reversal__actor").get_visible(actor, receipt_id)


def get_invoice(actor: Actor, invoice_id: int) -> Invoice:
    """One invoice with its lines and the red ones that take it back. Raises NotVisible."""
    lines = InvoiceLine.objects.select_related("line").order_by("position")
    return invoice_rows(actor).prefetch_related(Prefetch("lines", lines), "red_ones").get_visible(actor, invoice_id)


def allocations_of_receipt(actor: Actor, receipt_id: int) -> QuerySet[Allocation]:
    """Every allocation of a receipt and every entry that undid one, in the order of posting."""
    rows = Allocation.objects.visible_to(actor).filter(receipt_id=receipt_id)
    return rows.select_related("instalment", "contract", "actor", "undoes", "difference").order_by("pk")


def allocations_of_instalment(actor: Actor, instalment_id: int) -> QuerySet[Allocation]:
    """Every allocation to an instalment and every entry that undid one, in the order of posting."""
    rows = Allocation.objects.visible_to(actor).filter(instalment_id=instalment_id)
    return rows.select_related("receipt", "actor", "undoes", "difference").order_by("pk")


def get_refund(actor: Actor, refund_id: int) -> Refund:
    """One refund. Raises NotVisible."""
    return Refund.objects.get_visible(actor, refund_id)


def refunds_of_receipt(actor: Actor, receipt_id: int) -> QuerySet[Refund]:
    """What was paid back of a receipt, with what took that back."""
    rows = Refund.objects.visible_to(actor).filter(receipt_id=receipt_id)
    return rows.select_related("posted_by", "reversal", "difference").order_by("pk")


def reversals_of_customer(actor: Actor, customer_id: int) -> QuerySet[Reversal]:
    """Receipts and refunds of a customer that were taken back, the latest first."""
    rows = Reversal.objects.visible_to(actor).filter(customer_id=customer_id)
    return rows.select_related("receipt", "refund", "actor").order_by("-on", "-pk")


def bills_maturing(actor: Actor, *, until: dt.date) -> ReceiptQuerySet:
    """Bills of exchange that mature until a day and have not become money yet, the earliest first."""
    return receipt_rows(actor).bills().filter(matures_on__lte=until).order_by("matures_on", "pk")


def difference_rows(actor: Actor) -> DifferenceQuerySet:
    """Gains and losses by exchange rates with their customer, for lists. No order."""
    rows = ExchangeDifference.objects.visible_to(actor).select_related("customer").order_by()
    return rows.defer("customer__search_text", "customer__name_key")


def plans_of(actor: Actor, contract_id: int) -> QuerySet[PaymentPlan]:
    """Every plan of a contract with its instalments: the draft, the one in force, those that were replaced."""
    rows = PaymentPlan.objects.visible_to(actor).filter(contract_id=contract_id)
    return rows.prefetch_related("instalments").order_by("-pk")


def plan_templates() -> QuerySet[PlanTemplate]:
    """Templates of payment plans in order, those out of use included; everybody who drafts may see them."""
    return PlanTemplate.objects.prefetch_related("instalments").order_by("position", "pk")


def get_plan_template(template_id: int) -> PlanTemplate:
    """One template with its instalments. Raises NotVisible."""
    found = plan_templates().filter(pk=template_id).first()
    if found is None:
        raise NotVisible
    return found
