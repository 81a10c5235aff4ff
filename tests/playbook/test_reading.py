"""Reading lists: for whom they are, what counts as read, until when."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.people.choices import Role
from loudou.people.models import Membership
from loudou.playbook import selectors
from loudou.playbook.errors import CardAlreadyListed, CardNotPublished
from loudou.playbook.models import Reading, ReadingItem, ReadingList
from loudou.playbook.services import cards, lists, reading
from loudou.playbook.services.lists import ListDraft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def names(user):
    return [str(row) for row in ReadingList.objects.get_queryset().asked_of(user)]


def test_who_does_not_keep_the_playbook_keeps_no_list(owner, finance, executive, make_list, make_card, today):
    card = make_card("Seals")
    row = make_list(card)
    item = row.items.get()
    for person in (owner, finance, executive):
        for act in (
            lambda who: lists.create_list(who, draft=ListDraft(name="Mine"), today=today),
            lambda who: lists.update_list(who, row.pk, changes={"name": "Mine"}),
            lambda who: lists.add_to_list(who, row.pk, card_id=card.pk),
            lambda who: lists.move_in_list(who, item.pk, by=1),
            lambda who: lists.take_off_list(who, item.pk),
            lambda who: lists.ask_to_read_again(who, item.pk),
        ):
            with pytest.raises(PermissionRefused):
                act(person)
    assert [(each.name, each.version) for each in ReadingList.objects.all()] == [("First weeks", 1)]
    assert ReadingItem.objects.get().edition == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, ""), ({"due_days": 0}, "due_days"), ({"due_days": 366}, "due_days"),
        ({"pass_mark": 0}, "pass_mark"), ({"pass_mark": 101}, "pass_mark"), ({"drawn": 0}, "drawn"),
        ({"drawn": 51}, "drawn"), ({"roles": ["boss"]}, "roles"),
    ],
)  # fmt: skip
def test_a_list_that_makes_no_sense_is_refused(operations, today, facts, field):
    with pytest.raises(InvalidInput) as refusal:
        lists.create_list(operations, draft=ListDraft(**{"name": "First"} | facts), today=today)
    assert field in refusal.value.errors and not ReadingList.objects.exists()


def test_a_stale_change_of_a_list_is_refused(operations, make_list):
    row = make_list()
    lists.update_list(operations, row.pk, changes={"due_days": 20}, version=1)
    with pytest.raises(StaleWrite):
        lists.update_list(operations, row.pk, changes={"due_days": 10}, version=1)
    with pytest.raises(InvalidInput):
        lists.update_list(operations, row.pk, changes={"opened_on": None})
    assert ReadingList.objects.get().due_days == 20


def test_a_list_is_for_its_roles_teams_and_starters(
    make_list, make_user, make_team, home_team, owner, stranger, manager, finance, operations
):
    south = make_team("Coast", parent=home_team)
    newcomer = make_user("newcomer", team=south)
    Membership.objects.filter(user=newcomer).update(started_on=dt.date(2026, 6, 1))
    make_list(name="All")
    make_list(name="Reps", roles=["rep", "finance"])
    make_list(name="North", team_ids=[home_team.pk])
    make_list(name="North reps", team_ids=[home_team.pk], roles=["rep"])
    make_list(name="New", started_since=dt.date(2026, 6, 1))
    off = make_list(name="Off")
    lists.update_list(operations, off.pk, changes={"is_active": False})
    assert names(newcomer) == ["All", "Reps", "North", "North reps", "New"]
    assert names(owner) == ["All", "Reps", "North", "North reps"]
    assert names(manager) == ["All", "North"]
    assert names(finance)[:2] == ["All", "Reps"]
    assert names(stranger)[:2] == ["All", "Reps"]
    with pytest.raises(NotVisible):
        selectors.get_list(finance, ReadingList.objects.get(name="North").pk)
    assert selectors.get_list(operations, off.pk) == off


def test_the_people_of_a_list_are_those_who_are_asked(
    operations, make_list, make_user, make_team, home_team, owner, colleague, stranger, manager, today
):
    """Both sides of the question, "what have I to read" and "who has to read this", answer alike."""
    south = make_team("Coast", parent=home_team)
    newcomer = make_user("newcomer", team=south)
    Membership.objects.filter(user=newcomer).update(started_on=dt.date(2026, 6, 1))
    alone = make_user("alone", Role.FINANCE)
    everybody = {owner, colleague, stranger, manager, newcomer, alone, operations}
    for facts in ({}, {"roles": ["rep"]}, {"team_ids": [home_team.pk]}, {"team_ids": [south.pk], "roles": ["rep"]},
                  {"started_since": dt.date(2026, 6, 1)}, {"roles": ["finance"], "team_ids": [south.pk]}):  # fmt: skip
        row = make_list(**facts)
        asked = {user for user in everybody if ReadingList.objects.get_queryset().asked_of(user).filter(pk=row.pk)}
        assert set(selectors.readers_of(operations, row, today=today)) == asked, facts


def test_cards_of_a_list_are_published_once_and_in_order(operations, make_list, make_card):
    seals, valves, motors = make_card("Seals"), make_card("Valves"), make_card("Motors")
    row = make_list(seals, valves, motors)
    with pytest.raises(CardAlreadyListed):
        lists.add_to_list(operations, row.pk, card_id=seals.pk)
    with pytest.raises(CardNotPublished):
        lists.add_to_list(operations, row.pk, card_id=make_card("Draft", is_published=False).pk)
    with pytest.raises(NotVisible):
        lists.add_to_list(operations, row.pk, card_id=2**40)

    def order():
        return [str(item) for item in selectors.items_of(row)]

    last = row.items.get(card=motors)
    lists.move_in_list(operations, last.pk, by=-1)
    assert order() == ["Seals", "Motors", "Valves"]
    lists.move_in_list(operations, last.pk, by=-5)
    assert order() == ["Motors", "Seals", "Valves"]
    lists.move_in_list(operations, last.pk, by=1)
    assert order() == ["Seals", "Motors", "Valves"]
    lists.take_off_list(operations, last.pk)
    assert order() == ["Seals", "Valves"]
    with pytest.raises(NotVisible):
        lists.take_off_list(operations, last.pk)


def test_days_count_from_ones_start_or_from_the_opening(make_list, make_card, owner, make_user, today):
    """Nobody is late for a list that did not exist: owner came in 2020, the list opened today."""
    row = make_list(make_card("Seals"), due_days=10)
    [mine] = selectors.my_progress(owner, today=today)
    assert (mine.due_on, mine.days_left, mine.is_overdue) == (today + dt.timedelta(days=10), 10, False)
    assert row.due_on(today + dt.timedelta(days=3)) == today + dt.timedelta(days=13)
    [later] = selectors.my_progress(owner, today=today + dt.timedelta(days=11))
    assert later.is_overdue and later.days_left == -1


def test_without_a_team_one_started_when_the_account_was_made(make_list, make_card, make_user, now, today):
    row = make_list(make_card("Seals"), due_days=10, today=today - dt.timedelta(days=100))
    loner = make_user("loner")
    assert selectors.get_my_progress(loner, row.pk, today=today).due_on == today + dt.timedelta(days=10)


def test_reading_is_noted_once_with_its_edition(owner, operations, make_list, make_card, now, today):
    card = make_card("Seals")
    make_list(card)
    first = reading.mark_read(owner, card.pk, at=now)
    assert reading.mark_read(owner, card.pk, at=now + dt.timedelta(hours=1)) == first
    assert (first.edition, first.at, Reading.objects.count()) == (1, now, 1)
    [mine] = selectors.my_progress(owner, today=today)
    assert (mine.read, mine.is_read, mine.next_step) == (1, True, None)


def test_changed_words_ask_again_only_when_the_keeper_says_so(owner, operations, make_list, make_card, now, today):
    card = make_card("Seals")
    row = make_list(card)
    reading.mark_read(owner, card.pk, at=now)
    cards.update_card(operations, card.pk, changes={"body": "They last 9000 hours."})
    assert selectors.get_my_progress(owner, row.pk, today=today).is_read
    lists.ask_to_read_again(operations, row.items.get().pk)
    again = selectors.get_my_progress(owner, row.pk, today=today)
    assert (again.read, again.steps[0].was_changed) == (0, True)
    assert selectors.readers_of(owner, row, today=today).get().read == 0
    reading.mark_read(owner, card.pk, at=now)
    assert selectors.get_my_progress(owner, row.pk, today=today).is_read
    assert selectors.readers_of(owner, row, today=today).get().read == 1
    assert list(Reading.objects.values_list("edition", flat=True).order_by("edition")) == [1, 2]


def test_a_withdrawn_card_is_not_to_be_read(owner, operations, make_list, make_card, now, today):
    seals, valves = make_card("Seals"), make_card("Valves")
    row = make_list(seals, valves)
    cards.withdraw_card(operations, seals.pk)
    assert [str(step.card) for step in selectors.get_my_progress(owner, row.pk, today=today).steps] == ["Valves"]
    with pytest.raises(NotVisible):
        reading.mark_read(owner, seals.pk, at=now)
    with pytest.raises(CardNotPublished):
        reading.mark_read(operations, seals.pk, at=now)
    assert not Reading.objects.exists()


def test_the_next_card_is_the_next_unread_one(owner, make_list, make_card, now, today):
    seals, valves, motors = make_card("Seals"), make_card("Valves"), make_card("Motors")
    row = make_list(seals, valves, motors)
    reading.mark_read(owner, valves.pk, at=now)
    mine = selectors.get_my_progress(owner, row.pk, today=today)
    assert mine.next_step.card == seals and mine.after(seals.pk).card == motors and mine.after(motors.pk).card == seals


def test_progress_reaches_as_far_as_ones_people(
    operations, auditor, executive, administrator, manager, owner, colleague, stranger, make_list, make_card, today
):
    row = make_list(make_card("Seals"), roles=["rep"])

    def seen(actor):
        return set(selectors.readers_of(actor, row, today=today))

    assert seen(owner) == {owner} and seen(executive) == set()
    assert seen(manager) == {owner, colleague}
    assert {owner, colleague, stranger} <= seen(operations) == seen(auditor) == seen(administrator)


def test_readings_are_never_changed(owner, make_card, now):
    row = reading.mark_read(owner, make_card("Seals").pk, at=now)
    for change in (lambda: Reading.objects.update(edition=9), row.delete):
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            change()
    assert Reading.objects.get().edition == 1
