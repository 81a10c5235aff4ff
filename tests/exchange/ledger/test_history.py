"""Contracts, plans, invoices and receipts of the past: posted as past, to the cent, and taken back without a trace."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from loudou.contracts.models import (
    Allocation,
    Contract,
    ContractAct,
    Instalment,
    Invoice,
    NumberCounter,
    PaymentPlan,
    Receipt,
    Refund,
)
from loudou.customers.choices import Phase
from loudou.customers.models import Customer, PhaseChange

from ..conftest import ran, why
from .conftest import CONTRACTS, INVOICES, PLANS, RECEIPTS

SHANGHAI = ZoneInfo("Asia/Shanghai")
pytestmark = pytest.mark.django_db


def day(text):
    return dt.date.fromisoformat(text)


def instalments(number):
    rows = Instalment.objects.in_force().filter(contract__number=number).order_by("position")
    return [(row.name, row.amount, row.due_on, row.allocated, row.cash) for row in rows]


def steps(name):
    rows = PhaseChange.objects.filter(customer__name=name).order_by("at", "pk")
    return [(Phase(row.to_phase), row.at.astimezone(SHANGHAI).date().isoformat()) for row in rows]


def test_contracts_stand_where_they_stood_on_their_days(bring, findings, owner):
    job = bring("contracts", CONTRACTS)
    assert (ran(job), why(job)) == ({"created": 4}, {})
    facts = Contract.objects.order_by("number").values_list(
        "number", "kind", "state", "signed_on", "ended_on", "amount", "net_amount", "owner"
    )
    assert list(facts) == [
        ("HT-1", "goods", "completed", day("2025-01-10"), day("2025-12-20"), 226000, 200000, owner.pk),
        ("HT-2", "services", "performing", day("2025-06-01"), None, 60000, Decimal("56603.77"), owner.pk),
        ("HT-3", "goods", "terminated", day("2025-03-01"), day("2025-05-01"), 113000, 100000, owner.pk),
        ("HT-4", "goods", "draft", None, None, 113000, 100000, owner.pk),
    ]
    acts = ContractAct.objects.filter(contract__number="HT-2").order_by("pk").values_list("kind", "on")
    assert list(acts) == [(kind, day("2025-06-01")) for kind in ("offered", "signed", "began")]
    assert not NumberCounter.objects.exists()
    assert findings() == []


def test_plans_by_date_by_event_and_by_share_replace_the_default_since_signing(bring, findings):
    bring("contracts", CONTRACTS)
    job = bring("payment_plans", PLANS)
    assert (ran(job), why(job)) == ({"updated": 3, "line": 3}, {})
    assert instalments("HT-1") == [
        ("Deposit", 67800, day("2025-01-20"), 0, 0),
        ("On delivery", 135600, day("2025-03-15"), 0, 0),
        ("Retention", 22600, day("2026-03-15"), 0, 0),
    ]
    assert instalments("HT-2") == [
        ("First half", 30000, day("2025-07-01"), 0, 0),
        ("Second half", 30000, day("2025-12-01"), 0, 0),
    ]
    plan = PaymentPlan.objects.in_force().get(contract__number="HT-1")
    assert (plan.in_force_on, plan.replaces.replaced_on) == (day("2025-01-10"), day("2025-01-10"))
    assert PaymentPlan.objects.get(contract__number="HT-4").state == "draft"
    assert findings() == []


def test_receipts_of_every_form_are_allocated_on_their_days(everything, findings):
    job = everything["receipts"]
    assert (ran(job), why(job)) == ({"created": 5}, {})
    assert instalments("HT-1") == [
        ("Deposit", 67800, day("2025-01-20"), 67800, 67800),
        ("On delivery", 135600, day("2025-03-15"), 135600, 135600),
        ("Retention", 22600, day("2026-03-15"), 14400, 14400),
    ]
    # 15,000 that named no contract: 10,000 for what was due first, 5,000 for the next, which the refund took again.
    assert [row[3] for row in instalments("HT-2")] == [30000, 0]
    facts = Receipt.objects.order_by("number").values_list("number", "kind", "cash_on", "allocated", "available")
    assert list(facts) == [
        ("R-1", "transfer", day("2025-01-18"), 67800, 0),
        ("R-2", "bill", day("2025-09-21"), 150000, 0),
        ("R-3", "cash", day("2025-07-05"), 20000, 0),
        ("R-4", "transfer", day("2025-08-01"), 10000, 0),
    ]
    refund = Refund.objects.get()
    assert (refund.number, refund.amount, refund.refunded_on, refund.reason) == (
        "R-5", 5000, day("2025-10-01"), "Paid twice",
    )  # fmt: skip
    assert set(Allocation.objects.standing().filter(receipt__number="R-1").values_list("on", flat=True)) == {
        day("2025-01-18")
    }
    assert findings() == []


def test_invoices_blue_and_red_bill_the_lines(everything, findings):
    job = everything["invoices"]
    assert (ran(job), why(job)) == ({"created": 4}, {})
    facts = Invoice.objects.order_by("number").values_list("number", "kind", "issued_on", "amount", "corrects__number")
    assert list(facts) == [
        ("F-1", "special", day("2025-03-16"), 100000, None),
        ("F-2", "special", day("2025-04-16"), 126000, None),
        ("F-3", "special", day("2025-05-02"), -40000, "F-1"),
        ("F-4", "ordinary", day("2025-07-01"), 30000, None),
    ]
    assert Contract.objects.get(number="HT-1").lines.get().invoiced_amount == 186000
    assert findings() == []


def test_phases_follow_with_the_past_dates(everything):
    # Signed; the deposit came in time; what was due on 15 March was money only when the bill was honoured.
    assert steps("Hengda Steel") == [
        (Phase.TARGET, "2025-01-10"),
        (Phase.QUALIFIED, "2025-01-18"),
        (Phase.SIGNED, "2025-03-16"),
    ]
    assert steps("Bolt Works") == [(Phase.TARGET, "2025-03-01"), (Phase.OUTSIDE, "2025-05-01")]


@pytest.mark.parametrize("kind", ["contracts", "payment_plans", "invoices", "receipts"])
def test_the_same_file_again_posts_nothing(everything, bring, findings, kind):
    before = [model.objects.count() for model in (Contract, PaymentPlan, Invoice, Receipt, Refund, Allocation)]
    files = {"contracts": CONTRACTS, "payment_plans": PLANS, "invoices": INVOICES, "receipts": RECEIPTS}
    job = bring(kind, files[kind], options={"on_match": "create"})
    assert set(ran(job)) == {"skipped"}
    assert [model.objects.count() for model in (Contract, PaymentPlan, Invoice, Receipt, Refund, Allocation)] == before
    assert findings() == []


def test_undoing_everything_from_the_last_leaves_nothing(everything, undo, findings):
    for kind in ("receipts", "invoices", "payment_plans", "contracts"):
        job = undo(everything[kind])
        assert job.status == "undone"
        assert set(job.rows.values_list("status", flat=True)) == {"undone"}, (kind, why(job))
        assert findings() == [], kind
    for model in (Contract, PaymentPlan, Instalment, Invoice, Receipt, Refund, Allocation):
        assert not model.objects.exists()
    assert not PhaseChange.objects.exists()
    assert set(Customer.objects.values_list("phase", flat=True)) == {Phase.OUTSIDE}


def test_after_an_undo_the_file_can_be_brought_again(everything, undo, bring, findings):
    undo(everything["receipts"])
    assert [row[3] for row in instalments("HT-1")] == [0, 0, 0]
    assert steps("Hengda Steel") == [(Phase.TARGET, "2025-01-10")]
    assert ran(bring("receipts", RECEIPTS)) == {"created": 5}
    assert [row[3] for row in instalments("HT-1")] == [67800, 135600, 14400]
    assert findings() == []
