"""Rows of contracts, plans, invoices and receipts that cannot be posted: each says why, and the others are posted."""

from __future__ import annotations

import pytest

from loudou.contracts.models import Contract, Invoice, PaymentPlan, Receipt
from loudou.core.refusals import PermissionRefused

from ..conftest import ran, why
from .conftest import CONTRACTS, PLANS, RECEIPTS

pytestmark = pytest.mark.django_db


def test_contracts_that_lack_what_their_status_needs(bring, findings):
    job = bring(
        "contracts",
        "contract no,account,status,signed on,amount,currency,ended on,created\n"
        "A-1,Hengda Steel,signed,,100,,,\n"
        "A-2,Hengda Steel,completed,2025-01-01,100,,,\n"
        ",Hengda Steel,signed,2025-01-01,100,,,\n"
        "A-4,Nobody Ltd,signed,2025-01-01,100,,,\n"
        "A-5,Hengda Steel,signed,2025-01-01,,,,\n"
        "A-6,Hengda Steel,signed,2027-01-01,100,,,\n"
        "A-7,Hengda Steel,signed,2025-01-01,100,USD,,\n"
        "A-8,Hengda Steel,completed,2025-03-01,100,,2025-02-01,\n"
        "A-9,Hengda Steel,signed,2025-01-01,100,,,2025-01-05\n"
        "A-10,Hengda Steel,frozen,2025-01-01,100,,,\n"
        "A-11,Hengda Steel,signed,2025-01-01,100,,,\n",
    )
    assert ran(job) == {"failed": 10, "created": 1}
    said = why(job)
    assert said[2] == ["Signing date is missing, but the contract is “Signed”."]
    assert said[3] == ["Completed or terminated on is missing, but the contract is “Completed”."]
    assert said[4] == ["Contract number is missing, but the contract is “Signed”."]
    assert said[5] == ["Customer: “Nobody Ltd” is not known here."]
    assert said[6] == ["Amount with tax is missing."]
    assert said[7] == ["1 Jan 2027 is still to come. Choose today or an earlier day."]
    assert "USD" in said[8][0]
    assert "1 Feb 2025" in said[9][0]
    assert "5 Jan 2025" in said[10][0]
    assert said[11] == ["Status: “frozen” is not one of the known values."]
    assert [row.number for row in Contract.objects.all()] == ["A-11"]
    assert findings() == []


def test_lines_that_do_not_make_the_amount_are_refused_together(bring, findings):
    text = (
        "contract no,account,status,signed on,amount,description,qty,price,tax rate\n"
        "A-1,Hengda Steel,signed,2025-01-01,300,Press,2,100,13%\nA-1,,,,300,Fitting,1,90,6%\n"
        "A-2,Hengda Steel,signed,2025-01-01,290,Press,2,100,13%\nA-2,,,,290,Fitting,1,90,6%\n"
    )
    job = bring("contracts", text, options={"rows_are_lines": True})
    assert ran(job) == {"failed": 2, "created": 1, "line": 1}
    assert why(job)[2] == [
        "The lines make 290.00 CNY with tax, but the amount of the contract is 300.00. Correct one of them, or leave "
        "the amount out."
    ]
    assert Contract.objects.get().amount == 290
    assert findings() == []


def test_plans_that_do_not_add_up_or_come_too_late(bring, findings):
    bring("contracts", CONTRACTS)
    job = bring(
        "payment_plans",
        "contract no,instalment,amount,currency,due,condition\n"
        "HT-1,Deposit,100,,2025-01-20,\nHT-1,Rest,200,,2025-02-20,\n"
        "HT-2,All,60000,,,\n"
        "HT-9,All,60000,,2025-01-01,\n"
        "HT-3,All,113000,USD,2025-01-01,\n"
        "HT-4,All,113000,,,delivery\n",
    )
    assert ran(job) == {"failed": 5, "updated": 1}
    said = why(job)
    assert said[2] == [
        "The instalments add up to 300.00, the contract to 226,000.00 CNY: -225,700.00 is the difference. Change an "
        "instalment."
    ]
    assert said[3] == ["Row 2 about the same record is refused."]
    assert said[4] == ["Due on / Due when this happens is missing."]
    assert said[5] == ["Contract: number, or id in another system: “HT-9” is not known here."]
    assert said[6] == ["The contract HT-3 Press is in CNY, not in USD."]
    bring("receipts", "receipt no,contract,date,amount\nR-1,HT-1,2025-01-18,1000\n")
    late = bring("payment_plans", PLANS)
    assert why(late)[2] == [
        "Money was already put on the payment plan of HT-1 Two presses. Bring plans along before receipts, or draft "
        "an amendment to change the plan."
    ]
    assert findings() == []


def test_receipts_each_with_its_reason(bring, findings):
    bring("contracts", CONTRACTS)
    bring("payment_plans", PLANS)
    job = bring(
        "receipts",
        "receipt no,account,contract,date,amount,method,instalment,maturity,refund of\n"
        "R-1,Bolt Works,HT-1,2025-02-01,100,,,,\n"
        "R-2,Hengda Steel,HT-1,2025-02-01,100,,7,,\n"
        "R-3,Hengda Steel,HT-1,2025-02-01,70000,,Deposit,,\n"
        "R-4,Hengda Steel,,2025-02-01,100,bill,,,\n"
        "R-5,Hengda Steel,,2027-02-01,100,,,,\n"
        "R-6,,,2025-02-01,100,,,,\n"
        "R-7,Hengda Steel,,2025-02-01,0,,,,\n"
        "R-8,Hengda Steel,,2025-02-01,-100,,,,R-99\n"
        "R-9,Hengda Steel,HT-1,2025-02-01,many,,1,,\n"
        "R-10,Hengda Steel,HT-1,2025-02-01,100,,,,\n"
        "R-11,Hengda Steel,,2025-03-01,-500,,,,R-10\n",
    )
    assert ran(job) == {"failed": 10, "created": 1}
    said = why(job)
    assert said[2] == ["The contract HT-1 Two presses is one of Hengda Steel."]
    assert said[3] == ["Instalment: number or name: the payment plan has no instalment “7”, or several."]
    assert "67,800.00" in said[4][0]
    assert "A bill of exchange needs the day on which it matures" in said[5][0]
    assert said[6] == ["1 Feb 2027 is still to come. Choose today or an earlier day."]
    assert said[7] == ["Customer is missing."]
    assert said[8] == ["Amount (negative: refund): The amount must be greater than zero."]
    assert said[9] == ["Refund of receipt number: There is no receipt “R-99” that the money could be of."]
    assert said[10] == ["Amount (negative: refund): “many” is not a number."]
    assert "100.00" in said[12][0]
    assert [row.number for row in Receipt.objects.all()] == ["R-10"]
    assert findings() == []


def test_invoices_each_with_its_reason(bring, findings):
    bring("contracts", CONTRACTS)
    job = bring(
        "invoices",
        "invoice no,contract,date,amount,line,original invoice,currency\n"
        "F-1,HT-4,2025-03-01,100,,,\n"
        "F-2,HT-1,2025-03-01,300000,,,\n"
        "F-3,HT-1,2025-03-01,100,9,,\n"
        "F-4,HT-1,2025-03-01,-100,,F-77,\n"
        "F-5,HT-1,2025-03-01,100,,,USD\n"
        ",HT-1,2025-03-01,100,,,\n"
        "F-7,HT-1,2025-03-01,100,1,,\n"
        "F-8,HT-1,2025-02-01,-100,,F-7,\n",
    )
    assert ran(job) == {"failed": 7, "created": 1}
    said = why(job)
    assert "HT-4" in said[2][0]
    assert "226,000.00" in said[3][0]
    assert said[4] == ["Line of the contract: number or description: the contract has no line “9”, or several."]
    assert said[5] == ["Takes back invoice number (red): The contract has no blue invoice “F-77”."]
    assert said[6] == ["The contract HT-1 Two presses is in CNY, not in USD."]
    assert said[7] == ["Invoice number is missing."]
    assert "A red invoice is not issued before the blue one." in said[9][0]
    assert [row.number for row in Invoice.objects.all()] == ["F-7"]
    assert findings() == []


def test_who_may_not_post_may_not_import(load, operations, owner, finance):
    for actor in (operations, owner):
        with pytest.raises(PermissionRefused):
            load("receipts", RECEIPTS, actor=actor)
    with pytest.raises(PermissionRefused):
        load("customers", "name\nAcme\n", actor=finance)
    assert not Receipt.objects.exists()
    assert not PaymentPlan.objects.exists()
