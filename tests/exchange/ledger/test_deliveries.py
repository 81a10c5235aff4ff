"""Deliveries of the past, what came back of them, and what was accepted, from a file."""

from __future__ import annotations

import datetime as dt

import pytest

from loudou.contracts.models import Contract, Delivery, DeliveryAcceptance
from loudou.contracts.services import deliveries
from loudou.contracts.services.bringing_deliveries import take_back_deliveries
from loudou.contracts.services.drafts import AcceptanceDraft, DeliveryDraft, ReturnDraft
from loudou.exchange.models import ImportJob
from loudou.people.choices import Role

from ..conftest import AT, ran, why

pytestmark = pytest.mark.django_db

CONTRACTS = """contract no,account,title,type,status,signed on,description,qty,price,ended on,sales rep
HT-1,Hengda Steel,Presses,goods,completed,2025-01-10,Press,10,100,2025-12-20,owner
HT-1,,,,,,Feeder,4,50,,
HT-2,Bolt Works,Pumps,goods,in progress,2025-06-01,Pump,8,25,,owner
HT-3,Bolt Works,Later,goods,draft,,Valve,1,10,,owner
"""
DELIVERIES = """delivery no,contract,date,line,qty,accepted on,accepted by,return of,remarks
D-1,HT-1,2025-02-01,Press,6,2025-02-10,Mr Lu,,
D-1,HT-1,2025-02-01,Feeder,4,,,,
D-2,HT-1,2025-03-01,1,6,2025-03-09,,,
D-3,HT-1,2025-02-20,press,-2,,,,Scratched
D-4,HT-2,2025-07-01,,5,,,,
,HT-2,2025-07-08,,-1,,,D-4,
,HT-2,2025-07-10,,,2025-07-12,,,
"""


@pytest.fixture
def contracts(bring):
    bring("contracts", CONTRACTS, options={"rows_are_lines": True})


@pytest.fixture
def delivered(contracts, bring) -> ImportJob:
    return bring("deliveries", DELIVERIES, options={"rows_are_lines": True})


def lines(number):
    rows = Contract.objects.get(number=number).lines.order_by("number")
    return [(row.ordered, row.delivered, row.delivered_amount) for row in rows]


def test_history_is_delivered_returned_and_accepted_on_its_days(delivered, findings):
    assert (ran(delivered), why(delivered)) == ({"created": 6, "line": 1}, {})
    assert lines("HT-1") == [(10, 10, 1000), (4, 4, 200)]
    assert lines("HT-2") == [(8, 8, 200)]
    first, second = Contract.objects.filter(number__in=("HT-1", "HT-2")).order_by("number")
    # What was completed stays so, on its day; the other is delivered, and accepted but for what came first.
    assert (first.state, first.ended_on, first.accepted_on) == (
        "completed", dt.date(2025, 12, 20), dt.date(2025, 3, 9),
    )  # fmt: skip
    assert (second.state, second.delivered_on, second.accepted_on) == ("performing", dt.date(2025, 7, 10), None)
    back = Delivery.objects.get(number="D-3")
    assert (back.returns.number, back.amount, back.reason) == ("D-1", -200, "Scratched")
    assert list(Delivery.objects.filter(number__startswith="I").values_list("amount", flat=True)) == [-25, 100]
    assert DeliveryAcceptance.objects.get(delivery__number="D-1").person == "Mr Lu"
    assert findings() == []


def test_the_same_file_again_delivers_nothing(delivered, bring, findings):
    before = lines("HT-1"), lines("HT-2")
    assert ran(bring("deliveries", DELIVERIES, options={"rows_are_lines": True})) == {"skipped": 7}
    assert ((lines("HT-1"), lines("HT-2")), Delivery.objects.count()) == (before, 6)
    assert findings() == []


def test_every_rule_of_a_delivery_holds(contracts, bring, findings):
    job = bring(
        "deliveries",
        "delivery no,contract,date,line,qty,accepted on,return of\n"
        "D-1,HT-2,2025-07-01,Pump,9,,\n"  # more than was ordered
        "D-2,HT-2,2025-05-01,Pump,1,,\n"  # before it was signed
        "D-3,HT-3,2025-07-01,Valve,1,,\n"  # never signed
        "D-4,HT-1,2026-01-10,Press,1,,\n"  # after it was completed
        "D-5,HT-2,2025-07-01,Motor,1,,\n"
        "D-6,HT-2,2025-07-02,Pump,-1,,\n"  # nothing went out
        "D-7,HT-2,2025-07-02,Pump,-1,,D-99\n"
        "D-8,HT-1,2025-07-02,,1,,\n"
        "D-9,HT-2,2025-07-02,Pump,-1,2025-07-03,\n",
    )
    assert ran(job) == {"failed": 9}
    said = {row: reasons[0] for row, reasons in why(job).items()}
    assert "8" in said[2]
    assert "9" in said[2]
    assert (
        said[6] == "Line of the contract: number, product or description: the contract has no line “Motor”, or several."
    )
    assert said[7].endswith("Of no delivery of the contract so much can come back. Name the delivery it takes back.")
    assert said[8].endswith("The contract has no delivery “D-99”.")
    assert said[9] == "Line of the contract: number, product or description is missing."
    assert said[10] == "What comes back is not accepted."
    assert not Delivery.objects.exists()
    assert (lines("HT-2"), Contract.objects.get(number="HT-1").ended_on) == ([(8, 0, 0)], dt.date(2025, 12, 20))
    assert findings() == []


def test_undo_takes_back_what_nobody_built_on(delivered, undo, findings):
    job = undo(delivered)
    assert why(job) == {}
    assert not Delivery.objects.exists()
    assert lines("HT-1") == [(10, 0, 0), (4, 0, 0)]
    first = Contract.objects.get(number="HT-1")
    assert (first.state, first.ended_on, first.accepted_on) == ("completed", dt.date(2025, 12, 20), None)
    assert findings() == []


def test_who_does_not_see_a_contract_takes_no_delivery_of_it_back(delivered, make_user, other_team):
    before = set(Delivery.objects.values_list("pk", flat=True))
    elsewhere = make_user("elsewhere", Role.MANAGER, team=other_team, is_lead=True)
    kept = take_back_deliveries(elsewhere, dict.fromkeys(before, False), at=AT)
    assert kept == dict.fromkeys(before, "You do not see its contract.")
    assert set(Delivery.objects.values_list("pk", flat=True)) == before


def test_what_was_answered_or_returned_since_stays(delivered, undo, finance, findings):
    four = Delivery.objects.get(number="D-4")
    deliveries.record_acceptance(finance, four.pk, draft=AcceptanceDraft(dt.date(2025, 7, 20)), at=AT)
    two = Delivery.objects.get(number="D-2")
    deliveries.return_delivery(finance, two.pk, draft=ReturnDraft(dt.date(2025, 12, 22), "Broken"), at=AT)
    job = undo(delivered)
    assert why(job) == {
        4: ["Something of it came back since."],
        6: ["The customer answered since whether they accept it."],
    }
    assert sorted(Delivery.objects.filter(returns=None).values_list("number", flat=True)) == ["D-2", "D-4"]
    assert findings() == []


def test_a_return_stays_while_what_it_made_room_for_is_delivered(contracts, bring, undo, finance, findings):
    text = "delivery no,contract,date,qty\nD-1,HT-2,2025-07-01,8\nD-2,HT-2,2025-07-02,-3\n"
    job = bring("deliveries", text)
    contract = Contract.objects.get(number="HT-2")
    deliveries.post_delivery(finance, contract.pk, draft=DeliveryDraft(dt.date(2025, 7, 3)), at=AT)
    only_returns = ImportJob.objects.get(pk=job.pk)
    only_returns.rows.filter(number=2).update(status="kept")
    job = undo(only_returns)
    assert why(job)[3] == ["Later deliveries rest on it."]
    assert lines("HT-2") == [(8, 8, 200)]
    assert findings() == []
