"""Screens of the ledger: finance plans, invoices, posts, allocates, pays back, matches; others look or meet nothing."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.web.ledger.screens import address, page_of, post

from loudou.contracts.models import Allocation, Instalment, Invoice, PaymentPlan, PlanTemplate, Receipt
from loudou.contracts.services.plan_drafting import lines_of as lines_of_template

pytestmark = pytest.mark.usefixtures("frozen")


def test_a_rep_plans_the_payments_of_a_draft(client, owner, drafted):
    contract = drafted()
    post(
        client.as_(owner), "plan", contract.pk,
        name_0="On signing", share_0="30", basis_0="signing", offset_days_0="7",
        name_1="On delivery", share_1="60", basis_1="delivery",
        name_2="Retention", share_2="10", basis_2="acceptance", offset_months_2="12", is_retention_2="on",
    )  # fmt: skip
    plan = PaymentPlan.objects.get()
    assert [(row.name, row.amount, row.is_retention) for row in plan.instalments.order_by("position")] == [
        ("On signing", Decimal(450), False),
        ("On delivery", Decimal(900), False),
        ("Retention", Decimal(150), True),
    ]
    part = page_of(client.as_(owner).get(address("contract_money", contract.pk)))
    assert "12 months later" in part


def test_a_name_that_is_left_as_it_is_keeps_its_other_language(client, owner, drafted):
    contract = drafted()
    template = PlanTemplate.objects.get(name__startswith="30 / 60 / 10")
    post(client.as_(owner), "plan_template", contract.pk, template=template.pk)
    post(
        client.as_(owner), "plan", contract.pk,
        name_0="Deposit", share_0="30", basis_0="signing",
        name_1="What is left", share_1="70", basis_1="delivery",
    )  # fmt: skip
    rows = PaymentPlan.objects.get().instalments.order_by("position")
    assert [(row.name, row.name_zh) for row in rows] == [("Deposit", "预付款"), ("What is left", "")]


def test_open_instalments_say_which_are_late_and_what_the_others_wait_for(client, finance, signed):
    plan = PlanTemplate.objects.get(name__startswith="30 / 60 / 10")
    contract = signed(plan=lines_of_template(plan))
    Instalment.objects.filter(position=1).update(due_on=dt.date(2026, 6, 1))
    page = page_of(client.as_(finance).get(address("instalment_list")))
    assert re.search(r'class="late".*1 Jun 2026.*overdue', page)
    assert "12 months later" in page
    assert f'href="{reverse("contracts:contract", args=[contract.pk])}" data-panel>{contract.number}' in page


def test_a_plan_that_does_not_add_up_is_refused(client, owner, drafted):
    contract = drafted()
    answer = client.as_(owner).post(
        address("plan", contract.pk), {"name_0": "All", "share_0": "90", "basis_0": "signing"}
    )
    assert answer.status_code in (409, 422)
    assert not PaymentPlan.objects.exists()


def test_a_receipt_pays_the_oldest_due_and_can_be_taken_back(client, finance, signed):
    contract = signed()
    money = client.as_(finance)
    post(
        money, "contract_receipt", contract.pk,
        amount="500", currency="CNY", received_on="2026-06-14", kind="transfer", allocate="on",
        contract=contract.pk, customer=contract.customer_id,
    )  # fmt: skip
    receipt = Receipt.objects.get()
    assert (receipt.allocated, receipt.available) == (500, 0)
    page = page_of(money.get(address("receipt", receipt.pk)))
    assert "Oldest due first" in page
    [entry] = Allocation.objects.all()
    post(money, "allocation_undo", receipt.pk, entry.pk, reason="Wrong contract")
    receipt.refresh_from_db()
    assert receipt.available == 500
    instalment = Instalment.objects.in_force().order_by("position").first()
    post(money, "receipt_allocate", receipt.pk, **{f"part_{instalment.pk}": "100"})
    receipt.refresh_from_db()
    assert (receipt.allocated, receipt.available) == (100, 400)
    post(money, "receipt_refund", receipt.pk, amount="400", on="2026-06-15", reason="Paid twice")
    receipt.refresh_from_db()
    assert (receipt.refunded, receipt.available) == (400, 0)
    for listed in (address("contract_money", contract.pk), address("customer", contract.customer_id)):
        assert "Paid back CN¥400" in re.sub(r"<[^>]+>", "", page_of(money.get(listed)))


def test_receipts_are_posted_one_after_the_other_by_contract_alone(client, finance, signed):
    contract = signed()
    money = client.as_(finance)
    sent = {
        "contract": contract.pk, "amount": "500", "currency": "CNY", "received_on": "2026-06-12", "kind": "cash",
        "allocate": "on", "again": "1",
    }  # fmt: skip
    answer = money.post(address("receipt_add"), sent)
    assert answer.status_code == 302
    receipt = Receipt.objects.get()
    assert (receipt.customer_id, receipt.contract_id, receipt.allocated) == (contract.customer_id, contract.pk, 500)
    form = page_of(money.get(answer.url))
    assert 'value="2026-06-12"' in form
    assert re.search(r'<option value="cash"\s+selected', form)
    assert str(contract.pk) not in re.findall(r'name="contract"[^>]*value="(\d+)"', form)


def test_a_receipt_without_customer_or_with_a_contract_of_another_is_refused_at_its_field(client, finance, signed):
    from loudou.customers.models import Customer

    contract = signed()
    other = Customer.objects.create(name="Somebody else")
    money = client.as_(finance)
    sent = {"amount": "5", "currency": "CNY", "received_on": "2026-06-12", "kind": "cash"}
    nobody = money.post(address("receipt_add"), sent)
    assert (nobody.status_code, "Whose money is it?" in nobody.content.decode()) == (422, True)
    wrong = money.post(address("receipt_add"), {**sent, "customer": other.pk, "contract": contract.pk})
    assert (wrong.status_code, "This contract is with another customer." in wrong.content.decode()) == (422, True)
    assert not Receipt.objects.exists()


def test_money_of_a_customer_leads_to_a_receipt_of_that_customer(client, finance, owner, signed):
    contract = signed()
    page = address("customer", contract.customer_id)
    link = f"{address('receipt_add')}?customer={contract.customer_id}"
    assert link in page_of(client.as_(finance).get(page))
    assert link not in page_of(client.as_(owner).get(page))
    assert f'value="{contract.customer_id}"' in page_of(client.as_(finance).get(link))


def test_a_receipt_posted_by_mistake_is_reversed(client, finance, signed):
    contract = signed()
    money = client.as_(finance)
    post(
        money, "receipt_add",
        customer=contract.customer_id, amount="70", currency="CNY", received_on="2026-06-14", kind="cash",
    )  # fmt: skip
    receipt = Receipt.objects.get()
    assert receipt.available == 70
    post(money, "receipt_reverse", receipt.pk, on="2026-06-15", reason="Typed twice")
    receipt.refresh_from_db()
    assert receipt.reversed == 70
    assert "reversed" in page_of(money.get(address("receipt", receipt.pk)))


def test_a_bill_becomes_money_when_it_is_honoured(client, finance, signed):
    contract = signed()
    money = client.as_(finance)
    post(
        money, "receipt_add",
        customer=contract.customer_id, amount="300", currency="CNY", received_on="2026-05-14", kind="bill",
        matures_on="2026-06-10", bill_number="B-1", drawee="Bank of Wuhan", allocate="on",
    )  # fmt: skip
    bill = Receipt.objects.get()
    assert "not honoured yet" in page_of(money.get(address("receipt", bill.pk)))
    post(money, "bill_settle", bill.pk, step="honoured", on="2026-06-10")
    bill.refresh_from_db()
    assert bill.cash_on is not None


def test_an_invoice_is_issued_and_taken_back(client, finance, signed):
    contract = signed()
    money = client.as_(finance)
    form = page_of(money.get(address("contract_invoice", contract.pk)))
    assert "Hengda Steel Co., Ltd." in form
    presses = contract.lines.order_by("number").first()
    post(
        money, "contract_invoice", contract.pk,
        issued_on="2026-06-14", kind="special", title="Hengda", tax_number="91", **{f"line_{presses.pk}": "1000"},
    )  # fmt: skip
    blue = Invoice.objects.get()
    assert (blue.amount, blue.title) == (1000, "Hengda")
    post(money, "invoice_red", blue.pk, issued_on="2026-06-15", reason="Wrong title")
    red = Invoice.objects.get(corrects=blue)
    assert red.amount == -1000
    assert red.number in page_of(money.get(address("invoice", blue.pk)))


def test_every_figure_opens_the_rows_behind_it(client, owner, finance, signed):
    contract = signed()
    post(
        client.as_(finance), "contract_receipt", contract.pk,
        amount="500", currency="CNY", received_on="2026-06-14", kind="transfer", allocate="on",
        contract=contract.pk, customer=contract.customer_id,
    )  # fmt: skip
    rep = client.as_(owner)
    for of, pk in (("contract", contract.pk), ("customer", contract.customer_id)):
        for figure in ("ordered", "delivered", "invoiced", "received", "open", "overdue", "advance", "retention"):
            page_of(rep.get(address("figure", of, pk, figure)))
    assert rep.get(address("figure", "contract", contract.pk, "secret")).status_code == 404
    page = page_of(rep.get(address("customer", contract.customer_id)))
    assert "CN¥1,500" in page or "¥1,500" in page
    page_of(rep.get(address("customer", contract.customer_id), {"on": "2026-06-01"}))
    for by in ("customer", "rep", "team", "product", "month", "custom"):
        page_of(rep.get(address("statistics"), {"by": by}))
    rows = page_of(rep.get(address("statistic_rows"), {"by": "month", "figure": "received", "key": "2026-06"}))
    assert "500" in rows
    group = {"by": "month", "figure": "received", "key": "2026-06"}
    for name, query in (("statistics", {"by": "month"}), ("statistic_rows", group)):
        answer = rep.get(address(name), query | {"export": "csv"})
        table = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        column = "Received" if name == "statistics" else "Amount"
        assert [(row[column], row["Currency"]) for row in table if row[column] != "0"] == [("500", "CNY")]


def test_the_money_of_a_past_day_opens_the_entries_of_that_day(client, owner, finance, signed):
    contract = signed()
    for amount, day in ((500, "2026-06-14"), (40, "2026-06-15")):
        post(
            client.as_(finance), "receipt_add",
            amount=amount, currency="CNY", received_on=day, kind="transfer", allocate="on",
            customer=contract.customer_id,
        )  # fmt: skip
    rep = client.as_(owner)
    query = {"on": "2026-06-15"}
    figure = ("figure", "customer", contract.customer_id, "received")
    today = page_of(rep.get(address(*figure), query))
    assert "Total of 2 entries" in today
    assert "540" in today
    page = page_of(rep.get(address("customer", contract.customer_id)))
    assert "Contract by contract" in page
    assert reverse("ledger:figure", args=["contract", contract.pk, "received"]) in page
    past = page_of(rep.get(address("customer", contract.customer_id), {"on": "2026-06-14"}))
    assert "?on=2026-06-14" in past
    assert "As of" in page_of(rep.get(address(*figure), {"on": "2026-06-14"}))
    assert page_of(rep.get(address("customer", contract.customer_id), {"on": "2026-99-99"}))


def test_a_rep_sees_receipts_but_posts_none(client, owner, stranger, finance, signed):
    contract = signed()
    post(
        client.as_(finance), "receipt_add",
        customer=contract.customer_id, amount="70", currency="CNY", received_on="2026-06-14", kind="cash",
    )  # fmt: skip
    receipt = Receipt.objects.get()
    page_of(client.as_(owner).get(address("receipt", receipt.pk)))
    assert client.as_(owner).post(address("receipt_reverse", receipt.pk), {}).status_code == 403
    assert client.as_(stranger).get(address("receipt", receipt.pk)).status_code == 404
    receipt.refresh_from_db()
    assert receipt.reversed == 0
