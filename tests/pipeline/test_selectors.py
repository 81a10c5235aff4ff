"""The questions that the views ask: who sees what, which rows, how much, and what was known when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone

from loudou.core.refusals import NotVisible
from loudou.customers.models import Customer
from loudou.people.models import AuditEntry, User
from loudou.pipeline import selectors
from loudou.pipeline.checks import search_document
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.models import LossReason, Opportunity, SalesProcess, Stage, StageChange
from loudou.pipeline.selectors import Narrowing, Volume
from loudou.pipeline.selectors.cards import LATER, NO_DATE, OVERDUE, month_of
from loudou.pipeline.services import moves
from loudou.pipeline.services import opportunities as services

Make = Callable[..., Opportunity]
TODAY = dt.date(2026, 6, 15)


def ids(actor: User, at: dt.datetime, **facts: Any) -> set[int]:
    rows = selectors.narrow(selectors.opportunity_rows(actor), Narrowing(**facts), actor=actor, at=at)
    return set(rows.values_list("pk", flat=True))


@pytest.fixture
def setup(process: SalesProcess) -> selectors.SalesSetup:
    return selectors.SalesSetup.load()


def test_owner_and_manager_see_a_deal_and_a_stranger_does_not(
    deal: Opportunity, owner: User, manager: User, colleague: User, stranger: User, finance: User, at: dt.datetime
) -> None:
    assert ids(owner, at) == {deal.pk}
    assert ids(manager, at) == {deal.pk}
    assert ids(colleague, at) == ids(stranger, at) == ids(finance, at) == set()


def test_only_open_rows_are_asked_for_unless_a_state_is_named(
    make: Make, owner: User, reason: LossReason, at: dt.datetime
) -> None:
    open_one, lost_one = make(), make()
    moves.lose_opportunity(owner, lost_one.pk, loss_reason_id=reason.pk, at=at)
    assert ids(owner, at) == {open_one.pk}
    assert ids(owner, at, states=("lost",)) == {lost_one.pk}
    assert ids(owner, at, states=()) == {open_one.pk, lost_one.pk}


@pytest.mark.parametrize("text", ["press", "presses two", "hengda", "STEEL", "恒达", "恒"])
def test_words_are_found_in_subject_and_customer(
    deal: Opportunity, make: Make, customer: Customer, owner: User, executive: User, at: dt.datetime, text: str
) -> None:
    Customer.objects.filter(pk=customer.pk).update(aliases=["恒达钢铁"])
    make(subject="Spare parts")
    assert ids(owner, at, text=text) == {deal.pk}
    assert ids(executive, at, text=text) == {deal.pk}


def test_own_rows_are_read_where_the_index_would_list_the_whole_company_first(
    owner: User, manager: User, executive: User, at: dt.datetime
) -> None:
    def plan(actor: User) -> str:
        rows = selectors.visible_opportunities(actor)
        found = selectors.narrow(rows, Narrowing(text="机械", states=()), actor=actor, at=at)
        return str(found.explain())

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "opportunity_search" not in plan(owner) and "strpos" in plan(owner)
    assert "opportunity_search" in plan(executive)
    assert "strpos" not in plan(manager)


def test_an_opportunity_is_found_by_what_its_customer_is_called_now(
    deal: Opportunity, customer: Customer, make: Make, owner: User, executive: User, at: dt.datetime
) -> None:
    other = Customer.objects.create(name="Jinmao Paper", owner=owner)
    bare = make(subject="Spare parts", customer_id=other.pk)
    Customer.objects.filter(pk=customer.pk).update(name="Xinda Steel")
    assert ids(executive, at, text="hengda") == set()
    assert ids(executive, at, text="xinda press") == {deal.pk}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_opportunity SET customer_id = %s WHERE id = %s", [other.pk, deal.pk])
        cursor.execute("UPDATE pipeline_opportunity SET search_text = 'nothing' WHERE id = %s", [bare.pk])
    assert ids(executive, at, text="xinda") == set()
    assert ids(executive, at, text="jinmao") == {deal.pk, bare.pk}
    assert list(search_document()) == []


def test_a_changed_name_of_a_customer_leaves_no_trace_in_the_histories_of_its_opportunities(
    deal: Opportunity, customer: Customer
) -> None:
    of_the_deal = AuditEntry.objects.filter(table_name="pipeline_opportunity", object_id=str(deal.pk))
    before = of_the_deal.count()
    Customer.objects.filter(pk=customer.pk).update(name="Xinda Steel")
    assert of_the_deal.count() == before
    deal.refresh_from_db()
    assert "xinda" in deal.search_text


def test_an_opportunity_that_lost_its_document_is_reported(deal: Opportunity) -> None:
    with pgtrigger.ignore("pipeline.Opportunity:search_document"):
        Opportunity.objects.update(search_text="")
    assert [finding.record for finding in search_document()] == [f"pipeline.opportunity {deal.pk}"]


def test_scenes(make: Make, owner: User, colleague: User, manager: User, at: dt.datetime) -> None:
    mine, theirs = make(), make(colleague)
    services.star_opportunity(owner, mine.pk)
    assert ids(manager, at, scene="mine") == set()
    assert ids(manager, at, scene="team") == {mine.pk, theirs.pk}
    assert ids(owner, at, scene="starred") == {mine.pk}
    assert ids(owner, at, scene="member") == set()


def test_quick_ranges_of_the_expected_date(make: Make, owner: User, at: dt.datetime) -> None:
    dates = [dt.date(2026, 6, 14), dt.date(2026, 6, 15), dt.date(2026, 6, 30), dt.date(2026, 7, 1), None]
    late, today, june, july, undated = (make(expected_on=day).pk for day in dates)
    assert ids(owner, at, expected="overdue") == {late}
    assert ids(owner, at, expected="this_month") == {late, today, june}
    assert ids(owner, at, expected="next_month") == {july}
    assert ids(owner, at, expected="this_quarter") == {late, today, june}
    assert ids(owner, at, expected="no_date") == {undated}
    assert ids(owner, at, expected_from=TODAY, expected_until=dt.date(2026, 7, 1)) == {today, june, july}


def test_a_quarter_follows_the_fiscal_year(make: Make, owner: User, at: dt.datetime) -> None:
    may, july = make(expected_on=dt.date(2026, 5, 2)).pk, make(expected_on=dt.date(2026, 7, 31)).pk
    rows = selectors.opportunity_rows(owner)
    found = selectors.narrow(rows, Narrowing(expected="this_quarter"), actor=owner, at=at, fiscal_month=2)
    assert set(found.values_list("pk", flat=True)) == {may, july}


def test_stuck_means_longer_than_the_stage_should_take(
    make: Make, owner: User, stages: list[Stage], at: dt.datetime
) -> None:
    stuck, fresh = make(), make()
    limit = timezone.make_aware(dt.datetime.combine(TODAY, dt.time.min)) - dt.timedelta(days=stages[0].expected_days)
    Opportunity.objects.filter(pk=stuck.pk).update(stage_entered_at=limit - dt.timedelta(seconds=1))
    Opportunity.objects.filter(pk=fresh.pk).update(stage_entered_at=limit)
    assert ids(owner, at, is_stuck=True) == {stuck.pk}


def test_the_customer_s_place_and_the_source(make: Make, customer: Customer, owner: User, at: dt.datetime) -> None:
    Customer.objects.filter(pk=customer.pk).update(country="CN", province="Hebei", city="Tangshan")
    other = Customer.objects.create(name="Jinmao Paper", owner=owner, country="CN", city="Jinan")
    here, there, bare = make(customer_id=customer.pk, source="Fair").pk, make(customer_id=other.pk).pk, make().pk
    assert ids(owner, at, country="CN") == {here, there}
    assert ids(owner, at, country="CN", city="Jinan") == {there}
    assert ids(owner, at, province="Hebei") == {here}
    assert ids(owner, at, province="none") == {there, bare}
    assert ids(owner, at, country="none") == {bare}
    assert ids(owner, at, country="cn") == set()
    assert ids(owner, at, source="Fair") == {here}
    assert ids(owner, at, source="none") == {there, bare}


def test_why_sales_were_lost(make: Make, owner: User, colleague: User, at: dt.datetime) -> None:
    first, second = LossReason.objects.order_by("position")[:2]
    by_first, by_second, for_nothing, foreign = make().pk, make().pk, make().pk, make(colleague).pk
    for actor, pk, reason in (owner, by_first, first), (owner, by_second, second), (colleague, foreign, first):
        moves.lose_opportunity(actor, pk, loss_reason_id=reason.pk, at=at)
    assert ids(owner, at, loss_reasons=(first.pk,), states=("lost",)) == {by_first}
    assert ids(owner, at, loss_reasons=(first.pk, second.pk), states=()) == {by_first, by_second}
    assert ids(owner, at, loss_reasons=(0,), states=()) == {for_nothing}
    assert ids(owner, at, loss_reasons=(0, second.pk), states=()) == {for_nothing, by_second}
    assert ids(owner, at, loss_reasons=(first.pk,)) == set()


def test_next_steps_overdue_today_and_missing(make: Make, owner: User, at: dt.datetime) -> None:
    late = make(next_step="Call", next_step_on=dt.date(2026, 6, 14)).pk
    due = make(next_step="Visit", next_step_on=TODAY).pk
    none = make().pk
    assert ids(owner, at, next_step="overdue") == {late}
    assert ids(owner, at, next_step="today") == {due}
    assert ids(owner, at, next_step="missing") == {none}


def test_weighted_takes_the_rep_s_probability_else_the_stage_s_prior_win_rate(
    make: Make, owner: User, setup: selectors.SalesSetup, stages: list[Stage]
) -> None:
    make(amount=Decimal(1000), probability=Decimal("0.5"))
    make(amount=Decimal(2000))
    make()
    found = selectors.volumes(selectors.visible_opportunities(owner), win_rates=setup.win_rates)
    assert found == {(): Volume(3, Decimal(3000), 500 + 2000 * stages[0].prior_win_rate)}


def test_amounts_in_other_currencies_are_summed_in_base_currency(
    make: Make, owner: User, dollars: None, setup: selectors.SalesSetup
) -> None:
    make(amount=Decimal(100), currency="USD")
    found = selectors.volumes(selectors.visible_opportunities(owner), "state", win_rates=setup.win_rates)
    assert found[("open",)].amount == Decimal(720)


def test_the_board_holds_every_stage_soonest_first_and_never_more_cards_than_asked(
    make: Make, owner: User, stages: list[Stage], setup: selectors.SalesSetup
) -> None:
    for number in range(4):
        make(expected_on=dt.date(2026, 7, 20 - number), amount=Decimal(10))
    make(stage_id=stages[1].pk)
    rows = selectors.visible_opportunities(owner).open()
    lanes = selectors.board(rows, stages, actor=owner, win_rates=setup.win_rates, per_lane=2)
    assert [lane.key for lane in lanes] == [stage.pk for stage in stages]
    assert [lane.volume.count for lane in lanes] == [4, 1, 0, 0, 0]
    assert [len(lane.cards) for lane in lanes] == [2, 1, 0, 0, 0]
    assert lanes[0].left == 2
    assert [card.expected_on.day for card in lanes[0].cards if card.expected_on] == [17, 18]
    more = selectors.more_cards(rows.filter(stage=stages[0]), actor=owner, after=2, per_lane=2)
    assert [card.expected_on.day for card in more if card.expected_on] == [19, 20]


def test_a_board_whose_lanes_overflow_gives_the_same_cards_as_one_that_fits(
    make: Make, owner: User, stages: list[Stage], setup: selectors.SalesSetup
) -> None:
    for number in range(9):
        make(stage_id=stages[number % 3].pk, expected_on=dt.date(2026, 7, 1 + number))
    rows = selectors.visible_opportunities(owner).open()
    few = selectors.board(rows, stages, actor=owner, win_rates=setup.win_rates, per_lane=1)
    many = selectors.board(rows, stages, actor=owner, win_rates=setup.win_rates, per_lane=40)
    assert [lane.cards for lane in few] == [lane.cards[:1] for lane in many]


def test_months_count_what_is_expected_from_today_on(
    make: Make, owner: User, stages: list[Stage], setup: selectors.SalesSetup
) -> None:
    days = [dt.date(2026, 6, 14), TODAY, dt.date(2026, 7, 31), dt.date(2026, 10, 1), None]
    for day in days:
        make(expected_on=day, amount=Decimal(1))
    rows = selectors.visible_opportunities(owner).open()
    found = selectors.months_by_stage(rows, today=TODAY, months=4, win_rates=setup.win_rates)
    keys = [OVERDUE, dt.date(2026, 6, 1), dt.date(2026, 7, 1), LATER, NO_DATE]
    assert {key: volume.count for (key, _stage), volume in found.items()} == dict.fromkeys(keys, 1)
    assert [month_of(day, today=TODAY, months=4) for day in days] == keys


def test_the_funnel_compares_stages_at_this_moment(
    make: Make, owner: User, stages: list[Stage], setup: selectors.SalesSetup
) -> None:
    for number, stage in enumerate((stages[0], stages[0], stages[1])):
        make(stage_id=stage.pk, amount=Decimal(100 * (number + 1)))
    steps = selectors.current_funnel(selectors.visible_opportunities(owner).open(), stages, win_rates=setup.win_rates)
    assert [step.volume.count for step in steps] == [2, 1, 0, 0, 0]
    assert [step.step_share for step in steps] == [None, Decimal("0.5"), Decimal(0), None, None]
    assert steps[1].step_share_of_amount == Decimal(1)
    assert steps[0].overall_share == Decimal(2) / Decimal(3)


def test_kinds_are_counted_once_each_and_rows_without_a_kind_are_named(
    make: Make, owner: User, setup: selectors.SalesSetup
) -> None:
    make(likelihood="chance", purchase_kind="new")
    make(likelihood="chance")
    found = selectors.by_kinds(selectors.visible_opportunities(owner), win_rates=setup.win_rates)
    assert {key: volume.count for key, volume in found["likelihood"].items()} == {"chance": 2}
    assert {key: volume.count for key, volume in found["purchase_kind"].items()} == {"new": 1, "": 1}


def test_the_calendar_shows_the_most_valuable_of_a_day_and_counts_the_rest(make: Make, owner: User) -> None:
    for amount in (1, 5, 3):
        make(expected_on=dt.date(2026, 6, 20), amount=Decimal(amount), subject=f"worth {amount}")
    make(next_step="Call", next_step_on=dt.date(2026, 6, 20))
    days = selectors.calendar_days(selectors.visible_opportunities(owner).open(), month=TODAY, per_day=2)
    assert (days[0].on, len(days)) == (dt.date(2026, 6, 1), 42)
    day = next(day for day in days if day.on == dt.date(2026, 6, 20))
    assert [entry.subject for entry in day.signings] == ["worth 5", "worth 3"]
    assert [entry.next_step for entry in day.steps] == ["Call"]
    assert (day.signing_count, day.step_count, day.left) == (3, 1, 1)


def test_the_past_can_be_asked_as_of_any_moment(
    deal: Opportunity, owner: User, stranger: User, stages: list[Stage], at: dt.datetime
) -> None:
    later = at + dt.timedelta(days=3)
    moves.move_opportunity(owner, deal.pk, stage_id=stages[2].pk, at=later)
    before = selectors.opportunity_as_of(owner, deal.pk, at=later - dt.timedelta(seconds=1))
    after = selectors.opportunity_as_of(owner, deal.pk, at=later)
    assert before is not None and before.to_stage == stages[0]
    assert after is not None and (after.to_stage, after.kind) == (stages[2], ChangeKind.SKIPPED)
    first = StageChange.objects.filter(opportunity=deal).earliest("at")
    assert selectors.opportunity_as_of(owner, deal.pk, at=first.at - dt.timedelta(seconds=1)) is None
    with pytest.raises(NotVisible):
        selectors.opportunity_as_of(stranger, deal.pk, at=later)


def test_the_funnel_of_a_day_shows_stages_and_amounts_of_then(
    make: Make, owner: User, stages: list[Stage], setup: selectors.SalesSetup, reason: LossReason, at: dt.datetime
) -> None:
    day = dt.timedelta(days=1)
    moved, lost, held, _still = (make(subject=name, amount=Decimal(100)) for name in ("a", "b", "c", "d"))
    services.update_opportunity(owner, moved.pk, changes={"amount": Decimal(900)}, at=at + 2 * day)
    moves.move_opportunity(owner, moved.pk, stage_id=stages[2].pk, at=at + 2 * day)
    moves.lose_opportunity(owner, lost.pk, loss_reason_id=reason.pk, at=at + 3 * day)
    moves.hold_opportunity(owner, held.pk, at=at + day)
    late = make(subject="e", amount=Decimal(5), stage_id=stages[1].pk)
    rows = selectors.visible_opportunities(owner)

    def funnel(days: int) -> list[tuple[int, Decimal, Decimal]]:
        moment = selectors.end_of_day(timezone.localdate(at + days * day))
        steps = selectors.funnel_as_of(rows, stages, at=moment, win_rates=setup.win_rates)
        return [(step.volume.count, step.volume.amount, step.volume.weighted) for step in steps[:3]]

    rates = [setup.win_rates[stage.pk] for stage in stages]
    nothing = (0, Decimal(0), Decimal(0))
    assert funnel(-1) == [nothing] * 3
    assert funnel(0)[0] == (4, Decimal(400), 400 * rates[0])
    assert funnel(1)[0] == (3, Decimal(300), 300 * rates[0])
    assert funnel(2) == [
        (2, Decimal(200), 200 * rates[0]),
        (1, Decimal(5), 5 * rates[1]),
        (1, Decimal(900), 900 * rates[2]),
    ]
    assert funnel(3)[0] == (1, Decimal(100), 100 * rates[0])
    first_day = timezone.localdate(at)
    assert len(ids(owner, at + 9 * day, states=(), open_on=first_day)) == 5
    assert ids(owner, at + 9 * day, states=(), open_on=first_day, stages_then=(stages[1].pk,)) == {late.pk}


def test_days_per_stage_leave_out_the_time_on_hold(
    deal: Opportunity, owner: User, stages: list[Stage], at: dt.datetime
) -> None:
    day = dt.timedelta(days=1)
    moves.move_opportunity(owner, deal.pk, stage_id=stages[1].pk, at=at + 4 * day)
    moves.hold_opportunity(owner, deal.pk, at=at + 6 * day)
    moves.resume_opportunity(owner, deal.pk, at=at + 16 * day)
    history = selectors.stage_history(owner, deal.pk)
    spent = selectors.days_per_stage(history, at=at + 19 * day)
    assert spent[stages[1].pk].days == 5
    assert spent[stages[1].pk].is_current
    assert stages[2].pk not in spent


def test_a_list_that_is_too_long_is_not_summed(deal: Opportunity, owner: User, setup: selectors.SalesSetup) -> None:
    rows = selectors.visible_opportunities(owner)
    assert selectors.listed_volume(rows, win_rates=setup.win_rates, only_open=False, most=0) is None
    whole = selectors.listed_volume(rows, win_rates=setup.win_rates, only_open=True, most=0)
    assert whole is not None and whole.count == 1


def test_a_list_with_closed_rows_sums_all_and_weighs_the_open_ones(
    make: Make, owner: User, setup: selectors.SalesSetup, reason: LossReason, at: dt.datetime
) -> None:
    make(amount=Decimal(400), probability=Decimal("0.25"))
    prior = make(amount=Decimal(1000))
    lost = make(amount=Decimal(70), probability=Decimal("0.5"))
    moves.lose_opportunity(owner, lost.pk, loss_reason_id=reason.pk, at=at)
    rows = selectors.visible_opportunities(owner)
    found = selectors.listed_volume(rows, win_rates=setup.win_rates, only_open=False)
    assert found == selectors.Volume(3, Decimal(1470), Decimal(100) + 1000 * setup.win_rates[prior.stage_id])


def test_rows_of_a_list_have_their_stages_without_asking(
    make: Make, owner: User, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        make()
    rows = list(selectors.opportunity_rows(owner))
    with django_assert_num_queries(0):
        assert {(row.stage.process.label, row.stage.label) for row in rows}
    assert [row.stage for row in rows] == [Stage.objects.get(pk=row.stage_id) for row in rows]


def test_a_closed_row_is_weighted_by_nothing(
    deal: Opportunity, owner: User, setup: selectors.SalesSetup, reason: LossReason, at: dt.datetime
) -> None:
    row = selectors.opportunity_rows(owner).get(pk=deal.pk)
    assert selectors.weighted(row, setup.win_rates) == Decimal(1000) * row.stage.prior_win_rate
    moves.lose_opportunity(owner, deal.pk, loss_reason_id=reason.pk, at=at)
    closed = selectors.opportunity_rows(owner).get(pk=deal.pk)
    assert closed.state == State.LOST
    assert selectors.weighted(closed, setup.win_rates) is None
