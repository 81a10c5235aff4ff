"""Verbs of the catalog."""

from loudou.catalog.services.lines import create_line, create_lines, update_line
from loudou.catalog.services.products import (
    ProductDraft,
    create_product,
    create_products,
    update_product,
    update_products,
)

__all__ = [
    "ProductDraft",
    "create_line",
    "create_lines",
    "create_product",
    "create_products",
    "update_line",
    "update_product",
    "update_products",
]
