"""A contract completes itself when everything is delivered, accepted and paid, and resumes when that ceases to hold.

Whoever delivers or takes back holds the contract and looks last, when the customer is locked as well. Whoever posts
money holds the customer: it takes the contract only if nobody else has it, since locks are taken contract first. Then
the other one looks after the money is there; what both may miss, the clockwork of `tasks` finds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Max, QuerySet

from loudou.contracts.choices import OPEN_VERSION, RUNNING, ActKind, ContractState
from loudou.contracts.models import Allocation, Contract, ContractAct, ContractVersion, Instalment
from loudou.contracts.services.acts import record_act
from loudou.contracts.services.drafts import ActDraft
from loudou.contracts.services.opening import version_in_force
from loudou.contracts.services.states import resume
from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.pipeline.services.valuing import Books


@service("contracts.end")
def complete_finished(actor: Actor, *, at: dt.datetime) -> int:
    """Complete every running contract that is delivered, accepted and paid; return how many. For the clockwork."""
    done = Contract.objects.running().filter(accepted_on__isnull=False).order_by("pk")
    return sum(settle(actor, contract, at=at) for contract in _free(done))


def follow_payments(actor: Actor, contract_ids: Iterable[int], *, at: dt.datetime) -> None:
    """Complete contracts whose last money came in, and resume those that owe again. Called by whoever posts money."""
    wanted = Contract.objects.filter(pk__in=set(contract_ids), accepted_on__isnull=False).order_by("pk")
    for contract in _free(wanted):
        settle(actor, contract, at=at)


def settle(actor: Actor, contract: Contract, *, at: dt.datetime) -> bool:
    """Bring a locked contract to the state that follows from delivery, acceptance and payment; tell whether it moved.

    What somebody completed or terminated is left alone; what completed itself resumes when money is owed again.
    """
    if contract.state in RUNNING and contract.accepted_on is not None and _is_paid(contract):
        if _has_open_amendment(contract):
            return False
        day = max(contract.accepted_on, _last_money(contract) or contract.accepted_on)
        contract.state, contract.ended_on = ContractState.COMPLETED, day
        contract.save_changes("state", "ended_on")
        record_act(actor, contract, version_in_force(contract), ActKind.COMPLETED, ActDraft(day))
        return True
    if contract.state == ContractState.COMPLETED and _completed_itself(contract) and not _is_paid(contract):
        resume(actor, contract, ActDraft(Books.load([]).day(at)))
        return True
    return False


def _free(rows: QuerySet[Contract]) -> QuerySet[Contract]:
    """Lock those that nobody else has."""
    return rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("customer")


def _is_paid(contract: Contract) -> bool:
    """Whether every instalment in force is here in money; bills of exchange count when they became money."""
    if not contract.amount:
        return True
    parts = list(Instalment.objects.in_force().filter(contract=contract).values_list("amount", "cash"))
    return bool(parts) and all(cash == amount for amount, cash in parts)


def _completed_itself(contract: Contract) -> bool:
    """Whether nobody decided it: whoever completes a contract says why."""
    last = ContractAct.objects.filter(contract=contract, kind=ActKind.COMPLETED).order_by("-id").first()
    return last is not None and not last.note


def _last_money(contract: Contract) -> dt.date | None:
    standing = Allocation.objects.standing().filter(contract=contract)
    found: dt.date | None = standing.aggregate(day=Max("receipt__cash_on"))["day"]
    return found


def _has_open_amendment(contract: Contract) -> bool:
    return ContractVersion.objects.filter(contract=contract, state__in=OPEN_VERSION).exists()
