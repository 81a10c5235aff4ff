"""The playbook over the API: finding and keeping cards, what readers say of them, and cards where they fit."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.playbook.conftest import line, make_card  # noqa: F401 - fixtures

from loudou.catalog.models import Product
from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import LineDraft
from loudou.playbook.models import Card, CardSuggestion, CardUse, CardVote
from loudou.playbook.services import cards

pytestmark = pytest.mark.usefixtures("frozen")
CARDS, SUGGESTIONS = "/api/v1/playbook-cards", "/api/v1/playbook-suggestions"


@pytest.fixture
def pump(line) -> Product:  # noqa: F811 - a fixture
    """A product of the line."""
    return Product.objects.create(name="Pump 200", code="P200", line=line)


def titles(client, **query):
    answer = client.get(CARDS, query)
    assert answer.status_code == 200, answer.content
    return [card["title"] for card in answer.json()["items"]]


def test_a_keeper_writes_publishes_changes_checks_and_withdraws(api, operations, line, stages, rival, today):  # noqa: F811
    program = api.as_(operations)
    body = {
        "kind": "objection", "title": "Too dear", "body": "Ask **compared with what**.", "title_zh": "太贵",
        "body_zh": "和谁比？", "line_ids": [line.pk], "stage_ids": [stages[0].pk], "competitor_id": rival.pk,
        "purchase_kind": "new",
    }  # fmt: skip
    made = program.post(CARDS, body, headers={"Idempotency-Key": "one"})
    again = program.post(CARDS, body, headers={"Idempotency-Key": "one"})
    assert (made.status_code, again.headers["Idempotent-Replayed"], Card.objects.count()) == (201, "true", 1)
    card = made.json()
    expected = {
        "kind": "objection", "title": "Too dear", "title_zh": "太贵", "state": "draft", "edition": 1, "version": 1,
        "competitor": {"id": rival.pk, "name": rival.name}, "lines": [{"id": line.pk, "name": "Pumps"}],
        "products": [], "purchase_kind": "new", "checked_until": None, "is_stale": False, "found_useful": None,
        "stages": [{"id": stages[0].pk, "name": stages[0].name, "process_id": stages[0].process_id}],
        "keeper": {"id": operations.pk, "name": operations.name},
    }  # fmt: skip
    assert {name: card[name] for name in expected} == expected
    path = f"{CARDS}/{card['id']}"
    card = program.post(f"{path}/publish", {"version": card["version"]}).json()
    until = today + dt.timedelta(days=180)
    assert (card["state"], card["checked_on"], card["checked_until"]) == ("published", str(today), str(until))
    changed = program.patch(path, {"body": "Ask what a stop costs.", "stage_ids": [], "version": card["version"]})
    card = changed.json()
    assert (card["edition"], card["stages"], card["title"]) == (2, [], "Too dear")
    assert changed.headers["ETag"] == f'"{card["version"]}"'
    card = program.post(f"{path}/check", {"checked_until": str(today + dt.timedelta(days=9))}).json()
    assert card["checked_until"] == str(today + dt.timedelta(days=9))
    assert program.post(f"{path}/withdraw", {}).json()["state"] == "withdrawn"


def test_an_old_version_is_refused_with_the_card_as_it_is(api, operations, make_card):  # noqa: F811
    card, program = make_card("Seals"), api.as_(operations)
    cards.update_card(operations, card.pk, changes={"title": "Shaft seals"})
    refused = program.patch(f"{CARDS}/{card.pk}", {"title": "Mine", "version": card.version})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "stale_write")
    assert (problem["current"]["title"], problem["current"]["edition"]) == ("Shaft seals", 2)
    assert program.post(f"{CARDS}/{card.pk}/withdraw", {"version": card.version}).status_code == 409
    assert program.patch(f"{CARDS}/{card.pk}", {"title": "Mine"}).status_code == 428
    assert Card.objects.get().state == "published"


def test_what_no_card_may_be_is_refused_by_field(api, operations, owner):
    program = api.as_(operations)
    refused = program.post(CARDS, {"kind": "competitor", "title": "They", "body": "word " * 300})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["body"])
    refused = program.post(CARDS, {"kind": "fact", "title": "Seals", "body": "Last.", "keeper_id": owner.pk})
    assert (refused.status_code, refused.json()["code"]) == (422, "keeper_not_available")
    assert program.post(CARDS, {"kind": "fact", "titel": "Seals"}).json()["errors"]["titel"]
    assert program.post(CARDS, {"kind": "fact", "title": "S", "body": "B", "line_ids": [999]}).status_code == 404
    assert not Card.objects.exists()


def test_the_list_narrows_and_pages(api, operations, owner, make_card, pump, line, rival, stages, frozen, today):  # noqa: F811
    make_card("Of the line", line_ids=[line.pk], until=today + dt.timedelta(days=1))
    make_card("Of the rival", kind="competitor", competitor_id=rival.pk, title_zh="对手", body_zh="弱点")
    make_card("Of a stage", stage_ids=[stages[1].pk], product_ids=[pump.pk])
    make_card("A draft", is_published=False)
    program, reader = api.as_(operations), api.as_(owner)
    everything = ["Of the line", "Of the rival", "Of a stage", "A draft"]
    assert titles(program) == everything and titles(reader) == everything[:3]
    assert titles(program, state="draft") == ["A draft"] and titles(reader, state="draft") == []
    assert titles(program, q="弱点") == titles(program, competitor=rival.pk) == ["Of the rival"]
    assert titles(program, line=line.pk) == ["Of the line"] and titles(program, stage=stages[1].pk) == ["Of a stage"]
    assert titles(program, product=pump.pk) == everything
    assert titles(program, kind=["competitor", "objection"]) == ["Of the rival"]
    assert titles(program, keeper=owner.pk) == []
    frozen.shift(dt.timedelta(days=2))
    assert titles(program, stale="true") == ["Of the line"] and titles(program, stale="false") == everything[1:]
    assert titles(program, sort="-updated_at", limit=1) == ["A draft"]
    page = program.get(CARDS, {"limit": 3, "sort": "-id"}).json()
    rest = program.get(CARDS, {"limit": 3, "sort": "-id", "cursor": page["next"]}).json()
    assert [card["title"] for card in page["items"] + rest["items"]] == everything[::-1] and rest["next"] is None
    refused = program.get(CARDS, {"stat": "draft"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_parameter")


def test_many_cards_take_no_more_statements_than_one(api, operations, make_card, pump):  # noqa: F811
    program, counts = api.as_(operations), []
    for number in range(4):
        make_card(f"Card {number}", product_ids=[pump.pk])
        with CaptureQueriesContext(connection) as counted:
            assert len(program.get(CARDS).json()["items"]) == number + 1
        counts.append(len(counted))
    assert counts[3] <= counts[1]


def test_a_draft_is_nobodys_but_the_keepers(api, owner, make_card):  # noqa: F811
    card, program = make_card("Draft", is_published=False), api.as_(owner)
    assert program.get(f"{CARDS}/{card.pk}").status_code == 404
    assert program.put(f"{CARDS}/{card.pk}/vote", {"is_useful": True}).status_code == 404
    assert program.post(f"{CARDS}/{card.pk}/suggestions", {"text": "More"}).status_code == 404
    assert program.post(f"{CARDS}/{card.pk}/publish", {}).status_code == 403
    assert not CardVote.objects.exists() and not CardSuggestion.objects.exists()


def test_readers_open_and_judge_a_card(api, owner, make_card):  # noqa: F811
    card, program = make_card("Seals"), api.as_(owner)
    path = f"{CARDS}/{card.pk}"
    for _twice in range(2):
        assert program.post(f"{path}/use").status_code == 204
    assert program.put(f"{path}/vote", {"is_useful": True}).json()["edition"] == 1
    assert program.put(f"{path}/vote", {"is_useful": False}).json()["is_useful"] is False
    shown = program.get(path).json()
    assert (shown["readers"], shown["useful"], shown["useless"], shown["found_useful"]) == (1, 0, 1, False)
    listed = program.get(CARDS).json()["items"][0]
    assert (listed["useful"], listed["useless"], CardUse.objects.count()) == (0, 1, 1)


def test_a_suggestion_is_answered_and_read_by_who_made_it(api, owner, colleague, manager, make_card):  # noqa: F811
    card = make_card("Seals")
    made = api.as_(owner).post(f"{CARDS}/{card.pk}/suggestions", {"text": "It is 9000 hours."})
    assert (made.status_code, made.json()["state"], made.json()["suggested_by"]["id"]) == (201, "open", owner.pk)
    keeper, pk = api.as_(manager), made.json()["id"]
    assert [row["id"] for row in keeper.get(SUGGESTIONS, {"state": "open", "card": card.pk}).json()["items"]] == [pk]
    assert keeper.get(CARDS).json()["items"][0]["open_suggestions"] == 1
    refused = keeper.post(f"{SUGGESTIONS}/{pk}/answer", {"is_taken": False})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["answer"])
    answered = keeper.post(f"{SUGGESTIONS}/{pk}/answer", {"is_taken": False, "answer": "Only the LC."}).json()
    assert (answered["state"], answered["decided_by"]["id"]) == ("declined", manager.pk)
    again = keeper.post(f"{SUGGESTIONS}/{pk}/answer", {"is_taken": True})
    assert (again.status_code, again.json()["code"]) == (409, "suggestion_already_decided")
    assert [row["answer"] for row in api.as_(owner).get(SUGGESTIONS).json()["items"]] == ["Only the LC."]
    assert api.as_(colleague).get(SUGGESTIONS).json()["items"] == []


def test_cards_stand_beside_a_sale_its_customer_and_product(api, owner, stranger, deal, rival, pump, at, make_card):  # noqa: F811
    opportunities.set_competitors(owner, deal.pk, competitor_ids=[rival.pk])
    opportunities.set_lines(owner, deal.pk, lines=[LineDraft(pump.pk, 1, 1)], at=at)
    make_card("Everybody")
    make_card("Of the pump", product_ids=[pump.pk])
    make_card("Beat them", kind="competitor", competitor_id=rival.pk)
    make_card("Draft", is_published=False)
    program = api.as_(owner)
    items = program.get(f"/api/v1/opportunities/{deal.pk}/playbook").json()["items"]
    assert [each["card"]["title"] for each in items] == ["Beat them", "Of the pump", "Everybody"]
    assert [(each["fits_rival"], each["fits_product"], each["is_for_elsewhere"]) for each in items] == [
        (True, False, False), (False, True, False), (False, False, False),
    ]  # fmt: skip
    found = program.get(f"/api/v1/opportunities/{deal.pk}/playbook", {"q": "pump"}).json()["items"]
    assert [each["card"]["title"] for each in found] == ["Of the pump"]
    for path in (f"customers/{deal.customer_id}", f"products/{pump.pk}"):
        items = program.get(f"/api/v1/{path}/playbook").json()["items"]
        assert "Of the pump" in [each["card"]["title"] for each in items]
    for path in (f"opportunities/{deal.pk}", f"customers/{deal.customer_id}"):
        assert api.as_(stranger).get(f"/api/v1/{path}/playbook").status_code == 404


def test_a_token_reads_no_further_than_its_scopes(with_token, operations, deal, pump, make_card):  # noqa: F811
    make_card("Draft", is_published=False)
    program = with_token(operations, ["pipeline.view", "customers.view", "catalog.view"])
    for path in (f"opportunities/{deal.pk}", f"customers/{deal.customer_id}", f"products/{pump.pk}"):
        assert program.get(f"/api/v1/{path}/playbook").status_code == 403
    reader = with_token(operations, ["playbook.view"])
    assert reader.get(CARDS).json()["items"] == []
