"""Creating opportunities, one and many, new ones and those with a past."""

import datetime as dt
from decimal import Decimal

import pytest

from loudou.core.actors import SYSTEM
from loudou.core.errors import ExchangeRateMissing
from loudou.core.refusals import InvalidInput, PermissionRefused
from loudou.customers.models import Contact, Customer, CustomerMember
from loudou.people.models import AuditEntry
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.errors import (
    CannotSell,
    DateInFuture,
    DatesOutOfOrder,
    ListedTwice,
    NoProcess,
    SplitTooLarge,
    StageOfOtherProcess,
)
from loudou.pipeline.models import Opportunity, SalesProcess, StageChange
from loudou.pipeline.services import opportunities
from loudou.pipeline.services.drafts import LineDraft, MemberDraft, OpportunityDraft, StagePassed

JUNE = dt.date(2026, 6, 15)


def test_only_a_subject_is_needed(make, owner, stages, at, kinds, findings):
    row = make()
    row.refresh_from_db()
    assert (row.subject, row.state, row.owner, row.stage) == ("Two presses", State.OPEN, owner, stages[0])
    assert (row.currency, row.amount, row.opened_on, row.stage_entered_at) == ("CNY", None, JUNE, at)
    assert kinds(row) == [ChangeKind.CREATED]
    assert findings() == []


def test_creation_is_in_the_audit_with_its_actor(make, owner):
    row = make()
    entry = AuditEntry.objects.get(table_name="pipeline_opportunity", object_id=str(row.pk))
    assert (entry.actor_id, entry.operation, entry.after["subject"]) == (owner.pk, "insert", "Two presses")


def test_the_amount_is_rounded_to_the_currency_and_valued_at_todays_rate(make, dollars):
    row = make(amount=Decimal("100.125"), currency="usd")
    assert (row.amount, row.currency, row.amount_base) == (Decimal("100.13"), "USD", Decimal("720.94"))


def test_without_a_rate_nothing_is_created(make):
    with pytest.raises(ExchangeRateMissing):
        make(amount=Decimal(1), currency="USD")
    assert not Opportunity.objects.exists()


def test_lines_make_the_amount(make, product, findings):
    row = make(
        amount=Decimal(1),
        lines=[
            LineDraft(product.pk, Decimal(3), Decimal("33.335")),
            LineDraft(product.pk, Decimal(1), Decimal(100), Decimal("0.1")),
        ],
    )
    assert row.amount == Decimal("190.01")
    assert [line.amount for line in row.lines.all()] == [Decimal("100.0100"), Decimal("90.0000")]
    assert findings() == []


def test_members_contacts_and_competitors_come_along(make, owner, colleague, customer, rival, findings):
    contact = Contact.objects.create(name="Li Na", owner=owner)
    row = make(
        customer_id=customer.pk,
        members=[MemberDraft(colleague.pk, Decimal(40))],
        contact_ids=[contact.pk],
        competitor_ids=[rival.pk],
    )
    assert [(m.user, m.split) for m in row.members.all()] == [(colleague, Decimal(40))]
    assert [p.contact for p in row.people.all()] == [contact]
    assert list(row.competitors.all()) == [rival]
    assert Customer.objects.visible_to(colleague).filter(pk=customer.pk).exists()
    assert not CustomerMember.objects.filter(user=owner).exists()  # who owns the customer need not be a member
    assert AuditEntry.objects.filter(table_name="pipeline_opportunity_competitors").count() == 1
    assert findings() == []


def test_an_owner_who_does_not_own_the_customer_can_see_it_from_then_on(make, manager, colleague, customer):
    row = make(manager, customer_id=customer.pk, owner_id=colleague.pk)
    assert row.owner == colleague
    assert Customer.objects.visible_to(colleague).filter(pk=customer.pk).exists()


def test_a_rep_cannot_create_for_somebody_else(make, colleague):
    with pytest.raises(PermissionRefused):
        make(owner_id=colleague.pk)
    assert not Opportunity.objects.exists()


def test_an_executive_cannot_create(make, executive):
    with pytest.raises(PermissionRefused):
        make(executive)
    assert not Opportunity.objects.exists()


def test_a_foreign_customer_is_like_none(make, stranger, customer):
    with pytest.raises(InvalidInput) as refusal:
        make(stranger, customer_id=customer.pk)
    assert list(refusal.value.errors) == ["customer"]
    with pytest.raises(InvalidInput) as other:
        make(stranger, customer_id=customer.pk + 1000)
    assert other.value.errors == refusal.value.errors
    assert not Opportunity.objects.exists() and not StageChange.objects.exists()


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 256}, "subject"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"amount": Decimal("1e15")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"probability": Decimal("1.5")}, "probability"),
        ({"priority": 9}, "priority"),
        ({"likelihood": "perhaps"}, "likelihood"),
        ({"contact_ids": [10**9]}, "contacts"),
        ({"competitor_ids": [10**9]}, "competitors"),
        ({"lines": [LineDraft(10**9, Decimal(1), Decimal(1))]}, "lines"),
        ({"members": [MemberDraft(10**9)]}, "members"),
        ({"loss_reason_id": 10**9}, "loss_reason"),
        ({"lost_to_id": 10**9}, "lost_to"),
        ({"process_id": 10**9}, "process"),
        ({"stage_id": 10**9}, "stage"),
        ({"state": State.WON}, "closed_on"),
        ({"closed_on": JUNE}, "closed_on"),
        ({"opened_on": dt.date(1800, 1, 1)}, ""),
    ],
)
def test_what_breaks_a_rule_is_said_at_its_field(make, facts, field):
    with pytest.raises(InvalidInput) as refusal:
        make(**facts)
    assert list(refusal.value.errors) == [field]
    assert not Opportunity.objects.exists()


@pytest.mark.parametrize(
    ("quantity", "price", "discount"), [("0", "1", "0"), ("-1", "1", "0"), ("1", "-1", "0"), ("1", "1", "1.1")]
)
def test_a_line_that_breaks_a_rule_is_refused(make, product, quantity, price, discount):
    with pytest.raises(InvalidInput) as refusal:
        make(lines=[LineDraft(product.pk, Decimal(quantity), Decimal(price), Decimal(discount))])
    assert list(refusal.value.errors) == ["lines"]


def test_lines_may_not_add_up_to_more_than_a_column_holds(make, product):
    with pytest.raises(InvalidInput):
        make(lines=[LineDraft(product.pk, Decimal(99999999), Decimal(99999999))])


def test_shares_may_not_exceed_the_whole(make, colleague, stranger):
    with pytest.raises(SplitTooLarge):
        make(members=[MemberDraft(colleague.pk, Decimal(60)), MemberDraft(stranger.pk, Decimal("40.01"))])
    with pytest.raises(ListedTwice):
        make(members=[MemberDraft(colleague.pk), MemberDraft(colleague.pk)])
    with pytest.raises(InvalidInput):
        make(members=[MemberDraft(colleague.pk, Decimal(-1))])


def test_somebody_who_left_or_cannot_sell_gets_no_open_sale(make, manager, make_user, finance):
    gone = make_user("gone", is_active=False)
    with pytest.raises(CannotSell):
        make(manager, owner_id=gone.pk)
    with pytest.raises(CannotSell):
        make(manager, owner_id=finance.pk)
    with pytest.raises(CannotSell):
        make(manager, members=[MemberDraft(gone.pk)])
    past = make(
        manager, owner_id=gone.pk, state=State.WON, opened_on=dt.date(2025, 1, 1), closed_on=dt.date(2025, 3, 1)
    )
    assert past.owner == gone


def test_a_stage_of_another_process_is_refused(make, process):
    other = SalesProcess.objects.exclude(pk=process.pk)[0]
    stage = other.stages.order_by("position")[1]
    with pytest.raises(StageOfOtherProcess):
        make(process_id=process.pk, stage_id=stage.pk)
    row = make(stage_id=stage.pk)
    assert (row.process, row.stage) == (other, stage)


def test_without_a_default_process_one_must_be_named(make, process):
    SalesProcess.objects.update(is_default=False)
    with pytest.raises(NoProcess):
        make()
    assert make(process_id=process.pk).stage.position == 1


def test_a_retired_process_takes_no_open_sales(make, process):
    SalesProcess.objects.filter(pk=process.pk).update(is_active=False)
    with pytest.raises(InvalidInput):
        make(process_id=process.pk)


def test_a_won_sale_of_the_past_brings_its_history(make, stages, dollars, kinds, findings):
    row = make(
        state=State.WON,
        amount=Decimal(100),
        currency="USD",
        opened_on=dt.date(2026, 1, 10),
        passed=[StagePassed(stages[1].pk, dt.date(2026, 2, 1)), StagePassed(stages[4].pk, dt.date(2026, 3, 1))],
        closed_on=dt.date(2026, 6, 2),
    )
    assert kinds(row) == ["created", "advanced", "skipped", "won"]
    changes = list(StageChange.objects.order_by("at", "id"))
    assert [change.at.date().isoformat() for change in changes] == [
        "2026-01-10",
        "2026-02-01",
        "2026-03-01",
        "2026-06-02",
    ]
    assert [change.amount_base for change in changes] == [700, 700, 700, 720]  # each at the rate of its day
    assert (row.amount_base, row.stage) == (Decimal(720), stages[4])
    assert row.closed_at.date() == dt.date(2026, 6, 2)
    assert findings() == []


def test_opened_and_closed_on_one_day_keeps_its_order(make, kinds, findings):
    row = make(state=State.LOST, opened_on=dt.date(2025, 5, 5), closed_on=dt.date(2025, 5, 5))
    assert kinds(row) == ["created", "lost"]
    assert findings() == []


def test_on_hold_can_be_brought_along(make, kinds, findings):
    row = make(state=State.ON_HOLD, opened_on=dt.date(2026, 1, 1))
    assert kinds(row) == ["created", "held"]
    assert row.closed_at is None
    assert findings() == []


def test_moving_back_in_the_past_is_kept(make, stages, kinds, findings):
    row = make(
        opened_on=dt.date(2026, 1, 1),
        passed=[StagePassed(stages[2].pk, dt.date(2026, 2, 1)), StagePassed(stages[1].pk, dt.date(2026, 3, 1))],
    )
    assert kinds(row) == ["created", "skipped", "moved_back"]
    assert row.stage == stages[1]
    assert findings() == []


@pytest.mark.parametrize(
    "facts",
    [
        {"opened_on": JUNE, "state": State.WON, "closed_on": dt.date(2026, 6, 1)},
        {"opened_on": dt.date(2026, 7, 1)},
    ],
)
def test_dates_out_of_order_are_refused(make, facts):
    with pytest.raises(DatesOutOfOrder):
        make(**facts)


def test_the_future_has_not_happened(make):
    with pytest.raises(DateInFuture):
        make(state=State.WON, opened_on=dt.date(2026, 6, 1), closed_on=dt.date(2026, 7, 1))


def test_a_batch_reports_each_draft_and_keeps_the_good_ones(owner, process, at, findings):
    outcomes = opportunities.create_opportunities(
        owner,
        [
            OpportunityDraft("good", external_id="A1"),
            OpportunityDraft("", external_id="A2"),
            OpportunityDraft("twin", external_id="A1"),
            OpportunityDraft("fine"),
        ],
        at=at,
    )
    assert [outcome.refusal.code if outcome.refusal else None for outcome in outcomes] == [
        None,
        "invalid_input",
        "invalid_input",
        None,
    ]
    assert outcomes[2].refusal.errors == {"external_id": ["Another opportunity has this id of another system."]}
    assert set(Opportunity.objects.values_list("subject", flat=True)) == {"good", "fine"}
    assert StageChange.objects.count() == 2
    again = opportunities.create_opportunities(owner, [OpportunityDraft("late twin", external_id="A1")], at=at)
    assert again[0].refusal.code == "invalid_input"
    assert findings() == []


def test_a_batch_costs_the_same_number_of_statements(owner, customer, product, process, at, django_assert_num_queries):
    def drafts(count):
        return [
            OpportunityDraft(
                f"Sale {number}",
                customer_id=customer.pk,
                lines=[LineDraft(product.pk, Decimal(1), Decimal(number + 1))],
            )
            for number in range(count)
        ]

    for _ in range(2):  # the first one makes the company's row, the second keeps it
        opportunities.create_opportunities(owner, drafts(1), at=at)
    # Many rows are copied, which asks for their keys beforehand: once for each of three tables.
    for count, statements in ((1, 13), (50, 16), (200, 16)):
        with django_assert_num_queries(statements):
            opportunities.create_opportunities(owner, drafts(count), at=at)


def test_creating_one_is_a_handful_of_statements(owner, customer, process, at, django_assert_num_queries):
    draft = OpportunityDraft("Sale", customer_id=customer.pk, amount=Decimal(5))
    for _ in range(2):
        opportunities.create_opportunity(owner, draft=draft, at=at)
    with django_assert_num_queries(11):  # four of them savepoints of the test's own transaction
        opportunities.create_opportunity(owner, draft=draft, at=at)


def test_the_system_may_create_for_nobody(process, at):
    row = opportunities.create_opportunity(SYSTEM, draft=OpportunityDraft("From a file"), at=at)
    assert row.owner is None
    assert StageChange.objects.get(opportunity=row).actor is None
