"""Whether a customer is supplied: supply holds and the credit limit, and the releases that except from both."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import get_language

from loudou.contracts.errors import CreditLimitExceeded
from loudou.contracts.models import Contract, Delivery
from loudou.contracts.selectors.exposure import converted, exposure
from loudou.contracts.wording import amount as written
from loudou.core.actors import Actor
from loudou.core.money import Money
from loudou.customers.phases import EvidenceSubject
from loudou.customers.services.holds import lock_customer, pass_delivery


def pass_supply(actor: Actor, contract: Contract, delivery: Delivery, *, today: dt.date, at: dt.datetime) -> None:
    """Let a posted delivery through, or refuse it. Called after everything else that the posting locks.

    Raises SupplyOnHold, CreditLimitExceeded, ExchangeRateMissing.
    """
    lock_customer(contract.customer_id)
    amount = Money(delivery.amount, contract.currency)
    pass_delivery(
        actor,
        contract.customer_id,
        amount=amount,
        subject=EvidenceSubject.of(delivery),
        at=at,
        beyond=_beyond_limit(contract, amount, today),
    )


def _beyond_limit(contract: Contract, amount: Money, today: dt.date) -> CreditLimitExceeded | None:
    """The refusal of a delivery, which is already posted, that takes what the customer owes beyond its limit."""
    found = exposure(contract.customer, on=today)
    if found is None or not found.limit < found.owed:
        return None
    language = get_language() or "en"
    this = Money(converted(amount, found.limit.currency, today), found.limit.currency)
    before = Money(max(found.owed.amount - this.amount, 0 * this.amount), this.currency)
    return CreditLimitExceeded(
        customer=str(contract.customer),
        owed=written(before, language),
        amount=written(this, language),
        limit=written(found.limit, language),
    )
