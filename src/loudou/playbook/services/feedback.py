"""Using and judging cards, suggesting corrections, and answering them."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import lock, service, validate
from loudou.people.choices import NotificationCode
from loudou.people.services.notifications import notify
from loudou.playbook.choices import SuggestionState
from loudou.playbook.errors import CardNotPublished, SuggestionAlreadyDecided
from loudou.playbook.models import Card, CardSuggestion, CardUse, CardVote


@service("playbook.view")
def note_use(actor: Actor, card_id: int, *, today: dt.date) -> None:
    """Count that somebody opened a published card, once a person and day. Raises NotVisible."""
    card = Card.objects.visible_to(actor).get_visible(actor, card_id)
    if card.is_published:
        CardUse.objects.bulk_create([CardUse(card=card, user_id=actor.pk, on=today)], ignore_conflicts=True)


@service("playbook.view")
def vote_on_card(actor: Actor, card_id: int, *, is_useful: bool, at: dt.datetime) -> CardVote:
    """Say whether a card helped; the last word of each person counts. Raises NotVisible, CardNotPublished."""
    card = _published(actor, card_id)
    vote, _is_new = CardVote.objects.update_or_create(
        card=card, user_id=actor.pk, defaults={"is_useful": is_useful, "edition": card.edition, "at": at}
    )
    return vote


@service("playbook.view")
def suggest_correction(actor: Actor, card_id: int, *, text: str, at: dt.datetime) -> CardSuggestion:
    """Tell the keeper what should be corrected. Raises NotVisible, CardNotPublished, InvalidInput."""
    card = _published(actor, card_id)
    words = text.strip()
    if not words:
        raise InvalidInput({"text": [_("Say what is wrong or missing, and how you know.")]})
    row = CardSuggestion(card=card, text=words, edition=card.edition, suggested_by_id=actor.pk, suggested_at=at)
    validate(row, exclude=("card", "suggested_by", "decided_by"))
    row.save(force_insert=True)
    return row


@service("playbook.keep")
def answer_suggestion(
    actor: Actor, suggestion_id: int, *, is_taken: bool, answer: str = "", at: dt.datetime
) -> CardSuggestion:
    """Close a suggestion as taken up or not; whoever made it reads the answer on the card.

    Not taking it up needs a reason. Raises NotVisible, InvalidInput, SuggestionAlreadyDecided.
    """
    row = lock(CardSuggestion.objects.select_related("decided_by", "card"), suggestion_id)
    if row.decided_at is not None:
        raise SuggestionAlreadyDecided(person=str(row.decided_by or "–"), on=row.decided_at.date())
    words = answer.strip()
    if not is_taken and not words:
        raise InvalidInput({"answer": [_("Say why not: whoever wrote it should learn something from the answer.")]})
    row.state = SuggestionState.TAKEN if is_taken else SuggestionState.DECLINED
    row.answer, row.decided_by_id, row.decided_at = words, actor.pk, at
    validate(row, exclude=("card", "suggested_by", "decided_by"))
    row.save_changes("state", "answer", "decided_by", "decided_at")
    code = NotificationCode.SUGGESTION_TAKEN if is_taken else NotificationCode.SUGGESTION_DECLINED
    notify(actor, [row.suggested_by_id], code, at=at, record_id=row.card_id, card=row.card.name)
    return row


def _published(actor: Actor, card_id: int) -> Card:
    """The card, kept from being deleted or withdrawn meanwhile."""
    card = lock(Card.objects.visible_to(actor), card_id)
    if not card.is_published:
        raise CardNotPublished(card=card.name)
    return card
