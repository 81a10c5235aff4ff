"""Clockwork: a rate entered in advance counts from its day on, in the company's time zone."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from loudou.core.actors import SYSTEM
from loudou.core.models import Company
from loudou.core.rates import company
from loudou.pipeline import tasks
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.drafts import OpportunityDraft
from loudou.pipeline.services.opportunities import create_opportunity
from loudou.pipeline.services.rates import set_exchange_rate

pytestmark = pytest.mark.django_db


def test_a_rate_counts_when_its_day_has_come_where_the_company_is(owner):
    Company.objects.filter(pk=company().pk).update(time_zone="Asia/Shanghai", base_currency="CNY")
    before = dt.datetime(2026, 6, 15, 8, tzinfo=dt.UTC)
    for on, rate in ((dt.date(2026, 1, 1), "7"), (dt.date(2026, 6, 16), "8")):
        set_exchange_rate(SYSTEM, currency="USD", on=on, rate=Decimal(rate), today=before.date())
    deal = create_opportunity(
        owner, draft=OpportunityDraft(subject="Pumps", amount=Decimal(100), currency="USD"), at=before
    )
    assert deal.amount_base == 700
    for moment, worth in (
        (dt.datetime(2026, 6, 15, 15, 5, tzinfo=dt.UTC), 700),
        (before.replace(hour=16, minute=5), 800),
    ):
        with time_machine.travel(moment, tick=False):
            tasks.revalue(0)
        assert Opportunity.objects.get(pk=deal.pk).amount_base == worth
