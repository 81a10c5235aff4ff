"""Converting money into the company's base currency by dated rates."""

from __future__ import annotations

import bisect
import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from loudou.core import kept
from loudou.core.errors import ExchangeRateMissing
from loudou.core.models import Company, ExchangeRate
from loudou.core.money import Money, round_money


def company() -> Company:
    """Return the company of this installation; a fresh installation has one with defaults."""
    known = kept.rows_of(Company)
    return known[0] if known else Company.objects.get_or_create(pk=1, defaults={"name": "Loudou"})[0]


class RateTable:
    """All dated rates in memory: one query converts any number of amounts.

    A rate holds from its day until the next one. The base currency is worth itself on every day.
    """

    def __init__(self, base: str, rates: list[tuple[str, dt.date, Decimal]]) -> None:
        self.base = base
        self._days: dict[str, list[dt.date]] = defaultdict(list)
        self._rates: dict[str, list[Decimal]] = defaultdict(list)
        for currency, on, rate in sorted(rates):
            self._days[currency].append(on)
            self._rates[currency].append(rate)

    @classmethod
    def load(cls, currencies: Collection[str] | None = None, *, base: str = "") -> RateTable:
        """Read the rates of some currencies, or all; at most two statements.

        Nothing is read for the base currency, nor the company when the caller already knows its `base`.
        """
        base = base or company().base_currency
        rates = ExchangeRate.objects.all()
        if currencies is not None:
            foreign = set(currencies) - {base}
            if not foreign:
                return cls(base, [])
            rates = rates.filter(currency__in=foreign)
        return cls(base, list(rates.values_list("currency", "on", "rate")))

    def rate(self, currency: str, on: dt.date) -> Decimal:
        """Units of base currency for one unit of `currency` on a day. Raises ExchangeRateMissing."""
        if currency == self.base:
            return Decimal(1)
        position = bisect.bisect_right(self._days[currency], on)
        if position == 0:
            raise ExchangeRateMissing(currency=currency, on=on)
        return self._rates[currency][position - 1]

    def to_base(self, money: Money, on: dt.date) -> Decimal:
        """Amount in base currency at the rate of a day, rounded to its smallest unit. Raises ExchangeRateMissing."""
        return round_money(money.amount * self.rate(money.currency, on), self.base)
