"""Products."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models.functions import Lower

from loudou.catalog.models import Product
from loudou.catalog.services.products import ProductDraft, create_products, update_products
from loudou.core.bulk import Outcome, RowUpdate
from loudou.exchange.services.kinds.base import Writer
from loudou.exchange.services.parsing import Parsed


class ProductWriter(Writer):
    """Writes products through the services of the catalog."""

    model = Product
    plain = ("name", "code", "unit", "list_price", "currency", "tax_rate", "description", "is_active", "external_id")
    ids = {"line": "line_id"}

    def visible(self) -> models.QuerySet[Any]:
        """Everybody sees products."""
        return Product.objects.all()

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Split prices into number and currency."""
        for parsed in batch:
            if "list_price" in parsed.values:
                parsed.values["list_price"], named = parsed.values["list_price"]
                parsed.values.setdefault("currency", named or self.context.parser.currency)

    def find(self, key: str, batch: Sequence[Parsed]) -> Iterable[tuple[str, int]]:
        """By column, whatever the case."""
        texts = [text.lower() for parsed in batch for text in self.key_texts(parsed, key)]
        rows = Product.objects.annotate(lowered=Lower(key)).exclude(**{key: ""}).filter(lowered__in=texts)
        return [(text, pk) for pk, text in rows.values_list("pk", key)]

    def create(self, batch: Sequence[Parsed]) -> list[Outcome[Any]]:
        """Create products."""
        return [*create_products(self.context.actor, [ProductDraft(**self.changes(parsed)) for parsed in batch])]

    def update(self, updates: Sequence[RowUpdate]) -> list[Outcome[Any]]:
        """Change products."""
        return [*update_products(self.context.actor, updates, at=self.context.at)]
