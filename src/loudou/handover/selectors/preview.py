"""What a prepared handover would do: where each thing goes, what each successor gets, what stands against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from loudou.core.actors import Actor
from loudou.core.refusals import BusinessRefusal
from loudou.exchange.models import ImportJob
from loudou.handover.belongings import BELONGINGS
from loudou.handover.choices import Kind
from loudou.handover.errors import (
    ImportRunning,
    LeaverMayMore,
    NothingToHandOver,
    SuccessorCannotHold,
    SuccessorIsLeaver,
    SuccessorMissing,
    SuccessorNotAvailable,
)
from loudou.handover.models import HandoverPlan
from loudou.handover.things import Belonging, Thing
from loudou.people.errors import LastAdministrator, OwnAccount
from loudou.people.models import Membership, User
from loudou.people.permissions import granted
from loudou.people.services.users import is_last_administrator


@dataclass(frozen=True, slots=True)
class Going:
    """A thing and where it goes; None: it stays, or nobody is chosen yet."""

    thing: Thing
    successor_id: int | None
    is_chosen: bool = False
    """Whether somebody chose for this very thing, rather than by the rule or with its customer."""
    note: str = ""


@dataclass(slots=True)
class Share:
    """What one successor gets, or what has no successor yet (`user` None)."""

    user: User | None
    counts: dict[Kind, int] = field(default_factory=dict)
    amounts: dict[str, Decimal] = field(default_factory=dict)
    """Amount of open opportunities by currency."""
    owed: dict[str, Decimal] = field(default_factory=dict)
    """What is still owed on the contracts by currency."""
    steps: int = 0
    """Opportunities with a next step that has a day."""
    overdue_steps: int = 0

    def add(self, thing: Thing, *, today: dt.date) -> None:
        """Count one thing in."""
        self.counts[thing.kind] = self.counts.get(thing.kind, 0) + 1
        if thing.kind == Kind.OPPORTUNITY:
            if thing.amount is not None:
                self.amounts[thing.currency] = self.amounts.get(thing.currency, Decimal(0)) + thing.amount
            if thing.due_on is not None:
                self.steps += 1
                self.overdue_steps += thing.due_on < today
        if thing.owed:
            self.owed[thing.currency] = self.owed.get(thing.currency, Decimal(0)) + thing.owed

    def count(self, kind: str) -> int:
        """How many things of a kind."""
        return self.counts.get(Kind(kind), 0)

    @property
    def total(self) -> int:
        """How many things of all kinds."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that a prepared handover would do."""

    plan: HandoverPlan
    goings: tuple[Going, ...]
    shares: tuple[Share, ...]
    """One for each successor, the largest first; what has none comes last."""
    obstacles: tuple[BusinessRefusal, ...]
    """Everything for which it would be refused."""
    leaves: tuple[Membership, ...]
    """Teams that the person would leave."""
    leaderless: tuple[str, ...]
    """Teams that nobody would lead any more."""

    @property
    def moving(self) -> tuple[Going, ...]:
        """What would change hands."""
        return tuple(going for going in self.goings if going.successor_id is not None)


def may_prepare(actor: Actor, leaver_id: int) -> bool:
    """Whether a handover of this person is the actor's to prepare: of anybody, or of people of the teams they lead."""
    reach = actor.reach(HandoverPlan._meta.label_lower)
    return reach.everything or leaver_id in reach.user_ids


def things_of(actor: Actor, user_id: int, *, leaves: bool = True) -> list[Thing]:
    """Everything that a user holds and the actor sees, kind by kind. A constant number of statements."""
    return [thing for each in kinds_moved(leaves=leaves) for thing in each.find(actor, user_id)]


def kinds_moved(*, leaves: bool) -> tuple[Belonging, ...]:
    """The kinds that a handover moves, when the person leaves or stays."""
    return tuple(each for each in BELONGINGS if leaves or not each.only_when_leaving)


def preview(actor: Actor, plan: HandoverPlan, *, today: dt.date) -> Preview:
    """Say what a plan would do now. A constant number of statements, however much the person holds."""
    leaves = not plan.keeps_access
    things = things_of(actor, plan.leaver_id, leaves=leaves)
    goings = directed(plan, things)
    people = User.objects.get_queryset().in_bulk({going.successor_id for going in goings} - {None})
    memberships = _memberships(plan, today=today) if leaves else []
    return Preview(
        plan=plan,
        goings=goings,
        shares=_shares(goings, people, today=today),
        obstacles=tuple(_obstacles(actor, plan, goings, people)),
        leaves=tuple(memberships),
        leaderless=_leaderless(memberships, today=today),
    )


def directed(plan: HandoverPlan, things: Sequence[Thing]) -> tuple[Going, ...]:
    """Say where each thing goes: as chosen for it, else with its customer, else by the rule. Two statements."""
    choices = {
        (kind, pk): successor for kind, pk, successor in plan.choices.values_list("kind", "object_id", "successor_id")
    }
    notes = dict(plan.notes.values_list("customer_id", "text"))
    own = {thing.pk for thing in things if thing.kind == Kind.CUSTOMER}

    def successor(thing: Thing) -> int | None:
        chosen = choices.get((thing.kind, thing.pk))
        if chosen is None and thing.customer_id in own:
            chosen = choices.get((Kind.CUSTOMER, thing.customer_id))
        return plan.successor_id if chosen is None else chosen

    return tuple(
        Going(
            thing,
            successor(thing),
            is_chosen=(thing.kind, thing.pk) in choices,
            note=notes.get(thing.pk, "") if thing.kind == Kind.CUSTOMER else "",
        )
        for thing in things
    )


def _shares(goings: Iterable[Going], people: Mapping[int, User], *, today: dt.date) -> tuple[Share, ...]:
    found: dict[int | None, Share] = {}
    for going in goings:
        share = found.get(going.successor_id)
        if share is None:
            user = None if going.successor_id is None else people.get(going.successor_id)
            share = found[going.successor_id] = Share(user)
        share.add(going.thing, today=today)
    order = sorted(found.items(), key=lambda each: (each[0] is None, -each[1].total, each[0] or 0))
    return tuple(share for _pk, share in order)


def _obstacles(
    actor: Actor, plan: HandoverPlan, goings: Sequence[Going], people: Mapping[int, User]
) -> list[BusinessRefusal]:
    """Everything that stands against carrying it out, so that nothing is found out only half-way."""
    found: list[BusinessRefusal] = []
    moving: dict[int, set[Kind]] = {}
    for going in goings:
        if going.successor_id is not None:
            moving.setdefault(going.successor_id, set()).add(going.thing.kind)
    missing = sum(going.successor_id is None for going in goings)
    if plan.keeps_access and not moving:
        found.append(NothingToHandOver())
    if not plan.keeps_access and missing:
        found.append(SuccessorMissing(count=missing))
    for pk, kinds in sorted(moving.items()):
        found += _against(plan, pk, people.get(pk), kinds)
    return found if plan.keeps_access else [*found, *_against_leaving(actor, plan.leaver)]


def _against(plan: HandoverPlan, pk: int, user: User | None, kinds: set[Kind]) -> list[BusinessRefusal]:
    if pk == plan.leaver_id:
        return [SuccessorIsLeaver(name=str(user))]
    if user is None or not user.is_active:
        return [SuccessorNotAvailable(name=str(user or pk))]
    may = granted(user.roles)
    lacking = [each.kind.label for each in BELONGINGS if each.kind in kinds and each.needs not in may]
    return [SuccessorCannotHold(name=str(user), what=", ".join(map(str, lacking)))] if lacking else []


def _against_leaving(actor: Actor, leaver: User) -> list[BusinessRefusal]:
    """Why the actor may not end this person's access, or not yet."""
    if leaver.pk == actor.pk:
        return [OwnAccount()]
    found: list[BusinessRefusal] = []
    if not all(actor.has_permission(verb) for verb in granted(leaver.roles)):
        found.append(LeaverMayMore(name=str(leaver)))
    if is_last_administrator(leaver):
        found.append(LastAdministrator(name=str(leaver)))
    running = ImportJob.objects.filter(created_by=leaver).busy().order_by("pk")
    return [*found, *(ImportRunning(file=str(job), name=str(leaver)) for job in running)]


def _memberships(plan: HandoverPlan, *, today: dt.date) -> list[Membership]:
    rows = Membership.objects.filter(user_id=plan.leaver_id).on(today)
    return list(rows.select_related("team").order_by("team__name", "pk"))


def _leaderless(memberships: Sequence[Membership], *, today: dt.date) -> tuple[str, ...]:
    led = {row.team_id: row.team.name for row in memberships if row.is_lead and row.team.is_active}
    if not led:
        return ()
    others = Membership.objects.on(today).filter(team_id__in=led, is_lead=True, user__is_active=True)
    still = set(others.exclude(user_id__in={row.user_id for row in memberships}).values_list("team_id", flat=True))
    return tuple(name for pk, name in led.items() if pk not in still)
