"""What happened in a sale, in the words of whoever was there, and what comes next."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import service
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.opportunities import open_for_edit, plan_step
from loudou.pipeline.services.valuing import Books


@service("pipeline.change")
def log_progress(
    actor: Actor,
    opportunity_id: int,
    *,
    text: str,
    at: dt.datetime,
    next_step: str | None = None,
    next_step_on: dt.date | None = None,
) -> Opportunity:
    """Put a line with day and name on top of a sale's notes, and say what happens next; closed sales take lines too.

    Without `next_step` the step stays as it is (`next_step_on` re-dates it); an empty one clears it. Lines are added,
    nothing is replaced, so two people who write at once do not stand in each other's way, and no version is asked for.
    The day is the company's. Raises InvalidInput (at `text`, when it says nothing; at `next_step`; at `next_step_on`,
    when nothing is planned for that day).
    """
    said = text.strip()
    if not said:
        raise InvalidInput({"text": [_("Say what happened.")]})
    opportunity = open_for_edit(actor, opportunity_id, None)
    changed = {"notes"}
    who = f" {actor}" if actor.pk is not None else ""
    line = f"{Books.load([]).day(at):%Y-%m-%d}{who}: {said}"
    opportunity.notes = f"{line}\n{opportunity.notes}".rstrip("\n")
    if next_step is not None or next_step_on is not None:
        step = opportunity.next_step if next_step is None else next_step.strip()
        if plan_step(opportunity, step, next_step_on):
            changed |= {"next_step", "next_step_on"}
    if refusal := clean_row(opportunity):
        raise refusal
    opportunity.save_changes(*changed)
    return opportunity
