"""Who pays, decides and benefits, per product line."""

import pytest

from loudou.catalog.services import create_line
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.customers import services
from loudou.customers.choices import LineRole
from loudou.customers.models import LineParty
from loudou.customers.services import CustomerDraft, PartyDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(owner, now):
    return services.create_customer(owner, CustomerDraft(name="Acme"), at=now)


@pytest.fixture
def line(operations):
    return create_line(operations, name="Pumps")


def roles(customer):
    return dict(LineParty.objects.filter(customer=customer).values_list("role", "party_name"))


def test_roles_are_filled_replaced_and_emptied(owner, customer, line):
    draft = [
        PartyDraft(line_id=line.pk, role=LineRole.PAYS, party_id=customer.pk, party_name="ignored"),
        PartyDraft(line_id=line.pk, role=LineRole.DECIDES, party_name="Design institute"),
    ]
    services.set_line_parties(owner, customer.pk, line_id=line.pk, parties=draft)
    assert roles(customer) == {"pays": "", "decides": "Design institute"}
    services.set_line_parties(owner, customer.pk, line_id=line.pk, parties=draft[1:])
    assert roles(customer) == {"decides": "Design institute"}


def test_a_role_needs_somebody(owner, customer, line):
    with pytest.raises(InvalidInput):
        services.set_line_parties(
            owner, customer.pk, line_id=line.pk, parties=[PartyDraft(line_id=line.pk, role=LineRole.PAYS)]
        )
    assert roles(customer) == {}


def test_neither_customer_nor_party_may_be_foreign(owner, stranger, customer, line, now):
    foreign = services.create_customer(stranger, CustomerDraft(name="Foreign"), at=now)
    party = [PartyDraft(line_id=line.pk, role=LineRole.PAYS, party_id=foreign.pk)]
    for actor, target in ((owner, customer), (owner, foreign)):
        with pytest.raises(NotVisible):
            services.set_line_parties(actor, target.pk, line_id=line.pk, parties=party)
    assert not LineParty.objects.exists()
