"""Somebody who holds something of every kind, and those who may take it over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from loudou.contracts.models import Contract
from loudou.contracts.services import drafting
from loudou.contracts.services.drafts import ActDraft, ContractDraft, LineDraft, SignedPast
from loudou.core.models import ExchangeRate
from loudou.customers import services as customers
from loudou.customers.models import Contact, Customer, Post
from loudou.customers.services import CustomerDraft
from loudou.handover.models import Handover, HandoverPlan
from loudou.handover.services import carrying_out, plans
from loudou.people.choices import Role
from loudou.people.models import ApiToken, SavedView, User
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services import moves, opportunities
from loudou.pipeline.services.drafts import MemberDraft, OpportunityDraft

AT = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)
TODAY = AT.date()


@pytest.fixture
def at() -> dt.datetime:
    """When things happen."""
    return AT


@pytest.fixture
def leaver(make_user: Callable[..., User], home_team: Any) -> User:
    """A sales rep of the manager's team who leaves."""
    return make_user("leaver", team=home_team, name="Lee Aver")


@pytest.fixture
def make_customer(leaver: User) -> Callable[..., Customer]:
    """Make a customer of the leaver: `make_customer("Acme")`."""

    def make(name: str, owner: User = leaver, **facts: Any) -> Customer:
        return customers.create_customer(owner, CustomerDraft(name=name, **facts), at=AT)

    return make


@pytest.fixture
def make_sale(leaver: User) -> Callable[..., Opportunity]:
    """Make an open opportunity of the leaver: `make_sale(acme, 1000)`."""

    def make(customer: Customer | None, amount: Any = None, owner: User = leaver, **facts: Any) -> Opportunity:
        draft = OpportunityDraft(
            subject=facts.pop("subject", "Two presses"), customer_id=customer.pk if customer else None,
            amount=None if amount is None else Decimal(amount), **facts,
        )  # fmt: skip
        return opportunities.create_opportunity(owner, draft=draft, at=AT)

    return make


@pytest.fixture
def make_contract(administrator: User, leaver: User) -> Callable[..., Contract]:
    """Make a signed contract of the leaver worth 200 CNY, nothing of which is paid."""

    def make(customer: Customer, owner: User = leaver, **facts: Any) -> Contract:
        line = LineDraft(Decimal(2), Decimal(100), description="Pump")
        draft = ContractDraft(
            title="Pumps", customer_id=customer.pk, owner_id=owner.pk, lines=[line],
            past=SignedPast(signed=ActDraft(TODAY)), **facts,
        )  # fmt: skip
        return drafting.draft_contract(administrator, draft=draft, at=AT)

    return make


class Desk:
    """Something of everything that the leaver holds."""

    acme: Customer
    boro: Customer
    theirs: Customer
    sale: Opportunity
    other_sale: Opportunity
    won: Opportunity
    helped: Opportunity
    contract: Contract
    contact: Contact
    view: SavedView


@pytest.fixture
def desk(leaver: User, colleague: User, make_customer: Any, make_sale: Any, make_contract: Any) -> Desk:
    """Two customers with sales, a contract and a contact; work on a colleague's customer and sale; a shared view."""
    it = Desk()
    it.acme = make_customer("Acme", province="Hubei")
    it.boro = make_customer("Boro", province="Jilin")
    it.theirs = make_customer("Theirs", owner=colleague)
    it.sale = make_sale(it.acme, 1000, subject="Presses", next_step="Call Mr Wang", next_step_on=dt.date(2026, 6, 10))
    it.other_sale = make_sale(it.boro, 500, subject="Pumps")
    it.won = make_sale(it.acme, 70, subject="Spare parts")
    moves.win_opportunity(leaver, it.won.pk, at=AT)
    it.helped = make_sale(
        it.theirs, 900, owner=colleague, subject="Valves", members=[MemberDraft(leaver.pk, Decimal(30))]
    )
    it.contract = make_contract(it.acme)
    it.contact = Contact.objects.create(name="Wang Fang", emails=["wang@acme.example"], owner=leaver)
    Post.objects.create(contact=it.contact, customer=it.acme)
    it.view = SavedView.objects.create(owner=leaver, page="pipeline:list", name="Hot", is_shared=True)
    SavedView.objects.create(owner=leaver, page="pipeline:list", name="Mine")
    ApiToken.objects.create(
        user=leaver, name="x", prefix="ldu_x", digest="d", expires_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    )
    return it


@pytest.fixture
def heir(make_user: Callable[..., User], home_team: Any) -> User:
    """A sales rep who takes over."""
    return make_user("heir", team=home_team, name="Hana Heir")


@pytest.fixture
def second_heir(make_user: Callable[..., User], home_team: Any) -> User:
    """Another one."""
    return make_user("second", Role.REP, team=home_team, name="Sven Second")


@pytest.fixture
def prepare(leaver: User, manager: User) -> Callable[..., HandoverPlan]:
    """Prepare a handover of the leaver: `prepare(successor_id=heir.pk)`."""

    def make(actor: User = manager, **facts: Any) -> HandoverPlan:
        return plans.prepare_handover(actor, leaver.pk, today=TODAY, **facts)

    return make


@pytest.fixture
def hand_over(manager: User) -> Callable[..., Handover]:
    """Carry a plan out: `hand_over(plan)`."""

    def run(plan: HandoverPlan, actor: User = manager, **facts: Any) -> Handover:
        return carrying_out.carry_out(User.objects.get(pk=actor.pk), plan.pk, at=AT, today=TODAY, **facts)

    return run


@pytest.fixture
def dollars(db: None) -> None:
    """A rate of the dollar: 7 from January."""
    ExchangeRate.objects.create(currency="USD", on=dt.date(2026, 1, 1), rate=Decimal(7))
