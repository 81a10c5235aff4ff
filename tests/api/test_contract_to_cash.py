"""One sale over the API, from the won opportunity to the last cent, by the people whose work it is."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from tests.conftest import ApiClientOf

from loudou.contracts.models import Allocation, Contract, Receipt
from loudou.customers.models import Customer

pytestmark = pytest.mark.usefixtures("frozen")
V1 = "/api/v1"
TERMS = {
    "performance_from": "2026-07-01",
    "performance_until": "2026-09-30",
    "performance_place": "1 Steel Road, Wuhan",
    "performance_manner": "truck, freight paid",
    "quality_standard": "GB/T 9164-2018",
    "acceptance_days": 7,
    "warranty_months": 12,
    "penalty_rate": "0.0005",
    "dispute_venue": "the People's Court of Wuhan",
}
PLAN = [
    {"name": "Down payment", "basis": "signing", "share": "0.3"},
    {"name": "On delivery", "basis": "delivery", "share": "0.6", "offset_days": 30},
    {"name": "Retention", "basis": "acceptance", "share": "0.1", "offset_months": 12, "is_retention": True},
]


@pytest.fixture
def sale(with_token, owner, customer, product, process) -> int:
    """A won sale of three presses at 333.35."""
    line = {"product_id": product.pk, "quantity": "3", "unit_price": "333.35"}
    body = {"subject": "Three presses", "customer_id": customer.pk, "lines": [line]}
    rep = with_token(owner)
    made = rep.post(f"{V1}/opportunities", body).json()
    assert rep.post(f"{V1}/opportunities/{made['id']}/win", {}).json()["opportunity"]["state"] == "won"
    return made["id"]


@pytest.fixture
def customer(owner) -> Customer:
    """A customer whose paper can be written."""
    return Customer.objects.create(
        name="Hengda Steel Co., Ltd.", owner=owner, credit_code="91420100MA4KL5XN3P", city="Wuhan",
        address="1 Steel Road", phones=["027-8888 1234"],
    )  # fmt: skip


@pytest.fixture
def signed(with_token, owner, manager, sale) -> int:
    """The contract of the sale, offered by the rep and signed by the manager."""
    rep = with_token(owner)
    pk = rep.post(f"{V1}/opportunities/{sale}/contract", {"tax_rate": "0.13"}).json()["id"]
    assert rep.put(f"{V1}/contracts/{pk}/terms", TERMS).status_code == 200
    assert rep.put(f"{V1}/contracts/{pk}/plan", {"lines": PLAN}).status_code == 200
    assert rep.post(f"{V1}/contracts/{pk}/offer", {}).json()["state"] == "offered"
    answer = with_token(manager).post(f"{V1}/contracts/{pk}/sign", {"party": "customer", "person": "Zhao Min"})
    assert answer.json()["state"] == "signed", answer.json()
    return pk


def figures(api: Any, pk: int, **query: str) -> dict[str, str]:
    """The figures of a contract that are not zero, with two decimals."""
    found = api.get(f"{V1}/contracts/{pk}/figures", query).json()
    assert found.pop("currency") == "CNY"
    return {name: f"{Decimal(value):.2f}" for name, value in found.items() if Decimal(value)}


def test_a_sale_becomes_a_contract_that_says_what_was_agreed(with_token, owner, sale, product):
    rep = with_token(owner)
    answer = rep.post(f"{V1}/opportunities/{sale}/contract", {"tax_rate": "0.13"})
    made = answer.json()
    assert (answer.status_code, made["state"], made["number"], made["opportunity_id"]) == (201, "draft", "", sale)
    assert (made["net_amount"], made["tax_amount"], made["amount"]) == ("885.0000", "115.0500", "1000.0500")
    (line,) = made["present"]["lines"]
    assert (line["product"], line["quantity"], line["unit_price"], line["amount"]) == (
        {"id": product.pk, "name": product.name}, "3.000", "333.3500", "1000.0500",
    )  # fmt: skip
    assert line["balance"] == {
        "ordered": "0.000", "delivered": "0.000", "ordered_amount": "0.0000", "delivered_amount": "0.0000",
        "invoiced_amount": "0.0000",
    }  # fmt: skip
    again = rep.post(f"{V1}/opportunities/{sale}/contract", {})
    assert (again.status_code, again.json()["code"]) == (409, "already_drafted")
    assert Contract.objects.count() == 1


def test_what_is_missing_is_told_until_nothing_is(with_token, owner, manager, sale):
    rep = with_token(owner)
    pk = rep.post(f"{V1}/opportunities/{sale}/contract", {}).json()["id"]
    missing = rep.get(f"{V1}/contracts/{pk}/missing").json()
    assert (missing["sequence"], missing["is_complete"]) == (1, False)
    assert [item["key"] for item in missing["clauses"]] == ["quantity", "performance", "breach"]
    assert missing["discount"] == {
        "discount": "0.9967", "policy": None, "approved": "0.0000", "needs_approval": False, "is_pending": False,
    }  # fmt: skip
    assert rep.post(f"{V1}/contracts/{pk}/offer", {}).status_code == 200
    refused = with_token(manager).post(f"{V1}/contracts/{pk}/sign", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "main_clauses_missing")
    assert rep.post(f"{V1}/contracts/{pk}/take-back", {}).json()["state"] == "draft"
    rep.put(f"{V1}/contracts/{pk}/terms", TERMS)
    assert rep.get(f"{V1}/contracts/{pk}/missing").json()["is_complete"] is True


def test_the_plan_adds_up_and_gets_its_days_from_events(with_token, owner, finance, signed):
    api = with_token(owner)
    (plan,) = api.get(f"{V1}/contracts/{signed}/plans").json()["items"]
    assert (plan["state"], plan["total"], plan["in_force_on"]) == ("in_force", "1000.0500", "2026-06-15")
    rows = [(row["name"], row["amount"], row["due_on"], row["is_retention"]) for row in plan["instalments"]]
    assert rows == [
        ("Down payment", "300.0200", "2026-06-15", False),
        ("On delivery", "600.0300", None, False),
        ("Retention", "100.0000", None, True),
    ]
    assert figures(api, signed) == {
        "ordered": "1000.05", "open": "1000.05", "retention": "100.00", "undated": "700.03", "owed": "1000.05",
    }  # fmt: skip
    money = with_token(finance)
    delivery = money.post(f"{V1}/contracts/{signed}/deliveries", {"carrier": "SF 1234"}).json()
    assert (delivery["kind"], delivery["amount"], delivery["customer"]["name"]) == (
        "delivery", "1000.0500", "Hengda Steel Co., Ltd.",
    )  # fmt: skip
    assert delivery["lines"][0]["quantity"] == "3.000"
    accepted = money.post(f"{V1}/deliveries/{delivery['id']}/acceptances", {"person": "Zhao Min"}).json()
    assert (accepted["answer"], accepted["answered_on"]) == ("accepted", "2026-06-15")
    page = api.get(f"{V1}/instalments", {"contract": signed, "open": "true", "sort": "id"}).json()
    assert [row["due_on"] for row in page["items"]] == ["2026-06-15", "2026-07-15", "2027-06-15"]
    assert page["items"][0]["customer"]["name"] == "Hengda Steel Co., Ltd."


def test_to_the_last_cent(with_token, owner, finance, customer, signed, frozen):
    money, rep = with_token(finance), with_token(owner)
    assert rep.get(f"{V1}/customers/{customer.pk}/phase").json()["code"] == "target"
    facts = {"customer_id": customer.pk, "contract_id": signed, "amount": "300.02"}
    first = money.post(f"{V1}/receipts", facts).json()
    assert (first["allocated"], first["available"], first["cash_on"]) == ("300.0200", "0.0000", "2026-06-15")
    assert rep.get(f"{V1}/customers/{customer.pk}/phase").json()["code"] == "qualified"
    delivery = money.post(f"{V1}/contracts/{signed}/deliveries", {}).json()
    money.post(f"{V1}/deliveries/{delivery['id']}/acceptances", {})
    invoice = money.post(f"{V1}/contracts/{signed}/invoices", {}).json()
    assert (invoice["net_amount"], invoice["tax_amount"], invoice["amount"]) == ("885.0000", "115.0500", "1000.0500")
    bill = money.post(
        f"{V1}/receipts",
        {**facts, "kind": "bill", "amount": "600.03", "bill_number": "B-1", "matures_on": "2026-06-20"},
    ).json()
    assert (bill["allocated"], bill["cash_on"]) == ("600.0300", None)
    assert figures(rep, signed) == {
        "ordered": "1000.05", "delivered": "1000.05", "invoiced": "1000.05", "received": "300.02",
        "in_bills": "600.03", "open": "100.00", "retention": "100.00", "owed": "100.00",
    }  # fmt: skip
    frozen.shift(dt.timedelta(days=5))
    money, rep = with_token(finance), with_token(owner)  # tokens are good for a day
    honoured = money.post(f"{V1}/receipts/{bill['id']}/settle", {"step": "honoured"}).json()
    assert (honoured["cash_on"], honoured["bill_event"]["step"]) == ("2026-06-20", "honoured")
    last = money.post(f"{V1}/receipts", {**facts, "amount": "100.01", "kind": "cash"}).json()
    assert (last["allocated"], last["available"]) == ("100.0000", "0.0100")
    paid_back = money.post(f"{V1}/receipts/{last['id']}/refunds", {"amount": "0.01", "reason": "One cent too much"})
    assert (paid_back.status_code, paid_back.json()["available"]) == (201, "0.0000")
    assert figures(rep, signed) == {
        "ordered": "1000.05", "delivered": "1000.05", "invoiced": "1000.05", "received": "1000.05",
    }  # fmt: skip
    shown = rep.get(f"{V1}/contracts/{signed}").json()
    assert (shown["state"], shown["ended_on"]) == ("completed", "2026-06-20")
    kinds = [act["kind"] for act in rep.get(f"{V1}/contracts/{signed}/acts").json()["items"]]
    assert kinds[0] == "completed"
    assert set(kinds) == {"offered", "signed", "began", "completed"}
    assert figures(rep, signed, on="2026-06-15") == {
        "ordered": "1000.05", "delivered": "1000.05", "invoiced": "1000.05", "received": "300.02",
        "in_bills": "600.03", "open": "100.00", "retention": "100.00", "owed": "100.00",
    }  # fmt: skip


def test_every_figure_opens_its_rows_which_add_up(with_token, owner, finance, customer, signed):
    money, rep = with_token(finance), with_token(owner)
    money.post(f"{V1}/contracts/{signed}/deliveries", {})
    money.post(f"{V1}/contracts/{signed}/invoices", {})
    money.post(f"{V1}/receipts", {"customer_id": customer.pk, "amount": "400"})
    money.post(f"{V1}/receipts", {"customer_id": customer.pk, "amount": "7.5", "allocate": False})
    whole = rep.get(f"{V1}/customers/{customer.pk}/figures").json()["items"]
    assert [row["currency"] for row in whole] == ["CNY"]
    for base in (f"{V1}/contracts/{signed}", f"{V1}/customers/{customer.pk}"):
        for figure in ("ordered", "delivered", "invoiced", "received", "open", "retention", "undated", "overdue"):
            rows = rep.get(f"{base}/figures/rows", {"figure": figure}).json()["items"]
            assert sum(Decimal(row["amount"]) for row in rows) == Decimal(whole[0][figure]), figure
            assert all(row["contract_id"] == signed for row in rows)
            then = {"figure": figure, "on": "2026-06-15", "limit": 1}
            past, cursor = [], ""
            while cursor is not None:
                answer = rep.get(f"{base}/figures/rows", then | {"cursor": cursor}).json()
                past, cursor = past + answer["items"], answer["next"]
            assert sum(Decimal(row["amount"]) for row in past) == Decimal(whole[0][figure]), figure
            assert {(row["source"], row["id"]) for row in past} == {(row["source"], row["id"]) for row in rows}
            assert rep.get(f"{base}/figures/rows", then | {"on": "2020-01-01"}).json()["items"] == []
            assert rep.get(f"{base}/figures/rows", then | {"cursor": "x"}).status_code == 422
    (advance,) = rep.get(f"{V1}/customers/{customer.pk}/figures/rows", {"figure": "advance"}).json()["items"]
    assert (advance["source"], advance["amount"], advance["on"], advance["currency"]) == (
        "receipt", "7.5000", "2026-06-15", "CNY",
    )  # fmt: skip


def test_a_receipt_is_posted_once_however_often_it_is_sent(with_token, finance, customer, signed):
    money = with_token(finance)
    body = {"customer_id": customer.pk, "amount": "500.00", "bank_reference": "T-1"}
    key = {"Idempotency-Key": "transfer-1"}
    first, second = (money.post(f"{V1}/receipts", body, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code, second["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.json() == second.json()
    other = money.post(f"{V1}/receipts", {**body, "amount": "501"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    without = money.post(f"{V1}/receipts", body)
    assert (without.status_code, without.json()["code"]) == (409, "bank_reference_posted")
    own = {"customer_id": customer.pk, "amount": "5", "key": "ours-1"}
    assert money.post(f"{V1}/receipts", own).json()["id"] == money.post(f"{V1}/receipts", own).json()["id"]
    different = money.post(f"{V1}/receipts", {**own, "amount": "6"})
    assert (different.status_code, different.json()["code"]) == (422, "receipt_key_reused")
    assert sorted(Receipt.objects.values_list("amount", flat=True)) == [Decimal(5), Decimal(500)]
    assert sum(Allocation.objects.values_list("amount", flat=True)) == Decimal(505)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("own_key", [False, True])
def test_one_transfer_sent_by_four_at_once_is_one_receipt(with_token, finance, owner, own_key):
    customer = Customer.objects.create(name="Hengda Steel", owner=owner)
    headers = with_token(finance).defaults
    body = {"customer_id": customer.pk, "amount": "500.00"} | ({"key": "transfer-1"} if own_key else {})
    answers = []

    def send() -> None:
        try:
            program = ApiClientOf()
            program.defaults = dict(headers)
            key = {} if own_key else {"Idempotency-Key": "transfer-1"}
            answers.append(program.post(f"{V1}/receipts", body, headers=key))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Receipt.objects.get().amount == Decimal(500)
