"""Preparing a handover: the rule, the choices that differ from it, and notes for the successors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import TypedDict, Unpack

from django.utils.translation import gettext_lazy as _

from loudou.core.actors import Actor
from loudou.core.rates import RateTable, company
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.core.verbs import check_version, lock, service, validate
from loudou.handover.choices import HandoverPlanState, Kind, SplitBy
from loudou.handover.errors import DayInFuture, PlanClosed, SuccessorIsLeaver, SuccessorNotAvailable
from loudou.handover.models import HandoverPlan, PlanChoice, PlanNote
from loudou.handover.selectors.preview import may_prepare, things_of
from loudou.handover.things import Thing
from loudou.people.models import User

_SEVERAL = _("Choose at least two people.")


class PlanFacts(TypedDict, total=False):
    """What is said about a handover before it is carried out."""

    keeps_access: bool
    last_day: dt.date
    reason: str
    successor_id: int | None
    note: str


@service("people.hand_over")
def prepare_handover(actor: Actor, leaver_id: int, *, today: dt.date, **facts: Unpack[PlanFacts]) -> HandoverPlan:
    """Begin to prepare a handover, or go on with the one that is being prepared for this person.

    Managers may for the people of the teams they lead. Raises NotVisible, InvalidInput, DayInFuture,
    SuccessorIsLeaver, SuccessorNotAvailable.
    """
    leaver = lock(User.objects.visible_to(actor), leaver_id)
    if not may_prepare(actor, leaver.pk):
        raise NotVisible
    plan = HandoverPlan.objects.filter(leaver=leaver, state=HandoverPlanState.OPEN).select_for_update().first()
    plan = plan or HandoverPlan(leaver=leaver, last_day=today, prepared_by_id=actor.pk)
    return _written(plan, facts, today=today)


@service("people.hand_over")
def change_plan(
    actor: Actor, plan_id: int, *, today: dt.date, version: int | None = None, **facts: Unpack[PlanFacts]
) -> HandoverPlan:
    """Change the rule, the day, the reason or the note.

    Raises what `prepare_handover` raises, StaleWrite, PlanClosed.
    """
    return _written(open_plan(actor, plan_id, version), facts, today=today)


@service("people.hand_over")
def drop_plan(actor: Actor, plan_id: int, *, version: int | None = None) -> HandoverPlan:
    """Give up a prepared handover; nothing was moved. Raises NotVisible, StaleWrite, PlanClosed."""
    plan = open_plan(actor, plan_id, version)
    plan.state = HandoverPlanState.DROPPED
    plan.save_changes("state")
    return plan


@service("people.hand_over")
def choose_successor(
    actor: Actor, plan_id: int, *, things: Collection[tuple[str, int]], successor_id: int | None
) -> HandoverPlan:
    """Give single things (kind and id) to somebody else than the rule says; None: the rule holds for them again.

    What hangs on a customer goes with it. Things that the person does not hold are passed over.
    Raises NotVisible, PlanClosed, SuccessorIsLeaver, SuccessorNotAvailable.
    """
    plan = open_plan(actor, plan_id)
    _check_successor(plan, successor_id)
    held = {(thing.kind, thing.pk) for thing in things_of(actor, plan.leaver_id, leaves=not plan.keeps_access)}
    wanted = {(Kind(kind), pk) for kind, pk in things if kind in Kind.values} & held
    _choose(plan, dict.fromkeys(wanted, successor_id))
    return plan


@service("people.hand_over")
def split_evenly(actor: Actor, plan_id: int, *, successor_ids: Sequence[int], by: str, on: dt.date) -> HandoverPlan:
    """Give the customers to several people so that each gets equally many, or equally much open amount.

    The largest customers are dealt out first, each to whoever has least so far; choices made before are replaced.
    Amounts count in the base currency at the rates of a day. What belongs to no customer goes by the rule, which
    becomes the first of them where there is none. Raises NotVisible, PlanClosed, InvalidInput (at `successors`),
    SuccessorIsLeaver, SuccessorNotAvailable, ExchangeRateMissing.
    """
    plan = open_plan(actor, plan_id)
    people = list(dict.fromkeys(successor_ids))
    if len(people) < 2:  # noqa: PLR2004
        raise InvalidInput({"successors": [_SEVERAL]})
    for pk in people:
        _check_successor(plan, pk)
    things = things_of(actor, plan.leaver_id, leaves=not plan.keeps_access)
    _choose(plan, {(Kind.CUSTOMER, pk): user for pk, user in dealt(things, people, by=SplitBy(by), on=on).items()})
    if plan.successor_id is None and not plan.keeps_access:
        plan.successor_id = people[0]
        plan.save_changes("successor")
    return plan


@service("people.hand_over")
def note_customer(actor: Actor, plan_id: int, *, customer_id: int, text: str) -> HandoverPlan:
    """Write down what the successor should know about a customer; an empty text takes the note away.

    Raises NotVisible, PlanClosed, InvalidInput.
    """
    plan = open_plan(actor, plan_id)
    if not any(t.kind == Kind.CUSTOMER and t.pk == customer_id for t in things_of(actor, plan.leaver_id)):
        raise InvalidInput({"text": [_("This customer is not among what is handed over.")]})
    note = PlanNote.objects.filter(plan=plan, customer_id=customer_id).first()
    text = text.strip()
    if not text:
        PlanNote.objects.filter(plan=plan, customer_id=customer_id).delete()
        return plan
    note = note or PlanNote(plan=plan, customer_id=customer_id)
    note.text = text
    validate(note)
    note.save()
    return plan


def open_plan(actor: Actor, plan_id: int, version: int | None = None) -> HandoverPlan:
    """Lock a plan that may still be changed. Raises NotVisible, StaleWrite, PlanClosed."""
    plan = lock(HandoverPlan.objects.visible_to(actor).select_related("leaver"), plan_id)
    if not plan.is_open:
        raise PlanClosed(state=plan.get_state_display())
    check_version(plan, version)
    return plan


def dealt(things: Sequence[Thing], people: Sequence[int], *, by: SplitBy, on: dt.date) -> dict[int, int]:
    """Deal customers out to people: the largest first, each to whoever has least; returns people by customer."""
    worth = {thing.pk: Decimal(0) for thing in things if thing.kind == Kind.CUSTOMER}
    sales = [t for t in things if t.kind == Kind.OPPORTUNITY and t.amount is not None and t.customer_id in worth]
    rates = RateTable.load({sale.currency for sale in sales} | {company().base_currency}) if sales else None
    for sale in sales:
        assert rates is not None and sale.amount is not None and sale.customer_id is not None  # noqa: S101
        worth[sale.customer_id] += sale.amount * rates.rate(sale.currency, on)
    got = {pk: (0, Decimal(0)) for pk in people}
    found: dict[int, int] = {}
    for customer, amount in sorted(worth.items(), key=lambda each: (-each[1], each[0])):
        order = (lambda pk: (got[pk][1], got[pk][0])) if by == SplitBy.AMOUNT else (lambda pk: got[pk])
        taker = min(people, key=order)
        got[taker] = (got[taker][0] + 1, got[taker][1] + amount)
        found[customer] = taker
    return found


def _choose(plan: HandoverPlan, choices: Mapping[tuple[Kind, int], int | None]) -> None:
    """Write choices; None takes one back. The plan's version counts up: what was looked at before is old."""
    if not choices:
        return
    named: dict[Kind, list[int]] = {}
    for kind, pk in choices:
        named.setdefault(kind, []).append(pk)
    for kind, pks in named.items():
        PlanChoice.objects.filter(plan=plan, kind=kind, object_id__in=pks).delete()
    PlanChoice.objects.bulk_create(
        PlanChoice(plan=plan, kind=kind, object_id=pk, successor_id=successor)
        for (kind, pk), successor in choices.items()
        if successor is not None
    )
    plan.save_changes()


def _written(plan: HandoverPlan, facts: PlanFacts, *, today: dt.date) -> HandoverPlan:
    given = {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}
    if facts.get("last_day", today) > today:
        raise DayInFuture
    _check_successor(plan, facts.get("successor_id"))
    changed = [name for name, value in given.items() if getattr(plan, name) != value]
    for name in changed:
        setattr(plan, name, given[name])
    if plan.pk is None:
        validate(plan)
        plan.save()
    elif changed:
        validate(plan)
        plan.save_changes(*(name.removesuffix("_id") for name in changed))
    return plan


def _check_successor(plan: HandoverPlan, successor_id: int | None) -> None:
    if successor_id is None:
        return
    if successor_id == plan.leaver_id:
        raise SuccessorIsLeaver(name=str(plan.leaver))
    user = User.objects.filter(pk=successor_id).first()
    if user is None or not user.is_active:
        raise SuccessorNotAvailable(name=str(user or successor_id))
