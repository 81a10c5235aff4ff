"""Whether a contract's discounts are covered by the policy or by an approval."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from loudou.contracts.choices import ApprovalOutcome
from loudou.contracts.models import Contract, ContractVersion, DiscountRequest
from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.customers.models import Customer
from loudou.customers.selectors.rules import rules


@dataclass(frozen=True, slots=True)
class DiscountState:
    """The largest discount in a version, what needs no approval (None: anything), what was approved, what waits."""

    discount: Decimal
    policy: Decimal | None
    approved: Decimal
    request: DiscountRequest | None

    @property
    def needs_approval(self) -> bool:
        """Whether it is beyond both the policy and what was approved."""
        return self.policy is not None and self.discount > max(self.policy, self.approved)

    @property
    def is_pending(self) -> bool:
        """Whether somebody was asked for at least this discount and has not decided."""
        return self.needs_approval and self.request is not None and self.request.discount >= self.discount


def discount_policy(customer: Customer) -> Decimal | None:
    """The discount that needs no approval: the customer's own figure, else the company's, else any (None)."""
    own: Decimal | None = customer.max_discount_rate
    return rules().max_discount_rate if own is None else own


def discount_state(version: ContractVersion) -> DiscountState:
    """Compare the discounts of a version with policy and approvals.

    The discount of a line is what its price lies below the list price, or the plain discount without a list price. An
    approval covers the whole contract, so an amendment that keeps a price needs no new one. Three statements.
    """
    discount = max((terms.discount for terms in version.terms.all()), default=Decimal(0))
    requests = list(DiscountRequest.objects.filter(contract_id=version.contract_id).select_related("decision"))
    approved = [row.discount for row in requests if _outcome(row) == ApprovalOutcome.APPROVED]
    waiting = [row for row in requests if _outcome(row) is None]
    return DiscountState(
        discount=discount,
        policy=discount_policy(version.contract.customer),
        approved=max(approved, default=Decimal(0)),
        request=waiting[0] if waiting else None,
    )


def waiting_requests(actor: Actor) -> QuerySet[DiscountRequest]:
    """Requests about visible contracts that nobody has decided, the oldest first."""
    return _with_facts(DiscountRequest.objects.visible_to(actor).pending()).order_by("requested_at", "pk")


def requests_of(actor: Actor, contract: Contract) -> QuerySet[DiscountRequest]:
    """Requests about a contract with their decisions, the latest first."""
    return _with_facts(DiscountRequest.objects.visible_to(actor).filter(contract=contract))


def get_request(actor: Actor, request_id: int) -> DiscountRequest:
    """One request. Raises NotVisible."""
    found = _with_facts(DiscountRequest.objects.visible_to(actor)).filter(pk=request_id).first()
    if found is None:
        raise NotVisible
    return found


def _with_facts(rows: QuerySet[DiscountRequest]) -> QuerySet[DiscountRequest]:
    return rows.select_related("contract__customer", "version", "requested_by", "decision__decided_by")


def _outcome(request: DiscountRequest) -> str | None:
    decision = getattr(request, "decision", None)
    return None if decision is None else str(decision.outcome)
