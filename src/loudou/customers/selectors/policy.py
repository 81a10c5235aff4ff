"""What a customer is entitled to: its own figures, where it has none those of the company."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from loudou.core.money import Money
from loudou.customers.models import Customer, CustomerRules
from loudou.customers.selectors.rules import rules

FIGURES = ("max_discount_rate", "credit_limit", "payment_days", "grace_days")


@dataclass(frozen=True, slots=True)
class Policy:
    """What a customer is entitled to; None: nothing is agreed, hence no limit is set.

    `max_discount_rate` is a share of 0 to 1. `own` names the figures that are the customer's own.
    """

    max_discount_rate: Decimal | None
    credit_limit: Money | None
    payment_days: int | None
    grace_days: int
    own: frozenset[str] = frozenset()


def policy_of(customer: Customer, *, company_rules: CustomerRules | None = None) -> Policy:
    """The figures that count for a customer; contracts and credit control read them (one statement without rules)."""
    ours = company_rules or rules()
    own = frozenset(name for name in FIGURES if getattr(customer, name) is not None)
    limit = customer if "credit_limit" in own else ours
    return Policy(
        max_discount_rate=_first(customer.max_discount_rate, ours.max_discount_rate),
        credit_limit=None if limit.credit_limit is None else Money(limit.credit_limit, limit.credit_currency),
        payment_days=customer.payment_days if "payment_days" in own else ours.payment_days,
        grace_days=ours.grace_days if customer.grace_days is None else customer.grace_days,
        own=own,
    )


def _first(*values: Decimal | None) -> Decimal | None:
    return next((value for value in values if value is not None), None)
