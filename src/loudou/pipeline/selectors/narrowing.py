"""Which opportunities somebody asks for: one set of filters for every view, export and API answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from loudou.core.searchtext import matches
from loudou.people.access import people_under
from loudou.people.models import Membership
from loudou.people.selectors.teams import team_subtree_ids
from loudou.pipeline.choices import Changed, ChangeKind, ExpectedRange, NextStepDue, Scene, State
from loudou.pipeline.models import Opportunity, OpportunityLine, OpportunityMember, StageChange, Star
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.selectors.history import end_of_day, open_at

if TYPE_CHECKING:
    from loudou.core.actors import Actor
    from loudou.people.models import User

NOT_SET = "none"
"""The value of a kind filter that asks for rows without that kind."""

NOBODY = 0
"""The owner id that asks for rows without an owner."""

NO_REASON = 0
"""The loss reason's id that asks for rows without one."""

PLACES = ("country", "province", "city")
"""What rows are narrowed by of their customer's address."""

MONTHS_OF_A_QUARTER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """The filters of the pipeline. Dates are inclusive on both ends; amounts are in base currency.

    `open_on` asks for what was open at the end of a day, and `stages_then` for the stages it was in; all other filters
    go by what is true now.
    """

    text: str = ""
    states: tuple[str, ...] = (State.OPEN.value,)
    process: int | None = None
    stages: tuple[int, ...] = ()
    owners: tuple[int, ...] = ()
    team: int | None = None
    customer: int | None = None
    product: int | None = None
    product_line: int | None = None
    competitor: int | None = None
    source: str = ""
    country: str = ""
    province: str = ""
    city: str = ""
    loss_reasons: tuple[int, ...] = ()
    priorities: tuple[int, ...] = ()
    likelihood: str = ""
    visibility: str = ""
    has_budget: bool | None = None
    reach_kind: str = ""
    purchase_kind: str = ""
    expected: str = ""
    expected_from: dt.date | None = None
    expected_until: dt.date | None = None
    amount_from: Decimal | None = None
    amount_until: Decimal | None = None
    next_step: str = ""
    opened_from: dt.date | None = None
    opened_until: dt.date | None = None
    closed_from: dt.date | None = None
    closed_until: dt.date | None = None
    open_on: dt.date | None = None
    stages_then: tuple[int, ...] = ()
    is_stuck: bool = False
    changed: str = ""
    scene: str = ""

    @property
    def period(self) -> str:
        """The date of which the filters name a beginning or an end, the first of them; '' when they name none."""
        ranges = {
            "expected_on": (self.expected_from, self.expected_until),
            "opened_on": (self.opened_from, self.opened_until),
            "closed_at": (self.closed_from, self.closed_until),
        }
        return next((name for name, ends in ranges.items() if any(ends)), "")

    def only_open(self) -> Narrowing:
        """Return the same filters for open rows: board, funnel and forecast never read the closed past."""
        return replace(self, states=(State.OPEN.value,), closed_from=None, closed_until=None)

    def in_any_state(self) -> Narrowing:
        """Return the same filters without a state."""
        return replace(self, states=())


def narrow(
    rows: OpportunityQuerySet, narrowing: Narrowing, *, actor: Actor, at: dt.datetime, fiscal_month: int = 1
) -> OpportunityQuerySet:
    """Keep the rows that the filters ask for; `rows` is already what the actor may see.

    `fiscal_month` is the first month of the fiscal year, which says where quarters begin.
    """
    today = timezone.localdate(at)
    condition = (
        _place(narrowing)
        & _people(narrowing, actor, today)
        & _goods(narrowing)
        & _origin(narrowing)
        & _kinds(narrowing)
        & _dates(narrowing, today, fiscal_month)
        & _amounts(narrowing)
    )
    if narrowing.is_stuck:
        condition &= stuck(today=today)
    if narrowing.open_on:
        condition &= open_at(end_of_day(narrowing.open_on), stages=narrowing.stages_then)
    if narrowing.changed:
        condition &= changed(narrowing.changed, today=today)
    if narrowing.text.strip():
        own = actor.reach(rows.model._meta.label_lower).is_one_person
        condition &= matches(narrowing.text, among_few=own)  # the document holds the customer's names too
    return rows.filter(condition)


def stuck(*, today: dt.date) -> Q:
    """Condition: in the stage for longer than the stage should take."""
    midnight = timezone.make_aware(dt.datetime.combine(today, dt.time.min))
    allowed = ExpressionWrapper(F("stage__expected_days") * dt.timedelta(days=1), output_field=DurationField())
    return Q(stage_entered_at__lt=Value(midnight) - allowed)


_MOVES: Mapping[str, tuple[str, ...]] = {
    Changed.FORWARD: (ChangeKind.ADVANCED, ChangeKind.SKIPPED),
    Changed.BACK: (ChangeKind.MOVED_BACK,),
}


def changed(name: str, *, today: dt.date) -> Q:
    """Condition: the history has a row of that kind since `changed_since`."""
    recent = StageChange.objects.filter(at__gte=changed_since(name, today=today))
    if kinds := _MOVES.get(name):
        recent = recent.filter(kind__in=kinds)
    return Q(pk__in=recent.order_by().values("opportunity_id"))


def changed_since(name: str, *, today: dt.date) -> dt.datetime:
    """The moment from which changes count: the beginning of yesterday, or of the day a week ago."""
    days = 7 if name in {Changed.WEEK, *_MOVES} else 1
    return timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=days), dt.time.min))


def expected_range(name: str, *, today: dt.date, fiscal_month: int = 1) -> Q:
    """Condition of a quick range of the expected date. Overdue means open and before today."""
    month = today.replace(day=1)
    if name == ExpectedRange.OVERDUE:
        return Q(expected_on__lt=today, state=State.OPEN)
    if name == ExpectedRange.NO_DATE:
        return Q(expected_on__isnull=True)
    if name == ExpectedRange.THIS_MONTH:
        return Q(expected_on__gte=month, expected_on__lt=add_months(month, 1))
    if name == ExpectedRange.NEXT_MONTH:
        return Q(expected_on__gte=add_months(month, 1), expected_on__lt=add_months(month, 2))
    if name == ExpectedRange.THIS_QUARTER:
        first = add_months(month, -((month.month - fiscal_month) % MONTHS_OF_A_QUARTER))
        return Q(expected_on__gte=first, expected_on__lt=add_months(first, MONTHS_OF_A_QUARTER))
    return Q()


def add_months(first: dt.date, months: int) -> dt.date:
    """Return the first day of the month that lies so many months after the month of `first`."""
    count = first.year * 12 + first.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)


def last_day(month: dt.date) -> dt.date:
    """Return the last day of a date's month."""
    return add_months(month, 1) - dt.timedelta(days=1)


def last_day_of_week(day: dt.date) -> dt.date:
    """Return the Sunday of a date's week; weeks begin on Monday."""
    return day + dt.timedelta(days=6 - day.weekday())


def _place(narrowing: Narrowing) -> Q:
    condition = Q()
    if narrowing.states:
        condition &= Q(state=narrowing.states[0]) if len(narrowing.states) == 1 else Q(state__in=narrowing.states)
    if narrowing.process:
        condition &= Q(process_id=narrowing.process)
    if narrowing.stages:
        condition &= Q(stage_id__in=narrowing.stages)
    return condition


def _people(narrowing: Narrowing, actor: Actor, today: dt.date) -> Q:
    condition = Q()
    if narrowing.owners:
        wanted = Q(owner_id__in=[pk for pk in narrowing.owners if pk != NOBODY])
        condition &= wanted | Q(owner_id__isnull=True) if NOBODY in narrowing.owners else wanted
    if narrowing.team:
        # As numbers: of a subquery the database cannot tell how few rows its people have, and reads all.
        condition &= Q(owner_id__in=list(members_of_team(narrowing.team, today=today)))
    match narrowing.scene:
        case Scene.MINE:
            condition &= Q(owner_id=actor.pk)
        case Scene.TEAM:
            condition &= Q(owner_id__in=_people_led_by(actor, today=today))
        case Scene.MEMBER:
            condition &= Q(pk__in=OpportunityMember.objects.filter(user_id=actor.pk).values("opportunity_id"))
        case Scene.STARRED:
            condition &= Q(pk__in=Star.objects.filter(user_id=actor.pk).values("opportunity_id"))
    return condition


def _current(today: dt.date) -> Q:
    return Q(started_on__lte=today) & (Q(ended_on__isnull=True) | Q(ended_on__gt=today))


def members_of_team(team_id: int, *, today: dt.date) -> QuerySet[Membership, int]:
    """Ids of the people who belong to a team or to a team below it today, as a subquery."""
    return _members(team_subtree_ids(team_id), today)


def _people_led_by(actor: Actor, *, today: dt.date) -> Collection[int] | QuerySet[Membership, int]:
    """The people in the actor's teams: those the actor leads with all below, else those the actor is in."""
    led = people_under(cast("User", actor), today=today)
    if len(led) > 1:
        return led
    own = Membership.objects.filter(_current(today), user_id=actor.pk).order_by().values("team_id")
    return _members(own, today)


def _members(teams: Collection[int] | QuerySet[Any, Any], today: dt.date) -> QuerySet[Membership, int]:
    return Membership.objects.filter(_current(today), team_id__in=teams).order_by().values_list("user_id", flat=True)


def _goods(narrowing: Narrowing) -> Q:
    condition = Q()
    if narrowing.customer:
        condition &= Q(customer_id=narrowing.customer)
    lines = OpportunityLine.objects.filter(opportunity_id=OuterRef("pk"))
    if narrowing.product:
        condition &= Q(Exists(lines.filter(product_id=narrowing.product)))
    if narrowing.product_line:
        condition &= Q(Exists(lines.filter(product__line_id=narrowing.product_line)))
    if narrowing.competitor:
        through = Opportunity.competitors.through.objects.filter(opportunity_id=OuterRef("pk"))
        condition &= Q(Exists(through.filter(competitor_id=narrowing.competitor)))
    return condition


def _origin(narrowing: Narrowing) -> Q:
    """Where the row comes from: its source, and the place of its customer; nowhere when there is no customer."""
    condition = Q()
    if narrowing.source:
        condition &= Q(source="" if narrowing.source == NOT_SET else narrowing.source)
    for place in PLACES:
        value = getattr(narrowing, place)
        if value == NOT_SET:
            condition &= Q(customer__isnull=True) | Q(**{f"customer__{place}": ""})
        elif value:
            condition &= Q(**{f"customer__{place}": value})
    return condition


def _kinds(narrowing: Narrowing) -> Q:
    condition = Q()
    if narrowing.loss_reasons:
        wanted = Q(loss_reason_id__in=[pk for pk in narrowing.loss_reasons if pk != NO_REASON])
        condition &= wanted | Q(loss_reason__isnull=True) if NO_REASON in narrowing.loss_reasons else wanted
    if narrowing.priorities:
        condition &= Q(priority__in=narrowing.priorities)
    for field in ("likelihood", "visibility", "reach_kind", "purchase_kind"):
        if value := getattr(narrowing, field):
            condition &= Q(**{field: "" if value == NOT_SET else value})
    if narrowing.has_budget is not None:
        condition &= Q(budget_confirmed_on__isnull=not narrowing.has_budget)
    return condition


def _dates(narrowing: Narrowing, today: dt.date, fiscal_month: int) -> Q:
    condition = expected_range(narrowing.expected, today=today, fiscal_month=fiscal_month)
    for field in ("expected", "opened"):
        if first := getattr(narrowing, f"{field}_from"):
            condition &= Q(**{f"{field}_on__gte": first})
        if last := getattr(narrowing, f"{field}_until"):
            condition &= Q(**{f"{field}_on__lte": last})
    if narrowing.closed_from:
        condition &= Q(closed_at__gte=timezone.make_aware(dt.datetime.combine(narrowing.closed_from, dt.time.min)))
    if narrowing.closed_until:
        condition &= Q(closed_at__lt=end_of_day(narrowing.closed_until))
    match narrowing.next_step:
        case NextStepDue.OVERDUE:
            condition &= Q(next_step_on__lt=today)
        case NextStepDue.TODAY:
            condition &= Q(next_step_on=today)
        case NextStepDue.THIS_WEEK:
            condition &= Q(next_step_on__gt=today, next_step_on__lte=last_day_of_week(today))
        case NextStepDue.MISSING:
            condition &= Q(next_step="", next_step_on__isnull=True)
    return condition


def _amounts(narrowing: Narrowing) -> Q:
    condition = Q()
    if narrowing.amount_from is not None:
        condition &= Q(amount_base__gte=narrowing.amount_from)
    if narrowing.amount_until is not None:
        condition &= Q(amount_base__lte=narrowing.amount_until)
    return condition
