"""What amounts are worth in base currency, and on which of the company's days an instant lies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from loudou.core.money import Money, round_money
from loudou.core.rates import RateTable, company
from loudou.core.refusals import InvalidInput
from loudou.pipeline.errors import DateInFuture
from loudou.pipeline.models import Opportunity, OpportunityLine

NOON = dt.time(12)
EARLIEST_YEAR = 1900
LARGEST = Decimal(10) ** 15
"""Amounts have at most 15 digits before the point (numeric(19, 4))."""


@dataclass(frozen=True)
class Books:
    """The company's time zone and rates, read once for a whole batch (one statement, a second for foreign money)."""

    zone: ZoneInfo
    rates: RateTable

    @classmethod
    def load(cls, currencies: Collection[str]) -> Books:
        """Read what is needed to value amounts in these currencies; '' stands for the base currency."""
        ours = company()
        known = {currency for currency in currencies if currency}
        return cls(ZoneInfo(ours.time_zone), RateTable.load(known, base=ours.base_currency))

    @property
    def base(self) -> str:
        """The base currency."""
        return self.rates.base

    def day(self, at: dt.datetime) -> dt.date:
        """Return the company's date of an instant."""
        return at.astimezone(self.zone).date()

    def instant(self, day: dt.date, *, now: dt.datetime) -> dt.datetime:
        """Return when on a day something happened: now if it is today, else noon. Raises DateInFuture."""
        today = self.day(now)
        if day > today:
            raise DateInFuture(on=day)
        if day.year < EARLIEST_YEAR:
            raise InvalidInput({"": [_("Days before the year %(year)s are not kept.") % {"year": EARLIEST_YEAR}]})
        return now if day == today else dt.datetime.combine(day, NOON, self.zone)

    def refuse_future(self, day: dt.date | None, *, now: dt.datetime) -> None:
        """Refuse a day on which something cannot have happened yet. Raises DateInFuture, InvalidInput."""
        if day is not None:
            self.instant(day, now=now)

    def value(self, amount: Decimal | None, currency: str, on: dt.date) -> Decimal | None:
        """Return an amount in base currency at the rate of a day. Raises ExchangeRateMissing, InvalidInput."""
        if amount is None:
            return None
        worth = self.rates.to_base(Money(amount, currency), on)
        if worth >= LARGEST:
            raise InvalidInput({"amount": [_("The amount is too large.")]})
        return worth


def line_amount(line: OpportunityLine, currency: str) -> Decimal:
    """Quantity times price less discount, rounded to the currency's smallest unit."""
    with localcontext(prec=60):
        return round_money(line.quantity * line.unit_price * (1 - line.discount_rate), currency)


def total(lines: Iterable[OpportunityLine]) -> Decimal:
    """Sum of the lines' amounts. Raises InvalidInput when no opportunity could hold it."""
    amount = sum((line.amount for line in lines), Decimal(0))
    if amount >= LARGEST:
        raise InvalidInput({"amount": [_("The amount is too large.")]})
    return amount


def settle_amount(opportunity: Opportunity, books: Books, on: dt.date) -> None:
    """Round the plain amount of an opportunity and set what it is worth on a day."""
    if opportunity.amount is not None:
        opportunity.amount = round_money(opportunity.amount, opportunity.currency)
    opportunity.amount_base = books.value(opportunity.amount, opportunity.currency, on)
