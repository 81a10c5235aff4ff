"""A contract and what it needs, for the tests of contracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from loudou.catalog.models import Product
from loudou.contracts.models import Contract, ContractAct, ContractLine
from loudou.contracts.services import drafting, life
from loudou.contracts.services.drafts import ActDraft, ContractDraft, LineDraft, TermsFacts
from loudou.core import checks
from loudou.customers.models import Customer
from loudou.people.models import User

AT = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)
TODAY = AT.date()

TERMS: TermsFacts = {
    "performance_from": dt.date(2026, 7, 1),
    "performance_until": dt.date(2026, 9, 30),
    "performance_place": "1 Steel Road, Wuhan",
    "performance_manner": "truck, freight paid",
    "quality_standard": "GB/T 9164-2018",
    "acceptance_days": 7,
    "warranty_months": 12,
    "penalty_rate": Decimal("0.0005"),
    "dispute_venue": "the People's Court of Wuhan",
}
"""Terms that fill every clause that ships."""


@pytest.fixture
def at() -> dt.datetime:
    """When things happen unless a test says otherwise."""
    return AT


@pytest.fixture
def on() -> Callable[..., ActDraft]:
    """An act of today: `on()`, `on(-3, note="...")` three days ago."""

    def act(days: int = 0, **facts: Any) -> ActDraft:
        return ActDraft(TODAY + dt.timedelta(days=days), **facts)

    return act


@pytest.fixture
def customer(owner: User) -> Customer:
    """A customer of the owner."""
    return Customer.objects.create(
        name="Hengda Steel Co., Ltd.", short_name="Hengda Steel", owner=owner, credit_code="91420100MA4KL5XN3P",
        city="Wuhan", address="1 Steel Road", phones=["027-8888 1234"],
    )  # fmt: skip


@pytest.fixture
def product(db: None) -> Product:
    """Something to sell, at 100 CNY."""
    return Product.objects.create(name="Press 200", unit="set", list_price=Decimal(100), currency="CNY")


@pytest.fixture
def two_lines(product: Product) -> Sequence[LineDraft]:
    """Ten presses at 100 with 13 %, and an installation at 500 with 6 % tax: 1,500.00 with tax."""
    return (
        LineDraft(Decimal(10), Decimal(100), product_id=product.pk, tax_rate=Decimal("0.13")),
        LineDraft(Decimal(1), Decimal(500), description="Installation", unit="job", tax_rate=Decimal("0.06")),
    )


@pytest.fixture
def drafted(
    owner: User, customer: Customer, two_lines: Sequence[LineDraft], at: dt.datetime
) -> Callable[..., Contract]:
    """Draft a contract of the owner: `drafted(title="Presses")`."""

    def make(actor: User | None = None, **facts: Any) -> Contract:
        given = {"title": "Two presses", "customer_id": customer.pk, "lines": two_lines, "terms": TERMS} | facts
        return drafting.draft_contract(actor or owner, draft=ContractDraft(**given), at=at)

    return make


@pytest.fixture
def offered(drafted: Callable[..., Contract], owner: User, at: dt.datetime) -> Callable[..., Contract]:
    """Draft a contract and offer it today."""

    def make(**facts: Any) -> Contract:
        contract = drafted(drafted_on=TODAY - dt.timedelta(days=30), **facts)
        return life.offer_contract(owner, contract.pk, act=ActDraft(TODAY - dt.timedelta(days=20)), at=at)

    return make


@pytest.fixture
def signed(offered: Callable[..., Contract], finance: User, at: dt.datetime) -> Callable[..., Contract]:
    """Draft, offer and sign a contract ten days ago."""

    def make(**facts: Any) -> Contract:
        return life.sign_contract(finance, offered(**facts).pk, act=ActDraft(TODAY - dt.timedelta(days=10)), at=at)

    return make


@pytest.fixture
def lines_of() -> Callable[[Contract], list[ContractLine]]:
    """The lines of a contract, fresh, in order."""
    return lambda contract: list(ContractLine.objects.filter(contract_id=contract.pk).order_by("number"))


@pytest.fixture
def acts_of() -> Callable[[Contract], list[str]]:
    """The kinds of the acts on a contract, in the order in which they were recorded."""
    return lambda contract: list(
        ContractAct.objects.filter(contract_id=contract.pk).order_by("id").values_list("kind", flat=True)
    )


@pytest.fixture
def as_drafts() -> Callable[[Contract], list[LineDraft]]:
    """The lines of the version that a contract shows, as drafts that continue them."""

    def make(contract: Contract, **changes: Any) -> list[LineDraft]:
        version = contract.versions.order_by("-sequence").first()
        rows = []
        for terms in version.terms.all():
            facts = {
                name: getattr(terms, name)
                for name in ("quantity", "unit_price", "description", "product_id", "line_id", "unit", "list_price",
                             "discount_rate", "tax_rate", "due_on", "specification")
            }  # fmt: skip
            rows.append(LineDraft(**(facts | changes)))
        return rows

    return make


@pytest.fixture
def findings() -> Callable[[], list[str]]:
    """Tell what `loudou check` has to say about contracts."""

    def tell() -> list[str]:
        checks.load()
        names = [name for name in checks.CHECKS if name.startswith("contracts.")]
        return [f"{check.name}: {finding.record}" for check, found in checks.run(names) for finding in found]

    return tell
