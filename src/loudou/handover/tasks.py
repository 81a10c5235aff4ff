"""Letters to customers leave in the background, after what they are about is committed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from procrastinate.contrib.django import app

from loudou.core import audit, clock
from loudou.core.actors import Actor
from loudou.handover.choices import LetterState
from loudou.handover.models import HandoverLetter
from loudou.handover.services import letters

QUEUE = "mail"


@app.task(queue=QUEUE, name="handover.send_letter")
def send_letter(letter_id: int) -> None:
    """Send one letter; what became of it stands on the handover's page."""
    with audit.source("job"):
        letters.send_letter(letter_id, at=clock.now())


def write_letters(
    actor: Actor, handover_id: int, *, contact_ids: Collection[int], words: Mapping[str, tuple[str, str]]
) -> list[HandoverLetter]:
    """Write letters and let a worker send those that wait. Raises what the service raises."""
    with transaction.atomic():
        written = letters.write_letters(actor, handover_id, contact_ids=contact_ids, words=words)
        enqueue(letter.pk for letter in written if letter.state == LetterState.WAITING)
    return written


def send_again(actor: Actor, letter_id: int) -> HandoverLetter:
    """Let a worker send a letter that was not sent. Raises what the service raises."""
    with transaction.atomic():
        letter = letters.send_again(actor, letter_id)
        enqueue([letter.pk])
    return letter


def enqueue(letter_ids: Iterable[int]) -> None:
    """Let a worker send these letters, once the present transaction is committed."""
    ids = list(letter_ids)
    transaction.on_commit(lambda: [send_letter.defer(letter_id=pk) for pk in ids] and None)
