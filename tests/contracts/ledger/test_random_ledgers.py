"""Whatever happens to money, in whatever order: every balance is the sum of its entries and the books close."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loudou.core.models import ExchangeRate

from .world import VERBS, day, try_ledger

STEPS = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 11), st.integers(0, 99_999), st.integers(0, 130)),
    min_size=2, max_size=16,
)  # fmt: skip


@pytest.fixture
def three_currencies(rates):
    """Dollars and yen at rates that move."""
    for on, rate in (("01-01", "0.0461"), ("04-01", "0.0478"), ("06-01", "0.0455")):
        ExchangeRate.objects.create(currency="JPY", on=day(on), rate=Decimal(rate))


@pytest.mark.slow
@pytest.mark.django_db
@settings(
    max_examples=40, deadline=dt.timedelta(seconds=60), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_random_ledgers_close_to_the_cent(steps, three_currencies, owner):
    problems, _world = try_ledger(steps, owner)
    assert problems == []
