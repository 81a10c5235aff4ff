"""The rows behind each figure of a reconciliation: what one opens to see why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from loudou.contracts.models import Allocation, Contract, Delivery
from loudou.contracts.selectors.receivable import instalment_rows, invoice_rows, receipt_rows
from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.customers.models import Customer


@dataclass(frozen=True, slots=True)
class Behind:
    """Rows whose column `amount` adds up to the figure, each currency for itself."""

    rows: QuerySet[Any, Any]
    amount: str


def rows_behind(
    actor: Actor, figure: str, *, today: dt.date, contract_id: int | None = None, customer_id: int | None = None
) -> Behind:
    """Return the rows behind a figure (a field of `reconciliation.Figures`) of one contract or one customer.

    Raises NotVisible, also when the figure is not known or neither contract nor customer is named.
    """
    if contract_id is not None:
        chosen = {"contract_id": Contract.objects.visible_to(actor).only("pk").get_visible(actor, contract_id).pk}
    elif customer_id is not None:
        chosen = {"customer_id": Customer.objects.visible_to(actor).only("pk").get_visible(actor, customer_id).pk}
    else:
        raise NotVisible
    if figure not in _BEHIND:
        raise NotVisible
    return _BEHIND[figure](actor, chosen, today)


def _ordered(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    of = {"pk": chosen["contract_id"]} if "contract_id" in chosen else chosen
    rows = Contract.objects.visible_to(actor).binding().filter(**of).defer("search_text").select_related("owner")
    return Behind(rows.order_by("signed_on", "pk"), "amount")


def _delivered(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    of = {f"contract__{name}" if name == "customer_id" else name: pk for name, pk in chosen.items()}
    rows = Delivery.objects.visible_to(actor).filter(**of).select_related("contract", "returns")
    return Behind(rows.order_by("on", "pk"), "amount")


def _invoiced(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    return Behind(invoice_rows(actor).filter(**chosen).order_by("issued_on", "pk"), "amount")


def _allocations(actor: Actor, chosen: dict[str, int], *, is_money: bool) -> Behind:
    of = {f"contract__{name}" if name == "customer_id" else name: pk for name, pk in chosen.items()}
    rows = Allocation.objects.visible_to(actor).standing().filter(receipt__cash_on__isnull=not is_money, **of)
    rows = rows.select_related("receipt", "instalment", "contract")
    return Behind(rows.order_by("receipt__received_on", "pk"), "amount")


def _received(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    return _allocations(actor, chosen, is_money=True)


def _in_bills(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    return _allocations(actor, chosen, is_money=False)


def _open(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    return Behind(instalment_rows(actor).open().filter(**chosen).oldest_due_first(), "open_amount")


def _overdue(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    return Behind(instalment_rows(actor).overdue(today=today).filter(**chosen).oldest_due_first(), "open_amount")


def _retention(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    rows = instalment_rows(actor).open().filter(is_retention=True, **chosen)
    return Behind(rows.oldest_due_first(), "open_amount")


def _undated(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    rows = instalment_rows(actor).open().filter(due_on__isnull=True, **chosen)
    return Behind(rows.oldest_due_first(), "open_amount")


def _advance(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    rows = receipt_rows(actor).with_advance().filter(**chosen)
    return Behind(rows.order_by(F("received_on"), "pk"), "available")


_BEHIND: dict[str, Callable[[Actor, dict[str, int], dt.date], Behind]] = {
    "ordered": _ordered,
    "delivered": _delivered,
    "invoiced": _invoiced,
    "received": _received,
    "in_bills": _in_bills,
    "open": _open,
    "overdue": _overdue,
    "retention": _retention,
    "undated": _undated,
    "advance": _advance,
}
