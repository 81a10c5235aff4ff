"""Payment plans add up, fall due by day or event, and give way to an amended plan without losing what was paid."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from loudou.contracts.choices import ContractState, DueBasis, PlanState
from loudou.contracts.errors import NotTerminated, PlanDoesNotAddUp, PlanNotEditable
from loudou.contracts.models import (
    Contract,
    ContractVersion,
    Instalment,
    PaymentPlan,
    PlanTemplate,
    Receipt,
)
from loudou.contracts.papers import paper_of
from loudou.contracts.services import due_dates, plans, plans_in_force
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.customers.models import StandingEvidence

from .world import amend, day, part, set_amounts

pytestmark = pytest.mark.django_db


def rows(contract):
    found = Instalment.objects.in_force().filter(contract=contract).order_by("position")
    return [(row.name, f"{row.amount:.2f}", row.due_on and f"{row.due_on:%m-%d}") for row in found]


@pytest.fixture
def draft(owner, customer):
    """A contract that is being drafted, over 999.99."""
    contract = Contract.objects.create(title="Draft", customer=customer, owner=owner, drafted_on=day("01-01"))
    version = ContractVersion(contract=contract, sequence=1)
    set_amounts(version, Decimal("884.95"), Decimal("999.99"))
    version.save()
    return contract


def test_shares_of_an_odd_total_add_up_to_the_cent(draft, owner):
    template = PlanTemplate.objects.get(name__startswith="30 / 60 / 10")
    plan = plans.draft_plan_from_template(owner, draft.pk, template_id=template.pk)
    found = plan.instalments.order_by("position")
    assert [(row.name, row.amount, row.is_retention) for row in found] == [
        ("Deposit", Decimal("300.00"), False),
        ("Payment on delivery", Decimal("599.99"), False),
        ("Retention money", Decimal("100.00"), True),
    ]
    assert sum(row.amount for row in found) == Decimal("999.99")


def test_a_monthly_plan_spreads_the_odd_cents(draft, owner):
    plan = plans.draft_monthly_plan(owner, draft.pk, months=7, first_on=day("01-31"))
    found = list(plan.instalments.order_by("position"))
    assert [f"{row.amount:.2f}" for row in found] == [
        "142.86", "142.85", "142.86", "142.85", "142.86", "142.85", "142.86",
    ]  # fmt: skip
    assert [f"{row.fixed_on:%m-%d}" for row in found] == [
        "01-31", "02-28", "03-31", "04-30", "05-31", "06-30", "07-31",
    ]  # fmt: skip
    with pytest.raises(InvalidInput):
        plans.draft_monthly_plan(owner, draft.pk, months=0, first_on=day("01-31"))


def test_amounts_that_do_not_add_up_are_refused_with_the_difference(draft, owner):
    with pytest.raises(PlanDoesNotAddUp) as refused:
        plans.draft_plan(owner, draft.pk, lines=[part(400), part(600)])
    assert refused.value.facts["difference"] == "0.01"
    with pytest.raises(PlanDoesNotAddUp):
        share = [InstalmentDraft("All", DueBasis.SIGNING, share=Decimal("1.1"))]
        plans.draft_plan(owner, draft.pk, lines=share)
    assert not Instalment.objects.exists()


def test_shares_follow_the_total_and_amounts_by_hand_do_not(draft, owner):
    template = PlanTemplate.objects.get(name__startswith="30 / 60 / 10")
    plan = plans.draft_plan_from_template(owner, draft.pk, template_id=template.pk)
    version = draft.versions.get()
    set_amounts(version, Decimal(900), Decimal(1000))
    version.save()
    plans_in_force.fit_draft(draft)
    assert [row.amount for row in plan.instalments.order_by("position")] == [300, 600, 100]
    plans.draft_plan(owner, draft.pk, lines=[part(1000)])
    set_amounts(version, Decimal(900), Decimal(1001))
    version.save()
    with pytest.raises(PlanDoesNotAddUp):
        plans_in_force.check_draft_adds_up(draft, version)


def test_what_was_offered_is_not_edited_and_foreign_contracts_are_not_seen(draft, owner, stranger, signed):
    with pytest.raises(NotVisible):
        plans.draft_plan(stranger, draft.pk, lines=[part("999.99")])
    with pytest.raises(PlanNotEditable):
        plans.draft_plan(owner, signed(100).pk, lines=[part(100)])
    with pytest.raises(InvalidInput):
        plans.draft_plan(owner, draft.pk, lines=[InstalmentDraft("No day", DueBasis.DATE, amount=Decimal("999.99"))])


def test_without_a_plan_of_its_own_a_contract_gets_the_default_template(signed):
    contract = signed(1000)
    assert rows(contract) == [("Payment", "1000.00", None)]
    assert Instalment.objects.get(contract=contract).offset_days == 30


def test_events_set_and_take_back_the_due_day(signed, at, owner):
    lines = [
        InstalmentDraft("Deposit", DueBasis.SIGNING, share=Decimal("0.3"), offset_days=7),
        InstalmentDraft("Delivery", DueBasis.DELIVERY, share=Decimal("0.6")),
        InstalmentDraft("Retention", DueBasis.ACCEPTANCE, share=Decimal("0.1"), offset_months=12, is_retention=True),
    ]
    contract = signed(1000, plan=lines)
    assert rows(contract) == [
        ("Deposit", "300.00", "01-17"), ("Delivery", "600.00", None), ("Retention", "100.00", None),
    ]  # fmt: skip
    contract.delivered_on, contract.accepted_on = day("03-31"), day("04-30")
    contract.save()
    moved = due_dates.follow_events(owner, [contract.pk], at=at, cause="delivery")
    assert [row.name for row in moved] == ["Delivery", "Retention"]
    assert rows(contract)[1:] == [("Delivery", "600.00", "03-31"), ("Retention", "100.00", "04-30")]
    assert Instalment.objects.get(contract=contract, position=3).due_on.year == 2027
    contract.accepted_on = None
    contract.save()
    due_dates.follow_events(owner, [contract.pk], at=at, cause="delivery")
    assert rows(contract)[2] == ("Retention", "100.00", None)
    assert due_dates.follow_events(owner, [contract.pk], at=at, cause="delivery") == []


def test_an_amended_plan_keeps_what_was_paid(signed, receive, shares, at, findings):
    contract = signed(1000, plan=[part(300, "02-01"), part(700, "05-01")])
    receive(300, "01-31")
    receive(200, "05-02")
    amend(contract, 1200, at, plan=[part(400, "02-01"), part(800, "07-01")])
    assert shares(contract) == [("400.00", "400.00"), ("100.00", "100.00")]
    old, new = PaymentPlan.objects.order_by("pk")
    assert (old.state, old.replaced_on, new.state, new.replaces) == (
        PlanState.REPLACED, day("06-15"), PlanState.IN_FORCE, old,
    )  # fmt: skip
    assert list(old.instalments.values_list("allocated", flat=True)) == [0, 0]
    held = StandingEvidence.objects.filter(kind="instalment").order_by("subject_id")
    assert [row.settled_on for row in held] == [day("05-02"), None]
    assert findings() == []


def test_an_amendment_to_less_than_was_paid_leaves_an_advance(signed, receive, shares, at, findings):
    contract = signed(1000, plan=[part(1000, "02-01")])
    receipt = receive(1000)
    amend(contract, 600, at)
    assert shares(contract) == [("600.00", "600.00")]
    receipt.refresh_from_db()
    assert receipt.available == 400
    assert findings() == []


def test_an_advance_that_names_the_contract_is_allocated_when_it_is_signed(receive, signed, shares, draft):
    named = receive(100, contract_id=draft.pk)
    nobodys = receive(50)
    contract = signed(1000, plan=[part(1000, "02-01")])
    assert shares(contract) == [("0.00", "0.00")]
    for receipt in (named, nobodys):
        receipt.refresh_from_db()
        assert receipt.available == receipt.amount


def test_a_terminated_contract_may_be_paid_less(signed, receive, shares, finance, at, findings):
    contract = signed(1000, plan=[part(500, "02-01"), part(500, "05-01")])
    receipt = receive(600)
    with pytest.raises(NotTerminated):
        plans.settle_termination(finance, contract.pk, lines=[part(400)], at=at)
    contract.state, contract.ended_on = ContractState.TERMINATED, day("06-01")
    contract.save()
    with pytest.raises(PlanDoesNotAddUp):
        plans.settle_termination(finance, contract.pk, lines=[part(1001)], at=at)
    plans.settle_termination(finance, contract.pk, lines=[part(400, "02-01")], at=at)
    assert shares(contract) == [("400.00", "400.00")]
    assert Receipt.objects.get(pk=receipt.pk).available == 200
    assert findings() == []


def now():
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_nothing_joins_leaves_or_changes_a_plan_in_force(signed):
    contract = signed(1000, plan=[part(400, "02-01"), part(600, "05-01")])
    plan = PaymentPlan.objects.get(contract=contract)
    first = plan.instalments.get(position=1)
    more = Instalment(
        plan=plan, contract=contract, customer_id=contract.customer_id, position=3, name="More", basis="signing",
        currency="CNY", amount=1, booked_on=day("02-01"), booked_rate=1, booked_base=1,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="instalments of a plan in force add up"), transaction.atomic():
        more.save()
        now()
    for change in ({"amount": 401}, {"name": "Other"}, {"plan_id": plan.pk + 1}, {"customer_id": 0}):
        with pytest.raises(IntegrityError, match="a posted instalment is never changed"), transaction.atomic():
            Instalment.objects.filter(pk=first.pk).update(**change)
    for change in ({"allocated": 1}, {"cash": 1}, {"is_in_force": False}):
        with pytest.raises(IntegrityError, match="balances of instalments follow"), transaction.atomic():
            Instalment.objects.filter(pk=first.pk).update(**change)
    with pytest.raises(IntegrityError, match="a posted instalment is never changed"), transaction.atomic():
        Instalment.objects.filter(pk=first.pk).delete()
    with pytest.raises(IntegrityError, match="a plan in force is not edited"), transaction.atomic():
        PaymentPlan.objects.filter(pk=plan.pk).update(total=1)
    with pytest.raises(IntegrityError, match="drafted, put in force, and replaced"), transaction.atomic():
        PaymentPlan.objects.filter(pk=plan.pk).update(state="draft")
    assert rows(contract) == [("Part", "400.00", "02-01"), ("Part", "600.00", "05-01")]


def test_a_plan_that_is_not_the_contract_does_not_come_in_force(draft, owner, signed):
    plan = plans.draft_plan(owner, draft.pk, lines=[part("999.99")])
    Instalment.objects.filter(plan=plan).update(booked_on=day("02-01"), booked_rate=1, booked_base=1)
    with pytest.raises(IntegrityError, match="the plan in force adds up to the amount"), transaction.atomic():
        PaymentPlan.objects.filter(pk=plan.pk).update(state="in_force", in_force_on=day("02-01"))
        now()
    assert PaymentPlan.objects.get(pk=plan.pk).state == PlanState.DRAFT


def test_instalments_of_a_template_are_named_in_the_readers_language_whoever_made_them(draft, owner):
    template = PlanTemplate.objects.get(name__startswith="30 / 60 / 10")
    with translation.override("zh-hans"):
        plan = plans.draft_plan_from_template(owner, draft.pk, template_id=template.pk)
        assert [row.label for row in plan.instalments.order_by("position")] == ["预付款", "到货款", "质保金"]
    with translation.override("en"):
        assert [str(row) for row in plan.instalments.order_by("position")] == [
            "1. Deposit",
            "2. Payment on delivery",
            "3. Retention money",
        ]


def test_a_monthly_plan_is_named_in_both_languages(draft, owner):
    for language in ("zh-hans", "en"):
        with translation.override(language):
            plan = plans.draft_monthly_plan(owner, draft.pk, months=2, first_on=day("01-31"))
        names = [(row.name, row.name_zh) for row in plan.instalments.order_by("position")]
        assert names == [("Month 1", "第 1 个月"), ("Month 2", "第 2 个月")]


def test_a_paper_names_instalments_in_its_own_language(draft, owner):
    template = PlanTemplate.objects.get(name__startswith="30 / 60 / 10")
    with translation.override("en"):
        plans.draft_plan_from_template(owner, draft.pk, template_id=template.pk)
    version = draft.versions.get()
    assert [part["name"] for part in paper_of(version, "zh-hans").plan] == ["预付款", "到货款", "质保金"]
    assert paper_of(version, "en").plan[0]["name"] == "Deposit"
