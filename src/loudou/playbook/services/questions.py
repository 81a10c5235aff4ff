"""Writing questions about cards: each change of words is a new edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version, lock, service, validate
from loudou.playbook.choices import QuestionKind
from loudou.playbook.errors import CardNotPublished
from loudou.playbook.models import Card, Choice, Question, QuestionEdition

FEWEST, MOST = 2, 6
"""Possible answers of a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceDraft:
    """A possible answer."""

    text: str = ""
    text_zh: str = ""
    is_right: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionDraft:
    """A question with its possible answers, in one or both languages."""

    kind: str
    text: str = ""
    text_zh: str = ""
    choices: Sequence[ChoiceDraft] = ()


@service("playbook.keep")
def write_question(actor: Actor, *, card_id: int, draft: QuestionDraft) -> Question:
    """Ask something about a published card. Raises NotVisible, CardNotPublished, InvalidInput."""
    card = lock(Card.objects.visible_to(actor), card_id)
    if not card.is_published:
        raise CardNotPublished(card=card.name)
    question = Question.objects.create(card=card)
    _write_edition(question, _tidy(draft))
    return question


@service("playbook.keep")
def edit_question(actor: Actor, question_id: int, *, draft: QuestionDraft, version: int | None = None) -> Question:
    """Give a question other words: a new edition, while attempts keep what they asked. The same words change nothing.

    Raises NotVisible, StaleWrite, InvalidInput.
    """
    question = lock(Question.objects.filter(card__in=Card.objects.visible_to(actor)), question_id)
    check_version(question, version)
    wanted = _tidy(draft)
    if wanted == draft_of(question):
        return question
    question.edition += 1
    _write_edition(question, wanted)
    question.save_changes("edition")
    return question


@service("playbook.keep")
def ask_question(actor: Actor, question_id: int, *, is_active: bool, version: int | None = None) -> Question:
    """Ask a question in quizzes that begin from now on, or do so no more. Raises NotVisible, StaleWrite."""
    question = lock(Question.objects.filter(card__in=Card.objects.visible_to(actor)), question_id)
    check_version(question, version)
    if question.is_active != is_active:
        question.is_active = is_active
        question.save_changes("is_active")
    return question


def draft_of(question: Question) -> QuestionDraft:
    """Return the present words of a question, as they would be written."""
    edition = question.editions.prefetch_related("choices").get(number=question.edition)
    choices = [ChoiceDraft(text=row.text, text_zh=row.text_zh, is_right=row.is_right) for row in edition.choices.all()]
    return QuestionDraft(kind=edition.kind, text=edition.text, text_zh=edition.text_zh, choices=tuple(choices))


def _tidy(draft: QuestionDraft) -> QuestionDraft:
    """Return the draft without stray blanks and empty answers. Raises InvalidInput."""
    choices = tuple(
        ChoiceDraft(text=" ".join(each.text.split()), text_zh=" ".join(each.text_zh.split()), is_right=each.is_right)
        for each in draft.choices
    )
    tidy = QuestionDraft(
        kind=draft.kind,
        text=" ".join(draft.text.split()),
        text_zh=" ".join(draft.text_zh.split()),
        choices=tuple(each for each in choices if each.text or each.text_zh),
    )
    if any(each.is_right and not (each.text or each.text_zh) for each in choices):
        raise InvalidInput({"choices": [_("An answer that is marked as right has no words.")]})
    if sentence := _mistake(tidy):
        raise InvalidInput({"choices": [sentence]})
    return tidy


def _mistake(draft: QuestionDraft) -> str:
    """Say what is wrong with the possible answers, '' when nothing is."""
    right = sum(each.is_right for each in draft.choices)
    checks = (
        (not _is_whole(draft), _("Write question and answers in the same languages: a translation is missing.")),
        (_says_twice(draft), _("Two answers say the same.")),
        (
            not FEWEST <= len(draft.choices) <= MOST,
            _("Give at least two possible answers, and six at most."),
        ),
        (
            draft.kind == QuestionKind.TRUE_FALSE and len(draft.choices) != FEWEST,
            _("True or false has two answers."),
        ),
        (not right, _("Mark the right answer.")),
        (
            draft.kind != QuestionKind.MULTIPLE and right > 1,
            _('Only one answer can be right here. For several, choose "Several answers may be right".'),
        ),
    )
    return next((sentence for is_wrong, sentence in checks if is_wrong), "")


def _is_whole(draft: QuestionDraft) -> bool:
    """Whether question and answers are in the same languages."""
    return all(
        bool(each.text) == bool(draft.text) and bool(each.text_zh) == bool(draft.text_zh) for each in draft.choices
    )


def _says_twice(draft: QuestionDraft) -> bool:
    for words in ([each.text for each in draft.choices], [each.text_zh for each in draft.choices]):
        said = [each for each in words if each]
        if len(set(said)) != len(said):
            return True
    return False


def _write_edition(question: Question, draft: QuestionDraft) -> None:
    edition = QuestionEdition(
        question=question, number=question.edition, kind=draft.kind, text=draft.text, text_zh=draft.text_zh
    )
    validate(edition, exclude=("question",))
    edition.save(force_insert=True)
    choices = [
        Choice(edition=edition, position=position, text=each.text, text_zh=each.text_zh, is_right=each.is_right)
        for position, each in enumerate(draft.choices, start=1)
    ]
    for choice in choices:
        validate(choice, exclude=("edition",))
    Choice.objects.bulk_create(choices)
