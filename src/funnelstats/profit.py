"""Profit of a customer after the cost to serve it, by time-driven activity-based costing.

    rate of an hour = cost of the people / hours they can really work (about 80 % of those paid)
    cost to serve   = sum over kinds of work of (hours a time x times) x rate
    net profit      = margin - cost to serve - expenses - cost of waiting for the money

(Kaplan and Anderson, Time-Driven Activity-Based Costing, 2007.) Hours nobody used stay with nobody: they are the
company's idle capacity, not a customer's cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class NetProfit:
    """What a customer earns in a period, with every deduction; money in one currency."""

    margin: Decimal
    cost_to_serve: Decimal
    expenses: Decimal
    financing: Decimal

    @property
    def value(self) -> Decimal:
        """Margin less everything it took."""
        return self.margin - self.cost_to_serve - self.expenses - self.financing


def capacity_rate(
    cost: Decimal, people: int, hours_each: Decimal, practical_share: Decimal = Decimal("0.8")
) -> Decimal:
    """Cost of one hour that is really worked. Raises ValueError without capacity.

    `cost` is what the people cost in a period, `hours_each` the paid hours of one of them, in the unit of time wanted.
    """
    capacity = people * hours_each * practical_share
    if capacity <= 0:
        raise ValueError("nobody works: there is no rate")
    return cost / capacity


def cost_to_serve(work: Iterable[tuple[Decimal, int]], rate: Decimal) -> Decimal:
    """Cost of work given as (hours each time, times), at the rate of one hour (or of whatever unit of time is used)."""
    return sum((hours * times for hours, times in work), Decimal(0)) * rate


def financing_cost(mean_receivable: Decimal, yearly_rate: Decimal, days: int) -> Decimal:
    """Cost of waiting for the money: mean receivable over the period x yearly cost of capital x days / 365."""
    return mean_receivable * yearly_rate * days / DAYS_A_YEAR
