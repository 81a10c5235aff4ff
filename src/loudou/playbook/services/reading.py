"""Reading the cards of a list, and its quiz."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Mapping

from django.db.models import F
from django.utils.translation import gettext as _

from loudou.core.refusals import InvalidInput, NotVisible
from loudou.core.verbs import lock, service
from loudou.people.models import User
from loudou.playbook.choices import CardState, QuestionKind
from loudou.playbook.errors import AttemptFinished, CardNotPublished, CardsUnread, ListNotActive, NothingToAsk
from loudou.playbook.models import (
    Attempt,
    AttemptAnswer,
    AttemptQuestion,
    AttemptResult,
    Card,
    Choice,
    QuestionEdition,
    Reading,
    ReadingList,
)
from loudou.playbook.quizzing import Askable, draw, is_passed, is_right
from loudou.playbook.selectors.reading import unread_cards

SEED_BITS = 62


@service("playbook.view")
def mark_read(actor: User, card_id: int, *, at: dt.datetime) -> Reading:
    """Note that the actor has read a card as it is now; the first time counts. Raises NotVisible, CardNotPublished."""
    card = lock(Card.objects.visible_to(actor), card_id)
    if not card.is_published:
        raise CardNotPublished(card=card.name)
    reading, _is_new = Reading.objects.get_or_create(
        user_id=actor.pk, card=card, edition=card.edition, defaults={"at": at}
    )
    return reading


@service("playbook.view")
def start_attempt(actor: User, list_id: int, *, at: dt.datetime, seed: int | None = None) -> Attempt:
    """Begin the quiz of a list, or go on with one that was begun: what was drawn is not drawn again.

    Raises NotVisible, ListNotActive, CardsUnread, NothingToAsk.
    """
    # Two clicks of one person wait for each other here; the quiz of somebody else is not held up.
    lock(User.objects.get_queryset(), actor.pk)
    row = ReadingList.objects.get_visible(actor, list_id)
    if not row.is_active:
        raise ListNotActive(list=str(row))
    begun = Attempt.objects.filter(user=actor, reading_list=row, result__isnull=True).first()
    if begun is not None:
        return begun
    if unread := unread_cards(actor, row):
        raise CardsUnread(unread=len(unread))
    chance = secrets.randbits(SEED_BITS) if seed is None else seed
    drawn = draw(_askable(row), count=row.drawn, seed=chance)
    if not drawn:
        raise NothingToAsk(list=str(row))
    attempt = Attempt.objects.create(reading_list=row, user=actor, started_at=at, seed=chance, pass_mark=row.pass_mark)
    AttemptQuestion.objects.bulk_create(
        AttemptQuestion(
            attempt=attempt, position=position, edition_id=each.edition_id, choice_ids=list(each.choice_ids)
        )
        for position, each in enumerate(drawn, start=1)
    )
    return attempt


@service("playbook.view")
def finish_attempt(
    actor: User, attempt_id: int, *, answers: Mapping[int, Collection[int]], at: dt.datetime
) -> AttemptResult:
    """Hand in a quiz: `answers` are ids of choices by the position of their question. It is marked once.

    The same answers sent again get the same result. Raises NotVisible (also for somebody else's), InvalidInput with the
    questions that have no answer (`question_3`), AttemptFinished.
    """
    attempt = lock(Attempt.objects.visible_to(actor).filter(user=actor), attempt_id)
    asked = list(attempt.asked.select_related("edition", "answer"))
    given = {each.position: sorted(set(answers.get(each.position, ()))) for each in asked}
    result = AttemptResult.objects.filter(attempt=attempt).first()
    if result is not None:
        if given != {each.position: each.answer.choice_ids for each in asked}:
            raise AttemptFinished
        return result
    for each in asked:
        if not set(given[each.position]) <= set(each.choice_ids):
            raise NotVisible
    _refuse_gaps(asked, given)
    right = _right_choices(asked)
    marked = [
        AttemptAnswer(
            asked=each, choice_ids=given[each.position], is_right=is_right(given[each.position], right[each.edition_id])
        )
        for each in asked
    ]
    AttemptAnswer.objects.bulk_create(marked)
    points = sum(each.is_right for each in marked)
    return AttemptResult.objects.create(
        attempt=attempt,
        right=points,
        total=len(marked),
        is_passed=is_passed(points, len(marked), pass_mark=attempt.pass_mark),
        finished_at=at,
    )


def _askable(row: ReadingList) -> list[Askable]:
    """What may be drawn: the present editions of the questions that are asked about the list's published cards."""
    cards = Card.objects.filter(state=CardState.PUBLISHED, pk__in=row.items.values("card"))
    editions = QuestionEdition.objects.filter(
        question__card__in=cards, question__is_active=True, question__edition=F("number")
    ).prefetch_related("choices")
    return [
        Askable(each.pk, tuple(choice.pk for choice in each.choices.all()), each.kind != QuestionKind.TRUE_FALSE)
        for each in editions
    ]


def _refuse_gaps(asked: list[AttemptQuestion], given: Mapping[int, list[int]]) -> None:
    errors = {}
    for each in asked:
        if not given[each.position]:
            errors[f"question_{each.position}"] = [_("Choose an answer.")]
        elif len(given[each.position]) > 1 and each.edition.kind != QuestionKind.MULTIPLE:
            errors[f"question_{each.position}"] = [_("Choose one answer.")]
    if errors:
        raise InvalidInput(errors)


def _right_choices(asked: list[AttemptQuestion]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {each.edition_id: set() for each in asked}
    for pk, edition in Choice.objects.filter(edition__in=found, is_right=True).values_list("pk", "edition_id"):
        found[edition].add(pk)
    return found
