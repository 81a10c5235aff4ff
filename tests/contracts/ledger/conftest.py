"""Signed contracts with their plans, and people who post money, for the tests of the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from loudou.contracts.choices import ReceiptKind
from loudou.contracts.models import Contract, Instalment, Receipt
from loudou.contracts.services import receipts
from loudou.contracts.services.ledger_drafts import ReceiptDraft
from loudou.core import checks
from loudou.core.models import ExchangeRate
from loudou.core.rates import company
from loudou.customers.models import Customer
from loudou.people.models import User

from .world import AT, day, sign


@pytest.fixture
def at() -> dt.datetime:
    """When things happen unless a test says otherwise: 15 June 2026, in the afternoon of Shanghai."""
    return AT


@pytest.fixture
def customer(owner: User) -> Customer:
    """A customer of the owner."""
    return Customer.objects.create(name="Hengda Steel", short_name="Hengda", owner=owner)


@pytest.fixture
def rates(db: None) -> None:
    """The dollar at 7.00 from January, 7.20 from March, 6.95 from June."""
    company()
    for on, rate in (("01-01", "7.00"), ("03-01", "7.20"), ("06-01", "6.95")):
        ExchangeRate.objects.create(currency="USD", on=day(on), rate=Decimal(rate))


@pytest.fixture
def signed(owner: User, customer: Customer) -> Callable[..., Contract]:
    """Sign a contract with the customer: `signed(1000, plan=[part(300), part(700, "05-01")])`."""
    return lambda *amounts, **facts: sign(owner, facts.pop("customer", customer), *amounts, **facts)


@pytest.fixture
def receive(finance: User, customer: Customer) -> Callable[..., Receipt]:
    """Post a receipt of the customer: `receive(300, "05-02")`."""

    def post(amount: str | int, on: str = "06-15", **facts: Any) -> Receipt:
        facts = {"customer_id": customer.pk, "kind": ReceiptKind.TRANSFER, **facts}
        draft = ReceiptDraft(amount=Decimal(amount), received_on=day(on), **facts)
        return receipts.post_receipt(finance, draft, at=AT)

    return post


@pytest.fixture
def shares(db: None) -> Callable[[Contract], list[tuple[str, str]]]:
    """Tell what is allocated to each instalment in force of a contract, and how much of that is money."""

    def tell(contract: Contract) -> list[tuple[str, str]]:
        rows = Instalment.objects.in_force().filter(contract=contract).order_by("position")
        return [(f"{row.allocated:.2f}", f"{row.cash:.2f}") for row in rows]

    return tell


@pytest.fixture
def findings(db: None) -> Callable[[], list[str]]:
    """Tell what `loudou check` has to say about contracts and their customers' phases."""

    def tell() -> list[str]:
        checks.load()
        names = [name for name in checks.CHECKS if name.startswith(("contracts.", "customers.phase"))]
        return [f"{check.name}: {finding.record}" for check, found in checks.run(names) for finding in found]

    return tell
