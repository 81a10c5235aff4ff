"""Telling the customer's phase what was paid, what is due, and what was paid back.

Reported in the transaction that changes it. That an instalment is missed by the mere passing of a day is not reported:
it follows from its due day, and a task of the customers' module moves the phases that change with the calendar.

What was written is read back (`report_instalments`). Whoever posts receipts knows beforehand where the instalments will
stand, and tells that (`report_coming`) before a number is taken, so that others wait for the number less long.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max, OuterRef, Subquery

from loudou.contracts.models import Allocation, Contract, Instalment
from loudou.contracts.services.completion import follow_payments
from loudou.core.actors import Actor
from loudou.customers.choices import EvidenceKind
from loudou.customers.models import Customer
from loudou.customers.phases import EvidenceSubject
from loudou.customers.services.evidence import EvidenceDraft, record_all
from loudou.pipeline.services.valuing import Books

FIRST = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an instalment stands: what of it is here in money, and the day on which the last of that came.

    The row is read `with_contract_name()`.
    """

    row: Any
    cash: Decimal
    money_on: dt.date | None

    @property
    def settled_on(self) -> dt.date | None:
        """The day on which it was received in full in money; None while it is not."""
        return self.money_on if self.row.is_in_force and self.cash == self.row.amount else None


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
    standings = [Standing(row, row.cash, row.money_on) for row in _with_last_money(wanted)]
    drafts = _about_all(standings, at, books, cause, refunded=refunded, past=brings_history)
    record_all(actor, drafts, now=at, brings_history=brings_history)
    follow_payments(actor, {standing.row.contract_id for standing in standings}, at=at)


def report_coming(
    actor: Actor,
    standings: Sequence[Standing],
    *,
    locked: Collection[Customer],
    at: dt.datetime,
    books: Books,
    cause: str,
    brings_history: bool = False,
) -> None:
    """Report where instalments will stand once the caller, who holds the locked customers, has written its entries.

    The same as `report_instalments` after writing, with fewer statements.
    """
    if not standings:
        return
    drafts = _about_all(standings, at, books, cause, refunded=False, past=brings_history)
    record_all(actor, drafts, now=at, brings_history=brings_history, locked=locked)
    paid = {standing.row.pk: day for standing in standings if (day := standing.settled_on) is not None}
    follow_payments(actor, {standing.row.contract_id for standing in standings}, at=at, coming=paid)


def last_money(instalment_ids: Collection[int]) -> dict[int, dt.date]:
    """Return for instalments the day on which the last money came that stands on them; one statement, or none."""
    if not instalment_ids:
        return {}
    money = Allocation.objects.standing().filter(instalment__in=instalment_ids, receipt__cash_on__isnull=False)
    return dict(money.order_by().values_list("instalment_id").annotate(day=Max("receipt__cash_on")))


def _with_last_money(instalment_ids: list[int]) -> Iterable[Any]:
    """Instalments with `money_on`: the day on which the last money came that stands on them."""
    money = Allocation.objects.standing().filter(instalment=OuterRef("pk")).order_by()
    latest = money.values("instalment").annotate(day=Max("receipt__cash_on")).values("day")
    rows = Instalment.objects.filter(pk__in=instalment_ids).with_contract_name()
    return rows.annotate(money_on=Subquery(latest)).order_by("pk")


def _about_all(
    standings: Iterable[Standing], at: dt.datetime, books: Books, cause: str, *, refunded: bool, past: bool
) -> list[EvidenceDraft]:
    return [
        draft for standing in standings for draft in _about(standing, at, books, cause, refunded=refunded, past=past)
    ]


def _about(
    standing: Standing, at: dt.datetime, books: Books, cause: str, *, refunded: bool, past: bool
) -> Iterator[EvidenceDraft]:
    """What one instalment proves. Of a past that is brought along it was owed since it was booked, not since today."""
    row, day = standing.row, standing.settled_on
    received = day is not None
    since = day or (row.booked_on if past else None)
    moment = books.instant(min(since, books.day(at)), now=at) if since else at
    common: dict[str, Any] = {"customer_id": row.customer_id, "at": moment, "cause": cause}
    label = f"{row.contract_number} {row.contract_title}" if row.contract_number else row.contract_title
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
