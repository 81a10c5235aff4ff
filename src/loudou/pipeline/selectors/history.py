"""What an opportunity was: its way through the stages, and what was known of it at any moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity, StageChange

if TYPE_CHECKING:
    from loudou.core.actors import Actor


@dataclass(frozen=True)
class StageDays:
    """Whole days that an opportunity has spent in a stage, over all its stays there."""

    stage_id: int
    days: int
    is_current: bool


def stage_history(actor: Actor, opportunity_id: int) -> list[StageChange]:
    """The history of one opportunity, oldest first. Raises NotVisible. Two statements."""
    return changes_of(Opportunity.objects.only("pk").get_visible(actor, opportunity_id))


def changes_of(row: Opportunity) -> list[StageChange]:
    """The history of an opportunity that was read through `visible_to`, oldest first."""
    changes = StageChange.objects.filter(opportunity_id=row.pk).order_by("at", "pk")
    return list(changes.select_related("from_stage", "to_stage", "owner", "actor"))


def opportunity_as_of(actor: Actor, opportunity_id: int, *, at: dt.datetime) -> StageChange | None:
    """What was true of an opportunity at a moment: its last history row up to then. None before it existed.

    Raises NotVisible: who may see the opportunity today may see its past.
    """
    row = Opportunity.objects.only("pk").get_visible(actor, opportunity_id)
    past = StageChange.objects.filter(opportunity_id=row.pk, at__lte=at)
    return past.select_related("to_stage__process", "owner").order_by("-at", "-pk").first()


def known_at(changes: Sequence[StageChange], *, at: dt.datetime) -> StageChange | None:
    """The same question over a history that is already read (oldest first)."""
    return next((change for change in reversed(changes) if change.at <= at), None)


def days_per_stage(changes: Sequence[StageChange], *, at: dt.datetime) -> dict[int, StageDays]:
    """Days in each stage from a history (oldest first), up to the closing or to `at`.

    Time on hold or closed counts for no stage; days are whole, rounded down per stage.
    """
    spent: dict[int, dt.timedelta] = {}
    current = None
    for change, following in zip(changes, [*changes[1:], None], strict=True):
        spent.setdefault(change.to_stage_id, dt.timedelta())
        if change.to_state == State.OPEN:
            until = following.at if following else at
            spent[change.to_stage_id] += max(until - change.at, dt.timedelta())
        current = change.to_stage_id
    return {stage: StageDays(stage, span.days, stage == current) for stage, span in spent.items()}
