"""How opportunities come into being: drafts are checked one by one, then written together.

`World` reads everything a batch of drafts refers to, with a constant number of statements; `plan` turns one draft
into unsaved rows or raises its refusal, without any statement; `write` stores the plans.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.catalog.models import Product
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, clean_row, write_rows
from loudou.core.copying import copy_rows, fresh_row
from loudou.core.money import check_currency
from loudou.core.refusals import BusinessRefusal
from loudou.customers.models import Customer
from loudou.customers.services.sharing import let_see
from loudou.people.models import User
from loudou.pipeline.choices import CLOSED_STATES, ChangeKind, State
from loudou.pipeline.errors import DatesOutOfOrder, NoProcess, StageOfOtherProcess
from loudou.pipeline.models import (
    Competitor,
    LossReason,
    Opportunity,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityLine,
    OpportunityMember,
    SalesProcess,
    Stage,
    StageChange,
)
from loudou.pipeline.services import evidence, history, references
from loudou.pipeline.services.drafts import OpportunityDraft
from loudou.pipeline.services.holding import hold_stages
from loudou.pipeline.services.references import missing
from loudou.pipeline.services.valuing import Books, line_amount, settle_amount, total

COPIED = (
    "subject", "customer_id", "state", "currency", "expected_on", "probability", "source", "priority", "likelihood",
    "visibility", "budget_confirmed_on", "reach_kind", "purchase_kind", "next_step", "next_step_on", "loss_reason_id",
    "lost_to_id", "close_note", "contract_reference", "design_days", "procurement_days", "trading_days",
    "collection_days", "cash_to_cash_days", "notes", "external_id",
)  # fmt: skip
"""Fields that go from the draft to the row as they are."""


@dataclass
class Plan:
    """The rows that one draft becomes."""

    opportunity: Opportunity
    changes: list[StageChange]
    lines: list[OpportunityLine] = field(default_factory=list)
    members: list[OpportunityMember] = field(default_factory=list)
    contact_ids: Sequence[int] = ()
    competitor_ids: Sequence[int] = ()


@dataclass
class World:
    """What a batch of drafts refers to and the actor may see."""

    actor: Actor
    at: dt.datetime
    books: Books
    processes: dict[int, SalesProcess]
    stages: dict[int, list[Stage]]
    customers: dict[int, Customer]
    users: dict[int, User]
    products: set[int]
    contacts: set[int]
    competitors: set[int]
    loss_reasons: set[int]
    taken: set[str]

    @classmethod
    def load(cls, actor: Actor, drafts: Sequence[OpportunityDraft], at: dt.datetime) -> World:
        """Read it all; only what the drafts name, at most one statement per kind."""
        processes, stages = _load_processes(drafts)
        external_ids = {draft.external_id for draft in drafts if draft.external_id}
        competitors = {pk for d in drafts for pk in (*d.competitor_ids, d.lost_to_id) if pk is not None}
        return cls(
            actor=actor,
            at=at,
            books=Books.load({draft.currency.strip().upper() for draft in drafts}),
            processes=processes,
            stages=stages,
            customers=references.visible_customers(actor, _given(draft.customer_id for draft in drafts)),
            users=_load_users(actor, drafts),
            products=references.known_ids(Product.objects.all(), {x.product_id for d in drafts for x in d.lines}),
            contacts=references.visible_contacts(actor, {pk for draft in drafts for pk in draft.contact_ids}),
            competitors=references.known_ids(Competitor.objects.all(), competitors),
            loss_reasons=references.known_ids(LossReason.objects.all(), _given(d.loss_reason_id for d in drafts)),
            taken=set(
                Opportunity.objects.filter(external_id__in=external_ids).values_list("external_id", flat=True)
                if external_ids
                else ()
            ),
        )

    @property
    def today(self) -> dt.date:
        """The company's date of the batch."""
        return self.books.day(self.at)


def create(actor: Actor, drafts: Sequence[OpportunityDraft], *, at: dt.datetime) -> list[Outcome[Opportunity]]:
    """Create what can be created, and say of the rest why not; outcomes in the order of the drafts.

    The rows come back with their stage, owner and customer at hand, so that showing them costs no statement.
    """
    world = World.load(actor, drafts, at)
    held = hold_stages(stage.pk for stages in world.stages.values() for stage in stages)
    world.stages = {pk: [stage for stage in stages if stage.pk in held] for pk, stages in world.stages.items()}
    outcomes: list[Outcome[Opportunity]] = []
    plans: list[Plan] = []
    places: list[int] = []
    for position, draft in enumerate(drafts):
        try:
            planned = plan(draft, world)
        except BusinessRefusal as refusal:
            outcomes.append(Outcome(refusal=refusal))
            continue
        plans.append(planned)
        places.append(position)
        outcomes.append(Outcome(row=planned.opportunity))
    for position, broken in write(plans, world).items():
        outcomes[places[position]] = Outcome(refusal=broken)
    return outcomes


def plan(draft: OpportunityDraft, world: World) -> Plan:
    """Turn a draft into rows, without any statement. Raises the refusal that applies."""
    stage_path = _stage_path(draft, world)
    _check_references(draft, world)
    values = {name: getattr(draft, name) for name in COPIED}
    values |= {"process_id": stage_path[0].process_id, "owner_id": _owner(draft, world)}
    opportunity = fresh_row(Opportunity, values)
    opportunity.stage = stage_path[0]
    if draft.customer_id is not None:
        opportunity.customer = world.customers[draft.customer_id]
    if opportunity.owner_id is not None:
        opportunity.owner = world.users[opportunity.owner_id]
    opportunity.subject = opportunity.subject.strip()
    opportunity.currency = check_currency(draft.currency) if draft.currency.strip() else world.books.base
    opportunity.amount = draft.amount
    opportunity.opened_on = _opened_on(draft, world)
    if refusal := clean_row(opportunity):
        raise refusal
    refuse_negative(opportunity)
    world.books.refuse_future(opportunity.budget_confirmed_on, now=world.at)
    lines = make_lines(opportunity, draft.lines)
    if lines:
        opportunity.amount = total(lines)
    members = [OpportunityMember(opportunity=opportunity, user_id=m.user_id, split=m.split) for m in draft.members]
    changes = _history(draft, opportunity, stage_path, world)
    if draft.external_id:
        world.taken.add(draft.external_id)
    return Plan(opportunity, changes, lines, members, draft.contact_ids, draft.competitor_ids)


def write(plans: Sequence[Plan], world: World) -> dict[int, BusinessRefusal]:
    """Store the plans, each kind of row with one statement per thousand; refusals by position."""
    refused: dict[int, BusinessRefusal] = dict(write_rows([p.opportunity for p in plans], copy_rows))
    stored = [p for position, p in enumerate(plans) if position not in refused]
    copy_rows([change for p in stored for change in p.changes])
    copy_rows([line for p in stored for line in p.lines])
    copy_rows([member for p in stored for member in p.members])
    copy_rows([OpportunityContact(opportunity=p.opportunity, contact_id=pk) for p in stored for pk in p.contact_ids])
    copy_rows(
        [
            OpportunityCompetitor(opportunity_id=p.opportunity.pk, competitor_id=pk)
            for p in stored
            for pk in p.competitor_ids
        ]
    )
    let_see(
        (p.opportunity.customer_id, user_id)
        for p in stored
        if p.opportunity.customer_id is not None
        for user_id in (p.opportunity.owner_id, *(member.user_id for member in p.members))
        if user_id is not None and user_id != world.customers[p.opportunity.customer_id].owner_id
    )
    evidence.report_new(world.actor, [(p.opportunity, p.changes) for p in stored], world.books, at=world.at)
    return refused


def refuse_negative(opportunity: Opportunity) -> None:
    """Refuse a negative amount in the words of the database's own constraint."""
    if opportunity.amount is not None and opportunity.amount < 0:
        raise references.broken("amount", Opportunity, "opportunity_amount_not_negative")


def make_lines(opportunity: Opportunity, drafts: Iterable[Any]) -> list[OpportunityLine]:
    """Make the unsaved product lines with their amounts. Raises InvalidInput at `lines`."""
    lines = []
    for position, draft in enumerate(drafts, start=1):
        values = {name: getattr(draft, name) for name in ("product_id", "quantity", "unit_price", "discount_rate")}
        line = fresh_row(OpportunityLine, values | {"position": position})
        line.opportunity = opportunity
        if (refusal := clean_row(line)) is not None:
            sentences = [sentence for found in refusal.errors.values() for sentence in found]
            raise missing("lines", " ".join(sentences))
        if line.quantity <= 0:
            raise references.broken("lines", OpportunityLine, "opportunity_line_quantity_positive")
        if line.unit_price < 0:
            raise references.broken("lines", OpportunityLine, "opportunity_line_price_not_negative")
        line.amount = line_amount(line, opportunity.currency)
        lines.append(line)
    return lines


def _given(ids: Iterable[int | None]) -> set[int]:
    return {pk for pk in ids if pk is not None}


def _load_processes(drafts: Sequence[OpportunityDraft]) -> tuple[dict[int, SalesProcess], dict[int, list[Stage]]]:
    process_ids = _given(draft.process_id for draft in drafts)
    stage_ids = {d.stage_id for d in drafts if d.stage_id is not None and d.process_id is None}
    wanted = Q(process_id__in=process_ids)
    if any(draft.process_id is None and draft.stage_id is None for draft in drafts):
        wanted |= Q(process__is_default=True)
    if stage_ids:
        wanted |= Q(process_id__in=Stage.objects.filter(pk__in=stage_ids).values("process_id"))
    processes: dict[int, SalesProcess] = {}
    stages: dict[int, list[Stage]] = {}
    for stage in Stage.objects.filter(wanted).select_related("process").order_by("process_id", "position"):
        processes[stage.process_id] = stage.process
        stages.setdefault(stage.process_id, []).append(stage)
    return processes, stages


def _load_users(actor: Actor, drafts: Sequence[OpportunityDraft]) -> dict[int, User]:
    wanted = _given(draft.owner_id for draft in drafts) | {m.user_id for draft in drafts for m in draft.members}
    known = {actor.pk: actor} if isinstance(actor, User) else {}
    others = wanted - set(known)
    return known | ({user.pk: user for user in User.objects.filter(pk__in=others)} if others else {})


def _stage_path(draft: OpportunityDraft, world: World) -> list[Stage]:
    """Return the stage it starts in, those it passed, and the one it is in now if that is another."""
    process_id = draft.process_id
    if process_id is None:
        process_id = next(
            (
                process.pk
                for process in world.processes.values()
                if (process.is_default if draft.stage_id is None else draft.stage_id in _ids(world, process.pk))
            ),
            None,
        )
    if process_id is None:
        raise NoProcess if draft.stage_id is None else missing("stage")
    if process_id not in world.processes:
        raise missing("process")
    process = world.processes[process_id]
    if not process.is_active and draft.state not in CLOSED_STATES:
        raise missing("process", _("This sales process is no longer used for new opportunities."))
    by_id = {stage.pk: stage for stage in world.stages[process_id]}
    named = [visit.stage_id for visit in draft.passed]
    now_in = draft.stage_id
    if any(pk not in by_id for pk in named) or (now_in is not None and now_in not in by_id):
        raise StageOfOtherProcess(process=process.label)
    first = world.stages[process_id][0] if named or now_in is None else by_id[now_in]
    return [first, *(by_id[pk] for pk in named), *([by_id[now_in]] if now_in is not None and named else [])]


def _ids(world: World, process_id: int) -> set[int]:
    return {stage.pk for stage in world.stages[process_id]}


def _check_references(draft: OpportunityDraft, world: World) -> None:
    if draft.customer_id is not None and draft.customer_id not in world.customers:
        raise missing("customer")
    references.refuse_twice(draft.contact_ids)
    references.refuse_twice(draft.competitor_ids)
    references.check_members(draft.members)
    for name, ids, known in (
        ("contacts", draft.contact_ids, world.contacts),
        ("competitors", draft.competitor_ids, world.competitors),
        ("lines", [line.product_id for line in draft.lines], world.products),
        ("loss_reason", _given([draft.loss_reason_id]), world.loss_reasons),
        ("lost_to", _given([draft.lost_to_id]), world.competitors),
        ("members", [member.user_id for member in draft.members], set(world.users)),
    ):
        if set(ids) - known:
            raise missing(name)
    if draft.state not in CLOSED_STATES:
        for member in draft.members:
            references.refuse_unless_seller(world.users[member.user_id])
    if draft.external_id in world.taken:
        raise references.broken("external_id", Opportunity, "opportunity_external_id_once")


def _owner(draft: OpportunityDraft, world: World) -> int | None:
    owner_id = draft.owner_id if draft.owner_id is not None else world.actor.pk
    if owner_id is None:
        return None
    references.check_owner_choice(world.actor, owner_id, present=None)
    if owner_id not in world.users:
        raise missing("owner")
    # Sales of the past may belong to people who have left since.
    if draft.state not in CLOSED_STATES:
        references.refuse_unless_seller(world.users[owner_id])
    return owner_id


def _opened_on(draft: OpportunityDraft, world: World) -> dt.date:
    if draft.opened_on is not None:
        return draft.opened_on
    past = [visit.on for visit in draft.passed] + ([draft.closed_on] if draft.closed_on else [])
    return min([*past, world.today])


def _history(
    draft: OpportunityDraft, opportunity: Opportunity, stage_path: list[Stage], world: World
) -> list[StageChange]:
    """Walk the opportunity through its past, so that each row of history says what was true on its day."""
    closed = draft.state in CLOSED_STATES
    if closed and draft.closed_on is None:
        raise missing("closed_on", _("Say on which day it was closed."))
    if not closed and draft.closed_on is not None:
        raise missing("closed_on", _("An opportunity that is not closed has no closing day."))
    end = draft.closed_on if closed and draft.closed_on is not None else world.today
    days = [opportunity.opened_on, *(visit.on for visit in draft.passed)]
    days += [end] * (len(stage_path) - len(days))
    _refuse_disorder([*days, end])
    changes: list[StageChange] = []
    opportunity.state = State.OPEN
    for position, (stage, day) in enumerate(zip(stage_path, days, strict=True)):
        at = world.books.instant(day, now=world.at)
        here = stage_path[position - 1] if position else None
        if here is not None and here.pk == stage.pk:
            continue
        kind = ChangeKind.CREATED if here is None else history.kind_of_move(here, stage)
        opportunity.stage = stage
        opportunity.stage_entered_at = at
        settle_amount(opportunity, world.books, day)
        changes.append(
            history.row(opportunity, kind, at=at, actor=world.actor, from_stage_id=here.pk if here else None)
        )
    settle_amount(opportunity, world.books, end)
    if draft.state != State.OPEN:
        opportunity.state = draft.state
        at = world.books.instant(end, now=world.at)
        opportunity.closed_at = at if closed else None
        changes.append(
            history.row(
                opportunity,
                history.KIND_OF_STATE[State(draft.state)],
                at=at,
                actor=world.actor,
                from_state=State.OPEN,
                note=draft.close_note,
            )
        )
    return changes


def _refuse_disorder(days: list[dt.date]) -> None:
    for earlier, later in pairwise(days):
        if later < earlier:
            raise DatesOutOfOrder(earlier=earlier, later=later)
