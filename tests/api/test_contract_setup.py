"""Clause templates and number series over the API."""

from __future__ import annotations

from typing import Any

import pytest

from loudou.contracts.models import ClauseTemplate, NumberSeries

pytestmark = pytest.mark.usefixtures("frozen")
V1 = "/api/v1"


@pytest.fixture
def admin(with_token, administrator) -> Any:
    """A program of an administrator."""
    return with_token(administrator)


def test_clauses_that_drafts_start_with_are_added_changed_ordered_and_removed(admin, with_token, owner, customer):
    rep, path = with_token(owner), f"{V1}/clause-templates"
    shipped = rep.get(path, {"kind": "services"}).json()["items"]
    body = {"contract_kind": "services", "key": "other", "title": "Training", "body": "We train {buyer}."}
    assert rep.post(path, body).status_code == 403
    unknown = admin.post(path, {**body, "body": "We train {nobody}."})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "placeholder_unknown")
    made = admin.post(path, body).json()
    assert (made["position"], made["version"]) == (shipped[-1]["position"] + 1, 1)
    changed = admin.patch(f"{path}/{made['id']}", {"is_active": False, "version": 1}).json()
    assert (changed["is_active"], changed["title"], changed["key"]) == (False, "Training", "other")
    stale = admin.patch(f"{path}/{made['id']}", {"title": "X", "version": 1})
    assert (stale.status_code, stale.json()["current"]["is_active"]) == (409, False)
    order = [made["id"], *(row["id"] for row in shipped)]
    ordered = admin.put(f"{path}/order", {"contract_kind": "services", "template_ids": order}).json()["items"]
    assert [row["id"] for row in ordered] == order
    assert admin.put(f"{path}/order", {"contract_kind": "services", "template_ids": order[1:]}).status_code == 404
    admin.patch(f"{path}/{made['id']}", {"is_active": True}, headers={"If-Match": str(ordered[0]["version"])})
    draft = rep.post(f"{V1}/contracts", {"title": "S", "customer_id": customer.pk, "kind": "services"}).json()
    assert next(row["title"] for row in draft["present"]["clauses"]) == "Training"
    assert admin.delete(f"{path}/{made['id']}").status_code == 204
    assert ClauseTemplate.objects.filter(contract_kind="services").count() == len(shipped)


def test_a_series_is_set_up_within_what_gives_every_number_once(admin, with_token, owner):
    path = f"{V1}/number-series"
    series = next(row for row in admin.get(path).json()["items"] if row["kind"] == "receipt")
    wrong = admin.patch(f"{path}/{series['id']}", {"pattern": "R-{month}", "version": series["version"]})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["pattern"])
    body = {"pattern": "R{yy}-{number:5}", "starts_at": 100, "version": series["version"]}
    assert with_token(owner).patch(f"{path}/{series['id']}", body).status_code == 403
    assert NumberSeries.objects.get(pk=series["id"]).pattern == series["pattern"]
    changed = admin.patch(f"{path}/{series['id']}", body).json()
    assert (changed["pattern"], changed["starts_at"], changed["reset"]) == ("R{yy}-{number:5}", 100, series["reset"])
    stale = admin.patch(f"{path}/{series['id']}", {"starts_at": 5, "version": series["version"]})
    assert (stale.status_code, stale.json()["current"]["starts_at"]) == (409, 100)


def test_usual_tax_rates_are_set_by_kind_and_used_by_lines_that_name_none(admin, with_token, owner, customer):
    rep, path = with_token(owner), f"{V1}/tax-rates"
    assert [(row["kind"], row["rate"], row["version"]) for row in rep.get(path).json()["items"]] == [
        ("goods", "0.13", None), ("services", "0.06", None), ("project", "0.09", None),
    ]  # fmt: skip
    assert rep.put(f"{path}/goods", {"rate": "0.03"}).status_code == 403
    assert admin.put(f"{path}/barter", {"rate": "0.03"}).status_code in (404, 422)
    assert admin.put(f"{path}/goods", {"rate": "1.03"}).status_code == 422
    assert admin.put(f"{path}/goods", {"rate": "0.03"}).json()["items"][0] == {
        "kind": "goods", "rate": "0.0300", "version": 1,
    }  # fmt: skip
    stale = admin.put(f"{path}/goods", {"rate": "0.05", "version": 7})
    assert (stale.status_code, stale.json()["current"]["rate"]) == (409, "0.0300")
    lines = [{"description": "Press", "quantity": "1", "unit_price": "103"},
             {"description": "Books", "quantity": "1", "unit_price": "103", "tax_rate": "0"}]  # fmt: skip
    made = rep.post(f"{V1}/contracts", {"title": "P", "customer_id": customer.pk, "lines": lines}).json()
    assert [(row["tax_rate"], row["net_amount"]) for row in made["present"]["lines"]] == [
        ("0.0300", "100.0000"), ("0.0000", "103.0000"),
    ]  # fmt: skip
    assert admin.put(f"{path}/goods", {"rate": None, "version": 1}).json()["items"][0]["rate"] == "0.13"


def test_the_payment_days_of_the_customer_count_where_a_plan_leaves_the_days_out(with_token, owner, customer):
    customer.payment_days = 45
    customer.save()
    rep = with_token(owner)
    line = {"description": "Press", "quantity": "1", "unit_price": "1000"}
    pk = rep.post(f"{V1}/contracts", {"title": "P", "customer_id": customer.pk, "lines": [line]}).json()["id"]
    parts = [
        {"name": "Deposit", "basis": "signing", "share": "0.3"},
        {"name": "Delivery", "basis": "delivery", "share": "0.6"},
        {"name": "Rest", "basis": "acceptance", "share": "0.1", "offset_days": 0},
    ]
    plan = rep.put(f"{V1}/contracts/{pk}/plan", {"lines": parts}).json()
    assert [row["offset_days"] for row in plan["instalments"]] == [0, 45, 0]
