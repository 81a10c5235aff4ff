"""What whoever works with money should do first: the counts and rows of the start page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q

from loudou.contracts.choices import ReceiptKind
from loudou.contracts.models import Contract, ContractLine, Instalment, Receipt
from loudou.contracts.models.contract import ContractQuerySet
from loudou.contracts.models.receipt import ReceiptQuerySet
from loudou.contracts.selectors.receivable import instalment_rows, receipt_rows
from loudou.core.actors import Actor

SOON = dt.timedelta(days=7)
"""What falls due or matures within so many days is told beforehand."""


@dataclass(frozen=True, slots=True)
class MoneyCounts:
    """How many instalments, receipts and contracts ask for something."""

    overdue: int = 0
    due_soon: int = 0
    unallocated: int = 0
    bills_due: int = 0
    to_invoice: int = 0


def money_counts(actor: Actor, *, today: dt.date) -> MoneyCounts:
    """Count what the actor sees and what waits. Three statements over open rows, whatever the past holds."""
    owed = Instalment.objects.visible_to(actor).open().filter(due_on__lte=today + SOON).order_by()
    came = Receipt.objects.visible_to(actor).filter(Q(available__gt=0) | _bills_until(today + SOON)).order_by()
    return MoneyCounts(
        **owed.aggregate(
            overdue=Count("pk", filter=Q(due_on__lt=today)), due_soon=Count("pk", filter=Q(due_on__gte=today))
        ),
        **came.aggregate(
            unallocated=Count("pk", filter=Q(available__gt=0)),
            bills_due=Count("pk", filter=_bills_until(today + SOON)),
        ),
        to_invoice=not_invoiced(Contract.objects.visible_to(actor)).count(),
    )


def not_invoiced(rows: ContractQuerySet) -> ContractQuerySet:
    """Keep contracts of which more is delivered than invoiced; one that completed itself still wants its invoice."""
    behind = ContractLine.objects.filter(contract=OuterRef("pk"), delivered_amount__gt=F("invoiced_amount"))
    return rows.binding().filter(Exists(behind))


def bills_until(rows: ReceiptQuerySet, day: dt.date) -> ReceiptQuerySet:
    """Keep bills of exchange that mature until a day, or should have, and are not money yet."""
    return rows.filter(_bills_until(day))


def longest_overdue(actor: Actor, *, today: dt.date, most: int) -> Sequence[Instalment]:
    """Overdue instalments, the oldest due day first."""
    return list(instalment_rows(actor).overdue(today=today).order_by("due_on", "pk")[:most])


def oldest_advances(actor: Actor, *, most: int) -> Sequence[Receipt]:
    """Receipts with money that is put on nothing yet, the oldest first."""
    return list(receipt_rows(actor).with_advance().order_by("received_on", "pk")[:most])


def next_bills(actor: Actor, *, today: dt.date, most: int) -> Sequence[Receipt]:
    """Bills that mature within a week, or should have, the earliest first."""
    return list(bills_until(receipt_rows(actor), today + SOON).order_by("matures_on", "pk")[:most])


def longest_not_invoiced(actor: Actor, *, most: int) -> Sequence[Contract]:
    """Contracts that wait for an invoice, those delivered first first; partly delivered ones come last."""
    rows = not_invoiced(Contract.objects.visible_to(actor)).select_related("customer")
    rows = rows.defer("search_text", "customer__search_text", "customer__name_key")
    return list(rows.order_by(F("delivered_on").asc(nulls_last=True), "signed_on", "pk")[:most])


def _bills_until(day: dt.date) -> Q:
    return Q(kind=ReceiptKind.BILL, cash_on__isnull=True, reversed=0, matures_on__lte=day)
