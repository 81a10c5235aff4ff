"""Handovers: preparing what goes to whom, looking at it, carrying it out, and what was handed over."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, PageQuery, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import Exact, Given, GivenVersion, Id, Line, Note, Ref, Shown, Stamped, changes_of
from loudou.core import clock
from loudou.handover.choices import HandoverPlanState, Kind, SplitBy
from loudou.handover.models import Handover, HandoverPlan
from loudou.handover.selectors import handovers as selectors
from loudou.handover.selectors.preview import Going, Preview, Share, preview
from loudou.handover.services import carrying_out, confirming, plans

router = Router(tags=["Handovers"])
MOST_ROWS = 200
Words = Annotated[str, Field(max_length=5000)]
Things = Annotated[list["HandoverThingIn"], Field(min_length=1, max_length=10_000)]


class HandoverPlanOut(Stamped):
    """A handover that is being prepared, or was."""

    leaver: Ref
    keeps_access: bool
    last_day: dt.date
    reason: str
    successor: Ref | None
    note: str
    state: HandoverPlanState


class HandoverPlanPage(Shown):
    """A page of prepared handovers; `next` is the cursor of the next one."""

    items: list[HandoverPlanOut]
    next: str | None


class HandoverPlanFields(Given):
    """What preparing and changing have in common."""

    keeps_access: bool = Field(False, description="Hand over a part, or for a time: the person goes on working.")
    last_day: dt.date | None = Field(
        None, description="Not after today, because access ends at once. Today when absent."
    )
    reason: Line = ""
    successor_id: Id | None = Field(None, description="Who gets everything that is not given to somebody else.")
    note: Words = Field("", description="What successors should know.")


class HandoverPlanIn(HandoverPlanFields):
    """Whose work is handed over, and the rule."""

    leaver_id: Id


class HandoverPlanChangesIn(HandoverPlanFields, GivenVersion):
    """What changes; what is not sent stays."""


class HandoverThingIn(Given):
    """One thing by kind and id."""

    kind: Kind
    id: Id


class HandoverChoiceIn(Given):
    """Things that go to somebody else than the rule says; null: the rule holds for them again."""

    things: Things
    successor_id: Id | None


class HandoverSplitIn(Given):
    """Among whom all customers are dealt out, and what each gets equally much of."""

    successor_ids: Annotated[list[Id], Field(min_length=2, max_length=50)]
    by: SplitBy = SplitBy.AMOUNT


class HandoverNoteIn(Given):
    """What the successor should know about the customer; empty takes the note away."""

    text: Annotated[str, Field(max_length=2000)]


class HandoverVersionIn(GivenVersion):
    """The version of the plan that was looked at."""


class HandoverRemarkIn(Given):
    """A remark with the confirmation."""

    remark: Note = ""


class HandoverThingOut(Shown):
    """A thing that goes, or went, to a successor (null: it stays, or nobody is chosen yet)."""

    kind: Kind
    id: int
    name: str
    customer_id: int | None
    customer: str
    amount: Exact | None
    owed: Exact | None
    currency: str
    due_on: dt.date | None
    detail: str
    note: str
    successor_id: int | None


class HandoverShareOut(Shown):
    """What one successor gets (null: nobody yet): counts by kind, open amounts and what is owed by currency."""

    successor: Ref | None
    counts: dict[str, int]
    open_amounts: dict[str, Exact]
    owed: dict[str, Exact]
    next_steps: int


class HandoverObstacleOut(Shown):
    """Why it would be refused now."""

    code: str
    message: str


class HandoverPreviewOut(Shown):
    """What carrying the plan out would do now. `things` is one page; `count` is of all."""

    plan: HandoverPlanOut
    shares: list[HandoverShareOut]
    obstacles: list[HandoverObstacleOut]
    leaves_teams: list[Ref]
    count: int
    things: list[HandoverThingOut]


class HandoverPreviewQuery(Given):
    """Which things to list."""

    kind: Kind | None = None
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50


class HandoverPartOut(Shown):
    """What one successor took over, as it stood at that moment, and whether they confirmed it."""

    successor: Ref
    counts: dict[str, int]
    open_amounts: dict[str, Exact]
    owed: dict[str, Exact]
    confirmed_at: dt.datetime | None
    remark: str


class HandoverOut(Shown):
    """A handover that was carried out."""

    id: int
    leaver: Ref
    keeps_access: bool
    last_day: dt.date
    reason: str
    note: str
    at: dt.datetime
    carried_out_by: Ref | None


class HandoverDetail(HandoverOut):
    """A handover with what each successor took over."""

    parts: list[HandoverPartOut]


class HandoverPage(Shown):
    """A page of handovers; `next` is the cursor of the next one."""

    items: list[HandoverOut]
    next: str | None


class HandoverQuery(PageQuery):
    """How to list handovers."""

    sort: Literal["id", "-id"] = "-id"


class HandoverItemPage(Shown):
    """A page of what was handed over; `next` is the cursor of the next one."""

    items: list[HandoverThingOut]
    next: str | None


class HandoverItemQuery(PageQuery):
    """Which things."""

    kind: Kind | None = None
    sort: Literal["id", "-id"] = "id"


def _going(going: Going) -> dict[str, Any]:
    thing = going.thing
    return {
        "kind": thing.kind, "id": thing.pk, "name": thing.name, "customer_id": thing.customer_id,
        "customer": thing.customer, "amount": thing.amount, "owed": thing.owed, "currency": thing.currency,
        "due_on": thing.due_on, "detail": thing.detail, "note": going.note, "successor_id": going.successor_id,
    }  # fmt: skip


def _share(share: Share) -> dict[str, Any]:
    return {
        "successor": share.user, "counts": {str(kind): count for kind, count in share.counts.items()},
        "open_amounts": share.amounts, "owed": share.owed, "next_steps": share.steps,
    }  # fmt: skip


def _preview(found: Preview, query: HandoverPreviewQuery) -> dict[str, Any]:
    things = [going for going in found.goings if query.kind is None or going.thing.kind == query.kind]
    return {
        "plan": found.plan,
        "shares": [_share(share) for share in found.shares],
        "obstacles": [{"code": each.code, "message": str(each)} for each in found.obstacles],
        "leaves_teams": [row.team for row in found.leaves],
        "count": len(things),
        "things": [_going(going) for going in things[query.offset : query.offset + query.limit]],
    }


def _handover(row: Handover) -> dict[str, Any]:
    return {
        "id": row.pk, "leaver": row.leaver, "keeps_access": row.keeps_access, "last_day": row.last_day,
        "reason": row.reason, "note": row.note, "at": row.at, "carried_out_by": row.actor,
    }  # fmt: skip


def _detail(request: Caller, handover_id: int) -> dict[str, Any]:
    row = selectors.get_handover(request.user, handover_id)
    parts = [
        {
            "successor": each.part.successor, "counts": each.counts, "open_amounts": each.amounts, "owed": each.owed,
            "confirmed_at": each.confirmation.at if each.confirmation else None,
            "remark": each.confirmation.remark if each.confirmation else "",
        }
        for each in selectors.parts_of(row)
    ]  # fmt: skip
    return _handover(row) | {"parts": parts}


CURRENT[HandoverPlan] = lambda row: HandoverPlanOut.model_validate(row).model_dump(mode="json")


@operation(router, "GET", "/handover-plans", permission="people.hand_over", answers=HandoverPlanPage)
def list_handover_plans(request: Caller, query: Query[HandoverQuery]) -> Any:
    """List handovers that are being prepared."""
    items, following = page(selectors.open_plans(request.user), query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/handover-plans", permission="people.hand_over", answers=HandoverPlanOut, status=201)
def prepare_handover(request: Caller, body: HandoverPlanIn) -> Any:
    """Prepare a handover, or go on with the one that is being prepared for this person. Nothing is moved."""
    facts = body.model_dump(exclude_unset=True)
    leaver_id = facts.pop("leaver_id")
    made = plans.prepare_handover(request.user, leaver_id, today=clock.today(), **_without_nothing(facts))
    return selectors.get_plan(request.user, made.pk)


@operation(router, "GET", "/handover-plans/{int:plan_id}", permission="people.hand_over", answers=HandoverPreviewOut)
def preview_handover(request: Caller, plan_id: int, query: Query[HandoverPreviewQuery]) -> Any:
    """Show what carrying a plan out would do now, and what stands against it."""
    plan = selectors.get_plan(request.user, plan_id)
    return _preview(preview(request.user, plan, today=clock.today()), query)


@operation(router, "PATCH", "/handover-plans/{int:plan_id}", permission="people.hand_over", answers=HandoverPlanOut)
def change_handover_plan(request: Caller, plan_id: int, body: HandoverPlanChangesIn) -> Any:
    """Change the rule, the day, the reason or the note."""
    changes, version = changes_of(body, request)
    facts = _without_nothing(changes)
    plans.change_plan(request.user, plan_id, today=clock.today(), version=version, **facts)
    return selectors.get_plan(request.user, plan_id)


@operation(
    router, "POST", "/handover-plans/{int:plan_id}/choose", permission="people.hand_over", answers=HandoverPlanOut
)
def choose_successor(request: Caller, plan_id: int, body: HandoverChoiceIn) -> Any:
    """Give single things to somebody else than the rule says; what hangs on a customer goes with it."""
    things = [(each.kind, each.id) for each in body.things]
    plans.choose_successor(request.user, plan_id, things=things, successor_id=body.successor_id)
    return selectors.get_plan(request.user, plan_id)


@operation(
    router, "POST", "/handover-plans/{int:plan_id}/split", permission="people.hand_over", answers=HandoverPlanOut
)
def split_handover(request: Caller, plan_id: int, body: HandoverSplitIn) -> Any:
    """Deal all customers out so that each successor gets equally many, or equally much open amount."""
    people = body.successor_ids
    plans.split_evenly(request.user, plan_id, successor_ids=people, by=body.by, on=clock.today())
    return selectors.get_plan(request.user, plan_id)


@operation(
    router,
    "POST",
    "/handover-plans/{int:plan_id}/customers/{int:customer_id}/note",
    permission="people.hand_over",
    answers=HandoverPlanOut,
)
def note_handover_customer(request: Caller, plan_id: int, customer_id: int, body: HandoverNoteIn) -> Any:
    """Write down what the successor should know about one customer."""
    plans.note_customer(request.user, plan_id, customer_id=customer_id, text=body.text)
    return selectors.get_plan(request.user, plan_id)


@operation(router, "POST", "/handover-plans/{int:plan_id}/drop", permission="people.hand_over", answers=HandoverPlanOut)
def drop_handover_plan(request: Caller, plan_id: int, body: HandoverVersionIn) -> Any:
    """Give a prepared handover up; nothing was moved."""
    plans.drop_plan(request.user, plan_id, version=body.version)
    return selectors.get_plan(request.user, plan_id)


@operation(
    router,
    "POST",
    "/handover-plans/{int:plan_id}/carry-out",
    permission="people.hand_over",
    answers=HandoverDetail,
    status=201,
)
def carry_out_handover(request: Caller, plan_id: int, body: HandoverVersionIn) -> Any:
    """Move everything and end the access, all or nothing; sent again, it answers with the same handover."""
    made = carrying_out.carry_out(
        request.user, plan_id, at=clock.now(), today=clock.today(), version=body.version
    )  # fmt: skip
    return _detail(request, made.pk)


@operation(router, "GET", "/handovers", permission="people.view", answers=HandoverPage)
def list_handovers(request: Caller, query: Query[HandoverQuery]) -> Any:
    """List handovers that you may see: your own, those of your teams, all for whoever sees everybody."""
    items, following = page(selectors.handover_rows(request.user), query=query, sorts=BY_ID, sort=query.sort)
    return {"items": [_handover(row) for row in items], "next": following}


@operation(router, "GET", "/handovers/{int:handover_id}", permission="people.view", answers=HandoverDetail)
def show_handover(request: Caller, handover_id: int) -> Any:
    """Show a handover with what each successor took over."""
    return _detail(request, handover_id)


@operation(router, "GET", "/handovers/{int:handover_id}/items", permission="people.view", answers=HandoverItemPage)
def list_handover_items(request: Caller, handover_id: int, query: Query[HandoverItemQuery]) -> Any:
    """List what was handed over, with the figures of that moment."""
    rows = selectors.items_of(selectors.get_handover(request.user, handover_id))
    if query.kind is not None:
        rows = rows.filter(kind=query.kind)
    found, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    names = ("kind", "name", "amount", "owed", "currency", "due_on", "detail", "note")
    items = [
        {name: getattr(row, name) for name in names}
        | {
            "id": row.object_id, "customer_id": row.customer_ref, "customer": row.customer_name,
            "successor_id": row.part.successor_id,
        }
        for row in found
    ]  # fmt: skip
    return {"items": items, "next": following}


@operation(
    router, "POST", "/handovers/{int:handover_id}/confirm", permission="people.own", answers=HandoverDetail
)  # fmt: skip
def confirm_handover(request: Caller, handover_id: int, body: HandoverRemarkIn) -> Any:
    """Confirm that you have taken over what a handover brought."""
    confirming.confirm_handover(request.user, handover_id, at=clock.now(), remark=body.remark)
    return _detail(request, handover_id)


def _without_nothing(facts: dict[str, Any]) -> Any:
    """Leave a day out that is null: it stays as it is."""
    return {name: value for name, value in facts.items() if name != "last_day" or value is not None}
