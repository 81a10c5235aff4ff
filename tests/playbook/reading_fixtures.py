"""A reading list with its cards and questions, for the tests of reading and of quizzes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from loudou.people.models import User
from loudou.playbook.models import Attempt, Card, Choice, Question, ReadingList
from loudou.playbook.services import lists, questions
from loudou.playbook.services.lists import ListDraft
from loudou.playbook.services.questions import ChoiceDraft, QuestionDraft


@pytest.fixture
def make_list(operations: User, today: dt.date) -> Callable[..., ReadingList]:
    """Make a list of cards: `make_list(seals, valves, roles=["rep"])`."""

    def make(*cards: Card, today: dt.date = today, **facts: Any) -> ReadingList:
        row = lists.create_list(operations, draft=ListDraft(**{"name": "First weeks"} | facts), today=today)
        for card in cards:
            lists.add_to_list(operations, row.pk, card_id=card.pk)
        return row

    return make


@pytest.fixture
def make_question(operations: User) -> Callable[..., Question]:
    """Ask something about a card: `make_question(card, "How long?", "*8000 h", "800 h")`; * marks what is right."""

    def make(card: Card, text: str, *choices: str, kind: str = "single") -> Question:
        answers = choices or ("*Yes", "No", "Perhaps")
        drafts = [ChoiceDraft(text=each.removeprefix("*"), is_right=each.startswith("*")) for each in answers]
        return questions.write_question(
            operations, card_id=card.pk, draft=QuestionDraft(kind=kind, text=text, choices=drafts)
        )

    return make


def answers(attempt: Attempt, *, wrong: int = 0) -> dict[int, list[int]]:
    """Return right answers to what an attempt asks, wrong ones to its first `wrong` questions."""
    given = {}
    for asked in attempt.asked.all():
        rows = Choice.objects.filter(edition=asked.edition_id).order_by("position")
        right = [row.pk for row in rows if row.is_right]
        given[asked.position] = right if asked.position > wrong else [row.pk for row in rows if not row.is_right][:1]
    return given
