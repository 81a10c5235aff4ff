"""Giving money back, and taking back what was posted by mistake: entries of their own that name what they concern."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from loudou.contracts.choices import AllocationCause, DocumentKind
from loudou.contracts.errors import (
    AlreadyReversed,
    DateBeforeReceipt,
    ReceiptHasRefunds,
    ReceiptKeyReused,
    ReceiptOverdrawn,
)
from loudou.contracts.models import Allocation, Receipt, Refund, Reversal
from loudou.contracts.services.allocating import Allocator
from loudou.contracts.services.allocations import locked_receipt, take_off_all
from loudou.contracts.services.ledger_drafts import RefundDraft
from loudou.contracts.services.numbers import next_number
from loudou.contracts.services.payment_evidence import report_instalments
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.money import round_money, written
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import service
from loudou.pipeline.services.valuing import Books

CAUSE = "refund"


@service("contracts.refund")
def refund_receipt(actor: Actor, draft: RefundDraft, *, at: dt.datetime, brings_history: bool = False) -> Refund:
    """Pay money of a receipt back: first what is not allocated, then what was put on instalments last.

    What is taken off instalments leaves opposite entries. The same key again returns the refund that is there.
    Raises NotVisible, AlreadyReversed, ReceiptOverdrawn, DateBeforeReceipt, DateInFuture, ExchangeRateMissing,
    ReceiptKeyReused, InvalidInput.
    """
    receipt = locked_receipt(actor, draft.receipt_id)
    books = Books.load([receipt.currency])
    amount = round_money(draft.amount, receipt.currency)
    if draft.key and (found := Refund.objects.filter(key=draft.key).first()) is not None:
        if (found.receipt_id, found.amount, found.refunded_on) != (receipt.pk, amount, draft.refunded_on):
            raise ReceiptKeyReused(key=draft.key, number=found.number)
        return found
    if receipt.is_reversed:
        raise AlreadyReversed(number=receipt.number)
    if draft.number and Refund.objects.filter(number=draft.number.strip()).exists():
        raise InvalidInput({"number": [_("Another refund has this number.")]})
    _check_day(receipt, draft.refunded_on, books, at)
    refundable = receipt.amount - receipt.refunded
    if not 0 < amount <= refundable:
        raise ReceiptOverdrawn(
            number=receipt.number,
            left=written(refundable, receipt.currency),
            asked=written(amount, receipt.currency),
            currency=receipt.currency,
        )
    allocator = Allocator(actor, at, books.base)
    contracts = _free(allocator, receipt, amount, on=draft.refunded_on, reason=draft.reason)
    refund = Refund(
        receipt=receipt,
        customer_id=receipt.customer_id,
        contract_id=contracts[0] if len(contracts) == 1 else receipt.contract_id,
        currency=receipt.currency,
        amount=amount,
        refunded_on=draft.refunded_on,
        rate=books.rates.rate(receipt.currency, draft.refunded_on),
        amount_base=books.value(amount, receipt.currency, draft.refunded_on) or Decimal(0),
        receipt_base=allocator.purse(receipt).take(amount),
        reason=draft.reason.strip(),
        bank_reference=draft.bank_reference,
        number=draft.number.strip(),
        key=draft.key,
        posted_at=at,
        posted_by_id=actor.pk,
    )
    if refusal := clean_row(refund):
        raise refusal
    allocator.write()
    touched = {entry.instalment_id for entry in allocator.entries}
    report_instalments(actor, touched, at=at, books=books, cause=CAUSE, refunded=True, brings_history=brings_history)
    refund.number = refund.number or next_number(DocumentKind.REFUND, on=refund.refunded_on)
    refund.save(force_insert=True)
    return refund


@service("contracts.reverse")
def reverse_receipt(actor: Actor, receipt_id: int, *, on: dt.date, reason: str, at: dt.datetime) -> Reversal:
    """Take back a receipt that was posted by mistake or bounced: its allocations are undone, then the whole of it.

    Raises NotVisible, AlreadyReversed, ReceiptHasRefunds, DateBeforeReceipt, DateInFuture, InvalidInput (no reason).
    """
    return reverse_locked(actor, locked_receipt(actor, receipt_id), on=on, reason=reason, at=at)


@service("contracts.reverse")
def reverse_refund(actor: Actor, refund_id: int, *, on: dt.date, reason: str, at: dt.datetime) -> Reversal:
    """Take back a refund that did not leave the account after all; the money is an advance again.

    Raises NotVisible, AlreadyReversed, DateBeforeReceipt, DateInFuture, InvalidInput (no reason).
    """
    refund = Refund.objects.get_visible(actor, refund_id)
    receipt = locked_receipt(actor, refund.receipt_id)
    refund.refresh_from_db()
    if refund.is_reversed:
        raise AlreadyReversed(number=refund.number)
    books = Books.load([refund.currency])
    books.instant(on, now=at)
    if on < refund.refunded_on:
        raise DateBeforeReceipt(number=refund.number, received=refund.refunded_on)
    reversal = _reversal(actor, receipt, on=on, reason=reason, at=at)
    reversal.refund, reversal.contract_id = refund, refund.contract_id
    reversal.save(force_insert=True)
    return reversal


def reverse_locked(actor: Actor, receipt: Receipt, *, on: dt.date, reason: str, at: dt.datetime) -> Reversal:
    """Reverse a receipt whose customer is locked. Part of reversing, and of a bill that was dishonoured."""
    if receipt.is_reversed:
        raise AlreadyReversed(number=receipt.number)
    if receipt.refunded:
        raise ReceiptHasRefunds(number=receipt.number)
    books = Books.load([receipt.currency])
    _check_day(receipt, on, books, at)
    reversal = _reversal(actor, receipt, on=on, reason=reason, at=at)
    reversal.receipt, reversal.contract_id = receipt, receipt.contract_id
    allocator = Allocator(actor, at, books.base)
    take_off_all(allocator, receipt, on=on, cause=AllocationCause.REVERSED, reason=reason)
    allocator.write()
    reversal.save(force_insert=True)
    report_instalments(
        actor, {entry.instalment_id for entry in allocator.entries}, at=at, books=books, cause="reversal"
    )
    return reversal


def _reversal(actor: Actor, receipt: Receipt, *, on: dt.date, reason: str, at: dt.datetime) -> Reversal:
    if not reason.strip():
        raise InvalidInput({"reason": [_("Say why this is taken back.")]})
    return Reversal(customer_id=receipt.customer_id, on=on, reason=reason.strip(), at=at, actor_id=actor.pk)


def _free(allocator: Allocator, receipt: Receipt, amount: Decimal, *, on: dt.date, reason: str) -> list[int]:
    """Plan to take off instalments what the advance does not cover, the last allocation first.

    An allocation is undone whole; what is not needed of it goes back on the same instalment. Returns the contracts.
    """
    missing = amount - receipt.available
    contracts: list[int] = []
    entries = Allocation.objects.standing().filter(receipt=receipt).order_by("-pk")
    for entry in entries.select_related("receipt", "instalment") if missing > 0 else ():
        allocator.undo(entry, on=on, cause=AllocationCause.REFUNDED, reason=reason)
        contracts.append(entry.contract_id)
        if entry.amount > missing:
            payable = allocator.known[entry.instalment_id]
            allocator.put(receipt, payable, entry.amount - missing, AllocationCause.REFUNDED, reason)
        missing -= min(missing, entry.amount)
        if not missing:
            break
    return sorted(set(contracts))


def _check_day(receipt: Receipt, on: dt.date, books: Books, at: dt.datetime) -> None:
    books.instant(on, now=at)
    if on < receipt.received_on:
        raise DateBeforeReceipt(number=receipt.number, received=receipt.received_on)
