"""Drafting: from nothing, from a sale, and as something that was signed before."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from loudou.catalog.models import Product
from loudou.contracts.choices import ContractKind
from loudou.contracts.errors import (
    AlreadyDrafted,
    ContractNotEditable,
    ContractOwnerRefused,
    CustomerMissing,
    LineOfOtherContract,
    OpportunityGone,
    PlaceholderUnknown,
)
from loudou.contracts.models import ClauseTemplate, Contract, ContractAct, ContractLine, Instalment, LineTerms
from loudou.contracts.services import drafting, editing, life
from loudou.contracts.services.clauses import restore_clauses, set_clauses
from loudou.contracts.services.drafts import ClauseDraft, ContractDraft, LineDraft, SignedPast
from loudou.core.models import ExchangeRate
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.customers.models import Customer, CustomerMember
from loudou.pipeline.errors import DatesOutOfOrder
from loudou.pipeline.services import moves, opportunities
from loudou.pipeline.services.drafts import LineDraft as SaleLine
from loudou.pipeline.services.drafts import OpportunityDraft


@pytest.fixture
def sale(owner, customer, product, at):
    """A sale of two products with discounts, in dollars."""
    ExchangeRate.objects.create(currency="USD", on=dt.date(2026, 1, 1), rate=Decimal("7.1"))
    other = Product.objects.create(name="Pump", unit="pc", list_price=Decimal("33.33"), currency="USD")
    draft = OpportunityDraft(
        "Three machines", customer_id=customer.pk, currency="USD",
        lines=[
            SaleLine(product.pk, Decimal(2), Decimal("1999.99"), Decimal("0.0750")),
            SaleLine(other.pk, Decimal("3.5"), Decimal("33.33")),
        ],
    )  # fmt: skip
    return opportunities.create_opportunity(owner, draft=draft, at=at)


def test_a_won_sale_becomes_a_draft_with_its_lines_discounts_and_currency(sale, owner, at):
    moves.win_opportunity(owner, sale.pk, at=at)
    contract = drafting.draft_contract_from_opportunity(owner, sale.pk, tax_rate=Decimal("0.13"), at=at)
    sale.refresh_from_db()
    assert (contract.opportunity, contract.customer, contract.owner) == (sale, sale.customer, owner)
    assert (contract.currency, contract.title, contract.tax_included) == ("USD", "Three machines", True)
    assert contract.amount == sale.amount == Decimal("3816.64")
    rows = LineTerms.objects.filter(version__contract=contract).order_by("position")
    assert [
        (row.description, row.unit, row.quantity, row.unit_price, row.discount_rate, row.list_price, row.amount)
        for row in rows
    ] == [
        ("Press 200", "set", Decimal(2), Decimal("1999.99"), Decimal("0.0750"), None, Decimal("3699.98")),
        ("Pump", "pc", Decimal("3.5"), Decimal("33.33"), Decimal(0), Decimal("33.33"), Decimal("116.66")),
    ]
    assert contract.versions.get().clauses.count() == 11


def test_a_sale_gives_one_contract_unless_another_is_asked_for(sale, owner, at):
    first = drafting.draft_contract_from_opportunity(owner, sale.pk, at=at)
    with pytest.raises(AlreadyDrafted) as refused:
        drafting.draft_contract_from_opportunity(owner, sale.pk, at=at)
    assert refused.value.contract == first
    assert Contract.objects.count() == 1
    assert drafting.draft_contract_from_opportunity(owner, sale.pk, another=True, at=at).pk != first.pk


def test_a_sale_with_a_plain_amount_becomes_one_line(owner, customer, at):
    draft = OpportunityDraft("Retrofit", customer_id=customer.pk, amount=Decimal(5000))
    sale = opportunities.create_opportunity(owner, draft=draft, at=at)
    contract = drafting.draft_contract_from_opportunity(owner, sale.pk, kind=ContractKind.PROJECT, at=at)
    row = LineTerms.objects.get(version__contract=contract)
    assert (row.description, row.quantity, row.amount) == ("Retrofit", 1, 5000)


def test_no_contract_comes_of_a_sale_without_customer_lost_or_out_of_sight(owner, stranger, finance, customer, at):
    nameless = opportunities.create_opportunity(owner, draft=OpportunityDraft("Nobody yet"), at=at)
    dropped = opportunities.create_opportunity(owner, draft=OpportunityDraft("Gone", customer_id=customer.pk), at=at)
    moves.drop_opportunity(owner, dropped.pk, at=at)
    for actor, sale, expected in (
        (owner, nameless, CustomerMissing),
        (owner, dropped, OpportunityGone),
        (stranger, nameless, NotVisible),
        (finance, nameless, NotVisible),
    ):
        with pytest.raises(expected):
            drafting.draft_contract_from_opportunity(actor, sale.pk, at=at)
    assert not Contract.objects.exists()


def test_a_foreign_customer_owner_or_contact_is_refused_at_its_field(owner, colleague, stranger, finance, customer, at):
    theirs = Customer.objects.create(name="Theirs", owner=stranger)
    with pytest.raises(InvalidInput) as refused:
        drafting.draft_contract(owner, draft=ContractDraft("X", theirs.pk), at=at)
    assert "customer" in refused.value.errors
    with pytest.raises(PermissionRefused):
        drafting.draft_contract(owner, draft=ContractDraft("X", customer.pk, owner_id=colleague.pk), at=at)
    with pytest.raises(InvalidInput) as refused:
        drafting.draft_contract(owner, draft=ContractDraft("X", customer.pk, contact_id=99), at=at)
    assert "contact" in refused.value.errors
    colleague.is_active = False
    colleague.save()
    with pytest.raises(ContractOwnerRefused):
        drafting.draft_contract(finance, draft=ContractDraft("X", customer.pk, owner_id=colleague.pk), at=at)
    assert not Contract.objects.exists()


def test_the_new_owner_sees_the_customer(finance, colleague, customer, at):
    drafting.draft_contract(finance, draft=ContractDraft("X", customer.pk, owner_id=colleague.pk), at=at)
    assert CustomerMember.objects.filter(customer=customer, user=colleague).exists()
    assert Customer.objects.visible_to(colleague).filter(pk=customer.pk).exists()


def test_whoever_works_on_the_customer_sees_the_contract(
    drafted, owner, colleague, stranger, manager, finance, executive, auditor, customer
):
    contract = drafted(actor=finance)
    sees = lambda user: Contract.objects.visible_to(user).filter(pk=contract.pk).exists()  # noqa: E731
    assert [sees(user) for user in (owner, manager, finance, executive, auditor)] == [True] * 5
    assert [sees(user) for user in (colleague, stranger)] == [False] * 2
    CustomerMember.objects.create(customer=customer, user=stranger)
    assert sees(type(stranger).objects.get(pk=stranger.pk))


def test_a_contract_of_the_past_is_brought_along_with_its_number_and_days(finance, owner, customer, two_lines, at, on):
    past = SignedPast(on(-400, person="Mr Wang"), completed=on(-100, note="As the old system says"))
    draft = ContractDraft(
        "Old presses", customer.pk, lines=two_lines, number="OLD-7", owner_id=owner.pk, clauses=(), past=past
    )
    with pytest.raises(PermissionRefused):
        drafting.draft_contract(owner, draft=draft, at=at)
    contract = drafting.draft_contract(finance, draft=draft, at=at)
    contract.refresh_from_db()
    assert (contract.number, contract.state, contract.signed_on, contract.ended_on) == (
        "OLD-7", "completed", on(-400).on, on(-100).on,
    )  # fmt: skip
    assert list(ContractAct.objects.order_by("id").values_list("kind", "on")) == [
        ("offered", on(-400).on), ("signed", on(-400).on), ("completed", on(-100).on),
    ]  # fmt: skip
    assert Instalment.objects.get().amount == 1500


def test_a_contract_of_the_past_may_say_when_it_was_drafted_and_offered(finance, customer, two_lines, at, on):
    facts = {"lines": two_lines, "clauses": (), "drafted_on": on(-410).on}
    past = SignedPast(on(-400), offered=on(-405))
    contract = drafting.draft_contract(finance, draft=ContractDraft("Old", customer.pk, past=past, **facts), at=at)
    assert (contract.drafted_on, contract.offered_on, contract.signed_on) == tuple(on(d).on for d in (-410, -405, -400))
    assert list(ContractAct.objects.order_by("id").values_list("kind", "on")) == [
        ("offered", on(-405).on), ("signed", on(-400).on),
    ]  # fmt: skip
    backwards = ContractDraft("Backwards", customer.pk, past=SignedPast(on(-400), offered=on(-399)), **facts)
    with pytest.raises(DatesOutOfOrder):
        drafting.draft_contract(finance, draft=backwards, at=at)
    assert not Contract.objects.filter(title="Backwards").exists()


def test_of_many_drafts_each_has_its_own_outcome(owner, customer, two_lines, at):
    drafts = [
        ContractDraft("One", customer.pk, lines=two_lines, number="A-1", external_id="x"),
        ContractDraft("Same number", customer.pk, lines=two_lines, number="A-1"),
        ContractDraft("Bad line", customer.pk, lines=[LineDraft(Decimal(-1), Decimal(1), "X")]),
        ContractDraft("", customer.pk),
        ContractDraft("Strange money", customer.pk, currency="XYZ"),
        ContractDraft("Two", customer.pk, lines=two_lines),
    ]
    outcomes = drafting.draft_contracts(owner, drafts, at=at)
    assert [outcome.row is not None for outcome in outcomes] == [True, False, False, False, False, True]
    assert [set(outcomes[place].refusal.errors) for place in (1, 2, 3)] == [{"number"}, {"lines"}, {"title"}]
    assert outcomes[4].refusal.code == "unknown_currency"
    assert set(Contract.objects.values_list("title", flat=True)) == {"One", "Two"}


def test_lines_keep_their_identity_when_a_draft_is_edited(drafted, owner, as_drafts):
    contract = drafted()
    press, installation = ContractLine.objects.order_by("number")
    kept = as_drafts(contract)[1]
    editing.set_lines(owner, contract.pk, lines=[kept, LineDraft(Decimal(3), Decimal(10), "Bolts")])
    assert ContractLine.objects.order_by("number").values_list("pk", "number")[0] == (installation.pk, 2)
    assert [(row.line.number, row.description) for row in LineTerms.objects.order_by("position")] == [
        (2, "Installation"), (3, "Bolts"),
    ]  # fmt: skip
    assert not ContractLine.objects.filter(pk=press.pk).exists()
    contract.refresh_from_db()
    assert contract.amount == Decimal("530.00")
    with pytest.raises(LineOfOtherContract):
        editing.set_lines(owner, contract.pk, lines=[LineDraft(Decimal(1), Decimal(1), "X", line_id=press.pk)])


def test_amounts_follow_the_currency_and_whether_prices_include_tax(drafted, owner):
    contract = drafted()
    contract = editing.update_contract(owner, contract.pk, changes={"tax_included": False})
    contract.refresh_from_db()
    assert (contract.net_amount, contract.tax_amount, contract.amount) == (1500, 160, 1660)
    editing.update_contract(owner, contract.pk, changes={"currency": "JPY"})
    contract.refresh_from_db()
    assert (contract.currency, contract.amount) == ("JPY", 1660)


def test_what_was_offered_is_not_edited_but_what_surrounds_it_is(offered, owner, as_drafts):
    contract = offered()
    lines = as_drafts(contract)
    for attempt in (
        lambda: editing.update_contract(owner, contract.pk, changes={"title": "Other"}),
        lambda: editing.set_lines(owner, contract.pk, lines=lines),
        lambda: editing.set_terms(owner, contract.pk, changes={"warranty_months": 24}),
        lambda: set_clauses(owner, contract.pk, clauses=[]),
        lambda: drafting.delete_draft(owner, contract.pk),
    ):
        with pytest.raises(ContractNotEditable):
            attempt()
    editing.update_contract(owner, contract.pk, changes={"customer_reference": "PO 77", "notes": "Call first."})
    contract.refresh_from_db()
    assert (contract.customer_reference, contract.title) == ("PO 77", "Two presses")


def test_a_stale_write_shows_what_is_there_now(drafted, owner):
    contract = drafted()
    editing.update_contract(owner, contract.pk, changes={"notes": "First"}, version=contract.version)
    with pytest.raises(StaleWrite) as refused:
        editing.update_contract(owner, contract.pk, changes={"notes": "Second"}, version=contract.version)
    assert refused.value.current.notes == "First"


def test_a_draft_that_was_never_offered_is_deleted_with_its_plan(drafted, owner, at, on):
    contract = drafted()
    drafting.delete_draft(owner, contract.pk)
    assert not Contract.objects.exists()
    contract = drafted()
    life.offer_contract(owner, contract.pk, act=on(), at=at)
    life.take_back_offer(owner, contract.pk, act=on(), at=at)
    with pytest.raises(ContractNotEditable):
        drafting.delete_draft(owner, contract.pk)


def test_clauses_use_known_names_only_and_can_be_restored(drafted, owner):
    contract = drafted()
    with pytest.raises(PlaceholderUnknown, match="colour"):
        set_clauses(owner, contract.pk, clauses=[ClauseDraft("other", "Painted {colour}.")])
    assert contract.versions.get().clauses.count() == 11
    set_clauses(owner, contract.pk, clauses=[ClauseDraft("other", "Short.")])
    assert contract.versions.get().clauses.count() == 1
    restore_clauses(owner, contract.pk)
    assert contract.versions.get().clauses.count() == ClauseTemplate.objects.filter(contract_kind="goods").count()
    with pytest.raises(InvalidInput) as refused:
        set_clauses(owner, contract.pk, clauses=[ClauseDraft("price", "A"), ClauseDraft("price", "B")])
    assert "clauses" in refused.value.errors
