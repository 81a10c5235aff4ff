"""One act on many opportunities."""

import datetime as dt
from decimal import Decimal

import pytest

from loudou.core.refusals import InvalidInput, PermissionRefused
from loudou.customers.models import Customer
from loudou.people.selectors import notifications
from loudou.pipeline.choices import CriteriaMode, Priority, State
from loudou.pipeline.errors import CannotSell, TooManyAtOnce
from loudou.pipeline.models import Opportunity, SalesProcess, StageChange, Star
from loudou.pipeline.services import bulk, moves

LATER = dt.datetime(2026, 6, 20, 8, 0, tzinfo=dt.UTC)


@pytest.fixture
def several(make):
    """Five open opportunities of the owner."""
    return [make(subject=f"Sale {number}", amount=Decimal(number)) for number in range(5)]


def codes(outcome):
    return [(refused.id, refused.code) for refused in outcome.refused]


def test_a_bulk_move_tells_what_was_and_was_not_done(several, make, owner, stranger, stages, process, findings):
    moves.win_opportunity(owner, several[0].pk, at=LATER)
    moves.move_opportunity(owner, several[1].pk, stage_id=stages[1].pk, at=LATER)
    other_process = make(process_id=SalesProcess.objects.exclude(pk=process.pk)[0].pk)
    foreign = make(stranger)
    ids = [row.pk for row in [*several, other_process, foreign]]
    outcome = bulk.move_opportunities(owner, ids, stage_id=stages[1].pk, at=LATER, note="spring cleaning")
    assert outcome.done == [row.pk for row in several[2:]]
    assert outcome.unchanged == [several[1].pk]
    assert sorted(codes(outcome)) == sorted(
        [
            (foreign.pk, "not_found"),
            (several[0].pk, "not_open"),
            (other_process.pk, "stage_of_other_process"),
        ]
    )
    assert all("Sale 0" in refused.sentence for refused in outcome.refused if refused.code == "not_open")
    moved = Opportunity.objects.get(pk=several[4].pk)
    assert (moved.stage, moved.stage_entered_at, moved.version) == (stages[1], LATER, 2)
    change = StageChange.objects.filter(opportunity=moved).latest("id")
    assert (change.kind, change.actor, change.note.split(" · ")[0]) == ("advanced", owner, "spring cleaning")
    assert Opportunity.objects.get(pk=foreign.pk).stage == stages[0]
    assert findings() == []


def test_a_blocking_process_refuses_one_by_one(several, owner, manager, process, stages):
    process.criteria_mode = CriteriaMode.BLOCK
    process.save()
    ids = [row.pk for row in several]
    outcome = bulk.move_opportunities(owner, ids, stage_id=stages[1].pk, at=LATER)
    assert outcome.done == []
    assert {code for _, code in codes(outcome)} == {"criteria_unmet"}
    assert bulk.move_opportunities(manager, ids, stage_id=stages[1].pk, waiver="year end", at=LATER).done == ids


def test_an_unknown_stage_is_refused(several, owner):
    with pytest.raises(InvalidInput):
        bulk.move_opportunities(owner, [several[0].pk], stage_id=10**9, at=LATER)


def test_a_filtered_list_is_a_selection(several, make, owner, stranger, findings):
    make(stranger, subject="Sale of a stranger")
    rows = Opportunity.objects.filter(subject__startswith="Sale")
    outcome = bulk.prioritise_opportunities(owner, rows, priority=Priority.HIGH, at=LATER)
    assert outcome.done == [row.pk for row in several]
    assert [code for _, code in codes(outcome)] == ["not_found"]
    assert Opportunity.objects.filter(priority=Priority.HIGH).count() == 5
    assert findings() == []


def test_assigning_many_shares_their_customers(several, make, manager, colleague, customer, findings):
    with_customer = make(customer_id=customer.pk)
    ids = [row.pk for row in several] + [with_customer.pk]
    outcome = bulk.assign_opportunities(manager, ids, owner_id=colleague.pk, at=LATER, note="handover")
    assert outcome.done == ids
    assert Customer.objects.visible_to(colleague).filter(pk=customer.pk).exists()
    assert StageChange.objects.filter(kind="revised", owner=colleague, note="handover").count() == 6
    assert bulk.assign_opportunities(manager, ids, owner_id=colleague.pk, at=LATER).unchanged == ids
    assert findings() == []


def test_a_rep_cannot_assign_and_nobody_gets_what_they_cannot_work_on(several, owner, manager, finance, colleague):
    ids = [row.pk for row in several]
    with pytest.raises(PermissionRefused):
        bulk.assign_opportunities(owner, ids, owner_id=colleague.pk, at=LATER)
    with pytest.raises(CannotSell):
        bulk.assign_opportunities(manager, ids, owner_id=finance.pk, at=LATER)
    assert set(Opportunity.objects.values_list("owner", flat=True)) == {owner.pk}


def test_dates_are_set_or_shifted(several, owner, findings):
    ids = [row.pk for row in several]
    day = dt.date(2026, 9, 1)
    assert bulk.redate_opportunities(owner, ids[:2], expected_on=day, at=LATER).done == ids[:2]
    outcome = bulk.redate_opportunities(owner, ids, shift_days=30, at=LATER)
    assert outcome.done == ids[:2]
    assert codes(outcome) == [(pk, "invalid_input") for pk in ids[2:]]
    assert outcome.refused[0].sentence == "There is no expected signing date to shift."
    assert Opportunity.objects.get(pk=ids[0]).expected_on == dt.date(2026, 10, 1)
    assert StageChange.objects.filter(expected_on=dt.date(2026, 10, 1)).count() == 2
    moves.win_opportunity(owner, ids[0], at=LATER)
    assert codes(bulk.redate_opportunities(owner, ids[:1], expected_on=None, shift_days=1, at=LATER)) == [
        (ids[0], "already_closed")
    ]
    with pytest.raises(InvalidInput):
        bulk.redate_opportunities(owner, ids, shift_days=10**6, at=LATER)
    with pytest.raises(TypeError):
        bulk.redate_opportunities(owner, ids, at=LATER)
    assert findings() == []


def test_kinds_are_set_for_many(several, owner):
    ids = [row.pk for row in several]
    assert bulk.classify_opportunities(owner, ids, kinds={"likelihood": "certain"}, at=LATER).done == ids
    assert bulk.classify_opportunities(owner, ids, kinds={"likelihood": "certain"}, at=LATER).unchanged == ids
    with pytest.raises(InvalidInput):
        bulk.classify_opportunities(owner, ids, kinds={"likelihood": "perhaps"}, at=LATER)
    with pytest.raises(TypeError):
        bulk.classify_opportunities(owner, ids, kinds={"owner_id": "1"}, at=LATER)
    with pytest.raises(InvalidInput):
        bulk.prioritise_opportunities(owner, ids, priority=9, at=LATER)


def test_stars_for_many(several, owner, stranger):
    ids = [row.pk for row in several]
    assert bulk.star_opportunities(owner, ids, starred=True).done == ids
    assert bulk.star_opportunities(owner, ids, starred=True).unchanged == ids
    assert bulk.star_opportunities(owner, ids[:1], starred=False).done == ids[:1]
    assert Star.objects.filter(user=owner).count() == 4
    assert len(bulk.star_opportunities(stranger, ids, starred=True).refused) == 5


def test_many_are_dropped(several, owner, dollars, make, kinds, findings, reason):
    foreign_money = make(amount=Decimal(10), currency="USD", opened_on=dt.date(2026, 5, 1))
    held = make()
    moves.hold_opportunity(owner, held.pk, at=LATER)
    moves.win_opportunity(owner, several[0].pk, at=LATER)
    ids = [row.pk for row in [*several, foreign_money, held]]
    with pytest.raises(InvalidInput) as refusal:
        bulk.drop_opportunities(owner, ids, at=LATER, loss_reason_id=10**9)
    assert list(refusal.value.errors) == ["loss_reason"]
    outcome = bulk.drop_opportunities(owner, ids, at=LATER, loss_reason_id=reason.pk, note="market left")
    assert len(outcome.done) == 6
    assert codes(outcome) == [(several[0].pk, "already_closed")]
    dropped = Opportunity.objects.get(pk=foreign_money.pk)
    assert (dropped.state, dropped.closed_at, dropped.close_note) == (State.DROPPED, LATER, "market left")
    assert dropped.loss_reason_id == reason.pk
    assert kinds(held) == ["created", "held", "dropped"]
    assert bulk.drop_opportunities(owner, [several[0].pk], at=LATER).done == []
    assert findings() == []


def test_there_is_an_upper_limit(several, owner, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 4)
    for rows in ([row.pk for row in several], Opportunity.objects.all()):
        with pytest.raises(TooManyAtOnce) as refusal:
            bulk.prioritise_opportunities(owner, rows, priority=1, at=LATER)
        assert refusal.value.facts == {"count": 5, "most": 4}


def test_the_number_of_statements_does_not_grow(make, owner, stages, django_assert_num_queries):
    rows = [make(amount=Decimal(1), expected_on=dt.date(2026, 9, 1)).pk for _ in range(44)]
    Opportunity.objects.visible_to(owner)  # what a person is a member of is read once per request
    for ids in (rows[:4], rows[4:]):
        with django_assert_num_queries(13):
            bulk.move_opportunities(owner, ids, stage_id=stages[1].pk, at=LATER)
        with django_assert_num_queries(8):
            bulk.redate_opportunities(owner, ids, shift_days=1, at=LATER)
        with django_assert_num_queries(10):
            bulk.drop_opportunities(owner, ids, at=LATER)


def test_a_new_owner_is_told_once_for_an_act(several, make, manager, colleague):
    ids = [row.pk for row in several]
    bulk.assign_opportunities(manager, ids, owner_id=colleague.pk, at=LATER)
    bulk.assign_opportunities(manager, ids, owner_id=colleague.pk, at=LATER)
    told = notifications(colleague).get()
    assert (told.code, told.facts, told.actor) == ("opportunities_given", {"count": len(ids)}, manager)
    bulk.assign_opportunities(manager, ids, owner_id=manager.pk, at=LATER)
    bulk.assign_opportunities(manager, ids, owner_id=colleague.pk, at=LATER, tells=False)
    assert (notifications(colleague).count(), notifications(manager).count()) == (1, 0)
    single = make(subject="Three lathes")
    moves.assign_opportunity(manager, single.pk, owner_id=colleague.pk, at=LATER)
    assert str(notifications(colleague).get(code="opportunity_given")) == (
        f"{manager} gave you the opportunity Three lathes."
    )
