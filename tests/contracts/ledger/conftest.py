"""Signed contracts with their plans, and people who post money, for the tests of the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import transaction

from loudou.contracts.choices import DueBasis, ReceiptKind
from loudou.contracts.models import Contract, ContractLine, ContractVersion, Instalment, LineTerms, Receipt
from loudou.contracts.services import plans, plans_in_force, receipts
from loudou.contracts.services.invoices import net_of
from loudou.contracts.services.ledger_drafts import InstalmentDraft, ReceiptDraft
from loudou.core import checks
from loudou.core.actors import SYSTEM
from loudou.core.models import ExchangeRate
from loudou.core.money import Money
from loudou.core.rates import RateTable, company
from loudou.customers.models import Customer
from loudou.people.models import User

AT = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)
TODAY = AT.date()
TAX = Decimal("0.13")
_numbers = count(1)


def day(text: str) -> dt.date:
    """A day of 2026, from '06-15'."""
    return dt.date.fromisoformat(f"2026-{text}")


def part(amount: str | int, on: str = "", **facts: Any) -> InstalmentDraft:
    """An instalment of a plan over an amount, due on a day of 2026, or on signing."""
    basis = DueBasis.DATE if on else facts.pop("basis", DueBasis.SIGNING)
    return InstalmentDraft(
        name=facts.pop("name", "Part"), basis=basis, amount=Decimal(amount), on=day(on) if on else None, **facts
    )


def sign(
    owner: User,
    customer: Customer,
    *amounts: str | int,
    plan: Sequence[InstalmentDraft] = (),
    currency: str = "CNY",
    signed: str = "01-10",
    at: dt.datetime = AT,
    actor: Any = SYSTEM,
) -> Contract:
    """Sign a contract of one line for each gross amount (13 % tax inside) and put its plan in force."""
    number = next(_numbers)
    with transaction.atomic():
        contract = Contract.objects.create(
            title=f"Contract {number}", customer=customer, owner=owner, drafted_on=day(signed), currency=currency,
            number=f"T-{number:05}",
        )  # fmt: skip
        version = ContractVersion.objects.create(contract=contract, sequence=1)
        gross = [Decimal(amount) for amount in amounts]
        nets = [net_of(amount, TAX, currency) for amount in gross]
        for position, (amount, net) in enumerate(zip(gross, nets, strict=True), start=1):
            line = ContractLine.objects.create(contract=contract, number=position)
            LineTerms.objects.create(
                version=version, line=line, position=position, description=f"Press {position}", quantity=10,
                unit_price=amount / 10, tax_rate=TAX, net_amount=net, tax_amount=amount - net, amount=amount,
            )  # fmt: skip
        set_amounts(version, sum(nets), sum(gross))
        version.save()
        if plan:
            plans.draft_plan(actor, contract.pk, lines=plan)
        version.state = "offered"
        version.save()
        version.state = "in_force"
        version.save()
        contract.state = "offered"
        contract.save()
        contract.state, contract.signed_on, contract.version_in_force = "signed", day(signed), version
        set_amounts(contract, sum(nets), sum(gross))
        rates = RateTable.load([currency])
        contract.amount_base = rates.to_base(Money(contract.amount, currency), contract.signed_on)
        contract.save()
        plans_in_force.put_in_force(actor, contract, at=at)
    return contract


def set_amounts(row: Any, net: Any, gross: Any) -> None:
    """Set the three amounts of a contract or version."""
    row.net_amount, row.tax_amount, row.amount = net, gross - net, gross


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
