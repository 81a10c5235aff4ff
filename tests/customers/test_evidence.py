"""Evidence in, phase out: what follows from what, in the transaction that records it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from loudou.customers import services
from loudou.customers.choices import EvidenceKind, Phase, PhaseCause
from loudou.customers.models import Customer, CustomerRules, Evidence, PhaseChange, StandingEvidence
from loudou.customers.phases import EvidenceSubject
from loudou.customers.services import CustomerDraft, EvidenceDraft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

SEGMENT = EvidenceSubject("customers.segment", 1, "Mid-size makers")
DEAL = EvidenceSubject("pipeline.opportunity", 7, "Press line")
CONTRACT = EvidenceSubject("contracts.contract", 3, "K-2026-003")
FIRST = EvidenceSubject("contracts.instalment", 31, "K-2026-003, instalment 1")
SECOND = EvidenceSubject("contracts.instalment", 32, "K-2026-003, instalment 2")


def day(text):
    return dt.date.fromisoformat(text)


@pytest.fixture
def tell(owner, acme, now):
    """Record one piece of evidence about Acme; returns its phase afterwards."""

    def tell(kind, subject, *, holds=True, at=now, **facts):
        with transaction.atomic():
            services.record_evidence(owner, acme.pk, kind=kind, subject=subject, holds=holds, at=at, now=now, **facts)
        acme.refresh_from_db()
        return Phase(acme.phase)

    return tell


def test_a_customer_without_evidence_is_outside_the_funnel(acme):
    assert (acme.phase, acme.phase_since, PhaseChange.objects.count()) == (Phase.OUTSIDE, None, 0)


def test_evidence_leads_through_the_five_phases_and_back(acme, tell, now, findings):
    today = now.date()
    assert tell(EvidenceKind.SEGMENT_MATCH, SEGMENT) == Phase.TARGET_MARKET
    assert tell(EvidenceKind.NEED_VERIFIED, DEAL) == Phase.PROSPECT
    assert tell(EvidenceKind.INTENT, DEAL, due_on=today + dt.timedelta(90)) == Phase.TARGET
    assert tell(EvidenceKind.CONTRACT_SIGNED, CONTRACT) == Phase.TARGET
    assert tell(EvidenceKind.INSTALMENT, FIRST, due_on=today - dt.timedelta(2)) == Phase.TARGET
    assert tell(EvidenceKind.FIRST_INSTALMENT_RECEIVED, CONTRACT) == Phase.SIGNED
    assert tell(EvidenceKind.INSTALMENT, FIRST, due_on=today - dt.timedelta(2), settled_on=today) == Phase.SIGNED
    settled = {"due_on": today, "settled_on": today}
    assert tell(EvidenceKind.INSTALMENT, FIRST, **settled) == Phase.QUALIFIED
    assert tell(EvidenceKind.REFUNDED, CONTRACT) == Phase.TARGET
    assert tell(EvidenceKind.INTENT, DEAL, holds=False) == Phase.PROSPECT
    assert tell(EvidenceKind.NEED_VERIFIED, DEAL, holds=False) == Phase.TARGET_MARKET
    assert tell(EvidenceKind.SEGMENT_MATCH, SEGMENT, holds=False) == Phase.OUTSIDE
    steps = list(PhaseChange.objects.order_by("id").values_list("from_phase", "to_phase"))
    assert steps == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 3), (3, 2), (2, 1), (1, 0)]
    assert findings() == {}


def test_signing_expected_beyond_the_horizon_is_no_intent_yet(tell, today):
    assert tell(EvidenceKind.INTENT, DEAL, due_on=today + dt.timedelta(91)) == Phase.OUTSIDE


def test_an_expected_day_that_has_passed_is_no_intent_any_more(tell, today):
    assert tell(EvidenceKind.INTENT, DEAL, due_on=today - dt.timedelta(1)) == Phase.OUTSIDE


def test_a_signature_without_money_does_not_sign(tell):
    assert tell(EvidenceKind.CONTRACT_SIGNED, CONTRACT) == Phase.TARGET


def test_a_won_sale_counts_for_the_horizon_while_the_contract_is_on_its_way(tell, today):
    won = {"due_on": today - dt.timedelta(200), "settled_on": today - dt.timedelta(90)}
    assert tell(EvidenceKind.INTENT, DEAL, **won) == Phase.TARGET
    won["settled_on"] -= dt.timedelta(1)
    assert tell(EvidenceKind.INTENT, DEAL, **won) == Phase.OUTSIDE


def test_money_for_another_contract_does_not_sign(tell):
    tell(EvidenceKind.CONTRACT_SIGNED, CONTRACT)
    other = EvidenceSubject("contracts.contract", 4, "K-2026-004")
    assert tell(EvidenceKind.FIRST_INSTALMENT_RECEIVED, other) == Phase.TARGET


def test_the_grace_of_the_company_and_of_the_customer_count(acme, tell, today, findings):
    CustomerRules.objects.create(pk=1, grace_days=5)
    tell(EvidenceKind.CONTRACT_SIGNED, CONTRACT)
    tell(EvidenceKind.FIRST_INSTALMENT_RECEIVED, CONTRACT)
    assert tell(EvidenceKind.INSTALMENT, SECOND, due_on=today - dt.timedelta(5)) == Phase.QUALIFIED
    assert tell(EvidenceKind.INSTALMENT, SECOND, due_on=today - dt.timedelta(6)) == Phase.SIGNED
    Customer.objects.filter(pk=acme.pk).update(grace_days=6)
    assert tell(EvidenceKind.INSTALMENT, FIRST, due_on=today) == Phase.QUALIFIED
    assert findings() == {}


def test_a_late_payment_counts_for_as_long_as_the_rules_say(tell, today, findings):
    CustomerRules.objects.create(pk=1, late_counts_days=30)
    tell(EvidenceKind.CONTRACT_SIGNED, CONTRACT)
    tell(EvidenceKind.FIRST_INSTALMENT_RECEIVED, CONTRACT)
    came = {"due_on": today - dt.timedelta(31), "settled_on": today - dt.timedelta(30)}
    assert tell(EvidenceKind.INSTALMENT, FIRST, **came) == Phase.SIGNED
    came = {"due_on": today - dt.timedelta(32), "settled_on": today - dt.timedelta(31)}
    assert tell(EvidenceKind.INSTALMENT, FIRST, **came) == Phase.QUALIFIED
    assert findings() == {}


def test_the_history_names_time_actor_and_the_evidence(acme, tell, owner, now):
    earlier = now - dt.timedelta(days=3)
    tell(EvidenceKind.NEED_VERIFIED, DEAL, at=earlier, cause="Visit on site", facts={"how": "visit", "on": now.date()})
    change = PhaseChange.objects.get()
    assert (change.at, change.actor, change.cause) == (earlier, owner, PhaseCause.EVIDENCE)
    assert (change.evidence.subject, change.evidence.cause) == (DEAL, "Visit on site")
    assert change.evidence.facts == {"how": "visit", "on": "2026-06-15"}
    assert acme.phase_since == earlier


def test_the_history_never_runs_backwards(tell, now):
    tell(EvidenceKind.SEGMENT_MATCH, SEGMENT)
    tell(EvidenceKind.NEED_VERIFIED, DEAL, at=now - dt.timedelta(days=9))
    assert list(PhaseChange.objects.order_by("id").values_list("at", flat=True)) == [now, now]
    assert Evidence.objects.get(kind=EvidenceKind.NEED_VERIFIED).at == now - dt.timedelta(days=9)


def test_reporting_twice_is_once(tell):
    tell(EvidenceKind.NEED_VERIFIED, DEAL)
    tell(EvidenceKind.NEED_VERIFIED, DEAL)
    tell(EvidenceKind.SEGMENT_MATCH, SEGMENT, holds=False)
    assert (Evidence.objects.count(), StandingEvidence.objects.count(), PhaseChange.objects.count()) == (1, 1, 1)


def test_everything_at_one_moment_is_one_change(owner, acme, now, findings):
    today = now.date()
    drafts = [
        EvidenceDraft(customer_id=acme.pk, kind=kind, subject=subject, holds=True, at=now, **facts)
        for kind, subject, facts in (
            (EvidenceKind.CONTRACT_SIGNED, CONTRACT, {}),
            (EvidenceKind.FIRST_INSTALMENT_RECEIVED, CONTRACT, {}),
            (EvidenceKind.INSTALMENT, FIRST, {"due_on": today - dt.timedelta(1), "settled_on": today}),
        )
    ]
    with transaction.atomic():
        changes = services.record_all(owner, drafts, now=now)
    assert [(change.from_phase, change.to_phase) for change in changes] == [(Phase.OUTSIDE, Phase.SIGNED)]
    assert findings() == {}


def test_a_batch_costs_a_constant_number_of_statements(owner, now):
    rows = services.create_customers(owner, [CustomerDraft(name=f"C{n}") for n in range(40)], at=now)
    drafts = [
        EvidenceDraft(customer_id=each.row.pk, kind=EvidenceKind.NEED_VERIFIED, subject=DEAL, holds=True, at=now)
        for each in rows
    ]
    with transaction.atomic():
        services.record_all(owner, drafts[:1], now=now)
        with CaptureQueriesContext(connection) as few:
            services.record_all(owner, drafts[1:3], now=now)
        with CaptureQueriesContext(connection) as many:
            services.record_all(owner, drafts[3:], now=now)
        assert len(many) <= len(few) <= 9
    assert Customer.objects.filter(phase=Phase.PROSPECT).count() == 40


@pytest.mark.parametrize("model", [Evidence, PhaseChange])
def test_history_can_be_neither_changed_nor_deleted(tell, model):
    tell(EvidenceKind.NEED_VERIFIED, DEAL)
    for act in (lambda: model.objects.update(customer=None), lambda: model.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
            act()
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")
    assert model.objects.count() == 1


def test_what_was_written_behind_the_back_is_found(acme, tell, findings):
    tell(EvidenceKind.NEED_VERIFIED, DEAL)
    Customer.objects.filter(pk=acme.pk).update(phase=Phase.QUALIFIED)
    StandingEvidence.objects.all().delete()
    record = [f"customers.customer {acme.pk}"]
    assert findings() == {
        "customers.phase": record,
        "customers.phase_history": record,
        "customers.standing_evidence": record,
    }
