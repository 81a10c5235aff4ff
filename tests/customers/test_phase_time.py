"""What days and rules do to phases, and telling a history anew."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction

from loudou.core import clock
from loudou.core.refusals import InvalidInput, PermissionRefused
from loudou.customers import selectors, services
from loudou.customers.choices import EvidenceKind, Phase, PhaseCause
from loudou.customers.models import Customer, Evidence, PhaseChange
from loudou.customers.phases import EvidenceSubject
from loudou.customers.services import EvidenceDraft
from loudou.customers.services.recounting import forget, recount
from loudou.customers.tasks import follow
from loudou.people.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

DEAL = EvidenceSubject("pipeline.opportunity", 7, "Press line")
CONTRACT = EvidenceSubject("contracts.contract", 3, "K-2026-003")
SECOND = EvidenceSubject("contracts.instalment", 32, "K-2026-003, instalment 2")
SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def day(month, number):
    return dt.date(2026, month, number)


def noon(month, number):
    return dt.datetime(2026, month, number, 12, tzinfo=SHANGHAI)


@pytest.fixture
def tell(owner, acme, now):
    def tell(kind, subject, *, holds=True, at=now, brings_history=False, **facts):
        draft = EvidenceDraft(customer_id=acme.pk, kind=kind, subject=subject, holds=holds, at=at, **facts)
        with transaction.atomic():
            services.record_all(owner, [draft], now=now, brings_history=brings_history)

    return tell


def history(acme):
    """Each change as (to, day, cause), oldest first."""
    rows = PhaseChange.objects.filter(customer=acme).order_by("id")
    return [(Phase(row.to_phase), row.at.astimezone(SHANGHAI).date(), PhaseCause(row.cause)) for row in rows]


def test_an_expectation_comes_within_the_horizon_and_passes(acme, tell, today, findings):
    tell(EvidenceKind.INTENT, DEAL, due_on=today + dt.timedelta(100))
    assert services.follow_time(_system(), at=noon(6, 24)) == 0
    assert services.follow_time(_system(), at=noon(6, 25)) == 1
    assert services.follow_time(_system(), at=noon(6, 25)) == 0
    assert services.follow_time(_system(), at=noon(9, 23)) == 0
    assert services.follow_time(_system(), at=noon(9, 24)) == 1
    assert history(acme) == [
        (Phase.TARGET, day(6, 25), PhaseCause.TIME),
        (Phase.OUTSIDE, day(9, 24), PhaseCause.TIME),
    ]


def test_an_instalment_is_missed_on_the_day_after_its_grace(acme, tell, today):
    tell(EvidenceKind.CONTRACT_SIGNED, CONTRACT)
    tell(EvidenceKind.FIRST_INSTALMENT_RECEIVED, CONTRACT)
    tell(EvidenceKind.INSTALMENT, SECOND, due_on=today)
    services.update_rules(_system(), changes={"grace_days": 2}, at=noon(6, 15))
    assert services.follow_time(_system(), at=noon(6, 17)) == 0
    # The task did not run for a week: the change is dated to the day on which it happened.
    assert services.follow_time(_system(), at=noon(6, 25)) == 1
    assert history(acme)[-1] == (Phase.SIGNED, day(6, 18), PhaseCause.TIME)


def test_evidence_that_comes_before_the_task_finds_what_time_did(acme, tell, today, frozen, owner):
    tell(EvidenceKind.NEED_VERIFIED, DEAL)
    tell(EvidenceKind.INTENT, DEAL, due_on=today)
    with transaction.atomic():
        services.record_evidence(
            owner, acme.pk, kind=EvidenceKind.SEGMENT_MATCH, subject=DEAL, holds=True, at=noon(6, 18), now=noon(6, 18)
        )
    assert history(acme) == [
        (Phase.PROSPECT, day(6, 15), PhaseCause.EVIDENCE),
        (Phase.TARGET, day(6, 15), PhaseCause.EVIDENCE),
        (Phase.PROSPECT, day(6, 16), PhaseCause.TIME),
    ]


def test_the_task_moves_what_is_due(acme, tell, today, frozen):
    tell(EvidenceKind.INTENT, DEAL, due_on=today)
    frozen.shift(dt.timedelta(days=2))
    follow(int(clock.now().timestamp()))
    acme.refresh_from_db()
    assert acme.phase == Phase.OUTSIDE


def test_changing_a_threshold_moves_phases_at_once(acme, tell, today, now, findings, make_user):
    operations = make_user("olga", Role.OPERATIONS)
    tell(EvidenceKind.INTENT, DEAL, due_on=today + dt.timedelta(100))
    services.update_rules(operations, changes={"horizon_days": 100}, at=now)
    acme.refresh_from_db()
    assert (acme.phase, acme.phase_since) == (Phase.TARGET, now)
    change = PhaseChange.objects.get()
    assert (change.cause, change.actor, change.evidence) == (PhaseCause.RULES, operations, None)
    assert findings() == {}


def test_a_customers_own_grace_moves_its_phase(acme, tell, today, now, make_user, findings):
    finance = make_user("fay", Role.FINANCE)
    tell(EvidenceKind.CONTRACT_SIGNED, CONTRACT)
    tell(EvidenceKind.FIRST_INSTALMENT_RECEIVED, CONTRACT)
    tell(EvidenceKind.INSTALMENT, SECOND, due_on=today - dt.timedelta(3))
    acme = services.set_policy(finance, acme.pk, changes={"grace_days": 3}, at=now)
    assert acme.phase == Phase.QUALIFIED
    assert findings() == {}


def test_figures_of_the_customer_come_before_those_of_the_company(acme, now, make_user):
    finance = make_user("fay", Role.FINANCE, Role.OPERATIONS)
    figures = {"max_discount_rate": Decimal("0.05"), "credit_limit": Decimal(50_000), "payment_days": 30}
    services.update_rules(finance, changes=figures, at=now)
    acme = services.set_policy(
        finance, acme.pk, changes={"credit_limit": Decimal("12.345"), "credit_currency": "usd"}, at=now
    )
    policy = selectors.policy_of(acme)
    assert (policy.max_discount_rate, policy.payment_days, policy.grace_days) == (Decimal("0.05"), 30, 0)
    assert (policy.credit_limit.amount, policy.credit_limit.currency) == (Decimal("12.35"), "USD")
    assert policy.own == {"credit_limit"}


def test_figures_must_make_sense_and_need_the_permission(acme, now, make_user, owner):
    finance = make_user("fay", Role.FINANCE)
    for wrong in ({"max_discount_rate": Decimal("1.5")}, {"credit_limit": Decimal(-1)}, {"payment_days": 9999}):
        with pytest.raises(InvalidInput):
            services.set_policy(finance, acme.pk, changes=wrong, at=now)
    with pytest.raises(PermissionRefused):
        services.set_policy(owner, acme.pk, changes={"payment_days": 1}, at=now)
    with pytest.raises(PermissionRefused):
        services.update_rules(finance, changes={"horizon_days": 1}, at=now)
    acme.refresh_from_db()
    assert (acme.max_discount_rate, acme.credit_limit, acme.payment_days, acme.version) == (None, None, None, 1)


def test_phases_can_be_renamed_in_both_languages(now, make_user):
    operations = make_user("olga", Role.OPERATIONS)
    names = {"signed": {"en": "Under contract", "zh-hans": "已签约"}, "target": {"en": "  "}}
    services.update_rules(operations, changes={"phase_names": names}, at=now)
    assert selectors.rules().phase_names == {"signed": {"en": "Under contract", "zh-hans": "已签约"}}
    assert selectors.phase_labels()[Phase.SIGNED] == "Under contract"
    assert selectors.phase_labels()[Phase.TARGET] == "Target customer"
    for wrong in ({"outside": {"en": "Nowhere"}}, {"signed": {"fr": "Signé"}}, {"signed": {"en": "x" * 41}}):
        with pytest.raises(InvalidInput):
            services.update_rules(operations, changes={"phase_names": wrong}, at=now)


def test_an_import_that_brings_the_past_tells_the_history_anew(acme, tell, findings):
    tell(EvidenceKind.NEED_VERIFIED, DEAL, at=noon(5, 1))
    tell(EvidenceKind.CONTRACT_SIGNED, CONTRACT, at=noon(2, 1), brings_history=True)
    tell(EvidenceKind.FIRST_INSTALMENT_RECEIVED, CONTRACT, at=noon(2, 10), brings_history=True)
    tell(EvidenceKind.INSTALMENT, SECOND, at=noon(2, 1), due_on=day(3, 1), brings_history=True)
    late = {"due_on": day(3, 1), "settled_on": day(4, 1)}
    tell(EvidenceKind.INSTALMENT, SECOND, at=noon(4, 1), **late, brings_history=True)
    assert history(acme) == [
        (Phase.TARGET, day(2, 1), PhaseCause.EVIDENCE),
        (Phase.QUALIFIED, day(2, 10), PhaseCause.EVIDENCE),
        (Phase.SIGNED, day(3, 2), PhaseCause.TIME),
    ]
    assert findings() == {}


def test_an_expectation_of_the_past_leads_in_and_out(acme, tell, owner, now, findings):
    drafts = [
        EvidenceDraft(customer_id=acme.pk, kind=EvidenceKind.INTENT, subject=DEAL, holds=holds, at=at, due_on=due)
        for holds, at, due in ((True, noon(1, 1), day(5, 1)), (False, noon(4, 20), None))
    ]
    with transaction.atomic():
        services.record_all(owner, drafts, now=now, brings_history=True)
    assert history(acme) == [
        (Phase.TARGET, day(1, 31), PhaseCause.TIME),
        (Phase.OUTSIDE, day(4, 20), PhaseCause.EVIDENCE),
    ]
    assert findings() == {}


def test_without_bringing_history_the_past_counts_from_now_on(acme, tell, now):
    tell(EvidenceKind.NEED_VERIFIED, DEAL)
    tell(EvidenceKind.CONTRACT_SIGNED, CONTRACT, at=noon(2, 1))
    tell(EvidenceKind.FIRST_INSTALMENT_RECEIVED, CONTRACT, at=noon(2, 10))
    assert [step for step, *_when in history(acme)] == [Phase.PROSPECT, Phase.TARGET, Phase.QUALIFIED]
    acme.refresh_from_db()
    assert acme.phase_since == now


def test_forgetting_records_takes_their_history_along(acme, tell, now, findings):
    tell(EvidenceKind.NEED_VERIFIED, DEAL, at=noon(5, 1))
    tell(EvidenceKind.CONTRACT_SIGNED, CONTRACT, at=noon(5, 2))
    tell(EvidenceKind.FIRST_INSTALMENT_RECEIVED, CONTRACT, at=noon(5, 3))
    with transaction.atomic():
        assert forget("contracts.contract", {CONTRACT.id: 0}, now=now) == 1
    assert history(acme) == [(Phase.PROSPECT, day(5, 1), PhaseCause.EVIDENCE)]
    assert Evidence.objects.count() == 1
    assert findings() == {}
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        Evidence.objects.all().delete()


def test_counting_anew_what_was_recorded_in_time_changes_nothing(acme, tell, now, findings):
    tell(EvidenceKind.NEED_VERIFIED, DEAL, at=noon(5, 1))
    tell(EvidenceKind.INTENT, DEAL, at=noon(5, 4), due_on=day(6, 30))
    before = history(acme)
    with transaction.atomic():
        recount([acme.pk], now=now)
    assert history(acme) == before
    assert findings() == {}


def _system():
    from loudou.core.actors import SYSTEM

    return SYSTEM


def test_phases_are_never_written_by_hand(acme, owner, now):
    with pytest.raises(InvalidInput):
        services.update_customer(owner, acme.pk, changes={"phase": Phase.QUALIFIED}, at=now)
    assert Customer.objects.get(pk=acme.pk).phase == Phase.OUTSIDE
