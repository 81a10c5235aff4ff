"""Exchange rates, and what they do to open opportunities. Closed ones keep the rate of the day they were closed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.db.models import DecimalField, F, Value
from django.db.models.functions import Round

from loudou.core.actors import Actor
from loudou.core.errors import ExchangeRateMissing
from loudou.core.models import Company, ExchangeRate
from loudou.core.money import check_currency
from loudou.core.rates import RateTable, company
from loudou.core.verbs import lock, service, validate
from loudou.customers.models import Customer
from loudou.pipeline.choices import CLOSED_STATES
from loudou.pipeline.errors import BaseCurrencyInUse
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services import references


@service("company.configure")
def set_exchange_rate(actor: Actor, *, currency: str, on: dt.date, rate: Decimal, today: dt.date) -> ExchangeRate:
    """Say what one unit of a currency is worth in base currency from a day on, and re-value open opportunities in it.

    A rate already there for the day is replaced. Raises InvalidInput, UnknownCurrency.
    """
    code = check_currency(currency)
    if code == company().base_currency:
        raise references.missing("currency", references.BASE_NEEDS_NO_RATE)
    row = ExchangeRate.objects.select_for_update(no_key=True).filter(currency=code, on=on).first()
    row = row or ExchangeRate(currency=code, on=on)
    row.rate = rate
    validate(row)
    row.save()
    _revalue([code], today)
    return row


@service("company.configure")
def remove_exchange_rate(actor: Actor, exchange_rate_id: int, *, today: dt.date) -> None:
    """Take a rate back and re-value open opportunities.

    Raises NotVisible, and ExchangeRateMissing when open amounts in the currency would be left without a rate.
    """
    row = lock(ExchangeRate.objects.all(), exchange_rate_id)
    row.delete()
    _revalue([row.currency], today)


@service("company.configure")
def revalue_open_opportunities(actor: Actor, *, today: dt.date) -> int:
    """Bring base amounts of all open opportunities to today's rates, and return how many changed. Run daily.

    Needed when a rate was entered in advance and its day has come. Raises ExchangeRateMissing.
    """
    base = company().base_currency
    open_ones = Opportunity.objects.exclude(state__in=CLOSED_STATES).exclude(amount__isnull=True)
    return _revalue(list(open_ones.exclude(currency=base).values_list("currency", flat=True).distinct()), today)


@service("company.configure")
def set_base_currency(actor: Actor, *, currency: str) -> Company:
    """Choose the base currency while no amount is on record. Raises BaseCurrencyInUse, UnknownCurrency."""
    code = check_currency(currency)
    ours = lock(Company.objects.all(), company().pk)
    if ours.base_currency == code:
        return ours
    in_use = (
        Opportunity.objects.exclude(amount__isnull=True),
        Customer.objects.exclude(expected_contribution__isnull=True),
        ExchangeRate.objects.all(),
    )
    if any(rows.exists() for rows in in_use):
        raise BaseCurrencyInUse(currency=ours.base_currency)
    ours.base_currency = code
    ours.save_changes("base_currency")
    return ours


def _revalue(currencies: list[str], today: dt.date) -> int:
    """Set the base amounts of what is not closed, one UPDATE per currency; rows already right stay untouched.

    The version stays: nobody who is editing an opportunity should be stopped by a new rate.
    """
    changed = 0
    table = RateTable.load(currencies)
    for currency in sorted(currencies):
        rows = Opportunity.objects.filter(currency=currency, amount__isnull=False).exclude(state__in=CLOSED_STATES)
        try:
            rate = table.rate(currency, today)
        except ExchangeRateMissing:
            if rows.exists():
                raise
            continue
        worth = Round(
            F("amount") * Value(rate, output_field=DecimalField(max_digits=20, decimal_places=10)),
            precision=get_currency_precision(table.base),
            output_field=DecimalField(max_digits=19, decimal_places=4),
        )
        changed += rows.exclude(amount_base=worth).update(amount_base=worth)
    return changed
