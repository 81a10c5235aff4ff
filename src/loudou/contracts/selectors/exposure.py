"""What a customer owes for what was delivered, against the credit limit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from loudou.contracts.models import ContractLine, Instalment, Receipt
from loudou.core.money import Money, round_money
from loudou.core.rates import RateTable
from loudou.customers.models import Customer
from loudou.customers.selectors.rules import rules


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a customer owes for deliveries, and how far it may; both in the currency of the limit."""

    owed: Money
    limit: Money

    @property
    def room(self) -> Money:
        """What may still be delivered; negative beyond the limit."""
        return self.limit - self.owed


def credit_limit(customer: Customer) -> Money | None:
    """The customer's own limit, else the company's, else none."""
    if customer.credit_limit is not None:
        return Money(customer.credit_limit, customer.credit_currency)
    ours = rules()
    return None if ours.credit_limit is None else Money(ours.credit_limit, ours.credit_currency)


def exposure(customer: Customer, *, on: dt.date) -> Exposure | None:
    """What was delivered to a customer and not paid yet in money, beside its limit; None without a limit.

    Everything delivered net of returns, less what came in: paid instalments and advances, of all its contracts in all
    currencies at the rates of a day; a bill of exchange counts when it became money. Never below zero. Four
    statements. Raises ExchangeRateMissing.
    """
    limit = credit_limit(customer)
    if limit is None:
        return None
    sums: dict[str, Decimal] = {}
    lines = ContractLine.objects.filter(contract__customer=customer, delivered_amount__gt=0)
    paid = Instalment.objects.in_force().filter(customer=customer, cash__gt=0)
    advances = Receipt.objects.with_advance().filter(customer=customer, cash_on__isnull=False)
    for rows, sign in (
        (lines.order_by().values_list("contract__currency").annotate(Sum("delivered_amount")), 1),
        (paid.order_by().values_list("currency").annotate(Sum("cash")), -1),
        (advances.order_by().values_list("currency").annotate(Sum("available")), -1),
    ):
        for currency, amount in rows:
            sums[currency] = sums.get(currency, Decimal(0)) + sign * amount
    owed = sum(
        (converted(Money(amount, currency), limit.currency, on) for currency, amount in sums.items()), Decimal(0)
    )
    return Exposure(Money(max(owed, Decimal(0)), limit.currency), limit)


def converted(money: Money, currency: str, on: dt.date) -> Decimal:
    """What an amount is worth in a currency on a day, rounded to its smallest unit. Raises ExchangeRateMissing."""
    if money.currency == currency:
        return money.amount
    rates = RateTable.load({money.currency, currency})
    return round_money(money.amount * rates.rate(money.currency, on) / rates.rate(currency, on), currency)
