"""Questions about products. The catalog is no secret: every role sees all of it."""

from __future__ import annotations

from django.db.models import Count, Q

from loudou.catalog.models import Product, ProductLine
from loudou.catalog.models.product import ProductLineQuerySet, ProductQuerySet
from loudou.core.actors import Actor
from loudou.core.searchtext import matches, needles


def products(actor: Actor) -> ProductQuerySet:
    """All products with their lines."""
    return Product.objects.visible_to(actor).select_related("line").defer("search_text")


def product_lines(actor: Actor) -> ProductLineQuerySet:
    """All product lines."""
    return ProductLine.objects.visible_to(actor)


def product_lines_with_counts(actor: Actor) -> ProductLineQuerySet:
    """All product lines, each with `products_on_sale`, in order of their names."""
    on_sale = Count("products", filter=Q(products__is_active=True))
    return product_lines(actor).annotate(products_on_sale=on_sale).order_by("-is_active", "name")


def get_product(actor: Actor, product_id: int) -> Product:
    """One product with its line. Raises NotVisible."""
    return products(actor).get_visible(actor, product_id)


def get_line(actor: Actor, line_id: int) -> ProductLine:
    """One product line. Raises NotVisible."""
    return ProductLine.objects.get_visible(actor, line_id)


def search_products(actor: Actor, query: str, *, limit: int) -> list[Product]:
    """Products whose name or code holds every word of the query, those on sale first (one indexed statement)."""
    if not needles(query):
        return []
    return list(products(actor).filter(matches(query)).order_by("-is_active", "name")[:limit])
