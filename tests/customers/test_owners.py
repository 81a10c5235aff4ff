"""Giving customers away, and letting colleagues in."""

import pytest

from loudou.core.refusals import NotVisible, PermissionRefused, StaleWrite
from loudou.customers import services
from loudou.customers.errors import OwnerNotAvailable
from loudou.customers.models import Customer, CustomerMember, OwnerChange
from loudou.customers.services import CustomerDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(owner, now):
    return services.create_customer(owner, CustomerDraft(name="Acme"), at=now)


def test_a_manager_gives_a_customer_to_a_colleague(manager, owner, colleague, customer, now):
    services.assign_owner(manager, customer.pk, owner_id=colleague.pk, at=now, reason=" moved to the north ", version=1)
    customer.refresh_from_db()
    assert (customer.owner, customer.version) == (colleague, 2)
    change = OwnerChange.objects.first()
    assert (change.from_owner, change.to_owner, change.reason, change.actor) == (
        owner,
        colleague,
        "moved to the north",
        manager,
    )
    assert not Customer.objects.visible_to(owner).exists()


def test_the_former_owner_may_keep_seeing_it(manager, owner, colleague, customer, now):
    services.assign_owners(manager, [customer.pk], owner_id=colleague.pk, at=now, former_stays=True)
    assert Customer.objects.visible_to(owner).get() == customer


def test_the_same_owner_again_leaves_no_line(manager, owner, customer, now):
    services.assign_owner(manager, customer.pk, owner_id=owner.pk, at=now)
    customer.refresh_from_db()
    assert customer.version == 1 and OwnerChange.objects.count() == 1


def test_a_rep_may_not_assign_even_the_own_customer(owner, colleague, customer, now):
    with pytest.raises(PermissionRefused):
        services.assign_owner(owner, customer.pk, owner_id=colleague.pk, at=now)
    customer.refresh_from_db()
    assert customer.owner == owner and OwnerChange.objects.count() == 1


def test_foreign_customers_are_refused_one_by_one(manager, colleague, stranger, customer, now):
    foreign = services.create_customer(stranger, CustomerDraft(name="Foreign"), at=now)
    outcomes = services.assign_owners(manager, [foreign.pk, customer.pk], owner_id=colleague.pk, at=now)
    assert [o.refusal.code if o.refusal else o.row.owner_id for o in outcomes] == ["not_found", colleague.pk]
    foreign.refresh_from_db()
    assert foreign.owner == stranger


def test_a_stale_assignment_is_refused(manager, owner, colleague, customer, now):
    services.update_customer(owner, customer.pk, changes={"city": "苏州"}, at=now)
    with pytest.raises(StaleWrite):
        services.assign_owner(manager, customer.pk, owner_id=colleague.pk, at=now, version=1)
    customer.refresh_from_db()
    assert customer.owner == owner


def test_nobody_inactive_becomes_owner(manager, colleague, customer, now):
    colleague.is_active = False
    colleague.save()
    with pytest.raises(OwnerNotAvailable):
        services.assign_owner(manager, customer.pk, owner_id=colleague.pk, at=now)
    assert OwnerChange.objects.count() == 1


def test_bulk_assignment_takes_few_statements(manager, owner, colleague, now, django_assert_num_queries):
    drafts = [CustomerDraft(name=f"C{n}") for n in range(50)]
    ids = [o.row.pk for o in services.create_customers(owner, drafts, at=now)]
    manager.reach("customers.customer")
    with django_assert_num_queries(9):
        services.assign_owners(manager, ids, owner_id=colleague.pk, at=now)


def test_members_see_the_customer_and_twice_is_once(owner, colleague, stranger, customer, now):
    pairs = [(customer.pk, colleague.pk), (customer.pk, owner.pk)]
    assert services.add_members(owner, pairs, at=now) == 1
    assert services.add_members(owner, pairs, at=now) == 0
    assert Customer.objects.visible_to(colleague).get() == customer
    assert not Customer.objects.visible_to(stranger).exists()
    assert services.remove_member(owner, customer.pk, user_id=colleague.pk)
    assert not services.remove_member(owner, customer.pk, user_id=colleague.pk)
    colleague.__dict__.pop("_reach")
    assert not Customer.objects.visible_to(colleague).exists()


def test_a_stranger_lets_nobody_in(stranger, customer, now):
    with pytest.raises(NotVisible):
        services.add_members(stranger, [(customer.pk, stranger.pk)], at=now)
    assert not CustomerMember.objects.exists()
