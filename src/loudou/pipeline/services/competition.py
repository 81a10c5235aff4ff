"""Competitors, and the reasons for which sales are lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max

from loudou.core.actors import Actor
from loudou.core.verbs import check_version, lock, lock_all, service, validate
from loudou.pipeline.models import Competitor, LossReason
from loudou.pipeline.services import references

COMPETITOR_FIELDS = frozenset({"name", "website", "strengths", "weaknesses", "is_active"})
LOSS_REASON_FIELDS = frozenset({"name", "name_zh", "is_active"})


@service("pipeline.configure")
def create_competitor(
    actor: Actor, *, name: str, website: str = "", strengths: str = "", weaknesses: str = "", is_active: bool = True
) -> Competitor:
    """Add a competitor. Raises InvalidInput when the name is taken."""
    competitor = Competitor(
        name=name.strip(), website=website, strengths=strengths, weaknesses=weaknesses, is_active=is_active
    )
    validate(competitor)
    competitor.save()
    return competitor


@service("pipeline.configure")
def update_competitor(
    actor: Actor, competitor_id: int, *, changes: Mapping[str, Any], version: int | None = None
) -> Competitor:
    """Change name, website, strengths, weaknesses or activity of a competitor. Raises StaleWrite, InvalidInput."""
    competitor = lock(Competitor.objects.all(), competitor_id)
    check_version(competitor, version)
    _write(competitor, changes, COMPETITOR_FIELDS)
    return competitor


@service("pipeline.configure")
def create_loss_reason(actor: Actor, *, name: str, name_zh: str = "", is_active: bool = True) -> LossReason:
    """Add a loss reason at the end of the list. Raises InvalidInput when the name is taken."""
    last = LossReason.objects.aggregate(last=Max("position"))["last"] or 0
    reason = LossReason(name=name.strip(), name_zh=name_zh.strip(), position=last + 1, is_active=is_active)
    validate(reason)
    reason.save()
    return reason


@service("pipeline.configure")
def update_loss_reason(
    actor: Actor, loss_reason_id: int, *, changes: Mapping[str, Any], version: int | None = None
) -> LossReason:
    """Change the names of a loss reason or whether it is active. Raises StaleWrite, InvalidInput."""
    reason = lock(LossReason.objects.all(), loss_reason_id)
    check_version(reason, version)
    _write(reason, changes, LOSS_REASON_FIELDS)
    return reason


@service("pipeline.configure")
def reorder_loss_reasons(actor: Actor, *, loss_reason_ids: Sequence[int]) -> None:
    """Put the loss reasons into this order; all of them must be named. Raises InvalidInput."""
    reasons = {
        reason.pk: reason
        for reason in lock_all(LossReason.objects.all(), LossReason.objects.values_list("pk", flat=True))
    }
    if len(loss_reason_ids) != len(reasons) or set(loss_reason_ids) != set(reasons):
        raise references.missing("loss_reasons")
    for position, pk in enumerate(loss_reason_ids, start=1):
        if reasons[pk].position != position:
            reasons[pk].position = position
            reasons[pk].save_changes("position")


def _write(row: Competitor | LossReason, changes: Mapping[str, Any], editable: frozenset[str]) -> None:
    if unknown := set(changes) - editable:
        raise TypeError(f"cannot be changed here: {sorted(unknown)}")
    changed = {name for name, value in changes.items() if getattr(row, name) != value}
    if not changed:
        return
    for name in changed:
        setattr(row, name, changes[name])
    validate(row)
    row.save_changes(*changed)
