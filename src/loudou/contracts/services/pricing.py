"""What a line comes to: net, tax and gross, each rounded once to the currency's smallest unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from django.utils.translation import gettext as _

from loudou.contracts.models import LineTerms
from loudou.core.money import round_money
from loudou.core.refusals import InvalidInput

LARGEST = Decimal(10) ** 15
"""Amounts have at most 15 digits before the point (numeric(19, 4))."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net, tax and gross of a line or of a whole version; gross is the sum of the others."""

    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        """Tax included."""
        return self.net + self.tax


def line_amounts(
    *,
    quantity: Decimal,
    unit_price: Decimal,
    discount_rate: Decimal,
    tax_rate: Decimal,
    tax_included: bool,
    currency: str,
) -> Amounts:
    """Quantity times price less discount; tax on top, or taken out of it when prices include tax.

    docs/algorithms/contract-amounts.md works through examples. The part that is not asked for is the difference of two
    rounded amounts, so that net and tax always add up to gross.
    """
    with localcontext(prec=60):
        agreed = round_money(quantity * unit_price * (1 - discount_rate), currency)
        if tax_included:
            net = round_money(agreed / (1 + tax_rate), currency)
            return Amounts(net, agreed - net)
        return Amounts(agreed, round_money(agreed * tax_rate, currency))


def price(terms: LineTerms, *, tax_included: bool, currency: str) -> None:
    """Set the amounts of a line from its quantity, price, discount and tax rate."""
    amounts = line_amounts(
        quantity=terms.quantity,
        unit_price=terms.unit_price,
        discount_rate=terms.discount_rate,
        tax_rate=terms.tax_rate,
        tax_included=tax_included,
        currency=currency,
    )
    terms.net_amount, terms.tax_amount, terms.amount = amounts.net, amounts.tax, amounts.gross


def total(lines: Iterable[LineTerms]) -> Amounts:
    """Sum of lines. Raises InvalidInput when no contract could hold it."""
    rows = list(lines)
    amounts = Amounts(
        sum((row.net_amount for row in rows), Decimal(0)), sum((row.tax_amount for row in rows), Decimal(0))
    )
    if amounts.gross >= LARGEST:
        raise InvalidInput({"lines": [_("The amount is too large.")]})
    return amounts


def part_of(amount: Decimal, *, part: Decimal, whole: Decimal, currency: str) -> Decimal:
    """What a part of a quantity is worth of the amount of the whole, rounded to the currency's smallest unit."""
    with localcontext(prec=60):
        return round_money(amount * part / whole, currency)
