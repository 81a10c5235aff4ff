"""What whoever keeps the playbook has to look after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.playbook.choices import SuggestionState
from loudou.playbook.models import Card, CardSuggestion, CardUse

USE_DAYS = 90


@dataclass(frozen=True, slots=True)
class CardFigures:
    """How a card is used: people who opened it in the last USE_DAYS days, and votes."""

    readers: int
    useful: int
    useless: int


def figures_of(card: Card, *, today: dt.date) -> CardFigures:
    """Count people and votes of one card. Two statements."""
    since = today - dt.timedelta(days=USE_DAYS)
    readers = CardUse.objects.filter(card=card, on__gt=since).aggregate(n=Count("user", distinct=True))["n"]
    votes = card.votes.aggregate(useful=Count("pk", filter=Q(is_useful=True)), all=Count("pk"))
    return CardFigures(readers, votes["useful"], votes["all"] - votes["useful"])


def suggestions(actor: Actor) -> QuerySet[CardSuggestion]:
    """Suggested corrections: all of them for keepers and the audit, else one's own."""
    rows = CardSuggestion.objects.filter(card__in=Card.objects.visible_to(actor)).select_related(
        "card", "suggested_by", "decided_by"
    )
    if actor.has_permission("playbook.keep") or actor.has_permission("audit.view"):
        return rows
    return rows.filter(suggested_by_id=actor.pk)


def open_suggestions(actor: Actor) -> QuerySet[CardSuggestion]:
    """Suggestions that nobody has answered, the oldest first."""
    return suggestions(actor).filter(state=SuggestionState.OPEN).order_by("suggested_at", "pk")


def suggestions_of(actor: Actor, card: Card) -> QuerySet[CardSuggestion]:
    """What was suggested for a card, as far as the actor may read it, the latest first."""
    return suggestions(actor).filter(card=card).order_by("-suggested_at", "-pk")


def get_suggestion(actor: Actor, suggestion_id: int) -> CardSuggestion:
    """One suggestion. Raises NotVisible."""
    found = suggestions(actor).filter(pk=suggestion_id).first()
    if found is None:
        raise NotVisible
    return found
