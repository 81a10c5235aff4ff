"""Money comes in and pays the oldest due instalments; what is left is an advance."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loudou.contracts.models import Allocation, Receipt

from .world import part

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
