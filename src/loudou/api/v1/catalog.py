"""Products and product lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_CHANGE, BY_ID, BY_NAME, PageQuery, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import Amount, Currency, Given, GivenVersion, Id, Long, Ref, Share, Shown, Stamped, changes_of
from loudou.api.v1.customers import ExternalId, OrEmpty
from loudou.catalog import selectors
from loudou.catalog.models import Product, ProductLine
from loudou.catalog.services import ProductDraft, create_line, create_product, update_line, update_product
from loudou.core import clock
from loudou.core.searchtext import matches

router = Router(tags=["Products"])
Name = Annotated[str, Field(min_length=1, max_length=200)]
LineName = Annotated[str, Field(min_length=1, max_length=120)]


class ProductOut(Stamped):
    """Something a customer can buy; the list price is per unit."""

    name: str
    code: str
    line: Ref | None
    unit: str
    list_price: Decimal | None
    currency: str
    tax_rate: Decimal | None
    description: str
    is_active: bool
    external_id: str


class ProductPage(Shown):
    """A page of products; `next` is the cursor of the next one."""

    items: list[ProductOut]
    next: str | None


class ProductQuery(PageQuery):
    """Which products."""

    q: str = Field("", max_length=200, description="Words in the name or code.")
    line: Id | None = None
    is_active: bool | None = None
    external_id: ExternalId = ""
    updated_since: dt.datetime | None = None
    sort: Literal["id", "-id", "name", "-name", "updated_at", "-updated_at"] = "name"


class ProductFields(Given):
    """What creating and changing have in common."""

    code: Annotated[str, Field(max_length=60)] = ""
    line_id: Id | None = None
    unit: Annotated[str, Field(max_length=20)] = ""
    list_price: Annotated[Amount, Field(ge=0)] | None = None
    currency: Currency | OrEmpty = ""
    tax_rate: Share | None = Field(None, description="Share of 0 to 1; null: the usual one of the contract's kind.")
    description: Long = ""
    is_active: bool = True
    external_id: ExternalId = ""


class ProductIn(ProductFields):
    """A product to be created."""

    name: Name


class ProductChangesIn(ProductFields, GivenVersion):
    """Fields to be changed; what is not sent stays."""

    name: Name | None = None


class ProductLineOut(Stamped):
    """A family of products."""

    name: str
    is_active: bool


class ProductLinePage(Shown):
    """A page of product lines; `next` is the cursor of the next one."""

    items: list[ProductLineOut]
    next: str | None


class ProductLineQuery(PageQuery):
    """How to list product lines."""

    sort: Literal["id", "-id", "name", "-name"] = "name"


class ProductLineIn(Given):
    """A product line to be created."""

    name: LineName


class ProductLineChangesIn(GivenVersion):
    """Fields of a product line to be changed."""

    name: LineName | None = None
    is_active: bool = True


@operation(router, "GET", "/products", permission="catalog.view", answers=ProductPage)
def list_products(request: Caller, query: Query[ProductQuery]) -> Any:
    """List products."""
    rows = selectors.products(request.user)
    if query.q.strip():
        rows = rows.filter(matches(query.q))
    if query.is_active is not None:
        rows = rows.filter(is_active=query.is_active)
    plain = {"line_id": query.line, "external_id": query.external_id, "updated_at__gte": query.updated_since}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    items, following = page(rows, query=query, sorts={**BY_ID, **BY_NAME, **BY_CHANGE}, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/products", permission="catalog.configure", answers=ProductOut, status=201)
def add_product(request: Caller, body: ProductIn) -> Any:
    """Create a product."""
    row = create_product(request.user, ProductDraft(**body.model_dump(exclude_unset=True)))
    return selectors.get_product(request.user, row.pk)


@operation(router, "GET", "/products/{int:product_id}", permission="catalog.view", answers=ProductOut)
def show_product(request: Caller, product_id: int) -> Any:
    """Show a product."""
    return selectors.get_product(request.user, product_id)


@operation(router, "PATCH", "/products/{int:product_id}", permission="catalog.configure", answers=ProductOut)
def change_product(request: Caller, product_id: int, body: ProductChangesIn) -> Any:
    """Change fields. A change based on an old version is refused with the record as it is now."""
    changes, version = changes_of(body, request)
    update_product(request.user, product_id, changes=changes, version=version, at=clock.now())
    return selectors.get_product(request.user, product_id)


@operation(router, "GET", "/product-lines", permission="catalog.view", answers=ProductLinePage)
def list_product_lines(request: Caller, query: Query[ProductLineQuery]) -> Any:
    """List product lines."""
    rows = selectors.product_lines(request.user)
    items, following = page(rows, query=query, sorts={**BY_ID, **BY_NAME}, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/product-lines", permission="catalog.configure", answers=ProductLineOut, status=201)
def create_product_line(request: Caller, body: ProductLineIn) -> Any:
    """Create a product line."""
    return create_line(request.user, name=body.name)


@operation(router, "PATCH", "/product-lines/{int:line_id}", permission="catalog.configure", answers=ProductLineOut)
def change_product_line(request: Caller, line_id: int, body: ProductLineChangesIn) -> Any:
    """Change a product line."""
    changes, version = changes_of(body, request)
    return update_line(request.user, line_id, changes=changes, version=version)


CURRENT[Product] = lambda row: ProductOut.model_validate(row).model_dump(mode="json")
CURRENT[ProductLine] = lambda row: ProductLineOut.model_validate(row).model_dump(mode="json")
