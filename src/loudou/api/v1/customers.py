"""Customers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_CHANGE, BY_ID, BY_NAME, PageQuery, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import Currency, Given, GivenVersion, Id, Line, Long, Ref, Short, Shown, Stamped, changes_of
from loudou.core import clock
from loudou.core.searchtext import matches
from loudou.customers import selectors
from loudou.customers.choices import ChannelPlace, CustomerKind, LegalForm, Phase, SizeBand
from loudou.customers.models import Customer
from loudou.customers.services import customers, members, owners
from loudou.customers.services.drafts import CustomerDraft

router = Router(tags=["Customers"])
Phones = Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=50)]
Mails = Annotated[list[Annotated[str, Field(min_length=1, max_length=254)]], Field(max_length=50)]
Place = Annotated[str, Field(max_length=80)]
ExternalId = Annotated[str, Field(max_length=100)]
OrEmpty = Literal[""]


class CustomerOut(Stamped):
    """A company or household we sell to."""

    name: str
    short_name: str
    aliases: list[str]
    legal_form: LegalForm
    kind: CustomerKind
    channel_place: str
    credit_code: str
    registration_number: str
    industry: str
    size_band: str
    employees: int | None
    annual_revenue: Decimal | None
    revenue_currency: str
    founded_year: int | None
    country: str
    province: str
    city: str
    address: str
    website: str
    phones: list[str]
    emails: list[str]
    parent: Ref | None
    owner: Ref | None
    phase: Phase = Field(description="0 outside, 1 target market, 2 prospect, 3 target, 4 signed, 5 qualified.")
    phase_since: dt.datetime | None
    held_since: dt.datetime | None = Field(description="On supply hold since; null when supplied.")
    expected_contribution: Decimal | None
    max_discount_rate: Decimal | None
    credit_limit: Decimal | None
    credit_currency: str
    payment_days: int | None
    grace_days: int | None
    source: str
    notes: str
    external_id: str


class CustomerPage(Shown):
    """A page of customers; `next` is the cursor of the next one."""

    items: list[CustomerOut]
    next: str | None


class CustomerQuery(PageQuery):
    """Which customers."""

    q: str = Field("", max_length=200, description="Words in names, codes, phones, mails or website.")
    kind: CustomerKind | None = None
    industry: Short = ""
    owner: Id | None = None
    phase: Phase | None = None
    external_id: ExternalId = ""
    credit_code: Annotated[str, Field(max_length=18)] = ""
    updated_since: dt.datetime | None = None
    sort: Literal["id", "-id", "name", "-name", "updated_at", "-updated_at"] = "name"


class CustomerFields(Given):
    """What creating and changing have in common."""

    short_name: Annotated[str, Field(max_length=100)] = ""
    aliases: Annotated[list[Annotated[str, Field(min_length=1, max_length=255)]], Field(max_length=50)] = []
    legal_form: LegalForm = LegalForm.COMPANY
    kind: CustomerKind = CustomerKind.END_USER
    channel_place: ChannelPlace | OrEmpty = ""
    credit_code: Annotated[str, Field(max_length=18)] = ""
    registration_number: Annotated[str, Field(max_length=60)] = ""
    industry: Short = ""
    size_band: SizeBand | OrEmpty = ""
    employees: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    annual_revenue: Annotated[Decimal, Field(max_digits=19, decimal_places=2)] | None = None
    revenue_currency: Currency | OrEmpty = ""
    expected_contribution: Annotated[Decimal, Field(max_digits=19, decimal_places=4)] | None = None
    founded_year: Annotated[int, Field(ge=0, le=32767)] | None = None
    country: Place = ""
    province: Place = ""
    city: Place = ""
    address: Line = ""
    website: Line = ""
    phones: Phones = []
    emails: Mails = []
    parent_id: Id | None = None
    source: Short = ""
    notes: Long = ""
    external_id: ExternalId = ""


class CustomerIn(CustomerFields):
    """A customer to be created; without an owner it is yours."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    owner_id: Id | None = None


class CustomerChangesIn(CustomerFields, GivenVersion):
    """Fields to be changed; what is not sent stays. The owner changes by `assign`."""

    name: Annotated[str, Field(min_length=1, max_length=255)] | None = None


class OwnerIn(GivenVersion):
    """Another owner, or nobody."""

    owner_id: Id | None
    reason: Annotated[str, Field(max_length=255)] = ""


@operation(router, "GET", "/customers", permission="customers.view", answers=CustomerPage)
def list_customers(request: Caller, query: Query[CustomerQuery]) -> Any:
    """List customers you may see."""
    rows = selectors.customer_rows(request.user).defer("search_text")
    if query.q.strip():
        rows = rows.filter(matches(query.q))
    plain: dict[str, Any] = {"kind": query.kind, "owner_id": query.owner, "updated_at__gte": query.updated_since}
    plain |= {"industry": query.industry, "external_id": query.external_id, "credit_code": query.credit_code}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if query.phase is not None:
        rows = rows.filter(phase=query.phase)
    items, following = page(rows, query=query, sorts={**BY_ID, **BY_NAME, **BY_CHANGE}, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/customers", permission="customers.add", answers=CustomerOut, status=201)
def create_customer(request: Caller, body: CustomerIn) -> Any:
    """Create a customer."""
    given = _tuples(body.model_dump(exclude_unset=True))
    row = customers.create_customer(request.user, CustomerDraft(**given), at=clock.now())
    return selectors.get_customer(request.user, row.pk)


@operation(router, "GET", "/customers/{int:customer_id}", permission="customers.view", answers=CustomerOut)
def show_customer(request: Caller, customer_id: int) -> Any:
    """Show a customer."""
    return selectors.get_customer(request.user, customer_id)


@operation(router, "PATCH", "/customers/{int:customer_id}", permission="customers.change", answers=CustomerOut)
def change_customer(request: Caller, customer_id: int, body: CustomerChangesIn) -> Any:
    """Change fields. A change based on an old version is refused with the record as it is now."""
    changes, version = changes_of(body, request)
    customers.update_customer(request.user, customer_id, changes=changes, version=version, at=clock.now())
    return selectors.get_customer(request.user, customer_id)


@operation(router, "POST", "/customers/{int:customer_id}/assign", permission="customers.assign", answers=CustomerOut)
def assign_customer(request: Caller, customer_id: int, body: OwnerIn) -> Any:
    """Give to another owner, or to nobody."""
    owners.assign_owner(request.user, customer_id, at=clock.now(), **body.model_dump())
    return selectors.get_customer(request.user, customer_id)


@operation(
    router, "PUT", "/customers/{int:customer_id}/members/{int:user_id}", permission="customers.change", status=204
)
def add_customer_member(request: Caller, customer_id: int, user_id: int) -> None:
    """Let a colleague work on a customer, and so see it."""
    members.add_members(request.user, [(customer_id, user_id)], at=clock.now())


@operation(
    router, "DELETE", "/customers/{int:customer_id}/members/{int:user_id}", permission="customers.change", status=204
)
def remove_customer_member(request: Caller, customer_id: int, user_id: int) -> None:
    """End a colleague's work on a customer."""
    members.remove_member(request.user, customer_id, user_id=user_id)


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


CURRENT[Customer] = lambda row: CustomerOut.model_validate(row).model_dump(mode="json")
