"""A handover and other people's work at the same moment, with real threads and real transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.threads import at_once

from loudou.customers.models import Customer, OwnerChange
from loudou.customers.services import assign_owners
from loudou.handover.models import Handover
from loudou.handover.services import carrying_out, plans
from loudou.people.models import User
from loudou.pipeline.services import bulk, moves

from .conftest import AT, TODAY

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(user: User) -> User:
    """A user as another request would load them."""
    return User.objects.get(pk=user.pk)


@pytest.fixture
def carry_out(administrator: User) -> Callable[[Any], Callable[[], Any]]:
    """An act that carries a plan out."""
    return lambda plan: lambda: carrying_out.carry_out(fresh(administrator), plan.pk, at=AT, today=TODAY)


def test_a_customer_given_to_the_leaver_meanwhile_is_refused_or_moves_along(
    leaver, heir, colleague, operations, administrator, make_customer, carry_out
):
    for number in range(6):
        given = make_customer(f"Given {number}", owner=colleague)
        make_customer(f"Held {number}")
        User.objects.filter(pk=leaver.pk).update(is_active=True)
        plan = plans.prepare_handover(administrator, leaver.pk, today=TODAY, successor_id=heir.pk)
        answers = at_once(
            carry_out(plan),
            lambda given=given: assign_owners(fresh(operations), [given.pk], owner_id=leaver.pk, at=AT),
        )
        assert isinstance(answers[0], Handover)
        assert not Customer.objects.filter(owner=leaver).exists()
        owner = Customer.objects.get(pk=given.pk).owner
        assert owner == (colleague if answers[1] == "owner_not_available" else heir)


def test_work_on_the_leavers_sales_meanwhile_waits_for_neither(
    desk, leaver, heir, operations, administrator, carry_out, make_sale
):
    sales = [make_sale(desk.acme, 10) for _ in range(8)]
    stage = desk.sale.stage.process.stages.order_by("position")[1]
    plan = plans.prepare_handover(administrator, leaver.pk, today=TODAY, successor_id=heir.pk)
    answers = at_once(
        carry_out(plan),
        lambda: bulk.move_opportunities(fresh(operations), [sale.pk for sale in sales], stage_id=stage.pk, at=AT),
        lambda: moves.move_opportunity(fresh(operations), desk.sale.pk, stage_id=stage.pk, at=AT),
    )
    assert isinstance(answers[0], Handover)
    assert len(answers[1].done) == 8
    for sale in [desk.sale, *sales]:
        sale.refresh_from_db()
        assert (sale.owner, sale.stage) == (heir, stage)


def test_two_submits_at_once_hand_over_once(desk, heir, leaver, administrator, carry_out):
    plan = plans.prepare_handover(administrator, leaver.pk, today=TODAY, successor_id=heir.pk)
    answers = at_once(carry_out(plan), carry_out(plan))
    assert answers[0].pk == answers[1].pk
    assert Handover.objects.count() == 1
    assert OwnerChange.objects.filter(customer=desk.acme, cause="handover").count() == 1


def test_two_who_hand_over_to_each_other_do_not_block_each_other(
    make_user, home_team, administrator, make_customer, carry_out
):
    ann, bob = (make_user(name, team=home_team) for name in ("ann", "bob"))
    for number in range(5):
        make_customer(f"A{number}", owner=ann)
        make_customer(f"B{number}", owner=bob)
    first = plans.prepare_handover(administrator, ann.pk, today=TODAY, successor_id=bob.pk)
    second = plans.prepare_handover(administrator, bob.pk, today=TODAY, successor_id=ann.pk)
    answers = at_once(carry_out(first), carry_out(second))
    assert sorted(type(answer).__name__ for answer in answers) == ["Handover", "str"]
    assert "successor_not_available" in answers
    stays = bob if isinstance(answers[0], Handover) else ann
    assert Customer.objects.filter(owner=stays).count() == 10
