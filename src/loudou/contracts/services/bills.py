"""Bills of exchange: they settle an instalment at once, and become money when they are honoured."""

from __future__ import annotations

import datetime as dt

from loudou.contracts.choices import BECAME_MONEY, BillStep, ReceiptKind
from loudou.contracts.errors import DateBeforeReceipt, NotAnOpenBill
from loudou.contracts.models import Allocation, BillEvent, Receipt
from loudou.contracts.services.allocations import locked_receipt
from loudou.contracts.services.ledger_drafts import BillOutcome
from loudou.contracts.services.payment_evidence import report_instalments
from loudou.contracts.services.refunds import reverse_locked
from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.pipeline.services.valuing import Books

CAUSE = "bill"


@service("contracts.post_receipt")
def settle_bill(actor: Actor, receipt_id: int, *, outcome: BillOutcome, at: dt.datetime) -> BillEvent:
    """Record what became of a bill: honoured, discounted or endorsed it is money from that day on.

    A dishonoured one is reversed in the same transaction, so that what it paid is owed again. Raises NotVisible,
    NotAnOpenBill, DateBeforeReceipt, DateInFuture.
    """
    return settle_locked(actor, locked_receipt(actor, receipt_id), outcome=outcome, at=at)


def settle_locked(actor: Actor, receipt: Receipt, *, outcome: BillOutcome, at: dt.datetime) -> BillEvent:
    """Record what became of a bill whose customer is locked."""
    if receipt.kind != ReceiptKind.BILL or receipt.is_reversed or BillEvent.objects.filter(receipt=receipt).exists():
        raise NotAnOpenBill(number=receipt.number)
    books = Books.load([receipt.currency])
    books.instant(outcome.on, now=at)
    if outcome.on < receipt.received_on:
        raise DateBeforeReceipt(number=receipt.number, received=receipt.received_on)
    event = BillEvent(receipt=receipt, step=outcome.step, on=outcome.on, note=outcome.note, at=at, actor_id=actor.pk)
    event.save(force_insert=True)
    if outcome.step in BECAME_MONEY:
        paid = Allocation.objects.standing().filter(receipt=receipt).values_list("instalment_id", flat=True)
        report_instalments(actor, paid, at=at, books=books, cause=CAUSE)
    else:
        reason = outcome.note or str(BillStep.DISHONOURED.label)
        reverse_locked(actor, receipt, on=outcome.on, reason=reason, at=at)
    return event
