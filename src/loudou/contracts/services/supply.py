"""Whether a customer is supplied: supply holds and the credit limit, and the releases that except from both."""

from __future__ import annotations

import datetime as dt

from loudou.contracts.models import Contract, Delivery
from loudou.core.actors import Actor
from loudou.core.money import Money
from loudou.customers.phases import EvidenceSubject
from loudou.customers.services.holds import pass_delivery


def pass_supply(actor: Actor, contract: Contract, delivery: Delivery, *, at: dt.datetime) -> None:
    """Let a posted delivery through, or refuse it. Called after everything else that the posting locks.

    Raises SupplyOnHold.
    """
    pass_delivery(
        actor,
        contract.customer_id,
        amount=Money(delivery.amount, contract.currency),
        subject=EvidenceSubject.of(delivery),
        at=at,
    )
