"""Cards: who writes them, what they must be, when they are shown."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils import translation
from tests.threads import at_once

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.people.choices import Role
from loudou.people.models import AuditEntry
from loudou.playbook import selectors
from loudou.playbook.brevity import reading_seconds
from loudou.playbook.choices import CardState
from loudou.playbook.errors import CardAlreadyPublished, CardNotPublished, KeeperNotAvailable
from loudou.playbook.models import Card
from loudou.playbook.services import cards
from loudou.playbook.services.cards import CardDraft

pytestmark = pytest.mark.django_db
WORDS = {"kind": "fact", "title": "Seals", "body": "They last 8000 hours."}


def test_a_card_begins_as_a_draft_of_its_writer(manager):
    card = cards.create_card(manager, draft=CardDraft(**WORDS | {"title": "  The   seals "}))
    assert (card.title, card.state, card.edition, card.keeper, card.author) == (
        "The seals", CardState.DRAFT, 1, manager, manager,
    )  # fmt: skip


def test_who_does_not_keep_the_playbook_writes_nothing(owner, finance, executive, make_card, today):
    card = make_card("Seals")
    for person in (owner, finance, executive):
        with pytest.raises(PermissionRefused):
            cards.create_card(person, draft=CardDraft(**WORDS))
        with pytest.raises(PermissionRefused):
            cards.update_card(person, card.pk, changes={"title": "Mine"})
        with pytest.raises(PermissionRefused):
            cards.withdraw_card(person, card.pk)
        with pytest.raises(PermissionRefused):
            cards.check_card(person, card.pk, today=today)
    assert list(Card.objects.values_list("title", "state")) == [("Seals", "published")]


def test_only_published_cards_are_everybodys(owner, operations, auditor, make_card):
    draft, shown = make_card("Draft", is_published=False), make_card("Shown")
    assert list(selectors.card_rows(owner)) == [shown]
    assert set(selectors.card_rows(operations)) == set(selectors.card_rows(auditor)) == {draft, shown}
    with pytest.raises(NotVisible):
        selectors.get_card(owner, draft.pk)


def test_who_may_not_sign_in_sees_no_card(make_user, make_card):
    make_card("Seals")
    assert not selectors.card_rows(make_user("leaver", is_active=False)).exists()


@pytest.mark.parametrize(
    ("facts", "field", "sentence"),
    [
        ({"title": "", "body": ""}, "", "Write title and text in at least one language."),
        ({"body": ""}, "", "A title needs its text, and a text its title: complete the English."),
        ({"body_zh": "密封"}, "", "A title needs its text, and a text its title: complete the Chinese."),
        ({"kind": "competitor"}, "", "A competitor note is about one competitor: choose which."),
    ],
)
def test_half_a_card_is_refused(operations, facts, field, sentence):
    with pytest.raises(InvalidInput) as refusal:
        cards.create_card(operations, draft=CardDraft(**WORDS | facts))
    assert refusal.value.errors == {field: [sentence]} and not Card.objects.exists()


def test_a_card_is_read_in_a_minute(operations):
    assert reading_seconds("") == 0
    assert reading_seconds("word " * 220) == 60
    assert reading_seconds("word " * 221) == 61
    assert reading_seconds("泵" * 300) == 60
    assert reading_seconds("LC-50 泵") == 1
    assert reading_seconds("word " * 110 + "泵" * 150) == 60
    cards.create_card(operations, draft=CardDraft(**WORDS | {"body": "word " * 220}))
    for name, body in (("body", "word " * 330), ("body_zh", "泵" * 450)):
        with pytest.raises(InvalidInput) as refusal:
            cards.create_card(operations, draft=CardDraft(**WORDS | {"title_zh": "泵", "body_zh": "泵", name: body}))
        assert refusal.value.errors == {
            name: [
                "This takes about 90 seconds to read. A card is read in a minute, often with the customer on the "
                "telephone: shorten it, or make two cards of it."
            ]
        }
    with pytest.raises(InvalidInput):
        cards.create_card(operations, draft=CardDraft(**WORDS | {"body": "w" * 2001}))
    assert Card.objects.count() == 1


def test_the_edition_counts_changes_of_words_only(operations, make_card, product):
    card = make_card("Seals")
    assert cards.update_card(operations, card.pk, changes={"product_ids": [product.pk]}).edition == 1
    assert cards.update_card(operations, card.pk, changes={"kind": "talk_track"}).edition == 1
    assert cards.update_card(operations, card.pk, changes={"body": "They last 9000 hours."}).edition == 2
    same = cards.update_card(operations, card.pk, changes={"body": " They last 9000 hours.\r\n"})
    assert (same.edition, same.version) == (2, 5)  # published, products, kind, words; then nothing


def test_a_stale_change_is_refused(operations, make_card):
    card = make_card("Seals")
    with pytest.raises(StaleWrite):
        cards.update_card(operations, card.pk, changes={"title": "Other"}, version=1)
    assert Card.objects.get().title == "Seals"


def test_what_the_words_were_stays_in_the_history(auditor, operations, make_card):
    card = make_card("Seals")
    cards.update_card(operations, card.pk, changes={"body": "They last 9000 hours."})
    entry = AuditEntry.objects.about("playbook_card", card.pk).first()
    assert (entry.before["body"], entry.after["body"]) == ("About seals.", "They last 9000 hours.")


def test_publishing_says_who_checked_and_until_when(operations, manager, make_card, today):
    card = make_card("Seals", is_published=False)
    shown = cards.publish_card(manager, card.pk, today=today)
    assert (shown.state, shown.checked_by, shown.checked_on) == (CardState.PUBLISHED, manager, today)
    assert shown.checked_until == today + dt.timedelta(days=180)
    with pytest.raises(CardAlreadyPublished):
        cards.publish_card(manager, card.pk, today=today)
    later = cards.check_card(operations, card.pk, today=today, checked_until=today + dt.timedelta(days=730))
    assert (later.checked_by, later.checked_until) == (operations, today + dt.timedelta(days=730))


@pytest.mark.parametrize("days", [-1, 0, 731])
def test_nothing_is_checked_for_the_past_or_for_ever(operations, make_card, today, days):
    card = make_card("Seals")
    with pytest.raises(InvalidInput) as refusal:
        cards.check_card(operations, card.pk, today=today, checked_until=today + dt.timedelta(days=days))
    assert list(refusal.value.errors) == ["checked_until"]
    card.refresh_from_db()
    assert card.checked_until == today + dt.timedelta(days=180)


def test_a_withdrawn_card_is_gone_for_its_readers_and_may_come_back(operations, owner, make_card, today):
    card = make_card("Seals")
    cards.withdraw_card(operations, card.pk)
    assert not selectors.card_rows(owner).exists()
    with pytest.raises(CardNotPublished):
        cards.withdraw_card(operations, card.pk)
    with pytest.raises(CardNotPublished):
        cards.check_card(operations, card.pk, today=today)
    cards.publish_card(operations, card.pk, today=today)
    assert selectors.card_rows(owner).get() == card


def test_a_keeper_must_be_able_to_keep(operations, owner, make_user):
    for person in (owner, make_user("gone", Role.OPERATIONS, is_active=False)):
        with pytest.raises(KeeperNotAvailable):
            cards.create_card(operations, draft=CardDraft(**WORDS, keeper_id=person.pk))
    assert not Card.objects.exists()


def test_products_lines_and_stages_must_exist(operations, make_card):
    card = make_card("Seals")
    for name in ("product_ids", "line_ids", "stage_ids"):
        with pytest.raises(NotVisible):
            cards.update_card(operations, card.pk, changes={name: [2**40]})
    with pytest.raises(InvalidInput):
        cards.update_card(operations, card.pk, changes={"competitor_id": 2**40})
    with pytest.raises(InvalidInput):
        cards.update_card(operations, card.pk, changes={"state": "published"})


def test_the_database_keeps_a_published_card_checked(make_card):
    card = make_card("Seals", is_published=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Card.objects.filter(pk=card.pk).update(state=CardState.PUBLISHED)


def test_words_are_in_the_readers_language_or_said_to_be_in_the_other(make_card):
    both = make_card("Seals", title_zh="密封", body_zh="可用八千小时。")
    english, chinese = make_card("Valves"), make_card("", body="", title_zh="阀门", body_zh="耐高温。")
    with translation.override("zh-hans"):
        assert [(card.name, card.is_in_other_language) for card in (both, english, chinese)] == [
            ("密封", False), ("Valves", True), ("阀门", False),
        ]  # fmt: skip
    with translation.override("en"):
        assert [(card.name, card.language) for card in (both, english, chinese)] == [
            ("Seals", "en"), ("Valves", "en"), ("阀门", "zh-Hans"),
        ]  # fmt: skip


def test_cards_are_found_in_both_languages_titles_first(owner, make_card):
    text = make_card("Seals", title_zh="密封", body_zh="离心泵的机械密封可用八千小时。")
    title = make_card("Pump seals", title_zh="机械密封怎么选", body_zh="先问介质。")
    make_card("Hidden seals", is_published=False)
    assert selectors.search_cards(owner, "机械密封", limit=5) == [title, text]
    assert selectors.search_cards(owner, "seals", limit=5) == [text, title]
    assert selectors.search_cards(owner, "pump seals", limit=5) == [title]
    assert selectors.search_cards(owner, "  ", limit=5) == []


def test_a_card_is_stale_the_day_after_its_last(make_card, today):
    card = make_card("Seals", until=today + dt.timedelta(days=1))
    assert not card.is_stale(today + dt.timedelta(days=1)) and card.is_stale(today + dt.timedelta(days=2))
    assert list(Card.objects.get_queryset().stale(today=today + dt.timedelta(days=2))) == [card]
    assert not Card.objects.get_queryset().stale(today=today + dt.timedelta(days=1)).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_publish_once(operations, make_card, today):
    card = make_card("Seals", is_published=False)

    def publish() -> str:
        return cards.publish_card(operations, card.pk, today=today).state

    assert sorted(at_once(publish, publish)) == ["card_already_published", "published"]
    assert Card.objects.get().version == 2
