"""A customer with everything on it."""

import datetime as dt
from decimal import Decimal

import pytest

from loudou.catalog.models import Product, ProductLine
from loudou.customers import services
from loudou.customers.choices import LineRole
from loudou.customers.services import ContactDraft, CustomerDraft, PartyDraft, PostDraft
from loudou.pipeline import defaults
from loudou.pipeline.models import (
    LossReason,
    Opportunity,
    OpportunityContact,
    SalesProcess,
    Stage,
    StageCriterion,
)


@pytest.fixture
def make_customer(now):
    """Make a customer: `make_customer(owner, "Acme", city="Wuxi")`."""

    def make(actor, name, **facts):
        return services.create_customer(actor, CustomerDraft(name=name, **facts), at=now)

    return make


@pytest.fixture
def stage(db):
    """The first stage of a process that Loudou ships with; installed again after tests that emptied the tables."""
    defaults.install(SalesProcess, Stage, StageCriterion, LossReason)
    return Stage.objects.select_related("process").order_by("process_id", "position").first()


@pytest.fixture
def make_sale(stage, now):
    """Make an opportunity of a customer: `make_sale(customer, owner, amount=5000)`."""

    def make(customer, user, amount=1000, **facts):
        return Opportunity.objects.create(
            subject=f"Sale to {customer.name}",
            customer=customer,
            process=stage.process,
            stage=stage,
            owner=user,
            amount=Decimal(amount),
            amount_base=Decimal(amount),
            opened_on=now.date(),
            stage_entered_at=now,
            **facts,
        )

    return make


@pytest.fixture
def make_full(make_customer, make_sale, now):
    """Make a customer with contacts, parties, members, a parent, subsidiaries and opportunities, `count` of each."""

    def make(owner, colleague, count, name="Acme"):
        parent = make_customer(owner, f"{name} group")
        customer = make_customer(owner, name, parent_id=parent.pk)
        services.add_members(owner, [(customer.pk, colleague.pk)], at=now)
        for n in range(count):
            contact = services.create_contact(
                owner, ContactDraft(name=f"Person {n}", post=PostDraft(customer_id=customer.pk, title="CTO"))
            )
            line = ProductLine.objects.create(name=f"{name} line {n}")
            party = PartyDraft(line_id=line.pk, role=LineRole.PAYS, party_id=parent.pk)
            services.set_line_parties(owner, customer.pk, line_id=line.pk, parties=[party])
            make_customer(owner, f"{name} daughter {n}", parent_id=customer.pk)
            sale = make_sale(customer, owner)
            OpportunityContact.objects.create(opportunity=sale, contact=contact)
            make_sale(customer, owner, state="won", closed_at=now)
        return customer

    return make


@pytest.fixture
def product(db):
    """A product in a line."""
    line = ProductLine.objects.create(name="Pumps")
    return Product.objects.create(name="Pump 200", code="P200", line=line, list_price=Decimal("12.5"), unit="set")


@pytest.fixture
def contact(owner, make_customer):
    """A contact with a post."""
    customer = make_customer(owner, "Works here")
    post = PostDraft(customer_id=customer.pk, title="CTO", started_on=dt.date(2020, 1, 1))
    return services.create_contact(owner, ContactDraft(name="王伟", phones=("13800138000",), post=post))
