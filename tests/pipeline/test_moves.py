"""Moving opportunities through stages and states."""

import datetime as dt
from decimal import Decimal

import pytest

from loudou.core.refusals import InvalidInput, NotVisible, PermissionRefused, StaleWrite
from loudou.customers.models import Customer
from loudou.pipeline.choices import CriteriaMode, State
from loudou.pipeline.errors import (
    AlreadyClosed,
    AmountComesFromLines,
    CannotSell,
    ClosedBeforeLastChange,
    CriteriaUnmet,
    DateInFuture,
    NotClosed,
    NotOnHold,
    NotOpen,
    StageOfOtherProcess,
    WaiverNeedsReason,
)
from loudou.pipeline.models import CriterionCheck, Opportunity, SalesProcess, Stage, StageChange
from loudou.pipeline.services import moves, opportunities
from loudou.pipeline.services.drafts import LineDraft

LATER = dt.datetime(2026, 6, 20, 8, 0, tzinfo=dt.UTC)


def newest(row):
    return StageChange.objects.filter(opportunity=row).order_by("-at", "-id")[0]


@pytest.mark.parametrize(
    ("start", "target", "kind"),
    [(0, 1, "advanced"), (0, 2, "skipped"), (0, 4, "skipped"), (2, 1, "moved_back"), (4, 0, "moved_back")],
)
def test_every_direction_is_allowed_and_recorded(make, owner, stages, kinds, findings, start, target, kind):
    row = make(stage_id=stages[start].pk)
    result = moves.move_opportunity(owner, row.pk, stage_id=stages[target].pk, at=LATER, note="why not", version=1)
    assert result.opportunity.stage == stages[target]
    assert (result.change.kind, result.change.from_stage, result.change.to_stage) == (
        kind,
        stages[start],
        stages[target],
    )
    fresh = Opportunity.objects.get(pk=row.pk)
    assert (fresh.stage_entered_at, fresh.version) == (LATER, 2)
    assert kinds(row) == ["created", kind]
    assert findings() == []


def test_a_second_click_finds_it_already_there(deal, owner, stages, kinds):
    moves.move_opportunity(owner, deal.pk, stage_id=stages[1].pk, at=LATER, version=1)
    again = moves.move_opportunity(owner, deal.pk, stage_id=stages[1].pk, at=LATER, version=1)
    assert again.change is None
    assert kinds(deal) == ["created", "advanced"]


def test_a_stale_move_is_refused(deal, owner, stages):
    moves.move_opportunity(owner, deal.pk, stage_id=stages[1].pk, at=LATER, version=1)
    with pytest.raises(StaleWrite):
        moves.move_opportunity(owner, deal.pk, stage_id=stages[2].pk, at=LATER, version=1)


def test_a_stage_of_another_process_is_refused(deal, owner, process):
    other = SalesProcess.objects.exclude(pk=process.pk)[0].stages.all()[0]
    with pytest.raises(StageOfOtherProcess):
        moves.move_opportunity(owner, deal.pk, stage_id=other.pk, at=LATER)
    assert Opportunity.objects.get(pk=deal.pk).version == 1


def test_a_stranger_cannot_move_it(deal, stranger, stages):
    with pytest.raises(NotVisible):
        moves.move_opportunity(stranger, deal.pk, stage_id=stages[1].pk, at=LATER)
    assert Opportunity.objects.get(pk=deal.pk).stage == stages[0]
    assert StageChange.objects.count() == 1


@pytest.mark.parametrize("role", ["executive", "auditor", "finance"])
def test_who_only_reads_moves_nothing(deal, stages, reason, role, request):
    actor = request.getfixturevalue(role)
    for attempt in (
        lambda: moves.move_opportunity(actor, deal.pk, stage_id=stages[1].pk, at=LATER),
        lambda: moves.win_opportunity(actor, deal.pk, at=LATER),
        lambda: moves.lose_opportunity(actor, deal.pk, loss_reason_id=reason.pk, at=LATER),
        lambda: moves.drop_opportunity(actor, deal.pk, at=LATER),
        lambda: moves.hold_opportunity(actor, deal.pk, at=LATER),
        lambda: moves.assign_opportunity(actor, deal.pk, owner_id=actor.pk, at=LATER),
    ):
        with pytest.raises(PermissionRefused):
            attempt()
    assert StageChange.objects.count() == 1


def test_warnings_name_what_is_missing_and_let_the_move_pass(make, owner, stages):
    row = make()
    result = moves.move_opportunity(owner, row.pk, stage_id=stages[2].pk, at=LATER)
    assert {item.field for item in result.unmet} == {"", "customer", "contacts", "purchase_kind"}
    assert len([item for item in result.unmet if item.criterion_id]) == 5
    assert "Unmet: " in result.change.note


def test_moving_back_asks_for_nothing(make, owner, stages):
    row = make(stage_id=stages[3].pk)
    assert moves.move_opportunity(owner, row.pk, stage_id=stages[0].pk, at=LATER).unmet == []


@pytest.fixture
def blocking(process):
    process.criteria_mode = CriteriaMode.BLOCK
    process.save()
    return process


def test_a_blocking_process_holds_back_until_everything_is_there(deal, owner, stages, blocking):
    with pytest.raises(CriteriaUnmet) as refusal:
        moves.move_opportunity(owner, deal.pk, stage_id=stages[1].pk, at=LATER)
    assert [item.criterion_id for item in refusal.value.unmet] == [c.pk for c in stages[0].criteria.all()]
    assert Opportunity.objects.get(pk=deal.pk).version == 1
    for criterion in stages[0].criteria.all():
        moves.meet_criterion(owner, deal.pk, criterion_id=criterion.pk, evidence="Minutes of 3 June", at=LATER)
    result = moves.move_opportunity(owner, deal.pk, stage_id=stages[1].pk, at=LATER)
    assert result.unmet == []


def test_a_waiver_needs_the_permission_and_a_reason(deal, owner, manager, stages, blocking):
    target = stages[1].pk
    with pytest.raises(PermissionRefused):
        moves.move_opportunity(owner, deal.pk, stage_id=target, waiver="urgent", at=LATER)
    with pytest.raises(WaiverNeedsReason):
        moves.move_opportunity(manager, deal.pk, stage_id=target, waiver="  ", at=LATER)
    result = moves.move_opportunity(manager, deal.pk, stage_id=target, waiver="The customer is in a hurry", at=LATER)
    assert len(result.unmet) == 2
    assert result.change.note.startswith("Waived: The customer is in a hurry · Unmet: ")


def test_every_required_field_is_recognised(make, owner, stages, customer, product, rival, blocking):
    from loudou.customers.models import Contact
    from loudou.pipeline.choices import RequiredField
    from loudou.pipeline.services.drafts import LineDraft

    stages[0].criteria.all().delete()
    Stage.objects.filter(pk=stages[0].pk).update(required_fields=[str(name) for name in RequiredField])
    bare = make()
    with pytest.raises(CriteriaUnmet) as refusal:
        moves.move_opportunity(owner, bare.pk, stage_id=stages[1].pk, at=LATER)
    assert {item.field for item in refusal.value.unmet} == set(RequiredField.values)
    full = make(
        customer_id=customer.pk,
        expected_on=dt.date(2026, 9, 1),
        next_step="Call",
        contact_ids=[Contact.objects.create(name="Li", owner=owner).pk],
        competitor_ids=[rival.pk],
        lines=[LineDraft(product.pk, Decimal(1), Decimal(1))],
        probability=Decimal(0),
        purchase_kind="new",
    )
    assert moves.move_opportunity(owner, full.pk, stage_id=stages[1].pk, at=LATER).unmet == []


def test_winning_freezes_amount_and_day(make, owner, dollars, kinds, findings, blocking, stages):
    stages[0].criteria.all().delete()
    row = make(amount=Decimal(100), currency="USD", opened_on=dt.date(2026, 6, 1))
    Stage.objects.filter(pk=stages[0].pk).update(required_fields=[])
    result = moves.win_opportunity(owner, row.pk, at=LATER, contract_reference="C-7", note="at last")
    won = Opportunity.objects.get(pk=row.pk)
    assert (won.state, won.closed_at, won.contract_reference, won.close_note) == (State.WON, LATER, "C-7", "at last")
    assert (won.amount_base, won.stage) == (Decimal(720), stages[0])
    assert (result.change.from_state, result.change.to_state) == ("open", "won")
    assert kinds(row) == ["created", "won"]
    assert findings() == []


def test_winning_says_what_was_agreed(deal, owner, findings):
    result = moves.win_opportunity(owner, deal.pk, amount=Decimal("87500.50"), at=LATER)
    deal.refresh_from_db()
    assert (deal.amount, deal.amount_base, deal.contract_reference) == (Decimal("87500.50"), Decimal("87500.50"), "")
    assert (result.change.kind, result.change.amount) == ("won", Decimal("87500.50"))
    assert findings() == []


def test_the_sum_of_products_is_not_agreed_otherwise(deal, owner, product, kinds):
    opportunities.set_lines(owner, deal.pk, lines=[LineDraft(product.pk, Decimal(2), Decimal(100))], at=LATER)
    before = kinds(deal)
    with pytest.raises(AmountComesFromLines):
        moves.win_opportunity(owner, deal.pk, amount=Decimal(150), at=LATER)
    deal.refresh_from_db()
    assert (deal.state, deal.amount, kinds(deal)) == (State.OPEN, Decimal(200), before)
    assert moves.win_opportunity(owner, deal.pk, amount=Decimal(200), at=LATER).opportunity.state == State.WON


def test_a_negative_amount_is_not_agreed(deal, owner):
    with pytest.raises(InvalidInput):
        moves.win_opportunity(owner, deal.pk, amount=Decimal(-1), at=LATER)
    deal.refresh_from_db()
    assert deal.state == State.OPEN


def test_winning_asks_for_the_criteria_of_the_stage(deal, owner, manager, blocking):
    with pytest.raises(CriteriaUnmet):
        moves.win_opportunity(owner, deal.pk, at=LATER)
    assert moves.win_opportunity(manager, deal.pk, waiver="signed already", at=LATER).opportunity.state == State.WON


def test_it_can_have_been_won_earlier_but_not_before_its_last_change(make, owner, dollars, findings):
    row = make(amount=Decimal(100), currency="USD", opened_on=dt.date(2026, 5, 1))
    moves.win_opportunity(owner, row.pk, closed_on=dt.date(2026, 5, 20), at=LATER)
    row.refresh_from_db()
    assert (row.closed_at.date(), row.amount_base) == (dt.date(2026, 5, 20), Decimal(700))
    second = make(opened_on=dt.date(2026, 5, 1))
    opportunities.update_opportunity(owner, second.pk, changes={"amount": Decimal(1)}, at=LATER)
    with pytest.raises(ClosedBeforeLastChange):
        moves.win_opportunity(owner, second.pk, closed_on=dt.date(2026, 6, 19), at=LATER)
    with pytest.raises(DateInFuture):
        moves.win_opportunity(owner, second.pk, closed_on=dt.date(2026, 6, 21), at=LATER)
    moves.win_opportunity(owner, second.pk, closed_on=dt.date(2026, 6, 20), at=LATER)
    assert findings() == []


def test_losing_keeps_reason_and_winner(deal, owner, reason, rival, kinds, findings):
    moves.lose_opportunity(owner, deal.pk, loss_reason_id=reason.pk, lost_to_id=rival.pk, note="too dear", at=LATER)
    lost = Opportunity.objects.get(pk=deal.pk)
    assert (lost.state, lost.loss_reason, lost.lost_to, lost.close_note) == (State.LOST, reason, rival, "too dear")
    assert kinds(deal) == ["created", "lost"]
    assert findings() == []


def test_losing_needs_a_known_reason_and_a_known_winner(deal, owner, reason):
    with pytest.raises(InvalidInput):
        moves.lose_opportunity(owner, deal.pk, loss_reason_id=10**9, at=LATER)
    with pytest.raises(InvalidInput):
        moves.lose_opportunity(owner, deal.pk, loss_reason_id=reason.pk, lost_to_id=10**9, at=LATER)
    with pytest.raises(InvalidInput):
        moves.lose_opportunity(owner, deal.pk, loss_reason_id=reason.pk, note="x" * 501, at=LATER)
    assert Opportunity.objects.get(pk=deal.pk).state == State.OPEN


def test_closed_is_closed(deal, owner, reason, stages):
    moves.drop_opportunity(owner, deal.pk, at=LATER, note="no longer ours")
    for attempt in (
        lambda: moves.win_opportunity(owner, deal.pk, at=LATER),
        lambda: moves.lose_opportunity(owner, deal.pk, loss_reason_id=reason.pk, at=LATER),
        lambda: moves.drop_opportunity(owner, deal.pk, at=LATER),
    ):
        with pytest.raises(AlreadyClosed):
            attempt()
    for attempt in (
        lambda: moves.move_opportunity(owner, deal.pk, stage_id=stages[1].pk, at=LATER),
        lambda: moves.hold_opportunity(owner, deal.pk, at=LATER),
    ):
        with pytest.raises(NotOpen):
            attempt()
    with pytest.raises(NotOnHold):
        moves.resume_opportunity(owner, deal.pk, at=LATER)


def test_on_hold_stays_in_its_stage_and_starts_its_time_anew(deal, owner, stages, kinds, findings):
    moves.hold_opportunity(owner, deal.pk, at=LATER)
    held = Opportunity.objects.get(pk=deal.pk)
    assert (held.state, held.stage) == (State.ON_HOLD, stages[0])
    assert held.stage_entered_at < LATER
    with pytest.raises(NotOpen):
        moves.move_opportunity(owner, deal.pk, stage_id=stages[1].pk, at=LATER)
    moves.resume_opportunity(owner, deal.pk, at=LATER, note="budget is back")
    open_again = Opportunity.objects.get(pk=deal.pk)
    assert (open_again.state, open_again.stage_entered_at) == (State.OPEN, LATER)
    assert kinds(deal) == ["created", "held", "reopened"]
    assert findings() == []


def test_what_is_on_hold_can_be_closed(deal, owner, kinds, findings):
    moves.hold_opportunity(owner, deal.pk, at=LATER)
    moves.drop_opportunity(owner, deal.pk, at=LATER)
    assert newest(deal).from_state == "on_hold"
    assert kinds(deal) == ["created", "held", "dropped"]
    assert findings() == []


def test_reopening_clears_the_outcome_but_not_the_history(deal, owner, reason, rival, stages, kinds, findings):
    moves.lose_opportunity(owner, deal.pk, loss_reason_id=reason.pk, lost_to_id=rival.pk, note="lost", at=LATER)
    moves.reopen_opportunity(owner, deal.pk, at=LATER, stage_id=stages[2].pk, note="they came back")
    row = Opportunity.objects.get(pk=deal.pk)
    assert (row.state, row.stage, row.closed_at, row.loss_reason, row.lost_to, row.close_note) == (
        State.OPEN,
        stages[2],
        None,
        None,
        None,
        "",
    )
    assert kinds(deal) == ["created", "lost", "reopened"]
    assert findings() == []
    with pytest.raises(NotClosed):
        moves.reopen_opportunity(owner, deal.pk, at=LATER)


def test_another_process_is_a_move_of_its_own_kind(deal, owner, process, kinds, findings):
    other = SalesProcess.objects.exclude(pk=process.pk)[0]
    moves.switch_process(owner, deal.pk, process_id=other.pk, at=LATER)
    row = Opportunity.objects.get(pk=deal.pk)
    assert (row.process, row.stage.position, row.stage_entered_at) == (other, 1, LATER)
    assert kinds(deal) == ["created", "switched"]
    assert moves.switch_process(owner, deal.pk, process_id=other.pk, at=LATER).change is None
    with pytest.raises(InvalidInput):
        moves.switch_process(owner, deal.pk, process_id=10**9, at=LATER)
    assert findings() == []


def test_assigning_lets_the_new_owner_see_everything(deal, manager, colleague, customer, kinds, findings):
    row = moves.assign_opportunity(manager, deal.pk, owner_id=colleague.pk, at=LATER, note="handover", version=1)
    assert row.owner_id == colleague.pk
    assert Opportunity.objects.visible_to(colleague).filter(pk=deal.pk).exists()
    assert Customer.objects.visible_to(colleague).filter(pk=customer.pk).exists()
    assert kinds(deal) == ["created", "revised"]
    assert moves.assign_opportunity(manager, deal.pk, owner_id=colleague.pk, at=LATER).version == 2
    assert findings() == []


def test_nobody_who_cannot_sell_becomes_owner(deal, manager, finance, make_user, owner):
    for person in (finance, make_user("gone", is_active=False)):
        with pytest.raises(CannotSell):
            moves.assign_opportunity(manager, deal.pk, owner_id=person.pk, at=LATER)
    with pytest.raises(InvalidInput):
        moves.assign_opportunity(manager, deal.pk, owner_id=10**9, at=LATER)
    assert Opportunity.objects.get(pk=deal.pk).owner == owner


def test_criteria_are_met_with_evidence_and_taken_back(deal, owner, stranger, stages, process):
    criterion = stages[0].criteria.all()[0]
    with pytest.raises(InvalidInput) as refusal:
        moves.meet_criterion(owner, deal.pk, criterion_id=criterion.pk, at=LATER)
    assert list(refusal.value.errors) == ["evidence"]
    check = moves.meet_criterion(owner, deal.pk, criterion_id=criterion.pk, evidence="Mail of 3 June", at=LATER)
    assert (check.met_by, check.met_at) == (owner, LATER)
    moves.meet_criterion(owner, deal.pk, criterion_id=criterion.pk, evidence="Minutes", at=LATER)
    assert CriterionCheck.objects.get().evidence == "Minutes"
    foreign = SalesProcess.objects.exclude(pk=process.pk)[0].stages.all()[0].criteria.all()[0]
    with pytest.raises(InvalidInput):
        moves.meet_criterion(owner, deal.pk, criterion_id=foreign.pk, evidence="x", at=LATER)
    with pytest.raises(NotVisible):
        moves.unmeet_criterion(stranger, deal.pk, criterion_id=criterion.pk)
    moves.unmeet_criterion(owner, deal.pk, criterion_id=criterion.pk)
    assert not CriterionCheck.objects.exists()


def test_history_never_runs_backwards_when_clocks_disagree(deal, owner, stages, findings):
    moves.move_opportunity(owner, deal.pk, stage_id=stages[1].pk, at=LATER)
    earlier = LATER - dt.timedelta(hours=3)
    change = moves.move_opportunity(owner, deal.pk, stage_id=stages[2].pk, at=earlier).change
    assert change.at == LATER
    assert findings() == []
