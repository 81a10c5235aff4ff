"""Ordered, delivered, invoiced, received, open, overdue: today, on a past day, and the rows behind each."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import Sum

from loudou.contracts.choices import BillStep, DueBasis, ReceiptKind
from loudou.contracts.models import Delivery, DeliveryLine
from loudou.contracts.selectors import reconciliation
from loudou.contracts.selectors.reconciliation import AMOUNTS, Figures
from loudou.contracts.selectors.reconciliation_rows import rows_behind
from loudou.contracts.services import bills, invoices, refunds
from loudou.contracts.services.ledger_drafts import (
    BillOutcome,
    InstalmentDraft,
    InvoiceDraft,
    InvoiceLineDraft,
    RedInvoiceDraft,
)
from loudou.core.refusals import NotVisible

from .world import AT, TODAY, day, part

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(signed, receive, finance, at):
    """A project from January to June: paid, delivered and invoiced in part, with a bill, retention and an advance."""
    lines = [
        InstalmentDraft("Deposit", DueBasis.SIGNING, share=Decimal("0.3"), offset_days=20),
        InstalmentDraft("Delivery", DueBasis.DATE, share=Decimal("0.6"), on=day("05-01")),
        InstalmentDraft("Retention", DueBasis.ACCEPTANCE, share=Decimal("0.1"), offset_months=12, is_retention=True),
    ]
    contract = signed(1000, plan=lines)
    receive(300, "02-10")
    bill = receive(250, "04-20", kind=ReceiptKind.BILL, matures_on=day("06-10"))
    delivery = Delivery.objects.create(
        contract=contract, number="D-1", kind="delivery", on=day("04-15"), amount=500, posted_at=AT
    )
    DeliveryLine.objects.create(delivery=delivery, line=contract.lines.get(), quantity=5, amount=500)
    contract.refresh_from_db()
    draft = InvoiceDraft(contract.pk, day("04-25"), lines=[InvoiceLineDraft(contract.lines.get().pk, Decimal(600))])
    blue = invoices.issue_invoice(finance, draft, at=at)
    invoices.issue_red_invoice(finance, RedInvoiceDraft(blue.pk, day("06-01"), "Wrong title"), at=at)
    receive(40, "06-02", contract_id=contract.pk, allocate=False)
    mistaken = receive(77, "03-01")
    refunds.reverse_receipt(finance, mistaken.pk, on=day("03-20"), reason="Of somebody else", at=at)
    bills.settle_bill(finance, bill.pk, outcome=BillOutcome(BillStep.HONOURED, day("06-12")), at=at)
    return contract


def short(figures):
    return {name: f"{getattr(figures, name):.0f}" for name in AMOUNTS if getattr(figures, name)}


def test_today_of_a_contract_and_of_its_customer(story, owner, customer):
    expected = {
        "ordered": "1000", "delivered": "500", "received": "550", "open": "450", "overdue": "350",
        "retention": "100", "undated": "100", "advance": "40",
    }  # fmt: skip
    figures = reconciliation.contract_figures(owner, story.pk, today=TODAY)
    assert short(figures) == expected
    assert (figures.owed, figures.to_invoice) == (410, 500)
    assert {c: short(f) for c, f in reconciliation.customer_figures(owner, customer.pk, today=TODAY).items()} == {
        "CNY": expected
    }


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("01-09", {}),
        ("01-10", {"ordered": "1000", "open": "1000", "undated": "100", "retention": "100"}),
        ("01-31", {"ordered": "1000", "open": "1000", "overdue": "300", "undated": "100", "retention": "100"}),
        ("02-10", {"ordered": "1000", "received": "300", "open": "700", "undated": "100", "retention": "100"}),
        ("03-05", {"ordered": "1000", "received": "377", "open": "623", "undated": "100", "retention": "100"}),
        ("03-20", {"ordered": "1000", "received": "300", "open": "700", "undated": "100", "retention": "100"}),
        (
            "05-02",
            {
                "ordered": "1000", "delivered": "500", "invoiced": "600", "received": "300", "in_bills": "250",
                "open": "450", "overdue": "350", "retention": "100", "undated": "100",
            },
        ),
        (
            "06-15",
            {
                "ordered": "1000", "delivered": "500", "received": "550", "open": "450", "overdue": "350",
                "retention": "100", "undated": "100", "advance": "40",
            },
        ),
    ],
)  # fmt: skip
def test_a_past_day_is_told_from_the_entries(story, owner, customer, on, expected):
    figures = reconciliation.contract_figures(owner, story.pk, today=TODAY, on=day(on))
    assert short(figures) == expected
    of_customer = reconciliation.customer_figures(owner, customer.pk, today=TODAY, on=day(on))
    assert short(of_customer.get("CNY", Figures("CNY"))) == expected


@pytest.mark.parametrize("figure", AMOUNTS)
def test_each_figure_is_the_sum_of_the_rows_behind_it(story, owner, customer, figure):
    figures = reconciliation.contract_figures(owner, story.pk, today=TODAY)
    for chosen in ({"contract_id": story.pk}, {"customer_id": customer.pk}):
        behind = rows_behind(owner, figure, today=TODAY, **chosen)
        assert (behind.rows.aggregate(sum=Sum(behind.amount))["sum"] or 0) == getattr(figures, figure)


def test_strangers_see_neither_figures_nor_rows(story, stranger, colleague, manager, finance, customer):
    for nobody in (stranger, colleague):
        with pytest.raises(NotVisible):
            reconciliation.contract_figures(nobody, story.pk, today=TODAY)
        with pytest.raises(NotVisible):
            reconciliation.customer_figures(nobody, customer.pk, today=TODAY)
        with pytest.raises(NotVisible):
            rows_behind(nobody, "open", today=TODAY, customer_id=customer.pk)
        assert not reconciliation.contracts_with_figures(nobody, today=TODAY).exists()
    for somebody in (manager, finance):
        assert reconciliation.contract_figures(somebody, story.pk, today=TODAY).open == 450
    with pytest.raises(NotVisible):
        rows_behind(finance, "profit", today=TODAY, customer_id=customer.pk)


def test_a_list_of_contracts_carries_the_figures(story, signed, owner, django_assert_num_queries):
    signed(80, plan=[part(80, "07-01")])
    with django_assert_num_queries(3):
        rows = list(reconciliation.contracts_with_figures(owner, today=TODAY).order_by("pk"))
    told = [
        (f"{row.ordered_sum:.0f}", f"{row.received_sum:.0f}", f"{row.open_sum:.0f}", f"{row.overdue_sum:.0f}",
         row.next_due_on)
        for row in rows
    ]  # fmt: skip
    assert told == [("1000", "550", "450", "350", day("05-01")), ("80", "0", "80", "0", day("07-01"))]


def test_currencies_are_not_added():
    with pytest.raises(ValueError, match="two currencies"):
        Figures("CNY") + Figures("USD")
    assert (Figures("CNY", open=Decimal(1)) + Figures("CNY", open=Decimal(2))).open == 3


def test_the_figures_take_the_same_few_statements_whatever_there_is(story, owner, django_assert_num_queries):
    with django_assert_num_queries(6):
        reconciliation.contract_figures(owner, story.pk, today=TODAY)
