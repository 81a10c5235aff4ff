"""Questions and quizzes: what is drawn, how it is marked, and that it is marked once."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.playbook.reading_fixtures import answers
from tests.threads import at_once

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.playbook import selectors
from loudou.playbook.errors import AttemptFinished, CardNotPublished, CardsUnread, ListNotActive, NothingToAsk
from loudou.playbook.models import Attempt, AttemptAnswer, AttemptResult, Choice, Question, QuestionEdition
from loudou.playbook.quizzing import Askable, draw, is_passed, is_right
from loudou.playbook.services import lists, questions, reading
from loudou.playbook.services.questions import ChoiceDraft, QuestionDraft

pytestmark = pytest.mark.django_db
FEW = "Give at least two possible answers, and six at most."
ONE = 'Only one answer can be right here. For several, choose "Several answers may be right".'
YES, NO = ChoiceDraft(text="Yes", is_right=True), ChoiceDraft(text="No")


@pytest.fixture
def quiz(owner, make_card, make_list, make_question, now):
    """A list of one card with five questions, read by the owner."""
    card = make_card("Seals")
    row = make_list(card, drawn=5, pass_mark=80)
    for number in range(5):
        make_question(card, f"Question {number}?")
    reading.mark_read(owner, card.pk, at=now)
    return row


def test_the_same_seed_draws_the_same():
    askable = [Askable(edition, (edition * 10, edition * 10 + 1, edition * 10 + 2)) for edition in range(1, 9)]
    drawn = draw(askable, count=3, seed=7)
    assert drawn == draw(list(reversed(askable)), count=3, seed=7)
    assert len({each.edition_id for each in drawn}) == 3
    assert all(sorted(each.choice_ids) == [each.edition_id * 10 + n for n in range(3)] for each in drawn)
    assert len({tuple(draw(askable, count=3, seed=seed)) for seed in range(20)}) > 15
    assert len(draw(askable, count=50, seed=1)) == 8 and draw([], count=3, seed=1) == []


def test_true_and_false_keep_their_order():
    assert {draw([Askable(1, (1, 2), is_shuffled=False)], count=1, seed=seed)[0].choice_ids for seed in range(20)} == {
        (1, 2)
    }


def test_half_an_answer_is_none():
    assert is_right([2, 1], {1, 2}) and not is_right([1], {1, 2}) and not is_right([1, 2, 3], {1, 2})


@pytest.mark.parametrize(
    ("right", "total", "mark", "passed"),
    [(8, 10, 80, True), (7, 10, 80, False), (2, 3, 66, True), (2, 3, 67, False), (0, 1, 1, False), (5, 5, 100, True)],
)
def test_the_mark_is_reached_in_whole_numbers(right, total, mark, passed):
    assert is_passed(right, total, pass_mark=mark) is passed


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"choices": [YES]}, FEW),
        ({"choices": [YES, *(ChoiceDraft(text=f"No {n}") for n in range(6))]}, FEW),
        ({"choices": [NO, ChoiceDraft(text="Perhaps")]}, "Mark the right answer."),
        ({"choices": [YES, NO, ChoiceDraft(text="Sure", is_right=True)]}, ONE),
        ({"choices": [YES, NO, NO]}, "Two answers say the same."),
        ({"kind": "true_false", "choices": [YES, NO, ChoiceDraft(text="Perhaps")]}, "True or false has two answers."),
        ({"text_zh": "可以吗？"}, "Write question and answers in the same languages: a translation is missing."),
        ({"choices": [YES, NO, ChoiceDraft(is_right=True)]}, "An answer that is marked as right has no words."),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_is_refused(operations, make_card, facts, sentence):
    card = make_card("Seals")
    draft = QuestionDraft(**{"kind": "single", "text": "Do they last?", "choices": [YES, NO]} | facts)
    with pytest.raises(InvalidInput) as refusal:
        questions.write_question(operations, card_id=card.pk, draft=draft)
    assert refusal.value.errors == {"choices": [sentence]} and not Question.objects.exists()


def test_a_question_needs_words_and_a_published_card(operations, make_card):
    card, draft_card = make_card("Seals"), make_card("Draft", is_published=False)
    with pytest.raises(InvalidInput):
        questions.write_question(operations, card_id=card.pk, draft=QuestionDraft(kind="single", choices=[YES, NO]))
    with pytest.raises(CardNotPublished):
        questions.write_question(
            operations, card_id=draft_card.pk, draft=QuestionDraft(kind="single", text="?", choices=[YES, NO])
        )
    assert not Question.objects.exists()


def test_who_does_not_keep_the_playbook_writes_no_question(owner, make_card, make_question):
    question = make_question(make_card("Seals"), "Do they last?")
    draft = QuestionDraft(kind="single", text="Mine?", choices=[YES, NO])
    with pytest.raises(PermissionRefused):
        questions.write_question(owner, card_id=question.card_id, draft=draft)
    with pytest.raises(PermissionRefused):
        questions.edit_question(owner, question.pk, draft=draft)
    with pytest.raises(PermissionRefused):
        questions.ask_question(owner, question.pk, is_active=False)
    assert QuestionEdition.objects.get().text == "Do they last?" and Question.objects.get().is_active


def test_the_quiz_comes_after_the_reading(owner, make_card, make_list, make_question, now):
    seals, valves = make_card("Seals"), make_card("Valves")
    row = make_list(seals, valves)
    make_question(seals, "Do they last?")
    reading.mark_read(owner, seals.pk, at=now)
    with pytest.raises(CardsUnread) as refusal:
        reading.start_attempt(owner, row.pk, at=now)
    assert refusal.value.facts == {"unread": 1} and not Attempt.objects.exists()


def test_a_quiz_needs_questions_and_an_active_list(owner, operations, make_card, make_list, make_question, now):
    card = make_card("Seals")
    row = make_list(card)
    for person in (owner, operations):
        reading.mark_read(person, card.pk, at=now)
    with pytest.raises(NothingToAsk):
        reading.start_attempt(owner, row.pk, at=now)
    question = make_question(card, "Do they last?")
    questions.ask_question(operations, question.pk, is_active=False)
    with pytest.raises(NothingToAsk):
        reading.start_attempt(owner, row.pk, at=now)
    lists.update_list(operations, row.pk, changes={"is_active": False})
    with pytest.raises(ListNotActive):
        reading.start_attempt(operations, row.pk, at=now)
    with pytest.raises(NotVisible):
        reading.start_attempt(owner, row.pk, at=now)
    assert not Attempt.objects.exists()


def test_a_begun_quiz_goes_on_and_is_not_drawn_again(owner, quiz, now):
    first = reading.start_attempt(owner, quiz.pk, at=now)
    drawn = [(each.asked.edition_id, each.asked.choice_ids) for each in selectors.asked_in(first)]
    assert reading.start_attempt(owner, quiz.pk, at=now) == first
    assert [(each.asked.edition_id, each.asked.choice_ids) for each in selectors.asked_in(first)] == drawn
    assert len(drawn) == 5


def test_what_was_drawn_follows_from_the_seed_kept_with_it(owner, quiz, now):
    lists_of = []
    for _ in range(2):
        attempt = reading.start_attempt(owner, quiz.pk, at=now, seed=4711)
        lists_of.append([(each.edition_id, each.choice_ids) for each in attempt.asked.all()])
        reading.finish_attempt(owner, attempt.pk, answers=answers(attempt), at=now)
    assert lists_of[0] == lists_of[1] and attempt.seed == 4711


def test_a_quiz_is_marked_exactly(owner, quiz, now, today):
    for wrong, right, passed in ((2, 3, False), (1, 4, True), (0, 5, True)):
        attempt = reading.start_attempt(owner, quiz.pk, at=now)
        result = reading.finish_attempt(owner, attempt.pk, answers=answers(attempt, wrong=wrong), at=now)
        assert (result.right, result.total, result.is_passed) == (right, 5, passed)
        assert [each.is_right for each in selectors.asked_in(attempt)] == [False] * wrong + [True] * right
    mine = selectors.get_my_progress(owner, quiz.pk, today=today)
    assert (mine.best.right, mine.passed.right, mine.is_open) == (5, 4, False)
    person = selectors.readers_of(owner, quiz, today=today).get()
    assert (person.best_right, person.best_total, person.attempts, person.passed_on, person.reading_state) == (
        5, 5, 3, now.date(), "passed",
    )  # fmt: skip


def test_several_right_answers_must_all_be_chosen(owner, make_card, make_list, make_question, now):
    card = make_card("Seals")
    row = make_list(card)
    make_question(card, "Which?", "*A", "*B", "C", kind="multiple")
    reading.mark_read(owner, card.pk, at=now)
    a, b, c = Choice.objects.order_by("position")
    for chosen, points in (([a.pk], 0), ([a.pk, b.pk, c.pk], 0), ([b.pk, a.pk], 1)):
        attempt = reading.start_attempt(owner, row.pk, at=now)
        assert reading.finish_attempt(owner, attempt.pk, answers={1: chosen}, at=now).right == points


def test_gaps_are_refused_and_nothing_is_marked(owner, quiz, now):
    attempt = reading.start_attempt(owner, quiz.pk, at=now)
    given = answers(attempt)
    given[2], given[4] = (
        [],
        [*given[4], Choice.objects.filter(edition=attempt.asked.get(position=4).edition_id).last().pk],
    )
    with pytest.raises(InvalidInput) as refusal:
        reading.finish_attempt(owner, attempt.pk, answers=given, at=now)
    assert refusal.value.errors == {"question_2": ["Choose an answer."], "question_4": ["Choose one answer."]}
    with pytest.raises(NotVisible):
        reading.finish_attempt(owner, attempt.pk, answers=answers(attempt) | {1: [2**40]}, at=now)
    assert not AttemptResult.objects.exists() and not AttemptAnswer.objects.exists()


def test_handing_in_twice_marks_once(owner, quiz, now):
    attempt = reading.start_attempt(owner, quiz.pk, at=now)
    first = reading.finish_attempt(owner, attempt.pk, answers=answers(attempt, wrong=2), at=now)
    later = now + dt.timedelta(minutes=1)
    assert reading.finish_attempt(owner, attempt.pk, answers=answers(attempt, wrong=2), at=later) == first
    with pytest.raises(AttemptFinished):
        reading.finish_attempt(owner, attempt.pk, answers=answers(attempt), at=later)
    result = AttemptResult.objects.get()
    assert (result.right, result.finished_at, AttemptAnswer.objects.count()) == (3, now, 5)


def test_an_edited_question_leaves_old_attempts_as_they_were(owner, operations, quiz, now):
    attempt = reading.start_attempt(owner, quiz.pk, at=now)
    question = Question.objects.order_by("pk").first()
    new = QuestionDraft(kind="single", text="Other words?", choices=[NO, YES])
    assert questions.edit_question(operations, question.pk, draft=new, version=1).edition == 2
    with pytest.raises(StaleWrite):
        questions.edit_question(operations, question.pk, draft=new, version=1)
    assert questions.edit_question(operations, question.pk, draft=new).edition == 2
    assert "Question 0?" in {str(each.asked.edition) for each in selectors.asked_in(attempt)}
    assert reading.finish_attempt(owner, attempt.pk, answers=answers(attempt), at=now).right == 5
    again = reading.start_attempt(owner, quiz.pk, at=now)
    asked = {str(each.asked.edition) for each in selectors.asked_in(again)}
    assert "Other words?" in asked and "Question 0?" not in asked
    assert "Question 0?" in {str(each.asked.edition) for each in selectors.asked_in(attempt)}


def test_an_attempt_is_its_owners_until_it_is_handed_in(
    owner, manager, colleague, stranger, executive, operations, auditor, quiz, now
):
    attempt = reading.start_attempt(owner, quiz.pk, at=now)
    for person in (manager, colleague, stranger, executive, operations, auditor):
        with pytest.raises(NotVisible):
            selectors.get_attempt(person, attempt.pk)
        with pytest.raises(NotVisible):
            reading.finish_attempt(person, attempt.pk, answers=answers(attempt), at=now)
    assert not AttemptResult.objects.exists()
    reading.finish_attempt(owner, attempt.pk, answers=answers(attempt), at=now)
    for person in (owner, manager, operations, auditor):
        assert selectors.get_attempt(person, attempt.pk) == attempt
        assert list(selectors.attempts_of(person, owner, quiz)) == [attempt]
    for person in (colleague, stranger, executive):
        with pytest.raises(NotVisible):
            selectors.get_attempt(person, attempt.pk)
        assert not selectors.attempts_of(person, owner, quiz).exists()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_begin_one_quiz_and_mark_it_once(owner, quiz, now):
    begun = at_once(*[lambda: reading.start_attempt(owner, quiz.pk, at=now).pk] * 2)
    assert begun[0] == begun[1] == Attempt.objects.get().pk
    attempt = Attempt.objects.get()
    good, bad = answers(attempt), answers(attempt, wrong=5)
    marked = at_once(
        lambda: reading.finish_attempt(owner, attempt.pk, answers=good, at=now).right,
        lambda: reading.finish_attempt(owner, attempt.pk, answers=bad, at=now).right,
    )
    assert sorted(map(str, marked)) in (["0", "attempt_finished"], ["5", "attempt_finished"])
    assert AttemptAnswer.objects.count() == 5 and AttemptResult.objects.count() == 1
