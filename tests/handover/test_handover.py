"""One act moves everything; nothing is left behind, nothing is moved half-way."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from loudou.core import checks
from loudou.core.refusals import BusinessRefusal, NotVisible, PermissionRefused, StaleWrite
from loudou.customers.models import Contact, Customer, CustomerMember, OwnerChange
from loudou.handover.choices import HandoverPlanState, Kind
from loudou.handover.models import Confirmation, Handover, HandoverItem, HandoverPlan, PlanChoice
from loudou.handover.selectors.handovers import handover_rows, to_confirm
from loudou.handover.selectors.preview import preview, things_of
from loudou.handover.services import confirming, plans
from loudou.people.choices import Role
from loudou.people.models import ApiToken, AuditEntry, Membership, SavedView, User
from loudou.people.selectors import notifications
from loudou.people.services import users
from loudou.pipeline.models import Opportunity, OpportunityMember, StageChange

from .conftest import AT, TODAY


def owners(*rows):
    """Who owns these rows now."""
    return [type(row).objects.get(pk=row.pk).owner.username for row in rows]


def codes(actor, plan):
    """Codes of what stands against a plan."""
    plan = HandoverPlan.objects.get(pk=plan.pk)
    return [obstacle.code for obstacle in preview(User.objects.get(pk=actor.pk), plan, today=TODAY).obstacles]


def test_everything_goes_to_one_successor_and_the_leaver_is_out(
    desk, prepare, hand_over, leaver, heir, manager, administrator
):
    handover = hand_over(prepare(successor_id=heir.pk, reason="New job", last_day=TODAY))
    everything = (desk.acme, desk.boro, desk.sale, desk.other_sale, desk.contract, desk.contact, desk.view)
    assert owners(*everything) == ["heir"] * 7
    assert things_of(administrator, leaver.pk) == []
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert ApiToken.objects.get().revoked_at == AT
    assert Membership.objects.get(user=leaver).ended_on == TODAY + dt.timedelta(days=1)
    assert (handover.leaver, handover.actor, handover.reason, handover.last_day) == (leaver, manager, "New job", TODAY)
    kinds = sorted(HandoverItem.objects.filter(part__handover=handover).values_list("kind", flat=True))
    assert kinds == ["contact", "contract", "customer", "customer", "customer_member", "opportunity", "opportunity",
                     "sale_member", "saved_view"]  # fmt: skip
    told = notifications(heir).get()  # one for the whole, not one for each thing
    assert (told.code, told.actor, told.record_id, told.facts) == (
        "handover_waits", manager, handover.pk, {"leaver": str(leaver)},
    )  # fmt: skip


def test_each_thing_is_kept_with_its_figures_of_that_moment(desk, prepare, hand_over, heir, manager):
    plan = prepare(successor_id=heir.pk)
    plans.note_customer(manager, plan.pk, customer_id=desk.acme.pk, text=" Pays late ")
    handover = hand_over(plan)
    items = {item.kind: item for item in HandoverItem.objects.filter(part__handover=handover, customer_name="Acme")}
    assert items["customer"].note == "Pays late"
    sale = items["opportunity"]
    assert (sale.name, sale.amount, sale.currency, sale.due_on, sale.detail) == (
        "Presses", Decimal(1000), "CNY", dt.date(2026, 6, 10), "Call Mr Wang",
    )  # fmt: skip
    contract = items["contract"]
    assert (contract.object_id, contract.amount, contract.owed) == (desk.contract.pk, Decimal(200), Decimal(200))
    Customer.objects.filter(pk=desk.acme.pk).update(name="Acme Renamed")
    assert HandoverItem.objects.get(pk=items["customer"].pk).name == "Acme"


def test_each_module_keeps_its_own_history_of_it(desk, prepare, hand_over, leaver, heir, manager):
    hand_over(prepare(successor_id=heir.pk, reason="New job"))
    change = OwnerChange.objects.get(customer=desk.acme, from_owner=leaver)
    assert (change.from_owner, change.to_owner, change.actor, change.cause, change.reason) == (
        leaver, heir, manager, "handover", "New job",
    )  # fmt: skip
    revised = StageChange.objects.filter(opportunity=desk.sale).latest("pk")
    assert (revised.kind, revised.owner, revised.actor, revised.note) == ("revised", heir, manager, "New job")
    entry = AuditEntry.objects.filter(table_name="contracts_contract", object_id=str(desk.contract.pk)).latest("pk")
    assert (entry.before["owner_id"], entry.after["owner_id"], entry.actor, entry.reason) == (
        leaver.pk, heir.pk, manager, "New job",
    )  # fmt: skip


def test_won_sales_stay_with_who_won_them_and_the_successor_sees_them(desk, prepare, hand_over, leaver, heir):
    hand_over(prepare(successor_id=heir.pk))
    assert Opportunity.objects.get(pk=desk.won.pk).owner == leaver
    assert Opportunity.objects.visible_to(heir).filter(pk=desk.won.pk).exists()
    assert OpportunityMember.objects.get(opportunity=desk.won).split == 0


def test_work_for_colleagues_goes_with_its_share(desk, prepare, hand_over, leaver, heir):
    hand_over(prepare(successor_id=heir.pk))
    member = OpportunityMember.objects.get(opportunity=desk.helped)
    assert (member.user, member.split) == (heir, Decimal(30))
    assert CustomerMember.objects.get(customer=desk.theirs).user == heir
    assert not CustomerMember.objects.filter(user=leaver).exists()


def test_who_owns_the_sale_already_gets_the_share_back(desk, prepare, hand_over, leaver, colleague):
    hand_over(prepare(successor_id=colleague.pk))
    assert not OpportunityMember.objects.filter(opportunity=desk.helped).exists()
    assert not CustomerMember.objects.filter(customer=desk.theirs).exists()


def test_what_belongs_to_a_customer_goes_with_it_unless_it_is_chosen_itself(
    desk, prepare, hand_over, heir, second_heir, colleague, manager, make_sale
):
    second_sale = make_sale(desk.acme, 20, subject="Seals")
    plan = prepare(successor_id=heir.pk)
    plans.choose_successor(manager, plan.pk, things=[("customer", desk.acme.pk)], successor_id=second_heir.pk)
    plans.choose_successor(manager, plan.pk, things=[("opportunity", second_sale.pk)], successor_id=colleague.pk)
    handover = hand_over(plan)
    assert owners(desk.acme, desk.sale, desk.contract, desk.contact) == ["second"] * 4
    assert owners(second_sale, desk.boro, desk.other_sale, desk.view) == ["colleague", "heir", "heir", "heir"]
    assert CustomerMember.objects.filter(customer=desk.acme, user=colleague).exists()
    assert sorted(part.successor.username for part in handover.parts.all()) == ["colleague", "heir", "second"]


def test_a_choice_is_taken_back(desk, prepare, heir, second_heir, manager):
    plan = prepare(successor_id=heir.pk)
    things = [("customer", desk.acme.pk)]
    plans.choose_successor(manager, plan.pk, things=things, successor_id=second_heir.pk)
    plans.choose_successor(manager, plan.pk, things=things, successor_id=None)
    assert not PlanChoice.objects.exists()


def test_a_part_of_the_work_goes_and_the_person_stays(desk, prepare, hand_over, leaver, heir, manager):
    plan = prepare(keeps_access=True)
    plans.choose_successor(manager, plan.pk, things=[("customer", desk.acme.pk)], successor_id=heir.pk)
    hand_over(plan)
    assert owners(desk.acme, desk.sale, desk.contract, desk.contact) == ["heir"] * 4
    assert owners(desk.boro, desk.other_sale, desk.view) == ["leaver"] * 3
    leaver.refresh_from_db()
    assert leaver.is_active
    assert Membership.objects.get(user=leaver).ended_on is None
    assert ApiToken.objects.get().revoked_at is None


def test_a_second_submit_answers_with_the_same_handover(desk, prepare, hand_over, heir):
    plan = prepare(successor_id=heir.pk)
    assert hand_over(plan).pk == hand_over(plan, version=1).pk
    assert Handover.objects.count() == 1
    assert OwnerChange.objects.filter(customer=desk.acme, cause="handover").count() == 1


def test_what_came_after_the_preview_goes_by_the_rule(desk, prepare, hand_over, heir, make_customer):
    plan = prepare(successor_id=heir.pk)
    late = make_customer("Latecomer")
    handover = hand_over(plan)
    assert owners(late) == ["heir"]
    assert HandoverItem.objects.filter(part__handover=handover, kind=Kind.CUSTOMER, name="Latecomer").count() == 1


def test_a_plan_that_somebody_else_changed_is_looked_at_again(desk, prepare, hand_over, heir, second_heir, manager):
    plan = prepare(successor_id=heir.pk)
    plans.choose_successor(manager, plan.pk, things=[("customer", desk.acme.pk)], successor_id=second_heir.pk)
    with pytest.raises(StaleWrite):
        hand_over(plan, version=plan.version)
    assert owners(desk.acme) == ["leaver"]


def test_who_left_without_a_handover_can_still_hand_over(desk, prepare, hand_over, leaver, heir, administrator):
    users.deactivate_user(administrator, leaver.pk, at=AT)
    hand_over(prepare(successor_id=heir.pk))
    assert owners(desk.acme) == ["heir"]


def test_the_checks_of_every_module_find_nothing_afterwards(desk, prepare, hand_over, heir):
    hand_over(prepare(successor_id=heir.pk))
    checks.load()
    names = [name for name in checks.CHECKS if name.split(".")[0] in ("customers", "pipeline", "contracts")]
    assert [found for _check, found in checks.run(names) if found] == []


# What stands against it


def refused(act):
    """Run and return the code of the refusal."""
    with pytest.raises(BusinessRefusal) as refusal, transaction.atomic():
        act()
    return refusal.value.code


def test_nothing_moves_while_something_has_no_successor(desk, prepare, hand_over, heir, manager, leaver):
    plan = prepare()
    plans.choose_successor(manager, plan.pk, things=[("customer", desk.acme.pk)], successor_id=heir.pk)
    assert codes(manager, plan) == ["successor_missing"]
    assert refused(lambda: hand_over(plan)) == "successor_missing"
    assert owners(desk.acme, desk.boro) == ["leaver", "leaver"]
    assert not Handover.objects.exists()
    leaver.refresh_from_db()
    assert leaver.is_active


def test_a_successor_who_left_meanwhile_is_refused(desk, prepare, hand_over, heir, manager, administrator):
    plan = prepare(successor_id=heir.pk)
    users.deactivate_user(administrator, heir.pk, at=AT)
    assert codes(manager, plan) == ["successor_not_available"]
    assert refused(lambda: hand_over(plan)) == "successor_not_available"
    assert owners(desk.acme) == ["leaver"]


def test_nobody_hands_over_to_themselves(desk, prepare, leaver):
    assert refused(lambda: prepare(successor_id=leaver.pk)) == "successor_is_leaver"


def test_an_inactive_successor_cannot_be_chosen(desk, prepare, make_user):
    gone = make_user("gone", is_active=False)
    assert refused(lambda: prepare(successor_id=gone.pk)) == "successor_not_available"


@pytest.mark.parametrize("role", [Role.FINANCE, Role.EXECUTIVE, Role.AUDITOR])
def test_who_cannot_work_on_sales_takes_none_over(desk, prepare, hand_over, make_user, manager, role):
    successor = make_user("them", role)
    plan = prepare(successor_id=successor.pk)
    assert codes(manager, plan) == ["successor_cannot_hold"]
    assert refused(lambda: hand_over(plan)) == "successor_cannot_hold"
    assert owners(desk.acme) == ["leaver"]


def test_finance_may_take_over_contracts(desk, prepare, hand_over, heir, finance, manager):
    plan = prepare(successor_id=heir.pk)
    plans.choose_successor(manager, plan.pk, things=[("contract", desk.contract.pk)], successor_id=finance.pk)
    hand_over(plan)
    assert owners(desk.contract, desk.acme) == ["finance", "heir"]


def test_nobody_ends_their_own_access(desk, heir, manager, hand_over):
    plan = plans.prepare_handover(manager, manager.pk, today=TODAY, successor_id=heir.pk)
    assert refused(lambda: hand_over(plan)) == "own_account"


def test_a_manager_hands_over_a_part_of_their_own_work(manager, make_customer, heir, hand_over):
    own = make_customer("Own", owner=manager)
    plan = plans.prepare_handover(manager, manager.pk, today=TODAY, successor_id=heir.pk, keeps_access=True)
    hand_over(plan)
    assert owners(own) == ["heir"]


def test_the_last_administrator_stays(administrator, operations, heir, hand_over):
    plan = plans.prepare_handover(operations, administrator.pk, today=TODAY, successor_id=heir.pk)
    assert codes(operations, plan) == ["leaver_may_more", "last_administrator"]
    assert refused(lambda: hand_over(plan, actor=operations)) == "leaver_may_more"
    administrator.refresh_from_db()
    assert administrator.is_active


def test_a_manager_does_not_end_the_access_of_somebody_who_may_more(manager, make_user, home_team, heir, hand_over):
    boss = make_user("boss", Role.MANAGER, Role.FINANCE, team=home_team)
    plan = plans.prepare_handover(manager, boss.pk, today=TODAY, successor_id=heir.pk)
    assert codes(manager, plan) == ["leaver_may_more"]
    assert refused(lambda: hand_over(plan)) == "leaver_may_more"
    boss.refresh_from_db()
    assert boss.is_active


def test_people_of_other_teams_are_not_the_managers_to_hand_over(manager, stranger, heir):
    with pytest.raises(NotVisible):
        plans.prepare_handover(manager, stranger.pk, today=TODAY, successor_id=heir.pk)
    assert not HandoverPlan.objects.exists()


@pytest.mark.parametrize("role", [Role.REP, Role.FINANCE, Role.EXECUTIVE, Role.AUDITOR])
def test_who_may_not_hand_over_prepares_nothing(make_user, leaver, heir, role):
    with pytest.raises(PermissionRefused):
        plans.prepare_handover(make_user("them", role), leaver.pk, today=TODAY, successor_id=heir.pk)
    assert not HandoverPlan.objects.exists()


def test_a_handover_of_a_part_has_to_move_something(desk, prepare, hand_over, manager):
    plan = prepare(keeps_access=True)
    assert codes(manager, plan) == ["nothing_to_hand_over"]
    assert refused(lambda: hand_over(plan)) == "nothing_to_hand_over"


def test_access_does_not_end_before_the_last_day(prepare):
    assert refused(lambda: prepare(last_day=TODAY + dt.timedelta(days=1))) == "last_day_in_future"


def test_a_running_import_is_waited_for(desk, prepare, hand_over, heir, leaver, manager):
    from loudou.exchange.models import ImportJob

    ImportJob.objects.create(kind="customers", created_by=leaver, file_name="c.csv", status="running")
    plan = prepare(successor_id=heir.pk)
    assert codes(manager, plan) == ["import_running"]
    assert refused(lambda: hand_over(plan)) == "import_running"


def test_a_plan_that_was_given_up_is_not_carried_out(desk, prepare, hand_over, heir, manager):
    plan = prepare(successor_id=heir.pk)
    plans.drop_plan(manager, plan.pk)
    assert refused(lambda: hand_over(plan)) == "handover_plan_closed"
    assert prepare().pk != plan.pk


def test_preparing_again_goes_on_with_the_open_plan(desk, prepare, heir, operations):
    plan = prepare(successor_id=heir.pk)
    again = prepare(operations, reason="New job")
    assert (again.pk, again.successor_id, again.reason, again.state) == (
        plan.pk,
        heir.pk,
        "New job",
        HandoverPlanState.OPEN,
    )


def test_teams_that_would_have_no_lead_are_named(make_user, home_team, administrator, manager, heir):
    plan = plans.prepare_handover(administrator, manager.pk, today=TODAY, successor_id=heir.pk)
    found = preview(administrator, plan, today=TODAY)
    assert (found.leaderless, [row.team for row in found.leaves]) == (("North",), [home_team])
    make_user("deputy", Role.MANAGER, team=home_team, is_lead=True)
    assert preview(administrator, plan, today=TODAY).leaderless == ()


# What is kept of it


def test_what_was_handed_over_is_never_changed(desk, prepare, hand_over, heir):
    handover = hand_over(prepare(successor_id=heir.pk))
    for rows in (Handover.objects.filter(pk=handover.pk), handover.parts.all(), HandoverItem.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(id=0)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete(rows.db)


def test_those_who_take_part_see_it_and_others_do_not(
    desk, prepare, hand_over, leaver, heir, second_heir, manager, stranger, auditor, finance, make_user
):
    handover = hand_over(prepare(successor_id=heir.pk))
    sees = [user.username for user in (heir, second_heir, manager, stranger, auditor, finance)
            if handover_rows(user).filter(pk=handover.pk).exists()]  # fmt: skip
    assert sees == ["heir", "manager", "auditor"]


def test_a_successor_confirms_once_and_is_no_longer_asked(desk, prepare, hand_over, heir, second_heir, manager):
    plan = prepare(successor_id=heir.pk)
    plans.choose_successor(manager, plan.pk, things=[("customer", desk.acme.pk)], successor_id=second_heir.pk)
    handover = hand_over(plan)
    assert [part.handover for part in to_confirm(heir)] == [handover]
    first = confirming.confirm_handover(heir, handover.pk, at=AT, remark=" All there ")
    again = confirming.confirm_handover(heir, handover.pk, at=AT + dt.timedelta(days=1))
    assert (first.pk, first.remark, again.at) == (again.pk, "All there", AT)
    assert [list(to_confirm(who)) == [] for who in (heir, second_heir)] == [True, False]
    assert refused(lambda: confirming.confirm_handover(manager, handover.pk, at=AT)) == "not_successor"
    assert Confirmation.objects.count() == 1


def test_foreign_handovers_cannot_be_confirmed(desk, prepare, hand_over, heir, stranger):
    handover = hand_over(prepare(successor_id=heir.pk))
    with pytest.raises(NotVisible):
        confirming.confirm_handover(stranger, handover.pk, at=AT)


# Splitting


def test_customers_are_dealt_out_by_open_amount(prepare, heir, second_heir, manager, make_customer, make_sale, dollars):
    big, mid, small, none = (make_customer(name) for name in ("Big", "Mid", "Small", "None"))
    make_sale(big, 100, currency="USD")  # 700
    make_sale(mid, 400)
    make_sale(small, 200)
    make_sale(small, 50)
    plan = prepare()
    plans.split_evenly(manager, plan.pk, successor_ids=[heir.pk, second_heir.pk], by="amount", on=TODAY)
    got = dict(PlanChoice.objects.filter(kind="customer").values_list("object_id", "successor__username"))
    assert got == {big.pk: "heir", mid.pk: "second", small.pk: "second", none.pk: "second"}


def test_customers_are_dealt_out_by_number(prepare, heir, second_heir, manager, make_customer):
    for number in range(5):
        make_customer(f"C{number}")
    plan = prepare()
    plans.split_evenly(manager, plan.pk, successor_ids=[heir.pk, second_heir.pk], by="count", on=TODAY)
    per = [PlanChoice.objects.filter(successor=user).count() for user in (heir, second_heir)]
    assert per == [3, 2]
    plan.refresh_from_db()
    assert plan.successor == heir
    assert codes(manager, plan) == []


def test_splitting_needs_two(prepare, heir, manager, make_customer):
    make_customer("Acme")
    plan = prepare()
    assert refused(
        lambda: plans.split_evenly(manager, plan.pk, successor_ids=[heir.pk, heir.pk], by="count", on=TODAY)
    ) == "invalid_input"  # fmt: skip


def test_the_preview_adds_up_what_each_gets(desk, prepare, heir, second_heir, manager):
    plan = prepare(successor_id=heir.pk)
    plans.choose_successor(manager, plan.pk, things=[("customer", desk.acme.pk)], successor_id=second_heir.pk)
    found = preview(manager, HandoverPlan.objects.get(pk=plan.pk), today=TODAY)
    shares = {share.user.username: share for share in found.shares}
    second = shares["second"]
    assert (second.count("customer"), second.count("opportunity"), second.count("contract")) == (1, 1, 1)
    assert (second.amounts, second.owed, second.steps, second.overdue_steps) == (
        {"CNY": Decimal(1000)}, {"CNY": Decimal(200)}, 1, 1,
    )  # fmt: skip
    assert shares["heir"].amounts == {"CNY": Decimal(500)}


def test_a_second_view_of_the_same_name_keeps_both(desk, prepare, hand_over, heir):
    SavedView.objects.create(owner=heir, page="pipeline:list", name="Hot")
    hand_over(prepare(successor_id=heir.pk))
    assert sorted(SavedView.objects.filter(owner=heir).values_list("name", flat=True)) == ["Hot", "Hot (Lee Aver)"]
    assert Contact.objects.get(pk=desk.contact.pk).owner == heir
