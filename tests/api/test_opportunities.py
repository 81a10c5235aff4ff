"""Opportunities over the API."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from loudou.customers.models import Customer
from loudou.pipeline.choices import CriteriaMode
from loudou.pipeline.models import Opportunity, StageChange, Star
from loudou.pipeline.services import moves, opportunities

URL = "/api/v1/opportunities"
PROBLEM = "application/problem+json"
LATER = dt.datetime(2026, 6, 20, 8, 0, tzinfo=dt.UTC)


def test_create_show_change_and_history(with_token, owner, customer, product, colleague, stages, findings):
    api = with_token(owner)
    made = api.post(
        URL,
        {
            "subject": "Two presses",
            "customer_id": customer.pk,
            "lines": [{"product_id": product.pk, "quantity": "2", "unit_price": "10.05"}],
            "members": [{"user_id": colleague.pk, "split": "25.5"}],
            "expected_on": "2026-12-01",
        },
    )
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["amount"], row["amount_base"], row["currency"], row["version"]) == ("20.1000", "20.1000", "CNY", 1)
    assert row["customer"] == {"id": customer.pk, "name": "Hengda Steel"}
    assert row["stage"] == {"id": stages[0].pk, "name": "First contact"}
    shown = api.get(f"{URL}/{row['id']}")
    assert shown.headers["ETag"] == '"1"'
    assert shown.json()["members"] == [{"user": {"id": colleague.pk, "name": "Colleague"}, "split": "25.50"}]
    changed = api.patch(f"{URL}/{row['id']}", {"probability": "0.4", "version": 1})
    assert (changed.status_code, changed.json()["version"], changed.json()["probability"]) == (200, 2, "0.4000")
    history = api.get(f"{URL}/{row['id']}/history").json()["items"]
    assert [change["kind"] for change in history] == ["created", "revised"]
    assert history[1]["actor"]["id"] == owner.pk
    assert findings() == []


def test_creating_costs_few_statements(with_token, owner, customer, process, django_assert_max_num_queries):
    api = with_token(owner)
    body = {"subject": "Sale", "customer_id": customer.pk, "amount": "100"}
    assert api.post(URL, body).status_code == 201
    with django_assert_max_num_queries(14):  # four of them savepoints of the test's own transaction
        assert api.post(URL, body).status_code == 201


def test_a_sale_of_the_past_comes_with_history(with_token, owner, stages):
    body = {
        "subject": "Old one",
        "state": "won",
        "opened_on": "2025-01-01",
        "closed_on": "2025-03-01",
        "passed": [{"stage_id": stages[2].pk, "on": "2025-02-01"}],
        "amount": 5,
    }
    row = with_token(owner).post(URL, body).json()
    assert (row["state"], row["stage"]["id"], row["closed_at"][:10]) == ("won", stages[2].pk, "2025-03-01")
    assert StageChange.objects.filter(opportunity_id=row["id"]).count() == 3


def test_the_past_can_be_asked_for_as_of_any_day(with_token, owner, stages):
    passed = [{"stage_id": stages[2].pk, "on": "2025-02-01"}]
    body = {"subject": "Old one", "state": "won", "opened_on": "2025-01-01", "closed_on": "2025-03-01"}
    caller = with_token(owner)
    row = caller.post(URL, body | {"passed": passed, "amount": 5}).json()
    known = {}
    for day in ("2024-12-31", "2025-01-01", "2025-02-01", "2025-02-28", "2025-03-01"):
        items = caller.get(f"{URL}/{row['id']}/history?as_of={day}").json()["items"]
        known[day] = (items[-1]["to_state"], items[-1]["to_stage"]["id"]) if items else None
    assert known == {
        "2024-12-31": None,
        "2025-01-01": ("open", stages[0].pk),
        "2025-02-01": ("open", stages[2].pk),
        "2025-02-28": ("open", stages[2].pk),
        "2025-03-01": ("won", stages[2].pk),
    }
    assert caller.get(f"{URL}/{row['id']}/history?as_of=yesterday").status_code == 422


def test_a_foreign_record_answers_like_none(with_token, stranger, deal, stages, reason):
    api = with_token(stranger)
    paths = [f"{URL}/{deal.pk}", f"{URL}/{deal.pk}/history"]
    answers = [api.get(path) for path in paths]
    answers += [
        api.patch(f"{URL}/{deal.pk}", {"notes": "x", "version": 1}),
        api.put(f"{URL}/{deal.pk}/lines", {"lines": []}),
        api.put(f"{URL}/{deal.pk}/star"),
        api.post(f"{URL}/{deal.pk}/move", {"stage_id": stages[1].pk}),
        api.post(f"{URL}/{deal.pk}/win", {}),
        api.post(f"{URL}/{deal.pk}/lose", {"loss_reason_id": reason.pk}),
        api.post(f"{URL}/{deal.pk}/clone"),
    ]
    absent = api.get(f"{URL}/{deal.pk + 1000}")
    for answer in answers:
        assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
        assert answer.json() == absent.json()
    assert Opportunity.objects.get().version == 1
    assert not Star.objects.exists()


def test_a_stale_change_answers_with_the_current_row(with_token, owner, manager, deal):
    opportunities.update_opportunity(manager, deal.pk, changes={"notes": "first"}, at=LATER)
    answer = with_token(owner).patch(f"{URL}/{deal.pk}", {"subject": "second", "version": 1})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["current"]["version"]) == (409, "stale_write", 2)
    assert problem["current"]["subject"] == "Two presses"
    assert Opportunity.objects.get().subject == "Two presses"


def test_the_version_may_come_as_if_match_but_must_come(with_token, owner, deal):
    api = with_token(owner)
    assert api.patch(f"{URL}/{deal.pk}", {"subject": "A"}, headers={"If-Match": '"1"'}).json()["version"] == 2
    assert api.patch(f"{URL}/{deal.pk}", {"subject": "B"}, headers={"If-Match": 'W/"2"'}).status_code == 200
    for header in ({}, {"If-Match": "*"}, {"If-Match": '"²"'}):
        answer = api.patch(f"{URL}/{deal.pk}", {"subject": "C"}, headers=header)
        assert (answer.status_code, answer.json()["code"]) == (428, "version_required")
    assert Opportunity.objects.get().subject == "B"


def test_moves_are_actions(with_token, owner, manager, colleague, deal, stages, reason, process):
    api = with_token(owner)
    moved = api.post(f"{URL}/{deal.pk}/move", {"stage_id": stages[1].pk, "version": 1}).json()
    assert moved["opportunity"]["stage"]["id"] == stages[1].pk
    assert len(moved["unmet"]) == 2
    assert api.post(f"{URL}/{deal.pk}/hold", {}).json()["opportunity"]["state"] == "on_hold"
    assert api.post(f"{URL}/{deal.pk}/resume", {"note": "go"}).json()["opportunity"]["state"] == "open"
    assert api.post(f"{URL}/{deal.pk}/lose", {"loss_reason_id": reason.pk}).json()["opportunity"]["state"] == "lost"
    assert api.post(f"{URL}/{deal.pk}/win", {}).json()["code"] == "already_closed"
    assert api.post(f"{URL}/{deal.pk}/reopen", {"stage_id": stages[0].pk}).json()["opportunity"]["state"] == "open"
    assert api.post(f"{URL}/{deal.pk}/assign", {"owner_id": colleague.pk}).status_code == 403
    boss = with_token(manager)
    assert (
        boss.post(f"{URL}/{deal.pk}/assign", {"owner_id": colleague.pk}).json()["opportunity"]["owner"]["id"]
        == colleague.pk
    )
    assert boss.post(f"{URL}/{deal.pk}/win", {"contract_reference": "C"}).json()["opportunity"]["state"] == "won"
    assert boss.post(f"{URL}/{deal.pk}/drop", {}).status_code == 409
    copy = boss.post(f"{URL}/{deal.pk}/clone")
    assert (copy.status_code, copy.json()["state"]) == (201, "open")


def test_unmet_criteria_are_listed(with_token, owner, deal, stages, process):
    process.criteria_mode = CriteriaMode.BLOCK
    process.save()
    api = with_token(owner)
    problem = api.post(f"{URL}/{deal.pk}/move", {"stage_id": stages[1].pk}).json()
    assert (problem["status"], problem["code"], len(problem["unmet"])) == (409, "criteria_unmet", 2)
    for item in problem["unmet"]:
        path = f"{URL}/{deal.pk}/criteria/{item['criterion_id']}"
        assert api.put(path, {"evidence": "Minutes"}).status_code == 200
    assert api.post(f"{URL}/{deal.pk}/move", {"stage_id": stages[1].pk}).status_code == 200
    assert api.delete(f"{URL}/{deal.pk}/criteria/{problem['unmet'][0]['criterion_id']}").status_code == 204


def test_stars_lines_members_contacts_competitors_are_put(with_token, owner, colleague, deal, product, rival):
    api = with_token(owner)
    assert api.put(f"{URL}/{deal.pk}/star").status_code == 204
    assert Star.objects.count() == 1
    assert api.delete(f"{URL}/{deal.pk}/star").status_code == 204
    line = {"product_id": product.pk, "quantity": 3, "unit_price": 1.1}
    assert api.put(f"{URL}/{deal.pk}/lines", {"lines": [line]}).json()["amount"] == "3.3000"
    assert len(api.put(f"{URL}/{deal.pk}/members", {"members": [{"user_id": colleague.pk}]}).json()["members"]) == 1
    assert api.put(f"{URL}/{deal.pk}/competitors", {"competitor_ids": [rival.pk]}).json()["competitors"] == [
        {"id": rival.pk, "name": "Rival Machines"}
    ]
    assert api.put(f"{URL}/{deal.pk}/contacts", {"contact_ids": []}).json()["contacts"] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"A", "B", "C", "D"}),
        ("?state=open", {"A", "B"}),
        ("?state=won", {"C"}),
        ("?q=hengda", {"A"}),
        ("?external_id=X1", {"B"}),
        ("?amount_from=50", {"B"}),
        ("?stage={stage}", {"B"}),
        ("?city=Tangshan", {"A"}),
        ("?country=none", {"A", "B", "C", "D"}),
        ("?source=Fair", {"B"}),
        ("?loss_reason={reason}", {"D"}),
        ("?open_on=2025-01-15", {"C"}),
        ("?open_on=2025-03-01", set()),
        ("?open_on=9999-12-31", {"A", "B"}),
        ("?closed_until=9999-12-31", {"C", "D"}),
        ("?open_on=2025-01-15&stage_then={stage}", set()),
        ("?updated_since=2999-01-01T00:00:00Z", set()),
        ("?scene=starred", set()),
    ],
)
def test_lists_take_the_filters_of_the_pages(with_token, owner, make, customer, stages, stranger, reason, query, found):
    Customer.objects.filter(pk=customer.pk).update(city="Tangshan")
    make(subject="A", customer_id=customer.pk)
    make(subject="B", external_id="X1", amount=60, stage_id=stages[3].pk, source="Fair")
    lost = make(subject="D")
    moves.lose_opportunity(owner, lost.pk, loss_reason_id=reason.pk, at=LATER)
    make(subject="C", state="won", opened_on=dt.date(2025, 1, 1), closed_on=dt.date(2025, 2, 1))
    make(stranger, subject="foreign")
    page = with_token(owner).get(URL + query.format(stage=stages[3].pk, reason=reason.pk)).json()
    assert {item["subject"] for item in page["items"]} == found
    assert page["next"] is None


@pytest.mark.parametrize("sort", ["id", "-id", "updated_at", "-updated_at"])
def test_pages_by_cursor_meet_every_row_once(with_token, owner, make, sort):
    rows = [make(subject=f"Sale {number}").pk for number in range(7)]
    api = with_token(owner)
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"{URL}?limit=3&sort={sort}&cursor={cursor}").json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if len(seen) == 3:
            make(subject="came in between")
    assert set(rows) <= set(seen)
    assert len(seen) == len(set(seen))
    assert [pk for pk in seen if pk in rows] == (rows if not sort.startswith("-") else rows[::-1])


def test_a_page_costs_the_same_however_many_rows(with_token, owner, make, customer, django_assert_max_num_queries):
    api = with_token(owner)
    for _ in range(12):
        make(customer_id=customer.pk)
    api.get(URL)
    for limit in (1, 12):
        with django_assert_max_num_queries(5):
            assert len(api.get(f"{URL}?limit={limit}").json()["items"]) == limit


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=201", "limit"),
        ("limit=0", "limit"),
        ("sort=name", "sort"),
        ("state=maybe", "state.0"),
        ("owner=x", "owner.0"),
    ],
)
def test_what_a_list_does_not_take_is_said(with_token, owner, process, query, field):
    answer = with_token(owner).get(f"{URL}?{query}")
    assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (422, "invalid_input", [field])


@pytest.mark.parametrize("cursor", ["x", "bm9wZQ", "WyJpZCIsMSwxXQ", "W10", "WyItdXBkYXRlZF9hdCIsMSwxXQ"])
def test_a_cursor_of_another_list_is_refused(with_token, owner, process, cursor):
    answer = with_token(owner).get(f"{URL}?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


def test_mistakes_are_told_by_field_in_the_callers_language(with_token, owner, process):
    body = {"amount": -1, "subject": "", "colour": "red", "priority": 7}
    answer = with_token(owner, HTTP_ACCEPT_LANGUAGE="zh-Hans").post(URL, body)
    problem = answer.json()
    assert set(problem["errors"]) == {"amount", "subject", "colour", "priority"}
    assert problem["errors"]["colour"] == ["没有这个字段。"]
    assert answer["Content-Language"] == "zh-hans"
    english = with_token(owner).post(URL, body).json()
    assert english["errors"]["amount"] == ["Enter at least 0."]
    assert (problem["code"], english["code"]) == ("invalid_input", "invalid_input")
    assert not Opportunity.objects.exists()


def test_a_session_needs_a_csrf_token_to_change_something(owner, deal):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)
    assert browser.get(URL).status_code == 200
    refused = browser.post(URL, {"subject": "x"}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert Opportunity.objects.count() == 1


def test_moves_bump_the_version_that_the_next_change_needs(with_token, owner, deal, stages):
    moves.move_opportunity(owner, deal.pk, stage_id=stages[1].pk, at=LATER)
    answer = with_token(owner).patch(f"{URL}/{deal.pk}", {"notes": "x", "version": 1})
    assert answer.json()["current"]["stage"]["id"] == stages[1].pk


def test_what_happened_is_logged_with_the_next_step(with_token, owner, deal):
    api = with_token(owner)
    said = {"text": "Called", "next_step": "Send the offer", "next_step_on": "2026-06-23"}
    answer = api.post(f"{URL}/{deal.pk}/log", said).json()
    assert (answer["next_step"], answer["next_step_on"]) == ("Send the offer", "2026-06-23")
    deal.refresh_from_db()
    assert deal.notes.endswith(f"{owner.name}: Called")
    kept = api.post(f"{URL}/{deal.pk}/log", {"text": "Called again"}).json()
    assert kept["next_step"] == "Send the offer"
    assert api.post(f"{URL}/{deal.pk}/log", {"text": " "}).status_code == 422
    refused = api.post(f"{URL}/{deal.pk}/log", {"text": "Called", "next_step": "", "next_step_on": "2026-06-24"})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["next_step_on"])
    deal.refresh_from_db()
    assert (deal.next_step, deal.next_step_on.isoformat()) == ("Send the offer", "2026-06-23")


def test_a_sale_is_won_for_what_was_agreed(with_token, owner, deal):
    won = with_token(owner).post(f"{URL}/{deal.pk}/win", {"amount": "900"}).json()["opportunity"]
    assert (won["state"], Decimal(won["amount"]), won["contract_reference"]) == ("won", Decimal(900), "")
