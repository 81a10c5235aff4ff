"""Uses, votes and suggested corrections."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.threads import at_once

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused
from loudou.people.selectors import notifications
from loudou.playbook import selectors
from loudou.playbook.choices import SuggestionState
from loudou.playbook.errors import CardNotPublished, SuggestionAlreadyDecided
from loudou.playbook.models import CardSuggestion, CardUse, CardVote
from loudou.playbook.selectors import CardFigures
from loudou.playbook.services import cards, feedback

pytestmark = pytest.mark.django_db


def test_a_use_counts_once_a_person_and_day(owner, colleague, make_card, today, at):
    card = make_card("Seals")
    for person, day in [(owner, 0), (owner, 0), (owner, -1), (colleague, 0), (colleague, -200)]:
        feedback.note_use(person, card.pk, today=today + dt.timedelta(days=day))
    assert CardUse.objects.count() == 4
    assert selectors.figures_of(card, today=today) == CardFigures(readers=2, useful=0, useless=0)


def test_the_last_word_of_each_person_counts(owner, colleague, make_card, at, today):
    card = make_card("Seals")
    feedback.vote_on_card(owner, card.pk, is_useful=True, at=at)
    feedback.vote_on_card(owner, card.pk, is_useful=False, at=at)
    feedback.vote_on_card(colleague, card.pk, is_useful=True, at=at)
    assert selectors.figures_of(card, today=today) == CardFigures(readers=0, useful=1, useless=1)
    assert selectors.vote_of(owner, card).is_useful is False
    [row] = selectors.cards_to_keep(owner)
    assert (row.useful, row.useless, row.waiting) == (1, 1, 0)


def test_nobody_judges_what_is_not_shown(owner, operations, make_card, at):
    draft = make_card("Draft", is_published=False)
    with pytest.raises(NotVisible):
        feedback.vote_on_card(owner, draft.pk, is_useful=True, at=at)
    with pytest.raises(NotVisible):
        feedback.suggest_correction(owner, draft.pk, text="Wrong", at=at)
    with pytest.raises(CardNotPublished):
        feedback.vote_on_card(operations, draft.pk, is_useful=True, at=at)
    assert not CardVote.objects.exists() and not CardSuggestion.objects.exists()


def test_a_suggestion_reaches_the_keepers_and_its_answer_whoever_made_it(
    owner, colleague, operations, make_card, at, today
):
    card = make_card("Seals")
    row = feedback.suggest_correction(owner, card.pk, text=" It is 9000 hours now. ", at=at)
    assert (row.text, row.edition, row.state) == ("It is 9000 hours now.", 1, SuggestionState.OPEN)
    assert list(selectors.open_suggestions(operations)) == list(selectors.suggestions_of(owner, card)) == [row]
    assert not selectors.suggestions_of(colleague, card).exists()
    with pytest.raises(NotVisible):
        selectors.get_suggestion(colleague, row.pk)
    done = feedback.answer_suggestion(operations, row.pk, is_taken=True, at=at)
    assert (done.state, done.decided_by, done.decided_at) == (SuggestionState.TAKEN, operations, at)
    told = notifications(owner).get()
    assert (told.code, told.actor, told.record_id, told.facts) == (
        "suggestion_taken", operations, card.pk, {"card": "Seals"},
    )  # fmt: skip
    assert not selectors.open_suggestions(operations).exists()
    with pytest.raises(SuggestionAlreadyDecided):
        feedback.answer_suggestion(operations, row.pk, is_taken=False, answer="No", at=at)


def test_an_empty_suggestion_and_a_no_without_a_reason_are_refused(owner, operations, make_card, at):
    card = make_card("Seals")
    for text in (" ", "w" * 1001):
        with pytest.raises(InvalidInput) as refusal:
            feedback.suggest_correction(owner, card.pk, text=text, at=at)
        assert list(refusal.value.errors) == ["text"]
    row = feedback.suggest_correction(owner, card.pk, text="Wrong", at=at)
    with pytest.raises(InvalidInput):
        feedback.answer_suggestion(operations, row.pk, is_taken=False, answer=" ", at=at)
    with pytest.raises(PermissionRefused):
        feedback.answer_suggestion(owner, row.pk, is_taken=True, at=at)
    row.refresh_from_db()
    assert row.state == SuggestionState.OPEN


@pytest.mark.django_db(transaction=True)
def test_two_keepers_who_answer_at_once_give_one_answer(owner, operations, manager, make_card, at):
    row = feedback.suggest_correction(owner, make_card("Seals").pk, text="Wrong", at=at)

    def answer(person, *, is_taken):
        return lambda: feedback.answer_suggestion(person, row.pk, is_taken=is_taken, answer="So", at=at).state

    answers = at_once(answer(operations, is_taken=True), answer(manager, is_taken=False))
    row.refresh_from_db()
    assert sorted(answers) == sorted([row.state, "suggestion_already_decided"])


@pytest.mark.django_db(transaction=True)
def test_a_vote_waits_for_a_withdrawal(owner, operations, make_card, at):
    card = make_card("Seals")
    answers = at_once(
        lambda: cards.withdraw_card(operations, card.pk).state,
        lambda: feedback.vote_on_card(owner, card.pk, is_useful=True, at=at).is_useful,
    )
    assert answers[0] == "withdrawn" and answers[1] in (True, "not_found")
    assert CardVote.objects.count() == (answers[1] is True)
