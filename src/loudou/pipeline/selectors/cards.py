"""Cards: opportunities by columns, a bounded number of each, whatever lies in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.db.models import IntegerField

from loudou.pipeline.models import Star
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.models.process import Stage
from loudou.pipeline.selectors.narrowing import add_months
from loudou.pipeline.selectors.volume import Volume, volumes

if TYPE_CHECKING:
    from loudou.core.actors import Actor

CARDS_PER_COLUMN = 40


class Card(NamedTuple):
    """What a card shows of an opportunity; plain values, because a board has hundreds of them."""

    pk: int
    subject: str
    customer: str | None
    amount: Decimal | None
    currency: str
    amount_base: Decimal | None
    expected_on: dt.date | None
    owner_id: int | None
    owner: str | None
    stage_id: int
    stage_entered_at: dt.datetime
    next_step: str
    next_step_on: dt.date | None
    priority: int
    probability: Decimal | None
    version: int


_FIELDS = (
    "pk", "subject", "customer_label", "amount", "currency", "amount_base", "expected_on", "owner_id", "owner__name",
    "stage_id", "stage_entered_at", "next_step", "next_step_on", "priority", "probability", "version",
)  # fmt: skip


@dataclass(frozen=True)
class Lane:
    """One column of cards: what lies in it altogether, and its first cards."""

    key: Any
    volume: Volume = field(default_factory=Volume)
    cards: Sequence[Card] = ()

    @property
    def left(self) -> int:
        """Cards that are not shown yet."""
        return self.volume.count - len(self.cards)


def _as_cards(rows: OpportunityQuerySet, lane: int) -> Any:
    """Select what a card shows, soonest expected date first, with the number of its lane in front."""
    label = Coalesce(NullIf("customer__short_name", Value("")), "customer__name")
    ordered = rows.annotate(lane=Value(lane, IntegerField()), customer_label=label)
    return ordered.order_by(F("expected_on").asc(nulls_last=True), "pk").values_list("lane", *_FIELDS)


def lanes(
    parts: Sequence[tuple[Any, Q]],
    rows: OpportunityQuerySet,
    *,
    totals: Mapping[Any, Volume],
    per_lane: int = CARDS_PER_COLUMN,
) -> list[Lane]:
    """Deal the rows into lanes, each with its first cards. One statement, which reads `per_lane` rows per lane.

    `parts` gives each lane's key and condition; `totals` what lies in each lane. Lanes known to be empty are not asked.
    """
    dealt: dict[int, list[Card]] = {}
    asked = [
        _as_cards(rows.filter(condition), number)[:per_lane]
        for number, (key, condition) in enumerate(parts)
        if key in totals
    ]
    if asked:
        for number, *values in asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]:
            dealt.setdefault(number, []).append(Card(*values))
    found = []
    for number, (key, _condition) in enumerate(parts):
        cards = sorted(dealt.get(number, ()), key=lambda card: (card.expected_on or dt.date.max, card.pk))
        found.append(Lane(key, totals.get(key, Volume()), cards))
    return found


def more_cards(rows: OpportunityQuerySet, *, after: int, per_lane: int = CARDS_PER_COLUMN) -> list[Card]:
    """The next cards of one lane, `after` so many."""
    return [Card(*values[1:]) for values in _as_cards(rows, 0)[after : after + per_lane]]


def board(
    rows: OpportunityQuerySet,
    stages: Sequence[Stage],
    *,
    win_rates: Mapping[int, Decimal],
    per_lane: int = CARDS_PER_COLUMN,
) -> list[Lane]:
    """Open rows by stage of one process, keyed by stage id. Two statements."""
    inside = rows.filter(process_id=stages[0].process_id) if stages else rows.none()
    totals = {key[0]: volume for key, volume in volumes(inside, "stage_id", win_rates=win_rates).items()}
    parts = [(stage.pk, Q(stage_id=stage.pk)) for stage in stages]
    return lanes(parts, inside, totals=totals, per_lane=per_lane)


OVERDUE, LATER, NO_DATE = "overdue", "later", "no_date"


def month_of(day: dt.date | None, *, today: dt.date, months: int) -> dt.date | str:
    """The forecast lane of an expected date: overdue, the first of a month, later, or no date."""
    if day is None:
        return NO_DATE
    if day < today:
        return OVERDUE
    month = day.replace(day=1)
    return month if month < add_months(today, months) else LATER


def month_parts(*, today: dt.date, months: int) -> list[tuple[dt.date | str, Q]]:
    """Lanes of the forecast with their conditions: overdue, so many months, later, no date."""
    parts: list[tuple[dt.date | str, Q]] = [(OVERDUE, Q(expected_on__lt=today))]
    for number in range(months):
        first = add_months(today, number)
        inside = Q(expected_on__gte=max(first, today), expected_on__lt=add_months(first, 1))
        parts.append((first, inside))
    parts.append((LATER, Q(expected_on__gte=add_months(today, months))))
    parts.append((NO_DATE, Q(expected_on__isnull=True)))
    return parts


def months_by_stage(
    rows: OpportunityQuerySet, *, today: dt.date, months: int, win_rates: Mapping[int, Decimal]
) -> dict[tuple[dt.date | str, int], Volume]:
    """Forecast: what is expected in each month, by stage. One statement; the days are folded into months here."""
    folded: dict[tuple[dt.date | str, int], Volume] = {}
    for (day, stage_id), volume in volumes(rows, "expected_on", "stage_id", win_rates=win_rates).items():
        key = (month_of(day, today=today, months=months), stage_id)
        folded[key] = folded.get(key, Volume()) + volume
    return folded


def starred_among(actor: Actor, opportunity_ids: Iterable[int]) -> set[int]:
    """Which of these the actor follows."""
    found = Star.objects.filter(user_id=actor.pk, opportunity_id__in=list(opportunity_ids))
    return set(found.values_list("opportunity_id", flat=True))
