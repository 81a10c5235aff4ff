"""Evidence, rules and holds that meet at the same customer at the same moment, with real threads and transactions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from tests.threads import at_once

from loudou.core.actors import SYSTEM
from loudou.core.money import Money
from loudou.customers import services
from loudou.customers.choices import EvidenceKind, Phase
from loudou.customers.models import Customer, Evidence, PhaseChange, ReleaseUse
from loudou.customers.phases import EvidenceSubject
from loudou.customers.segment_rule import SegmentRule
from loudou.customers.services import CustomerDraft

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]


def report(customer, kind, subject, now, **facts):
    def act():
        with transaction.atomic():
            services.record_evidence(SYSTEM, customer.pk, kind=kind, subject=subject, holds=True, at=now, **facts)

    return act


def test_two_halves_of_a_signature_that_come_at_once_sign(acme, now, findings):
    contract = EvidenceSubject("contracts.contract", 3, "K-3")
    for _round in range(5):
        at_once(
            report(acme, EvidenceKind.CONTRACT_SIGNED, contract, now),
            report(acme, EvidenceKind.FIRST_INSTALMENT_RECEIVED, contract, now),
            report(acme, EvidenceKind.NEED_VERIFIED, contract, now),
        )
    acme.refresh_from_db()
    assert acme.phase == Phase.QUALIFIED
    assert Evidence.objects.count() == 3
    assert findings() == {}


def test_the_same_evidence_from_eight_at_once_is_recorded_once(acme, now, findings):
    deal = EvidenceSubject("pipeline.opportunity", 3, "Press")
    at_once(*[report(acme, EvidenceKind.NEED_VERIFIED, deal, now)] * 8)
    assert (Evidence.objects.count(), PhaseChange.objects.count()) == (1, 1)
    assert findings() == {}


def test_batches_over_the_same_customers_do_not_wait_for_each_other_for_ever(owner, now, findings):
    rows = services.create_customers(owner, [CustomerDraft(name=f"C{n}") for n in range(12)], at=now)
    ids = [each.row.pk for each in rows]

    def batch(kind, order):
        drafts = [
            services.EvidenceDraft(
                customer_id=pk, kind=kind, subject=EvidenceSubject("pipeline.opportunity", pk), holds=True, at=now
            )
            for pk in order
        ]

        def act():
            with transaction.atomic():
                services.record_all(SYSTEM, drafts, now=now)

        return act

    at_once(
        batch(EvidenceKind.NEED_VERIFIED, ids),
        batch(EvidenceKind.CONTRACT_SIGNED, ids[::-1]),
        batch(EvidenceKind.FIRST_INSTALMENT_RECEIVED, ids[::2] + ids[1::2]),
        lambda: services.follow_time(SYSTEM, at=now),
    )
    assert set(Customer.objects.values_list("phase", flat=True)) == {Phase.QUALIFIED}
    assert findings() == {}


def test_a_rule_and_a_customer_that_change_at_once_do_not_miss_each_other(owner, now, findings):
    for round_ in range(4):
        customer = services.create_customer(owner, CustomerDraft(name=f"C{round_}", industry="Food"), at=now)
        industry = f"Machines {round_}"
        rule = SegmentRule(industry=(industry,))
        at_once(
            lambda name=industry, rule=rule: services.create_segment(SYSTEM, name=name, rule=rule, at=now),
            lambda pk=customer.pk, to=industry: services.update_customer(SYSTEM, pk, changes={"industry": to}, at=now),
        )
        customer.refresh_from_db()
        assert customer.phase == Phase.TARGET_MARKET
    assert findings() == {}


def test_the_last_of_a_release_is_used_once(owner, make_user, acme, now):
    services.place_hold(SYSTEM, acme.pk, reason="Unpaid", at=now)
    asked = services.request_release(
        owner, acme.pk, reason="Friday", until_on=now.date() + dt.timedelta(1), amount=Decimal(100), at=now
    )
    services.approve_release(SYSTEM, asked.pk, at=now)

    def deliver(number):
        def act():
            with transaction.atomic():
                subject = EvidenceSubject("contracts.delivery", number)
                return services.pass_delivery(
                    SYSTEM, acme.pk, amount=Money(Decimal(60), "CNY"), subject=subject, at=now
                )

        return act

    answers = at_once(*[deliver(number) for number in range(8)])
    assert answers.count("supply_on_hold") == 7
    assert ReleaseUse.objects.count() == 1
