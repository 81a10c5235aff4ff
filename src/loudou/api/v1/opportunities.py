"""Opportunities: lists with the filters of the pages, changes with versions, moves as actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, cast

from django.db import models
from django.utils import timezone
from ninja import Query, Router

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_CHANGE, BY_ID, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import changes_of
from loudou.api.v1 import opportunity_schemas as shapes
from loudou.core import clock
from loudou.pipeline import selectors
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services import moves, opportunities, progress
from loudou.pipeline.services.drafts import (
    LineDraft,
    MemberDraft,
    MoveResult,
    OpportunityChanges,
    OpportunityDraft,
    StagePassed,
)

P = ParamSpec("P")
router = Router(tags=["Opportunities"])
SORTS = {**BY_ID, **BY_CHANGE}


def _listed(request: Caller, opportunity_id: int) -> Opportunity:
    """Read a row again with the names of what it refers to. One statement."""
    return selectors.opportunity_rows(request.user).get_visible(request.user, opportunity_id)


def _show_current(row: models.Model) -> dict[str, Any]:
    fresh = Opportunity.objects.select_related("customer", "stage", "owner").get(pk=row.pk)
    return shapes.OpportunityOut.model_validate(fresh).model_dump(mode="json")


CURRENT[Opportunity] = _show_current


@operation(router, "GET", "/opportunities", permission="pipeline.view", answers=shapes.OpportunityPage)
def list_opportunities(request: Caller, query: Query[shapes.OpportunityQuery]) -> Any:
    """List opportunities you may see."""
    rows = selectors.narrow(
        selectors.opportunity_rows(request.user),
        query.narrowing(),
        actor=request.user,
        at=clock.now(),
        fiscal_month=request.company.fiscal_year_start_month,
    )
    if query.external_id:
        rows = rows.filter(external_id=query.external_id)
    if query.updated_since:
        rows = rows.filter(updated_at__gte=query.updated_since)
    items, following = page(rows, query=query, sorts=SORTS, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/opportunities", permission="pipeline.add", answers=shapes.OpportunityOut, status=201)
def create_opportunity(request: Caller, body: shapes.OpportunityIn) -> Any:
    """Create an opportunity, with history when it comes from another system."""
    given = body.model_dump(exclude_unset=True, exclude={"lines", "members", "passed"})
    draft = OpportunityDraft(
        **given,
        lines=[LineDraft(**line.model_dump()) for line in body.lines],
        members=[MemberDraft(**member.model_dump()) for member in body.members],
        passed=[StagePassed(**visit.model_dump()) for visit in body.passed],
    )
    return opportunities.create_opportunity(request.user, draft=draft, at=clock.now())


@operation(
    router, "GET", "/opportunities/{int:opportunity_id}", permission="pipeline.view", answers=shapes.OpportunityDetail
)
def show_opportunity(request: Caller, opportunity_id: int) -> Any:
    """Show an opportunity with lines, team, contacts, competitors and met criteria."""
    return selectors.opportunity_detail(request.user, opportunity_id)


@operation(
    router, "PATCH", "/opportunities/{int:opportunity_id}", permission="pipeline.change", answers=shapes.OpportunityOut
)
def change_opportunity(request: Caller, opportunity_id: int, body: shapes.OpportunityChangesIn) -> Any:
    """Change fields. A change based on an old version is refused with the record as it is now."""
    changes, version = changes_of(body, request)
    opportunities.update_opportunity(
        request.user,
        opportunity_id,
        changes=cast(OpportunityChanges, changes),
        version=version,
        at=clock.now(),
    )
    return _listed(request, opportunity_id)


@operation(
    router, "GET", "/opportunities/{int:opportunity_id}/history", permission="pipeline.view", answers=shapes.History
)
def show_history(request: Caller, opportunity_id: int, query: Query[shapes.HistoryQuery]) -> Any:
    """Show every change of stage, state, amount, date, probability and owner, oldest first."""
    items = selectors.stage_history(request.user, opportunity_id)
    if query.as_of:
        items = [change for change in items if timezone.localdate(change.at) <= query.as_of]
    return {"items": items}


@operation(
    router,
    "PUT",
    "/opportunities/{int:opportunity_id}/lines",
    permission="pipeline.change",
    answers=shapes.OpportunityDetail,
)
def set_lines(request: Caller, opportunity_id: int, body: shapes.LinesIn) -> Any:
    """Replace the product lines; the amount becomes their sum."""
    lines = [LineDraft(**line.model_dump()) for line in body.lines]
    opportunities.set_lines(request.user, opportunity_id, lines=lines, version=body.version, at=clock.now())
    return selectors.opportunity_detail(request.user, opportunity_id)


@operation(
    router,
    "PUT",
    "/opportunities/{int:opportunity_id}/members",
    permission="pipeline.change",
    answers=shapes.OpportunityDetail,
)
def set_members(request: Caller, opportunity_id: int, body: shapes.MembersIn) -> Any:
    """Replace the team; its shares may not exceed 100 per cent."""
    members = [MemberDraft(**member.model_dump()) for member in body.members]
    opportunities.set_members(request.user, opportunity_id, members=members, version=body.version)
    return selectors.opportunity_detail(request.user, opportunity_id)


@operation(
    router,
    "PUT",
    "/opportunities/{int:opportunity_id}/contacts",
    permission="pipeline.change",
    answers=shapes.OpportunityDetail,
)
def set_contacts(request: Caller, opportunity_id: int, body: shapes.ContactIdsIn) -> Any:
    """Replace the contacts who take part."""
    opportunities.set_contacts(request.user, opportunity_id, contact_ids=body.contact_ids, version=body.version)
    return selectors.opportunity_detail(request.user, opportunity_id)


@operation(
    router,
    "PUT",
    "/opportunities/{int:opportunity_id}/competitors",
    permission="pipeline.change",
    answers=shapes.OpportunityDetail,
)
def set_competitors(request: Caller, opportunity_id: int, body: shapes.CompetitorIdsIn) -> Any:
    """Replace the competitors."""
    opportunities.set_competitors(
        request.user, opportunity_id, competitor_ids=body.competitor_ids, version=body.version
    )
    return selectors.opportunity_detail(request.user, opportunity_id)


def _moved(request: Caller, result: MoveResult) -> dict[str, Any]:
    return {"opportunity": _listed(request, result.opportunity.pk), "unmet": result.unmet}


def _action(name: str, permission: str = "pipeline.change") -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    return operation(
        router, "POST", f"/opportunities/{{int:opportunity_id}}/{name}", permission=permission, answers=shapes.MoveOut
    )


@operation(
    router, "POST", "/opportunities/{int:opportunity_id}/log", permission="pipeline.change",
    answers=shapes.OpportunityOut,
)  # fmt: skip
def log(request: Caller, opportunity_id: int, body: shapes.LogIn) -> Any:
    """Put a line with today's day and the caller's name on top of the notes, and say what happens next."""
    progress.log_progress(request.user, opportunity_id, at=clock.now(), **body.model_dump(exclude_unset=True))
    return _listed(request, opportunity_id)


@_action("move")
def move(request: Caller, opportunity_id: int, body: shapes.MoveIn) -> Any:
    """Put an open opportunity into another stage of its process: forward, skipping or back."""
    return _moved(request, moves.move_opportunity(request.user, opportunity_id, at=clock.now(), **body.model_dump()))


@_action("switch-process")
def switch_process(request: Caller, opportunity_id: int, body: shapes.SwitchIn) -> Any:
    """Continue in another sales process."""
    return _moved(request, moves.switch_process(request.user, opportunity_id, at=clock.now(), **body.model_dump()))


@_action("win")
def win(request: Caller, opportunity_id: int, body: shapes.WinIn) -> Any:
    """Close as won; the amount is frozen."""
    return _moved(request, moves.win_opportunity(request.user, opportunity_id, at=clock.now(), **body.model_dump()))


@_action("lose")
def lose(request: Caller, opportunity_id: int, body: shapes.LoseIn) -> Any:
    """Close as lost, with the reason."""
    return _moved(request, moves.lose_opportunity(request.user, opportunity_id, at=clock.now(), **body.model_dump()))


@_action("drop")
def drop(request: Caller, opportunity_id: int, body: shapes.DropIn) -> Any:
    """Close as dropped."""
    return _moved(request, moves.drop_opportunity(request.user, opportunity_id, at=clock.now(), **body.model_dump()))


@_action("hold")
def hold(request: Caller, opportunity_id: int, body: shapes.NoteIn) -> Any:
    """Put on hold."""
    return _moved(request, moves.hold_opportunity(request.user, opportunity_id, at=clock.now(), **body.model_dump()))


@_action("resume")
def resume(request: Caller, opportunity_id: int, body: shapes.NoteIn) -> Any:
    """Work again on what was on hold."""
    return _moved(request, moves.resume_opportunity(request.user, opportunity_id, at=clock.now(), **body.model_dump()))


@_action("reopen")
def reopen(request: Caller, opportunity_id: int, body: shapes.ReopenIn) -> Any:
    """Open a closed opportunity again."""
    return _moved(request, moves.reopen_opportunity(request.user, opportunity_id, at=clock.now(), **body.model_dump()))


@_action("assign", "pipeline.assign")
def assign(request: Caller, opportunity_id: int, body: shapes.AssignIn) -> Any:
    """Give to another owner."""
    row = moves.assign_opportunity(request.user, opportunity_id, at=clock.now(), **body.model_dump())
    return {"opportunity": _listed(request, row.pk), "unmet": []}


@operation(
    router,
    "POST",
    "/opportunities/{int:opportunity_id}/clone",
    permission="pipeline.add",
    answers=shapes.OpportunityOut,
    status=201,
)
def clone(request: Caller, opportunity_id: int) -> Any:
    """Start a new opportunity like this one."""
    return opportunities.clone_opportunity(request.user, opportunity_id, at=clock.now())


@operation(
    router,
    "PUT",
    "/opportunities/{int:opportunity_id}/criteria/{int:criterion_id}",
    permission="pipeline.change",
    answers=shapes.CriterionOut,
)
def meet_criterion(request: Caller, opportunity_id: int, criterion_id: int, body: shapes.EvidenceIn) -> Any:
    """Record that an exit criterion is met."""
    return moves.meet_criterion(
        request.user, opportunity_id, criterion_id=criterion_id, evidence=body.evidence, at=clock.now()
    )


@operation(
    router, "DELETE", "/opportunities/{int:opportunity_id}/criteria/{int:criterion_id}", permission="pipeline.change",
    status=204,
)  # fmt: skip
def unmeet_criterion(request: Caller, opportunity_id: int, criterion_id: int) -> None:
    """Take back that an exit criterion is met."""
    moves.unmeet_criterion(request.user, opportunity_id, criterion_id=criterion_id)


@operation(router, "PUT", "/opportunities/{int:opportunity_id}/star", permission="pipeline.view", status=204)
def star(request: Caller, opportunity_id: int) -> None:
    """Follow an opportunity."""
    opportunities.star_opportunity(request.user, opportunity_id)


@operation(router, "DELETE", "/opportunities/{int:opportunity_id}/star", permission="pipeline.view", status=204)
def unstar(request: Caller, opportunity_id: int) -> None:
    """Stop following an opportunity."""
    opportunities.unstar_opportunity(request.user, opportunity_id)
