"""Telling customers by mail who looks after them: writing letters, sending each once, and keeping what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from smtplib import SMTPException

from django.conf import settings
from django.db import transaction

from loudou.core import audit
from loudou.core.actors import SYSTEM, Actor
from loudou.core.bulk import clean_row
from loudou.core.rates import company
from loudou.core.refusals import NotVisible
from loudou.core.verbs import lock, service
from loudou.customers.errors import ContactErased
from loudou.handover.choices import LetterState
from loudou.handover.errors import LetterIncomplete, LetterNotFailed, NoMailServer
from loudou.handover.letter_texts import filled, message_of
from loudou.handover.models import Handover, HandoverLetter
from loudou.handover.selectors.letters import addressees

LONGEST_TROUBLE = 500


@service("people.hand_over")
def write_letters(
    actor: Actor, handover_id: int, *, contact_ids: Collection[int], words: Mapping[str, tuple[str, str]]
) -> list[HandoverLetter]:
    """Write a letter to each chosen contact, with subject and text by language ('zh-hans', 'en'), names filled in.

    They wait to be sent where a mail server is set up, else they are there to be copied. Who got a letter about this
    handover before, allows no mail or has no address gets none. Raises NotVisible, LetterIncomplete.
    """
    handover = lock(Handover.objects.visible_to(actor).select_related("leaver"), handover_id)
    wanted = set(contact_ids)
    chosen = [to for to in addressees(actor, handover) if to.contact.pk in wanted and to.may_be_mailed]
    fresh = [to for to in chosen if not to.has_letter]
    if not chosen or any(not all(part.strip() for part in words.get(to.language, ("", ""))) for to in fresh):
        raise LetterIncomplete
    state = LetterState.WAITING if settings.SENDS_MAIL else LetterState.DRAFT
    ours = company()
    rows = [
        HandoverLetter(
            handover=handover, contact=to.contact, successor=to.successor, customer_name=to.customer,
            address=to.address, language=to.language, state=state,
            subject=" ".join(filled(words[to.language][0], to, handover, ours).split()),
            text=filled(words[to.language][1], to, handover, ours),
        )
        for to in fresh
    ]  # fmt: skip
    for row in rows:
        if refusal := clean_row(row):
            raise refusal
    return HandoverLetter.objects.bulk_create(rows)


@service("people.hand_over")
def send_again(actor: Actor, letter_id: int) -> HandoverLetter:
    """Let a letter that was not sent wait once more. Raises NotVisible, LetterNotFailed, NoMailServer,
    ContactErased.
    """
    visible = Handover.objects.visible_to(actor).order_by().values("pk")
    letter = lock(HandoverLetter.objects.filter(handover__in=visible), letter_id)
    if letter.state not in {LetterState.FAILED, LetterState.DRAFT}:
        raise LetterNotFailed(state=letter.get_state_display())
    if letter.contact.erased_at is not None:
        raise ContactErased.of(letter.contact)
    if not settings.SENDS_MAIL:
        raise NoMailServer
    letter.state, letter.trouble = LetterState.WAITING, ""
    letter.save_changes("state", "trouble")
    return letter


def send_letter(letter_id: int, *, at: dt.datetime) -> HandoverLetter | None:
    """Send a letter that waits, and keep what became of it; None when it does not wait (any more).

    That it is being sent is committed before the mail goes out: should the worker die in between, it is not sent
    again by itself, for a customer who is told twice doubts both. Raises nothing: trouble is kept with the letter.
    """
    letter = _take(letter_id)
    if letter is None:
        return None
    try:
        message_of(letter).send()
    except (SMTPException, OSError) as error:
        letter.state, letter.trouble = LetterState.FAILED, str(error)[:LONGEST_TROUBLE]
    else:
        letter.state, letter.sent_at = LetterState.SENT, at
    with transaction.atomic():
        audit.bind(SYSTEM)
        letter.save_changes("state", "trouble", "sent_at")
    return letter


def _take(letter_id: int) -> HandoverLetter | None:
    with transaction.atomic():
        audit.bind(SYSTEM)
        try:
            rows = HandoverLetter.objects.filter(state=LetterState.WAITING, contact__erased_at=None)
            rows = rows.select_related("successor", "contact")
            letter = lock(rows, letter_id)
        except NotVisible:
            return None
        letter.state = LetterState.SENDING
        letter.attempts += 1
        letter.save_changes("state", "attempts")
    return letter
