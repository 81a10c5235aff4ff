"""A customer's phase with its reasons, supply holds and releases, entitlements and segments over the API."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests.contracts.ledger.world import part, sign

from loudou.contracts.models import Delivery
from loudou.customers.models import Customer, Evidence, HoldChange, Segment, SupplyRelease
from loudou.pipeline.models import Opportunity

pytestmark = pytest.mark.usefixtures("frozen")
V1 = "/api/v1"


def codes(reasons: list[dict[str, Any]]) -> list[str]:
    """The codes of reasons, in order."""
    return [reason["code"] for reason in reasons]


def test_a_phase_says_why_and_what_is_missing(with_token, owner, operations, customer, make):
    rep, path = with_token(owner), f"{V1}/customers/{customer.pk}"
    told = rep.get(f"{path}/phase").json()
    assert (told["phase"], told["code"], told["since"]) == (0, "outside", None)
    assert (codes(told["why"]), codes(told["missing"])) == (["no_evidence"], ["no_segment"])
    body = {"how": "visit", "evidence": "Minutes of 12 June", "on": "2026-06-12"}
    told = rep.post(f"{path}/need", body).json()
    assert (told["code"], codes(told["why"])) == ("prospect", ["need"])
    assert told["why"][0]["sentence"] == "Its need was verified: Minutes of 12 June."
    assert told["why"][0]["subject"] == {
        "model": "customers.customer",
        "id": customer.pk,
        "label": "Minutes of 12 June",
    }
    deal = make(
        customer_id=customer.pk, amount=Decimal(1000), visibility="explicit", budget_confirmed_on=dt.date(2026, 6, 1),
        expected_on=dt.date(2026, 12, 1),
    )  # fmt: skip
    told = rep.get(f"{path}/phase").json()
    assert (told["code"], codes(told["missing"])) == ("prospect", ["intent_too_far"])
    assert (told["missing"][0]["due_on"], told["missing"][0]["subject"]["id"]) == ("2026-12-01", deal.pk)
    version = Opportunity.objects.get().version
    rep.patch(f"{V1}/opportunities/{deal.pk}", {"expected_on": "2026-08-01", "version": version})
    assert rep.get(f"{path}/phase").json()["code"] == "target"
    changes = rep.get(f"{path}/phase/history").json()["items"]
    assert [(row["from_phase"], row["to_phase"], row["cause"]) for row in changes] == [
        (2, 3, "evidence"), (0, 2, "evidence"),
    ]  # fmt: skip
    assert (changes[0]["actor"]["id"], changes[0]["evidence"]["model"]) == (owner.pk, "pipeline.opportunity")
    evidence = rep.get(f"{path}/evidence").json()["items"]
    assert (evidence[-1]["kind"], evidence[-1]["holds"], evidence[-1]["facts"]["how"]) == (
        "need_verified",
        True,
        "visit",
    )


def test_a_need_is_revoked_against_what_was_verified(with_token, owner, customer):
    rep, path = with_token(owner), f"{V1}/customers/{customer.pk}/need"
    refused = rep.post(f"{path}/revoke", {"reason": "Misheard"})
    assert (refused.status_code, refused.json()["code"]) == (409, "need_not_verified")
    future = rep.post(path, {"how": "call", "evidence": "Call", "on": "2026-06-16"})
    assert (future.status_code, list(future.json()["errors"])) == (422, ["on"])
    assert not Evidence.objects.exists()
    rep.post(path, {"how": "call", "evidence": "Call"})
    assert rep.post(f"{path}/revoke", {"reason": "Misheard"}).json()["code"] == "outside"


def test_rules_move_every_phase_at_once(with_token, owner, operations, customer, make):
    rep, ops = with_token(owner), with_token(operations)
    make(
        customer_id=customer.pk, amount=Decimal(1000), visibility="explicit", budget_confirmed_on=dt.date(2026, 6, 1),
        expected_on=dt.date(2026, 12, 1),
    )  # fmt: skip
    assert rep.get(f"{V1}/customer-rules").json()["horizon_days"] == 90
    before = rep.get(f"{V1}/customers/{customer.pk}/phase").json()
    denied = rep.patch(f"{V1}/customer-rules", {"horizon_days": 200, "version": 1})
    assert denied.status_code == 403
    assert rep.get(f"{V1}/customers/{customer.pk}/phase").json() == before
    changed = ops.patch(f"{V1}/customer-rules", {"horizon_days": 200, "version": 1}).json()
    assert (changed["horizon_days"], changed["version"]) == (200, 2)
    told = rep.get(f"{V1}/customers/{customer.pk}/phase").json()
    assert (before["code"], told["code"]) == ("prospect", "target")
    (last, *_) = rep.get(f"{V1}/customers/{customer.pk}/phase/history").json()["items"]
    assert last["cause"] == "rules"
    stale = ops.patch(f"{V1}/customer-rules", {"horizon_days": 90, "version": 1})
    assert (stale.status_code, stale.json()["current"]["horizon_days"]) == (409, 200)


def test_nothing_is_delivered_on_hold_until_another_releases(with_token, owner, finance, executive, customer):
    contract = sign(owner, customer, 1000, plan=[part(1000, "05-01")])
    rep, money, chief = with_token(owner), with_token(finance), with_token(executive)
    path = f"{V1}/customers/{customer.pk}"
    assert rep.post(f"{path}/hold", {"reason": "Overdue"}).status_code == 403
    assert not HoldChange.objects.exists()
    held = money.post(f"{path}/hold", {"reason": "Overdue since May"}).json()
    assert (held["held_since"], [row["reason"] for row in held["holds"]]) == (
        "2026-06-15T08:00:00Z", ["Overdue since May"],
    )  # fmt: skip
    blocked = money.post(f"{V1}/contracts/{contract.pk}/deliveries", {})
    assert (blocked.status_code, blocked.json()["code"]) == (409, "supply_on_hold")
    assert "Overdue since May" in blocked.json()["detail"]
    assert not Delivery.objects.exists()
    asked = money.post(f"{path}/releases", {"reason": "They pay on Friday", "until_on": "2026-06-19", "amount": "400"})
    release = asked.json()
    assert (asked.status_code, release["state"], release["amount"], release["used_amount"]) == (
        201, "requested", "400.0000", "0.0000",
    )  # fmt: skip
    own = money.post(f"{V1}/releases/{release['id']}/approve", {})
    assert (own.status_code, own.json()["code"]) == (403, "release_needs_another")
    assert SupplyRelease.objects.get().state == "requested"
    approved = chief.post(f"{V1}/releases/{release['id']}/approve", {"version": 1, "note": "Once"}).json()
    assert (approved["state"], approved["decided_by"]["id"]) == ("approved", executive.pk)
    line = contract.lines.get().pk
    delivery = {"lines": [{"line_id": line, "quantity": "4"}], "key": "truck-1"}
    first = money.post(f"{V1}/contracts/{contract.pk}/deliveries", delivery)
    again = money.post(f"{V1}/contracts/{contract.pk}/deliveries", delivery)
    assert (first.status_code, first.json()["amount"], again.json()["id"]) == (201, "400.0000", first.json()["id"])
    assert money.post(f"{V1}/contracts/{contract.pk}/deliveries", {}).json()["code"] == "supply_on_hold"
    (used,) = rep.get(f"{V1}/releases", {"customer": customer.pk}).json()["items"]
    assert (used["used_amount"], used["customer"]["name"]) == ("400.0000", "Hengda Steel")
    ended = chief.post(f"{V1}/releases/{release['id']}/end", {"note": "Paid"}).json()
    assert ended["state"] == "ended"
    lifted = money.post(f"{path}/hold/lift", {"reason": "Paid"}).json()
    assert (lifted["held_since"], lifted["holds"]) == (None, [])
    assert [row["is_held"] for row in rep.get(f"{path}/supply").json()["changes"]] == [False, True]
    rest = money.post(f"{V1}/contracts/{contract.pk}/deliveries", {}).json()
    assert rest["amount"] == "600.0000"
    back = money.post(f"{V1}/deliveries/{rest['id']}/return", {"reason": "Scratched", "lines": [
        {"line_id": line, "quantity": "1"}]}).json()  # fmt: skip
    assert (back["kind"], back["amount"], back["returns_id"], back["reason"]) == (
        "return", "-100.0000", rest["id"], "Scratched",
    )  # fmt: skip
    rejected = money.post(f"{V1}/deliveries/{rest['id']}/acceptances", {"outcome": "rejected"}).json()
    assert [row["outcome"] for row in rejected["acceptances"]] == ["rejected"]
    listed = rep.get(f"{V1}/deliveries", {"contract": contract.pk, "sort": "id"}).json()["items"]
    assert [row["amount"] for row in listed] == ["400.0000", "600.0000", "-100.0000"]


@pytest.mark.parametrize(("verb", "state"), [("reject", "rejected"), ("withdraw", "withdrawn")])
def test_a_release_is_decided_once(with_token, finance, executive, owner, customer, verb, state):
    money, rep = with_token(finance), with_token(owner)
    money.post(f"{V1}/customers/{customer.pk}/hold", {"reason": "Overdue"})
    asked = rep.post(f"{V1}/customers/{customer.pk}/releases", {"reason": "Friday", "until_on": "2026-06-19"}).json()
    api = rep if verb == "withdraw" else with_token(executive)
    path = f"{V1}/releases/{asked['id']}"
    stale = api.post(f"{path}/{verb}", {"note": "No", "version": 7})
    assert (stale.status_code, stale.json()["current"]["state"]) == (409, "requested")
    decided = api.post(f"{path}/{verb}", {"note": "No"}).json()
    assert (decided["state"], decided["decision_note"]) == (state, "No")
    late = with_token(executive).post(f"{path}/approve", {})
    assert (late.status_code, late.json()["code"]) == (409, "release_decided")
    assert [row["id"] for row in rep.get(f"{V1}/releases", {"state": state}).json()["items"]] == [asked["id"]]


def test_a_customers_own_figures_come_before_the_companys(with_token, owner, finance, operations, customer):
    with_token(operations).patch(f"{V1}/customer-rules", {"payment_days": 30, "max_discount_rate": "0.1", "version": 1})
    rep, money, path = with_token(owner), with_token(finance), f"{V1}/customers/{customer.pk}/policy"
    shown = rep.get(path).json()
    assert (shown["payment_days"], shown["max_discount_rate"], shown["credit_limit"], shown["own"]) == (
        30, "0.1000", None, [],
    )  # fmt: skip
    assert rep.patch(path, {"credit_limit": "9", "version": shown["version"]}).status_code == 403
    assert rep.get(path).json() == shown
    changes = {"credit_limit": "50000.005", "max_discount_rate": "0", "version": shown["version"]}
    changed = money.patch(path, changes).json()
    assert (changed["credit_limit"], changed["credit_currency"], changed["own"]) == (
        "50000.0100", "CNY", ["credit_limit", "max_discount_rate"],
    )  # fmt: skip
    assert changed["max_discount_rate"] == "0.0000"
    stale = money.patch(path, changes)
    assert (stale.status_code, stale.json()["current"]["credit_limit"]) == (409, "50000.0100")
    read = {"If-Match": str(stale.json()["current"]["version"])}
    assert money.patch(path, {"credit_limit": None}, headers=read).json()["credit_limit"] is None


def test_segments_hold_whoever_matches(with_token, owner, stranger, operations):
    for name, city, user in (
        ("A", "Wuhan", owner),
        ("B", "wuhan", owner),
        ("C", "Jinan", owner),
        ("D", "Wuhan", stranger),
    ):
        Customer.objects.create(name=name, city=city, owner=user)
    rep, ops = with_token(owner), with_token(operations)
    rule = {"city": ["Wuhan"]}
    counted = rep.post(f"{V1}/segments/preview", rule).json()
    assert (counted["size"], counted["by_phase"]["outside"]) == (2, 2)
    assert rep.post(f"{V1}/segments", {"name": "Wuhan", "rule": rule}).status_code == 403
    assert not Segment.objects.exists()
    made = ops.post(f"{V1}/segments", {"name": "Wuhan", "rule": rule}).json()
    assert (made["size"], made["by_phase"]["target_market"], made["rule"]) == (3, 3, {"city": ["Wuhan"]})
    assert rep.get(f"{V1}/segments/{made['id']}").json()["size"] == 2
    members = rep.get(f"{V1}/segments/{made['id']}/customers").json()["items"]
    assert {(row["name"], row["phase"]) for row in members} == {("A", 1), ("B", 1)}
    empty = ops.patch(f"{V1}/segments/{made['id']}", {"rule": {}, "version": 1})
    assert (empty.status_code, empty.json()["code"]) == (422, "invalid_input")
    bounds = {"contribution_from": "10", "contribution_below": "5"}
    wrong = ops.post(f"{V1}/segments", {"name": "None", "rule": bounds})
    assert list(wrong.json()["errors"]) == ["contribution_below"]
    moved = ops.patch(f"{V1}/segments/{made['id']}", {"rule": {"city": ["Jinan"]}, "version": 1}).json()
    assert (moved["size"], moved["version"]) == (1, 2)
    stale = ops.patch(f"{V1}/segments/{made['id']}", {"name": "X", "version": 1})
    assert (stale.status_code, stale.json()["current"]["rule"]) == (409, {"city": ["Jinan"]})
    off = ops.patch(f"{V1}/segments/{made['id']}", {"is_active": False, "version": 2}).json()
    assert (off["size"], off["is_active"]) == (0, False)
    assert [row["name"] for row in rep.get(f"{V1}/segments").json()["items"]] == ["Wuhan"]


def test_a_foreign_customers_phase_and_supply_answer_like_none(with_token, stranger, customer):
    other = with_token(stranger)
    absent = other.get(f"{V1}/customers/{10**9}/phase").json()
    for name in ("phase", "phase/history", "evidence", "supply", "policy"):
        answer = other.get(f"{V1}/customers/{customer.pk}/{name}")
        assert (answer.status_code, answer.json()) == (404, absent), name
    need = other.post(f"{V1}/customers/{customer.pk}/need", {"how": "visit", "evidence": "x"})
    assert (need.status_code, Evidence.objects.count()) == (404, 0)
    asked = other.post(f"{V1}/customers/{customer.pk}/releases", {"reason": "x", "until_on": "2026-07-01"})
    assert (asked.status_code, SupplyRelease.objects.count()) == (404, 0)


def test_reasons_are_told_in_the_callers_language(with_token, owner, customer):
    told = with_token(owner, HTTP_ACCEPT_LANGUAGE="zh-Hans").get(f"{V1}/customers/{customer.pk}/phase").json()
    assert told["code"] == "outside"
    assert not told["why"][0]["sentence"].isascii()


def test_company_particulars_are_read_and_changed(with_token, owner, administrator):
    admin, facts = with_token(administrator), {"bank_name": "ICBC Wuhan", "bank_account": "8899 0011"}
    shown = with_token(owner).get(f"{V1}/company").json()
    assert (shown["bank_name"], shown["credit_code"]) == ("", "")
    changed = admin.patch(f"{V1}/company", {**facts, "representative": "Zhao Min", "version": shown["version"]}).json()
    assert {name: changed[name] for name in facts} == facts
    stale = admin.patch(f"{V1}/company", {"phone": "1", "version": shown["version"]})
    assert (stale.status_code, stale.json()["current"]["representative"]) == (409, "Zhao Min")
    assert with_token(owner).patch(f"{V1}/company", {"phone": "1", "version": 2}).status_code == 403
    assert with_token(owner).get(f"{V1}/company").json()["phone"] == ""
