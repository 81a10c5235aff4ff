"""Creating and changing products, one or many at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loudou.catalog.models import Product
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, RowUpdate
from loudou.core.verbs import service


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """A product to be created; `list_price` is per `unit`, in `currency` ('' means the company's base currency)."""

    name: str
    code: str = ""
    line_id: int | None = None
    unit: str = ""
    list_price: Decimal | None = None
    currency: str = ""
    description: str = ""
    is_active: bool = True
    external_id: str = ""


CHANGEABLE = frozenset(ProductDraft.__dataclass_fields__)
"""Fields that `update_product` takes."""


def create_product(actor: Actor, draft: ProductDraft) -> Product:
    """Create one product. Raises InvalidInput, NotVisible (the line)."""
    return create_products(actor, [draft])[0].unwrap()


@service("catalog.configure")
def create_products(actor: Actor, drafts: Sequence[ProductDraft]) -> list[Outcome[Product]]:
    """Create many products with a constant number of statements; one outcome per draft, in order."""
    raise NotImplementedError


def update_product(
    actor: Actor, product_id: int, *, changes: dict[str, Any], version: int | None = None, at: dt.datetime
) -> Product:
    """Change fields of one product (see CHANGEABLE). Raises NotVisible, StaleWrite, InvalidInput."""
    return update_products(actor, [RowUpdate(product_id, changes, version)], at=at)[0].unwrap()


@service("catalog.configure")
def update_products(actor: Actor, updates: Sequence[RowUpdate], *, at: dt.datetime) -> list[Outcome[Product]]:
    """Change many products, each in its own way, with a constant number of statements; one outcome per update."""
    raise NotImplementedError
