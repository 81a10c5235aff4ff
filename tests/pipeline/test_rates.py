"""Exchange rates and what they do to amounts."""

import datetime as dt
from decimal import Decimal

import pytest

from loudou.core.errors import ExchangeRateMissing
from loudou.core.models import ExchangeRate
from loudou.core.money import UnknownCurrency
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused
from loudou.pipeline.errors import BaseCurrencyInUse
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services import moves, rates

TODAY = dt.date(2026, 6, 20)
LATER = dt.datetime(2026, 6, 20, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def two_deals(make, owner, dollars):
    """One open and one won sale of 100 dollars, worth 720 each."""
    open_one, won = (make(amount=Decimal(100), currency="USD"), make(amount=Decimal(100), currency="USD"))
    moves.win_opportunity(owner, won.pk, at=LATER)
    return open_one, won


def worth(row):
    return Opportunity.objects.get(pk=row.pk).amount_base


def test_a_new_rate_values_open_sales_anew_and_leaves_closed_ones(two_deals, administrator, django_assert_num_queries):
    open_one, won = two_deals
    rates.set_exchange_rate(administrator, currency="usd", on=TODAY, rate=Decimal("7.5"), today=TODAY)
    assert (worth(open_one), worth(won)) == (Decimal(750), Decimal(720))
    assert Opportunity.objects.get(pk=open_one.pk).version == 1  # nobody who is editing it is stopped
    rates.set_exchange_rate(administrator, currency="USD", on=TODAY, rate=Decimal(8), today=TODAY)
    assert ExchangeRate.objects.filter(on=TODAY).count() == 1
    assert worth(open_one) == Decimal(800)


def test_a_rate_of_tomorrow_counts_from_tomorrow(two_deals, administrator):
    open_one, _won = two_deals
    tomorrow = TODAY + dt.timedelta(days=1)
    rates.set_exchange_rate(administrator, currency="USD", on=tomorrow, rate=Decimal(9), today=TODAY)
    assert worth(open_one) == Decimal(720)
    assert rates.revalue_open_opportunities(administrator, today=tomorrow) == 1
    assert worth(open_one) == Decimal(900)
    assert rates.revalue_open_opportunities(administrator, today=tomorrow) == 0


def test_a_rate_is_taken_back_unless_money_would_be_left_without(two_deals, administrator):
    open_one, _won = two_deals
    june, january = ExchangeRate.objects.order_by("-on")
    rates.remove_exchange_rate(administrator, june.pk, today=TODAY)
    assert worth(open_one) == Decimal(700)
    with pytest.raises(ExchangeRateMissing):
        rates.remove_exchange_rate(administrator, january.pk, today=TODAY)
    assert ExchangeRate.objects.count() == 1
    with pytest.raises(NotVisible):
        rates.remove_exchange_rate(administrator, 10**9, today=TODAY)


@pytest.mark.parametrize("rate", [Decimal(0), Decimal(-1)])
def test_a_rate_is_positive(administrator, rate):
    with pytest.raises(InvalidInput):
        rates.set_exchange_rate(administrator, currency="USD", on=TODAY, rate=rate, today=TODAY)
    assert not ExchangeRate.objects.exists()


def test_the_base_currency_has_no_rate(administrator):
    with pytest.raises(InvalidInput):
        rates.set_exchange_rate(administrator, currency="CNY", on=TODAY, rate=Decimal(1), today=TODAY)
    with pytest.raises(UnknownCurrency):
        rates.set_exchange_rate(administrator, currency="QQQ", on=TODAY, rate=Decimal(1), today=TODAY)


def test_a_manager_cannot_set_rates(manager):
    with pytest.raises(PermissionRefused):
        rates.set_exchange_rate(manager, currency="USD", on=TODAY, rate=Decimal(7), today=TODAY)
    assert not ExchangeRate.objects.exists()


def test_the_base_currency_is_chosen_before_the_first_amount(administrator, make):
    assert rates.set_base_currency(administrator, currency="eur").base_currency == "EUR"
    assert rates.set_base_currency(administrator, currency="EUR").version == 2
    make(amount=Decimal(5))
    with pytest.raises(BaseCurrencyInUse):
        rates.set_base_currency(administrator, currency="USD")
