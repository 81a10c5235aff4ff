"""A file changes what describes a known contract, and never what was agreed or happened."""

from __future__ import annotations

import pytest

from loudou.contracts.models import Contract

from ..conftest import ran, why
from .conftest import CONTRACTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(bring):
    return bring("contracts", CONTRACTS)


def test_fields_that_describe_a_contract_follow_the_file_and_undo_puts_them_back(known, bring, undo, findings):
    text = "contract no,title,customer reference,notes\nHT-4,Third press,PO-7,Call first\nHT-1,Two presses,PO-1,\n"
    job = bring("contracts", text, mode="both")
    assert (ran(job), why(job)) == ({"updated": 2}, {})
    four, one = (Contract.objects.get(number=number) for number in ("HT-4", "HT-1"))
    assert (four.title, four.customer_reference, four.notes) == ("Third press", "PO-7", "Call first")
    assert (one.title, one.customer_reference, one.state) == ("Two presses", "PO-1", "completed")
    assert why(undo(job)) == {}
    four.refresh_from_db()
    assert (four.title, four.customer_reference, four.notes) == ("Second press", "", "")
    assert findings() == []


def test_what_was_agreed_or_happened_is_refused_with_its_reason(known, bring, findings):
    before = list(Contract.objects.order_by("pk").values())
    text = (
        "contract no,title,amount,signed on,ended on\n"
        "HT-1,Two presses,1000,,\nHT-2,Maintenance,60000,2025-06-02,\nHT-3,Press,,,2025-05-02\nHT-1,New title,,,\n"
        "HT-2,,,,\nHT-3,Other press,,,\n"
    )
    job = bring("contracts", text, mode="update")
    assert ran(job) == {"failed": 3, "skipped": 3}
    said = why(job)
    assert "known with another value here: Amount with tax." in said[2][0]
    assert "known with another value here: Signing date." in said[3][0]
    assert "known with another value here: Completed or terminated on." in said[4][0]
    assert list(Contract.objects.order_by("pk").values()) == before
    job = bring("contracts", "contract no,title\nHT-1,New title\n", mode="update")
    assert ran(job) == {"failed": 1}
    assert list(Contract.objects.order_by("pk").values()) == before
    assert findings() == []


def test_the_same_file_again_changes_nothing_and_new_rows_are_created(known, bring):
    text = CONTRACTS + "HT-5,Bolt Works,Pump,goods,draft,,1130,13%,,owner\n"
    job = bring("contracts", text, mode="both")
    assert ran(job) == {"skipped": 4, "created": 1}
    assert ran(bring("contracts", text)) == {"skipped": 5}
