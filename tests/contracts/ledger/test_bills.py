"""Bills of exchange settle an instalment at once and become money when they are honoured."""

from __future__ import annotations

import pytest

from loudou.contracts.choices import BillStep, ReceiptKind
from loudou.contracts.errors import DateBeforeReceipt, NotAnOpenBill
from loudou.contracts.models import BillEvent, Receipt
from loudou.contracts.selectors.receivable import bills_maturing
from loudou.contracts.services import bills
from loudou.contracts.services.ledger_drafts import BillOutcome
from loudou.core.refusals import InvalidInput

from .world import day, part

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(receive):
    return lambda amount, on="04-01", until="06-10", **facts: receive(
        amount, on, kind=ReceiptKind.BILL, matures_on=day(until), **facts
    )


def test_a_bill_settles_the_instalment_but_is_no_money_before_it_is_honoured(
    signed, bill, shares, finance, at, findings
):
    contract = signed(1000, plan=[part(1000, "03-01")])
    receipt = bill(600)
    assert shares(contract) == [("600.00", "0.00")]
    assert list(bills_maturing(finance, until=day("06-10"))) == [receipt]
    assert list(bills_maturing(finance, until=day("06-09"))) == []
    bills.settle_bill(finance, receipt.pk, outcome=BillOutcome(BillStep.HONOURED, day("06-10")), at=at)
    assert shares(contract) == [("600.00", "600.00")]
    assert Receipt.objects.get(pk=receipt.pk).cash_on == day("06-10")
    assert list(bills_maturing(finance, until=day("06-10"))) == []
    assert findings() == []


@pytest.mark.parametrize("step", [BillStep.DISCOUNTED, BillStep.ENDORSED])
def test_a_bill_that_is_sold_or_handed_on_is_money_from_that_day(signed, bill, shares, finance, at, step):
    contract = signed(1000, plan=[part(1000, "03-01")])
    receipt = bill(600)
    bills.settle_bill(finance, receipt.pk, outcome=BillOutcome(step, day("04-20")), at=at)
    assert shares(contract) == [("600.00", "600.00")]


def test_a_dishonoured_bill_leaves_the_instalment_owed(signed, bill, shares, finance, at, findings):
    contract = signed(1000, plan=[part(1000, "03-01")])
    receipt = bill(600)
    bills.settle_bill(finance, receipt.pk, outcome=BillOutcome(BillStep.DISHONOURED, day("06-10")), at=at)
    assert shares(contract) == [("0.00", "0.00")]
    receipt.refresh_from_db()
    assert receipt.is_reversed
    assert receipt.reversal.reason == "Dishonoured"
    with pytest.raises(NotAnOpenBill):
        bills.settle_bill(finance, receipt.pk, outcome=BillOutcome(BillStep.HONOURED, day("06-11")), at=at)
    assert findings() == []


def test_money_put_on_an_instalment_after_the_bill_was_honoured_is_money(signed, bill, shares, finance, at):
    receipt = bill(600)
    bills.settle_bill(finance, receipt.pk, outcome=BillOutcome(BillStep.HONOURED, day("06-10")), at=at)
    contract = signed(1000, plan=[part(1000, "03-01")])
    from loudou.contracts.services.allocations import allocate_advances

    assert allocate_advances(finance, receipt.customer_id, at=at) == 1
    assert shares(contract) == [("600.00", "600.00")]


def test_only_a_bill_has_a_day_on_which_it_matures(receive, bill, finance, at):
    with pytest.raises(InvalidInput) as refused:
        receive(10, kind=ReceiptKind.BILL)
    assert list(refused.value.errors) == ["matures_on"]
    with pytest.raises(InvalidInput):
        receive(10, kind=ReceiptKind.CASH, matures_on=day("07-01"))
    with pytest.raises(InvalidInput):
        bill(10, on="06-01", until="05-31")
    assert not Receipt.objects.exists()
    money = receive(10)
    with pytest.raises(NotAnOpenBill):
        bills.settle_bill(finance, money.pk, outcome=BillOutcome(BillStep.HONOURED, day("06-15")), at=at)
    with pytest.raises(DateBeforeReceipt):
        outcome = BillOutcome(BillStep.HONOURED, day("03-31"))
        bills.settle_bill(finance, bill(10).pk, outcome=outcome, at=at)
    assert not BillEvent.objects.exists()


def test_history_may_bring_the_day_on_which_a_bill_was_honoured(signed, bill, shares):
    contract = signed(1000, plan=[part(1000, "03-01")])
    receipt = bill(600, cash_on=day("06-10"))
    assert shares(contract) == [("600.00", "600.00")]
    assert BillEvent.objects.get().step == BillStep.HONOURED
    assert receipt.cash_on is None or receipt.cash_on == day("06-10")
