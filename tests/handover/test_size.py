"""The number of statements does not grow with what somebody holds; large handovers take seconds."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext

from loudou.contracts.models import Contract
from loudou.core.copying import copy_rows
from loudou.customers.models import Customer
from loudou.handover.models import HandoverItem, HandoverPlan
from loudou.handover.selectors.preview import preview
from loudou.handover.services import carrying_out, plans
from loudou.people.models import User
from loudou.pipeline.models import Opportunity, Stage

from .conftest import AT, TODAY

MOST_STATEMENTS = 120


def fill(owner: User, count: int) -> None:
    """Give a user customers, each with a sale."""
    stage = Stage.objects.select_related("process").order_by("pk").first()
    customers = [Customer(name=f"{owner} {number}", owner=owner) for number in range(count)]
    copy_rows(customers)
    copy_rows([
        Opportunity(subject=f"Sale {number}", customer=customer, process=stage.process, stage=stage, owner=owner,
                    opened_on=dt.date(2026, 6, 1), stage_entered_at=AT, amount=100, amount_base=100)
        for number, customer in enumerate(customers)
    ])  # fmt: skip


def statements(act) -> int:
    """How many statements an act takes."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_the_preview_takes_as_many_statements_for_one_customer_as_for_many(desk, leaver, prepare, heir, manager):
    plan = HandoverPlan.objects.get(pk=prepare(successor_id=heir.pk).pk)
    preview(manager, plan, today=TODAY)  # what is kept between requests is read
    few = statements(lambda: preview(User.objects.get(pk=manager.pk), plan, today=TODAY))
    fill(leaver, 300)
    many = statements(lambda: preview(User.objects.get(pk=manager.pk), plan, today=TODAY))
    assert (few, many) == (few, few)
    assert many <= 25


def test_five_thousand_customers_change_hands_with_a_bounded_number_of_statements(
    leaver, colleague, heir, second_heir, manager, home_team, make_user
):
    """Compared with two customers, the number is the same; both go to two successors."""

    def run(person: User) -> int:
        plan = plans.prepare_handover(manager, person.pk, today=TODAY)
        people = [heir.pk, second_heir.pk]
        plans.split_evenly(manager, plan.pk, successor_ids=people, by="count", on=TODAY)
        actor = User.objects.get(pk=manager.pk)
        return statements(lambda: carrying_out.carry_out(actor, plan.pk, at=AT, today=TODAY))

    small = make_user("small", team=home_team)
    fill(small, 2)
    fill(leaver, 5000)
    few, many = run(small), run(leaver)
    assert not Customer.objects.filter(owner=leaver).exists()
    assert not Opportunity.objects.filter(owner=leaver).exists()
    assert not Contract.objects.filter(owner=leaver).exists()
    assert HandoverItem.objects.filter(part__handover__leaver=leaver).count() == 10_000
    assert few <= MOST_STATEMENTS
    assert many <= few + 12  # rows beyond a few hundred are written in batches
