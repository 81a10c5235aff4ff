"""Whatever is reported in whatever order: what is stored equals what follows from scratch, said twice independently."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loudou.customers import services
from loudou.customers.choices import EvidenceKind, Phase
from loudou.customers.models import Customer, CustomerRules, Evidence
from loudou.customers.phase_history import Event, as_known, replay
from loudou.customers.phases import EvidenceSubject, PhasePolicy, Truth, derive, next_turn, phase_of
from loudou.customers.services import EvidenceDraft
from loudou.customers.services.recounting import recount

NOW = dt.datetime(2026, 6, 15, 8, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
SUBJECTS = {
    EvidenceKind.SEGMENT_MATCH: "customers.segment",
    EvidenceKind.NEED_VERIFIED: "pipeline.opportunity",
    EvidenceKind.INTENT: "pipeline.opportunity",
    EvidenceKind.CONTRACT_SIGNED: "contracts.contract",
    EvidenceKind.FIRST_INSTALMENT_RECEIVED: "contracts.contract",
    EvidenceKind.REFUNDED: "contracts.contract",
    EvidenceKind.INSTALMENT: "contracts.instalment",
}
offsets = st.integers(-160, 160)
policies = st.builds(
    PhasePolicy,
    horizon_days=st.sampled_from([1, 30, 90]),
    grace_days=st.sampled_from([0, 3, 30]),
    late_counts_days=st.sampled_from([None, 0, 40]),
)


@st.composite
def facts(draw):
    kind = draw(st.sampled_from(list(EvidenceKind)))
    due = settled = None
    if kind in (EvidenceKind.INTENT, EvidenceKind.INSTALMENT):
        due = draw(st.none() | offsets.map(lambda days: TODAY + dt.timedelta(days)))
    if kind in (EvidenceKind.INTENT, EvidenceKind.INSTALMENT) and draw(st.booleans()):
        settled = TODAY - dt.timedelta(draw(st.integers(0, 160)))
    subject = EvidenceSubject(SUBJECTS[kind], draw(st.integers(1, 2)), "x")
    return {"kind": kind, "subject": subject, "due_on": due, "settled_on": settled}


@st.composite
def reports(draw):
    """Facts with when they happened, and whether they hold: mostly in order, sometimes late."""
    fact = draw(facts())
    return fact | {"holds": draw(st.integers(0, 3)) > 0, "days_ago": draw(st.integers(0, 200))}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    batches=st.lists(st.tuples(st.booleans(), st.lists(reports(), min_size=1, max_size=5)), max_size=5),
    policy=policies,
    own_grace=st.none() | st.sampled_from([0, 10]),
)
@pytest.mark.django_db
@pytest.mark.usefixtures("frozen")
def test_any_sequence_of_evidence_leads_to_what_follows_from_scratch(batches, policy, own_grace, owner, acme, findings):
    with transaction.atomic():
        CustomerRules.objects.update_or_create(
            pk=1,
            defaults={
                "horizon_days": policy.horizon_days,
                "grace_days": policy.grace_days,
                "late_counts_days": policy.late_counts_days,
            },
        )
        Customer.objects.filter(pk=acme.pk).update(grace_days=own_grace)
        for brings_history, batch in batches:
            drafts = [
                EvidenceDraft(
                    customer_id=acme.pk,
                    at=NOW - dt.timedelta(days=report["days_ago"]),
                    **{name: value for name, value in report.items() if name != "days_ago"},
                )
                for report in batch
            ]
            services.record_all(owner, drafts, now=NOW, brings_history=brings_history)
        assert findings() == {}
        stored = Customer.objects.get(pk=acme.pk)
        assert stored.phase == _from_scratch(acme, _policy(policy, own_grace))
        recount([acme.pk], now=NOW)
        assert findings() == {}
        assert Customer.objects.get(pk=acme.pk).phase == stored.phase
        transaction.set_rollback(True)


def _policy(policy, own_grace):
    grace = policy.grace_days if own_grace is None else own_grace
    return PhasePolicy(policy.horizon_days, grace, policy.late_counts_days)


def _from_scratch(customer, policy):
    newest = {}
    for row in Evidence.objects.filter(customer=customer).order_by("id"):
        newest[row.kind, row.subject_model, row.subject_id] = row
    return phase_of([row.truth for row in newest.values() if row.holds], policy, on=TODAY)


@given(
    truths=st.lists(facts().map(lambda fact: Truth(at=NOW, **fact)), max_size=8),
    policy=policies,
    on=offsets.map(lambda days: TODAY + dt.timedelta(days)),
)
def test_a_phase_stays_until_its_next_turn_and_always_has_a_reason(truths, policy, on):
    derived = derive(truths, policy, on=on)
    assert derived.why and all(str(reason) for reason in (*derived.why, *derived.missing))
    assert bool(derived.missing) == (derived.phase != Phase.QUALIFIED)
    turn = next_turn(truths, policy, after=on)
    last = (turn - dt.timedelta(1)) if turn else on + dt.timedelta(400)
    assert phase_of(truths, policy, on=last) == derived.phase


@given(batch=st.lists(reports(), max_size=10), policy=policies)
def test_a_replay_ends_where_the_newest_evidence_leads(batch, policy):
    events = []
    for mark, report in enumerate(batch):
        at = NOW - dt.timedelta(days=report["days_ago"])
        truth = Truth(report["kind"], report["subject"], at, report["due_on"], report["settled_on"])
        events.append(Event(at, at.date(), truth, report["holds"], mark))
    steps = replay(as_known(events), policy, until=TODAY)
    newest = {event.key: event for event in events}
    held = [event.truth for event in newest.values() if event.holds]
    assert (steps[-1].phase if steps else Phase.OUTSIDE) == phase_of(held, policy, on=TODAY)
    days = [step.day for step in steps]
    assert days == sorted(days)
    assert all(one.phase != other.phase for one, other in pairwise(steps))
