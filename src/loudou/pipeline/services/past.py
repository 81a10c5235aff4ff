"""Bringing along the past of opportunities: the true history in place of the stand-in that an import wrote.

An opportunity that was imported without its moves has a history of one row (two when it is closed): created in the
stage it happened to be in. When another system tells how it came there, that row gives way to the story; whatever has
happened here since stays, and the story must lead to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome
from loudou.core.copying import copy_rows, update_rows
from loudou.core.refusals import BusinessRefusal, NotVisible
from loudou.core.verbs import lock_all, service
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.errors import ClosedBeforeLastChange, DateInFuture, PastEndsElsewhere, PastTooLate
from loudou.pipeline.models import Opportunity, Stage, StageChange
from loudou.pipeline.services import history
from loudou.pipeline.services.drafts import PastDraft
from loudou.pipeline.services.retelling import FACTS, Retelling
from loudou.pipeline.services.valuing import Books

_WRITTEN = frozenset({"stage_id", "stage_entered_at", "closed_at", "version", "updated_at"})


@dataclass
class Rewritten:
    """What a story changes: rows that give way, rows that come, the opportunity with what follows from them."""

    opportunity: Opportunity
    gone: list[int] = field(default_factory=list)
    come: list[StageChange] = field(default_factory=list)


@service("pipeline.change")
def bring_past(actor: Actor, pasts: Sequence[PastDraft], *, at: dt.datetime) -> list[Outcome[Opportunity]]:
    """Give opportunities their true history; one outcome per draft, in order. What is known already changes nothing.

    Refused one by one: NotVisible, PastBeforeOpening, PastEndsElsewhere, PastTooLate, CameFromElsewhere, DateInFuture,
    StageOfOtherProcess, ClosedBeforeLastChange, ExchangeRateMissing.
    """
    visible = Opportunity.objects.visible_to(actor).select_related("process")
    found = {row.pk: row for row in lock_all(visible, [past.opportunity_id for past in pasts])}
    known = _histories(found)
    stages = _stages(found.values())
    books = Books.load({event.currency for past in pasts for event in past.events} | _currencies(known))
    outcomes: list[Outcome[Opportunity]] = []
    rewritten: list[Rewritten] = []
    for past in pasts:
        row = found.get(past.opportunity_id)
        try:
            if row is None:
                raise NotVisible
            retelling = Retelling(row, known[row.pk][0], stages[row.process_id], books, actor)
            if change := _rewrite(past, known[row.pk], retelling, at):
                rewritten.append(change)
        except BusinessRefusal as refusal:
            outcomes.append(Outcome(refusal=refusal))
        else:
            outcomes.append(Outcome(row=row))
    _write(rewritten, at)
    return outcomes


def _rewrite(past: PastDraft, known: Sequence[StageChange], retelling: Retelling, at: dt.datetime) -> Rewritten | None:
    """Work out the new rows; None when they are known already."""
    late = max(past.events, key=lambda event: event.at)
    if late.at > at:
        raise DateInFuture(on=retelling.books.day(late.at))
    told = retelling.tell(past.events)
    if _signature(told) == _signature(known[: len(told)]) and len(known) > 1:
        return None
    created, rest = known[0], known[1:]
    rewritten = Rewritten(retelling.opportunity, gone=[created.pk])
    if len(rest) == 1 and rest[0].kind in history.CLOSES:
        closing = _close(rest[0], retelling)
        rewritten.gone.append(rest[0].pk)
        rewritten.opportunity.closed_at = closing.at
        rewritten.opportunity.stage_id = closing.to_stage_id
        rest = []
    else:
        _refuse_another_end(created, rest, retelling)
        if not rest and _differs(retelling.changes[-1], retelling.opportunity):
            retelling.changes.append(
                history.row(retelling.opportunity, ChangeKind.REVISED, at=at, actor=retelling.actor)
            )
    rewritten.come = retelling.changes
    entered = [change.at for change in (*retelling.changes, *rest) if change.kind in history.STARTS_STAGE]
    rewritten.opportunity.stage_entered_at = max(entered)
    return rewritten


def _close(known: StageChange, retelling: Retelling) -> StageChange:
    """End the story with the outcome that is known: on its day, at the story's own time when that is the same day."""
    books, told = retelling.books, retelling.changes
    at = known.at
    if told[-1].kind in history.CLOSES:
        if told[-1].to_state != known.to_state:
            raise PastEndsElsewhere(there=told[-1].get_to_state_display(), here=known.get_to_state_display())
        last = told.pop()
        retelling.shadow.state = State(last.from_state)
        at = last.at if books.day(last.at) == books.day(at) else at
    if books.day(told[-1].at) > books.day(at):
        raise ClosedBeforeLastChange(on=books.day(told[-1].at))
    return retelling.close(known, max(at, told[-1].at))


def _refuse_another_end(created: StageChange, rest: Sequence[StageChange], retelling: Retelling) -> None:
    """The story must lead to where the known history begins, and end before it goes on."""
    last = retelling.changes[-1]
    if (last.to_stage_id, last.to_state) != (created.to_stage_id, created.to_state):
        closed = last.to_state != State.OPEN
        there = last.get_to_state_display() if closed else retelling.stages[last.to_stage_id].label
        raise PastEndsElsewhere(there=there, here=created.to_stage.label)
    if rest and last.at >= rest[0].at:
        raise PastTooLate(on=retelling.books.day(last.at))


def _signature(changes: Sequence[StageChange]) -> list[tuple[object, ...]]:
    return [(c.kind, c.at, c.to_stage_id, c.to_state, *(getattr(c, name) for name in FACTS)) for c in changes]


def _differs(last: StageChange, opportunity: Opportunity) -> bool:
    return any(getattr(last, name) != getattr(opportunity, name) for name in FACTS)


def _histories(found: Mapping[int, Opportunity]) -> dict[int, list[StageChange]]:
    known: dict[int, list[StageChange]] = {}
    rows = StageChange.objects.filter(opportunity_id__in=list(found)).select_related("to_stage").order_by("at", "pk")
    for change in rows:
        known.setdefault(change.opportunity_id, []).append(change)
    return known


def _stages(rows: Iterable[Opportunity]) -> dict[int, dict[int, Stage]]:
    processes = {row.process_id for row in rows}
    stages: dict[int, dict[int, Stage]] = {pk: {} for pk in processes}
    for stage in Stage.with_merged.filter(process_id__in=processes):
        stages[stage.process_id][stage.pk] = stage
    return stages


def _currencies(known: Mapping[int, Sequence[StageChange]]) -> set[str]:
    return {change.currency for changes in known.values() for change in changes}


def _write(rewritten: Sequence[Rewritten], at: dt.datetime) -> None:
    if not rewritten:
        return
    with audit.history_may_go():
        StageChange.objects.filter(pk__in=[pk for each in rewritten for pk in each.gone]).delete()
    copy_rows([change for each in rewritten for change in each.come])
    rows = [each.opportunity for each in rewritten]
    for row in rows:
        row.version += 1
        row.updated_at = at
    update_rows(rows, _WRITTEN)
