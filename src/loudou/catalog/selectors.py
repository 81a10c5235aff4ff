"""Questions about products. The catalog is no secret: whoever may sign in sees it all."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from loudou.catalog.models import Product, ProductLine
from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible, PermissionRefused
from loudou.core.searchtext import matches


def products(actor: Actor) -> QuerySet[Product]:
    """All products with their lines. Raises PermissionRefused."""
    _may_see(actor)
    return Product.objects.select_related("line")


def product_lines(actor: Actor) -> QuerySet[ProductLine]:
    """All product lines. Raises PermissionRefused."""
    _may_see(actor)
    return ProductLine.objects.all()


def get_product(actor: Actor, product_id: int) -> Product:
    """One product. Raises NotVisible."""
    found = products(actor).filter(pk=product_id).first()
    if found is None:
        raise NotVisible
    return found


def get_line(actor: Actor, line_id: int) -> ProductLine:
    """One product line. Raises NotVisible."""
    found = product_lines(actor).filter(pk=line_id).first()
    if found is None:
        raise NotVisible
    return found


def search_products(actor: Actor, query: str, *, limit: int) -> list[Product]:
    """Products whose name or code holds every word of the query, those on sale first (one indexed statement)."""
    return list(products(actor).filter(matches(query)).order_by("-is_active", "name")[:limit])


def products_by_name(actor: Actor, names: Iterable[str]) -> dict[str, Product]:
    """Products by name in lower case, for matching many names with one statement."""
    wanted = {name.strip().lower() for name in names}
    return {p.name.lower(): p for p in products(actor).filter(name__lower__in=wanted)} if wanted else {}


def _may_see(actor: Actor) -> None:
    if not actor.has_permission("catalog.view"):
        raise PermissionRefused
