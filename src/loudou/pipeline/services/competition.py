"""Competitors, and the reasons for which sales are lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.pipeline.models import Competitor, LossReason


@service("pipeline.configure")
def create_competitor(
    actor: Actor, *, name: str, website: str = "", strengths: str = "", weaknesses: str = ""
) -> Competitor:
    """Add a competitor. Raises InvalidInput when the name is taken."""
    raise NotImplementedError


@service("pipeline.configure")
def update_competitor(
    actor: Actor, competitor_id: int, *, changes: Mapping[str, Any], version: int | None = None
) -> Competitor:
    """Change name, website, strengths, weaknesses or whether the competitor is active."""
    raise NotImplementedError


@service("pipeline.configure")
def create_loss_reason(actor: Actor, *, name: str, name_zh: str = "") -> LossReason:
    """Add a loss reason at the end of the list."""
    raise NotImplementedError


@service("pipeline.configure")
def update_loss_reason(
    actor: Actor, loss_reason_id: int, *, changes: Mapping[str, Any], version: int | None = None
) -> LossReason:
    """Change the names of a loss reason or whether it is active."""
    raise NotImplementedError


@service("pipeline.configure")
def reorder_loss_reasons(actor: Actor, *, loss_reason_ids: Sequence[int]) -> None:
    """Put the loss reasons into this order."""
    raise NotImplementedError
