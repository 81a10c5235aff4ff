"""Nouns of the catalog."""

from loudou.catalog.models.product import Product, ProductLine

__all__ = ["Product", "ProductLine"]
