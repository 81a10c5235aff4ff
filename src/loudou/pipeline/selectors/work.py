"""What a person should do first: the counts and rows of the start page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from loudou.pipeline.models import Opportunity
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.selectors.narrowing import last_day_of_week, stuck

if TYPE_CHECKING:
    from loudou.core.actors import Actor


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """How many of a person's own open opportunities ask for something."""

    open: int = 0
    step_overdue: int = 0
    step_today: int = 0
    step_this_week: int = 0
    step_missing: int = 0
    date_passed: int = 0


def _own(actor: Actor) -> OpportunityQuerySet:
    return Opportunity.objects.visible_to(actor).open().filter(owner_id=actor.pk).order_by()


def work_counts(actor: Actor, *, today: dt.date) -> WorkCounts:
    """Count the actor's own open opportunities by what is due. One statement over open rows of one owner."""
    sunday = last_day_of_week(today)
    counted = _own(actor).aggregate(
        open=Count("*"),
        step_overdue=Count("pk", filter=Q(next_step_on__lt=today)),
        step_today=Count("pk", filter=Q(next_step_on=today)),
        step_this_week=Count("pk", filter=Q(next_step_on__gt=today, next_step_on__lte=sunday)),
        step_missing=Count("pk", filter=Q(next_step="", next_step_on__isnull=True)),
        date_passed=Count("pk", filter=Q(expected_on__lt=today)),
    )
    return WorkCounts(**counted)


def next_steps(actor: Actor, *, today: dt.date, most: int) -> Sequence[Opportunity]:
    """The actor's next steps that are overdue or due by Sunday, the oldest first, larger amounts first on one day."""
    due = _own(actor).filter(next_step_on__lte=last_day_of_week(today)).select_related("customer", "stage")
    return list(due.defer("search_text", "notes").order_by("next_step_on", "-amount_base", "pk")[:most])


def dates_passed(actor: Actor, *, today: dt.date, most: int) -> Sequence[Opportunity]:
    """The actor's open opportunities whose expected date has passed, the longest ago first."""
    late = _own(actor).filter(expected_on__lt=today).select_related("customer", "stage")
    return list(late.defer("search_text", "notes").order_by("expected_on", "pk")[:most])


def starred(actor: Actor, *, most: int) -> Sequence[Opportunity]:
    """Open opportunities that the actor follows, last changed first."""
    rows = Opportunity.objects.visible_to(actor).open().filter(stars__user_id=actor.pk)
    return list(
        rows.select_related("customer", "stage").defer("search_text", "notes").order_by("-updated_at", "-pk")[:most]
    )


def recently_changed(actor: Actor, *, most: int) -> Sequence[Opportunity]:
    """The actor's own opportunities, open or closed, last changed first."""
    rows = Opportunity.objects.visible_to(actor).filter(owner_id=actor.pk)
    return list(
        rows.select_related("customer", "stage").defer("search_text", "notes").order_by("-updated_at", "-pk")[:most]
    )


def biggest(actor: Actor, *, most: int) -> Sequence[Opportunity]:
    """The largest open opportunities that the actor may see."""
    return _largest(Opportunity.objects.visible_to(actor).open(), most)


def largest_stuck(actor: Actor, *, today: dt.date, most: int) -> Sequence[Opportunity]:
    """Open opportunities that are in their stage for longer than it should take, the largest first."""
    return _largest(Opportunity.objects.visible_to(actor).open().filter(stuck(today=today)), most)


def _largest(rows: OpportunityQuerySet, most: int) -> Sequence[Opportunity]:
    # The ids come from the index alone; only the few rows that are shown are read and joined.
    ids = rows.filter(amount_base__isnull=False).order_by("-amount_base", "-pk").values("pk")[:most]
    found = Opportunity.objects.filter(pk__in=ids).select_related("customer", "stage", "owner")
    return list(found.defer("search_text", "notes").order_by("-amount_base", "-pk"))
