"""Confirming that what was handed over has arrived."""

from __future__ import annotations

import datetime as dt

from loudou.core.bulk import clean_row
from loudou.core.verbs import service
from loudou.handover.errors import NotSuccessor
from loudou.handover.models import Confirmation, Handover, HandoverPart
from loudou.people.models import User


@service("people.own")
def confirm_handover(actor: User, handover_id: int, *, at: dt.datetime, remark: str = "") -> Confirmation:
    """Say that one has taken over what a handover brought; said again, it stays as it was.

    Raises NotVisible, NotSuccessor, InvalidInput.
    """
    handover = Handover.objects.get_visible(actor, handover_id)
    part = HandoverPart.objects.select_for_update(no_key=True).filter(handover=handover, successor=actor).first()
    if part is None:
        raise NotSuccessor
    present = Confirmation.objects.filter(part=part).first()
    if present is not None:
        return present
    made = Confirmation(part=part, at=at, remark=remark.strip())
    if refusal := clean_row(made):
        raise refusal
    made.save()
    return made
