"""The statement of account: billed less paid, day by day, and the same as the reconciliation."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from pypdf import PdfReader

from loudou.contracts.choices import BillStep, ReceiptKind
from loudou.contracts.selectors.account import Move, accounts_of
from loudou.contracts.selectors.reconciliation import customer_figures
from loudou.contracts.services import bills, documents, refunds
from loudou.contracts.services.invoices import issue_invoice, issue_red_invoice
from loudou.contracts.services.ledger_drafts import BillOutcome, InvoiceDraft, RedInvoiceDraft, RefundDraft
from loudou.core.refusals import InvalidInput, NotVisible

from .world import AT, day, part

TODAY = day("06-15")


@pytest.fixture
def busy(signed, receive, finance):
    """A contract over 1,000: billed 800, 100 taken back; paid 300 and 500, 40 paid back, 70 posted by mistake."""
    contract = signed(1000, plan=[part(300, "02-01"), part(700, "05-01")])
    blue = issue_invoice(finance, InvoiceDraft(contract.pk, day("02-10"), amount=Decimal(800)), at=AT)
    receive(300, "02-01")
    much = receive(500, "03-05")
    issue_red_invoice(finance, RedInvoiceDraft(blue.pk, day("03-20"), "Rebate", amount=Decimal(100)), at=AT)
    wrong = receive(70, "04-02")
    refunds.reverse_receipt(finance, wrong.pk, on=day("04-03"), reason="Posted twice", at=AT)
    refunds.refund_receipt(finance, RefundDraft(much.pk, Decimal(40), day("04-10"), "Rebate"), at=AT)
    return contract


def moves(account):
    return [(f"{line.on:%m-%d}", line.move, line.amount, line.balance) for line in account.lines]


def test_every_movement_of_the_time_stands_in_order_with_the_balance_after_it(busy, owner, customer):
    [account] = accounts_of(owner, customer.pk, since=day("03-01"), until=day("04-30"), today=TODAY)
    assert (account.currency, account.opening, account.closing) == ("CNY", 500, -60)
    assert moves(account) == [
        ("03-05", Move.RECEIPT, -500, 0),
        ("03-20", Move.RED_INVOICE, -100, -100),
        ("04-02", Move.RECEIPT, -70, -170),
        ("04-03", Move.RECEIPT_REVERSED, 70, -100),
        ("04-10", Move.REFUND, 40, -60),
    ]
    assert (account.charged, account.credited) == (110, 670)
    assert [(f"{row.due_on:%m-%d}", row.open_amount) for row in account.due] == [("05-01", Decimal(240))]


@pytest.mark.parametrize("until", ["02-05", "02-28", "03-31", "04-02", "04-30"])
def test_at_the_end_of_any_day_it_is_what_the_reconciliation_says(busy, owner, customer, until):
    on = day(until)
    [account] = accounts_of(owner, customer.pk, since=on, until=on, today=TODAY)
    figures = customer_figures(owner, customer.pk, today=TODAY, on=on)["CNY"]
    assert account.closing == figures.invoiced - figures.received - figures.in_bills - figures.advance


def test_a_bill_credits_when_it_is_taken_and_charges_again_when_it_is_dishonoured(signed, receive, finance, customer):
    signed(1000)
    bill = receive(400, "03-01", kind=ReceiptKind.BILL, matures_on=day("06-01"))
    bills.settle_bill(finance, bill.pk, outcome=BillOutcome(BillStep.DISHONOURED, day("06-02")), at=AT)
    [account] = accounts_of(finance, customer.pk, since=day("01-01"), until=TODAY, today=TODAY)
    assert moves(account) == [("03-01", Move.RECEIPT, -400, -400), ("06-02", Move.RECEIPT_REVERSED, 400, 0)]


def test_currencies_are_not_added(signed, receive, rates, finance, customer):
    signed(1000)
    signed(500, currency="USD")
    receive(10, "02-01")
    receive(20, "02-02", currency="USD")
    found = accounts_of(finance, customer.pk, since=day("01-01"), until=TODAY, today=TODAY)
    assert [(account.currency, account.closing) for account in found] == [("CNY", -10), ("USD", -20)]


def test_strangers_meet_nothing_and_days_stand_in_order(busy, stranger, owner, customer):
    for actor, since, refusal in ((stranger, "01-01", NotVisible), (owner, "06-30", InvalidInput)):
        with pytest.raises(refusal):
            accounts_of(actor, customer.pk, since=day(since), until=TODAY, today=TODAY)
    with pytest.raises(NotVisible):
        documents.account_pdf(stranger, customer.pk, since=day("01-01"), until=TODAY, language="en", today=TODAY)


def test_it_asks_a_fixed_number_of_statements(busy, signed, receive, finance, customer, django_assert_num_queries):
    receive(5, "05-01")
    receive(6, "05-02")
    with django_assert_num_queries(14):
        accounts_of(finance, customer.pk, since=day("03-01"), until=TODAY, today=TODAY)


def test_the_paper_says_it_in_both_languages(busy, owner, customer):
    facts = {"since": day("03-01"), "until": day("04-30"), "today": TODAY}
    english = documents.account_pdf(owner, customer.pk, language="en", **facts)
    assert english.name == f"account-{customer.pk}-2026-04-30-en.pdf"
    text = text_of(english.content)
    for said in ("Statementofaccount", "HengdaSteel", "500.00", "Paymentreversed", "Inyourfavour:CN¥60.00", "240.00",
                 "1March2026to30April2026", "Weagree", "Page1of1"):  # fmt: skip
        assert said in text, said
    text = text_of(documents.account_pdf(owner, customer.pk, language="zh-hans", **facts).content)
    for said in ("对账单", "2026年3月1日至2026年4月30日", "上期结余", "人民币陆拾元整", "核对无误", "第1页，共1页"):
        assert said in text, said


def text_of(content):
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)
