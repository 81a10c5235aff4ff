"""Receipts of every kind, what they pay, refunds, reversals, and what becomes of bills of exchange."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, page
from loudou.api.v1 import ledger_bodies as bodies
from loudou.api.v1 import ledger_shapes as shapes
from loudou.contracts.selectors.receivable import (
    allocations_of_receipt,
    bills_maturing,
    get_receipt,
    get_refund,
    receipt_rows,
    refunds_of_receipt,
    reversals_of_customer,
)
from loudou.contracts.services import allocations, bills, receipts, refunds
from loudou.core import clock
from loudou.core.searchtext import matches
from loudou.customers.selectors import get_customer

router = Router(tags=["Receipts"])


def _detail(request: Caller, receipt_id: int) -> shapes.ReceiptDetail:
    """Read a receipt again with everything that became of it. Raises NotVisible."""
    row = get_receipt(request.user, receipt_id)
    facts = {name: getattr(row, name) for name in shapes.ReceiptOut.model_fields}
    more = {
        "allocations": list(allocations_of_receipt(request.user, row.pk)),
        "refunds": list(refunds_of_receipt(request.user, row.pk)),
        "bill_event": getattr(row, "bill_event", None),
        "reversal": getattr(row, "reversal", None),
    }
    return shapes.ReceiptDetail.model_validate(facts | more, from_attributes=True)


@operation(router, "GET", "/receipts", permission="contracts.view", answers=shapes.ReceiptPage)
def list_receipts(request: Caller, query: Query[bodies.ReceiptQuery]) -> Any:
    """List receipts you may see."""
    rows = receipt_rows(request.user)
    if query.bills_until:
        rows = bills_maturing(request.user, until=query.bills_until)
    if query.q:
        rows = rows.filter(matches(query.q))
    if query.with_advance is not None:
        rows = rows.filter(available__gt=0) if query.with_advance else rows.filter(available=0)
    wanted = {
        "kind": query.kind,
        "customer": query.customer,
        "contract": query.contract,
        "received_on__gte": query.received_from,
        "received_on__lte": query.received_until,
        "bank_reference": query.bank_reference,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    items, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/receipts", permission="contracts.post_receipt", answers=shapes.ReceiptDetail, status=201)
def post_receipt(request: Caller, body: bodies.ReceiptIn) -> Any:
    """Post money that came in, and allocate it: to the oldest due instalments, by hand, or not at all."""
    made = receipts.post_receipt(request.user, body.draft(), at=clock.now())
    return _detail(request, made.pk)


@operation(router, "GET", "/receipts/{int:receipt_id}", permission="contracts.view", answers=shapes.ReceiptDetail)
def show_receipt(request: Caller, receipt_id: int) -> Any:
    """Show a receipt with its allocations, refunds, reversal, and what became of it if it is a bill."""
    return _detail(request, receipt_id)


@operation(
    router,
    "POST",
    "/receipts/{int:receipt_id}/allocate",
    permission="contracts.allocate",
    answers=shapes.ReceiptDetail,
)
def allocate_receipt(request: Caller, receipt_id: int, body: bodies.AllocationIn) -> Any:
    """Put what is left of a receipt on instalments, by hand or the oldest due first."""
    parts = bodies.parts_of(body.parts)
    allocations.allocate_receipt(request.user, receipt_id, parts=parts, contract_id=body.contract_id, at=clock.now())
    return _detail(request, receipt_id)


@operation(
    router,
    "POST",
    "/allocations/{int:allocation_id}/undo",
    permission="contracts.allocate",
    answers=shapes.ReceiptDetail,
)
def undo_allocation(request: Caller, allocation_id: int, body: bodies.UndoIn) -> Any:
    """Take an allocation back by an opposite entry; the money is an advance again."""
    row = allocations.undo_allocation(request.user, allocation_id, reason=body.reason, at=clock.now())
    return _detail(request, row.pk)


@operation(
    router,
    "POST",
    "/customers/{int:customer_id}/allocate-advances",
    permission="contracts.allocate",
    answers=shapes.AdvancesOut,
)
def allocate_advances(request: Caller, customer_id: int) -> Any:
    """Put all advances of a customer on its open instalments, the oldest money first."""
    return {"entries": allocations.allocate_advances(request.user, customer_id, at=clock.now())}


@operation(
    router,
    "POST",
    "/receipts/{int:receipt_id}/refunds",
    permission="contracts.refund",
    answers=shapes.ReceiptDetail,
    status=201,
)
def refund_receipt(request: Caller, receipt_id: int, body: bodies.RefundIn) -> Any:
    """Pay money back: first what is not allocated, then what was put on instalments last."""
    refunds.refund_receipt(request.user, body.draft(receipt_id), at=clock.now())
    return _detail(request, receipt_id)


@operation(
    router,
    "POST",
    "/receipts/{int:receipt_id}/reverse",
    permission="contracts.reverse",
    answers=shapes.ReceiptDetail,
)
def reverse_receipt(request: Caller, receipt_id: int, body: bodies.ReversalIn) -> Any:
    """Take back a receipt that was a mistake or bounced; its allocations are undone first."""
    refunds.reverse_receipt(request.user, receipt_id, **body.facts())
    return _detail(request, receipt_id)


@operation(
    router,
    "POST",
    "/refunds/{int:refund_id}/reverse",
    permission="contracts.reverse",
    answers=shapes.ReceiptDetail,
)
def reverse_refund(request: Caller, refund_id: int, body: bodies.ReversalIn) -> Any:
    """Take back a refund that did not leave the account; the money is an advance again."""
    refund = get_refund(request.user, refund_id)
    refunds.reverse_refund(request.user, refund.pk, **body.facts())
    return _detail(request, refund.receipt_id)


@operation(
    router,
    "POST",
    "/receipts/{int:receipt_id}/settle",
    permission="contracts.post_receipt",
    answers=shapes.ReceiptDetail,
)
def settle_bill(request: Caller, receipt_id: int, body: bodies.BillOutcomeIn) -> Any:
    """Record what became of a bill: honoured, discounted or endorsed it is money; dishonoured it is reversed."""
    bills.settle_bill(request.user, receipt_id, outcome=body.outcome(), at=clock.now())
    return _detail(request, receipt_id)


@operation(
    router,
    "GET",
    "/customers/{int:customer_id}/reversals",
    permission="contracts.view",
    answers=shapes.ReversalList,
)
def list_reversals(request: Caller, customer_id: int) -> Any:
    """List receipts and refunds of a customer that were taken back, the latest first."""
    customer = get_customer(request.user, customer_id)
    return {"items": list(reversals_of_customer(request.user, customer.pk))}
