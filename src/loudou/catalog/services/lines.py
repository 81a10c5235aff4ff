"""Creating and changing product lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loudou.catalog.models import ProductLine
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome
from loudou.core.verbs import service


def create_line(actor: Actor, *, name: str) -> ProductLine:
    """Create one product line. Raises InvalidInput."""
    return create_lines(actor, [name])[0].unwrap()


@service("catalog.configure")
def create_lines(actor: Actor, names: Sequence[str]) -> list[Outcome[ProductLine]]:
    """Create product lines; one outcome per name, in order."""
    raise NotImplementedError


@service("catalog.configure")
def update_line(actor: Actor, line_id: int, *, changes: dict[str, Any], version: int | None = None) -> ProductLine:
    """Change the name of a product line or whether it is active. Raises NotVisible, StaleWrite, InvalidInput."""
    raise NotImplementedError
