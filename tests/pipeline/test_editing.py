"""Changing opportunities: fields, lines, team, contacts, competitors, stars, next step, clones."""

import datetime as dt
from decimal import Decimal

import pytest

from loudou.core.money import UnknownCurrency
from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.customers.models import Contact, Customer
from loudou.people.models import AuditEntry
from loudou.pipeline.errors import AlreadyClosed, AmountComesFromLines, CannotSell, DateInFuture, SplitTooLarge
from loudou.pipeline.models import Opportunity, StageChange, Star
from loudou.pipeline.services import moves, opportunities
from loudou.pipeline.services.drafts import LineDraft, MemberDraft

LATER = dt.datetime(2026, 6, 20, 8, 0, tzinfo=dt.UTC)


def change(actor, row, version=None, **changes):
    return opportunities.update_opportunity(actor, row.pk, changes=changes, version=version, at=LATER)


def test_a_plain_field_changes_without_history(deal, owner, kinds, findings):
    row = change(owner, deal, notes="Call on Monday", source="Fair")
    assert (row.notes, row.source, row.version) == ("Call on Monday", "Fair", 2)
    assert kinds(row) == ["created"]
    assert findings() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Decimal(5)},
        {"amount": None},
        {"expected_on": dt.date(2026, 9, 1)},
        {"probability": Decimal("0.3")},
        {"currency": "USD"},
    ],
)
def test_what_figures_rest_on_leaves_history(deal, owner, dollars, kinds, findings, changes):
    row = change(owner, deal, **changes)
    assert kinds(row) == ["created", "revised"]
    newest = StageChange.objects.order_by("-id")[0]
    assert (newest.amount, newest.currency, newest.expected_on) == (row.amount, row.currency, row.expected_on)
    assert (newest.actor, newest.at, newest.from_stage, newest.to_stage) == (owner, LATER, row.stage, row.stage)
    assert findings() == []


def test_nothing_changed_is_no_new_version(deal, owner, kinds):
    row = change(owner, deal, subject=deal.subject, amount=deal.amount)
    assert row.version == 1
    assert kinds(row) == ["created"]


def test_a_stale_change_is_refused_with_the_row_as_it_is_now(deal, owner, manager):
    change(manager, deal, version=1, notes="first")
    with pytest.raises(StaleWrite) as refusal:
        change(owner, deal, version=1, notes="second")
    assert refusal.value.current.notes == "first"
    assert Opportunity.objects.get(pk=deal.pk).notes == "first"


def test_a_stranger_finds_nothing_to_change(deal, stranger):
    before = AuditEntry.objects.count()
    with pytest.raises(NotVisible):
        change(stranger, deal, notes="mine now")
    assert Opportunity.objects.get(pk=deal.pk).notes == ""
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("role", ["executive", "auditor", "finance"])
def test_who_only_reads_changes_nothing(deal, role, request):
    with pytest.raises(PermissionRefused):
        change(request.getfixturevalue(role), deal, notes="no")
    assert Opportunity.objects.get(pk=deal.pk).notes == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"probability": Decimal(2)}, "probability"),
        ({"customer_id": 10**9}, "customer"),
        ({"owner_id": None}, "owner"),
        ({"loss_reason_id": 10**9}, "loss_reason"),
        ({"lost_to_id": 10**9}, "lost_to"),
        ({"opened_on": None}, "opened_on"),
    ],
)
def test_what_breaks_a_rule_changes_nothing(deal, owner, changes, field):
    with pytest.raises(InvalidInput) as refusal:
        change(owner, deal, **changes)
    assert list(refusal.value.errors) == [field]
    assert Opportunity.objects.get(pk=deal.pk).version == 1


def test_an_unknown_currency_or_a_future_opening_is_refused(deal, owner):
    with pytest.raises(UnknownCurrency):
        change(owner, deal, currency="XYZ")
    with pytest.raises(DateInFuture):
        change(owner, deal, opened_on=dt.date(2027, 1, 1))


def test_an_unknown_field_is_a_mistake_in_the_program(deal, owner):
    with pytest.raises(TypeError):
        change(owner, deal, stage_id=1)


def test_a_rep_cannot_give_a_sale_away_but_a_manager_can(deal, owner, manager, colleague, customer):
    with pytest.raises(PermissionRefused):
        change(owner, deal, owner_id=colleague.pk)
    row = change(manager, deal, owner_id=colleague.pk)
    assert row.owner_id == colleague.pk
    assert Customer.objects.visible_to(colleague).filter(pk=customer.pk).exists()


def test_another_customer_becomes_visible_to_owner_and_team(deal, owner, manager, colleague, findings):
    opportunities.set_members(owner, deal.pk, members=[MemberDraft(colleague.pk)])
    other = Customer.objects.create(name="Other", owner=manager)
    change(manager, deal, customer_id=other.pk)
    for person in (owner, colleague):
        person.__dict__.pop("_reach", None)
        assert Customer.objects.visible_to(person).filter(pk=other.pk).exists()
    assert findings() == []


def test_two_records_cannot_have_one_foreign_id(make, owner):
    make(external_id="A")
    second = make(external_id="B")
    with pytest.raises(InvalidInput) as refusal:
        change(owner, second, external_id="A")
    assert list(refusal.value.errors) == ["external_id"]
    assert Opportunity.objects.get(pk=second.pk).external_id == "B"


def test_a_closed_sale_is_frozen_where_figures_rest_on_it(deal, owner, reason):
    moves.win_opportunity(owner, deal.pk, at=LATER)
    for changes in (
        {"amount": Decimal(1)},
        {"currency": "EUR"},
        {"expected_on": LATER.date()},
        {"probability": Decimal(1)},
    ):
        with pytest.raises(AlreadyClosed):
            change(owner, deal, **changes)
    assert change(owner, deal, contract_reference="C-1").contract_reference == "C-1"


def test_a_closed_sale_can_change_hands(deal, owner, manager, colleague, kinds, findings):
    moves.win_opportunity(owner, deal.pk, at=LATER)
    change(manager, deal, owner_id=colleague.pk)
    assert kinds(deal) == ["created", "won", "revised"]
    assert findings() == []


def test_lines_are_replaced_and_the_amount_follows(deal, owner, product, kinds, findings):
    lines = [LineDraft(product.pk, Decimal(2), Decimal("10.005"))]
    row = opportunities.set_lines(owner, deal.pk, lines=lines, at=LATER, version=1)
    assert (row.amount, row.amount_base) == (Decimal("20.01"), Decimal("20.01"))
    with pytest.raises(AmountComesFromLines):
        change(owner, deal, amount=Decimal(5))
    row = opportunities.set_lines(owner, deal.pk, lines=[], at=LATER)
    assert row.amount == Decimal("20.01")
    assert row.lines.count() == 0
    assert change(owner, deal, amount=Decimal(5)).amount == 5
    assert kinds(deal) == ["created", "revised", "revised", "revised"]
    assert findings() == []


def test_another_currency_rounds_the_lines_anew(deal, owner, product, findings):
    opportunities.set_lines(owner, deal.pk, lines=[LineDraft(product.pk, Decimal(1), Decimal("10.4"))], at=LATER)
    from loudou.core.models import ExchangeRate

    ExchangeRate.objects.create(currency="JPY", on=dt.date(2026, 1, 1), rate=Decimal("0.05"))
    row = change(owner, deal, currency="JPY")
    assert (row.amount, row.amount_base) == (Decimal(10), Decimal("0.50"))
    assert findings() == []


def test_lines_of_a_closed_sale_stay(deal, owner, product):
    moves.win_opportunity(owner, deal.pk, at=LATER)
    with pytest.raises(AlreadyClosed):
        opportunities.set_lines(owner, deal.pk, lines=[LineDraft(product.pk, Decimal(1), Decimal(1))], at=LATER)
    assert deal.lines.count() == 0


def test_an_unknown_product_is_refused(deal, owner):
    with pytest.raises(InvalidInput) as refusal:
        opportunities.set_lines(owner, deal.pk, lines=[LineDraft(10**9, Decimal(1), Decimal(1))], at=LATER)
    assert list(refusal.value.errors) == ["lines"]


def test_the_team_is_replaced(deal, owner, colleague, manager, make_user, customer):
    opportunities.set_members(owner, deal.pk, members=[MemberDraft(colleague.pk, Decimal(30)), MemberDraft(manager.pk)])
    row = opportunities.set_members(owner, deal.pk, members=[MemberDraft(colleague.pk, Decimal(50))])
    assert [(m.user, m.split) for m in row.members.all()] == [(colleague, Decimal(50))]
    assert Opportunity.objects.visible_to(colleague).filter(pk=deal.pk).exists()
    assert Customer.objects.visible_to(colleague).filter(pk=customer.pk).exists()
    assert row.version == 3
    assert opportunities.set_members(owner, deal.pk, members=[MemberDraft(colleague.pk, Decimal(50))]).version == 3
    with pytest.raises(SplitTooLarge):
        too_much = [MemberDraft(colleague.pk, Decimal(60)), MemberDraft(manager.pk, Decimal("40.01"))]
        opportunities.set_members(owner, deal.pk, members=too_much)
    for split in ("100.01", "-1", "33.333"):
        with pytest.raises(InvalidInput):
            opportunities.set_members(owner, deal.pk, members=[MemberDraft(colleague.pk, Decimal(split))])
    with pytest.raises(InvalidInput):
        opportunities.set_members(owner, deal.pk, members=[MemberDraft(10**9)])
    with pytest.raises(CannotSell):
        opportunities.set_members(owner, deal.pk, members=[MemberDraft(make_user("gone", is_active=False).pk)])


def test_contacts_are_replaced_and_foreign_ones_refused(deal, owner, stranger):
    mine, other = (Contact.objects.create(name="Li", owner=owner), Contact.objects.create(name="Wu", owner=owner))
    foreign = Contact.objects.create(name="Zhao", owner=stranger)
    opportunities.set_contacts(owner, deal.pk, contact_ids=[mine.pk])
    row = opportunities.set_contacts(owner, deal.pk, contact_ids=[other.pk])
    assert [person.contact for person in row.people.all()] == [other]
    with pytest.raises(InvalidInput):
        opportunities.set_contacts(owner, deal.pk, contact_ids=[foreign.pk])


def test_competitors_are_replaced(deal, owner, rival):
    row = opportunities.set_competitors(owner, deal.pk, competitor_ids=[rival.pk], version=1)
    assert list(row.competitors.all()) == [rival]
    assert opportunities.set_competitors(owner, deal.pk, competitor_ids=[rival.pk]).version == 2
    assert not opportunities.set_competitors(owner, deal.pk, competitor_ids=[]).competitors.exists()
    with pytest.raises(InvalidInput):
        opportunities.set_competitors(owner, deal.pk, competitor_ids=[10**9])


def test_a_next_step_is_set_and_cleared(deal, owner):
    row = opportunities.set_next_step(owner, deal.pk, next_step=" Send offer ", next_step_on=LATER.date(), version=1)
    assert (row.next_step, row.next_step_on) == ("Send offer", LATER.date())
    with pytest.raises(InvalidInput) as refusal:
        opportunities.set_next_step(owner, deal.pk, next_step=" ", next_step_on=LATER.date())
    assert list(refusal.value.errors) == ["next_step_on"]
    deal.refresh_from_db()
    assert (deal.next_step, deal.next_step_on, deal.version) == ("Send offer", LATER.date(), 2)
    row = opportunities.set_next_step(owner, deal.pk, next_step="", next_step_on=None)
    assert (row.next_step, row.next_step_on) == ("", None)
    with pytest.raises(InvalidInput):
        opportunities.set_next_step(owner, deal.pk, next_step="x" * 256, next_step_on=None)


def test_a_star_twice_is_once(deal, owner, stranger):
    opportunities.star_opportunity(owner, deal.pk)
    opportunities.star_opportunity(owner, deal.pk)
    assert Star.objects.get().user == owner
    opportunities.unstar_opportunity(owner, deal.pk)
    assert not Star.objects.exists()
    with pytest.raises(NotVisible):
        opportunities.star_opportunity(stranger, deal.pk)


def test_a_clone_starts_anew(make, owner, customer, product, rival, stages, findings):
    original = make(
        customer_id=customer.pk,
        stage_id=stages[3].pk,
        lines=[LineDraft(product.pk, Decimal(2), Decimal(5))],
        competitor_ids=[rival.pk],
        external_id="X",
        probability=Decimal("0.5"),
    )
    moves.win_opportunity(owner, original.pk, at=LATER)
    copy = opportunities.clone_opportunity(owner, original.pk, at=LATER, subject="Again")
    copy.refresh_from_db()
    assert (copy.subject, copy.customer, copy.amount, copy.external_id) == ("Again", customer, Decimal(10), "")
    assert (copy.stage, copy.state, copy.probability, copy.opened_on) == (stages[0], "open", None, LATER.date())
    assert list(copy.competitors.all()) == [rival]
    assert findings() == []


def test_a_stranger_cannot_clone(deal, stranger):
    with pytest.raises(NotVisible):
        opportunities.clone_opportunity(stranger, deal.pk, at=LATER)
    assert Opportunity.objects.count() == 1
