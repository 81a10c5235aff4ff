"""Ordered, delivered, invoiced, received, open, overdue: today, on a past day, and the rows behind each."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import Sum

from loudou.contracts.choices import BillStep, DueBasis, ReceiptKind
from loudou.contracts.models import Delivery, DeliveryLine
from loudou.contracts.selectors import reconciliation
from loudou.contracts.selectors.reconciliation import AMOUNTS, Figures
from loudou.contracts.selectors.reconciliation_rows import entries_behind, rows_behind
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


@pytest.mark.parametrize("on", ["01-09", "01-31", "03-05", "03-20", "05-02", "06-05", "06-11"])
def test_each_figure_of_a_past_day_is_the_sum_of_the_entries_behind_it(story, owner, customer, on):
    for chosen in ({"contract_id": story.pk}, {"customer_id": customer.pk}):
        read = reconciliation.contract_figures if "contract_id" in chosen else reconciliation.customer_figures
        figures = read(owner, *chosen.values(), today=TODAY, on=day(on))
        figures = figures if isinstance(figures, Figures) else figures.get("CNY", Figures("CNY"))
        for figure in AMOUNTS:
            found = entries_behind(owner, figure, today=TODAY, on=day(on), **chosen)
            assert sum(row.amount for row in found.rows) == getattr(figures, figure), (on, figure)
            assert found.totals.get("CNY", 0) == getattr(figures, figure)
            assert found.count == len(found.rows)


def test_the_entries_of_a_past_day_are_those_of_that_day(story, owner):
    found = entries_behind(owner, "in_bills", today=TODAY, on=day("05-02"), contract_id=story.pk)
    assert [(row.day, row.amount, row.record.receipt.kind) for row in found.rows] == [(day("04-20"), 250, "bill")]
    assert entries_behind(owner, "in_bills", today=TODAY, contract_id=story.pk).rows == []
    first, second = (
        entries_behind(owner, "received", today=TODAY, contract_id=story.pk, start=start, most=1) for start in (0, 1)
    )
    assert [row.amount for row in (*first.rows, *second.rows)] == [300, 250]
    assert first.totals == second.totals == {"CNY": 550}
    assert (first.count, second.count) == (2, 2)


@pytest.mark.parametrize("on", [None, "05-02", "01-31"])
def test_contract_by_contract_adds_up_to_the_customer(story, signed, receive, owner, customer, on):
    other = signed(80, plan=[part(80, "03-01")])
    receive(30, "04-01", contract_id=other.pk)
    past = day(on) if on else None
    lines = reconciliation.figures_by_contract(owner, customer.pk, today=TODAY, on=past)
    whole = reconciliation.customer_figures(owner, customer.pk, today=TODAY, on=past)["CNY"]
    assert {line.contract.pk for line in lines} == {story.pk, other.pk}
    for line in lines:
        assert line.figures.ordered == line.figures.received + line.figures.in_bills + line.figures.open
        own = reconciliation.contract_figures(owner, line.contract.pk, today=TODAY, on=past)
        for name in ("ordered", "delivered", "invoiced", "received", "open", "overdue"):
            assert getattr(line.figures, name) == getattr(own, name)
    for name in ("ordered", "delivered", "invoiced", "received", "open", "overdue"):
        assert sum(getattr(line.figures, name) for line in lines) == getattr(whole, name)


def test_gains_and_losses_by_exchange_rates_are_told_with_their_entries(signed, receive, rates, owner, customer):
    contract = signed(100, plan=[part(100, "02-01")], currency="USD")
    receive(60, "03-05", currency="USD")
    receive(40, "06-05", currency="USD")
    every = entries_behind(owner, "exchange", today=TODAY, contract_id=contract.pk)
    assert [row.currency for row in every.rows] == ["CNY"] * len(every.rows)
    assert every.count > 0
    result = reconciliation.exchange_result(owner, customer_id=customer.pk)
    assert every.totals == {"CNY": result}
    assert result == reconciliation.exchange_result(owner, contract_id=contract.pk) != 0
    assert reconciliation.exchange_result(owner, customer_id=customer.pk, on=day("01-31")) == 0


def test_strangers_see_neither_figures_nor_rows(story, stranger, colleague, manager, finance, customer):
    for nobody in (stranger, colleague):
        with pytest.raises(NotVisible):
            reconciliation.contract_figures(nobody, story.pk, today=TODAY)
        with pytest.raises(NotVisible):
            reconciliation.customer_figures(nobody, customer.pk, today=TODAY)
        with pytest.raises(NotVisible):
            rows_behind(nobody, "open", today=TODAY, customer_id=customer.pk)
        with pytest.raises(NotVisible):
            entries_behind(nobody, "open", today=TODAY, on=day("05-02"), contract_id=story.pk)
        with pytest.raises(NotVisible):
            reconciliation.figures_by_contract(nobody, customer.pk, today=TODAY, on=day("05-02"))
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
