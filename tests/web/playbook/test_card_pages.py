"""Pages of cards: the list, one card, the forms, the desk, and cards where they are needed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import LineDraft, OpportunityDraft
from loudou.playbook.models import Card, CardSuggestion, CardUse, CardVote
from loudou.playbook.services import cards, feedback
from loudou.web.playbook.rendering import card_html

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def sale(owner, customer, product, rival, at):
    """A sale of the pump against the rival."""
    draft = OpportunityDraft(subject="Pumps", customer_id=customer.pk, lines=(LineDraft(product.pk, 1, 1),))
    row = opportunities.create_opportunity(owner, draft=draft, at=at)
    opportunities.set_competitors(owner, row.pk, competitor_ids=[rival.pk])
    return row


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\ntwo\n\nThree", "<p>One<br>\ntwo</p>\n<p>Three</p>\n"),
        ("- a\n- **b**", "<ul>\n<li>a</li>\n<li><strong>b</strong></li>\n</ul>\n"),
        ("> Say this", "<blockquote>\n<p>Say this</p>\n</blockquote>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![x](https://a.example/b.png)", None),
        ("# Not a heading", "<p># Not a heading</p>\n"),
        (
            '[x](https://a.example/"onclick=)',
            '<p><a href="https://a.example/%22onclick=" rel="noopener noreferrer nofollow" target="_blank">x</a></p>\n',
        ),
    ],
)
def test_a_text_becomes_harmless_html(text, html):
    drawn = card_html(text)
    assert drawn == html if html is not None else "<img" not in drawn


def test_the_list_shows_what_one_may_see(client, owner, operations, make_card):
    make_card("Seals")
    make_card("Draft", is_published=False)
    address = reverse("playbook:card_list")
    seen, kept = (client.as_(person).get(address).content.decode() for person in (owner, operations))
    assert "Seals" in seen and "Draft" not in seen and reverse("playbook:desk") not in seen
    assert "Draft" in kept and reverse("playbook:desk") in kept and reverse("playbook:card_add") in kept


def test_the_list_narrows(client, operations, make_card, product, line, rival, today):
    make_card("Of the line", line_ids=[line.pk])
    make_card("Of the rival", kind="competitor", competitor_id=rival.pk, title_zh="对手", body_zh="弱点")
    make_card("Old", is_published=False)
    browser, address = client.as_(operations), reverse("playbook:card_list")

    def shown(**query):
        rows = browser.get(address, query).context["list"].rows_page.rows
        return [row.title for row in rows]

    assert shown(q="弱点") == ["Of the rival"] == shown(competitor=rival.pk)
    assert shown(line=line.pk) == ["Of the line"]
    assert shown(product=product.pk) == ["Of the rival", "Of the line", "Old"]
    assert shown(state="draft") == ["Old"] and shown(stale="true") == []
    assert shown(keeper=operations.pk, kind="fact") == ["Of the line", "Old"]


def test_a_file_holds_both_languages(client, owner, make_card):
    make_card("Seals", title_zh="密封", body_zh="可用八千小时。")
    answer = client.as_(owner).get(
        reverse("playbook:card_list"), {"export": "csv", "cols": "name,title,body,title_zh,body_zh"}
    )
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1] == "Seals,Seals,About seals.,密封,可用八千小时。"


def test_a_keeper_writes_publishes_checks_and_withdraws(client, operations, line, stages, today):
    browser = client.as_(operations)
    sent = {
        "kind": "objection", "title": "Too dear", "body": "Ask **compared with what**.", "lines": [line.pk],
        "stages": [stages[0].pk],
    }  # fmt: skip
    assert browser.post(reverse("playbook:card_add"), sent).status_code == 302
    card = Card.objects.get()
    assert (card.keeper, card.state, card.lines.get(), card.stages.get()) == (operations, "draft", line, stages[0])
    until = today + dt.timedelta(days=400)
    for name, state in (("card_publish", "published"), ("card_check", "published"), ("card_withdraw", "withdrawn")):
        browser.post(reverse(f"playbook:{name}", args=[card.pk]), {"checked_until": until, "version": card.version})
        card.refresh_from_db()
        assert card.state == state
    page = browser.get(reverse("playbook:card", args=[card.pk])).content.decode()
    assert "<strong>compared with what</strong>" in page and "Withdrawn" in page


def test_what_is_wrong_with_a_card_stands_at_its_field(client, operations):
    sent = {"kind": "fact", "title": "Long", "body": "word " * 300}
    page = client.as_(operations).post(reverse("playbook:card_add"), sent).content.decode()
    assert "This takes about 82 seconds to read." in page and not Card.objects.exists()


def test_the_edit_form_holds_the_card_and_refuses_stale_writes(client, operations, make_card, product):
    card = make_card("Seals", product_ids=[product.pk])
    browser, address = client.as_(operations), reverse("playbook:card_edit", args=[card.pk])
    page = browser.get(address).content.decode()
    assert "About seals." in page and "Pump 200" in page
    cards.update_card(operations, card.pk, changes={"title": "Shaft seals"})
    sent = {"kind": "fact", "title": "My seals", "body": "About seals.", "version": card.version}
    assert browser.post(address, sent).status_code == 409
    assert Card.objects.get().title == "Shaft seals"


def test_a_sale_shows_its_rival_first_and_a_foreign_one_nothing(client, owner, stranger, sale, rival, make_card):
    make_card("Everybody")
    make_card("Beat them", kind="competitor", competitor_id=rival.pk)
    for name in ("of_opportunity", "beside_opportunity"):
        address = reverse(f"playbook:{name}", args=[sale.pk])
        page = client.as_(owner).get(address).content.decode()
        assert page.index("Beat them") < page.index("Everybody")
        assert client.as_(stranger).get(address).status_code == 404


def test_pages_lead_to_the_playbook_without_reading_it(client, owner, sale, product, make_card):
    make_card("Everybody")
    browser = client.as_(owner)
    for name, pk, part in (
        ("pipeline:opportunity", sale.pk, "opportunity"),
        ("customers:product", product.pk, "product"),
        ("customers:customer", sale.customer_id, "customer"),
    ):
        page = browser.get(reverse(name, args=[pk])).content.decode()
        assert reverse(f"playbook:beside_{part}", args=[pk]) in page and "Everybody" not in page
        assert "Everybody" in browser.get(reverse(f"playbook:beside_{part}", args=[pk])).content.decode()
    for name in ("pipeline:log", "pipeline:next_step"):
        page = browser.get(reverse(name, args=[sale.pk])).content.decode()
        assert reverse("playbook:beside_opportunity", args=[sale.pk]) in page


def test_words_narrow_the_cards_of_a_sale(client, owner, sale, make_card):
    make_card("Price")
    make_card("Delivery")
    page = client.as_(owner).get(reverse("playbook:of_opportunity", args=[sale.pk]), {"q": "deliv"}).content.decode()
    assert "About delivery." in page and "About price." not in page


def test_opening_counts_and_voting_answers_with_the_buttons(client, owner, make_card):
    card, browser = make_card("Seals"), client.as_(owner)
    for _twice in range(2):
        assert browser.post(reverse("playbook:card_used", args=[card.pk])).status_code == 204
    assert CardUse.objects.count() == 1
    answer = browser.post(reverse("playbook:card_vote", args=[card.pk]), {"useful": "no"}, headers=HTMX)
    assert 'value="no" aria-pressed="true"' in answer.content.decode()
    assert "HX-Trigger" not in answer.headers  # what lies open around it stays open
    assert browser.post(reverse("playbook:card_vote", args=[card.pk]), {"useful": "yes"}).status_code == 302
    assert CardVote.objects.get().is_useful is True
    assert browser.post(reverse("playbook:card_vote", args=[card.pk]), {"useful": "x"}).status_code == 400


def test_a_suggestion_goes_to_the_desk_and_its_answer_to_the_card(client, owner, manager, make_card, today):
    card = make_card("Seals")
    client.as_(owner).post(reverse("playbook:suggest", args=[card.pk]), {"text": "It is 9000 hours."})
    row = CardSuggestion.objects.get()
    desk = client.as_(manager).get(reverse("playbook:desk")).content.decode()
    assert "It is 9000 hours." in desk and reverse("playbook:answer", args=[row.pk]) in desk
    client.as_(manager).post(reverse("playbook:answer", args=[row.pk]), {"is_taken": "no", "answer": "Only the LC."})
    page = client.as_(owner).get(reverse("playbook:card", args=[card.pk])).content.decode()
    assert "Only the LC." in page and "Not taken up" in page


def test_the_desk_names_what_is_overdue_and_kept_by_nobody(client, operations, manager, make_card, frozen, today):
    make_card("Old", until=today + dt.timedelta(days=1))
    kept = make_card("Of a leaver")
    cards.update_card(operations, kept.pk, changes={"keeper_id": manager.pk})
    type(manager).objects.filter(pk=manager.pk).update(is_active=False)
    frozen.shift(dt.timedelta(days=2))
    context = client.as_(operations).get(reverse("playbook:desk")).context
    assert [card.title for card in context["stale"]] == ["Old"]
    assert [card.title for card in context["without_keeper"]] == ["Of a leaver"]


def test_pages_stay_within_their_statements(client, operations, owner, sale, make_card, django_assert_max_num_queries):
    for number in range(10):
        card = make_card(f"Card {number}", product_ids=[sale.lines.get().product_id])
        feedback.suggest_correction(owner, card.pk, text="More", at=dt.datetime(2026, 6, 15, tzinfo=dt.UTC))
    browser = client.as_(operations)
    for name, *args in (
        ("card_list",), ("desk",), ("card", card.pk), ("of_opportunity", sale.pk), ("beside_opportunity", sale.pk),
        ("beside_customer", sale.customer_id),
    ):  # fmt: skip
        browser.get(reverse(f"playbook:{name}", args=args))
        with django_assert_max_num_queries(12):
            browser.get(reverse(f"playbook:{name}", args=args))


def test_the_search_finds_cards(client, owner, make_card):
    make_card("Seals", title_zh="密封", body_zh="八千小时")
    page = client.as_(owner).get(reverse("frame:search"), {"q": "密封"}).content.decode()
    assert "Seals" in page
