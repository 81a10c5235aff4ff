"""Money comes in and pays the oldest due instalments; what is left is an advance."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loudou.contracts.choices import ReceiptKind
from loudou.contracts.models import Allocation, Instalment, Receipt
from loudou.contracts.services import receipts
from loudou.contracts.services.ledger_drafts import ReceiptDraft
from loudou.contracts.services.payment_evidence import report_instalments
from loudou.customers.models import Evidence
from loudou.pipeline.services.valuing import Books

from .world import day, part

pytestmark = pytest.mark.django_db


def test_the_oldest_due_instalment_is_paid_first_over_all_contracts_of_the_customer(signed, receive, shares):
    late = signed(1000, plan=[part(400, "03-01"), part(600, "05-01")])
    early = signed(500, plan=[part(500, "02-01")])
    receipt = receive(1000)
    assert shares(early) == [("500.00", "500.00")]
    assert shares(late) == [("400.00", "400.00"), ("100.00", "100.00")]
    receipt.refresh_from_db()
    assert (receipt.allocated, receipt.available) == (1000, 0)
    assert Allocation.objects.count() == 3


def test_what_nothing_asks_for_is_an_advance(signed, receive):
    signed(1000, plan=[part(1000, "03-01")])
    receipt = receive("1200.50")
    receipt.refresh_from_db()
    assert (receipt.allocated, receipt.available) == (1000, Decimal("200.50"))
    assert list(Receipt.objects.with_advance()) == [receipt]


def test_nothing_but_the_numbered_rows_is_written_after_a_number_is_taken(signed, receive):
    signed(1000, plan=[part(400, "03-01"), part(600, "05-01")])
    receive(1, "03-01")
    with CaptureQueriesContext(connection) as captured:
        receive(500, "03-02")
    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    [taken] = [place for place, sql in enumerate(statements) if "contracts_numbercounter" in sql]
    written = [sql.split('"')[1] for sql in statements[taken + 1 :]]
    assert written == ["contracts_receipt", "contracts_allocation"]
    assert len(statements) <= 14  # the phase moved as well: without that two fewer
    with CaptureQueriesContext(connection) as captured:
        receive(1)
    assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 7


def test_what_is_told_before_writing_is_what_is_read_after(signed, receive, customer, finance, at, findings):
    contract = signed(1000, plan=[part(100, "03-01"), part(200, "04-01"), part(300, "05-01"), part(400, "06-01")])
    receive(150, "04-20")  # the first in full, the second in part
    bill = {"kind": ReceiptKind.BILL, "matures_on": day("06-10"), "currency": "CNY"}
    drafts = [
        ReceiptDraft(customer.pk, Decimal(100), day("04-10"), cash_on=day("06-10"), **bill),
        ReceiptDraft(customer.pk, Decimal(250), day("04-11"), currency="CNY"),
        ReceiptDraft(customer.pk, Decimal(450), day("04-12"), **bill),  # honoured by nobody yet
    ]
    assert all(outcome.row for outcome in receipts.post_receipts(finance, drafts, at=at))
    told = Evidence.objects.filter(kind="instalment", subject_model="contracts.instalment")
    settled = dict(told.order_by("id").values_list("subject_id", "settled_on"))
    rows = list(Instalment.objects.filter(contract=contract).order_by("position"))
    assert [settled[row.pk] for row in rows] == [day("04-20"), day("06-10"), None, None]
    count = Evidence.objects.count()
    report_instalments(finance, [row.pk for row in rows], at=at, books=Books.load(["CNY"]), cause="again")
    assert Evidence.objects.count() == count
    assert findings() == []


def test_a_bill_honoured_before_it_came_is_refused_and_the_others_are_posted(signed, customer, finance, at, shares):
    contract = signed(1000, plan=[part(1000, "03-01")])
    drafts = [
        ReceiptDraft(
            customer.pk, Decimal(300), day("04-10"), ReceiptKind.BILL, matures_on=day("05-01"), cash_on=day("04-01")
        ),
        ReceiptDraft(customer.pk, Decimal(200), day("04-10")),
    ]
    refused, posted = receipts.post_receipts(finance, drafts, at=at)
    assert refused.refusal.errors == {"cash_on": ["A bill is not honoured before it is received."]}
    assert list(Receipt.objects.all()) == [posted.unwrap()]
    assert shares(contract) == [("200.00", "200.00")]
