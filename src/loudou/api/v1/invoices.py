"""Invoices: blue ones against a contract's lines, red ones that take them back."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, page
from loudou.api.v1 import ledger_bodies as bodies
from loudou.api.v1 import ledger_shapes as shapes
from loudou.contracts.selectors.receivable import get_invoice, invoice_rows
from loudou.contracts.services import invoices
from loudou.core import clock
from loudou.core.searchtext import matches

router = Router(tags=["Invoices"])


@operation(router, "GET", "/invoices", permission="contracts.view", answers=shapes.InvoicePage)
def list_invoices(request: Caller, query: Query[bodies.InvoiceQuery]) -> Any:
    """List invoices you may see; red ones are negative."""
    rows = invoice_rows(request.user)
    if query.red is not None:
        rows = rows.red() if query.red else rows.blue()
    if query.q:
        rows = rows.filter(matches(query.q))
    wanted = {
        "kind": query.kind,
        "customer": query.customer,
        "contract": query.contract,
        "issued_on__gte": query.issued_from,
        "issued_on__lte": query.issued_until,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    items, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "GET", "/invoices/{int:invoice_id}", permission="contracts.view", answers=shapes.InvoiceDetail)
def show_invoice(request: Caller, invoice_id: int) -> Any:
    """Show an invoice with its lines and the red ones that take it back."""
    return get_invoice(request.user, invoice_id)


@operation(
    router,
    "POST",
    "/contracts/{int:contract_id}/invoices",
    permission="contracts.invoice",
    answers=shapes.InvoiceDetail,
    status=201,
)
def issue_invoice(request: Caller, contract_id: int, body: bodies.InvoiceIn) -> Any:
    """Issue a blue invoice; instalments that are due on invoicing get their day."""
    made = invoices.issue_invoice(request.user, body.draft(contract_id), at=clock.now())
    return get_invoice(request.user, made.pk)


@operation(
    router,
    "POST",
    "/invoices/{int:invoice_id}/red",
    permission="contracts.invoice",
    answers=shapes.InvoiceDetail,
    status=201,
)
def issue_red_invoice(request: Caller, invoice_id: int, body: bodies.RedInvoiceIn) -> Any:
    """Take a blue invoice back, wholly or in part, by a red one that names it."""
    made = invoices.issue_red_invoice(request.user, body.draft(invoice_id), at=clock.now())
    return get_invoice(request.user, made.pk)
