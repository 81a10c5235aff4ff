"""What a part of an amount is worth in base currency, so that the parts add up to the whole to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from loudou.core.money import round_money


@dataclass
class Running:
    """An amount that is used up part by part: a receipt by its allocations, an instalment by what is put on it.

    The worth of a part is the difference of two rounded running totals. The last part therefore takes what is left of
    the base amount, and no cent is lost or made, in whatever order parts are taken and given back.
    """

    total: Decimal
    total_base: Decimal
    rate: Decimal
    used: Decimal
    used_base: Decimal
    base_currency: str

    @property
    def left(self) -> Decimal:
        """What is not used yet."""
        return self.total - self.used

    def take(self, amount: Decimal) -> Decimal:
        """Use an amount and return its worth in base currency."""
        reached = self.used + amount
        if reached == self.total:
            worth = self.total_base - self.used_base
        elif reached:
            worth = round_money(reached * self.rate, self.base_currency) - self.used_base
        else:
            worth = -self.used_base
        self.used, self.used_base = reached, self.used_base + worth
        return worth

    def give_back(self, amount: Decimal, worth: Decimal) -> None:
        """Take a part back for exactly what it was worth."""
        self.used -= amount
        self.used_base -= worth
