"""Figures by customer, rep, team, product, month and custom agree with each other and with the rows behind them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loudou.catalog.models import Product
from loudou.contracts.choices import BillStep, ReceiptKind
from loudou.contracts.models import Allocation, Contract
from loudou.contracts.selectors.statistics import (
    CASHED,
    FIGURES,
    By,
    CashDays,
    Figure,
    Narrowed,
    Span,
    contracts_signed,
    movements,
    overview,
    statistics,
    total,
)
from loudou.contracts.services import allocations, bills, invoices, refunds
from loudou.contracts.services.ledger_drafts import BillOutcome, InvoiceDraft, RefundDraft
from loudou.core.models import ExchangeRate
from loudou.customers.models import Customer

from .world import TODAY, day, part, sign

pytestmark = pytest.mark.django_db
YEAR = Span(day("01-01"), day("12-31"), TODAY)


@pytest.fixture
def business(signed, receive, rates, owner, stranger, customer, finance, at):
    """Two reps in two teams, three customers, dollars, a bill, a refund, an advance."""
    pumps = Customer.objects.create(name="Jinli Pumps", owner=owner)
    mills = Customer.objects.create(name="Mills", owner=stranger)
    products = [Product.objects.create(name=name) for name in ("Press", "Mill")]
    first = signed(600, 400, plan=[part(300, "02-01"), part(700, "07-01")], signed="01-10", products=products)
    again = signed(2000, plan=[part(2000, "05-01")], signed="04-01")
    foreign = signed(100, plan=[part(100, "04-01")], currency="USD", signed="02-01", customer=pumps)
    sign(stranger, mills, 500, plan=[part(500, "03-01")], signed="03-01")
    receive(300, "02-03")
    receive(500, "05-10", contract_id=again.pk)
    receive(100, "03-05", currency="USD", customer_id=pumps.pk)
    spare = receive(900, "05-20", customer_id=mills.pk)
    refunds.refund_receipt(finance, RefundDraft(spare.pk, Decimal(150), day("06-01"), "Too much"), at=at)
    bill = receive(400, "05-15", kind=ReceiptKind.BILL, matures_on=day("06-14"), contract_id=again.pk)
    bills.settle_bill(finance, bill.pk, outcome=BillOutcome(BillStep.HONOURED, day("06-14")), at=at)
    invoices.issue_invoice(finance, InvoiceDraft(first.pk, day("03-01")), at=at)
    invoices.issue_invoice(finance, InvoiceDraft(foreign.pk, day("03-02")), at=at)
    return {"first": first, "again": again, "foreign": foreign, "pumps": pumps, "mills": mills}


def table(rows, *names):
    return {row.label: tuple(f"{getattr(row, name):.2f}" for name in names) for row in rows}


def test_by_customer(business, finance):
    rows = statistics(finance, by=By.CUSTOMER, span=YEAR)
    assert table(rows, *FIGURES) == {
        "Hengda": ("3000.00", "0.00", "1000.00", "1200.00", "1800.00", "1100.00"),
        "Jinli Pumps": ("700.00", "0.00", "720.00", "720.00", "0.00", "0.00"),
        "Mills": ("500.00", "0.00", "0.00", "750.00", "0.00", "0.00"),
    }
    assert [(row.label, row.contracts, row.average) for row in rows] == [
        ("Hengda", 2, 1500), ("Jinli Pumps", 1, 700), ("Mills", 1, 500),
    ]  # fmt: skip


def test_by_rep_and_team(business, finance):
    expected = {"ordered": ("3700.00", "500.00"), "received": ("1920.00", "750.00"), "overdue": ("1100.00", "0.00")}
    for by, labels in ((By.REP, ("Owner", "Stranger")), (By.TEAM, ("North", "South"))):
        rows = statistics(finance, by=by, span=YEAR)
        for name, amounts in expected.items():
            assert table(rows, name) == dict(zip(labels, ((amount,) for amount in amounts), strict=True))


def test_by_product_a_contract_is_split_by_its_lines(business, finance):
    rows = statistics(finance, by=By.PRODUCT, span=YEAR)
    assert table(rows, "ordered", "invoiced", "received", "outstanding") == {
        "Press": ("600.00", "600.00", "180.00", "420.00"),
        "Mill": ("400.00", "400.00", "120.00", "280.00"),
        "No product": ("3200.00", "720.00", "2370.00", "1100.00"),
    }


def test_money_whose_allocation_was_undone_is_an_advance_of_no_product(business, finance, at):
    before = overview(finance, by=By.PRODUCT, span=YEAR).cash.contracts
    [entry] = Allocation.objects.filter(contract=business["first"])
    allocations.undo_allocation(finance, entry.pk, reason="Meant for another contract", at=at)
    rows = statistics(finance, by=By.PRODUCT, span=YEAR)
    assert table(rows, "received", "outstanding") == {
        "Press": ("0.00", "600.00"),
        "Mill": ("0.00", "400.00"),
        "No product": ("2670.00", "1100.00"),
    }
    assert overview(finance, by=By.PRODUCT, span=YEAR).cash.contracts == before - 1


def test_by_product_the_average_of_all_is_that_of_a_contract_however_many_products_it_has(business, finance):
    rows = statistics(finance, by=By.PRODUCT, span=YEAR)
    reference = total(statistics(finance, by=By.CUSTOMER, span=YEAR))
    whole = total(rows, contracts=contracts_signed(finance, by=By.PRODUCT, span=YEAR))
    assert (whole.contracts, whole.average) == (reference.contracts, reference.average)
    assert sum(row.contracts for row in rows) > whole.contracts
    assert contracts_signed(finance, by=By.CUSTOMER, span=YEAR) is None


def test_by_month_flows_stand_in_their_month_and_debts_in_the_month_they_are_due(business, finance):
    rows = statistics(finance, by=By.MONTH, span=YEAR)
    assert table(rows, "ordered", "received", "outstanding") == {
        "2026-01": ("1000.00", "0.00", "0.00"),
        "2026-02": ("700.00", "300.00", "0.00"),
        "2026-03": ("500.00", "720.00", "0.00"),
        "2026-04": ("2000.00", "0.00", "0.00"),
        "2026-05": ("0.00", "1400.00", "1100.00"),
        "2026-06": ("0.00", "250.00", "0.00"),
        "2026-07": ("0.00", "0.00", "700.00"),
    }


def test_new_against_existing_customers(business, finance):
    rows = statistics(finance, by=By.CUSTOM, span=YEAR)
    assert table(rows, "ordered", "received") == {
        "New customers": ("2200.00", "1520.00"),
        "Existing customers": ("2000.00", "900.00"),
        "Paid in advance": ("0.00", "250.00"),
    }


def test_days_from_signing_to_cash_weigh_the_amounts(business, finance):
    days = {300: 24, 500: 39 + 0, 400: 74, 720: 32, 0: 0}
    paid_by_mills = 500 * (day("05-20") - day("03-01")).days
    expected = sum(amount * number for amount, number in days.items()) + paid_by_mills
    found = overview(finance, by=By.MONTH, span=YEAR).cash
    assert found.contracts == 4
    assert round(found.value, 6) == round(Decimal(expected) / (300 + 500 + 400 + 720 + 500), 6)
    january = Span(day("01-01"), day("01-31"), TODAY)
    assert overview(finance, by=By.MONTH, span=january).cash == CashDays(0, None)


@pytest.mark.parametrize("by", list(By))
def test_days_from_signing_to_cash_are_told_by_group_with_the_money_behind_them(business, finance, by):
    waited, cashed = Decimal(0), Decimal(0)
    found = overview(finance, by=by, span=YEAR)
    for row in found.rows:
        behind = movements(finance, figure=CASHED, by=by, key=row.key, span=YEAR)
        assert bool(behind) == (row.cash_days is not None)
        if behind:
            weight = sum(one.amount for one in behind)
            assert round(row.cash_days, 8) == round(sum(one.amount * one.days for one in behind) / weight, 8)
            waited, cashed = waited + row.cash_days * weight, cashed + weight
    assert round(waited / cashed, 6) == round(found.cash.value, 6)


def test_days_from_signing_to_cash_by_customer(business, finance):
    rows = {row.label: row.cash_days for row in statistics(finance, by=By.CUSTOMER, span=YEAR)}
    assert {label: round(days, 2) for label, days in rows.items()} == {
        "Hengda": Decimal("46.92"),  # (300 x 24 + 500 x 39 + 400 x 74) / 1200 = 56,300 / 1200
        "Jinli Pumps": 32,
        "Mills": 80,
    }


@pytest.mark.parametrize("figure", [*Figure, CASHED])
def test_a_total_opens_the_rows_of_all_its_groups(business, finance, figure):
    for by in By:
        whole = movements(finance, figure=figure, by=by, key=None, whole=True, span=YEAR)
        parts = [
            one.amount
            for row in statistics(finance, by=by, span=YEAR)
            for one in movements(finance, figure=figure, by=by, key=row.key, span=YEAR)
        ]
        assert sorted(one.amount for one in whole) == sorted(parts)


@pytest.mark.parametrize("by", list(By))
def test_each_figure_is_the_sum_of_the_rows_behind_it_and_all_groupings_agree(business, finance, by):
    rows = statistics(finance, by=by, span=YEAR)
    for row in rows:
        for figure in Figure:
            behind = movements(finance, figure=figure, by=by, key=row.key, span=YEAR)
            assert round(sum(one.amount for one in behind), 2) == getattr(row, figure), (by, row.label, figure)
    whole, reference = total(rows), total(statistics(finance, by=By.CUSTOMER, span=YEAR))
    for name in FIGURES:
        assert getattr(whole, name) == getattr(reference, name), name


def test_a_rep_sees_the_figures_of_own_customers_only(business, owner, stranger, manager, finance):
    assert set(table(statistics(owner, by=By.CUSTOMER, span=YEAR), "ordered")) == {"Hengda", "Jinli Pumps"}
    assert set(table(statistics(stranger, by=By.CUSTOMER, span=YEAR), "ordered")) == {"Mills"}
    assert set(table(statistics(manager, by=By.CUSTOMER, span=YEAR), "ordered")) == {"Hengda", "Jinli Pumps"}
    mills = business["mills"].pk
    for figure in Figure:
        assert movements(owner, figure=figure, by=By.CUSTOMER, key=mills, span=YEAR) == []
    only = statistics(finance, by=By.CUSTOMER, span=YEAR, narrowed=Narrowed(customer_ids=(mills,)))
    assert set(table(only, "ordered")) == {"Mills"}
    assert statistics(finance, by=By.REP, span=YEAR, narrowed=Narrowed(owner_ids=(finance.pk,))) == []


def test_a_span_counts_flows_within_it_only(business, finance):
    rows = statistics(finance, by=By.CUSTOMER, span=Span(day("02-01"), day("02-28"), TODAY))
    assert table(rows, "ordered", "received") == {"Hengda": ("0.00", "300.00"), "Jinli Pumps": ("700.00", "0.00")}
    assert Contract.objects.count() == 4


def test_rounded_groups_add_up(signed, finance, owner):
    ExchangeRate.objects.create(currency="USD", on=day("01-01"), rate=Decimal("7.123456"))
    products = [Product.objects.create(name=f"P{number}") for number in range(3)]
    contract = signed("0.33", "0.33", "0.33", plan=[part("0.99", "02-01")], currency="USD", products=products)
    rows = statistics(finance, by=By.PRODUCT, span=YEAR)
    assert sorted(row.ordered for row in rows) == [Decimal("2.35"), Decimal("2.35"), Decimal("2.35")]
    assert total(rows).ordered == contract.amount_base == Decimal("7.05")
