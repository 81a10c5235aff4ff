"""Telling the customer's phase what was paid, what is due, and what was paid back.

Reported in the transaction that changes it. That an instalment is missed by the mere passing of a day is not reported:
it follows from its due day, and a task of the customers' module moves the phases that change with the calendar.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F, Max, OuterRef, Subquery

from loudou.contracts.models import Allocation, Contract, Instalment
from loudou.contracts.services.completion import follow_payments
from loudou.core.actors import Actor
from loudou.customers.choices import EvidenceKind
from loudou.customers.phases import EvidenceSubject
from loudou.customers.services.evidence import EvidenceDraft, record_all
from loudou.pipeline.services.valuing import Books

FIRST = 1


def report_instalments(
    actor: Actor,
    instalment_ids: Iterable[int],
    *,
    at: dt.datetime,
    books: Books,
    cause: str,
    refunded: bool = False,
    brings_history: bool = False,
) -> None:
    """Report where instalments stand now: owed, due when, received in full in money on which day.

    Of the first one of a plan also whether it was received; `refunded` says that money was paid back, which counts
    against the contract as long as its first instalment is not here in full. A contract that is delivered and accepted
    completes itself with its last money. `brings_history`: see `customers.services.evidence.record_all`.
    """
    wanted = sorted(set(instalment_ids))
    if not wanted:
        return
    rows = list(_with_settling_day(wanted))
    drafts = [draft for row in rows for draft in _about(row, at, books, cause, refunded=refunded, past=brings_history)]
    record_all(actor, drafts, now=at, brings_history=brings_history)
    follow_payments(actor, {row.contract_id for row in rows}, at=at)


def _with_settling_day(instalment_ids: list[int]) -> Iterable[Any]:
    """Instalments with `settled_on`: the day on which the last money came that they needed."""
    money = Allocation.objects.standing().filter(instalment=OuterRef("pk")).order_by()
    latest = money.values("instalment").annotate(day=Max("receipt__cash_on")).values("day")
    return (
        Instalment.objects.filter(pk__in=instalment_ids)
        .annotate(settled_on=Subquery(latest), contract_number=F("contract__number"), title=F("contract__title"))
        .order_by("pk")
    )


def _about(
    row: Any, at: dt.datetime, books: Books, cause: str, *, refunded: bool, past: bool
) -> Iterator[EvidenceDraft]:
    """What one instalment proves. Of a past that is brought along it was owed since it was booked, not since today."""
    received = row.is_in_force and row.cash == row.amount
    day = row.settled_on if received else None
    since = day or (row.booked_on if past else None)
    moment = books.instant(min(since, books.day(at)), now=at) if since else at
    common: dict[str, Any] = {"customer_id": row.customer_id, "at": moment, "cause": cause}
    label = f"{row.contract_number} {row.title}" if row.contract_number else row.title
    yield EvidenceDraft(
        kind=EvidenceKind.INSTALMENT,
        subject=EvidenceSubject("contracts.instalment", row.pk, f"{row.contract_number} {row}".strip()),
        holds=row.is_in_force,
        due_on=row.due_on,
        settled_on=day,
        **common,
    )
    if row.position != FIRST or not row.is_in_force:
        return
    contract = EvidenceSubject(Contract._meta.label_lower, row.contract_id, label)
    yield EvidenceDraft(kind=EvidenceKind.FIRST_INSTALMENT_RECEIVED, subject=contract, holds=received, **common)
    if received or refunded:
        yield EvidenceDraft(kind=EvidenceKind.REFUNDED, subject=contract, holds=not received, **common)
