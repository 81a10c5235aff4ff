"""Approving discounts beyond the policy: asked for by one person, decided by another, kept for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from loudou.contracts.choices import ApprovalOutcome
from loudou.contracts.errors import (
    DiscountDecided,
    DiscountNeedsAnother,
    DiscountNeedsApproval,
    DiscountPending,
    DiscountWithinPolicy,
)
from loudou.contracts.models import Contract, ContractVersion, DiscountDecision, DiscountRequest
from loudou.contracts.selectors.approvals import DiscountState, discount_state
from loudou.contracts.services.opening import draft_version, open_contract
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.rates import company
from loudou.core.refusals import NotVisible
from loudou.core.verbs import service
from loudou.customers.errors import ReasonMissing
from loudou.people.choices import NotificationCode
from loudou.people.selectors.notifications import who_may
from loudou.people.services.notifications import notify

_FOUR_DIGITS = Decimal("0.0001")
_TOLD = {
    ApprovalOutcome.APPROVED: NotificationCode.DISCOUNT_APPROVED,
    ApprovalOutcome.REFUSED: NotificationCode.DISCOUNT_REFUSED,
}


@service("contracts.draft")
def request_discount(
    actor: Actor, contract_id: int, *, reason: str, at: dt.datetime, version: int | None = None
) -> DiscountRequest:
    """Ask for approval of the largest discount in the draft. A request that still waits for less gives way.

    Raises NotVisible, StaleWrite, ContractNotEditable, DiscountWithinPolicy, DiscountPending, ReasonMissing.
    """
    contract = open_contract(actor, contract_id, version)
    draft = draft_version(contract)
    state = discount_state(draft)
    if not state.needs_approval or state.policy is None:
        raise DiscountWithinPolicy(discount=percent(state.discount))
    if state.is_pending:
        raise _pending(state)
    if not reason.strip():
        raise ReasonMissing
    for waiting in DiscountRequest.objects.filter(contract=contract).pending():
        _decide(actor, waiting, ApprovalOutcome.DROPPED, "", at)
    request = DiscountRequest(
        contract=contract,
        version=draft,
        # Rounded up, so that what is approved always covers what is asked for.
        discount=state.discount.quantize(_FOUR_DIGITS, rounding=ROUND_CEILING),
        policy=state.policy,
        reason=reason.strip(),
        requested_by_id=actor.pk,
        requested_at=at,
    )
    if refusal := clean_row(request):
        raise refusal
    request.save(force_insert=True)
    today = at.astimezone(ZoneInfo(company().time_zone)).date()
    deciders = who_may("contracts.approve", "contracts.contract", owner_id=contract.owner_id, today=today)
    _tell(actor, deciders, NotificationCode.DISCOUNT_WAITS, request, at)
    return request


@service("contracts.draft")
def drop_discount_request(actor: Actor, request_id: int, *, at: dt.datetime) -> DiscountDecision:
    """Take a request back before it is decided. Raises NotVisible, DiscountDecided."""
    return _decide(actor, _waiting(actor, request_id), ApprovalOutcome.DROPPED, "", at)


@service("contracts.approve")
def approve_discount(actor: Actor, request_id: int, *, at: dt.datetime, reason: str = "") -> DiscountDecision:
    """Allow the discount that was asked for, and less. Nobody approves an own request.

    Raises NotVisible, DiscountDecided, DiscountNeedsAnother.
    """
    return _decide(actor, _others(actor, request_id), ApprovalOutcome.APPROVED, reason, at)


@service("contracts.approve")
def refuse_discount(actor: Actor, request_id: int, *, reason: str, at: dt.datetime) -> DiscountDecision:
    """Say no, and why. Raises NotVisible, DiscountDecided, DiscountNeedsAnother, ReasonMissing."""
    request = _others(actor, request_id)
    if not reason.strip():
        raise ReasonMissing
    return _decide(actor, request, ApprovalOutcome.REFUSED, reason, at)


def refuse_unapproved(version: ContractVersion) -> None:
    """Refuse to offer or sign a discount that nobody has approved. Raises DiscountPending, DiscountNeedsApproval."""
    state = discount_state(version)
    if not state.needs_approval or state.policy is None:
        return
    if state.is_pending:
        raise _pending(state)
    raise DiscountNeedsApproval(discount=percent(state.discount), policy=percent(state.policy))


def percent(share: Decimal) -> str:
    """Write a share as per cent with at most two decimals."""
    return f"{(share * 100).quantize(Decimal('0.01'), rounding=ROUND_CEILING).normalize():f}%"


def _pending(state: DiscountState) -> DiscountPending:
    zone = ZoneInfo(company().time_zone)
    asked = state.request.requested_at.astimezone(zone).date() if state.request else None
    return DiscountPending(discount=percent(state.discount), since=asked or "")


def _waiting(actor: Actor, request_id: int) -> DiscountRequest:
    """Lock the contract of a request, then look at the request. Raises NotVisible, DiscountDecided."""
    request = DiscountRequest.objects.visible_to(actor).filter(pk=request_id).first()
    if request is None:
        raise NotVisible
    Contract.objects.select_for_update(no_key=True).get(pk=request.contract_id)
    decided = DiscountDecision.objects.filter(request=request).first()
    if decided is not None:
        raise DiscountDecided(outcome=decided.get_outcome_display())
    return request


def _others(actor: Actor, request_id: int) -> DiscountRequest:
    request = _waiting(actor, request_id)
    if request.requested_by_id is not None and request.requested_by_id == actor.pk:
        raise DiscountNeedsAnother
    return request


def _decide(
    actor: Actor, request: DiscountRequest, outcome: ApprovalOutcome, reason: str, at: dt.datetime
) -> DiscountDecision:
    decision = DiscountDecision(
        request=request, outcome=outcome, reason=reason.strip(), decided_by_id=actor.pk, decided_at=at
    )
    if refusal := clean_row(decision):
        raise refusal
    decision.save(force_insert=True)
    if outcome in _TOLD:
        _tell(actor, [request.requested_by_id], _TOLD[outcome], request, at)
    return decision


def _tell(
    actor: Actor, people: Iterable[int | None], code: NotificationCode, request: DiscountRequest, at: dt.datetime
) -> None:
    facts = {"discount": percent(request.discount), "contract": str(request.contract)}
    notify(actor, people, code, at=at, record_id=request.contract_id, **facts)
