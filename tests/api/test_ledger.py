"""Receipts, allocations, refunds, reversals, bills, invoices and figures over the API, to the cent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.contracts.ledger.world import day, part, sign

from loudou.contracts.choices import DueBasis
from loudou.contracts.models import Allocation, Contract, Instalment, Invoice, PlanTemplate, Receipt
from loudou.core import checks
from loudou.core.models import ExchangeRate
from loudou.core.rates import company
from loudou.customers.models import Customer

pytestmark = pytest.mark.usefixtures("frozen")
V1 = "/api/v1"


@pytest.fixture
def signed(owner, customer) -> Callable[..., Contract]:
    """Sign a contract with the customer: `signed(1000, plan=[part(300), part(700, "05-01")])`."""
    return lambda *amounts, **facts: sign(owner, customer, *amounts, **facts)


@pytest.fixture
def money(with_token, finance) -> Any:
    """A program of finance."""
    return with_token(finance)


@pytest.fixture
def sound() -> Callable[[], list[str]]:
    """Tell what `loudou check` has to say about contracts and phases."""

    def tell() -> list[str]:
        checks.load()
        names = [name for name in checks.CHECKS if name.startswith(("contracts.", "customers.phase"))]
        return [f"{check.name}: {finding.record}" for check, found in checks.run(names) for finding in found]

    return tell


def test_money_pays_the_oldest_due_part_first_and_the_rest_is_an_advance(money, customer, signed, sound):
    signed(1000, plan=[part(400, "03-01"), part(600, "05-01")])
    signed(500, plan=[part(500, "02-01")])
    posted = money.post(f"{V1}/receipts", {"customer_id": customer.pk, "amount": "1000"}).json()
    paid = [(entry["amount"], entry["cause"], entry["on"]) for entry in posted["allocations"]]
    assert paid == [
        ("500.0000", "automatic", "2026-06-15"),
        ("400.0000", "automatic", "2026-06-15"),
        ("100.0000", "automatic", "2026-06-15"),
    ]
    late = money.get(f"{V1}/instalments", {"overdue": "true"}).json()["items"]
    assert [(row["open_amount"], row["due_on"]) for row in late] == [("500.0000", "2026-05-01")]
    more = money.post(f"{V1}/receipts", {"customer_id": customer.pk, "amount": "500.01"}).json()
    assert (more["allocated"], more["available"]) == ("500.0000", "0.0100")
    listed = money.get(f"{V1}/receipts", {"with_advance": "true"}).json()["items"]
    assert [row["id"] for row in listed] == [more["id"]]
    assert sound() == []


def test_money_is_put_by_hand_taken_off_and_put_again(money, customer, signed, sound):
    signed(1000, plan=[part(400, "03-01"), part(600, "05-01")])
    first, second = Instalment.objects.in_force().order_by("position")
    body = {
        "customer_id": customer.pk, "amount": "700", "parts": [{"instalment_id": second.pk, "amount": "600"}],
    }  # fmt: skip
    posted = money.post(f"{V1}/receipts", body).json()
    assert [(entry["instalment_id"], entry["amount"], entry["cause"]) for entry in posted["allocations"]] == [
        (second.pk, "600.0000", "manual"),
    ]  # fmt: skip
    path = f"{V1}/receipts/{posted['id']}"
    over = money.post(f"{path}/allocate", {"parts": [{"instalment_id": first.pk, "amount": "100.01"}]})
    assert (over.status_code, over.json()["code"]) == (422, "receipt_overdrawn")
    full = money.post(f"{path}/allocate", {"parts": [{"instalment_id": second.pk, "amount": "1"}]})
    assert (full.status_code, full.json()["code"]) == (422, "instalment_overpaid")
    assert Allocation.objects.count() == 1
    entry = posted["allocations"][0]["id"]
    undone = money.post(f"{V1}/allocations/{entry}/undo", {"reason": "Other part"}).json()
    assert [(row["amount"], row["undoes_id"], row["reason"]) for row in undone["allocations"]] == [
        ("600.0000", None, ""), ("-600.0000", entry, "Other part"),
    ]  # fmt: skip
    assert undone["available"] == "700.0000"
    again = money.post(f"{V1}/allocations/{entry}/undo", {})
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")
    assert money.post(f"{V1}/customers/{customer.pk}/allocate-advances").json() == {"entries": 2}
    assert money.post(f"{V1}/customers/{customer.pk}/allocate-advances").json() == {"entries": 0}
    history = money.get(f"{V1}/instalments/{second.pk}/allocations").json()["items"]
    assert [row["amount"] for row in history] == ["600.0000", "-600.0000", "300.0000"]
    assert sound() == []


def test_money_is_paid_back_the_advance_first(money, customer, signed, sound):
    signed(1000, plan=[part(1000, "05-01")])
    posted = money.post(f"{V1}/receipts", {"customer_id": customer.pk, "amount": "1050"}).json()
    path = f"{V1}/receipts/{posted['id']}/refunds"
    too_much = money.post(path, {"amount": "1050.01", "reason": "x"})
    assert (too_much.status_code, too_much.json()["code"]) == (422, "receipt_overdrawn")
    body = {"amount": "60", "reason": "Paid too much", "key": "back-1"}
    given = money.post(path, body).json()
    assert (given["refunded"], given["allocated"], given["available"]) == ("60.0000", "990.0000", "0.0000")
    assert [row["amount"] for row in given["allocations"]] == ["1000.0000", "-1000.0000", "990.0000"]
    assert len(money.post(path, body).json()["refunds"]) == 1
    refused = money.post(f"{V1}/receipts/{posted['id']}/reverse", {"reason": "Mistake"})
    assert (refused.status_code, refused.json()["code"]) == (409, "receipt_has_refunds")
    refund = given["refunds"][0]["id"]
    back = money.post(f"{V1}/refunds/{refund}/reverse", {"reason": "Bounced"}).json()
    assert (back["refunded"], back["available"], back["refunds"][0]["is_reversed"]) == ("0.0000", "60.0000", True)
    reversed_ = money.post(f"{V1}/receipts/{posted['id']}/reverse", {"reason": "Wrong customer"}).json()
    assert (reversed_["reversed"], reversed_["allocated"], reversed_["reversal"]["reason"]) == (
        "1050.0000", "0.0000", "Wrong customer",
    )  # fmt: skip
    listed = money.get(f"{V1}/customers/{customer.pk}/reversals").json()["items"]
    assert {(row["receipt_id"], row["refund_id"]) for row in listed} == {(posted["id"], None), (None, refund)}
    assert sound() == []


def test_a_dishonoured_bill_is_owed_again(money, customer, signed, sound):
    contract = signed(1000, plan=[part(1000, "05-01")])
    body = {
        "customer_id": customer.pk, "amount": "600", "kind": "bill", "received_on": "2026-04-01",
        "bill_number": "B-77", "drawee": "Bank of Wuhan",
    }  # fmt: skip
    missing = money.post(f"{V1}/receipts", body)
    assert (missing.status_code, list(missing.json()["errors"])) == (422, ["matures_on"])
    bill = money.post(f"{V1}/receipts", {**body, "matures_on": "2026-06-10"}).json()
    assert (bill["allocated"], bill["cash_on"]) == ("600.0000", None)
    due = money.get(f"{V1}/receipts", {"bills_until": "2026-06-10"}).json()["items"]
    assert [row["id"] for row in due] == [bill["id"]]
    failed = money.post(f"{V1}/receipts/{bill['id']}/settle", {"step": "dishonoured", "on": "2026-06-10"}).json()
    assert (failed["reversed"], failed["allocated"], failed["bill_event"]["step"]) == (
        "600.0000", "0.0000", "dishonoured",
    )  # fmt: skip
    figures = money.get(f"{V1}/contracts/{contract.pk}/figures").json()
    assert (figures["open"], figures["overdue"], figures["in_bills"]) == ("1000.0000", "1000.0000", "0.0000")
    again = money.post(f"{V1}/receipts/{bill['id']}/settle", {"step": "honoured"})
    assert (again.status_code, again.json()["code"]) == (409, "not_an_open_bill")
    assert sound() == []


def test_invoices_bill_lines_and_red_ones_take_them_back(money, owner, with_token, signed, sound):
    contract = signed(1130, 500)
    first, second = contract.lines.order_by("number")
    path = f"{V1}/contracts/{contract.pk}/invoices"
    body = {"lines": [{"line_id": first.pk, "amount": "1130"}], "number": "24012345", "kind": "ordinary"}
    blue = money.post(path, {**body, "tax_number": "91420100MA4KL5XN3P"}).json()
    assert (blue["net_amount"], blue["tax_amount"], blue["amount"]) == ("1000.0000", "130.0000", "1130.0000")
    assert (blue["title"], blue["tax_number"], blue["corrects_id"], blue["red_ones"]) == (
        "Hengda Steel", "91420100MA4KL5XN3P", None, [],
    )  # fmt: skip
    over = money.post(path, {"lines": [{"line_id": first.pk, "amount": "0.01"}]})
    assert (over.status_code, over.json()["code"]) == (422, "invoice_exceeds_line")
    lines = [{"invoice_line_id": blue["lines"][0]["id"], "amount": "113"}]
    red = money.post(f"{V1}/invoices/{blue['id']}/red", {"reason": "One returned", "lines": lines}).json()
    assert (red["net_amount"], red["tax_amount"], red["amount"], red["corrects_id"]) == (
        "-100.0000", "-13.0000", "-113.0000", blue["id"],
    )  # fmt: skip
    assert money.get(f"{V1}/invoices/{blue['id']}").json()["red_ones"] == [red["id"]]
    assert money.get(f"{V1}/invoices/{blue['id']}").json()["lines"][0]["credited"] == "113.0000"
    assert [row["id"] for row in money.get(f"{V1}/invoices", {"red": "true"}).json()["items"]] == [red["id"]]
    assert [row["id"] for row in money.get(f"{V1}/invoices", {"q": "24012345"}).json()["items"]] == [blue["id"]]
    rest = money.post(path, {}).json()
    assert [(line["line_id"], line["amount"]) for line in rest["lines"]] == [
        (first.pk, "113.0000"), (second.pk, "500.0000"),
    ]  # fmt: skip
    refused = money.post(f"{V1}/invoices/{red['id']}/red", {"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_blue_invoice")
    denied = with_token(owner).post(path, {})
    assert (denied.status_code, Invoice.objects.count()) == (403, 3)
    assert sound() == []


def test_gains_and_losses_by_exchange_rates_are_listed(money, owner, with_token, customer, signed):
    company()
    for on, rate in (("01-01", "7.00"), ("03-01", "7.20"), ("06-01", "6.95")):
        ExchangeRate.objects.create(currency="USD", on=day(on), rate=Decimal(rate))
    contract = signed(100, currency="USD", plan=[part(100, "02-01")])
    body = {"customer_id": customer.pk, "currency": "USD"}
    first = money.post(f"{V1}/receipts", {**body, "amount": "60", "received_on": "2026-03-10"}).json()
    second = money.post(f"{V1}/receipts", {**body, "amount": "40", "received_on": "2026-06-10"}).json()
    told = [(row["amount_base"], row["booked_base"], row["difference"]) for row in first["allocations"]]
    assert told == [("432.0000", "420.0000", "12.0000")]
    assert second["allocations"][0]["difference"] == "-2.0000"
    rows = with_token(owner).get(f"{V1}/exchange-differences", {"contract": contract.pk, "sort": "id"}).json()["items"]
    assert [(row["amount_base"], row["on"], row["allocation_id"]) for row in rows] == [
        ("12.0000", "2026-03-10", first["allocations"][0]["id"]),
        ("-2.0000", "2026-06-10", second["allocations"][0]["id"]),
    ]
    late = money.get(f"{V1}/exchange-differences", {"on_from": "2026-06-01"}).json()["items"]
    assert [row["amount_base"] for row in late] == ["-2.0000"]
    (figures,) = money.get(f"{V1}/customers/{customer.pk}/figures").json()["items"]
    assert (figures["currency"], figures["received"], figures["open"]) == ("USD", "100.0000", "0.0000")


def test_statistics_open_the_rows_behind_them(money, owner, with_token, customer, signed):
    signed(1000, plan=[part(400, "03-01"), part(600, "12-01")])
    money.post(f"{V1}/receipts", {"customer_id": customer.pk, "amount": "250", "received_on": "2026-03-11"})
    rep = with_token(owner)
    found = rep.get(f"{V1}/contract-statistics", {"by": "customer", "since": "2026-01-01"}).json()
    (row,) = found["items"]
    assert (row["key"], row["label"], row["contracts"], row["ordered"], row["average"]) == (
        customer.pk, "Hengda Steel", 1, "1000.0000", "1000.0000",
    )  # fmt: skip
    assert (row["received"], row["outstanding"], row["overdue"]) == ("250.0000", "750.0000", "150.0000")
    assert {name: found["total"][name] for name in ("ordered", "received")} == {
        "ordered": "1000.0000", "received": "250.0000",
    }  # fmt: skip
    assert (found["base_currency"], found["signing_to_cash_days"]) == ("CNY", "60.0000")
    by_month = rep.get(f"{V1}/contract-statistics").json()["items"]
    assert {row["key"]: row["received"] for row in by_month if row["received"] != "0.0000"} == {"2026-03": "250.0000"}
    rows = rep.get(
        f"{V1}/contract-statistics/rows", {"figure": "received", "by": "customer", "key": customer.pk}
    ).json()
    assert [(row["day"], row["source"], Decimal(row["amount"])) for row in rows["items"]] == [
        ("2026-03-11", "allocation", Decimal(250)),
    ]  # fmt: skip
    assert rows["next_start"] is None
    foreign = rep.get(f"{V1}/contract-statistics/rows", {"figure": "received", "by": "customer", "key": "x"})
    assert foreign.status_code == 404
    unknown = rep.get(f"{V1}/contract-statistics/rows", {"figure": "profit"})
    assert (unknown.status_code, list(unknown.json()["errors"])) == (422, ["figure"])


def test_plans_are_set_by_parts_by_template_and_by_month(with_token, owner, administrator, customer):
    rep = with_token(owner)
    line = {"description": "Press", "quantity": "1", "unit_price": "1000"}
    pk = rep.post(f"{V1}/contracts", {"title": "P", "customer_id": customer.pk, "lines": [line]}).json()["id"]
    wrong = rep.put(f"{V1}/contracts/{pk}/plan", {"lines": [{"name": "All", "basis": "signing", "amount": "999.99"}]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "plan_does_not_add_up")
    monthly = rep.put(f"{V1}/contracts/{pk}/plan/monthly", {"months": 3, "first_on": "2026-07-31"}).json()
    assert [(row["amount"], row["on"]) for row in monthly["instalments"]] == [
        ("333.3300", "2026-07-31"), ("333.3400", "2026-08-31"), ("333.3300", "2026-09-30"),
    ]  # fmt: skip
    template = {
        "name": "Half and half",
        "instalments": [
            {"name": "First", "weight": "1", "basis": "signing"},
            {"name": "Second", "weight": "1", "basis": "acceptance", "offset_days": 10},
        ],
    }
    assert rep.post(f"{V1}/plan-templates", template).status_code == 403
    admin = with_token(administrator)
    made = admin.post(f"{V1}/plan-templates", template).json()
    stale = rep.put(
        f"{V1}/contracts/{pk}/plan/template", {"template_id": made["id"], "version": monthly["version"] + 1}
    )
    assert (stale.status_code, stale.json()["current"]["id"]) == (409, monthly["id"])
    plan = rep.put(f"{V1}/contracts/{pk}/plan/template", {"template_id": made["id"], "version": monthly["version"]})
    rows = plan.json()["instalments"]
    assert [(row["amount"], row["basis"], row["offset_days"]) for row in rows] == [
        ("500.0000", DueBasis.SIGNING, 0), ("500.0000", DueBasis.ACCEPTANCE, 10),
    ]  # fmt: skip
    renamed = admin.put(f"{V1}/plan-templates/{made['id']}", {**template, "name": "Halves", "version": 1})
    assert (renamed.json()["name"], renamed.json()["version"]) == ("Halves", 2)
    old = admin.put(f"{V1}/plan-templates/{made['id']}", {**template, "version": 1})
    assert (old.status_code, old.json()["current"]["name"]) == (409, "Halves")
    names = [row["name"] for row in rep.get(f"{V1}/plan-templates").json()["items"]]
    assert names == list(PlanTemplate.objects.order_by("position", "pk").values_list("name", flat=True))


def test_a_foreign_customers_money_answers_like_none(with_token, stranger, owner, money, customer, signed):
    contract = signed(1000, plan=[part(1000, "05-01")])
    posted = money.post(f"{V1}/receipts", {"customer_id": customer.pk, "amount": "10"}).json()
    billed = money.post(f"{V1}/contracts/{contract.pk}/invoices", {}).json()
    other = with_token(stranger)
    absent = other.get(f"{V1}/receipts/{10**9}").json()
    for path in (
        f"receipts/{posted['id']}", f"invoices/{billed['id']}", f"contracts/{contract.pk}/figures",
        f"contracts/{contract.pk}/plans", f"customers/{customer.pk}/figures", f"customers/{customer.pk}/reversals",
        f"instalments/{posted['allocations'][0]['instalment_id']}/allocations",
        f"contracts/{contract.pk}/figures/rows?figure=open",
    ):  # fmt: skip
        answer = other.get(f"{V1}/{path}")
        assert (answer.status_code, answer.json()) == (404, absent), path
    for name in ("receipts", "invoices", "instalments", "deliveries", "exchange-differences"):
        assert other.get(f"{V1}/{name}").json() == {"items": [], "next": None}
    assert other.get(f"{V1}/contract-statistics").json()["items"] == []
    assert len(with_token(owner).get(f"{V1}/receipts").json()["items"]) == 1


def test_lists_of_money_cost_the_same_however_many_rows(money, customer, signed, django_assert_max_num_queries):
    for number in range(8):
        signed(100, plan=[part(100, "05-01")])
        money.post(f"{V1}/receipts", {"customer_id": customer.pk, "amount": str(10 + number)})
    Customer.objects.get()
    for name in ("receipts", "instalments", "contracts"):
        for limit in (1, 8):
            with django_assert_max_num_queries(6):
                assert len(money.get(f"{V1}/{name}?limit={limit}").json()["items"]) == limit


def test_receipts_are_narrowed_by_kind_day_and_reference(money, customer):
    for kind, on, reference in (("cash", "2026-05-01", ""), ("transfer", "2026-06-01", "T-9")):
        body = {"customer_id": customer.pk, "amount": "5", "kind": kind, "received_on": on}
        money.post(f"{V1}/receipts", {**body, "bank_reference": reference})
    for query, kinds in (
        ({"kind": "cash"}, ["cash"]),
        ({"received_until": "2026-05-01"}, ["cash"]),
        ({"received_from": "2026-05-02"}, ["transfer"]),
        ({"bank_reference": "T-9"}, ["transfer"]),
        ({"q": "t-9"}, ["transfer"]),
        ({"with_advance": "false"}, []),
    ):
        found = money.get(f"{V1}/receipts", query).json()["items"]
        assert [row["kind"] for row in found] == kinds, query
    assert Receipt.objects.filter(received_on__gte=dt.date(2026, 1, 1)).count() == 2


def test_posting_costs_the_same_however_much_is_on_record(money, customer, signed, django_assert_max_num_queries):
    contract = signed(1000, plan=[part(1000, "05-01")])
    body = {"customer_id": customer.pk, "contract_id": contract.pk, "amount": "1"}
    for _ in range(6):
        assert money.post(f"{V1}/receipts", body).status_code == 201
        with django_assert_max_num_queries(32):  # five of them savepoints of the test's own transaction
            assert money.post(f"{V1}/receipts", body).status_code == 201
    assert Allocation.objects.count() == 12
