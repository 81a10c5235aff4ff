"""Cards: opportunities by columns, a bounded number of each, whatever lies in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, Q, Value
from django.db.models.functions import Coalesce, NullIf, TruncDate, TruncMonth

from loudou.pipeline.models import Opportunity
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.models.process import Stage
from loudou.pipeline.selectors.narrowing import add_months
from loudou.pipeline.selectors.opportunities import starred_by
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
    entered_on: dt.date
    """The day it entered its stage, in the active time zone."""
    next_step: str
    next_step_on: dt.date | None
    priority: int
    probability: Decimal | None
    version: int
    is_starred: bool
    """Whether the reader follows it."""


_FIELDS = (
    "pk", "subject", "customer_label", "amount", "currency", "amount_base", "expected_on", "owner_id", "owner__name",
    "stage_id", "entered_on", "next_step", "next_step_on", "priority", "probability", "version", "is_starred",
)  # fmt: skip


_SOONEST = ("expected_on", "pk")
"""Soonest expected date first; PostgreSQL puts missing dates last."""


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


def _as_cards(rows: OpportunityQuerySet, actor: Actor) -> Any:
    """Select what a card shows."""
    label = Coalesce(NullIf("customer__short_name", Value("")), "customer__name")
    seen = rows.annotate(
        customer_label=label, entered_on=TruncDate("stage_entered_at"), is_starred=starred_by(actor)
    )  # fmt: skip
    return seen.order_by().values_list(*_FIELDS)


def lanes(
    parts: Sequence[tuple[Any, Q]],
    rows: OpportunityQuerySet,
    *,
    actor: Actor,
    totals: Mapping[Any, Volume],
    key_of: Callable[[Card], Any],
    per_lane: int = CARDS_PER_COLUMN,
) -> list[Lane]:
    """Deal the rows into lanes, each with its first cards, as the actor sees them. One statement.

    `parts` gives each lane's key and condition, `totals` what lies in each lane, `key_of` the lane of a card. When all
    rows fit on the page they are read at once; otherwise each lane that holds something gives its first `per_lane`.
    """
    held = [(key, condition) for key, condition in parts if key in totals]
    if not held:
        return [Lane(key) for key, _condition in parts]
    if sum(totals[key].count for key, _condition in held) > per_lane * len(parts):
        # The lanes choose by index alone; what a card shows is joined to the chosen ones together.
        first, *others = (
            rows.filter(condition).order_by(*_SOONEST).values("pk")[:per_lane] for _key, condition in held
        )
        chosen = first.union(*others, all=True) if others else first
        rows = Opportunity.objects.filter(pk__in=chosen)
    dealt: dict[Any, list[Card]] = {}
    for values in _as_cards(rows, actor):
        card = Card(*values)
        dealt.setdefault(key_of(card), []).append(card)
    for cards in dealt.values():
        cards.sort(key=lambda card: (card.expected_on or dt.date.max, card.pk))
    return [Lane(key, totals.get(key, Volume()), dealt.get(key, [])[:per_lane]) for key, _condition in parts]


def more_cards(rows: OpportunityQuerySet, *, actor: Actor, after: int, per_lane: int = CARDS_PER_COLUMN) -> list[Card]:
    """The next cards of one lane, `after` so many."""
    return [Card(*values) for values in _as_cards(rows, actor).order_by(*_SOONEST)[after : after + per_lane]]


def board(
    rows: OpportunityQuerySet,
    stages: Sequence[Stage],
    *,
    actor: Actor,
    win_rates: Mapping[int, Decimal],
    per_lane: int = CARDS_PER_COLUMN,
) -> list[Lane]:
    """Open rows by stage of one process, keyed by stage id. Two statements."""
    inside = rows.filter(process_id=stages[0].process_id) if stages else rows.none()
    totals = {key[0]: volume for key, volume in volumes(inside, "stage_id", win_rates=win_rates).items()}
    parts = [(stage.pk, Q(stage_id=stage.pk)) for stage in stages]
    return lanes(parts, inside, actor=actor, totals=totals, key_of=lambda card: card.stage_id, per_lane=per_lane)


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
    has_passed = ExpressionWrapper(Q(expected_on__lt=today), output_field=BooleanField(null=True))
    grouped = volumes(
        rows.annotate(month=TruncMonth("expected_on"), has_passed=has_passed),
        "month", "has_passed", "stage_id", win_rates=win_rates,
    )  # fmt: skip
    found: dict[tuple[dt.date | str, int], Volume] = {}
    for (month, is_late, stage_id), volume in grouped.items():
        lane = OVERDUE if is_late else month_of(month and max(month, today), today=today, months=months)
        found[lane, stage_id] = found.get((lane, stage_id), Volume()) + volume
    return found
