"""Creating and changing product lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loudou.catalog.models import ProductLine
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, clean_row, create_rows
from loudou.core.verbs import check_version, lock, service, validate

CHANGEABLE = frozenset({"name", "is_active"})
"""Fields that `update_line` takes."""


def create_line(actor: Actor, *, name: str) -> ProductLine:
    """Create one product line. Raises InvalidInput."""
    return create_lines(actor, [name])[0].unwrap()


@service("catalog.configure")
def create_lines(actor: Actor, names: Sequence[str]) -> list[Outcome[ProductLine]]:
    """Create product lines; one outcome per name, in order."""
    rows = [ProductLine(name=" ".join(name.split())) for name in names]
    refusals = {place: refusal for place, row in enumerate(rows) if (refusal := clean_row(row)) is not None}
    return create_rows(rows, refusals, ProductLine.objects.bulk_create)


@service("catalog.configure")
def update_line(actor: Actor, line_id: int, *, changes: dict[str, Any], version: int | None = None) -> ProductLine:
    """Change the name of a product line or whether it is active. Raises NotVisible, StaleWrite, InvalidInput."""
    line = lock(ProductLine.objects.all(), line_id)
    check_version(line, version)
    if "name" in changes:
        line.name = " ".join(str(changes["name"]).split())
    if "is_active" in changes:
        line.is_active = bool(changes["is_active"])
    validate(line)
    line.save_changes(*CHANGEABLE)
    return line
