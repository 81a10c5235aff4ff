"""The rows behind each figure of a reconciliation, today or on a past day: what one opens to see why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Model, QuerySet, Sum, Value

from loudou.contracts.models import Allocation, Contract, Delivery
from loudou.contracts.selectors.receivable import difference_rows, instalment_rows, invoice_rows, receipt_rows
from loudou.contracts.selectors.reconciliation_past import entries_on, totals_on
from loudou.core.actors import Actor
from loudou.core.rates import company
from loudou.core.refusals import NotVisible
from loudou.customers.models import Customer


@dataclass(frozen=True, slots=True)
class Behind:
    """Rows whose column `amount` adds up to the figure, each currency for itself; '' for base currency."""

    rows: QuerySet[Any, Any]
    amount: str
    currency: str = "currency"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row behind a figure: the record it comes from, its day, and its part of the figure."""

    record: Model
    day: dt.date | None
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Entries:
    """Some of the rows behind a figure, how many there are in all, and what all of them come to by currency."""

    rows: list[Entry]
    count: int
    totals: dict[str, Decimal]


DAYS = ("issued_on", "received_on", "due_on", "signed_on", "on")
"""Where the records behind a figure have their day, whichever comes first."""


def entries_behind(
    actor: Actor,
    figure: str,
    *,
    today: dt.date,
    on: dt.date | None = None,
    contract_id: int | None = None,
    customer_id: int | None = None,
    start: int = 0,
    most: int = 100,
) -> Entries:
    """Return some of the rows behind a figure of a contract or a customer, today or as of the end of day `on`.

    A past day is told from the entries as the figure itself is. 'exchange' are the gains and losses by exchange rates.
    Raises NotVisible, also when the figure is not known or neither contract nor customer is named.
    """
    behind = rows_behind(actor, figure, today=today, contract_id=contract_id, customer_id=customer_id)
    if on is not None and figure != "exchange":
        whose = {"contract_ids": [contract_id]} if contract_id is not None else {"customer_ids": [customer_id or 0]}
        past = entries_on(on, figure, start=start, most=most, **whose)
        totals, count = totals_on(on, figure, **whose)
        return Entries([Entry(row.record, row.day, row.amount, row.currency) for row in past], count, totals)
    rows = behind.rows.filter(on__lte=on) if on is not None else behind.rows
    base = company().base_currency
    told = F(behind.currency) if behind.currency else Value(base)
    sums = rows.order_by().annotate(told_in=told).values("told_in")
    found = list(sums.annotate(figure_sum=Sum(behind.amount), figure_count=Count("pk")))
    totals = {row["told_in"]: row["figure_sum"] for row in found}
    shown = [
        Entry(row, _day(row), getattr(row, behind.amount), _currency(row, behind, base))
        for row in rows[start : start + most]
    ]
    return Entries(shown, sum(row["figure_count"] for row in found), totals)


def _day(row: Model) -> dt.date | None:
    return next((getattr(row, name) for name in DAYS if getattr(row, name, None) is not None), None)


def _currency(row: Any, behind: Behind, base: str) -> str:
    if not behind.currency:
        return base
    return str(row.contract.currency if behind.currency == "contract__currency" else row.currency)


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
    return Behind(rows.order_by("on", "pk"), "amount", "contract__currency")


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


def _exchange(actor: Actor, chosen: dict[str, int], today: dt.date) -> Behind:
    rows = (
        difference_rows(actor).filter(**chosen).select_related("allocation__receipt", "refund", "reversal", "contract")
    )
    return Behind(rows.order_by("on", "pk"), "amount_base", "")


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
    "exchange": _exchange,
}
