"""Money: exact decimals with an ISO 4217 currency, one rounding function, remainders placed on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.core import get_global
from babel.numbers import get_currency_precision, list_currencies
from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal

COMMON_CURRENCIES = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP", "TWD", "KRW", "SGD", "AUD", "CHF", "INR", "RUB", "VND")
"""Offered first in choosers; every ISO 4217 code is accepted."""


class CurrencyMismatch(BusinessRefusal):
    """Amounts of two currencies cannot be added without a dated rate."""

    code = "currency_mismatch"
    message = _("%(left)s and %(right)s cannot be added. Convert one of them first.")


class UnknownCurrency(BusinessRefusal):
    """Not an ISO 4217 code."""

    code = "unknown_currency"
    message = _("%(currency)s is not an ISO 4217 currency code. Use three letters, such as CNY, USD or EUR.")
    status = 422


@lru_cache(maxsize=1)
def currency_codes() -> frozenset[str]:
    """All ISO 4217 codes that are legal tender somewhere today."""
    territories = get_global("territory_currencies").values()
    tender = {code for entries in territories for code, _from, to, legal in entries if legal and to is None}
    return frozenset(tender & set(list_currencies()))


def check_currency(code: str) -> str:
    """Return the code in capitals, or raise UnknownCurrency."""
    upper = code.strip().upper()
    if upper not in currency_codes():
        raise UnknownCurrency(currency=code)
    return upper


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Round to the currency's smallest unit, halves away from zero: the only rounding of money in Loudou."""
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), rounding=ROUND_HALF_UP)


def written(amount: Decimal, currency: str) -> str:
    """Write an amount for a sentence: the currency's decimals, thousands apart, such as '1,234.50'."""
    return f"{round_money(amount, currency):,f}"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency; never a float, never a bare number across a module's border."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError("money is made from Decimal, never from float")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def rounded(self) -> Money:
        """Round to the currency's smallest unit."""
        return Money(round_money(self.amount, self.currency), self.currency)

    def split(self, parts: int) -> list[Money]:
        """Equal parts in the smallest unit; the last takes the remainder, so that the sum is exact."""
        if parts < 1:
            raise ValueError("an amount is split into at least one part")
        each = Money(self.amount / parts, self.currency).rounded()
        return [each] * (parts - 1) + [self - each * (parts - 1)]

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
