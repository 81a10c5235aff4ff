"""Cards: opportunities by columns, a bounded number of each, whatever lies in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce, NullIf

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


def _as_cards(rows: OpportunityQuerySet) -> Any:
    """Select what a card shows, soonest expected date first (PostgreSQL puts missing dates last)."""
    label = Coalesce(NullIf("customer__short_name", Value("")), "customer__name")
    return rows.annotate(customer_label=label).order_by("expected_on", "pk").values_list(*_FIELDS)


def lanes(
    parts: Sequence[tuple[Any, Q]],
    rows: OpportunityQuerySet,
    *,
    totals: Mapping[Any, Volume],
    key_of: Callable[[Card], Any],
    per_lane: int = CARDS_PER_COLUMN,
) -> list[Lane]:
    """Deal the rows into lanes, each with its first cards. One statement.

    `parts` gives each lane's key and condition, `totals` what lies in each lane, `key_of` the lane of a card. When all
    rows fit on the page they are read at once; otherwise each lane that holds something gives its first `per_lane`.
    """
    held = [(key, condition) for key, condition in parts if key in totals]
    if not held:
        return [Lane(key) for key, _condition in parts]
    if sum(totals[key].count for key, _condition in held) <= per_lane * len(parts):
        found = list(_as_cards(rows))
    else:
        first, *others = (_as_cards(rows.filter(condition))[:per_lane] for _key, condition in held)
        found = list(first.union(*others, all=True)) if others else list(first)
    dealt: dict[Any, list[Card]] = {}
    for values in found:
        card = Card(*values)
        dealt.setdefault(key_of(card), []).append(card)
    for cards in dealt.values():
        cards.sort(key=lambda card: (card.expected_on or dt.date.max, card.pk))
    return [Lane(key, totals.get(key, Volume()), dealt.get(key, [])[:per_lane]) for key, _condition in parts]


def more_cards(rows: OpportunityQuerySet, *, after: int, per_lane: int = CARDS_PER_COLUMN) -> list[Card]:
    """The next cards of one lane, `after` so many."""
    return [Card(*values) for values in _as_cards(rows)[after : after + per_lane]]


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
    return lanes(parts, inside, totals=totals, key_of=lambda card: card.stage_id, per_lane=per_lane)


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
    """Forecast: what is expected in each month, by stage. One statement."""
    parts = month_parts(today=today, months=months)
    lane = Case(*(When(condition, then=Value(number)) for number, (_key, condition) in enumerate(parts)))
    by_lane = volumes(rows.annotate(lane=lane), "lane", "stage_id", win_rates=win_rates)
    return {(parts[number][0], stage_id): volume for (number, stage_id), volume in by_lane.items()}


def starred_among(actor: Actor, opportunity_ids: Iterable[int]) -> set[int]:
    """Which of these the actor follows."""
    found = Star.objects.filter(user_id=actor.pk, opportunity_id__in=list(opportunity_ids))
    return set(found.values_list("opportunity_id", flat=True))
