"""Supply holds, and releases that except from them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction

from loudou.core.models import ExchangeRate
from loudou.core.money import Money
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.customers import selectors, services
from loudou.customers.choices import HoldSource, ReleaseState
from loudou.customers.errors import (
    NotOnSupplyHold,
    ReasonMissing,
    ReleaseDayPassed,
    ReleaseDecided,
    ReleaseNeedsAnother,
    SupplyOnHold,
)
from loudou.customers.models import HoldChange, ReleaseUse, SupplyRelease
from loudou.customers.phases import EvidenceSubject
from loudou.people.choices import Role
from loudou.people.selectors import notifications

pytestmark = pytest.mark.django_db

FIRST = EvidenceSubject("contracts.delivery", 1, "D-1")
SECOND = EvidenceSubject("contracts.delivery", 2, "D-2")


@pytest.fixture
def finance(make_user):
    return make_user("fay", Role.FINANCE)


@pytest.fixture
def executive(make_user):
    return make_user("eve", Role.EXECUTIVE)


@pytest.fixture
def held(acme, finance, now):
    services.place_hold(finance, acme.pk, reason="Three letters, no money", at=now)
    acme.refresh_from_db()
    return acme


@pytest.fixture
def deliver(owner, acme, now):
    def deliver(amount, subject=FIRST, *, currency="CNY", at=now):
        with transaction.atomic():
            return services.pass_delivery(
                owner, acme.pk, amount=Money(Decimal(amount), currency), subject=subject, at=at
            )

    return deliver


def release(person, customer, now, **facts):
    facts = {"reason": "They pay on Friday", "until_on": now.date() + dt.timedelta(days=5)} | facts
    return services.request_release(person, customer.pk, at=now, **facts)


def test_a_hold_stops_deliveries_and_says_why(held, deliver, now, findings):
    assert held.held_since == now
    with pytest.raises(SupplyOnHold) as refused:
        deliver(100)
    assert refused.value.facts["reason"] == "Three letters, no money."
    assert not ReleaseUse.objects.exists()
    assert findings() == {}


def test_without_a_hold_deliveries_pass_and_leave_no_trace(acme, deliver):
    assert deliver(100) is None
    assert not ReleaseUse.objects.exists()


def test_a_hold_is_lifted_only_by_its_own_source(held, finance, deliver, now, findings):
    services.place_hold(finance, held.pk, reason="Over the limit", source=HoldSource.CREDIT, at=now)
    services.lift_hold(finance, held.pk, reason="Paid", at=now)
    held.refresh_from_db()
    assert held.held_since == now
    with pytest.raises(NotOnSupplyHold):
        services.lift_hold(finance, held.pk, reason="Again", at=now)
    services.lift_hold(finance, held.pk, reason="Below the limit", source=HoldSource.CREDIT, at=now)
    held.refresh_from_db()
    assert held.held_since is None
    assert deliver(100) is None
    assert HoldChange.objects.count() == 4
    assert findings() == {}


def test_placing_the_same_hold_twice_is_once(held, finance, now):
    services.place_hold(finance, held.pk, reason="Three letters, no money", at=now)
    assert HoldChange.objects.count() == 1
    services.place_hold(finance, held.pk, reason="A fourth letter", at=now)
    assert [hold.reason for hold in selectors.present_holds(held.pk)] == ["A fourth letter"]


def test_a_hold_needs_a_reason_and_the_permission(acme, finance, owner, now):
    with pytest.raises(ReasonMissing):
        services.place_hold(finance, acme.pk, reason="  ", at=now)
    with pytest.raises(InvalidInput):
        services.place_hold(finance, acme.pk, reason="x" * 501, at=now)
    with pytest.raises(PermissionRefused):
        services.place_hold(owner, acme.pk, reason="I do not like them", at=now)
    assert not HoldChange.objects.exists()


def test_a_stranger_cannot_ask_for_a_release(held, stranger, now):
    with pytest.raises(NotVisible):
        release(stranger, held, now)
    assert not SupplyRelease.objects.exists()


def test_a_release_covers_once_somebody_else_approved_it(held, owner, finance, deliver, now):
    asked = release(owner, held, now)
    with pytest.raises(SupplyOnHold):
        deliver(100)
    services.approve_release(finance, asked.pk, at=now)
    assert deliver(100) == asked
    answer = selectors.delivery_allowed(held.pk, at=now, amount=Money(Decimal(1), "CNY"))
    assert (answer.is_allowed, answer.release, len(answer.holds)) == (True, asked, 1)


def test_nobody_approves_an_own_request(held, finance, executive, now):
    asked = release(finance, held, now)
    with pytest.raises(ReleaseNeedsAnother):
        services.approve_release(finance, asked.pk, at=now)
    assert SupplyRelease.objects.get().state == ReleaseState.REQUESTED
    assert not notifications(finance).exists()
    services.approve_release(executive, asked.pk, at=now)
    told = notifications(finance).get()
    assert (told.code, told.actor, told.record_id) == ("release_approved", executive, held.pk)


def test_a_release_ends_with_its_day(held, owner, finance, deliver, now):
    asked = release(owner, held, now, until_on=now.date())
    services.approve_release(finance, asked.pk, at=now)
    midnight = dt.datetime(2026, 6, 15, 16, 0, tzinfo=dt.UTC)  # in Shanghai
    assert deliver(1, at=midnight - dt.timedelta(seconds=1)) == asked
    with pytest.raises(SupplyOnHold):
        deliver(1, SECOND, at=midnight)


def test_a_release_is_used_up(held, owner, finance, deliver, now):
    asked = release(owner, held, now, amount=Decimal(100), currency="CNY")
    services.approve_release(finance, asked.pk, at=now)
    assert deliver(70) == asked
    assert deliver(70) == asked  # the same delivery again: once
    with pytest.raises(SupplyOnHold):
        deliver("30.01", SECOND)
    assert deliver(30, SECOND) == asked
    assert list(selectors.releases_of(owner, held).values_list("used_amount", flat=True)) == [Decimal(100)]


def test_a_cancelled_delivery_gives_back(held, owner, finance, deliver, now):
    asked = release(owner, held, now, amount=Decimal(100), currency="CNY")
    services.approve_release(finance, asked.pk, at=now)
    deliver(100)
    for _twice in range(2):
        with transaction.atomic():
            services.return_delivery(owner, held.pk, subject=FIRST, at=now)
    assert list(ReleaseUse.objects.order_by("id").values_list("amount", flat=True)) == [100, -100]
    assert deliver(100, SECOND) == asked
    with pytest.raises(SupplyOnHold):
        deliver(1)


def test_a_delivery_in_foreign_money_is_converted(held, owner, finance, deliver, now):
    ExchangeRate.objects.create(currency="USD", on=now.date(), rate=Decimal(7))
    asked = release(owner, held, now, amount=Decimal(100), currency="CNY")
    services.approve_release(finance, asked.pk, at=now)
    with pytest.raises(SupplyOnHold):
        deliver("14.29", currency="USD")
    assert deliver("14.28", currency="USD") == asked
    assert ReleaseUse.objects.get().amount == Decimal("99.96")


def test_requests_are_decided_once(held, owner, finance, executive, now):
    asked = release(owner, held, now)
    with pytest.raises(StaleWrite):
        services.reject_release(finance, asked.pk, note="No", at=now, version=asked.version + 1)
    with pytest.raises(ReasonMissing):
        services.reject_release(finance, asked.pk, note="", at=now)
    services.reject_release(finance, asked.pk, note="Not again", at=now)
    for again in (services.approve_release, services.reject_release):
        with pytest.raises(ReleaseDecided):
            again(executive, asked.pk, note="Yes", at=now)
    with pytest.raises(ReleaseDecided):
        services.withdraw_release(owner, asked.pk, at=now)
    decided = SupplyRelease.objects.get()
    assert (decided.state, decided.decided_by, decided.decision_note) == (ReleaseState.REJECTED, finance, "Not again")


def test_a_request_can_be_withdrawn_and_an_approval_ended(held, owner, finance, deliver, now):
    services.withdraw_release(owner, release(owner, held, now).pk, at=now)
    asked = release(owner, held, now)
    services.approve_release(finance, asked.pk, at=now)
    services.end_release(finance, asked.pk, note="The cheque bounced", at=now)
    with pytest.raises(SupplyOnHold):
        deliver(1)
    states = SupplyRelease.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [ReleaseState.WITHDRAWN, ReleaseState.ENDED]


def test_a_release_for_the_past_or_without_a_hold_is_refused(acme, finance, owner, now):
    with pytest.raises(NotOnSupplyHold):
        release(owner, acme, now)
    services.place_hold(finance, acme.pk, reason="Unpaid", at=now)
    with pytest.raises(ReleaseDayPassed):
        release(owner, acme, now, until_on=now.date() - dt.timedelta(days=1))
    with pytest.raises(InvalidInput):
        release(owner, acme, now, amount=Decimal(0))
    assert not SupplyRelease.objects.exists()


def test_reps_do_not_approve(held, owner, manager, now):
    asked = release(owner, held, now)
    for person in (owner, manager):
        with pytest.raises(PermissionRefused):
            services.approve_release(person, asked.pk, at=now)
    assert SupplyRelease.objects.get().state == ReleaseState.REQUESTED
