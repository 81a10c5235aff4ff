"""Screens for what is rare: a terminated contract is settled, a refund is reversed, a red invoice takes a part back."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.web.ledger.screens import address, page_of, post

from loudou.contracts.choices import AcceptanceOutcome, ContractState, DueBasis
from loudou.contracts.models import Contract, Instalment, Invoice, PlanTemplate, Receipt, Refund
from loudou.contracts.selectors import duties
from loudou.contracts.services import deliveries, life
from loudou.contracts.services.drafts import AcceptanceDraft, ActDraft, DeliveryDraft
from loudou.contracts.services.ledger_drafts import InstalmentDraft

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def paid(client, finance, signed):
    """A contract over 1,500 of which 500 were received, and the receipt."""
    contract = signed()
    post(
        client.as_(finance), "receipt_add",
        customer=contract.customer_id, amount="500", currency="CNY", received_on="2026-06-14", kind="transfer",
        allocate="on",
    )  # fmt: skip
    return contract, Receipt.objects.get()


@pytest.fixture
def terminated(paid, finance, at, today):
    """The same contract, terminated."""
    contract, _receipt = paid
    life.terminate_contract(finance, contract.pk, act=ActDraft(today, note="Plant closed"), at=at)
    return contract


def owed(contract):
    rows = Instalment.objects.in_force().filter(contract=contract).order_by("position")
    return [(row.name, row.amount, row.open_amount) for row in rows]


def test_a_terminated_contract_is_settled_for_what_was_received(client, finance, owner, terminated):
    money = client.as_(finance)
    assert address("settle", terminated.pk) in page_of(money.get(address("contract_money", terminated.pk)))
    assert address("settle", terminated.pk) not in page_of(
        client.as_(owner).get(address("contract_money", terminated.pk))
    )
    form = page_of(money.get(address("settle", terminated.pk)))
    assert 'value="Received so far"' in form
    post(money, "settle", terminated.pk, name_0="Received so far", amount_0="500", on_0="2026-06-15")
    assert owed(terminated) == [("Received so far", 500, 0)]
    figures = page_of(money.get(address("customer", terminated.customer_id)))
    assert "1,000" not in figures


def test_a_terminated_contract_for_which_nothing_is_owed_frees_all_its_money(client, finance, terminated):
    post(client.as_(finance), "settle", terminated.pk)
    assert owed(terminated) == []
    assert Receipt.objects.get().available == 500


def test_more_than_was_agreed_is_refused_and_a_running_contract_cannot_be_settled(client, finance, terminated, signed):
    before = owed(terminated)
    answer = client.as_(finance).post(
        address("settle", terminated.pk), {"name_0": "Fee", "amount_0": "9999", "on_0": "2026-06-15"}
    )
    assert answer.status_code in (409, 422)
    assert owed(terminated) == before
    running = signed(customer_id=terminated.customer_id)
    answer = client.as_(finance).post(address("settle", running.pk), {})
    assert answer.status_code in (409, 422)
    assert Contract.objects.get(pk=running.pk).amount == sum(amount for _name, amount, _open in owed(running))


def test_a_refund_that_never_left_is_reversed_and_told(client, finance, owner, paid):
    _contract, receipt = paid
    money = client.as_(finance)
    post(money, "receipt_refund", receipt.pk, amount="50", on="2026-06-15", reason="Paid twice")
    refund = Refund.objects.get()
    link = address("refund_reverse", receipt.pk, refund.pk)
    assert link in page_of(money.get(address("receipt", receipt.pk)))
    assert client.as_(owner).post(link, {"on": "2026-06-15", "reason": "x"}).status_code == 403
    assert money.get(address("refund_reverse", receipt.pk + 1, refund.pk)).status_code == 404
    post(money, "refund_reverse", receipt.pk, refund.pk, on="2026-06-15", reason="The bank sent it back")
    receipt.refresh_from_db()
    assert (receipt.refunded, receipt.available) == (0, 50)
    page = page_of(money.get(address("receipt", receipt.pk)))
    assert "The bank sent it back" in page
    assert link not in page


def test_a_receipt_tells_what_became_of_it(client, finance, signed):
    contract = signed()
    money = client.as_(finance)
    post(
        money, "receipt_add",
        customer=contract.customer_id, amount="300", currency="CNY", received_on="2026-05-14", kind="bill",
        matures_on="2026-06-10", bill_number="B-1", drawee="Bank of Wuhan", allocate="on",
    )  # fmt: skip
    bill = Receipt.objects.get()
    post(money, "bill_settle", bill.pk, step="dishonoured", on="2026-06-11", note="Account closed")
    page = page_of(money.get(address("receipt", bill.pk)))
    assert page.count("Account closed") >= 2  # the bill's event, and the reversal that follows from it
    assert "Dishonoured" in page


def test_a_red_invoice_takes_a_part_back(client, finance, signed):
    contract = signed()
    money = client.as_(finance)
    presses = contract.lines.order_by("number").first()
    post(
        money, "contract_invoice", contract.pk,
        issued_on="2026-06-14", kind="special", title="Hengda", tax_number="91", **{f"line_{presses.pk}": "1000"},
    )  # fmt: skip
    blue = Invoice.objects.get()
    post(money, "invoice_red", blue.pk, issued_on="2026-06-15", amount="113", reason="Rebate")
    assert "taken back: CN¥887" in page_of(money.get(address("invoice_red", blue.pk)))
    red = Invoice.objects.get(corrects=blue)
    assert (red.net_amount, red.tax_amount, red.amount) == (-100, -13, -113)
    answer = money.post(
        address("invoice_red", blue.pk), {"issued_on": "2026-06-15", "amount": "900", "reason": "Too much"}
    )
    assert answer.status_code in (409, 422)
    assert Invoice.objects.filter(corrects=blue).count() == 1


def test_an_administrator_sets_up_plan_templates(client, administrator, finance):
    admin = client.as_(administrator)
    page = page_of(admin.get(address("plan_template_list")))
    assert PlanTemplate.objects.get(is_default=True).label in page
    post(
        admin, "plan_template_add",
        template_name="Thirds", template_name_zh="三等分", is_active="on", is_default="on",
        name_0="Start", name_zh_0="首付", weight_0="1", basis_0="signing",
        name_1="Delivery", weight_1="1", basis_1="delivery", offset_days_1="30",
        name_2="End", weight_2="1", basis_2="acceptance", offset_months_2="12", is_retention_2="on",
    )  # fmt: skip
    thirds = PlanTemplate.objects.get(name="Thirds")
    assert (thirds.name_zh, thirds.is_default, thirds.is_active) == ("三等分", True, True)
    assert PlanTemplate.objects.filter(is_default=True).count() == 1
    rows = thirds.instalments.order_by("position")
    assert [(row.name, row.weight, row.offset_days, row.is_retention) for row in rows] == [
        ("Start", 1, 0, False), ("Delivery", 1, 30, False), ("End", 1, 0, True),
    ]  # fmt: skip
    form = page_of(admin.get(address("plan_template_edit", thirds.pk)))
    assert 'value="Thirds"' in form
    assert 'value="Delivery"' in form
    answer = admin.post(
        address("plan_template_edit", thirds.pk),
        {"template_name": "Thirds", "is_active": "on", "name_0": "All", "weight_0": "1", "basis_0": "signing"},
    )
    assert answer.status_code == 422  # the default gives way only to another
    assert thirds.instalments.count() == 3
    assert client.as_(finance).get(address("plan_template_list")).status_code == 403


def test_a_draft_shows_the_payment_days_of_its_customer(client, owner, drafted, customer):
    customer.payment_days = 60
    customer.save()
    contract = drafted()
    rep = client.as_(owner)
    money = page_of(rep.get(address("contract_money", contract.pk)))
    assert "On complete delivery, 60 days later" in money
    assert "60 payment days are agreed with the customer." in money
    assert "They count after delivery, acceptance or invoice" in page_of(rep.get(address("plan", contract.pk)))
    post(
        rep, "plan", contract.pk,
        name_0="Deposit", share_0="30", basis_0="signing", name_1="Goods", share_1="60", basis_1="delivery",
        name_2="Rest", share_2="10", basis_2="acceptance", offset_days_2="0",
    )  # fmt: skip
    assert list(contract.instalments.order_by("position").values_list("offset_days", flat=True)) == [0, 60, 0]
    form = page_of(rep.get(address("plan", contract.pk)))
    assert 'name="offset_days_2" value="0"' in form  # left empty it would mean 60 days
    assert 'name="offset_days_0" value' not in form


def test_the_paper_of_every_version_can_be_had(client, owner, paid, finance, at, lines_of):
    from loudou.contracts.services import amendments

    contract, _receipt = paid
    amendments.draft_amendment(owner, contract.pk, reason="One more", at=at)
    rep = client.as_(owner)
    page = page_of(rep.get(reverse("contracts:version", args=[contract.pk, 2])))
    link = reverse("contracts:pdf", args=[contract.pk, "en"])
    assert f"{link}?version=2" in page
    assert "-v1-en" in rep.get(link)["Content-Disposition"]
    assert "-v2-en" in rep.get(link, {"version": "2"})["Content-Disposition"]
    for wrong in ("3", "x", "9" * 30):
        assert rep.get(link, {"version": wrong}).status_code == 404


def test_an_amendment_says_in_words_what_becomes_of_total_and_plan(client, owner, paid, at):
    from loudou.contracts.services import amendments, plans

    contract, _receipt = paid
    amendments.draft_amendment(owner, contract.pk, reason="Later", at=at)
    half = contract.amount / 2
    lines = [
        InstalmentDraft("Half", DueBasis.ACCEPTANCE, amount=half, offset_months=1, name_zh="一半"),
        InstalmentDraft("Rest", DueBasis.ACCEPTANCE, amount=contract.amount - half, offset_days=30, name_zh="其余"),
    ]
    plans.draft_plan(owner, contract.pk, lines=lines)
    owner.language = "zh-hans"
    owner.save()
    page = page_of(client.as_(owner).get(reverse("contracts:version", args=[contract.pk, 2])))
    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr><td>(.*?)</tr>", page)]
    told = [[part for part in row.split("|") if part.strip()] for row in rows]
    assert any("验收时，1 个月后" in row for row in told)
    assert all("offset" not in " ".join(row) and "之后天数" not in row for row in told)
    assert "一半" in page and "Half" not in page
    assert page.count("验收时，1 个月后") == 2  # what it changes, and the plan as it will be


def test_the_default_plan_of_thirds_adds_up_to_the_cent(client, administrator, signed):
    post(
        client.as_(administrator), "plan_template_add",
        template_name="Thirds", is_active="on", is_default="on",
        **{f"{name}_{number}": value for number in range(3)
           for name, value in (("name", f"Part {number}"), ("weight", "1"), ("basis", "signing"))},
    )  # fmt: skip
    contract = signed()
    assert [amount for _name, amount, _open in owed(contract)] == [Decimal(500)] * 3


def test_a_contract_that_completed_itself_can_still_be_invoiced(client, finance, signed, at, today):
    contract = signed()
    money = client.as_(finance)
    delivery = deliveries.post_delivery(finance, contract.pk, draft=DeliveryDraft(today), at=at)
    deliveries.record_acceptance(finance, delivery.pk, draft=AcceptanceDraft(today, AcceptanceOutcome.ACCEPTED), at=at)
    post(
        money, "contract_receipt", contract.pk,
        amount="1500", currency="CNY", received_on="2026-06-15", kind="transfer", allocate="on",
        contract=contract.pk, customer=contract.customer_id,
    )  # fmt: skip
    contract.refresh_from_db()
    assert contract.state == ContractState.COMPLETED
    waiting = duties.not_invoiced(Contract.objects.visible_to(finance))
    assert list(waiting) == [contract]
    page = page_of(money.get(address("contract_money", contract.pk)))
    assert address("contract_invoice", contract.pk) in page
    assert address("contract_receipt", contract.pk) not in page  # nothing is open
    lines = {f"line_{line.pk}": line.ordered_amount for line in contract.lines.all()}
    post(money, "contract_invoice", contract.pk, issued_on="2026-06-15", kind="special", **lines)
    assert not waiting.all().exists()
    assert address("contract_invoice", contract.pk) not in page_of(money.get(address("contract_money", contract.pk)))


def test_an_instalment_tells_what_paid_it(client, owner, stranger, finance, paid):
    contract, receipt = paid
    rep, link = client.as_(owner), address("instalment", Instalment.objects.in_force().earliest("position").pk)
    assert link in page_of(rep.get(address("contract_money", contract.pk)))
    assert link in page_of(rep.get(address("figure", "contract", contract.pk, "open")))
    entry = receipt.allocations.earliest("pk")
    post(client.as_(finance), "allocation_undo", receipt.pk, entry.pk, reason="Wrong contract")
    undo = address("allocation_undo", receipt.pk, entry.pk)
    assert undo not in page_of(client.as_(finance).get(address("receipt", receipt.pk)))  # it is taken back already
    page = page_of(rep.get(link))
    assert page.count(address("receipt", receipt.pk)) == 2  # the entry, and the one that took it back
    assert "Wrong contract" in page
    assert client.as_(stranger).get(link).status_code == 404


def test_a_missed_instalment_is_linked_from_the_reasons_of_the_phase(client, owner, finance, customer):
    from loudou.customers.phases import EvidenceSubject
    from loudou.web.customers.phase_strip import address as page_about

    assert page_about(EvidenceSubject("contracts.instalment", 7, "1. Deposit")) == address("instalment", 7)
