"""Why a customer is in its phase and what is missing for the next; needs that were verified; the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, cast

from django.db import models
from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, PageQuery, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import Currency, Exact, Given, GivenVersion, Id, Ref, Shown, changes_of
from loudou.core import clock
from loudou.customers import selectors
from loudou.customers.choices import EvidenceKind, NeedSource, Phase, PhaseCause
from loudou.customers.models import CustomerRules, PhaseChange
from loudou.customers.phases import Reason
from loudou.customers.services import needs, rules

router = Router(tags=["Customer phases"])
Days = Annotated[int, Field(ge=0, le=3650)]
Told = Annotated[str, Field(min_length=1, max_length=255)]
Rate = Annotated[Decimal, Field(max_digits=5, decimal_places=4, ge=0, le=1)]
Limit = Annotated[Decimal, Field(max_digits=19, decimal_places=4, ge=0)]


class SubjectOut(Shown):
    """The record that evidence speaks of: its model ('contracts.contract'), id and name."""

    model: str
    id: int
    label: str


class PhaseReasonOut(Shown):
    """One sentence of an answer, with a stable `code` and the record it speaks of."""

    code: str
    sentence: str
    subject: SubjectOut | None
    due_on: dt.date | None
    settled_on: dt.date | None


class CustomerPhaseOut(Shown):
    """The phase, since when, why, and what is missing for the next one (nothing in the last)."""

    phase: Phase = Field(description="0 outside, 1 target market, 2 prospect, 3 target, 4 signed, 5 qualified.")
    code: str
    label: str
    since: dt.datetime | None
    why: list[PhaseReasonOut]
    missing: list[PhaseReasonOut]


class PhaseChangeOut(Shown):
    """One change of the phase, with what caused it. `recorded_at` is when Loudou learned of it."""

    id: int
    from_phase: Phase
    to_phase: Phase
    at: dt.datetime
    recorded_at: dt.datetime
    cause: PhaseCause
    actor: Ref | None
    evidence: SubjectOut | None


class PhaseChangePage(Shown):
    """A page of changes; `next` is the cursor of the next one."""

    items: list[PhaseChangeOut]
    next: str | None


class EvidenceOut(Shown):
    """That something about a customer began or ceased to hold."""

    id: int
    kind: EvidenceKind
    subject: SubjectOut
    holds: bool
    at: dt.datetime
    recorded_at: dt.datetime
    due_on: dt.date | None
    settled_on: dt.date | None
    actor: Ref | None
    cause: str
    facts: dict[str, Any]


class EvidencePage(Shown):
    """A page of evidence; `next` is the cursor of the next one."""

    items: list[EvidenceOut]
    next: str | None


class NeedIn(Given):
    """How the need was verified, by whose word, on which day (today unless told), and what shows it."""

    how: NeedSource
    evidence: Told
    on: dt.date | None = None
    contact_id: Id | None = None


class NeedRevokedIn(Given):
    """Why the need is not there after all."""

    reason: Told


class CustomerRulesOut(Shown):
    """The company's rules: thresholds of the phases, their own names, and what is granted by default."""

    version: int
    horizon_days: int
    grace_days: int
    late_counts_days: int | None
    phase_names: dict[str, dict[str, str]]
    max_discount_rate: Exact | None
    credit_limit: Exact | None
    credit_currency: str
    payment_days: int | None


class CustomerRulesIn(GivenVersion):
    """Rules to be changed; what is not sent stays. Phases follow from new thresholds at once."""

    horizon_days: Annotated[int, Field(ge=1, le=3650)] = 90
    grace_days: Days = 0
    late_counts_days: Days | None = None
    phase_names: Annotated[
        dict[Annotated[str, Field(max_length=20)], dict[str, Annotated[str, Field(max_length=40)]]],
        Field(max_length=10),
    ] = {}
    max_discount_rate: Rate | None = None
    credit_limit: Limit | None = None
    credit_currency: Currency | Annotated[str, Field(max_length=0)] = ""
    payment_days: Days | None = None


def phase_of(request: Caller, customer_id: int) -> CustomerPhaseOut:
    """Derive the phase of a customer now, with its reasons. Raises NotVisible."""
    customer = selectors.get_customer(request.user, customer_id)
    ours = selectors.rules()
    found = selectors.derivation_of(request.user, customer, at=clock.now(), company_rules=ours)
    return CustomerPhaseOut(
        phase=Phase(customer.phase),
        code=Phase(customer.phase).code,
        label=selectors.phase_labels(ours)[customer.phase],
        since=customer.phase_since,
        why=_told(found.why),
        missing=_told(found.missing),
    )


def _told(reasons: Sequence[Reason]) -> list[PhaseReasonOut]:
    return [
        PhaseReasonOut(
            code=reason.code,
            sentence=str(reason),
            subject=SubjectOut.model_validate(reason.truth.subject) if reason.truth else None,
            due_on=reason.truth.due_on if reason.truth else None,
            settled_on=reason.truth.settled_on if reason.truth else None,
        )
        for reason in reasons
    ]


def _change(row: PhaseChange) -> dict[str, Any]:
    names = set(PhaseChangeOut.model_fields) - {"evidence"}
    facts = {name: getattr(row, name) for name in names}
    return facts | {"evidence": row.evidence.subject if row.evidence else None}


def _show_rules(row: models.Model) -> dict[str, Any]:
    return CustomerRulesOut.model_validate(row).model_dump(mode="json")


CURRENT[CustomerRules] = _show_rules


@operation(router, "GET", "/customers/{int:customer_id}/phase", permission="customers.view", answers=CustomerPhaseOut)
def show_phase(request: Caller, customer_id: int) -> Any:
    """Show why a customer is in its phase, and what is missing for the next."""
    return phase_of(request, customer_id)


@operation(
    router,
    "GET",
    "/customers/{int:customer_id}/phase/history",
    permission="customers.view",
    answers=PhaseChangePage,
)
def list_phase_changes(request: Caller, customer_id: int, query: Query[PageQuery]) -> Any:
    """List the phases a customer went through, what was recorded last first, with what caused each."""
    customer = selectors.get_customer(request.user, customer_id)
    rows = selectors.phase_changes_of(request.user, customer)
    items, following = page(rows, query=query, sorts=BY_ID, sort="-id")
    return PhaseChangePage.model_validate(
        {"items": [_change(row) for row in items], "next": following}, from_attributes=True
    )


@operation(router, "GET", "/customers/{int:customer_id}/evidence", permission="customers.view", answers=EvidencePage)
def list_evidence(request: Caller, customer_id: int, query: Query[PageQuery]) -> Any:
    """List everything on record about a customer's phase, what was recorded last first."""
    customer = selectors.get_customer(request.user, customer_id)
    rows = selectors.evidence_of(request.user, customer)
    items, following = page(rows, query=query, sorts=BY_ID, sort="-id")
    return {"items": items, "next": following}


@operation(router, "POST", "/customers/{int:customer_id}/need", permission="customers.verify", answers=CustomerPhaseOut)
def verify_need(request: Caller, customer_id: int, body: NeedIn) -> Any:
    """Record that the need was verified; again replaces what was said."""
    facts = body.model_dump() | {"on": body.on or clock.today()}
    needs.verify_need(request.user, customer_id, at=clock.now(), **facts)
    return phase_of(request, customer_id)


@operation(
    router,
    "POST",
    "/customers/{int:customer_id}/need/revoke",
    permission="customers.verify",
    answers=CustomerPhaseOut,
)
def revoke_need(request: Caller, customer_id: int, body: NeedRevokedIn) -> Any:
    """Record that the need is not there, against what was verified before."""
    needs.revoke_need(request.user, customer_id, reason=body.reason, at=clock.now())
    return phase_of(request, customer_id)


@operation(router, "GET", "/customer-rules", permission="customers.view", answers=CustomerRulesOut)
def show_customer_rules(request: Caller) -> Any:
    """Show the thresholds and names of the phases, and what customers are granted by default."""
    return selectors.rules()


@operation(router, "PATCH", "/customer-rules", permission="customers.configure", answers=CustomerRulesOut)
def change_customer_rules(request: Caller, body: CustomerRulesIn) -> Any:
    """Change the rules; all phases follow in the same transaction."""
    changes, version = changes_of(body, request)
    return rules.update_rules(request.user, changes=cast(rules.Rules, changes), at=clock.now(), version=version)
