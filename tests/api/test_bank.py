"""Bank statements over the API: read in once, proposed with reasons, posted when somebody confirms."""

from __future__ import annotations

from typing import Any

import pytest
from tests.contracts.ledger.world import part, sign

from loudou.contracts.models import Contract, Receipt, StatementLine

pytestmark = pytest.mark.usefixtures("frozen")
V1 = "/api/v1"
MOVEMENTS = [
    {"booked_on": "2026-06-10", "amount": "300", "payer": "Hengda Steel", "reference": "R-1"},
    {"booked_on": "2026-06-11", "amount": "-12.50", "payer": "Bank fee", "reference": "R-2"},
]


@pytest.fixture
def money(with_token, finance) -> Any:
    """A program of finance."""
    return with_token(finance)


@pytest.fixture
def contract(owner, customer) -> Contract:
    """A contract of the customer with 300 due on 1 June."""
    return sign(owner, customer, 1000, plan=[part(300, "06-01"), part(700, "12-01")])


@pytest.fixture
def incoming(money, contract) -> dict[str, Any]:
    """The movement of 300, as the API lists it."""
    body = {"account": "ICBC 8899", "name": "june.csv", "currency": "CNY", "rows": MOVEMENTS}
    read = money.post(f"{V1}/bank-statements", body)
    assert (read.status_code, read.json()["added"], read.json()["repeated"]) == (201, 2, 0)
    (line,) = money.get(f"{V1}/bank-lines", {"to_match": "true"}).json()["items"]
    return line


def test_movements_are_read_in_once(money, incoming):
    body = {"account": "ICBC 8899", "name": "again.csv", "currency": "CNY", "rows": MOVEMENTS}
    again = money.post(f"{V1}/bank-statements", body).json()
    assert (again["added"], again["repeated"], again["statement"]["name"]) == (0, 2, "again.csv")
    listed = money.get(f"{V1}/bank-lines", {"sort": "id"}).json()["items"]
    assert [(row["amount"], row["state"], row["to_post"]) for row in listed] == [
        ("300.0000", "open", "300.0000"), ("-12.5000", "open", "0.0000"),
    ]  # fmt: skip
    assert [row["name"] for row in money.get(f"{V1}/bank-statements").json()["items"]] == ["again.csv", "june.csv"]


def test_a_movement_is_proposed_with_reasons_and_posted_once(money, incoming, customer, contract):
    path = f"{V1}/bank-lines/{incoming['id']}"
    (proposal,) = money.get(f"{path}/proposals").json()["items"]
    assert (proposal["customer"], proposal["contract"]["id"], proposal["bill_id"]) == (
        {"id": customer.pk, "name": "Hengda Steel"}, contract.pk, None,
    )  # fmt: skip
    assert proposal["score"] == sum(reason["points"] for reason in proposal["reasons"])
    assert {reason["code"] for reason in proposal["reasons"]} == {
        "payer_name", "exact_instalment", "near_due_day", "exact_due",
    }  # fmt: skip
    assert not Receipt.objects.exists()
    body = {"parts": [{"customer_id": customer.pk, "contract_id": contract.pk}]}
    posted = money.post(f"{path}/confirm", body).json()
    assert (posted["state"], posted["to_post"], posted["postings"][0]["amount"]) == ("posted", "0.0000", "300.0000")
    receipt = money.get(f"{V1}/receipts/{posted['postings'][0]['receipt_id']}").json()
    assert (receipt["allocated"], receipt["received_on"], receipt["payer"]) == (
        "300.0000", "2026-06-10", "Hengda Steel",
    )  # fmt: skip
    twice = money.post(f"{path}/confirm", body)
    assert (twice.status_code, twice.json()["code"]) == (409, "bank_line_used_up")
    assert Receipt.objects.count() == 1
    assert money.post(f"{path}/dismiss", {"reason": "x"}).json()["code"] == "bank_line_posted"


def test_a_movement_is_split_over_contracts_and_the_rest_dismissed(money, incoming, customer, contract, owner):
    other = sign(owner, customer, 50, plan=[part(50, "12-01")])
    path = f"{V1}/bank-lines/{incoming['id']}"
    parts = [
        {"customer_id": customer.pk, "amount": "200", "contract_id": contract.pk},
        {"customer_id": customer.pk, "amount": "50", "contract_id": other.pk},
    ]
    split = money.post(f"{path}/confirm", {"parts": parts}).json()
    assert (split["state"], split["to_post"], [row["amount"] for row in split["postings"]]) == (
        "partly", "50.0000", ["200.0000", "50.0000"],
    )  # fmt: skip
    over = money.post(f"{path}/confirm", {"parts": [{"customer_id": customer.pk, "amount": "50.01"}]})
    assert (over.status_code, over.json()["code"]) == (409, "bank_line_used_up")
    assert money.post(f"{path}/dismiss", {"reason": "A deposit"}).json()["dismissal"] == "A deposit"
    assert money.get(f"{V1}/bank-lines", {"to_match": "true"}).json()["items"] == []
    assert money.post(f"{path}/take-up").json()["dismissal"] == ""


def test_bank_lines_are_for_those_who_post(with_token, incoming, owner, manager, auditor, customer):
    for user in (owner, manager, auditor):
        api = with_token(user)
        body = {"parts": [{"customer_id": customer.pk}]}
        for answer in (
            api.get(f"{V1}/bank-lines"),
            api.get(f"{V1}/bank-lines/{incoming['id']}/proposals"),
            api.post(f"{V1}/bank-lines/{incoming['id']}/confirm", body),
            api.post(f"{V1}/bank-statements", {}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "permission_refused")
    assert not Receipt.objects.exists()
    assert StatementLine.objects.count() == 2


def test_a_token_posts_no_more_than_its_scopes(with_token, finance, incoming, customer):
    reads = with_token(finance, ["contracts.view"])
    assert reads.get(f"{V1}/receipts").status_code == 200
    for path, body in (
        ("receipts", {"customer_id": customer.pk, "amount": "5"}),
        (f"bank-lines/{incoming['id']}/confirm", {"parts": [{"customer_id": customer.pk}]}),
        (f"customers/{customer.pk}/allocate-advances", {}),
        (f"customers/{customer.pk}/hold", {"reason": "x"}),
    ):
        assert reads.post(f"{V1}/{path}", body).status_code == 403
    assert not Receipt.objects.exists()
