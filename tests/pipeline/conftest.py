"""A sale and what it needs, for the tests of the pipeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from loudou.catalog.models import Product
from loudou.core import checks
from loudou.core.models import ExchangeRate
from loudou.customers.models import Customer
from loudou.people.models import User
from loudou.pipeline import defaults
from loudou.pipeline.models import (
    Competitor,
    LossReason,
    Opportunity,
    SalesProcess,
    Stage,
    StageChange,
    StageCriterion,
)
from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import OpportunityDraft

AT = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def at() -> dt.datetime:
    """When things happen unless a test says otherwise."""
    return AT


@pytest.fixture
def process(db: None) -> SalesProcess:
    """The standard process, as shipped; installed again where a test with real transactions wiped it away."""
    defaults.install(SalesProcess, Stage, StageCriterion, LossReason)
    return SalesProcess.objects.get(is_default=True)


@pytest.fixture
def stages(process: SalesProcess) -> list[Stage]:
    """Its five stages in order."""
    return list(process.stages.order_by("position"))


@pytest.fixture
def reason(process: SalesProcess) -> LossReason:
    """A reason for losing."""
    return LossReason.objects.order_by("position")[0]


@pytest.fixture
def rival(db: None) -> Competitor:
    """A competitor."""
    return Competitor.objects.create(name="Rival Machines")


@pytest.fixture
def product(db: None) -> Product:
    """Something to sell."""
    return Product.objects.create(name="Press 200", list_price=Decimal(100000))


@pytest.fixture
def customer(owner: User) -> Customer:
    """A customer of the owner."""
    return Customer.objects.create(name="Hengda Steel", owner=owner)


@pytest.fixture
def dollars(db: None) -> None:
    """Two rates of the dollar: 7 from January, 7.2 from June."""
    ExchangeRate.objects.create(currency="USD", on=dt.date(2026, 1, 1), rate=Decimal(7))
    ExchangeRate.objects.create(currency="USD", on=dt.date(2026, 6, 1), rate=Decimal("7.2"))


@pytest.fixture
def make(process: SalesProcess, owner: User, at: dt.datetime) -> Callable[..., Opportunity]:
    """Create an opportunity of the owner: `make(amount=Decimal(5))`."""

    def create(actor: User | None = None, **facts: Any) -> Opportunity:
        draft = OpportunityDraft(**{"subject": "Two presses", **facts})
        return opportunities.create_opportunity(actor or owner, draft=draft, at=at)

    return create


@pytest.fixture
def deal(make: Callable[..., Opportunity], customer: Customer) -> Opportunity:
    """An open opportunity of the owner, worth 1,000 CNY, in the first stage."""
    return make(customer_id=customer.pk, amount=Decimal(1000))


@pytest.fixture
def kinds() -> Callable[[Opportunity], list[str]]:
    """Tell the kinds of the history rows of an opportunity, oldest first."""

    def tell(opportunity: Opportunity) -> list[str]:
        rows = StageChange.objects.filter(opportunity_id=opportunity.pk).order_by("at", "id")
        return list(rows.values_list("kind", flat=True))

    return tell


@pytest.fixture
def findings() -> Callable[[], list[str]]:
    """Tell what `loudou check` has to say about the pipeline."""

    def tell() -> list[str]:
        checks.load()
        names = [name for name in checks.CHECKS if name.startswith("pipeline.")]
        assert len(names) >= 8
        return [f"{check.name}: {finding.record}" for check, found in checks.run(names) for finding in found]

    return tell
