"""Questions, and attempts at answering them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery

from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.people.models import User
from loudou.playbook.models import Attempt, AttemptQuestion, Card, Choice, Question, QuestionEdition, ReadingList


def questions_of(row: ReadingList) -> QuerySet[Question]:
    """Questions about the cards of a list, in the order of the cards, each with its present words in `now`."""
    place = row.items.filter(card=OuterRef("card")).values("position")[:1]
    return questions().filter(card__in=row.items.values("card")).annotate(place=Subquery(place)).order_by("place", "pk")


def questions_about(card: Card) -> QuerySet[Question]:
    """Questions about one card, for who keeps them."""
    return questions().filter(card=card)


def questions() -> QuerySet[Question]:
    """All questions, each with its present words: an edition in the list `now`."""
    present = QuestionEdition.objects.filter(number=F("question__edition")).prefetch_related("choices")
    return Question.objects.select_related("card").prefetch_related(Prefetch("editions", present, to_attr="now"))


def get_question(actor: Actor, question_id: int) -> Question:
    """One question about a card that one sees; only keepers are shown it. Raises NotVisible."""
    found = questions().filter(card__in=Card.objects.visible_to(actor), pk=question_id).first()
    if found is None:
        raise NotVisible
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of an attempt as it was asked; `chosen` and `is_right` once it was handed in."""

    asked: AttemptQuestion
    choices: tuple[Choice, ...]
    chosen: frozenset[int]
    is_right: bool | None


def get_attempt(actor: Actor, attempt_id: int) -> Attempt:
    """One attempt: one's own, or one that was handed in by somebody whose progress one follows. Raises NotVisible."""
    rows = Attempt.objects.visible_to(actor).filter(Q(user_id=actor.pk) | Q(result__isnull=False))
    return rows.select_related("reading_list", "user", "result").get_visible(actor, attempt_id)


def asked_in(attempt: Attempt) -> list[Asked]:
    """What an attempt asks, in its own order. Which answers are right is not read here."""
    rows = list(
        attempt.asked.select_related("edition__question__card", "answer").defer("edition__question__card__search_text")
    )
    words = {
        row.pk: row for row in Choice.objects.filter(edition__in=[row.edition_id for row in rows]).defer("is_right")
    }
    found = []
    for row in rows:
        answer = getattr(row, "answer", None)
        found.append(
            Asked(
                row,
                tuple(words[pk] for pk in row.choice_ids),
                frozenset(answer.choice_ids) if answer else frozenset(),
                answer.is_right if answer else None,
            )
        )
    return found


def attempts_of(actor: Actor, user: User, row: ReadingList) -> QuerySet[Attempt]:
    """Finished attempts of somebody at a list, the latest first, as far as the actor follows them."""
    rows = Attempt.objects.visible_to(actor).filter(user=user, reading_list=row, result__isnull=False)
    return rows.select_related("result").order_by("-pk")


def right_choices(attempt: Attempt) -> frozenset[int]:
    """Ids of the right answers to what an attempt asked: for an attempt that was passed, and for no other."""
    rows = Choice.objects.filter(edition__in=attempt.asked.values("edition"), is_right=True)
    return frozenset(rows.values_list("pk", flat=True))
