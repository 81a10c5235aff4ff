"""Creating and changing products, one or many at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loudou.catalog.models import Product, ProductLine
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, RowUpdate, change_rows, clean_row, create_rows
from loudou.core.money import UnknownCurrency, check_currency
from loudou.core.rates import company
from loudou.core.refusals import BusinessRefusal, NotVisible
from loudou.core.verbs import lock_all, service


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """A product to be created; `list_price` is per `unit`, in `currency` ('' means the company's base currency).

    `tax_rate` is a share of 0 to 1; None means the usual one of the contract's kind.
    """

    name: str
    code: str = ""
    line_id: int | None = None
    unit: str = ""
    list_price: Decimal | None = None
    currency: str = ""
    tax_rate: Decimal | None = None
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
    lines = _known_lines(draft.line_id for draft in drafts)
    base = company().base_currency
    rows, refusals = [], {}
    for place, draft in enumerate(drafts):
        row = Product(**{name: _normalize(name, getattr(draft, name)) for name in CHANGEABLE})
        row.currency = row.currency or base
        rows.append(row)
        refusal = clean_row(row) or _check(row, lines)
        if refusal is not None:
            refusals[place] = refusal
    return create_rows(rows, refusals, Product.objects.bulk_create)


def update_product(
    actor: Actor, product_id: int, *, changes: dict[str, Any], version: int | None = None, at: dt.datetime
) -> Product:
    """Change fields of one product (see CHANGEABLE). Raises NotVisible, StaleWrite, InvalidInput."""
    return update_products(actor, [RowUpdate(product_id, changes, version)], at=at)[0].unwrap()


@service("catalog.configure")
def update_products(actor: Actor, updates: Sequence[RowUpdate], *, at: dt.datetime) -> list[Outcome[Product]]:
    """Change many products, each in its own way, with a constant number of statements; one outcome per update."""
    lines = _known_lines(update.changes.get("line_id") for update in updates)

    def check(row: Product, changed: Sequence[str]) -> BusinessRefusal | None:
        return _check(row, lines if "line_id" in changed else {row.line_id})

    locked = lock_all(Product.objects.all(), [update.pk for update in updates])
    return change_rows(locked, updates, changeable=CHANGEABLE, normalize=_normalize, check=check, at=at)


def _normalize(field: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if field == "description":
        return value.strip()
    plain = " ".join(value.split())
    return plain.upper() if field == "currency" else plain


def _known_lines(ids: Iterable[int | None]) -> set[int | None]:
    wanted = {pk for pk in ids if pk is not None}
    return set(ProductLine.objects.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()


def _check(row: Product, lines: set[int | None]) -> BusinessRefusal | None:
    if row.line_id is not None and row.line_id not in lines:
        return NotVisible()
    try:
        check_currency(row.currency)
    except UnknownCurrency as refusal:
        return refusal
    return None
