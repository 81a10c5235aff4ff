"""Two people at one record at the same moment, with real threads and real transactions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.threads import at_once

from loudou.people.models import User
from loudou.pipeline.models import Opportunity, SalesProcess, StageChange
from loudou.pipeline.services import bulk, moves, opportunities, processes
from loudou.pipeline.services.drafts import OpportunityDraft, StageDraft

LATER = dt.datetime(2026, 6, 20, 8, 0, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def lasting(process: SalesProcess) -> None:
    """The shipped processes, installed again after the test before this one wiped the tables."""


def fresh(user: User) -> User:
    """A user as another request would load them."""
    return User.objects.get(pk=user.pk)


def test_of_two_edits_of_one_version_one_wins_and_one_is_told(deal, owner, manager, findings):
    people = [fresh(owner), fresh(manager)]

    def edit(who: User) -> Callable[[], Any]:
        return lambda: opportunities.update_opportunity(
            who, deal.pk, changes={"amount": Decimal(who.pk)}, version=1, at=LATER
        )

    answers = at_once(*(edit(who) for who in people))
    assert sorted(type(answer).__name__ for answer in answers) == ["Opportunity", "str"]
    assert "stale_write" in answers
    row = Opportunity.objects.get(pk=deal.pk)
    assert row.version == 2
    assert StageChange.objects.filter(opportunity=row, kind="revised").count() == 1
    assert findings() == []


def test_two_moves_without_a_version_follow_one_another(deal, owner, manager, stages, findings):
    answers = at_once(
        lambda: moves.move_opportunity(fresh(owner), deal.pk, stage_id=stages[1].pk, at=LATER),
        lambda: moves.move_opportunity(fresh(manager), deal.pk, stage_id=stages[2].pk, at=LATER),
    )
    assert all(answer.change is not None for answer in answers)
    assert StageChange.objects.filter(opportunity=deal).count() == 3
    assert findings() == []


def test_a_double_click_moves_and_wins_once(deal, owner, stages, findings):
    def click() -> Any:
        return moves.move_opportunity(fresh(owner), deal.pk, stage_id=stages[1].pk, version=1, at=LATER)

    answers = at_once(click, click)
    assert sorted(answer.change is None for answer in answers) == [False, True]
    answers = at_once(*[lambda: moves.win_opportunity(fresh(owner), deal.pk, at=LATER)] * 2)
    assert answers.count("already_closed") == 1
    assert list(StageChange.objects.order_by("id").values_list("kind", flat=True)) == ["created", "advanced", "won"]
    assert findings() == []


def test_bulk_acts_in_opposite_order_never_wait_for_each_other(make, owner, manager, stages, findings):
    ids = [make().pk for _ in range(12)]
    answers = at_once(
        lambda: bulk.move_opportunities(fresh(owner), ids, stage_id=stages[1].pk, at=LATER),
        lambda: bulk.move_opportunities(fresh(manager), ids[::-1], stage_id=stages[2].pk, at=LATER),
        lambda: bulk.redate_opportunities(fresh(owner), ids[::2], expected_on=LATER.date(), at=LATER),
    )
    assert [len(answer.done) for answer in answers] == [12, 12, 6]
    assert StageChange.objects.count() == 12 + 12 + 12 + 6
    assert findings() == []


def test_one_foreign_id_is_given_once(owner, process):
    def create() -> Any:
        draft = OpportunityDraft("Twin", external_id="X-1")
        return opportunities.create_opportunity(fresh(owner), draft=draft, at=LATER)

    answers = at_once(create, create, create)
    assert answers.count("invalid_input") == 2
    assert Opportunity.objects.count() == 1
    assert StageChange.objects.count() == 1


def test_two_administrators_cannot_break_the_rule_of_seven_together(administrator, process):
    processes.add_stage(administrator, process.pk, draft=StageDraft("Sixth", Decimal(1)))

    def add(name: str) -> Callable[[], Any]:
        return lambda: processes.add_stage(fresh(administrator), process.pk, draft=StageDraft(name, Decimal(1)))

    answers = at_once(add("Seventh"), add("Eighth"))
    assert answers.count("stage_count_out_of_range") == 1
    assert process.stages.count() == 7


def test_a_stage_that_is_being_removed_takes_nobody_in(make, owner, administrator, process, stages, findings):
    row = make()
    answers = at_once(
        lambda: moves.move_opportunity(fresh(owner), row.pk, stage_id=stages[1].pk, at=LATER),
        lambda: processes.remove_stage(fresh(administrator), stages[1].pk, merge_into_id=stages[2].pk, at=LATER),
    )
    assert not any(isinstance(answer, str) and answer != "stage_of_other_process" for answer in answers)
    assert Opportunity.objects.get(pk=row.pk).stage_id in {stages[0].pk, stages[2].pk}
    assert findings() == []
