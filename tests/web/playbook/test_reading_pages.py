"""Pages of reading lists: reading, the quiz, the result, progress, and keeping them."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from tests.playbook.reading_fixtures import answers

from loudou.playbook.models import Attempt, AttemptResult, Choice, Question, Reading, ReadingItem, ReadingList
from loudou.playbook.services import reading

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def first_weeks(make_card, make_list, make_question):
    """A list of two cards with a question about each."""
    seals, valves = make_card("Seals"), make_card("Valves")
    row = make_list(seals, valves, roles=["rep"], drawn=2, pass_mark=100)
    make_question(seals, "Do seals last?", "*They do", "They do not")
    make_question(valves, "Which valves?", "*Ours", "*Those", "None", kind="multiple")
    return row


def fields(attempt, wrong=0):
    return {f"question_{n}": chosen for n, chosen in answers(attempt, wrong=wrong).items()}


def test_a_newcomer_reads_and_passes(client, owner, first_weeks):
    browser = client.as_(owner)
    page = browser.get(reverse("playbook:reading")).content.decode()
    assert "0 of 2 cards read" in page and "Begin to read" in page and "Begin the quiz" not in page
    seals, valves = [item.card_id for item in first_weeks.items.all()]
    text = browser.get(reverse("playbook:read", args=[first_weeks.pk, seals])).content.decode()
    assert "card 1 of 2" in text and "About seals." in text
    answer = browser.post(reverse("playbook:card_read", args=[first_weeks.pk, seals]))
    assert answer.url == reverse("playbook:read", args=[first_weeks.pk, valves])
    answer = browser.post(reverse("playbook:card_read", args=[first_weeks.pk, valves]))
    assert answer.url == reverse("playbook:reading") and Reading.objects.count() == 2
    address = browser.post(reverse("playbook:quiz_start", args=[first_weeks.pk])).url
    attempt = Attempt.objects.get()
    assert address == reverse("playbook:attempt", args=[attempt.pk])
    asked = browser.get(address).content.decode()
    assert "Do seals last?" in asked and 'type="radio"' in asked and 'type="checkbox"' in asked
    assert browser.post(reverse("playbook:hand_in", args=[attempt.pk]), fields(attempt)).url == address
    assert "2 of 2 right" in browser.get(address).content.decode()
    assert "Passed" in browser.get(reverse("playbook:reading")).content.decode()


def start(user, row, now):
    for item in row.items.all():
        reading.mark_read(user, item.card_id, at=now)
    return reading.start_attempt(user, row.pk, at=now, seed=1)


def test_what_is_right_is_not_told_before_the_quiz_is_passed(client, owner, first_weeks, now):
    attempt = start(owner, first_weeks, now)
    browser, address = client.as_(owner), reverse("playbook:attempt", args=[attempt.pk])
    page = browser.get(address)
    questions = re.sub(r"csrfmiddlewaretoken[^>]*>", "", page.content.decode())
    assert "right" not in " ".join(re.findall(r"<fieldset.*?</fieldset>", questions, re.DOTALL)).replace(
        "may be right", ""
    )
    assert "right" not in page.context and all(
        "is_right" in choice.get_deferred_fields() for each in page.context["questions"] for choice in each.each.choices
    )
    browser.post(reverse("playbook:hand_in", args=[attempt.pk]), fields(attempt, wrong=2))
    failed = browser.get(address)
    assert failed.context["right"] == frozenset() and "Right answer" not in failed.content.decode()
    for item in first_weeks.items.all():
        assert reverse("playbook:read", args=[first_weeks.pk, item.card_id]) in failed.content.decode()
    again = reading.start_attempt(owner, first_weeks.pk, at=now, seed=2)
    browser.post(reverse("playbook:hand_in", args=[again.pk]), fields(again))
    passed = browser.get(reverse("playbook:attempt", args=[again.pk]))
    assert passed.context["right"] == set(Choice.objects.filter(is_right=True).values_list("pk", flat=True))


def test_gaps_bring_the_quiz_back_with_what_was_ticked(client, owner, first_weeks, now):
    attempt = start(owner, first_weeks, now)
    given = fields(attempt)
    kept = given["question_2"][0]
    answer = client.as_(owner).post(
        reverse("playbook:hand_in", args=[attempt.pk]),
        {"question_2": given["question_2"], "question_x": "1", "question_1": "a"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and "1 question still needs an answer." in page and "Choose an answer." in page
    assert f'value="{kept}" checked' in page and not AttemptResult.objects.exists()


def test_a_second_hand_in_with_other_answers_is_refused(client, owner, first_weeks, now):
    attempt = start(owner, first_weeks, now)
    browser, address = client.as_(owner), reverse("playbook:hand_in", args=[attempt.pk])
    assert browser.post(address, fields(attempt, wrong=1)).status_code == 302
    assert browser.post(address, fields(attempt, wrong=1)).status_code == 302
    assert browser.post(address, fields(attempt)).status_code == 409
    assert AttemptResult.objects.get().right == 1


def test_a_list_and_a_quiz_of_others_are_not_there(client, owner, colleague, finance, first_weeks, now):
    attempt = start(owner, first_weeks, now)
    card = first_weeks.items.first().card_id
    assert client.as_(colleague).get(reverse("playbook:attempt", args=[attempt.pk])).status_code == 404
    browser = client.as_(finance)
    assert browser.get(reverse("playbook:read", args=[first_weeks.pk, card])).status_code == 404
    assert browser.post(reverse("playbook:quiz_start", args=[first_weeks.pk])).status_code == 404
    assert browser.get(reverse("playbook:reading_progress", args=[first_weeks.pk])).status_code == 404
    assert "Nothing to read" in browser.get(reverse("playbook:reading")).content.decode()


def test_a_quiz_before_the_reading_is_refused_with_what_is_left(client, owner, first_weeks):
    answer = client.as_(owner).post(reverse("playbook:quiz_start", args=[first_weeks.pk]), headers=HTMX)
    assert answer.status_code == 409 and not Attempt.objects.exists()


def test_the_start_page_shows_what_is_open_and_then_no_more(client, owner, first_weeks, now):
    browser, part = client.as_(owner), reverse("playbook:reading_waiting")
    assert part in browser.get("/").content.decode()
    assert "0 of 2 cards read" in browser.get(part, headers=HTMX).content.decode()
    attempt = start(owner, first_weeks, now)
    assert "What is left is the quiz." in browser.get(part, headers=HTMX).content.decode()
    reading.finish_attempt(owner, attempt.pk, answers=answers(attempt), at=now)
    assert "First weeks" not in browser.get(part, headers=HTMX).content.decode()


def test_the_start_page_asks_little(client, owner, first_weeks, django_assert_max_num_queries):
    browser = client.as_(owner)
    browser.get(reverse("playbook:reading_waiting"))
    with django_assert_max_num_queries(14):
        browser.get(reverse("playbook:reading_waiting"))


def test_progress_is_a_list_with_filter_and_file(client, manager, owner, colleague, stranger, first_weeks, now):
    attempt = start(owner, first_weeks, now)
    reading.finish_attempt(owner, attempt.pk, answers=answers(attempt), at=now)
    browser, address = client.as_(manager), reverse("playbook:reading_progress", args=[first_weeks.pk])

    def shown(**query):
        return {row.name for row in browser.get(address, query).context["list"].rows_page.rows}

    assert shown() == {"Owner", "Colleague"} and shown(reading_state="passed") == {"Owner"}
    assert shown(reading_state="not_begun") == {"Colleague"} and shown(q="coll") == {"Colleague"}
    lines = (
        b"".join(browser.get(address, {"export": "csv", "sort": "name"}).streaming_content)
        .decode("utf-8-sig")
        .splitlines()
    )
    assert lines[1].startswith("Colleague,Not begun,0 of 2,2026-07-15,")
    assert lines[2].startswith("Owner,Passed,2 of 2,2026-07-15,2 of 2,1,2026-06-15")


def test_a_keeper_makes_a_list_and_puts_cards_in_order(client, operations, make_card, home_team):
    browser = client.as_(operations)
    seals, valves = make_card("Seals"), make_card("Valves")
    sent = {"name": "New here", "roles": ["rep"], "teams": [home_team.pk], "due_days": 20, "drawn": 5, "pass_mark": 70}
    assert browser.post(reverse("playbook:reading_list_add"), sent).status_code == 302
    row = ReadingList.objects.get()
    assert (row.roles, row.teams.get(), row.due_days, row.drawn, row.pass_mark) == (["rep"], home_team, 20, 5, 70)
    for card in (seals, valves):
        browser.post(reverse("playbook:reading_item_add", args=[row.pk]), {"card": card.pk})
    item = ReadingItem.objects.get(card=valves)
    browser.post(reverse("playbook:reading_item_up", args=[item.pk]))
    assert [each.card for each in row.items.all()] == [valves, seals]
    browser.post(reverse("playbook:reading_item_off", args=[item.pk]))
    assert [each.card for each in row.items.all()] == [seals]
    browser.post(
        reverse("playbook:reading_list_edit", args=[row.pk]), sent | {"name": "Newer", "teams": [], "version": 1}
    )
    row.refresh_from_db()
    assert (row.name, row.is_active, row.teams.count()) == ("Newer", False, 0)
    assert "Switched off" in browser.get(reverse("playbook:reading_list", args=[row.pk])).content.decode()
    assert "Newer" in browser.get(reverse("playbook:reading_lists")).content.decode()


def test_a_keeper_writes_and_edits_a_question(client, operations, make_card):
    browser, card = client.as_(operations), make_card("Seals")
    sent = {"kind": "single", "text": "Do they last?", "choice_1": "Yes", "right_1": "on", "choice_2": "No"}
    refused = browser.post(reverse("playbook:question_add", args=[card.pk]), {**sent, "right_1": ""})
    assert refused.status_code == 422 and "Mark the right answer." in refused.content.decode()
    assert browser.post(reverse("playbook:question_add", args=[card.pk]), sent).status_code == 302
    question = Question.objects.get()
    form = browser.get(reverse("playbook:question_edit", args=[question.pk])).content.decode()
    assert 'value="Do they last?"' in form and 'value="No"' in form
    browser.post(reverse("playbook:question_edit", args=[question.pk]), {**sent, "text": "How long?", "version": 1})
    browser.post(reverse("playbook:question_rest", args=[question.pk]))
    question.refresh_from_db()
    assert (question.edition, question.is_active) == (2, False)
    page = browser.get(reverse("playbook:card", args=[card.pk])).content.decode()
    assert "How long?" in page and "not asked any more" in page
