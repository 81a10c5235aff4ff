"""Writing the append-only history. Everything that alters stage, state, amount, date, probability or owner ends here.

Rows of one opportunity never run backwards: `at` is not before the last row's `at`, so that the row with the greatest
(`at`, `id`) is always the newest truth. The caches on the opportunity follow from it: `stage_entered_at` is the `at`
of the newest row that (re)starts a stage, `closed_at` that of the newest row that closes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Max

from loudou.core.actors import Actor
from loudou.core.copying import fresh_row
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.models import Opportunity, Stage, StageChange

RECORDED = ("amount", "currency", "expected_on", "probability", "owner_id")
"""Fields of an opportunity whose every change the history keeps."""

STARTS_STAGE = (
    ChangeKind.CREATED,
    ChangeKind.ADVANCED,
    ChangeKind.SKIPPED,
    ChangeKind.MOVED_BACK,
    ChangeKind.SWITCHED,
    ChangeKind.REOPENED,
)
"""Kinds after which the time in the stage counts anew."""

CLOSES = (ChangeKind.WON, ChangeKind.LOST, ChangeKind.DROPPED)
NOTE_LENGTH = 500


def row(
    opportunity: Opportunity,
    kind: ChangeKind,
    *,
    at: dt.datetime,
    actor: Actor,
    from_stage_id: int | None = None,
    from_state: str = "",
    note: str = "",
) -> StageChange:
    """Make the row that says what the opportunity is from `at` on. Without `from_...` these did not change."""
    is_first = kind == ChangeKind.CREATED
    values = {name: getattr(opportunity, name) for name in _AS_IT_IS}
    values |= {
        "kind": kind,
        "from_stage_id": None if is_first else (from_stage_id or opportunity.stage_id),
        "to_stage_id": opportunity.stage_id,
        "from_state": "" if is_first else (from_state or opportunity.state),
        "to_state": opportunity.state,
        "at": at,
        "actor_id": actor.pk,
        "note": note[:NOTE_LENGTH],
    }
    change = fresh_row(StageChange, values)
    change.opportunity = opportunity
    return change


_AS_IT_IS = ("amount", "currency", "amount_base", "expected_on", "probability", "owner_id")


def not_before_history(opportunity_ids: Iterable[int], at: dt.datetime) -> dt.datetime:
    """Return `at`, or the newest `at` on record when clocks disagree. The rows must be locked. One statement."""
    newest = StageChange.objects.filter(opportunity_id__in=list(opportunity_ids)).aggregate(at=Max("at"))["at"]
    return max(at, newest) if newest else at


def kind_of_move(here: Stage, there: Stage) -> ChangeKind:
    """Say whether going from one stage to another of the same process is forward, skipping or back.

    `position` counts without gaps among the stages in use; a merged stage stands behind all of them.
    """
    if here.process_id != there.process_id:
        return ChangeKind.SWITCHED
    if there.position < here.position:
        return ChangeKind.MOVED_BACK
    return ChangeKind.ADVANCED if there.position == here.position + 1 else ChangeKind.SKIPPED


KIND_OF_STATE = {
    State.WON: ChangeKind.WON,
    State.LOST: ChangeKind.LOST,
    State.DROPPED: ChangeKind.DROPPED,
    State.ON_HOLD: ChangeKind.HELD,
    State.OPEN: ChangeKind.REOPENED,
}
