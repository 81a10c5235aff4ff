"""Invoices bill contract lines to the cent, and red ones take them back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from loudou.contracts.choices import DueBasis, InvoiceKind
from loudou.contracts.errors import (
    ContractNotInForce,
    InvoiceExceedsLine,
    InvoiceKeyReused,
    NotABlueInvoice,
    NothingToInvoice,
    RedExceedsBlue,
)
from loudou.contracts.models import Contract, Instalment, Invoice, InvoiceLine
from loudou.contracts.services import invoices
from loudou.contracts.services.ledger_drafts import (
    InstalmentDraft,
    InvoiceDraft,
    InvoiceLineDraft,
    RedInvoiceDraft,
    RedLineDraft,
)
from loudou.core.refusals import InvalidInput

from .world import day, part

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(finance, at):
    def issue(contract, *amounts, on="06-01", **facts):
        rows = list(contract.lines.order_by("number"))
        lines = [InvoiceLineDraft(row.pk, Decimal(amount)) for row, amount in zip(rows, amounts, strict=False)]
        draft = InvoiceDraft(contract_id=contract.pk, issued_on=day(on), lines=lines, **facts)
        return invoices.issue_invoice(finance, draft, at=at)

    return issue


@pytest.fixture
def red(finance, at):
    def issue(blue, *amounts, on="06-10", **facts):
        rows = list(blue.lines.order_by("position"))
        lines = [RedLineDraft(row.pk, Decimal(amount)) for row, amount in zip(rows, amounts, strict=False)]
        facts = {"reason": "Goods came back", **facts}
        draft = RedInvoiceDraft(invoice_id=blue.pk, issued_on=day(on), lines=lines, **facts)
        return invoices.issue_red_invoice(finance, draft, at=at)

    return issue


def columns(invoice):
    return [(f"{row.net_amount:.2f}", f"{row.tax_amount:.2f}", f"{row.amount:.2f}") for row in invoice.lines.all()]


def test_an_invoice_without_lines_bills_what_is_left(signed, bill, customer, findings):
    contract = signed(1130, 565)
    first = bill(contract, 400)
    rest = bill(contract)
    assert columns(first) == [("353.98", "46.02", "400.00")]
    assert columns(rest) == [("646.02", "83.98", "730.00"), ("500.00", "65.00", "565.00")]
    assert (rest.number, rest.title, rest.kind) == ("FP2026-00002", customer.name, InvoiceKind.SPECIAL)
    assert [line.invoiced_amount for line in contract.lines.order_by("number")] == [1130, 565]
    with pytest.raises(NothingToInvoice):
        bill(contract)
    assert findings() == []


def test_the_invoice_that_completes_a_line_takes_the_odd_cents_of_tax(signed, bill):
    contract = signed("100.00")
    parts = [bill(contract, "33.33"), bill(contract, "33.33"), bill(contract, "33.34")]
    assert [columns(one)[0][:2] for one in parts] == [("29.50", "3.83"), ("29.50", "3.83"), ("29.50", "3.84")]
    assert sum(one.net_amount for one in parts) == contract.net_amount == Decimal("88.50")


def test_no_more_is_billed_than_the_line_says(signed, bill):
    contract = signed(1130)
    bill(contract, 1000)
    with pytest.raises(InvoiceExceedsLine) as refused:
        bill(contract, "130.01")
    assert refused.value.facts == {"line": 1, "left": "130.00", "asked": "130.01", "currency": "CNY"}
    assert Invoice.objects.count() == 1


def test_a_red_invoice_names_its_blue_one_and_frees_the_line(signed, bill, red, findings):
    contract = signed(1130, 565)
    blue = bill(contract, 1130, 565)
    partly = red(blue, 113)
    assert (partly.corrects, partly.amount, partly.net_amount, partly.tax_amount) == (blue, -113, -100, -13)
    rest = red(blue)
    assert columns(rest) == [("-900.00", "-117.00", "-1017.00"), ("-500.00", "-65.00", "-565.00")]
    with pytest.raises(RedExceedsBlue):
        red(blue, "0.01")
    with pytest.raises(RedExceedsBlue):
        red(blue)
    with pytest.raises(NotABlueInvoice):
        red(partly, 1)
    assert [line.invoiced_amount for line in contract.lines.all()] == [0, 0]
    bill(contract)
    assert findings() == []


def test_a_red_invoice_says_why_and_does_not_come_first(signed, bill, red):
    blue = bill(signed(1130))
    with pytest.raises(InvalidInput):
        red(blue, 1, reason="")
    with pytest.raises(InvalidInput):
        red(blue, 1, on="05-31")
    assert Invoice.objects.count() == 1


def test_sent_twice_is_issued_once(signed, bill, red):
    contract = signed(1130)
    blue = bill(contract, 100, key="I-1")
    assert bill(contract, 100, key="I-1") == blue
    with pytest.raises(InvoiceKeyReused):
        bill(contract, 100, key="I-1", on="06-02")
    taken_back = red(blue, 40, key="I-2")
    assert red(blue, 40, key="I-2") == taken_back
    assert Invoice.objects.count() == 2


def test_the_tax_bureaus_number_is_kept_and_given_once(signed, bill):
    contract = signed(1130)
    assert bill(contract, 100, number="25312000000012345678").number == "25312000000012345678"
    with pytest.raises(InvalidInput) as refused:
        bill(contract, 100, number="25312000000012345678")
    assert list(refused.value.errors) == ["number"]


def test_nothing_is_billed_before_signing(owner, customer, finance, at):
    contract = Contract.objects.create(title="Draft", customer=customer, owner=owner, drafted_on=day("01-01"))
    with pytest.raises(ContractNotInForce):
        invoices.issue_invoice(finance, InvoiceDraft(contract.pk, day("06-01")), at=at)


def test_an_instalment_due_on_invoicing_is_due_then_and_owed_at_that_days_rate(signed, bill, red, rates):
    line = InstalmentDraft("Payment", DueBasis.INVOICE, share=Decimal(1), offset_days=30)
    contract = signed(1130, plan=[line], currency="USD")
    owed = Instalment.objects.get(contract=contract)
    assert (owed.due_on, owed.booked_rate, owed.booked_base) == (None, 7, 7910)
    blue = bill(contract, on="03-05")
    owed.refresh_from_db()
    assert (owed.due_on, owed.booked_on) == (day("04-04"), day("03-05"))
    assert (owed.booked_rate, owed.booked_base) == (Decimal("7.2"), 8136)
    assert blue.amount_base == 8136
    red(blue)
    owed.refresh_from_db()
    assert owed.due_on is None


def test_the_database_refuses_lines_that_do_not_add_up_or_fit(signed, bill):
    contract, other = signed(1130), signed(500)
    blue, _other = bill(contract, 113), bill(contract, 500)
    facts = {"invoice": blue, "position": 2, "description": "X", "tax_rate": 0, "tax_amount": 0}
    with pytest.raises(IntegrityError, match="invoice is the sum of its lines"), transaction.atomic():
        InvoiceLine.objects.create(line=contract.lines.get(), net_amount=1, amount=1, **facts)
        with transaction.atomic():
            from django.db import connection

            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="an invoice has lines of its contract"), transaction.atomic():
        InvoiceLine.objects.create(line=other.lines.get(), net_amount=1, amount=1, **facts)
    with pytest.raises(IntegrityError, match="credited_within_invoiced"), transaction.atomic():
        InvoiceLine.objects.create(
            line=contract.lines.get(), corrects=blue.lines.get(), net_amount=-114, amount=-114, **facts
        )
    assert InvoiceLine.objects.count() == 2


def test_a_plan_by_day_does_not_mind_invoices(signed, bill):
    contract = signed(1130, plan=[part(1130, "05-01")])
    bill(contract)
    assert Instalment.objects.get(contract=contract).due_on == day("05-01")
