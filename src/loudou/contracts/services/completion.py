"""A contract completes itself when everything is delivered, accepted and paid, and resumes when that ceases to hold.

Whoever delivers or takes back holds the contract and looks last, when the customer is locked as well. Whoever posts
money holds the customer: it takes the contract only if nobody else has it, since locks are taken contract first. Then
the other one looks after the money is there; what both may miss, the clockwork of `tasks` finds.

`coming` are instalments that money pays in full which the caller is about to write, with the day on which it came.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.db.models import F, Max, QuerySet

from loudou.contracts.choices import OPEN_VERSION, RUNNING, ActKind, ContractState
from loudou.contracts.models import Allocation, Contract, ContractAct, ContractVersion, Instalment
from loudou.contracts.services.acts import record_act
from loudou.contracts.services.drafts import ActDraft
from loudou.contracts.services.opening import version_in_force
from loudou.contracts.services.states import resume
from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.pipeline.services.valuing import Books

NOTHING: Mapping[int, dt.date] = MappingProxyType({})


@service("contracts.end")
def complete_finished(actor: Actor, *, at: dt.datetime) -> int:
    """Complete every running contract that is delivered, accepted and paid; return how many. For the clockwork."""
    done = Contract.objects.running().filter(accepted_on__isnull=False).order_by("pk")
    return sum(settle(actor, contract, at=at) for contract in _free(done))


def follow_payments(
    actor: Actor, contract_ids: Iterable[int], *, at: dt.datetime, coming: Mapping[int, dt.date] = NOTHING
) -> None:
    """Complete contracts whose last money came in, and resume those that owe again. Called by whoever posts money."""
    wanted = set(contract_ids)
    if coming:  # completes, and makes nobody owe again: where something stays owed there is nothing to look at
        rows = Instalment.objects.in_force().filter(contract__in=wanted, cash__lt=F("amount")).exclude(pk__in=coming)
        wanted -= set(rows.order_by().values_list("contract_id", flat=True))
    if wanted:
        accepted = Contract.objects.filter(pk__in=wanted, accepted_on__isnull=False).order_by("pk")
        for contract in _free(accepted):
            settle(actor, contract, at=at, coming=coming)


def settle(actor: Actor, contract: Contract, *, at: dt.datetime, coming: Mapping[int, dt.date] = NOTHING) -> bool:
    """Bring a locked contract to the state that follows from delivery, acceptance and payment; tell whether it moved.

    What somebody completed or terminated is left alone; what completed itself resumes when money is owed again.
    """
    if contract.state in RUNNING and contract.accepted_on is not None and (paid := _paid(contract, coming)) is not None:
        if _has_open_amendment(contract):
            return False
        day = max(contract.accepted_on, *paid, _last_money(contract) or contract.accepted_on)
        contract.state, contract.ended_on = ContractState.COMPLETED, day
        contract.save_changes("state", "ended_on")
        record_act(actor, contract, version_in_force(contract), ActKind.COMPLETED, ActDraft(day))
        return True
    if contract.state == ContractState.COMPLETED and completed_itself(contract) and _paid(contract, coming) is None:
        resume(actor, contract, ActDraft(Books.load([]).day(at)))
        return True
    return False


def _free(rows: QuerySet[Contract]) -> QuerySet[Contract]:
    """Lock those that nobody else has."""
    return rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related(
        "customer", "version_in_force"
    )


def _paid(contract: Contract, coming: Mapping[int, dt.date]) -> list[dt.date] | None:
    """Days of the coming money when every instalment in force is paid in money, with that or without; else None.

    Bills of exchange count when they became money.
    """
    if not contract.amount:
        return []
    parts = list(Instalment.objects.in_force().filter(contract=contract).values_list("pk", "amount", "cash"))
    if not parts or any(cash != amount and pk not in coming for pk, amount, cash in parts):
        return None
    return [coming[pk] for pk, _amount, _cash in parts if pk in coming]


def completed_itself(contract: Contract) -> bool:
    """Whether nobody decided it: whoever completes a contract says why."""
    last = ContractAct.objects.filter(contract=contract, kind=ActKind.COMPLETED).order_by("-id").first()
    return last is not None and not last.note


def _last_money(contract: Contract) -> dt.date | None:
    standing = Allocation.objects.standing().filter(contract=contract)
    found: dt.date | None = standing.aggregate(day=Max("receipt__cash_on"))["day"]
    return found


def _has_open_amendment(contract: Contract) -> bool:
    return ContractVersion.objects.filter(contract=contract, state__in=OPEN_VERSION).exists()
