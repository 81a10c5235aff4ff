"""Exchange rates, and what they do to open opportunities. Closed ones keep the rate of the day they were closed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from loudou.core.actors import Actor
from loudou.core.models import Company, ExchangeRate
from loudou.core.verbs import service


@service("company.configure")
def set_exchange_rate(actor: Actor, *, currency: str, on: dt.date, rate: Decimal, today: dt.date) -> ExchangeRate:
    """Say what one unit of a currency is worth in base currency from a day on, and re-value open opportunities in it.

    A rate already there for the day is replaced. Raises InvalidInput, UnknownCurrency.
    """
    raise NotImplementedError


@service("company.configure")
def remove_exchange_rate(actor: Actor, exchange_rate_id: int, *, today: dt.date) -> None:
    """Take a rate back and re-value open opportunities. Raises ExchangeRateMissing when one would be left without."""
    raise NotImplementedError


@service("company.configure")
def revalue_open_opportunities(actor: Actor, *, today: dt.date) -> int:
    """Bring base amounts of all open opportunities to today's rates, and return how many changed. Run daily."""
    raise NotImplementedError


@service("company.configure")
def set_base_currency(actor: Actor, *, currency: str) -> Company:
    """Choose the base currency while no amount is on record. Raises BaseCurrencyInUse, UnknownCurrency."""
    raise NotImplementedError
