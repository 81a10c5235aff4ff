"""The steps between states that several verbs take: performance begins, ends, is resumed; the phase is told."""

from __future__ import annotations

import datetime as dt

from loudou.contracts.choices import OPEN_VERSION, ActKind, ContractState
from loudou.contracts.errors import AmendmentOpen
from loudou.contracts.models import Contract, ContractVersion
from loudou.contracts.services.acts import check_day, record_act
from loudou.contracts.services.drafts import ActDraft
from loudou.contracts.services.opening import version_in_force
from loudou.core.actors import Actor
from loudou.customers.choices import EvidenceKind
from loudou.customers.phases import EvidenceSubject
from loudou.customers.services.evidence import EvidenceDraft, record_all
from loudou.pipeline.services.valuing import Books


def begin(actor: Actor, contract: Contract, act: ActDraft) -> None:
    """Move a signed contract into performance; nothing when it is there already."""
    if contract.state == ContractState.SIGNED:
        contract.state = ContractState.IN_PERFORMANCE
        contract.save_changes("state")
        record_act(actor, contract, version_in_force(contract), ActKind.PERFORMANCE_BEGAN, act)


def end(
    actor: Actor,
    contract: Contract,
    state: ContractState,
    act: ActDraft,
    *,
    books: Books,
    at: dt.datetime,
    settlement: str = "",
    brings_history: bool = False,
) -> None:
    """Complete or terminate a running contract. Raises AmendmentOpen, DateInFuture, DatesOutOfOrder."""
    refuse_open_amendment(contract)
    ended_at = check_day(books, act.on, at=at, not_before=contract.signed_on)
    contract.state, contract.ended_on = state, act.on
    contract.save_changes("state", "ended_on")
    kind = ActKind.TERMINATED if state == ContractState.TERMINATED else ActKind.COMPLETED
    record_act(actor, contract, version_in_force(contract), kind, act, settlement=settlement)
    if state == ContractState.TERMINATED:
        report_signed(actor, contract, holds=False, at=ended_at, now=at, cause=act.note, brings_history=brings_history)


def resume(actor: Actor, contract: Contract, act: ActDraft) -> None:
    """Put a completed contract back into performance, because something came back or is owed again."""
    if contract.state == ContractState.COMPLETED:
        contract.state, contract.ended_on = ContractState.IN_PERFORMANCE, None
        contract.save_changes("state", "ended_on")
        record_act(actor, contract, version_in_force(contract), ActKind.RESUMED, act)


def refuse_open_amendment(contract: Contract) -> None:
    """Refuse what cannot be done while an amendment is negotiated. Raises AmendmentOpen."""
    found = ContractVersion.objects.filter(contract=contract, sequence__gt=1, state__in=OPEN_VERSION).first()
    if found is not None:
        raise AmendmentOpen(sequence=found.sequence, contract=str(contract))


def report_signed(
    actor: Actor,
    contract: Contract,
    *,
    holds: bool,
    at: dt.datetime,
    now: dt.datetime,
    cause: str = "",
    brings_history: bool = False,
) -> None:
    """Tell the customer's phase that a contract is signed, or that it no longer binds. Locks the customer."""
    told = EvidenceDraft(
        customer_id=contract.customer_id,
        kind=EvidenceKind.CONTRACT_SIGNED,
        subject=EvidenceSubject.of(contract),
        holds=holds,
        at=at,
        cause=cause,
        facts={"amount": contract.amount, "currency": contract.currency, "signed_on": contract.signed_on},
    )
    record_all(actor, [told], now=now, brings_history=brings_history)
