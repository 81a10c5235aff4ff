"""The list dealt into groups: how many rows each has and what they are worth, in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import DateField, F, OuterRef, Subquery
from django.db.models.functions import TruncMonth

from loudou.people.models import Membership, Team
from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.selectors.volume import Volume, volumes

GROUPINGS: Mapping[str, Any] = {
    "owner": F("owner_id"),
    "team": F("owner_id"),  # a team has the rows of its people
    "stage": F("stage_id"),
    "city": F("customer__city"),
    "country": F("customer__country"),
    "loss_reason": F("loss_reason_id"),
    "source": F("source"),
    "created_month": TruncMonth("opened_on"),
    "expected_month": TruncMonth("expected_on"),
    "closed_month": TruncMonth("closed_at", output_field=DateField()),
}
"""What rows can be grouped by, and the value that tells the groups apart."""

_ORDERS: Mapping[str, tuple[str, ...]] = {
    "owner": ("owner__name", "owner_id"),
    "stage": ("process__position", "process_id", "stage__position"),
    "loss_reason": ("loss_reason__position", "loss_reason_id"),
}


def group_volumes(
    rows: OpportunityQuerySet, grouping: str, *, win_rates: Mapping[int, Decimal], only_open: bool, most: int
) -> dict[Any, Volume] | None:
    """Count, sum and weighted sum by a value of GROUPINGS; None when a list with closed rows has more than `most`.

    The key of rows without the value is None. One statement, bounded like the totals of the list, which the groups
    add up to: closed rows weigh nothing.
    """
    if not only_open:
        rows = Opportunity.objects.filter(pk__in=rows.order_by().values("pk")[: most + 1])
    found: dict[Any, Volume] = {}
    keyed = volumes(rows.annotate(group=GROUPINGS[grouping]), "group", "state", win_rates=win_rates)
    for (value, state), volume in keyed.items():
        counted = volume if state == State.OPEN else Volume(volume.count, volume.amount)
        found[value or None] = found.get(value or None, Volume()) + counted
    if not only_open and sum(volume.count for volume in found.values()) > most:
        return None
    return found


def team_of_each(owners: Collection[int], *, today: dt.date) -> dict[int, Team]:
    """The team in which each person's opportunities are counted: of several today, the one joined first.

    Whoever is in none is left out. One statement.
    """
    rows = Membership.objects.on(today).filter(user_id__in=owners).select_related("team")
    found: dict[int, Team] = {}
    for membership in rows.order_by("started_on", "pk"):
        found.setdefault(membership.user_id, membership.team)
    return found


def in_order_of_groups(rows: OpportunityQuerySet, grouping: str, *, today: dt.date) -> OpportunityQuerySet:
    """The same rows group by group, those without a group last; within a group in the order that they had."""
    if grouping == "team":
        present = Membership.objects.on(today).filter(user_id=OuterRef("owner_id")).order_by("started_on", "pk")
        leading: list[Any] = [Subquery(present.values("team__name")[:1])]
    else:
        leading = [F(name) for name in _ORDERS.get(grouping, ())] or [GROUPINGS[grouping]]
    return rows.order_by(*(each.asc(nulls_last=True) for each in leading), *rows.query.order_by)
