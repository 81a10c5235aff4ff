"""From the draft to the end: which act is possible when, what it leaves behind, and what a refusal leaves alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from loudou.contracts.choices import ContractState, VersionState
from loudou.contracts.errors import ContractStateRefused, MainClausesMissing, NothingAgreed, OfferLapsed
from loudou.contracts.models import Contract, ContractAct, ContractVersion
from loudou.contracts.services import editing, life
from loudou.contracts.services.clauses import set_clauses
from loudou.contracts.services.drafts import ClauseDraft
from loudou.core.refusals import NotVisible, PermissionRefused
from loudou.customers.errors import ReasonMissing
from loudou.customers.models import Evidence
from loudou.people.models import AuditEntry
from loudou.pipeline.errors import DateInFuture, DatesOutOfOrder
from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import OpportunityDraft


def test_a_contract_lives_from_draft_to_signature(drafted, owner, finance, customer, at, on, acts_of):
    contract = drafted()
    assert (contract.state, contract.number, contract.version_in_force) == ("draft", "", None)
    assert (contract.net_amount, contract.tax_amount, contract.amount) == (
        Decimal("1356.66"), Decimal("143.34"), Decimal("1500.00"),
    )  # fmt: skip

    contract = life.offer_contract(owner, contract.pk, act=on(person="Ann"), valid_until=on(30).on, at=at)
    assert (contract.state, contract.offered_on, contract.number) == ("offered", on().on, "")

    contract = life.sign_contract(finance, contract.pk, act=on(person="Mr Wang", party="customer"), at=at)
    assert (contract.state, contract.number, contract.signed_on) == ("signed", "HT2026-0001", on().on)
    assert contract.amount_base == Decimal("1500.00")
    version = contract.version_in_force
    assert (version.sequence, version.state, version.in_force_on) == (1, VersionState.IN_FORCE, on().on)
    assert version.parties["buyer"]["credit_code"] == "91420100MA4KL5XN3P"
    assert acts_of(contract) == ["offered", "signed"]
    act = ContractAct.objects.get(kind="signed")
    assert (act.person, act.party, act.actor) == ("Mr Wang", "customer", finance)
    evidence = Evidence.objects.get(customer=customer, kind="contract_signed")
    assert (evidence.kind, evidence.subject_id, evidence.holds) == ("contract_signed", contract.pk, True)
    assert [(line.number, line.ordered) for line in contract.lines.all()] == [(1, 10), (2, 1)]


def test_the_sale_takes_the_number_of_its_contract_unless_it_has_one(drafted, owner, finance, customer, at, on):
    numbers = []
    for given in ("", "C-7"):
        draft = OpportunityDraft("A sale", customer_id=customer.pk, contract_reference=given)
        sale = opportunities.create_opportunity(owner, draft=draft, at=at)
        contract = drafted(opportunity_id=sale.pk)
        life.offer_contract(owner, contract.pk, act=on(), at=at)
        contract = life.sign_contract(finance, contract.pk, act=on(), at=at)
        sale.refresh_from_db()
        numbers.append((contract.number, sale.contract_reference))
    assert numbers == [("HT2026-0001", "HT2026-0001"), ("HT2026-0002", "C-7")]


LIFE = {
    "offer": (life.offer_contract, {"draft"}),
    "take_back": (life.take_back_offer, {"offered"}),
    "counter": (life.answer_with_counter_offer, {"offered"}),
    "decline": (life.decline_contract, {"draft", "offered"}),
    "sign": (life.sign_contract, {"offered"}),
    "begin": (life.begin_performance, {"signed"}),
    "complete": (life.complete_contract, {"signed", "performing"}),
    "terminate": (life.terminate_contract, {"signed", "performing"}),
}
AFTER = {
    "offer": "offered", "take_back": "draft", "counter": "draft", "decline": "withdrawn", "sign": "signed",
    "begin": "performing", "complete": "completed", "terminate": "terminated",
}  # fmt: skip
WAY = {
    "draft": (), "offered": ("offer",), "signed": ("offer", "sign"), "performing": ("offer", "sign", "begin"),
    "completed": ("offer", "sign", "complete"), "terminated": ("offer", "sign", "terminate"),
    "withdrawn": ("decline",),
}  # fmt: skip


@pytest.mark.parametrize("state", WAY)
@pytest.mark.parametrize("verb", LIFE)
def test_every_act_in_every_state(verb, state, drafted, administrator, at, on):
    """The whole table: an act is possible in its states and nowhere else, and a refusal changes nothing."""
    contract = drafted(owner_id=administrator.pk, actor=administrator)
    for step in WAY[state]:
        LIFE[step][0](administrator, contract.pk, act=on(note="as agreed"), at=at)
    contract.refresh_from_db()
    assert contract.state == state
    acts, audits = ContractAct.objects.count(), AuditEntry.objects.count()
    run, possible = LIFE[verb]
    if state in possible:
        run(administrator, contract.pk, act=on(note="as agreed"), at=at)
        contract.refresh_from_db()
        assert contract.state == AFTER[verb]
        assert ContractAct.objects.count() == acts + 1
    else:
        with pytest.raises(ContractStateRefused):
            run(administrator, contract.pk, act=on(note="as agreed"), at=at)
        contract.refresh_from_db()
        assert (contract.state, ContractAct.objects.count(), AuditEntry.objects.count()) == (state, acts, audits)


@pytest.mark.parametrize(
    ("who", "verb", "expected"),
    [
        ("stranger", "offer", NotVisible),
        ("colleague", "offer", NotVisible),
        ("auditor", "offer", PermissionRefused),
        ("executive", "offer", PermissionRefused),
        ("owner", "sign", PermissionRefused),
        ("auditor", "terminate", PermissionRefused),
        ("owner", "terminate", PermissionRefused),
    ],
)
def test_who_may_not_changes_nothing(who, verb, expected, request, drafted, offered, signed, at, on):
    contract = {"offer": drafted, "sign": offered, "terminate": signed}[verb]()
    before = (contract.state, ContractAct.objects.count(), Evidence.objects.count(), AuditEntry.objects.count())
    actor = request.getfixturevalue(who)
    before = (*before[:3], AuditEntry.objects.count())
    with pytest.raises(expected):
        LIFE[verb][0](actor, contract.pk, act=on(note="as agreed"), at=at)
    fresh = Contract.objects.get(pk=contract.pk)
    assert (fresh.state, ContractAct.objects.count(), Evidence.objects.count(), AuditEntry.objects.count()) == before


def test_a_main_clause_that_is_missing_is_named_and_keeps_it_from_being_signed(drafted, owner, finance, at, on):
    contract = drafted(terms={"performance_place": "Wuhan"})
    set_clauses(
        owner,
        contract.pk,
        clauses=[
            ClauseDraft("parties", "{seller} and {buyer}"),
            ClauseDraft("subject", "{title}"),
            ClauseDraft("quantity", "As listed."),
            ClauseDraft("price", body_zh="总价{amount}。"),
            ClauseDraft("performance", "By {performance_until} in {performance_place}."),
        ],
    )
    life.offer_contract(owner, contract.pk, act=on(), at=at)
    with pytest.raises(MainClausesMissing) as refused:
        life.sign_contract(finance, contract.pk, act=on(), at=at)
    assert [(missing.key, len(missing.open_facts)) for missing in refused.value.missing_clauses] == [
        ("performance", 1), ("breach", 0),
    ]  # fmt: skip
    assert "performance until not filled in" in str(refused.value)
    assert Contract.objects.get(pk=contract.pk).state == ContractState.OFFERED

    life.take_back_offer(owner, contract.pk, act=on(), at=at)
    editing.set_terms(owner, contract.pk, changes={"performance_until": dt.date(2026, 9, 30)})
    version = ContractVersion.objects.get(contract=contract)
    given = [ClauseDraft(row.key, row.body, row.body_zh) for row in version.clauses.all()]
    set_clauses(owner, contract.pk, clauses=[*given, ClauseDraft("breach", "As the law says.")])
    life.offer_contract(owner, contract.pk, act=on(), at=at)
    assert life.sign_contract(finance, contract.pk, act=on(), at=at).state == ContractState.SIGNED


def test_an_empty_contract_is_not_offered(drafted, owner, at, on):
    contract = drafted(lines=())
    with pytest.raises(NothingAgreed):
        life.offer_contract(owner, contract.pk, act=on(), at=at)
    assert ContractVersion.objects.get(contract=contract).state == VersionState.DRAFT


def test_a_lapsed_offer_is_extended_before_it_is_accepted(drafted, owner, finance, at, on):
    contract = drafted(drafted_on=on(-30).on)
    life.offer_contract(owner, contract.pk, act=on(-20), valid_until=on(-5).on, at=at)
    with pytest.raises(OfferLapsed):
        life.sign_contract(finance, contract.pk, act=on(), at=at)
    editing.update_contract(owner, contract.pk, changes={"offer_valid_until": on().on})
    assert life.sign_contract(finance, contract.pk, act=on(), at=at).state == ContractState.SIGNED


def test_acts_come_in_the_order_of_their_days_and_never_tomorrow(offered, finance, at, on):
    contract = offered()
    with pytest.raises(DateInFuture):
        life.sign_contract(finance, contract.pk, act=on(1), at=at)
    with pytest.raises(DatesOutOfOrder):
        life.sign_contract(finance, contract.pk, act=on(-21), at=at)
    assert life.sign_contract(finance, contract.pk, act=on(-20), at=at).signed_on == on(-20).on


def test_termination_asks_why_and_ends_what_the_phase_counts(signed, finance, customer, at, on):
    contract = signed()
    with pytest.raises(ReasonMissing):
        life.terminate_contract(finance, contract.pk, act=on(note=" "), at=at)
    life.terminate_contract(
        finance, contract.pk, act=on(note="The project was stopped."), settlement="20 % are kept.", at=at
    )
    contract.refresh_from_db()
    assert (contract.state, contract.ended_on) == ("terminated", on().on)
    act = ContractAct.objects.get(kind="terminated")
    assert (act.note, act.settlement) == ("The project was stopped.", "20 % are kept.")
    told = Evidence.objects.filter(customer=customer, kind="contract_signed").order_by("id")
    assert list(told.values_list("holds", flat=True)) == [True, False]


def test_prices_of_a_counter_offer_are_taken_into_the_draft(offered, owner, as_drafts, at, on, acts_of):
    contract = offered()
    life.answer_with_counter_offer(owner, contract.pk, act=on(party="customer", note="They want 90."), at=at)
    editing.set_lines(owner, contract.pk, lines=as_drafts(contract, unit_price=Decimal(90)))
    contract.refresh_from_db()
    assert contract.amount == Decimal("990.00")
    life.offer_contract(owner, contract.pk, act=on(), at=at)
    assert acts_of(contract) == ["offered", "countered", "offered"]
