"""A newcomer reads the cards, fails the quiz, reads again and passes: a real browser, both languages, by keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from tests.playbook.conftest import make_card, make_list
from tests.playbook.reading_fixtures import answers

from loudou.playbook.models import Attempt, AttemptResult
from loudou.playbook.services import questions
from loudou.playbook.services.questions import ChoiceDraft, QuestionDraft

__all__ = ["make_card", "make_list"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS: dict[str, dict[str, str]] = {
    "en": {"go": "Go on reading", "begin": "Begin to read", "read": "I have read this", "quiz": "Begin the quiz",
           "hand_in": "Hand in", "gaps": "2 questions still need an answer", "again": "Read again: Valves",
           "failed": "1 of 2 right", "list": "To the list", "retry": "Try again", "passed": "2 of 2 right"},
    "zh-hans": {"go": "继续阅读", "begin": "开始阅读", "read": "我已阅读", "quiz": "开始测验", "hand_in": "交卷",
                "gaps": "还有 2 题未作答", "again": "重读：Valves", "failed": "2 题答对 1 题", "list": "查看列表",
                "retry": "再试一次", "passed": "2 题答对 2 题"},
}  # fmt: skip


@pytest.fixture
def first_weeks(operations, make_card, make_list):
    """A list of two cards for reps, with a question about each in both languages."""
    seals, valves = make_card("Seals"), make_card("Valves")
    row = make_list(seals, valves, roles=["rep"], drawn=2, pass_mark=100)
    choices = (ChoiceDraft(text="Yes", text_zh="是", is_right=True), ChoiceDraft(text="No", text_zh="否"))
    for card in (seals, valves):
        draft = QuestionDraft(kind="single", text=f"{card.title}?", text_zh=f"{card.title}？", choices=choices)
        questions.write_question(operations, card_id=card.pk, draft=draft)
    return row


def tick(page: Page, attempt: Attempt, *, wrong_card: str = "") -> None:
    """Tick right answers, a wrong one to the question about a card."""
    right, wrong = answers(attempt), answers(attempt, wrong=2)
    for asked in attempt.asked.select_related("edition"):
        [chosen] = (wrong if wrong_card and asked.edition.text.startswith(wrong_card) else right)[asked.position]
        box = page.locator(f"input[name=question_{asked.position}][value='{chosen}']")
        box.focus()
        box.press("Space")
        expect(box).to_be_checked()


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 390)])
def test_a_newcomers_walk(page_as: Any, axe: Any, owner, first_weeks, language, width):
    words, page = WORDS[language], page_as(owner, language=language, width=width)

    def fits() -> None:
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.goto("/")
    page.locator(".reading-waiting").get_by_role("link", name=words["go"]).click()
    page.wait_for_url(re.compile(r"/playbook/reading/$"))
    fits()
    page.get_by_role("link", name=words["begin"]).click()
    for card in ("Seals", "Valves"):
        expect(page.get_by_role("heading", level=1)).to_have_text(card)
        page.get_by_role("button", name=words["read"]).click()
    page.wait_for_url(re.compile(r"/playbook/reading/$"))
    page.get_by_role("button", name=words["quiz"]).click()
    page.wait_for_url(re.compile(r"/playbook/quizzes/\d+/$"))
    fits()
    page.get_by_role("button", name=words["hand_in"]).click()
    expect(page.get_by_role("alert")).to_contain_text(words["gaps"])
    tick(page, Attempt.objects.get(), wrong_card="Valves")
    page.get_by_role("button", name=words["hand_in"]).click()
    expect(page.locator(".quiz-score")).to_have_text(words["failed"])
    fits()
    page.get_by_role("link", name=words["again"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Valves")
    page.goto(reverse("playbook:reading"))
    page.get_by_role("button", name=words["retry"]).click()
    page.wait_for_url(re.compile(r"/playbook/quizzes/\d+/$"))
    tick(page, Attempt.objects.latest("pk"))
    page.get_by_role("button", name=words["hand_in"]).click()
    expect(page.locator(".quiz-score")).to_have_text(words["passed"])
    page.get_by_role("link", name=words["list"]).click()
    page.wait_for_url(re.compile(r"/playbook/reading/$"))
    assert list(AttemptResult.objects.order_by("pk").values_list("right", "is_passed")) == [(1, False), (2, True)]
