"""The company's settings and exchange rates, and saved views."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db import transaction
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, PageQuery, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import Currency, ExactRate, Given, GivenVersion, Shown, Stamped, changes_of
from loudou.core import clock
from loudou.core.models import Company, ExchangeRate
from loudou.core.rates import company
from loudou.core.services.company import update_company
from loudou.people.selectors.saved_views import saved_views as listed_views
from loudou.people.services import saved_views
from loudou.pipeline.services import rates

router = Router(tags=["Company"])
views = Router(tags=["Saved views"])
ViewName = Annotated[str, Field(min_length=1, max_length=100)]
PageName = Annotated[str, Field(min_length=1, max_length=60)]


class CompanyOut(Stamped):
    """The company of this installation."""

    name: str
    credit_code: str
    representative: str
    address: str
    phone: str
    bank_name: str
    bank_account: str
    base_currency: str
    time_zone: str
    fiscal_year_start_month: int


class CompanyChangesIn(GivenVersion):
    """Settings to be changed; what is not sent stays."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    credit_code: Annotated[str, Field(max_length=18)] = ""
    representative: Annotated[str, Field(max_length=80)] = ""
    address: Annotated[str, Field(max_length=255)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""
    bank_name: Annotated[str, Field(max_length=120)] = ""
    bank_account: Annotated[str, Field(max_length=60)] = ""
    time_zone: Annotated[str, Field(max_length=64)] = ""
    fiscal_year_start_month: Annotated[int, Field(ge=1, le=12)] = 1


class RateOut(Shown):
    """What one unit of a currency is worth in base currency from a day on, until the next rate."""

    id: int
    currency: str
    on: dt.date
    rate: ExactRate


class RatePage(Shown):
    """A page of rates; `next` is the cursor of the next one."""

    items: list[RateOut]
    next: str | None


class RateQuery(PageQuery):
    """Which rates."""

    currency: Currency | Literal[""] = ""
    sort: Literal["id", "-id"] = "-id"


class RateIn(Given):
    """A rate; one that is there already for the day is replaced."""

    currency: Currency
    on: dt.date
    rate: Annotated[Decimal, Field(gt=0, max_digits=20, decimal_places=10)]


@operation(router, "GET", "/company", permission="company.view", answers=CompanyOut)
def show_company(request: Caller) -> Any:
    """Show the company's settings."""
    return company()


@operation(router, "PATCH", "/company", permission="company.configure", answers=CompanyOut)
def change_company(request: Caller, body: CompanyChangesIn) -> Any:
    """Change the company's settings."""
    changes, version = changes_of(body, request)
    return update_company(request.user, version=version, **changes)


@operation(router, "GET", "/exchange-rates", permission="company.view", answers=RatePage)
def list_exchange_rates(request: Caller, query: Query[RateQuery]) -> Any:
    """List exchange rates."""
    rows = ExchangeRate.objects.all()
    if query.currency:
        rows = rows.filter(currency=query.currency)
    items, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/exchange-rates", permission="company.configure", answers=RateOut, status=201)
def set_exchange_rate(request: Caller, body: RateIn) -> Any:
    """Set a rate; open opportunities in the currency are valued anew."""
    return rates.set_exchange_rate(request.user, today=timezone.localdate(clock.now()), **body.model_dump())


@operation(router, "DELETE", "/exchange-rates/{int:rate_id}", permission="company.configure", status=204)
def remove_exchange_rate(request: Caller, rate_id: int) -> None:
    """Take a rate back."""
    rates.remove_exchange_rate(request.user, rate_id, today=timezone.localdate(clock.now()))


class ViewOut(Shown):
    """Filters, columns and order of a page under a name; `query` is the query string of its address."""

    id: int
    page: str
    name: str
    query: str
    owner_id: int
    is_shared: bool
    is_pinned: bool
    is_default: bool


class Views(Shown):
    """The views of a page."""

    items: list[ViewOut]


class ViewsQuery(Given):
    """Of which page."""

    page: PageName


class ViewIn(Given):
    """A view to be kept; your view of the same name on the page is replaced."""

    page: PageName
    name: ViewName
    query: Annotated[str, Field(max_length=5000)]
    is_shared: bool = False
    is_pinned: bool = False


class ViewChangesIn(Given):
    """Name and use of a view."""

    name: ViewName
    is_shared: bool
    is_pinned: bool
    is_default: bool


@operation(views, "GET", "/saved-views", permission="home.view", answers=Views)
def list_saved_views(request: Caller, query: Query[ViewsQuery]) -> Any:
    """List your views of a page and those that colleagues share."""
    return {"items": list(listed_views(request.user, page=query.page))}


@operation(views, "POST", "/saved-views", permission="home.view", answers=ViewOut, status=201)
def save_view(request: Caller, body: ViewIn) -> Any:
    """Keep a view."""
    return saved_views.save_view(request.user, **body.model_dump())


@operation(views, "PUT", "/saved-views/{int:view_id}", permission="home.view", answers=ViewOut)
def change_view(request: Caller, view_id: int, body: ViewChangesIn) -> Any:
    """Rename, share, pin a view or make it your default."""
    with transaction.atomic():
        saved_views.rename_view(request.user, view_id, name=body.name)
        saved_views.share_view(request.user, view_id, is_shared=body.is_shared)
        saved_views.pin_view(request.user, view_id, is_pinned=body.is_pinned)
        return saved_views.set_default_view(request.user, view_id, is_default=body.is_default)


@operation(views, "DELETE", "/saved-views/{int:view_id}", permission="home.view", status=204)
def delete_view(request: Caller, view_id: int) -> None:
    """Throw one of your views away."""
    saved_views.delete_view(request.user, view_id)


CURRENT[Company] = lambda row: CompanyOut.model_validate(row).model_dump(mode="json")
