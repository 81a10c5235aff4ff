"""What the database itself refuses, whoever asks: the ORM, raw SQL, several at once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from loudou.contracts.models import (
    Contract,
    ContractLine,
    ContractVersion,
    Delivery,
    DeliveryLine,
    LineTerms,
)
from loudou.customers.models import Customer

DAY = dt.date(2026, 6, 15)


@pytest.fixture
def contract(owner):
    """A signed contract over ten presses at 100 each, with 13 % tax on top."""
    customer = Customer.objects.create(name="Hengda Steel", owner=owner)
    contract = Contract.objects.create(title="Presses", customer=customer, owner=owner, drafted_on=DAY, number="HT-1")
    version = ContractVersion.objects.create(
        contract=contract, sequence=1, net_amount=1000, tax_amount=130, amount=1130
    )
    line = ContractLine.objects.create(contract=contract, number=1)
    LineTerms.objects.create(
        version=version, line=line, position=1, description="Press", quantity=10, unit_price=100,
        tax_rate=Decimal("0.13"), net_amount=1000, tax_amount=130, amount=1130,
    )  # fmt: skip
    version.state = "offered"
    version.save()
    version.state = "in_force"
    version.save()
    contract.state = "offered"
    contract.save()
    contract.state, contract.signed_on, contract.version_in_force = "signed", DAY, version
    contract.net_amount, contract.tax_amount, contract.amount = 1000, 130, 1130
    contract.save()
    return contract


def deliver(contract, quantity, number="D-1"):
    delivery = Delivery.objects.create(
        contract=contract, number=number, on=DAY, amount=0, posted_at="2026-06-15T00:00Z"
    )
    return DeliveryLine.objects.create(
        delivery=delivery, line=contract.lines.get(), quantity=quantity, amount=Decimal(113) * quantity
    )


def test_deliveries_move_the_figures_of_the_line_and_stop_at_what_was_ordered(contract):
    deliver(contract, 6)
    line = contract.lines.get()
    assert (line.ordered, line.delivered, line.delivered_amount) == (10, 6, 678)
    with pytest.raises(IntegrityError, match="delivered_within_ordered"), transaction.atomic():
        deliver(contract, 5, "D-2")
    assert contract.lines.get().delivered == 6
    assert Delivery.objects.count() == 1
