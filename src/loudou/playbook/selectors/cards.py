"""Cards: all that one may see, one of them, those that hold some words."""

from __future__ import annotations

import datetime as dt

from django.db.models import Case, Count, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from loudou.catalog.models import Product, ProductLine
from loudou.core.actors import Actor
from loudou.core.searchtext import matches, needles
from loudou.people.permissions import GRANTS
from loudou.pipeline.models import Stage
from loudou.playbook.choices import CardState, SuggestionState
from loudou.playbook.models import Card, CardSuggestion, CardVote
from loudou.playbook.models.card import CardQuerySet


def card_rows(actor: Actor) -> CardQuerySet:
    """Cards the actor may see, with what they are about. Four statements, however many."""
    stages: QuerySet[Stage] = Stage.with_merged.select_related("process").order_by("process__position", "position")
    return (
        Card.objects.visible_to(actor)
        .select_related("competitor", "keeper")
        .defer("search_text", "keeper__search_text", "keeper__password")
        .prefetch_related(Prefetch("products", Product.objects.only("name", "code", "line_id").order_by("name")))
        .prefetch_related(Prefetch("lines", ProductLine.objects.only("name").order_by("name")))
        .prefetch_related(Prefetch("stages", stages))
    )


def cards_to_keep(actor: Actor) -> CardQuerySet:
    """`card_rows`, each with `useful`, `useless` (votes) and `waiting` (suggestions that nobody answered)."""

    def votes(is_useful: bool) -> Coalesce:
        counted = CardVote.objects.filter(card=OuterRef("pk"), is_useful=is_useful).order_by().values("card")
        return Coalesce(Subquery(counted.annotate(n=Count("*")).values("n"), output_field=IntegerField()), 0)

    waiting = CardSuggestion.objects.filter(card=OuterRef("pk"), state=SuggestionState.OPEN).order_by().values("card")
    return card_rows(actor).annotate(
        useful=votes(True),
        useless=votes(False),
        waiting=Coalesce(Subquery(waiting.annotate(n=Count("*")).values("n"), output_field=IntegerField()), 0),
    )


def get_card(actor: Actor, card_id: int) -> Card:
    """One card with who wrote, keeps and checked it. Raises NotVisible."""
    return card_rows(actor).select_related("author", "checked_by").get_visible(actor, card_id)


def vote_of(actor: Actor, card: Card) -> CardVote | None:
    """What the actor said of a card, if anything."""
    return CardVote.objects.filter(card=card, user_id=actor.pk).first()


def search_cards(actor: Actor, query: str, *, limit: int) -> list[Card]:
    """Cards that hold every word: those with all of them in the title first, then published ones (one statement)."""
    words = query.strip()
    if not needles(words):
        return []
    in_title = Q()
    for word in words.split():
        in_title &= Q(title__icontains=word) | Q(title_zh__icontains=word)
    best = Case(
        When(in_title, state=CardState.PUBLISHED, then=0),
        When(state=CardState.PUBLISHED, then=1),
        default=2,
        output_field=IntegerField(),
    )
    rows = Card.objects.visible_to(actor).filter(matches(words)).select_related("competitor").defer("search_text")
    return list(rows.alias(best=best).order_by("best", F("checked_on").desc(nulls_last=True), "pk")[:limit])


def stale_cards(actor: Actor, *, today: dt.date) -> CardQuerySet:
    """Cards that are shown though nobody has checked them in time, the longest overdue first."""
    return card_rows(actor).stale(today=today).order_by("checked_until", "pk")


def cards_without_keeper(actor: Actor) -> CardQuerySet:
    """Published cards that nobody looks after: their keeper is gone, or keeps no cards any more."""
    keeping = [str(role) for role, verbs in GRANTS.items() if "playbook.keep" in verbs]
    is_kept = Q(keeper__is_active=True, keeper__roles__overlap=keeping)
    return card_rows(actor).published().exclude(is_kept).order_by("pk")
