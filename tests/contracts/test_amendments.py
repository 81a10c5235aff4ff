"""Amendments: versions, not edits; what they change can be seen, and what was done cannot be agreed away."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from loudou.contracts.choices import DueBasis
from loudou.contracts.errors import (
    AmendmentChangesNothing,
    AmendmentOpen,
    AmendmentUndercuts,
    ContractNotEditable,
    ContractStateRefused,
    MainClausesMissing,
    NoAmendment,
)
from loudou.contracts.models import Contract, ContractAct, ContractVersion, Instalment, LineTerms, PaymentPlan
from loudou.contracts.papers import paper_of
from loudou.contracts.selectors.differences import plan_differences, version_differences
from loudou.contracts.services import amendments, deliveries, editing, life, plans
from loudou.contracts.services.clauses import set_clauses
from loudou.contracts.services.drafts import ClauseDraft, DeliveryDraft, DeliveryLineDraft, LineDraft
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.core.refusals import PermissionRefused
from loudou.customers.errors import ReasonMissing
from loudou.people.models import AuditEntry


@pytest.fixture
def amended(signed, owner, at):
    """A signed contract with an amendment in draft."""
    contract = signed()
    amendments.draft_amendment(owner, contract.pk, reason="The customer wants two more.", at=at)
    return Contract.objects.get(pk=contract.pk)


def versions(contract):
    return list(ContractVersion.objects.filter(contract=contract).order_by("sequence").values_list("state", "amount"))


def test_an_amendment_is_offered_and_accepted_and_then_binds(
    amended, owner, finance, as_drafts, lines_of, at, on, acts_of
):
    more = as_drafts(amended)
    editing.set_lines(
        owner, amended.pk, lines=[LineDraft(Decimal(12), Decimal(100), line_id=more[0].line_id, description="Press 200",
                                            tax_rate=Decimal("0.13")), more[1]],
    )  # fmt: skip
    amended.refresh_from_db()
    assert (amended.amount, lines_of(amended)[0].ordered) == (1500, 10), "nothing binds before it is accepted"
    amendments.offer_amendment(owner, amended.pk, act=on(-1), at=at)
    contract = amendments.accept_amendment(finance, amended.pk, act=on(party="customer"), at=at)
    contract.refresh_from_db()
    assert (contract.amount, contract.amount_base, contract.version_in_force.sequence) == (1700, 1700, 2)
    assert versions(contract) == [("superseded", 1500), ("in_force", 1700)]
    assert [(line.number, line.ordered, line.ordered_amount) for line in lines_of(contract)] == [
        (1, 12, 1200), (2, 1, 500),
    ]  # fmt: skip
    assert sum(row.amount for row in Instalment.objects.in_force()) == 1700
    assert acts_of(contract) == ["offered", "signed", "amendment", "amendment_offered", "amended"]
    assert LineTerms.objects.filter(version__sequence=1).order_by("position").first().quantity == 10


def test_the_difference_says_what_was_added_removed_and_changed(amended, owner, as_drafts):
    press, installation = as_drafts(amended)
    editing.set_lines(
        owner, amended.pk,
        lines=[
            LineDraft(Decimal(8), Decimal(95), line_id=press.line_id, product_id=press.product_id,
                      tax_rate=Decimal("0.13"), unit="set"),
            LineDraft(Decimal(1), Decimal(40), "Spare parts"),
        ],
    )  # fmt: skip
    editing.set_terms(owner, amended.pk, changes={"warranty_months": 24})
    first, second = ContractVersion.objects.order_by("sequence")
    given = [ClauseDraft(row.key, row.body, row.body_zh, row.title, row.title_zh, row.is_main)
             for row in second.clauses.all() if row.key != "force_majeure"]  # fmt: skip
    set_clauses(owner, amended.pk, clauses=[*given, ClauseDraft("confidentiality", "Keep it quiet.")])
    found = version_differences(first, ContractVersion.objects.get(pk=second.pk))
    assert [(row.change, row.label) for row in found.lines] == [
        ("changed", "Press 200"), ("removed", "Installation"), ("added", "Spare parts"),
    ]  # fmt: skip
    changed = {field.name: (field.old, field.new) for field in found.lines[0].fields}
    assert changed == {
        "quantity": (Decimal(10), Decimal(8)), "unit_price": (Decimal(100), Decimal(95)),
        "amount": (Decimal(1000), Decimal(760)),
    }  # fmt: skip
    assert {row.change: row.key for row in found.clauses} == {"removed": "force_majeure", "added": "confidentiality"}
    assert {field.name: (field.old, field.new) for field in found.terms}["warranty_months"] == (12, 24)
    assert installation.line_id == found.lines[1].line_id
    assert not version_differences(first, first)


def test_the_difference_says_what_becomes_of_the_payment_plan(amended, owner, finance, at, on):
    old, new = ContractVersion.objects.filter(contract=amended).order_by("sequence")
    assert plan_differences(old, new) == ()  # without a plan of its own it keeps the one before
    first = PaymentPlan.objects.get(contract=amended).instalments.order_by("position")
    lines = [
        InstalmentDraft(first[0].name, DueBasis.DELIVERY, amount=Decimal(1400), offset_days=45),
        InstalmentDraft("Retention", DueBasis.ACCEPTANCE, amount=Decimal(100), offset_months=12, is_retention=True),
    ]
    before = [(row.name, row.amount) for row in first]
    plans.draft_plan(owner, amended.pk, lines=lines)
    found = plan_differences(old, new)
    told = {(row.change, row.label): {each.name: (each.old, each.new) for each in row.fields} for row in found}
    assert told["changed", f"1. {before[0][0]}"]["amount"] == (before[0][1], Decimal(1400))
    assert told["changed", f"1. {before[0][0]}"]["offset_days"][1] == 45
    assert len(found) == max(len(before), 2)
    amendments.offer_amendment(owner, amended.pk, act=on(-1), at=at)
    amendments.accept_amendment(finance, amended.pk, act=on(party="customer"), at=at)
    again = {(row.change, row.label): {each.name: (each.old, each.new) for each in row.fields} for row in
             plan_differences(old, ContractVersion.objects.get(pk=new.pk))}  # fmt: skip
    assert again == told  # the same once it is in force and the old plan is replaced


def test_the_paper_of_an_amendment_says_what_it_amends_and_has_a_plan_without_one_of_its_own(amended, owner, as_drafts):
    press, installation = as_drafts(amended)
    version = ContractVersion.objects.get(contract=amended, sequence=2)
    first = paper_of(ContractVersion.objects.get(contract=amended, sequence=1), "en")
    paper = paper_of(version, "en")
    assert paper.amends.startswith("Version 2, amending what was signed on ")
    assert paper.plan == first.plan
    assert first.amends == ""
    editing.set_lines(owner, amended.pk, lines=[replace(press, quantity=press.quantity * 2), installation])
    paper = paper_of(ContractVersion.objects.get(pk=version.pk), "en")
    assert [part["name"] for part in paper.plan] == [part["name"] for part in first.plan]
    total = sum(Decimal(part["amount"].lstrip("CN¥").replace(",", "")) for part in paper.plan)
    assert total == ContractVersion.objects.get(pk=version.pk).amount


def test_what_was_delivered_cannot_be_agreed_away(amended, owner, finance, as_drafts, lines_of, at, on):
    press, installation = as_drafts(amended)
    fewer = LineDraft(Decimal(5), Decimal(100), line_id=press.line_id, product_id=press.product_id)
    editing.set_lines(owner, amended.pk, lines=[fewer, installation])
    amendments.offer_amendment(owner, amended.pk, act=on(), at=at)
    draft = DeliveryDraft(on().on, [DeliveryLineDraft(lines_of(amended)[0].pk, Decimal(6))])
    deliveries.post_delivery(finance, amended.pk, draft=draft, at=at)
    with pytest.raises(AmendmentUndercuts) as refused:
        amendments.accept_amendment(finance, amended.pk, act=on(), at=at)
    assert refused.value.facts == {
        "line": 1, "quantity": "5", "amount": "500.00", "delivered": "6", "delivered_amount": "600.00",
        "invoiced": "0.00",
    }  # fmt: skip
    assert versions(amended) == [("in_force", 1500), ("offered", 1000)]
    amendments.take_back_amendment(owner, amended.pk, act=on(), at=at)
    with pytest.raises(AmendmentUndercuts):
        editing.set_lines(owner, amended.pk, lines=[installation])
    enough = LineDraft(Decimal(6), Decimal(100), line_id=press.line_id, product_id=press.product_id)
    editing.set_lines(owner, amended.pk, lines=[enough])
    amendments.offer_amendment(owner, amended.pk, act=on(), at=at)
    contract = amendments.accept_amendment(finance, amended.pk, act=on(), at=at)
    contract.refresh_from_db()
    assert (contract.amount, contract.delivered_on) == (600, on().on)


def test_one_amendment_at_a_time_and_only_while_the_contract_runs(amended, owner, finance, administrator, at, on):
    with pytest.raises(AmendmentOpen):
        amendments.draft_amendment(owner, amended.pk, reason="Another", at=at)
    with pytest.raises(AmendmentOpen):
        life.terminate_contract(finance, amended.pk, act=on(note="Stop"), at=at)
    amendments.drop_amendment(owner, amended.pk, act=on(note="They changed their mind."), at=at)
    assert [state for state, _amount in versions(amended)] == ["in_force", "withdrawn"]
    with pytest.raises(ContractNotEditable):
        editing.set_terms(owner, amended.pk, changes={"warranty_months": 24})
    with pytest.raises(NoAmendment):
        amendments.offer_amendment(owner, amended.pk, act=on(), at=at)
    with pytest.raises(ReasonMissing):
        amendments.draft_amendment(owner, amended.pk, reason=" ", at=at)
    life.terminate_contract(finance, amended.pk, act=on(note="Stop"), at=at)
    with pytest.raises(ContractStateRefused):
        amendments.draft_amendment(owner, amended.pk, reason="Too late", at=at)


def test_an_amendment_that_changes_nothing_or_lacks_a_clause_is_refused(amended, owner, finance, at, on):
    with pytest.raises(AmendmentChangesNothing):
        amendments.offer_amendment(owner, amended.pk, act=on(), at=at)
    set_clauses(owner, amended.pk, clauses=[ClauseDraft("other", "All is as before.")])
    amendments.offer_amendment(owner, amended.pk, act=on(), at=at)
    with pytest.raises(MainClausesMissing):
        amendments.accept_amendment(finance, amended.pk, act=on(), at=at)
    assert Contract.objects.get(pk=amended.pk).version_in_force.sequence == 1


def test_a_rep_offers_but_does_not_sign_an_amendment(amended, owner, at, on):
    editing.set_terms(owner, amended.pk, changes={"warranty_months": 24})
    amendments.offer_amendment(owner, amended.pk, act=on(), at=at)
    before = (ContractAct.objects.count(), AuditEntry.objects.count())
    with pytest.raises(PermissionRefused):
        amendments.accept_amendment(owner, amended.pk, act=on(), at=at)
    assert (ContractAct.objects.count(), AuditEntry.objects.count()) == before
    assert versions(amended) == [("in_force", 1500), ("offered", 1500)]
