"""What is done with a contract: offered, signed, amended, ended; discounts that need an approval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec

from ninja import Query, Router

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, PageQuery, page
from loudou.api.v1 import contract_bodies as bodies
from loudou.api.v1 import contract_shapes as shapes
from loudou.api.v1.contracts import detail
from loudou.contracts.selectors import approvals as asked
from loudou.contracts.selectors import contracts as selectors
from loudou.contracts.services import amendments, approvals, life
from loudou.core import clock

P = ParamSpec("P")
router = Router(tags=["Contracts"])


def _act(name: str, permission: str, status: int = 200) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    return operation(
        router,
        "POST",
        f"/contracts/{{int:contract_id}}/{name}",
        permission=permission,
        answers=shapes.ContractDetail,
        status=status,
    )


@operation(router, "GET", "/contracts/{int:contract_id}/acts", permission="contracts.view", answers=shapes.ActList)
def list_acts(request: Caller, contract_id: int) -> Any:
    """List everything that was done with a contract, the latest first."""
    contract = selectors.get_contract(request.user, contract_id)
    return {"items": list(selectors.acts_of(request.user, contract))}


@_act("offer", "contracts.draft")
def offer_contract(request: Caller, contract_id: int, body: bodies.OfferIn) -> Any:
    """Offer the draft; from now on it says what it says."""
    life.offer_contract(request.user, contract_id, valid_until=body.valid_until, **bodies.acting(body))
    return detail(request, contract_id)


@_act("take-back", "contracts.draft")
def take_back_offer(request: Caller, contract_id: int, body: bodies.ActOnContractIn) -> Any:
    """Make the offer a draft again."""
    life.take_back_offer(request.user, contract_id, **bodies.acting(body))
    return detail(request, contract_id)


@_act("counter", "contracts.draft")
def record_counter_offer(request: Caller, contract_id: int, body: bodies.ActOnContractIn) -> Any:
    """Record that the other side wants something else; the draft can take its wishes in."""
    life.answer_with_counter_offer(request.user, contract_id, **bodies.acting(body))
    return detail(request, contract_id)


@_act("decline", "contracts.draft")
def decline_contract(request: Caller, contract_id: int, body: bodies.ActOnContractIn) -> Any:
    """Record that no contract came of the draft or offer."""
    life.decline_contract(request.user, contract_id, **bodies.acting(body))
    return detail(request, contract_id)


@_act("sign", "contracts.sign")
def sign_contract(request: Caller, contract_id: int, body: bodies.ActOnContractIn) -> Any:
    """Record that the offer was accepted and signed: it binds and has its number, and its plan is in force."""
    life.sign_contract(request.user, contract_id, **bodies.acting(body))
    return detail(request, contract_id)


@_act("begin", "contracts.deliver")
def begin_performance(request: Caller, contract_id: int, body: bodies.ActOnContractIn) -> Any:
    """Record that performance began with something else than a delivery."""
    life.begin_performance(request.user, contract_id, **bodies.acting(body))
    return detail(request, contract_id)


@_act("complete", "contracts.end")
def complete_contract(request: Caller, contract_id: int, body: bodies.ActOnContractIn) -> Any:
    """Close as completed where that does not follow by itself; `note` says why."""
    life.complete_contract(request.user, contract_id, **bodies.acting(body))
    return detail(request, contract_id)


@_act("terminate", "contracts.end")
def terminate_contract(request: Caller, contract_id: int, body: bodies.TerminationIn) -> Any:
    """End before completion; `note` says why, `settlement` what was agreed about the rest."""
    life.terminate_contract(request.user, contract_id, settlement=body.settlement, **bodies.acting(body))
    return detail(request, contract_id)


@_act("amendment", "contracts.draft", 201)
def draft_amendment(request: Caller, contract_id: int, body: bodies.ReasonOnContractIn) -> Any:
    """Start a new version like the one in force; edit its lines, terms, clauses and plan, then offer it."""
    amendments.draft_amendment(request.user, contract_id, at=clock.now(), **body.model_dump())
    return detail(request, contract_id)


@_act("amendment/offer", "contracts.draft")
def offer_amendment(request: Caller, contract_id: int, body: bodies.ActOnContractIn) -> Any:
    """Offer the amendment."""
    amendments.offer_amendment(request.user, contract_id, **bodies.acting(body))
    return detail(request, contract_id)


@_act("amendment/take-back", "contracts.draft")
def take_back_amendment(request: Caller, contract_id: int, body: bodies.ActOnContractIn) -> Any:
    """Make the offered amendment a draft again."""
    amendments.take_back_amendment(request.user, contract_id, **bodies.acting(body))
    return detail(request, contract_id)


@_act("amendment/drop", "contracts.draft")
def drop_amendment(request: Caller, contract_id: int, body: bodies.ActOnContractIn) -> Any:
    """Record that no amendment came about; what is in force stays."""
    amendments.drop_amendment(request.user, contract_id, **bodies.acting(body))
    return detail(request, contract_id)


@_act("amendment/accept", "contracts.sign")
def accept_amendment(request: Caller, contract_id: int, body: bodies.ActOnContractIn) -> Any:
    """Record that the amendment was signed: it is in force in place of the version before."""
    amendments.accept_amendment(request.user, contract_id, **bodies.acting(body))
    return detail(request, contract_id)


@operation(router, "GET", "/discount-requests", permission="contracts.approve", answers=shapes.DiscountRequestPage)
def list_waiting_discounts(request: Caller, query: Query[PageQuery]) -> Any:
    """List discounts beyond the policy that wait for a decision, the oldest first."""
    items, following = page(asked.waiting_requests(request.user), query=query, sorts=BY_ID, sort="id")
    return {"items": items, "next": following}


@operation(
    router,
    "GET",
    "/contracts/{int:contract_id}/discount-requests",
    permission="contracts.view",
    answers=shapes.DiscountRequestList,
)
def list_discount_requests(request: Caller, contract_id: int) -> Any:
    """List the requests about a contract with their decisions, the latest first."""
    contract = selectors.get_contract(request.user, contract_id)
    return {"items": list(asked.requests_of(request.user, contract))}


@operation(
    router,
    "POST",
    "/contracts/{int:contract_id}/discount-requests",
    permission="contracts.draft",
    answers=shapes.DiscountRequestOut,
    status=201,
)
def request_discount(request: Caller, contract_id: int, body: bodies.ReasonOnContractIn) -> Any:
    """Ask for approval of the largest discount in the draft."""
    made = approvals.request_discount(request.user, contract_id, at=clock.now(), **body.model_dump())
    return asked.get_request(request.user, made.pk)


@operation(
    router,
    "POST",
    "/discount-requests/{int:request_id}/approve",
    permission="contracts.approve",
    answers=shapes.DiscountRequestOut,
)
def approve_discount(request: Caller, request_id: int, body: bodies.DecisionReasonIn) -> Any:
    """Allow the discount; nobody decides about an own request."""
    approvals.approve_discount(request.user, request_id, at=clock.now(), reason=body.reason)
    return asked.get_request(request.user, request_id)


@operation(
    router,
    "POST",
    "/discount-requests/{int:request_id}/refuse",
    permission="contracts.approve",
    answers=shapes.DiscountRequestOut,
)
def refuse_discount(request: Caller, request_id: int, body: bodies.ReasonIn) -> Any:
    """Say no, and why."""
    approvals.refuse_discount(request.user, request_id, reason=body.reason, at=clock.now())
    return asked.get_request(request.user, request_id)


@operation(
    router,
    "POST",
    "/discount-requests/{int:request_id}/drop",
    permission="contracts.draft",
    answers=shapes.DiscountRequestOut,
)
def drop_discount_request(request: Caller, request_id: int) -> Any:
    """Take a request back before it is decided."""
    approvals.drop_discount_request(request.user, request_id, at=clock.now())
    return asked.get_request(request.user, request_id)
