"""What the demo company looks like once it is loaded."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from statistics import median

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.db.models import Count, F, Q, Sum

from loudou.contracts.choices import ContractKind, ContractState, VersionState
from loudou.contracts.models import (
    Contract,
    ContractVersion,
    Delivery,
    DiscountDecision,
    Instalment,
    Invoice,
    PaymentPlan,
    Receipt,
    Refund,
)
from loudou.contracts.selectors.approvals import waiting_requests
from loudou.core import checks
from loudou.core.models import Company, ExchangeRate
from loudou.customers.choices import Phase
from loudou.customers.models import Contact, Customer, OwnerChange, PhaseChange, StandingEvidence
from loudou.customers.registration import is_credit_code
from loudou.demo import calendar
from loudou.demo.building import build
from loudou.demo.errors import DatabaseNotEmpty
from loudou.demo.models import DemoTruth
from loudou.demo.payers import GRACE_DAYS
from loudou.demo.sign_ins import PASSWORD, SIGN_INS
from loudou.demo.words.abroad import NAMES
from loudou.handover.models import Handover, HandoverItem, HandoverPlan
from loudou.handover.selectors.preview import preview, things_of
from loudou.people.choices import Role
from loudou.people.models import AuditEntry, Team, User
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.models import CriterionCheck, Opportunity, OpportunityLine, Stage, StageChange, Star

from .conftest import TODAY


def test_it_has_the_size_of_a_medium_company(demo):
    assert 400 <= Customer.objects.count() <= 600
    assert 1_500 <= Opportunity.objects.count() <= 2_500
    assert demo.counts["opportunities"] == Opportunity.objects.count()
    assert demo.counts["customers"] == Customer.objects.count()
    assert StageChange.objects.count() >= 5 * Opportunity.objects.count()
    assert User.objects.filter(roles=[Role.REP]).count() == 24


def test_one_person_of_each_role_signs_in_with_the_demo_password(demo):
    assert Company.objects.get().is_demo
    for sign_in in SIGN_INS:
        user = User.objects.get(username=sign_in.username)
        assert user.roles == [sign_in.role]
        assert check_password(PASSWORD, user.password)
    assert {sign_in.role for sign_in in SIGN_INS} == set(Role)
    others = User.objects.exclude(username__in=[sign_in.username for sign_in in SIGN_INS])
    assert not any(user.has_usable_password() for user in others)


def test_every_state_and_stage_and_kind_of_change_occurs(demo):
    assert set(Opportunity.objects.values_list("state", flat=True)) == set(State)
    in_use = set(Opportunity.objects.filter(state=State.OPEN).values_list("stage_id", flat=True))
    assert in_use == set(Stage.objects.values_list("pk", flat=True))
    assert set(StageChange.objects.values_list("kind", flat=True)) == set(ChangeKind) - {ChangeKind.SWITCHED}


def test_the_demo_rep_has_a_pipeline_worth_looking_at(demo):
    rep = User.objects.get(username="rep")
    mine = Opportunity.objects.visible_to(rep)
    working = mine.filter(state=State.OPEN, owner=rep)
    assert working.count() >= 20
    assert working.values("stage").distinct().count() >= 5
    assert working.filter(next_step_on__lt=TODAY).exists()
    assert working.filter(next_step="").exists()
    assert Star.objects.filter(user=rep).exists()


def test_the_manager_sees_the_region_and_the_rep_only_the_own(demo):
    rep, manager, executive = (User.objects.get(username=name) for name in ("rep", "manager", "executive"))
    everything = Opportunity.objects.count()
    counts = [Opportunity.objects.visible_to(user).count() for user in (rep, manager, executive)]
    assert counts == sorted(counts)
    assert counts[2] == everything
    assert 0 < counts[0] < counts[1] < everything
    assert Team.objects.filter(parent__parent__isnull=False).count() >= 9


def test_credit_codes_are_valid_and_all_different(demo):
    codes = list(Customer.objects.exclude(credit_code="").values_list("credit_code", flat=True))
    assert len(codes) > 400
    assert all(map(is_credit_code, codes))
    assert len(set(codes)) == len(codes)
    assert not Customer.objects.filter(credit_code="", registration_number="").exists()


def test_customers_differ_in_kind_and_some_belong_to_groups(demo):
    kinds = Customer.objects.values("kind").annotate(number=Count("pk"))
    assert {row["kind"] for row in kinds} >= {"end_user", "dealer", "contractor", "owner"}
    assert Customer.objects.filter(parent__isnull=False).count() >= 10
    assert Customer.objects.exclude(country="中国").count() >= 10


def test_telephones_are_of_the_place_and_sales_are_called_as_people_speak(demo):
    numbers = dict(Customer.objects.exclude(city="").values_list("city", "phones__0"))
    assert numbers["苏州"].startswith("0512-555")
    assert numbers["松江"].startswith("021-555")
    assert numbers["雅加达"].startswith("+62-21-555")
    abroad = Contact.objects.filter(posts__customer__country="越南").values_list("phones__0", flat=True)
    assert abroad
    assert all(number.startswith("+84 55 ") for number in abroad)
    subjects = " ".join(Opportunity.objects.values_list("subject", flat=True))
    assert "成套设备" in subjects
    assert "成套与服务" not in subjects


def test_people_abroad_are_called_as_people_of_their_place_and_stay_there(demo):
    abroad = dict(Contact.objects.exclude(posts__customer__country="中国").values_list("emails__0", "name"))
    assert len(abroad) >= 20
    assert len(set(abroad.values())) == len(abroad)
    assert all(mailbox.isascii() for mailbox in abroad)
    poles = Contact.objects.filter(posts__customer__country="波兰")
    assert poles.exists()
    assert all("·" in pole.name for pole in poles)
    women = {given for given, _ in NAMES["Poland"].women}
    assert all((pole.name.split("·")[0] in women) == (pole.salutation == "女士") for pole in poles)
    assert not Contact.objects.filter(posts__customer__country="中国", name__contains="·").exists()


def test_people_at_customers_have_posts_and_some_moved(demo):
    assert not Contact.objects.filter(posts=None).exists()
    moved = Contact.objects.annotate(number=Count("posts")).filter(number__gt=1)
    assert moved.count() >= 20
    assert moved.filter(posts__ended_on__isnull=False).distinct().count() == moved.count()


def test_money_comes_in_several_currencies_at_dated_rates(demo):
    foreign = Opportunity.objects.exclude(currency="CNY")
    assert set(foreign.values_list("currency", flat=True)) == {"USD", "EUR"}
    assert ExchangeRate.objects.filter(currency="USD").count() > 36
    assert not foreign.filter(amount__isnull=False, amount_base__lte=F("amount")).exists()
    assert OpportunityLine.objects.filter(discount_rate__gt=0).count() >= 100


def test_losses_say_why_and_to_whom(demo):
    lost = Opportunity.objects.filter(state=State.LOST)
    assert not lost.filter(loss_reason=None).exists()
    assert lost.exclude(lost_to=None).count() > lost.count() / 3
    won = Opportunity.objects.filter(state=State.WON)
    assert won.values("contract_reference").distinct().count() == won.count()


def test_there_are_stale_and_pushed_sales(demo):
    working = Opportunity.objects.filter(state=State.OPEN)
    assert working.overdue(today=TODAY).count() >= 15
    assert working.filter(stage_entered_at__date__lt=TODAY.replace(month=6)).count() >= 10
    pushes = StageChange.objects.filter(kind=ChangeKind.REVISED).values("opportunity").annotate(number=Count("pk"))
    assert pushes.filter(number__gte=3).count() >= 100
    assert CriterionCheck.objects.exclude(evidence="").count() >= 1_000


def test_leavers_hand_over_their_customers_and_open_sales(demo):
    leavers = User.objects.filter(is_active=False)
    assert leavers.count() == 2
    assert not Customer.objects.filter(owner__in=leavers).exists()
    assert not Opportunity.objects.filter(owner__in=leavers, state=State.OPEN).exists()
    assert OwnerChange.objects.filter(from_owner__in=leavers, cause="handover").count() >= 20


def test_each_handover_of_a_leaver_is_kept_with_what_went_and_what_was_owed(demo):
    found = Handover.objects.order_by("at")
    assert [handover.leaver.is_active for handover in found] == [False, False]
    for handover in found:
        items = HandoverItem.objects.filter(part__handover=handover)
        given = OwnerChange.objects.filter(from_owner=handover.leaver, cause="handover")
        assert items.filter(kind="customer").count() == given.count() >= 8
        assert items.filter(kind="opportunity", amount__gt=0).count() >= 5
        assert not items.filter(kind="contract", owed__gt=F("amount")).exists()
        assert handover.last_day < handover.at.date()
        assert handover.parts.get().confirmation.at > handover.at
    administrator = User.objects.get(username="admin")
    for leaver in User.objects.filter(is_active=False):
        assert {thing.kind for thing in things_of(administrator, leaver.pk)} <= {"sale_member", "customer_member"}


def test_the_manager_prepares_a_handover_that_nothing_stands_against(demo):
    plan = HandoverPlan.objects.get(state="open")
    manager = User.objects.get(username="manager")
    seen = preview(manager, plan, today=TODAY)
    assert seen.obstacles == ()
    assert seen.shares[0].count("customer") >= 8
    assert plan.notes.count() == 1


def test_nothing_happens_in_the_future(demo):
    assert not StageChange.objects.filter(at__date__gt=TODAY).exists()
    assert not Opportunity.objects.filter(Q(updated_at__date__gt=TODAY) | Q(opened_on__gte=TODAY)).exists()


def test_the_truth_is_kept_beside_it(demo):
    reps = DemoTruth.objects.filter(kind="rep")
    assert reps.count() == 24
    assert all(0 < row.facts["win_rate"] < 1 for row in reps)
    assert max(row.facts["skill"] for row in reps) > 0.5 > -0.5 > min(row.facts["skill"] for row in reps)
    stages = DemoTruth.objects.filter(kind="stage")
    assert {row.object_id for row in stages} == set(Stage.objects.values_list("pk", flat=True))
    assert DemoTruth.objects.filter(kind="season").count() == 1


def test_what_happened_agrees_with_the_truth(demo):
    """Over all reps, the share that was won lies near what the laws of the world say, weighted by their sales."""
    expected = actual = total = 0.0
    for row in DemoTruth.objects.filter(kind="rep"):
        closed = Opportunity.objects.filter(
            Q(changes__kind=ChangeKind.CREATED, changes__owner_id=row.object_id),
            opened_on__lt=TODAY.replace(year=TODAY.year - 1),
        )
        number = closed.count()
        if not number:
            continue
        total += number
        expected += number * row.facts["win_rate_of_own_sales"]
        actual += closed.filter(state=State.WON).count()
    assert actual / total == pytest.approx(expected / total, abs=0.04)


def test_contracts_stand_in_every_state(demo):
    states = dict(Contract.objects.order_by().values_list("state").annotate(number=Count("pk")))
    assert set(states) == set(ContractState)
    assert demo.counts["contracts"] == sum(states.values()) >= 60
    assert states["performing"] >= 15
    assert states["completed"] >= 10
    assert states["terminated"] == 2
    won = Contract.objects.exclude(signed_on=None)
    assert not won.exclude(number=F("opportunity__contract_reference")).exists()
    assert not won.exclude(customer=F("opportunity__customer")).exists()


def test_contracts_are_drafted_and_offered_on_working_days_before_they_are_signed(demo):
    signed = Contract.objects.exclude(signed_on=None).select_related("opportunity")
    for contract in signed:
        assert contract.opportunity.opened_on <= contract.drafted_on <= contract.offered_on <= contract.signed_on
        assert calendar.is_working_day(contract.offered_on)
    drafted = [(contract.offered_on - contract.drafted_on).days for contract in signed]
    answered = [(contract.signed_on - contract.offered_on).days for contract in signed]
    assert median(drafted) >= 2
    assert 5 <= median(answered) <= 20
    assert len(set(answered)) >= 10
    waiting = Contract.objects.filter(state=ContractState.OFFERED)
    assert waiting.filter(drafted_on__lt=F("offered_on")).count() == waiting.count()


def test_contracts_of_every_kind_occur_and_services_are_told_as_services(demo):
    assert set(Contract.objects.exclude(signed_on=None).values_list("kind", flat=True)) == set(ContractKind)
    services = Contract.objects.filter(kind=ContractKind.SERVICES).select_related("version_in_force")
    for contract in services:
        terms = contract.version_in_force
        assert terms.performance_until - terms.performance_from == dt.timedelta(days=365)
        assert "技术人员" in terms.performance_manner
        assert set(terms.terms.values_list("tax_rate", flat=True)) == {Decimal("0.06")}
        assert not contract.deliveries.exclude(carrier="").exists()
        assert "成套" not in contract.title


def test_some_contracts_were_amended_and_for_some_an_amendment_is_offered(demo):
    versions = ContractVersion.objects.filter(sequence__gt=1).select_related("contract")
    states = [version.state for version in versions]
    assert states.count(VersionState.IN_FORCE) == 4
    assert states.count(VersionState.OFFERED) == 2
    for version in versions:
        contract = version.contract
        before = contract.versions.get(sequence=1)
        plan = PaymentPlan.objects.get(contract_version=version)
        assert version.reason
        assert plan.total == version.amount == sum(row.amount for row in plan.instalments.all())
        assert (version.amount > before.amount) != (version.performance_until > before.performance_until)
        if version.state == VersionState.IN_FORCE:
            assert contract.amount == version.amount
            assert version.in_force_on > contract.signed_on
        else:
            assert contract.amount == before.amount
            assert contract.acts.order_by("-pk")[0].on <= TODAY


def test_what_is_ordered_is_received_or_open(demo):
    """Per currency: the instalments in force add up to the contracts, and to what was put on them and what is open."""
    currencies = set(Contract.objects.exclude(signed_on=None).values_list("currency", flat=True))
    assert {"CNY", "USD"} <= currencies
    for currency in currencies:
        running = Contract.objects.filter(currency=currency).exclude(signed_on=None).exclude(state="terminated")
        owed = (
            Instalment.objects.in_force()
            .filter(contract__in=running)
            .aggregate(amount=Sum("amount"), allocated=Sum("allocated"), open=Sum("open_amount"))
        )
        assert owed["amount"] == running.aggregate(total=Sum("amount"))["total"]
        assert owed["amount"] == owed["allocated"] + owed["open"]
        came = Receipt.objects.filter(currency=currency).aggregate(
            all=Sum("amount"), used=Sum("allocated"), back=Sum("refunded"), left=Sum("available")
        )
        assert came["all"] == came["used"] + came["back"] + came["left"]
        fees = Instalment.objects.in_force().filter(contract__state="terminated", currency=currency)
        assert came["used"] == owed["allocated"] + (fees.aggregate(paid=Sum("allocated"))["paid"] or 0)


def test_money_is_posted_until_the_last_days_and_late_by_days_and_by_months(demo):
    last = TODAY - dt.timedelta(days=14)
    assert Receipt.objects.filter(received_on__gt=last).exists()
    assert Delivery.objects.filter(on__gt=last).exists()
    assert not Receipt.objects.filter(received_on__gt=TODAY).exists()
    overdue = Instalment.objects.overdue(today=TODAY)
    late = [(TODAY - due_on).days for due_on in overdue.values_list("due_on", flat=True)]
    assert min(late) <= 30
    assert max(late) > 90
    assert any(30 < days <= 90 for days in late)
    assert Instalment.objects.open().filter(due_on__range=(TODAY, TODAY + dt.timedelta(days=30))).exists()


def test_money_is_late_in_bills_in_advance_retained_and_paid_back(demo):
    assert Instalment.objects.overdue(today=TODAY).count() >= 5
    assert Instalment.objects.open().filter(is_retention=True, due_on__gt=TODAY).exists()
    assert Instalment.objects.open().filter(is_retention=True, due_on=None).exists()
    bills = Receipt.objects.filter(kind="bill")
    assert bills.filter(cash_on=None).exists()
    assert bills.exclude(cash_on=None).exists()
    assert bills.count() < Receipt.objects.count() / 4
    assert Receipt.objects.with_advance().exists()
    refunds = Refund.objects.all()
    assert refunds.filter(contract__state="terminated").count() == 2
    assert refunds.exclude(contract__state="terminated").exists()
    assert Invoice.objects.filter(amount__lt=0).exclude(reason="").exists()


def test_deliveries_are_accepted_refused_or_come_back(demo):
    returns = Delivery.objects.filter(kind="return")
    assert returns.exists()
    assert not returns.filter(reason="").exists()
    stalled = Contract.objects.filter(state="performing", delivered_on__lt=TODAY, accepted_on=None).filter(
        deliveries__acceptances__outcome="rejected"
    )
    assert stalled.filter(instalments__open_amount__gt=0, instalments__due_on__lt=TODAY).exists()


def test_a_discount_waits_for_somebody_to_approve_it(demo):
    manager = User.objects.get(username="executive")
    waiting = waiting_requests(manager)
    assert waiting.exists()
    assert all(request.discount > request.policy for request in waiting)
    assert DiscountDecision.objects.filter(outcome="approved").exists()


def test_customers_stand_in_every_phase_and_some_fell_back(demo):
    assert set(Customer.objects.values_list("phase", flat=True)) == set(Phase)
    moves = set(PhaseChange.objects.values_list("from_phase", "to_phase"))
    assert {(Phase.QUALIFIED, Phase.SIGNED), (Phase.TARGET, Phase.SIGNED)} <= moves
    ended = Customer.objects.filter(contracts__state="terminated")
    assert not ended.filter(phase__gte=Phase.SIGNED).exists()


def test_habits_of_paying_show_in_what_was_paid(demo):
    """The truth tells each customer's habit: prompt payers keep within the grace, bad ones never do."""
    habits = {row.object_id: row.facts["name"] for row in DemoTruth.objects.filter(kind="payer")}
    assert set(habits) == set(Customer.objects.values_list("pk", flat=True))
    late: dict[str, list[int]] = {}
    for row in StandingEvidence.objects.filter(kind="instalment", settled_on__isnull=False, due_on__isnull=False):
        late.setdefault(habits[row.customer_id], []).append((row.settled_on - row.due_on).days)
    # The median: a bill of exchange is money only when it matures, whoever pays with it.
    by_habit = {name: median(days) for name, days in late.items()}
    assert by_habit["prompt"] <= GRACE_DAYS < by_habit["slow"] < by_habit["bad"]


def test_loudou_check_finds_nothing_wrong(demo):
    checks.load()
    # On the evening of the company's present day: phases move as days pass, by the hourly task.
    with time_machine.travel(dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC), tick=False):
        assert {check.name: findings for check, findings in checks.run() if findings} == {}


def test_the_audit_says_that_the_command_wrote_it(demo):
    entries = AuditEntry.objects.filter(table_name="pipeline_opportunity")
    assert entries.count() == Opportunity.objects.count()
    assert set(entries.values_list("source", "reason").order_by().distinct()) == {("command", "loudou demo")}


def test_a_database_with_records_is_left_alone(demo):
    before = Opportunity.objects.count()
    with pytest.raises(DatabaseNotEmpty) as refused:
        build(locale="zh", today=TODAY)
    assert refused.value.code == "database_not_empty"
    assert Opportunity.objects.count() == before


def test_new_rows_can_be_added_after_loading(demo):
    team = Team.objects.create(name="新团队")
    assert team.pk == Team.objects.order_by("-pk").first().pk
