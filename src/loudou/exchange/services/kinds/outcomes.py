"""Bringing a known opportunity to the stage and the outcome that a file tells of."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput
from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.moves import (
    drop_opportunity,
    hold_opportunity,
    lose_opportunity,
    move_opportunity,
    reopen_opportunity,
    resume_opportunity,
    win_opportunity,
)


def bring_to(
    actor: Actor,
    opportunity: Opportunity,
    *,
    stage_id: int | None,
    state: State | None,
    closed_on: dt.date | None,
    at: dt.datetime,
) -> Opportunity:
    """Move, close, hold or open an opportunity as the file says; what already is so stays.

    Raises the refusals of those verbs, and InvalidInput for a loss without a reason.
    """
    wanted = state or (State.OPEN if stage_id is not None else State(opportunity.state))
    if opportunity.is_closed and wanted not in (State.OPEN, State.ON_HOLD):
        return opportunity
    if opportunity.is_closed:
        opportunity = reopen_opportunity(actor, opportunity.pk, at=at).opportunity
    if opportunity.state == State.ON_HOLD and wanted != State.ON_HOLD:
        opportunity = resume_opportunity(actor, opportunity.pk, at=at).opportunity
    if stage_id is not None and stage_id != opportunity.stage_id and opportunity.is_open:
        opportunity = move_opportunity(actor, opportunity.pk, stage_id=stage_id, at=at).opportunity
    if wanted == opportunity.state:
        return opportunity
    if wanted == State.WON:
        return win_opportunity(actor, opportunity.pk, at=at, closed_on=closed_on).opportunity
    if wanted == State.LOST:
        if opportunity.loss_reason_id is None:
            raise InvalidInput(
                {"loss_reason": [_("Say why it was lost: map a column or a default to the loss reason.")]}
            )
        return lose_opportunity(
            actor,
            opportunity.pk,
            loss_reason_id=opportunity.loss_reason_id,
            lost_to_id=opportunity.lost_to_id,
            at=at,
            closed_on=closed_on,
        ).opportunity
    if wanted == State.DROPPED:
        return drop_opportunity(actor, opportunity.pk, at=at, closed_on=closed_on).opportunity
    return hold_opportunity(actor, opportunity.pk, at=at).opportunity
