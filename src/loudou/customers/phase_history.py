"""How a customer's phase went through time, as a pure function of the evidence: what happened, and what days did.

`replay` walks through evidence in the order in which it happened and, between two pieces of it, through the days on
which time alone turns something: an expected signing that comes within the horizon or passes, an instalment missed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from loudou.customers.choices import Phase
from loudou.customers.phases import PhasePolicy, Truth, next_turn, phase_of

Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Event:
    """That something began or ceased to hold: when, on which of the company's days, and a mark to know it by."""

    at: dt.datetime
    day: dt.date
    truth: Truth
    holds: bool
    mark: int

    @property
    def key(self) -> Key:
        """What newer evidence replaces."""
        return (str(self.truth.kind), self.truth.subject.model, self.truth.subject.id)


@dataclass(frozen=True, slots=True)
class Step:
    """A phase that was entered: by an event (`mark`, `at`), or because a day came (then both are None)."""

    phase: Phase
    day: dt.date
    at: dt.datetime | None = None
    mark: int | None = None


def replay(
    events: Iterable[Event],
    policy: PhasePolicy,
    *,
    until: dt.date,
    start: Phase = Phase.OUTSIDE,
    held: Mapping[Key, Truth] | None = None,
) -> list[Step]:
    """Return the phases entered from `start` on, with `held` already holding, until a day included.

    Everything that happened at one moment is one step. Events must be in order of `at`.
    """
    truths = dict(held or {})
    steps: list[Step] = []
    phase, cursor = start, None
    for at, together in groupby(events, key=lambda event: event.at):
        moment = list(together)
        day = max(moment[0].day, cursor) if cursor else moment[0].day
        phase = _wait(steps, truths, policy, phase, after=cursor, until=day)
        mark, before = moment[-1].mark, phase
        for event in moment:
            if event.holds:
                truths[event.key] = event.truth
            else:
                truths.pop(event.key, None)
            after = phase_of(truths.values(), policy, on=day)
            if after != phase:
                phase, mark = after, event.mark
        if phase != before:
            steps.append(Step(phase, day, at, mark))
        cursor = day
    _wait(steps, truths, policy, phase, after=cursor, until=until)
    return steps


def _wait(
    steps: list[Step],
    truths: Mapping[Key, Truth],
    policy: PhasePolicy,
    phase: Phase,
    *,
    after: dt.date | None,
    until: dt.date,
) -> Phase:
    """Let days pass; without a day to begin from, only what the last one of them did is told."""
    if after is None:
        now = phase_of(truths.values(), policy, on=until)
        if now != phase:
            steps.append(Step(now, turned_on(truths.values(), policy, on=until)))
        return now
    for day in _turns(truths, policy, after, until):
        now = phase_of(truths.values(), policy, on=day)
        if now != phase:
            steps.append(Step(now, day))
            phase = now
    return phase


def _turns(truths: Mapping[Key, Truth], policy: PhasePolicy, after: dt.date, until: dt.date) -> Iterator[dt.date]:
    day = next_turn(truths.values(), policy, after=after)
    while day is not None and day <= until:
        yield day
        day = next_turn(truths.values(), policy, after=day)


def turned_on(truths: Iterable[Truth], policy: PhasePolicy, *, on: dt.date) -> dt.date:
    """Return the latest day, not after `on`, on which time turned something; `on` itself when there is none."""
    days = [day for truth in truths for day in truth.turning_days(policy) if day <= on]
    return max(days, default=on)


def as_known(events: Sequence[Event]) -> list[Event]:
    """Put evidence, given in the order in which it was recorded, into the order in which it happened.

    What was learned later about an earlier moment replaces what was recorded before for that moment and after, of the
    same kind and subject; so the last event of each is what holds now.
    """
    known: list[Event] = []
    horizon: dict[Key, dt.datetime] = {}
    for event in reversed(events):
        limit = horizon.get(event.key)
        if limit is None or event.at < limit:
            horizon[event.key] = event.at
            known.append(event)
    known.reverse()
    return sorted(known, key=lambda event: event.at)
