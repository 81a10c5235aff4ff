"""Due days of instalments that wait for something to happen: signing, delivery, acceptance, an invoice.

They are derived from the records each time one of these changes, never pushed forward by hand; so a return or a
rejected acceptance takes a due day back as surely as a delivery sets it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from django.db.models import F, Sum

from loudou.contracts.choices import DueBasis
from loudou.contracts.models import Contract, Delivery, Instalment, Invoice
from loudou.contracts.services.payment_evidence import report_instalments
from loudou.contracts.services.plan_amounts import shift
from loudou.core.actors import Actor
from loudou.core.verbs import lock_all
from loudou.customers.models import Customer
from loudou.pipeline.services.valuing import Books

BOOKED = ("due_on", "booked_on", "booked_rate", "booked_base")


def follow_events(actor: Actor, contract_ids: Iterable[int], *, at: dt.datetime, cause: str) -> list[Instalment]:
    """Bring the due days of contracts' plans in force in step with what happened; return the instalments that moved.

    Not a verb of its own: signing, delivering, accepting and invoicing call it last, in their own transaction. It
    locks the customers, as everything does that touches their money.
    """
    ids = sorted(set(contract_ids))
    contracts = {row.pk: row for row in Contract.objects.filter(pk__in=ids)}
    lock_all(Customer.objects.all(), {row.customer_id for row in contracts.values()})
    rows = list(Instalment.objects.in_force().filter(contract_id__in=ids).exclude(basis=DueBasis.DATE).order_by("pk"))
    if not rows:
        return []
    days = event_days(contracts.values(), bases={row.basis for row in rows})
    books = Books.load({row.currency for row in rows})
    moved = [row for row in rows if _move(row, days[row.contract_id].get(row.basis), books)]
    if moved:
        Instalment.objects.bulk_update(moved, BOOKED, batch_size=500)
        report_instalments(actor, [row.pk for row in moved], at=at, books=books, cause=cause)
    return moved


def event_days(contracts: Iterable[Contract], *, bases: Collection[str]) -> dict[int, dict[str, dt.date | None]]:
    """Return for each contract the day on which each event happened, None or absent when it did not.

    `bases` are the events that somebody waits for. First deliveries and invoices cost a statement each, if asked for.
    """
    rows = list(contracts)
    ids = [row.pk for row in rows]
    deliveries = _first_deliveries(ids) if DueBasis.FIRST_DELIVERY in bases else {}
    invoices = _first_invoices(ids) if DueBasis.INVOICE in bases else {}
    return {
        row.pk: {
            DueBasis.SIGNING: row.signed_on,
            DueBasis.FIRST_DELIVERY: deliveries.get(row.pk),
            DueBasis.DELIVERY: row.delivered_on,
            DueBasis.ACCEPTANCE: row.accepted_on,
            DueBasis.INVOICE: invoices.get(row.pk),
        }
        for row in rows
    }


def due_day(row: Instalment, event_on: dt.date | None) -> dt.date | None:
    """The day an instalment is due: its own, or that of its event plus months and days; None until that happens."""
    if row.basis == DueBasis.DATE:
        return row.fixed_on
    return shift(event_on, months=row.offset_months, days=row.offset_days) if event_on else None


def book(row: Instalment, on: dt.date, books: Books) -> None:
    """Book an instalment as owed at the rate of a day. Raises ExchangeRateMissing."""
    row.booked_on, row.booked_rate = on, books.rates.rate(row.currency, on)
    row.booked_base = books.value(row.amount, row.currency, on)


def _first_deliveries(contract_ids: Sequence[int]) -> Mapping[int, dt.date]:
    """The first delivery of each contract that did not come back whole."""
    kept = F("amount") + Sum("returned_by__amount", default=Decimal(0))
    rows = Delivery.objects.filter(contract_id__in=contract_ids, returns__isnull=True).annotate(kept=kept)
    return _first_days(rows.filter(kept__gt=0).values_list("contract_id", "on"))


def _first_invoices(contract_ids: Sequence[int]) -> Mapping[int, dt.date]:
    """The first invoice of each contract that was not taken back whole."""
    kept = F("amount") + Sum("red_ones__amount", default=Decimal(0))
    rows = Invoice.objects.blue().filter(contract_id__in=contract_ids).annotate(kept=kept)
    return _first_days(rows.filter(kept__gt=0).values_list("contract_id", "issued_on"))


def _first_days(pairs: Iterable[tuple[int, dt.date]]) -> Mapping[int, dt.date]:
    first: dict[int, dt.date] = {}
    for contract_id, day in pairs:
        first[contract_id] = min(day, first.get(contract_id, day))
    return first


def _move(row: Instalment, event_on: dt.date | None, books: Books) -> bool:
    """Set the due day; what falls due by an invoice and is not paid yet is owed at the rate of the invoice's day."""
    due = due_day(row, event_on)
    rebook = row.basis == DueBasis.INVOICE and event_on and not row.allocated and row.booked_on != event_on
    if rebook and event_on:
        book(row, event_on, books)
    if due == row.due_on and not rebook:
        return False
    row.due_on = due
    return True
