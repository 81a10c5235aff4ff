"""The payment days agreed with a customer are the term of payment of its plans."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.contracts.conftest import TERMS

from loudou.contracts.choices import ContractState, DueBasis
from loudou.contracts.models import Instalment, PlanTemplate
from loudou.contracts.services import drafting, due_dates, life, plan_templates, plans
from loudou.contracts.services.drafts import ActDraft, ContractDraft, LineDraft
from loudou.contracts.services.ledger_drafts import InstalmentDraft, PlanTemplateDraft, TemplateInstalmentDraft
from loudou.core.refusals import InvalidInput
from loudou.customers.models import CustomerRules

from .world import AT, day

ONE = Decimal(1)


@pytest.fixture
def draft(owner, customer):
    """A draft over 1,000 of the customer, which has 60 payment days."""
    customer.payment_days = 60
    customer.save()
    lines = [LineDraft(ONE, Decimal(1000), description="Machine")]
    facts = ContractDraft("Machine", customer.pk, lines=lines, drafted_on=day("01-05"), terms=TERMS)
    return drafting.draft_contract(owner, draft=facts, at=AT)


def days_later(contract):
    rows = Instalment.objects.filter(contract=contract).order_by("position")
    return [(row.basis, row.offset_days) for row in rows]


def test_an_instalment_without_days_waits_the_payment_days_after_delivery_acceptance_or_invoice(draft, owner):
    bases = [DueBasis.SIGNING, DueBasis.FIRST_DELIVERY, DueBasis.DELIVERY, DueBasis.ACCEPTANCE, DueBasis.INVOICE]
    lines = [InstalmentDraft(basis.value, basis, share=Decimal("0.2")) for basis in bases]
    plans.draft_plan(owner, draft.pk, lines=lines)
    assert days_later(draft) == [
        ("signing", 0), ("first_delivery", 60), ("delivery", 60), ("acceptance", 60), ("invoice", 60),
    ]  # fmt: skip


def test_days_that_are_given_months_and_retention_money_stay_as_they_are(draft, owner):
    lines = [
        InstalmentDraft("At once", DueBasis.DELIVERY, share=Decimal("0.3"), offset_days=0),
        InstalmentDraft("Ten days", DueBasis.INVOICE, share=Decimal("0.3"), offset_days=10),
        InstalmentDraft("A month", DueBasis.ACCEPTANCE, share=Decimal("0.3"), offset_months=1),
        InstalmentDraft("Retention", DueBasis.ACCEPTANCE, share=Decimal("0.1"), is_retention=True),
    ]
    plans.draft_plan(owner, draft.pk, lines=lines)
    assert [days for _basis, days in days_later(draft)] == [0, 10, 0, 0]


def test_a_template_gives_the_payment_days_where_it_says_so(draft, owner):
    template = PlanTemplate.objects.get(name="30 / 60 / 10 with retention")
    plans.draft_plan_from_template(owner, draft.pk, template_id=template.pk)
    assert days_later(draft) == [("signing", 0), ("delivery", 60), ("acceptance", 0)]
    fixed = PlanTemplate.objects.get(name="30 days after invoice")
    plans.draft_plan_from_template(owner, draft.pk, template_id=fixed.pk)
    assert days_later(draft) == [("invoice", 30)]


def test_what_is_offered_says_when_it_is_to_be_paid_and_signing_keeps_it(draft, owner, finance, customer, at):
    life.offer_contract(owner, draft.pk, act=ActDraft(day("01-06")), at=at)
    assert days_later(draft) == [("delivery", 60)]
    customer.payment_days = 90
    customer.save()
    signed = life.sign_contract(finance, draft.pk, act=ActDraft(day("01-10")), at=at)
    assert signed.state == ContractState.SIGNED
    signed.delivered_on = day("03-31")
    signed.save()
    due_dates.follow_events(owner, [signed.pk], at=at, cause="delivery")
    assert Instalment.objects.get(contract=signed).due_on == day("05-30")


def test_the_company_has_payment_days_for_customers_without_their_own(signed, customer):
    assert days_later(signed(1000)) == [("delivery", 30)]
    CustomerRules.objects.create(pk=1, payment_days=45)
    assert days_later(signed(1000)) == [("delivery", 45)]
    customer.payment_days = 0
    customer.save()
    assert days_later(signed(1000)) == [("delivery", 0)]


@pytest.mark.parametrize(
    "facts",
    [{"basis": DueBasis.SIGNING}, {"basis": DueBasis.DELIVERY, "offset_months": 1},
     {"basis": DueBasis.ACCEPTANCE, "is_retention": True}],
)  # fmt: skip
def test_a_template_cannot_ask_for_payment_days_where_there_are_none(administrator, facts):
    row = TemplateInstalmentDraft("Odd", ONE, on_terms=True, **facts)
    with pytest.raises(InvalidInput) as refused:
        plan_templates.create_plan_template(administrator, draft=PlanTemplateDraft("Odd", [row]))
    assert list(refused.value.errors) == ["instalments"]
    assert not PlanTemplate.objects.filter(name="Odd").exists()
