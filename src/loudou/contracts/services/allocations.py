"""Allocating receipts by hand or anew, and taking allocations back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from loudou.contracts.choices import AllocationCause
from loudou.contracts.errors import AlreadyReversed, AlreadyUndone
from loudou.contracts.models import Allocation, Contract, Receipt
from loudou.contracts.services.allocating import Allocator
from loudou.contracts.services.ledger_drafts import Part
from loudou.contracts.services.payment_evidence import report_instalments
from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.core.verbs import lock, lock_all, service
from loudou.customers.models import Customer
from loudou.pipeline.services.valuing import Books

CAUSE = "allocation"


@service("contracts.allocate")
def allocate_receipt(
    actor: Actor, receipt_id: int, *, parts: Sequence[Part] = (), contract_id: int | None = None, at: dt.datetime
) -> Receipt:
    """Put what is left of a receipt on instalments: by hand, or without `parts` on the oldest due ones.

    `contract_id` keeps to one contract. Returns the receipt with its balances. Raises NotVisible, AlreadyReversed,
    ReceiptOverdrawn, InstalmentOverpaid, InstalmentNotPayable.
    """
    receipt = locked_receipt(actor, receipt_id)
    if receipt.is_reversed:
        raise AlreadyReversed(number=receipt.number)
    if contract_id is not None:
        Contract.objects.get_visible(actor, contract_id)
    allocator, books = _allocator(actor, receipt, at)
    if parts:
        allocator.put_parts(receipt, parts)
    else:
        allocator.put_oldest_first(receipt, contract_id=contract_id)
    return _written(allocator, receipt, books)


@service("contracts.allocate")
def allocate_advances(actor: Actor, customer_id: int, *, at: dt.datetime) -> int:
    """Put all advances of a customer on its open instalments, oldest money first; return how many entries were made.

    An advance that names a contract is kept for that contract. Raises NotVisible.
    """
    customer = lock(Customer.objects.visible_to(actor), customer_id)
    advances = list(Receipt.objects.with_advance().filter(customer=customer).order_by("received_on", "pk"))
    if not advances:
        return 0
    books = Books.load({row.currency for row in advances})
    allocator = Allocator(actor, at, books.base)
    for receipt in advances:
        allocator.put_oldest_first(receipt, contract_id=receipt.contract_id)
    allocator.write()
    report_instalments(actor, allocator.settled, at=at, books=books, cause=CAUSE)
    return len(allocator.entries)


@service("contracts.allocate")
def undo_allocation(actor: Actor, allocation_id: int, *, reason: str, at: dt.datetime) -> Receipt:
    """Take an allocation back by an opposite entry that names it; the money is an advance again.

    Returns the receipt with its balances. Raises NotVisible, AlreadyUndone.
    """
    found = Allocation.objects.visible_to(actor).filter(pk=allocation_id).first()
    if found is None:
        raise NotVisible
    receipt = locked_receipt(actor, found.receipt_id)
    entry = Allocation.objects.standing().select_related("receipt", "instalment").filter(pk=found.pk).first()
    if entry is None:
        raise AlreadyUndone
    allocator, books = _allocator(actor, receipt, at)
    allocator.undo(entry, on=books.day(at), cause=AllocationCause.MANUAL, reason=reason)
    return _written(allocator, receipt, books)


def locked_receipt(actor: Actor, receipt_id: int) -> Receipt:
    """Lock the customer of a receipt and return the receipt as it is then. Raises NotVisible."""
    seen = Receipt.objects.get_visible(actor, receipt_id)
    lock_all(Customer.objects.all(), [seen.customer_id])
    return Receipt.objects.get(pk=seen.pk)


def take_off_all(allocator: Allocator, receipt: Receipt, *, on: dt.date, cause: AllocationCause, reason: str) -> None:
    """Plan to undo every standing allocation of a receipt."""
    entries = Allocation.objects.standing().filter(receipt=receipt).select_related("receipt", "instalment")
    for entry in entries.order_by("-pk"):
        allocator.undo(entry, on=on, cause=cause, reason=reason)


def _allocator(actor: Actor, receipt: Receipt, at: dt.datetime) -> tuple[Allocator, Books]:
    books = Books.load([receipt.currency])
    return Allocator(actor, at, books.base), books


def _written(allocator: Allocator, receipt: Receipt, books: Books) -> Receipt:
    """Write the entries, report what they mean, and return the receipt as it is then."""
    allocator.write()
    report_instalments(allocator.actor, allocator.settled, at=allocator.at, books=books, cause=CAUSE)
    receipt.refresh_from_db()
    return receipt
