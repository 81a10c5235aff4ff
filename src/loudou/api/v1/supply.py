"""Whether a customer is supplied: holds with their reasons, releases, and what the customer is entitled to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal, cast

from django.db import models
from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, PageQuery, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import Currency, Exact, Given, GivenVersion, Id, Note, Ref, Shown, Stamped, changes_of
from loudou.api.v1.customer_phases import Days, Limit, Rate
from loudou.core import clock
from loudou.core.money import Money
from loudou.customers import selectors
from loudou.customers.choices import HoldSource, ReleaseState
from loudou.customers.models import SupplyRelease
from loudou.customers.selectors.holds import present_holds
from loudou.customers.services import holds, rules

router = Router(tags=["Supply"])
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Positive = Annotated[Decimal, Field(max_digits=19, decimal_places=4, gt=0)]


class HoldChangeOut(Shown):
    """That a hold was placed or lifted, by one source, and why."""

    id: int
    source: HoldSource
    is_held: bool
    reason: str
    at: dt.datetime
    actor: Ref | None


class SupplyOut(Shown):
    """Whether a customer is on supply hold, by which holds, and what was changed, the latest first."""

    held_since: dt.datetime | None
    holds: list[HoldChangeOut]
    changes: list[HoldChangeOut]


class HoldIn(Given):
    """Why."""

    reason: Reason


class ReleaseOut(Stamped):
    """An exception from a supply hold, until a day, up to an amount (null: no limit) of which `used_amount` is used."""

    customer: Ref
    state: ReleaseState
    reason: str
    until_on: dt.date
    amount: Exact | None
    currency: str
    used_amount: Exact
    requested_by: Ref | None
    requested_at: dt.datetime
    decided_by: Ref | None
    decided_at: dt.datetime | None
    decision_note: str


class ReleasePage(Shown):
    """A page of releases; `next` is the cursor of the next one."""

    items: list[ReleaseOut]
    next: str | None


class ReleaseQuery(PageQuery):
    """Which releases."""

    customer: Id | None = None
    state: ReleaseState | None = None
    sort: Literal["id", "-id"] = "-id"


class ReleaseIn(Given):
    """Why a customer should be supplied all the same, until which day, and up to which amount if to one."""

    reason: Reason
    until_on: dt.date
    amount: Positive | None = None
    currency: Currency | Literal[""] = Field("", description="The base currency when empty.")


class ReleaseDecisionIn(GivenVersion):
    """A note on the decision; refusing and ending early need one."""

    note: Note = ""


class PolicyOut(Shown):
    """What a customer is entitled to; null: nothing is agreed. `own` names the figures that are the customer's own."""

    version: int
    max_discount_rate: Exact | None
    credit_limit: Exact | None
    credit_currency: str
    payment_days: int | None
    grace_days: int
    own: list[str]


class PolicyIn(GivenVersion):
    """Figures of the customer's own; null takes back to what the company's rules say, what is not sent stays."""

    max_discount_rate: Rate | None = None
    credit_limit: Limit | None = None
    credit_currency: Currency | Literal[""] = ""
    payment_days: Days | None = None
    grace_days: Days | None = None


def _supply(request: Caller, customer_id: int) -> dict[str, Any]:
    customer = selectors.get_customer(request.user, customer_id)
    return {
        "held_since": customer.held_since,
        "holds": present_holds(customer.pk),
        "changes": list(selectors.hold_changes_of(request.user, customer)),
    }


def _policy(request: Caller, customer_id: int) -> PolicyOut:
    customer = selectors.get_customer(request.user, customer_id)
    found = selectors.policy_of(customer)
    limit: Money | None = found.credit_limit
    return PolicyOut(
        version=customer.version,
        max_discount_rate=found.max_discount_rate,
        credit_limit=limit.amount if limit else None,
        credit_currency=limit.currency if limit else "",
        payment_days=found.payment_days,
        grace_days=found.grace_days,
        own=sorted(found.own),
    )


def _show_current(row: models.Model) -> dict[str, Any]:
    fresh = selectors.with_use(SupplyRelease.objects.select_related("customer", "requested_by", "decided_by"))
    return ReleaseOut.model_validate(fresh.get(pk=row.pk)).model_dump(mode="json")


CURRENT[SupplyRelease] = _show_current


@operation(router, "GET", "/customers/{int:customer_id}/supply", permission="customers.view", answers=SupplyOut)
def show_supply(request: Caller, customer_id: int) -> Any:
    """Show whether a customer is on supply hold, why, and who placed and lifted holds before."""
    return _supply(request, customer_id)


@operation(router, "POST", "/customers/{int:customer_id}/hold", permission="customers.hold", answers=SupplyOut)
def place_hold(request: Caller, customer_id: int, body: HoldIn) -> Any:
    """Put a customer on supply hold: nothing is delivered until it is lifted or a release excepts from it."""
    holds.place_hold(request.user, customer_id, reason=body.reason, at=clock.now())
    return _supply(request, customer_id)


@operation(router, "POST", "/customers/{int:customer_id}/hold/lift", permission="customers.hold", answers=SupplyOut)
def lift_hold(request: Caller, customer_id: int, body: HoldIn) -> Any:
    """Lift the hold that a colleague placed."""
    holds.lift_hold(request.user, customer_id, reason=body.reason, at=clock.now())
    return _supply(request, customer_id)


@operation(router, "GET", "/releases", permission="customers.view", answers=ReleasePage)
def list_releases(request: Caller, query: Query[ReleaseQuery]) -> Any:
    """List releases of customers you may see."""
    wanted = {"customer": query.customer, "state": query.state}
    rows = selectors.release_rows(request.user).filter(**{name: value for name, value in wanted.items() if value})
    items, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(
    router,
    "POST",
    "/customers/{int:customer_id}/releases",
    permission="customers.request_release",
    answers=ReleaseOut,
    status=201,
)
def request_release(request: Caller, customer_id: int, body: ReleaseIn) -> Any:
    """Ask that a customer on hold, or at its credit limit, is supplied until a day."""
    made = holds.request_release(request.user, customer_id, at=clock.now(), **body.model_dump())
    return selectors.get_release(request.user, made.pk)


@operation(
    router,
    "POST",
    "/releases/{int:release_id}/approve",
    permission="customers.approve_release",
    answers=ReleaseOut,
)
def approve_release(request: Caller, release_id: int, body: ReleaseDecisionIn) -> Any:
    """Let the deliveries through that were asked for; nobody approves an own request."""
    holds.approve_release(request.user, release_id, at=clock.now(), **body.model_dump())
    return selectors.get_release(request.user, release_id)


@operation(
    router,
    "POST",
    "/releases/{int:release_id}/reject",
    permission="customers.approve_release",
    answers=ReleaseOut,
)
def reject_release(request: Caller, release_id: int, body: ReleaseDecisionIn) -> Any:
    """Say no, and why."""
    holds.reject_release(request.user, release_id, at=clock.now(), **body.model_dump())
    return selectors.get_release(request.user, release_id)


@operation(
    router,
    "POST",
    "/releases/{int:release_id}/withdraw",
    permission="customers.request_release",
    answers=ReleaseOut,
)
def withdraw_release(request: Caller, release_id: int, body: ReleaseDecisionIn) -> Any:
    """Take a request back before it is decided."""
    holds.withdraw_release(request.user, release_id, at=clock.now(), **body.model_dump())
    return selectors.get_release(request.user, release_id)


@operation(
    router,
    "POST",
    "/releases/{int:release_id}/end",
    permission="customers.approve_release",
    answers=ReleaseOut,
)
def end_release(request: Caller, release_id: int, body: ReleaseDecisionIn) -> Any:
    """End an approved release before its day."""
    holds.end_release(request.user, release_id, at=clock.now(), **body.model_dump())
    return selectors.get_release(request.user, release_id)


@operation(router, "GET", "/customers/{int:customer_id}/policy", permission="customers.view", answers=PolicyOut)
def show_policy(request: Caller, customer_id: int) -> Any:
    """Show what a customer is entitled to: its own figures, where it has none those of the company."""
    return _policy(request, customer_id)


@operation(router, "PATCH", "/customers/{int:customer_id}/policy", permission="customers.policy", answers=PolicyOut)
def change_policy(request: Caller, customer_id: int, body: PolicyIn) -> Any:
    """Set figures of the customer's own; `version` is that of the customer."""
    changes, version = changes_of(body, request)
    rules.set_policy(
        request.user, customer_id, changes=cast(rules.PolicyFigures, changes), at=clock.now(), version=version
    )
    return _policy(request, customer_id)
