"""Writing the demo company's reading list: who has read what, who has passed, who is late."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from django.db import models

from loudou.demo import calendar
from loudou.demo.staff import NEWCOMERS, Rep, Staff
from loudou.demo.words.reading import CARDS, NAME, QUESTIONS
from loudou.people.choices import Role
from loudou.playbook.choices import QuestionKind
from loudou.playbook.models import (
    Attempt,
    AttemptAnswer,
    AttemptQuestion,
    AttemptResult,
    Choice,
    Question,
    QuestionEdition,
    Reading,
    ReadingItem,
    ReadingList,
)
from loudou.playbook.quizzing import Askable, draw, is_passed, is_right

Tables = list[tuple[type[models.Model], list[dict[str, Any]]]]
OPENED_BEFORE, DUE_DAYS = 150, 100
DRAWN, PASS_MARK = 8, 75
READS_NOW, IS_LATE = 23, 1
"""Which reps are not through: the newest is in the middle, and one of the old hands has let it lie."""
FAILS_FIRST = (4, 9, 18)
LIST = 1


def reading_list(random: Random, staff: Staff, *, today: dt.date) -> Tables:
    """Rows of the list, its questions, and of what everybody has read and answered; parents before children."""
    opened = calendar.working_day_until(today - dt.timedelta(days=OPENED_BEFORE))
    at = calendar.during(opened, random)
    stamps = {"created_at": at, "updated_at": at}
    row = {
        "id": LIST, "name": NAME[1], "name_zh": NAME[0], "roles": [Role.REP.value], "opened_on": opened,
        "due_days": DUE_DAYS, "pass_mark": PASS_MARK, "drawn": DRAWN, **stamps,
    }  # fmt: skip
    items = [
        {"id": place, "reading_list_id": LIST, "card_id": card + 1, "position": place}
        for place, card in enumerate(CARDS, start=1)
    ]
    questions = [{"id": n, "card_id": asked.card + 1, **stamps} for n, asked in enumerate(QUESTIONS, start=1)]
    editions = [
        {"id": n, "question_id": n, "number": 1, "kind": asked.kind, "text": asked.text[1], "text_zh": asked.text[0]}
        for n, asked in enumerate(QUESTIONS, start=1)
    ]
    choices = [
        {
            "edition_id": n,
            "position": place + 1,
            "text": words[1],
            "text_zh": words[0],
            "is_right": place in asked.right,
        }
        for n, asked in enumerate(QUESTIONS, start=1)
        for place, words in enumerate(asked.choices)
    ]
    choices = [each | {"id": number} for number, each in enumerate(choices, start=1)]
    return [
        (ReadingList, [row]),
        (ReadingItem, items),
        (Question, questions),
        (QuestionEdition, editions),
        (Choice, choices),
        *_Readers(random, choices, opened=opened, today=today).tables(staff),
    ]


class _Readers:
    def __init__(self, random: Random, choices: list[dict[str, Any]], *, opened: dt.date, today: dt.date) -> None:
        self.random, self.opened, self.today = random, opened, today
        self.askable = [
            Askable(
                n,
                tuple(each["id"] for each in choices if each["edition_id"] == n),
                asked.kind != QuestionKind.TRUE_FALSE,
            )
            for n, asked in enumerate(QUESTIONS, start=1)
        ]
        self.right = {
            each.edition_id: {row["id"] for row in choices if row["edition_id"] == each.edition_id and row["is_right"]}
            for each in self.askable
        }
        self.readings: list[dict[str, Any]] = []
        self.attempts: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.results: list[dict[str, Any]] = []

    def tables(self, staff: Staff) -> Tables:
        joined = {number: self.today - dt.timedelta(days=days) for number, days in NEWCOMERS}
        for number, rep in enumerate(staff.reps):
            if rep.left_on is None:
                self._read_and_answer(number, rep, max(self.opened, joined.get(number, self.opened)))
        return [
            (Reading, self.readings),
            (Attempt, self.attempts),
            (AttemptQuestion, self.asked),
            (AttemptAnswer, self.answers),
            (AttemptResult, self.results),
        ]

    def _read_and_answer(self, number: int, rep: Rep, since: dt.date) -> None:
        half = len(CARDS) // 2
        last = {READS_NOW: half, IS_LATE: half + 1}.get(number, len(CARDS))
        moment = dt.datetime.combine(since, dt.time(8), tzinfo=calendar.TIME_ZONE)
        for card in CARDS[:last]:
            moment = calendar.after(moment, self.random.uniform(0.5, 6), self.random)
            self.readings.append(
                {"id": len(self.readings) + 1, "card_id": card + 1, "user_id": rep.user_id, "edition": 1, "at": moment}
            )
        if last < len(CARDS):
            return
        if number in FAILS_FIRST:
            moment = calendar.after(moment, 1, self.random)
            self._attempt(rep, moment, mistakes=self.random.choice((3, 4)))
        moment = calendar.after(moment, self.random.uniform(1, 4), self.random)
        self._attempt(rep, moment, mistakes=self.random.choice((0, 0, 1, 1, 2)))

    def _attempt(self, rep: Rep, at: dt.datetime, *, mistakes: int) -> None:
        attempt, seed = len(self.attempts) + 1, self.random.getrandbits(62)
        self.attempts.append(
            {"id": attempt, "reading_list_id": LIST, "user_id": rep.user_id, "started_at": at, "seed": seed,
             "pass_mark": PASS_MARK}
        )  # fmt: skip
        drawn = draw(self.askable, count=DRAWN, seed=seed)
        missed = set(self.random.sample(range(len(drawn)), mistakes))
        for place, each in enumerate(drawn):
            right = self.right[each.edition_id]
            wrong = next(pk for pk in each.choice_ids if pk not in right)
            chosen = [wrong] if place in missed else sorted(right)
            asked = len(self.asked) + 1
            self.asked.append(
                {"id": asked, "attempt_id": attempt, "position": place + 1, "edition_id": each.edition_id,
                 "choice_ids": list(each.choice_ids)}
            )  # fmt: skip
            self.answers.append(
                {"id": asked, "asked_id": asked, "choice_ids": chosen, "is_right": is_right(chosen, right)}
            )
        points = len(drawn) - mistakes
        self.results.append(
            {"id": attempt, "attempt_id": attempt, "right": points, "total": len(drawn),
             "is_passed": is_passed(points, len(drawn), pass_mark=PASS_MARK),
             "finished_at": at + dt.timedelta(minutes=self.random.randrange(3, 12))}
        )  # fmt: skip
