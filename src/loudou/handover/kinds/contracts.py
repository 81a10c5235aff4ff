"""Contracts that are not at their end, and ended ones of which money is still owed."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum

from loudou.contracts.choices import ContractState
from loudou.contracts.models import Contract, Instalment
from loudou.contracts.services.owners import assign_contracts
from loudou.core.actors import Actor
from loudou.core.verbs import lock_all
from loudou.handover.choices import Kind
from loudou.handover.things import Batch, Belonging, Thing

AT_THEIR_END = (ContractState.COMPLETED, ContractState.TERMINATED, ContractState.WITHDRAWN)


def living(rows: QuerySet[Contract]) -> QuerySet[Contract]:
    """Contracts on which there is still something to do: not at their end, or not paid in full."""
    open_part = Instalment.objects.open().filter(contract_id=OuterRef("pk"))
    return rows.filter(~Q(state__in=AT_THEIR_END) | Exists(open_part))


def _contracts(actor: Actor, user_id: int) -> list[Thing]:
    open_parts = Instalment.objects.open().filter(contract_id=OuterRef("pk")).order_by()
    owed = open_parts.values("contract_id").annotate(total=Sum("open_amount")).values("total")
    due = open_parts.order_by("due_on", "pk").values("due_on")[:1]
    rows = living(Contract.objects.visible_to(actor).filter(owner_id=user_id)).order_by("customer__name", "pk")
    return [
        Thing(Kind.CONTRACT, pk, f"{number} {title}".strip(), customer_id=customer, customer=short or name,
              amount=amount, owed=open_amount, currency=currency, due_on=due_on)
        for pk, number, title, customer, name, short, amount, open_amount, currency, due_on in rows.annotate(
            open_money=Subquery(owed), next_due_on=Subquery(due)
        ).values_list(
            "pk", "number", "title", "customer_id", "customer__name", "customer__short_name", "amount", "open_money",
            "currency", "next_due_on",
        )
    ]  # fmt: skip


def _lock(user_id: int) -> set[int]:
    held = living(Contract.objects.filter(owner_id=user_id))
    return {row.pk for row in lock_all(Contract.objects.only("pk"), held.values_list("pk", flat=True))}


def _move(actor: Actor, batch: Batch) -> None:
    assign_contracts(actor, batch.ids, owner_id=batch.successor_id, at=batch.at)


CONTRACTS = Belonging(
    kind=Kind.CONTRACT,
    fields=("contracts.Contract.owner",),
    needs="contracts.draft",
    find=_contracts,
    lock=_lock,
    move=_move,
)
