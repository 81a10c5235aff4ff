"""What people are told, by whom, and that it stays theirs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from loudou.core.actors import SYSTEM
from loudou.core.refusals import NotVisible
from loudou.customers import services as customers
from loudou.customers.choices import OwnerChangeCause
from loudou.customers.models import Customer
from loudou.people.choices import NotificationCode, Role
from loudou.people.models import Notification
from loudou.people.notices import SENTENCES, sentence
from loudou.people.selectors import notifications, unread_count, who_may
from loudou.people.services.notifications import (
    notify,
    read_all_notifications,
    read_notification,
    sweep_notifications,
)
from loudou.web.people import notices as web_notices

GIVEN = NotificationCode.CUSTOMERS_GIVEN


@pytest.fixture
def works(owner):
    return Customer.objects.bulk_create(Customer(name=f"Works {n}", owner=owner) for n in range(3))


def told(user) -> list[str]:
    with translation.override("en"):
        return [str(row) for row in notifications(user)]


def test_many_are_told_in_one_statement_and_never_who_did_it(
    owner, colleague, stranger, now, django_assert_num_queries
):
    with django_assert_num_queries(1):
        people = [owner.pk, colleague.pk, stranger.pk, stranger.pk, None]
        assert notify(owner, people, GIVEN, at=now, count=2) == 2
    with django_assert_num_queries(0):
        assert notify(owner, [owner.pk], GIVEN, at=now, count=2) == 0
    assert told(owner) == []
    assert told(colleague) == told(stranger) == [f"{owner} gave you 2 customers."]


def test_it_is_said_in_the_language_of_the_reader(owner, colleague, now):
    notify(owner, [colleague.pk], GIVEN, at=now, count=12)
    row = notifications(colleague).get()
    with translation.override("en"):
        assert str(row) == f"{owner} gave you 12 customers."
    with translation.override("zh-hans"):
        assert str(row) == f"{owner}给了您 12 个客户。"


def test_every_code_has_a_sentence_an_address_and_an_icon():
    assert set(SENTENCES) == set(NotificationCode)
    assert {*web_notices.RECORDS, *web_notices.LISTS} == set(NotificationCode)
    facts = dict.fromkeys(("actor", "customer", "subject", "leaver", "file", "discount", "contract", "card"), "Ann") | {
        "count": 3
    }
    for code in NotificationCode:
        row = Notification(code=code, record_id=7, recipient_id=5)
        assert web_notices.address(row).startswith("/")
        assert web_notices.icon(row)
        for language in ("en", "zh-hans"):
            with translation.override(language):
                assert "Ann" in sentence(code, facts) and "%" not in sentence(code, facts)


def test_read_once_stays_read_and_only_ones_own(owner, colleague, administrator, now):
    later = now + dt.timedelta(hours=1)
    notify(owner, [colleague.pk, administrator.pk], GIVEN, at=now, count=2)
    row = notifications(colleague).get()
    for stranger in (owner, administrator):
        with pytest.raises(NotVisible):
            read_notification(stranger, row.pk, at=now)
    row.refresh_from_db()
    assert row.read_at is None
    read_notification(colleague, row.pk, at=now)
    assert read_notification(colleague, row.pk, at=later).read_at == now
    assert [unread_count(user, most=10) for user in (colleague, administrator)] == [0, 1]


def test_all_is_all_of_ones_own(owner, colleague, stranger, now):
    for _ in range(3):
        notify(owner, [colleague.pk, stranger.pk], GIVEN, at=now, count=2)
    assert unread_count(colleague, most=2) == 2
    assert read_all_notifications(colleague, at=now) == 3
    assert [unread_count(user, most=10) for user in (colleague, stranger)] == [0, 3]


def test_what_was_read_goes_after_ninety_days_and_what_was_not_stays(owner, colleague, stranger, now):
    for days in (91, 89):
        notify(owner, [colleague.pk, stranger.pk], GIVEN, at=now - dt.timedelta(days=days), count=days)
    read_all_notifications(colleague, at=now)
    assert sweep_notifications(at=now) == 1
    assert [row.facts["count"] for row in notifications(colleague)] == [89]
    assert [row.facts["count"] for row in notifications(stranger)] == [89, 91]
    stranger.is_active = False
    stranger.save()
    assert sweep_notifications(at=now) == 1


def test_a_new_owner_is_told_once_for_an_act(manager, owner, colleague, works, now):
    customers.assign_owners(manager, [row.pk for row in works], owner_id=colleague.pk, at=now)
    assert told(colleague) == [f"{manager} gave you 3 customers."]
    customers.assign_owners(manager, [row.pk for row in works], owner_id=colleague.pk, at=now)
    assert len(told(colleague)) == 1, "nothing changed hands"
    customers.assign_owner(manager, works[0].pk, owner_id=owner.pk, at=now)
    assert told(owner) == [f"{manager} gave you the customer Works 0."]
    assert notifications(owner).get().record_id == works[0].pk


def test_taking_freeing_importing_and_handing_over_tell_nobody(manager, owner, colleague, works, now):
    ids = [row.pk for row in works]
    customers.assign_owners(manager, ids, owner_id=manager.pk, at=now)
    customers.assign_owners(manager, ids, owner_id=None, at=now)
    for cause in (OwnerChangeCause.IMPORTED, OwnerChangeCause.HANDOVER):
        customers.assign_owners(SYSTEM, ids, owner_id=colleague.pk, at=now, cause=cause)
        customers.assign_owners(SYSTEM, ids, owner_id=owner.pk, at=now, cause=cause)
    assert not Notification.objects.exists()


def test_members_are_told(owner, colleague, works, now):
    customers.add_members(owner, [(works[0].pk, colleague.pk)], at=now)
    assert told(colleague) == [f"{owner} lets you work on the customer Works 0."]
    customers.add_members(owner, [(row.pk, colleague.pk) for row in works], at=now + dt.timedelta(hours=1))
    assert told(colleague)[0] == f"{owner} lets you work on 2 customers."


def test_those_who_may_decide_are_the_leads_above_and_those_who_see_all(
    owner, manager, colleague, stranger, make_user, now
):
    executive, other = make_user("boss", Role.EXECUTIVE), make_user("elsewhere", Role.MANAGER)
    gone = make_user("gone", Role.EXECUTIVE, is_active=False)
    found = who_may("contracts.approve", "contracts.contract", owner_id=owner.pk, today=now.date())
    assert {manager.pk, executive.pk} <= found
    assert not found & {owner.pk, colleague.pk, stranger.pk, other.pk, gone.pk}
    assert all(
        user.has_permission("contracts.approve") for user in type(owner).objects.get_queryset().filter(pk__in=found)
    )
