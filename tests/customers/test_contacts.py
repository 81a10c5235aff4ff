"""Contacts and the posts they hold and held."""

import datetime as dt

import pytest

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.customers import services
from loudou.customers.errors import AlreadyAtCustomer, PostAlreadyEnded
from loudou.customers.models import Contact, Post
from loudou.customers.services import ContactDraft, CustomerDraft, PostDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(owner, now):
    return services.create_customer(owner, CustomerDraft(name="Acme"), at=now)


@pytest.fixture
def next_customer(owner, now):
    return services.create_customer(owner, CustomerDraft(name="Next"), at=now)


def hire(actor, customer, **facts):
    draft = ContactDraft(name="王伟", post=PostDraft(customer_id=customer.pk, title="设备部经理"), **facts)
    return services.create_contact(actor, draft)


def test_a_contact_comes_with_the_first_post(owner, customer):
    contact = hire(owner, customer, phones=("138 0013 8000",), emails=("Wang@Example.com",))
    assert (contact.owner, contact.phones, contact.emails) == (owner, ["13800138000"], ["wang@example.com"])
    post = contact.posts.get()
    assert (post.customer, post.title, post.ended_on) == (customer, "设备部经理", None)


def test_nobody_hires_at_a_customer_they_cannot_see(stranger, customer):
    with pytest.raises(NotVisible):
        hire(stranger, customer)
    assert not Contact.objects.exists() and not Post.objects.exists()


def test_many_contacts_each_with_an_outcome(owner, customer, now):
    drafts = [
        ContactDraft(name="A", external_id="1"),
        ContactDraft(name="B", external_id="1"),
        ContactDraft(name="C", emails=("wrong",)),
        ContactDraft(
            name="D", post=PostDraft(customer_id=customer.pk, started_on=now.date(), ended_on=dt.date(2020, 1, 1))
        ),
        ContactDraft(name="E", post=PostDraft(customer_id=customer.pk)),
    ]
    outcomes = services.create_contacts(owner, drafts)
    assert [o.row.name if o.row else sorted(o.refusal.errors) for o in outcomes] == [
        "A",
        ["external_id"],
        ["emails"],
        ["ended_on"],
        "E",
    ]
    assert Post.objects.count() == 1


def test_who_sees_the_customer_sees_its_contacts_former_ones_included(manager, owner, colleague, stranger, customer):
    contact = hire(manager, customer)
    services.end_post(owner, contact.posts.get().pk, ended_on=dt.date(2026, 1, 1))
    assert Contact.objects.visible_to(owner).get() == contact
    assert not Contact.objects.visible_to(colleague).exists()
    assert not Contact.objects.visible_to(stranger).exists()


def test_fields_change_and_stale_writes_are_refused(owner, stranger, customer, now):
    contact = hire(owner, customer)
    services.update_contact(owner, contact.pk, changes={"do_not_call": True}, version=1, at=now)
    with pytest.raises(StaleWrite):
        services.update_contact(owner, contact.pk, changes={"wechat": "w"}, version=1, at=now)
    with pytest.raises(NotVisible):
        services.update_contact(stranger, contact.pk, changes={"wechat": "w"}, at=now)
    contact.refresh_from_db()
    assert (contact.do_not_call, contact.wechat, contact.version) == (True, "", 2)


def test_another_owner_needs_the_verb(owner, manager, colleague, customer, now):
    contact = hire(owner, customer)
    with pytest.raises(PermissionRefused):
        services.update_contact(owner, contact.pk, changes={"owner_id": colleague.pk}, at=now)
    services.update_contact(manager, contact.pk, changes={"owner_id": colleague.pk}, at=now)
    contact.refresh_from_db()
    assert contact.owner == colleague


def test_a_person_moves_and_the_old_post_stays(owner, customer, next_customer):
    contact = hire(owner, customer)
    day = dt.date(2026, 3, 1)
    services.move_contact(owner, contact.pk, post=PostDraft(customer_id=next_customer.pk, title="总工"), moved_on=day)
    assert list(contact.posts.order_by("pk").values_list("customer", "started_on", "ended_on")) == [
        (customer.pk, None, day),
        (next_customer.pk, day, None),
    ]
    with pytest.raises(AlreadyAtCustomer):
        services.move_contact(owner, contact.pk, post=PostDraft(customer_id=next_customer.pk), moved_on=day)
    assert contact.posts.count() == 2


def test_a_post_ends_once_and_not_before_it_began(owner, customer, stranger):
    contact = hire(owner, customer)
    post = contact.posts.get()
    services.update_post(owner, post.pk, changes={"started_on": dt.date(2026, 2, 1)})
    with pytest.raises(InvalidInput):
        services.end_post(owner, post.pk, ended_on=dt.date(2026, 1, 1))
    with pytest.raises(NotVisible):
        services.end_post(stranger, post.pk, ended_on=dt.date(2026, 3, 1))
    services.end_post(owner, post.pk, ended_on=dt.date(2026, 3, 1))
    with pytest.raises(PostAlreadyEnded):
        services.end_post(owner, post.pk, ended_on=dt.date(2026, 4, 1))
    post.refresh_from_db()
    assert post.ended_on == dt.date(2026, 3, 1)


def test_two_posts_at_once_but_one_open_at_each_customer(owner, customer, next_customer):
    contact = hire(owner, customer)
    services.add_post(owner, contact.pk, post=PostDraft(customer_id=next_customer.pk))
    with pytest.raises(AlreadyAtCustomer):
        services.add_post(owner, contact.pk, post=PostDraft(customer_id=customer.pk))
    assert contact.posts.count() == 2
