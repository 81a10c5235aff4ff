"""Money is given back, and mistakes are taken back, by entries of their own that name what they concern."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loudou.contracts.choices import AllocationCause
from loudou.contracts.errors import (
    AlreadyReversed,
    AlreadyUndone,
    DateBeforeReceipt,
    ReceiptHasRefunds,
    ReceiptKeyReused,
    ReceiptOverdrawn,
)
from loudou.contracts.models import Allocation, Receipt, Refund, Reversal
from loudou.contracts.services import allocations, refunds
from loudou.contracts.services.ledger_drafts import Part, RefundDraft
from loudou.core.refusals import InvalidInput
from loudou.customers.choices import Phase

from .world import day, part

pytestmark = pytest.mark.django_db


def refund(finance, receipt, amount, at, on="06-15", **facts):
    draft = RefundDraft(receipt.pk, Decimal(amount), day(on), facts.pop("reason", "Ordered less"), **facts)
    return refunds.refund_receipt(finance, draft, at=at)


def fresh(receipt):
    return Receipt.objects.get(pk=receipt.pk)


def test_a_refund_takes_the_advance_first(signed, receive, shares, finance, at, findings):
    contract = signed(1000, plan=[part(1000, "03-01")])
    receipt = receive(1300)
    entry = refund(finance, receipt, 300, at)
    assert entry.number == "TK2026-0001"
    assert (fresh(receipt).allocated, fresh(receipt).refunded, fresh(receipt).available) == (1000, 300, 0)
    assert shares(contract) == [("1000.00", "1000.00")]
    assert findings() == []


def test_a_refund_beyond_the_advance_takes_the_last_allocation_back_and_leaves_the_rest(
    signed, receive, shares, finance, at, customer, findings
):
    contract = signed(1000, plan=[part(400, "03-01"), part(600, "05-01")])
    receipt = receive(1000, "02-20")
    refund(finance, receipt, 250, at)
    assert shares(contract) == [("400.00", "400.00"), ("350.00", "350.00")]
    entries = [(f"{e.amount:.0f}", e.cause, e.on) for e in Allocation.objects.order_by("pk")]
    assert entries == [
        ("400", AllocationCause.AUTOMATIC, day("02-20")),
        ("600", AllocationCause.AUTOMATIC, day("02-20")),
        ("-600", AllocationCause.REFUNDED, day("06-15")),
        ("350", AllocationCause.REFUNDED, day("02-20")),
    ]
    assert fresh(receipt).available == 0
    assert findings() == []


def test_no_more_is_given_back_than_came_in(signed, receive, finance, at):
    receipt = receive(100)
    with pytest.raises(ReceiptOverdrawn) as refused:
        refund(finance, receipt, "100.01", at)
    assert refused.value.facts == {"number": receipt.number, "left": "100.00", "asked": "100.01", "currency": "CNY"}
    refund(finance, receipt, 60, at)
    with pytest.raises(ReceiptOverdrawn):
        refund(finance, receipt, 41, at)
    assert Refund.objects.count() == 1


def test_a_refund_sent_twice_is_paid_once(receive, finance, at):
    receipt = receive(100)
    first = refund(finance, receipt, 40, at, key="R-1")
    assert refund(finance, receipt, 40, at, key="R-1") == first
    with pytest.raises(ReceiptKeyReused):
        refund(finance, receipt, 41, at, key="R-1")
    assert fresh(receipt).refunded == 40


def test_a_refund_does_not_come_before_its_receipt_and_says_why(receive, finance, at):
    receipt = receive(100, "05-02")
    with pytest.raises(DateBeforeReceipt):
        refund(finance, receipt, 40, at, on="05-01")
    with pytest.raises(InvalidInput):
        refund(finance, receipt, 40, at, reason=" ")
    assert not Refund.objects.exists()


def test_a_reversed_receipt_pays_nothing_any_more(signed, receive, shares, finance, at, findings):
    contract = signed(1000, plan=[part(1000, "03-01")])
    receipt = receive(700)
    entry = refunds.reverse_receipt(finance, receipt.pk, on=day("06-15"), reason="Wrong customer", at=at)
    assert shares(contract) == [("0.00", "0.00")]
    assert (fresh(receipt).reversed, fresh(receipt).available, fresh(receipt).is_reversed) == (700, 0, True)
    assert (entry.receipt, entry.reason) == (receipt, "Wrong customer")
    with pytest.raises(AlreadyReversed):
        refunds.reverse_receipt(finance, receipt.pk, on=day("06-15"), reason="Again", at=at)
    with pytest.raises(AlreadyReversed):
        allocations.allocate_receipt(finance, receipt.pk, at=at)
    with pytest.raises(AlreadyReversed):
        refund(finance, receipt, 1, at)
    assert Reversal.objects.count() == 1
    assert findings() == []


def test_a_refund_that_bounced_is_reversed_before_its_receipt(receive, finance, at, findings):
    receipt = receive(100)
    paid_back = refund(finance, receipt, 30, at)
    with pytest.raises(ReceiptHasRefunds):
        refunds.reverse_receipt(finance, receipt.pk, on=day("06-15"), reason="Mistake", at=at)
    refunds.reverse_refund(finance, paid_back.pk, on=day("06-15"), reason="Account closed", at=at)
    assert (fresh(receipt).refunded, fresh(receipt).available) == (0, 100)
    with pytest.raises(AlreadyReversed):
        refunds.reverse_refund(finance, paid_back.pk, on=day("06-15"), reason="Again", at=at)
    refunds.reverse_receipt(finance, receipt.pk, on=day("06-15"), reason="Mistake", at=at)
    assert fresh(receipt).available == 0
    assert findings() == []


def test_an_allocation_is_taken_back_once_and_the_money_is_an_advance_again(
    signed, receive, shares, finance, at, findings
):
    contract = signed(1000, plan=[part(400, "03-01"), part(600, "05-01")])
    receipt = receive(500)
    first, second = Allocation.objects.order_by("pk")
    allocations.undo_allocation(finance, first.pk, reason="For the later part", at=at)
    assert fresh(receipt).available == 400
    with pytest.raises(AlreadyUndone):
        allocations.undo_allocation(finance, first.pk, reason="Again", at=at)
    with pytest.raises(AlreadyUndone):
        allocations.undo_allocation(finance, Allocation.objects.latest("pk").pk, reason="Back", at=at)
    allocations.allocate_receipt(finance, receipt.pk, parts=[Part(second.instalment_id, Decimal(400))], at=at)
    assert shares(contract) == [("0.00", "0.00"), ("500.00", "500.00")]
    assert findings() == []


def test_a_refund_of_the_first_instalment_takes_the_customer_out_of_the_signed_phase(
    signed, receive, finance, at, customer
):
    from loudou.customers.choices import EvidenceKind
    from loudou.customers.phases import EvidenceSubject
    from loudou.customers.services.evidence import record_evidence

    contract = signed(1000, plan=[part(300, "06-20"), part(700, "08-01")])
    record_evidence(
        finance, customer.pk, kind=EvidenceKind.CONTRACT_SIGNED, subject=EvidenceSubject.of(contract), holds=True, at=at
    )  # fmt: skip
    receipt = receive(300)
    customer.refresh_from_db()
    assert customer.phase == Phase.QUALIFIED
    refund(finance, receipt, 100, at)
    customer.refresh_from_db()
    assert customer.phase == Phase.OUTSIDE
    receive(100)
    customer.refresh_from_db()
    assert customer.phase == Phase.QUALIFIED
