"""The start page of finance: every number opens exactly its rows, at a pinned cost, and nobody else sees it."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.contracts.ledger.world import AT, TODAY, part, sign

from loudou.contracts.choices import ReceiptKind
from loudou.contracts.selectors import duties
from loudou.contracts.services.deliveries import post_delivery
from loudou.contracts.services.drafts import DeliveryDraft
from loudou.contracts.services.ledger_drafts import ReceiptDraft
from loudou.contracts.services.receipts import post_receipt
from loudou.core.actors import SYSTEM
from loudou.customers.models import Customer
from loudou.people.choices import Role
from loudou.web.home.money import TILES


@pytest.fixture
def books(owner):
    """Two instalments overdue, one due soon, an advance, a bill that matures, and a delivery without an invoice."""
    with time_machine.travel(AT, tick=False):
        plan = [part(1000, "05-01"), part(2000, "06-01"), part(3000, "06-20"), part(4000, "12-01")]
        contract = sign(owner, Customer.objects.create(name="Hengda", owner=owner), 10_000, plan=plan)
        payer = Customer.objects.create(name="Jinlong", owner=owner)
        post_receipt(SYSTEM, ReceiptDraft(payer.pk, Decimal(70), TODAY, currency="CNY"), at=AT)
        matures_on = TODAY + dt.timedelta(days=3)
        bill = ReceiptDraft(payer.pk, Decimal(80), TODAY, currency="CNY", kind=ReceiptKind.BILL, matures_on=matures_on)
        post_receipt(SYSTEM, bill, at=AT)
        post_delivery(SYSTEM, contract.pk, draft=DeliveryDraft(TODAY), at=AT)
        yield contract


def test_numbers_are_counted_to_the_row(books, finance):
    counts = duties.money_counts(finance, today=TODAY)
    assert counts == duties.MoneyCounts(overdue=2, due_soon=1, unallocated=2, bills_due=1, to_invoice=1)


@pytest.mark.parametrize("tile", TILES, ids=lambda tile: tile.name)
def test_a_number_opens_exactly_its_rows(client, books, finance, tile):
    answer = client.as_(finance).get(tile.address(TODAY))
    assert answer.status_code == 200
    listed = answer.context["list"].filtered_rows().count()
    assert listed == getattr(duties.money_counts(finance, today=TODAY), tile.name) > 0


def test_finance_sees_the_longest_overdue_first_and_where_to_go(client, books, finance):
    text = client.as_(finance).get("/").content.decode()
    overdue = text.split("overdue-title")[2].split("</section>")[0]
    assert re.findall(r"numeric[^>]*>([^<]+)<", overdue) == ["CN¥1,000", "CN¥2,000"]
    assert f'href="/contracts/{books.pk}/"' in text
    assert "Jinlong" in text
    assert "Welcome" not in text


def test_finance_reads_it_within_twelve_statements(client, books, finance):
    signed_in = client.as_(finance)
    signed_in.get("/")
    with CaptureQueriesContext(connection) as counted:
        signed_in.get("/")
    assert len(counted) <= 12


@pytest.mark.parametrize("role", [Role.REP, Role.AUDITOR])
def test_nobody_else_is_told_to_post_money(client, books, make_user, role):
    assert "Money not allocated" not in client.as_(make_user("somebody", role)).get("/").content.decode()
