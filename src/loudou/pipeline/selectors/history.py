"""What an opportunity was: its way through the stages, and what was known of it at any moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import Exact, In
from django.utils import timezone

from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity, StageChange

if TYPE_CHECKING:
    from loudou.core.actors import Actor


@dataclass(frozen=True, slots=True)
class Difference:
    """What a field of an opportunity was at an earlier moment, and is now; `name` is the field, or `opened`."""

    name: str
    before: Any
    now: Any


COMPARED = ("state", "stage", "amount", "expected_on", "probability", "owner")
"""Fields that a difference can be told of, in the order in which they are told."""


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


def end_of_day(day: dt.date) -> dt.datetime:
    """The moment at which a day is over, in the company's time zone; of the last day there is, its beginning."""
    following = day + dt.timedelta(days=1) if day < dt.date.max else day
    return timezone.make_aware(dt.datetime.combine(following, dt.time.min))


def last_change_before(moment: dt.datetime) -> QuerySet[StageChange]:
    """The history row that tells what was true of an outer opportunity just before a moment, as a subquery.

    One look into the index of histories for each opportunity, whatever the length of the past.
    """
    return StageChange.objects.filter(opportunity_id=OuterRef("pk"), at__lt=moment).order_by("-at", "-pk")


def not_closed_before(moment: dt.datetime) -> Q:
    """Condition: not closed before a moment for good, so that the closed past need not be looked up."""
    return Q(closed_at__isnull=True) | Q(closed_at__gte=moment)


def open_at(moment: dt.datetime, *, stages: Collection[int] = ()) -> Q:
    """Condition: open just before a moment, in one of these stages if any are named."""
    then = last_change_before(moment)
    condition = not_closed_before(moment) & Q(Exact(Subquery(then.values("to_state")[:1]), Value(State.OPEN)))
    if stages:
        condition &= Q(In(Subquery(then.values("to_stage_id")[:1]), list(stages)))
    return condition


def known_at(changes: Sequence[StageChange], *, at: dt.datetime) -> StageChange | None:
    """The same question over a history that is already read (oldest first)."""
    return next((change for change in reversed(changes) if change.at <= at), None)


def differences_since(rows: Sequence[Opportunity], *, since: dt.datetime) -> dict[int, list[Difference]]:
    """What is different from what was known before a moment, by the ids of rows that were read through `visible_to`.

    Compared are the two ends: what was changed and changed back is no difference. One that did not exist then is
    `opened`. Amounts are compared, and given, as (amount, currency). One statement.
    """
    past = StageChange.objects.filter(opportunity_id__in=[row.pk for row in rows], at__lt=since)
    past = past.select_related("to_stage", "owner").order_by("opportunity_id", "-at", "-pk").distinct("opportunity_id")
    known = {change.opportunity_id: change for change in past}
    return {row.pk: _differences(known.get(row.pk), row) for row in rows}


def with_differences(changes: Sequence[StageChange]) -> list[tuple[StageChange, list[Difference]]]:
    """Each row of a history (oldest first) with what it changed of amount, date, probability and owner.

    The first row has nothing before it, and changed nothing.
    """
    told: list[tuple[StageChange, list[Difference]]] = []
    before: StageChange | None = None
    for change in changes:
        then = _facts(before or change)
        found = [
            Difference(name, was, became) for name, was, became in zip(FACTS, then, _facts(change), strict=True)
            if was != became
        ]  # fmt: skip
        told.append((change, found))
        before = change
    return told


FACTS = COMPARED[2:]


def _facts(row: StageChange | Opportunity) -> tuple[Any, ...]:
    worth = None if row.amount is None else (row.amount, row.currency)
    return (worth, row.expected_on, row.probability, row.owner)


def _differences(past: StageChange | None, row: Opportunity) -> list[Difference]:
    if past is None:
        return [Difference("opened", None, row.opened_on)]
    before = (past.to_state, past.to_stage, *_facts(past))
    now = (row.state, row.stage, *_facts(row))
    return [
        Difference(name, was, became) for name, was, became in zip(COMPARED, before, now, strict=True) if was != became
    ]


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
