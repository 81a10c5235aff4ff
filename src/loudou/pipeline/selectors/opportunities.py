"""Opportunities one by one and in lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, DecimalField, Exists, F, OuterRef, Prefetch, Sum, When
from django.db.models.functions import Coalesce, JSONObject
from django.db.models.query import ModelIterable
from django.utils import timezone

from loudou.core.models import ExchangeRate
from loudou.pipeline.choices import State
from loudou.pipeline.models import (
    CriterionCheck,
    Opportunity,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityLine,
    OpportunityMember,
    Star,
)
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.selectors.sales_setup import SalesSetup
from loudou.pipeline.selectors.volume import ZERO, Volume, volumes

if TYPE_CHECKING:
    from loudou.core.actors import Actor

MOST_SUMMED = 50_000
"""Rows a list sums at most; beyond that it says so instead of reading on."""
MOST_FOUND = 2_000
"""The same for a list that a text search narrows, whose rows lie far apart in the table, unless somebody asks."""
_WEIGHT = DecimalField(max_digits=24, decimal_places=8)


_ALL_LISTED = tuple(
    field.name for field in Opportunity._meta.concrete_fields if field.name not in ("notes", "search_text")
)
_ALWAYS_LISTED = (
    "subject", "stage", "customer", "customer__name", "customer__short_name", "owner", "owner__name", "owner__username",
)  # fmt: skip


class _WithKeptStages(ModelIterable):  # type: ignore[type-arg]
    """Rows with their stages and processes, which are kept and need no join."""

    def __iter__(self) -> Iterator[Opportunity]:
        stages = SalesSetup.load().stages
        for row in super().__iter__():
            if (stage := stages.get(row.stage_id)) is not None:  # a stage may be added in between; it loads itself then
                row.stage = stage
            yield row


def opportunity_rows(actor: Actor, *, fields: Iterable[str] = _ALL_LISTED) -> OpportunityQuerySet:
    """Opportunities the actor may see, with what a list shows of them: customer, owner, stage, star. No order.

    With `fields`, no more of the row is read than these, the subject and the stage.
    """
    rows = Opportunity.objects.visible_to(actor)
    joined = rows.select_related("customer", "owner").only(*fields, *_ALWAYS_LISTED)
    listed = joined.annotate(is_starred=starred_by(actor)).order_by()
    listed._iterable_class = _WithKeptStages
    return listed


def starred_by(actor: Actor) -> Exists:
    """Whether the actor follows an opportunity, to annotate rows with."""
    return Exists(Star.objects.filter(user_id=actor.pk, opportunity_id=OuterRef("pk")))


def visible_opportunities(actor: Actor) -> OpportunityQuerySet:
    """Opportunities the actor may see, bare: for counting, summing and dealing into lanes."""
    return Opportunity.objects.visible_to(actor).order_by()


def opportunity_detail(actor: Actor, opportunity_id: int) -> Opportunity:
    """One opportunity with its lines, team, people, competitors and met criteria. Raises NotVisible. Six statements."""
    rows = _with_details(actor).prefetch_related(
        Prefetch("people", OpportunityContact.objects.select_related("contact").order_by("pk")), "competitors"
    )
    return rows.get_visible(actor, opportunity_id)


def opportunity_for_page(actor: Actor, opportunity_id: int) -> Opportunity:
    """The same for the page, which needs of people and competitors only what they are called. Four statements.

    `contact_names` holds {"id", "name"} of each contact, `competitor_names` the names. Raises NotVisible.
    """
    people = OpportunityContact.objects.filter(opportunity=OuterRef("pk")).order_by("pk")
    competitors = OpportunityCompetitor.objects.filter(opportunity=OuterRef("pk")).order_by("competitor__name")
    rows = _with_details(actor).annotate(
        contact_names=ArraySubquery(people.values(json=JSONObject(id="contact_id", name="contact__name"))),
        competitor_names=ArraySubquery(competitors.values("competitor__name")),
    )
    return rows.get_visible(actor, opportunity_id)


def _with_details(actor: Actor) -> OpportunityQuerySet:
    rows = Opportunity.objects.visible_to(actor).defer("search_text").annotate(is_starred=starred_by(actor))
    rows = rows.select_related("customer", "owner", "process", "stage", "loss_reason", "lost_to")
    return rows.prefetch_related(
        Prefetch("lines", OpportunityLine.objects.select_related("product")),
        Prefetch("members", OpportunityMember.objects.select_related("user").order_by("-split", "pk")),
        Prefetch("criterion_checks", CriterionCheck.objects.select_related("met_by")),
    )


def listed_volume(
    rows: OpportunityQuerySet, *, win_rates: Mapping[int, Decimal], only_open: bool, most: int = MOST_SUMMED
) -> Volume | None:
    """Count, sum and weighted sum of a filtered list; None when a list with closed rows has more than `most`.

    One statement. Open rows are a bounded working set and are always summed; closed ones weigh nothing.
    """
    if only_open:
        return volumes(rows, win_rates=win_rates).get((), Volume())
    chance = Coalesce("probability", "stage__prior_win_rate")
    weight = Case(When(state=State.OPEN, then=F("amount_base") * chance), output_field=_WEIGHT)
    bounded = rows.order_by().annotate(weight=weight).values("pk", "amount_base", "weight")[: most + 1]
    found = bounded.aggregate(rows=Count("pk"), worth=Sum("amount_base"), weighted=Sum("weight"))
    if found["rows"] > most:
        return None
    return Volume(found["rows"], found["worth"] or ZERO, found["weighted"] or ZERO)


def is_starred(actor: Actor, opportunity_id: int) -> bool:
    """Whether the actor follows an opportunity."""
    return Star.objects.filter(user_id=actor.pk, opportunity_id=opportunity_id).exists()


def days_in_stage(row: Opportunity, *, today: dt.date) -> int:
    """Whole days since the opportunity entered its stage; for a closed one, up to its closing."""
    until = timezone.localdate(row.closed_at) if row.closed_at else today
    return max((until - timezone.localdate(row.stage_entered_at)).days, 0)


def weighted(row: Opportunity, win_rates: Mapping[int, Decimal]) -> Decimal | None:
    """Base amount x the rep's probability, else the stage's prior win rate; None when not open or without amount."""
    if row.amount_base is None or row.state != State.OPEN:
        return None
    chance = row.probability if row.probability is not None else win_rates[row.stage_id]
    return row.amount_base * chance


def rate_behind(row: Opportunity, *, today: dt.date) -> ExchangeRate | None:
    """The dated rate that converted the amount: today's for an open row, that of the closing day for a closed one."""
    on = timezone.localdate(row.closed_at) if row.closed_at else today
    return ExchangeRate.objects.filter(currency=row.currency, on__lte=on).order_by("-on").first()


def customer_amounts(actor: Actor, customer_id: int) -> dict[str, Volume]:
    """What the actor may see of a customer's opportunities, by state: count and sums. One statement."""
    rows = Opportunity.objects.visible_to(actor).filter(customer_id=customer_id).order_by()
    counted = rows.values("state").annotate(rows=Count("*"), worth=Sum("amount_base"))
    return {group["state"]: Volume(group["rows"], group["worth"] or ZERO) for group in counted}
