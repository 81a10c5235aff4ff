"""What opportunities prove about their customers, whatever happens to them."""

from __future__ import annotations

import datetime as dt

import pytest

from loudou.core import checks
from loudou.customers import services as customers
from loudou.customers.choices import EvidenceKind, Phase
from loudou.customers.models import Customer, Evidence, PhaseChange, StandingEvidence
from loudou.customers.services import CustomerDraft
from loudou.pipeline.choices import State
from loudou.pipeline.errors import DateInFuture
from loudou.pipeline.models import LossReason, Opportunity
from loudou.pipeline.services import bulk, moves, opportunities
from loudou.pipeline.services.drafts import OpportunityDraft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "process")]


@pytest.fixture
def acme(owner, now):
    return customers.create_customer(owner, CustomerDraft(name="Acme"), at=now)


@pytest.fixture
def bolt(owner, now):
    return customers.create_customer(owner, CustomerDraft(name="Bolt"), at=now)


@pytest.fixture
def serious(owner, acme, now, today):
    """An open sale with stated intent, confirmed purchasing power and signing expected in a month."""
    draft = OpportunityDraft(
        "Press line",
        customer_id=acme.pk,
        visibility="explicit",
        budget_confirmed_on=today,
        expected_on=today + dt.timedelta(30),
    )
    return opportunities.create_opportunity(owner, draft=draft, at=now)


@pytest.fixture
def proven():
    names = ["pipeline.evidence", "customers.phase", "customers.phase_history", "customers.standing_evidence"]

    def run():
        checks.load()
        return {check.name: [one.record for one in found] for check, found in checks.run(names) if found}

    return run


def phase(customer):
    return Phase(Customer.objects.get(pk=customer.pk).phase)


def update(actor, deal, at, **changes):
    return opportunities.update_opportunity(actor, deal.pk, changes=changes, at=at)


def test_a_hidden_need_proves_nothing(owner, acme, now, proven):
    draft = OpportunityDraft("Press", customer_id=acme.pk, visibility="hidden", budget_confirmed_on=now.date())
    opportunities.create_opportunity(owner, draft=draft, at=now)
    assert (phase(acme), Evidence.objects.count(), proven()) == (Phase.OUTSIDE, 0, {})


def test_need_then_purchasing_power_then_a_near_date(owner, acme, now, today, proven):
    draft = OpportunityDraft("Press", customer_id=acme.pk, visibility="explicit", expected_on=today + dt.timedelta(91))
    deal = opportunities.create_opportunity(owner, draft=draft, at=now)
    assert phase(acme) == Phase.PROSPECT
    update(owner, deal, now, budget_confirmed_on=today)
    assert phase(acme) == Phase.PROSPECT
    update(owner, deal, now, expected_on=today + dt.timedelta(90))
    assert phase(acme) == Phase.TARGET
    update(owner, deal, now, budget_confirmed_on=None)
    assert phase(acme) == Phase.PROSPECT
    update(owner, deal, now, visibility="hidden")
    assert (phase(acme), proven()) == (Phase.OUTSIDE, {})


def test_changes_that_prove_nothing_new_record_nothing(owner, serious, now):
    before = Evidence.objects.count()
    update(owner, serious, now, notes="Met the engineer", amount=5)
    assert Evidence.objects.count() == before


def test_purchasing_power_cannot_be_confirmed_tomorrow(owner, acme, serious, now, today):
    with pytest.raises(DateInFuture):
        update(owner, serious, now, budget_confirmed_on=today + dt.timedelta(2))
    with pytest.raises(DateInFuture):
        draft = OpportunityDraft("X", customer_id=acme.pk, budget_confirmed_on=today + dt.timedelta(2))
        opportunities.create_opportunity(owner, draft=draft, at=now)
    assert Opportunity.objects.get().budget_confirmed_on == today


@pytest.mark.parametrize("end", ["lose", "drop", "hold", "bulk_drop"])
def test_what_ends_without_a_win_leaves_the_need(owner, acme, serious, now, end, proven):
    acts = {
        "lose": lambda: moves.lose_opportunity(
            owner, serious.pk, loss_reason_id=LossReason.objects.all()[0].pk, at=now
        ),
        "drop": lambda: moves.drop_opportunity(owner, serious.pk, at=now),
        "hold": lambda: moves.hold_opportunity(owner, serious.pk, at=now),
        "bulk_drop": lambda: bulk.drop_opportunities(owner, [serious.pk], at=now),
    }
    assert phase(acme) == Phase.TARGET
    acts[end]()
    assert (phase(acme), proven()) == (Phase.PROSPECT, {})
    if end == "hold":
        moves.resume_opportunity(owner, serious.pk, at=now)
    else:
        moves.reopen_opportunity(owner, serious.pk, at=now)
    assert (phase(acme), proven()) == (Phase.TARGET, {})


def test_a_win_keeps_the_customer_while_the_contract_is_on_its_way(owner, acme, serious, now, proven):
    moves.win_opportunity(owner, serious.pk, at=now)
    assert (phase(acme), proven()) == (Phase.TARGET, {})
    customers.follow_time(_system(), at=now + dt.timedelta(90))
    assert phase(acme) == Phase.TARGET
    customers.follow_time(_system(), at=now + dt.timedelta(91))
    assert phase(acme) == Phase.PROSPECT


def test_another_customer_takes_the_evidence_over(owner, acme, bolt, serious, now, proven):
    update(owner, serious, now, customer_id=bolt.pk)
    assert (phase(acme), phase(bolt), proven()) == (Phase.OUTSIDE, Phase.TARGET, {})
    update(owner, serious, now, customer_id=None)
    assert (phase(bolt), StandingEvidence.objects.count(), proven()) == (Phase.OUTSIDE, 0, {})


def test_another_owner_changes_nothing(manager, acme, colleague, serious, now):
    before = Evidence.objects.count()
    moves.assign_opportunity(manager, serious.pk, owner_id=colleague.pk, at=now)
    assert (phase(acme), Evidence.objects.count()) == (Phase.TARGET, before)


def test_bulk_acts_report_too(owner, acme, bolt, now, today, proven):
    drafts = [
        OpportunityDraft(f"S{n}", customer_id=customer.pk, budget_confirmed_on=today, expected_on=today)
        for n, customer in enumerate([acme, bolt, acme])
    ]
    ids = [outcome.row.pk for outcome in opportunities.create_opportunities(owner, drafts, at=now)]
    bulk.classify_opportunities(owner, ids, kinds={"visibility": "explicit"}, at=now)
    assert (phase(acme), phase(bolt)) == (Phase.TARGET, Phase.TARGET)
    bulk.redate_opportunities(owner, ids, shift_days=91, at=now)
    assert (phase(acme), phase(bolt), proven()) == (Phase.PROSPECT, Phase.PROSPECT, {})
    bulk.redate_opportunities(owner, ids[:1], expected_on=today, at=now)
    assert (phase(acme), phase(bolt), proven()) == (Phase.TARGET, Phase.PROSPECT, {})


def test_a_bulk_act_costs_a_constant_number_of_statements(owner, now, today, django_assert_max_num_queries):
    rows = customers.create_customers(owner, [CustomerDraft(name=f"C{n}") for n in range(30)], at=now)
    drafts = [OpportunityDraft(f"S{n}", customer_id=each.row.pk, expected_on=today) for n, each in enumerate(rows)]
    ids = [outcome.row.pk for outcome in opportunities.create_opportunities(owner, drafts, at=now)]
    with django_assert_max_num_queries(20):
        bulk.classify_opportunities(owner, ids, kinds={"visibility": "explicit"}, at=now)
    assert Customer.objects.filter(phase=Phase.PROSPECT).count() == 30


def test_a_clone_states_the_need_but_not_the_purchasing_power(owner, acme, serious, now):
    copy = opportunities.clone_opportunity(owner, serious.pk, at=now)
    assert (copy.visibility, copy.budget_confirmed_on) == ("explicit", None)
    assert StandingEvidence.objects.filter(subject_id=copy.pk).get().kind == EvidenceKind.NEED_VERIFIED


def test_a_sale_of_the_past_brings_its_history(owner, acme, now, today, proven):
    draft = OpportunityDraft(
        "Old press",
        customer_id=acme.pk,
        visibility="explicit",
        opened_on=dt.date(2025, 1, 10),
        budget_confirmed_on=dt.date(2025, 2, 1),
        expected_on=dt.date(2025, 6, 1),
        closed_on=dt.date(2025, 5, 20),
        state=State.LOST,
    )
    opportunities.create_opportunity(owner, draft=draft, at=now)
    steps = [(c.to_phase, c.at.date().isoformat()) for c in PhaseChange.objects.order_by("id")]
    assert steps == [
        (Phase.PROSPECT, "2025-01-10"),
        (Phase.TARGET, "2025-03-02"),  # ninety days before the expected signing, midnight in Shanghai
        (Phase.PROSPECT, "2025-05-20"),
    ]
    assert proven() == {}


def test_an_older_sale_that_comes_later_is_told_in_its_place(owner, acme, serious, now, today, proven):
    draft = OpportunityDraft(
        "Older", customer_id=acme.pk, visibility="explicit", opened_on=today - dt.timedelta(400), expected_on=None
    )
    opportunities.create_opportunity(owner, draft=draft, at=now)
    first = PhaseChange.objects.order_by("at", "id")[0]
    assert (first.to_phase, first.at.date()) == (Phase.PROSPECT, today - dt.timedelta(400))
    assert (phase(acme), proven()) == (Phase.TARGET, {})


def test_what_was_changed_behind_the_back_is_found(serious, proven):
    Opportunity.objects.filter(pk=serious.pk).update(visibility="hidden")
    assert proven() == {"pipeline.evidence": [f"pipeline.opportunity {serious.pk}"]}


def _system():
    from loudou.core.actors import SYSTEM

    return SYSTEM
