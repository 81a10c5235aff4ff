"""Retelling the past of an opportunity as rows of history, from the events another system recorded."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping, Sequence

from loudou.core.actors import Actor
from loudou.pipeline.choices import CLOSED_STATES, ChangeKind, State
from loudou.pipeline.errors import CameFromElsewhere, PastBeforeOpening, StageOfOtherProcess
from loudou.pipeline.models import Opportunity, Stage, StageChange
from loudou.pipeline.services import history
from loudou.pipeline.services.drafts import PastEvent
from loudou.pipeline.services.valuing import Books, settle_amount

FACTS = ("amount", "currency", "expected_on", "probability", "owner_id")
SLACK = dt.timedelta(days=1)
"""A first event may lie this much before the day of opening: the other system's day may be one of another time zone."""


class Retelling:
    """Walks one opportunity through its past; `changes` are the rows so far, the last says where it has come to."""

    def __init__(
        self, opportunity: Opportunity, known: StageChange, stages: Mapping[int, Stage], books: Books, actor: Actor
    ) -> None:
        self.opportunity = opportunity
        self.known = known
        self.stages = stages
        self.books = books
        self.actor = actor
        self.changes: list[StageChange] = []
        # A shadow of the opportunity is walked, so that a refusal on the way leaves the real one as it is.
        self.shadow = copy.copy(opportunity)
        self.shadow._state = copy.copy(opportunity._state)
        for name in FACTS:
            setattr(self.shadow, name, getattr(known, name))
        self.shadow.state = State.OPEN

    def tell(self, events: Sequence[PastEvent]) -> list[StageChange]:
        """Walk through the events, oldest first. Raises the refusal of the first that does not fit."""
        ordered = sorted(events, key=lambda event: event.at)
        began_in = self._begin(ordered[0])
        is_told = ordered[0].state == State.OPEN and ordered[0].stage_id == began_in
        for event in ordered[1:] if is_told else ordered:
            self._take(event)
        return self.changes

    def _begin(self, first: PastEvent) -> int:
        """Create it, and return in which stage.

        That is where the first event says it came from, or what it says of the day of opening; when the story begins
        later, it is the first stage of the process, as for any opportunity that is told to have passed through stages.
        """
        opened_on = self.opportunity.opened_on
        day = self.books.day(first.at)
        if day < opened_on - SLACK:
            raise PastBeforeOpening(on=day, opened=opened_on)
        at = first.at if day <= opened_on else self.books.instant(opened_on, now=first.at)
        told = first.stage_id if day <= opened_on else None
        began_in = first.came_from_id or told or self._first_stage()
        self._enter(began_in)
        self._learn(first, at)
        self._add(ChangeKind.CREATED, at, first.actor_id or self.known.actor_id, first.note)
        return began_in

    def _first_stage(self) -> int:
        in_use = [stage for stage in self.stages.values() if stage.merged_into_id is None]
        return min(in_use, key=lambda stage: stage.position).pk

    def _take(self, event: PastEvent) -> None:
        before = self.shadow.stage_id
        if event.came_from_id is not None and event.came_from_id != before:
            raise CameFromElsewhere(
                on=self.books.day(event.at),
                said=self._stage(event.came_from_id).label,
                was=self._stage(before).label,
            )
        is_revised = self._learn(event, event.at)
        if event.state == State.OPEN:
            self._move(event, is_revised=is_revised)
        elif event.state != self.shadow.state:
            if self.shadow.state in CLOSED_STATES:
                self._turn(State.OPEN, event)
            self._turn(event.state, event)

    def _move(self, event: PastEvent, *, is_revised: bool) -> None:
        here = self._stage(self.shadow.stage_id)
        there = self._stage(event.stage_id or here.pk)
        if self.shadow.state != State.OPEN:
            self._enter(there.pk)
            self._turn(State.OPEN, event, came_from=here.pk)
        elif there.pk != here.pk:
            self._enter(there.pk)
            kind = history.kind_of_move(here, there)
            self._add(kind, event.at, event.actor_id, event.note, from_stage_id=here.pk)
        elif is_revised:
            self._add(ChangeKind.REVISED, event.at, event.actor_id, event.note)

    def _turn(self, state: State, event: PastEvent, *, came_from: int | None = None) -> None:
        before, self.shadow.state = self.shadow.state, state
        kind = history.KIND_OF_STATE[state]
        self._add(kind, event.at, event.actor_id, event.note, from_stage_id=came_from, from_state=before)

    def close(self, closing: StageChange, at: dt.datetime) -> StageChange:
        """Add the outcome that is known, as it is known, from the stage it has come to."""
        for name in FACTS:
            setattr(self.shadow, name, getattr(closing, name))
        self.shadow.amount_base = closing.amount_base
        before, self.shadow.state = self.shadow.state, State(closing.to_state)
        self._add(ChangeKind(closing.kind), at, closing.actor_id, closing.note, from_state=before)
        return self.changes[-1]

    def _enter(self, stage_id: int) -> None:
        self.shadow.stage_id = self._stage(stage_id).pk

    def _stage(self, stage_id: int) -> Stage:
        if (stage := self.stages.get(stage_id)) is None:
            raise StageOfOtherProcess(process=self.opportunity.process.label)
        return stage

    def _learn(self, event: PastEvent, at: dt.datetime) -> bool:
        """Take over what the event tells of amount, date and owner; tells whether anything differs."""
        told = {name: value for name in FACTS if (value := getattr(event, name)) not in (None, "")}
        changed = [name for name, value in told.items() if getattr(self.shadow, name) != value]
        for name in changed:
            setattr(self.shadow, name, told[name])
        settle_amount(self.shadow, self.books, self.books.day(at))
        return bool(changed)

    def _add(
        self,
        kind: ChangeKind,
        at: dt.datetime,
        actor_id: int | None,
        note: str,
        *,
        from_stage_id: int | None = None,
        from_state: str = "",
    ) -> None:
        change = history.row(
            self.shadow,
            kind,
            at=at,
            actor=self.actor,
            from_stage_id=from_stage_id,
            from_state=from_state,
            note=note,
        )
        change.opportunity = self.opportunity
        change.actor_id = actor_id if actor_id is not None else self.actor.pk
        self.changes.append(change)
