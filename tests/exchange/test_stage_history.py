"""The past of opportunities: moves of another system become their history, in order, or are refused with a reason."""

import datetime as dt
from decimal import Decimal

import pytest

from loudou.core import checks
from loudou.exchange.services import jobs, running
from loudou.pipeline.models import Opportunity, StageChange
from loudou.pipeline.services.moves import move_opportunity

from .conftest import AT, ran, why

HEAD = "opportunity id,created date,stage name,created by\n"


@pytest.fixture(autouse=True)
def sales(load, process, owner):
    """A sale that is open in the third stage, one that was won, and one that was lost."""
    load(
        "opportunities",
        "id,name,stage,amount,created,close date,owner\n"
        "O1,Press,Proposal submitted,500,2026-01-05,,owner\n"
        "W1,Belt,Closed Won,80,2026-01-05,2026-03-02,owner\n"
        "L1,Crane,Closed Lost,70,2026-01-05,2026-02-10,owner\n",
    )


def story(external_id):
    rows = StageChange.objects.filter(opportunity__external_id=external_id).order_by("at", "id")
    return [
        (f"{change.at:%m-%d %H:%M}", change.kind, change.to_stage.name, change.to_state)
        for change in rows.select_related("to_stage")
    ]


def findings():
    checks.load()
    return [finding for _check, found in checks.run() for finding in found]


def test_moves_become_history_in_the_order_of_their_times(load, colleague):
    job = load(
        "stage_history",
        HEAD
        + "O1,2026-02-01 10:00,Needs understood,colleague\n"
        + "O1,2026-01-05 09:00,First contact,\n"
        + "O1,2026-03-01T08:00:00Z,Proposal submitted,colleague\n",
        options={"time_zone": "Asia/Shanghai"},
    )
    assert (ran(job), why(job)) == ({"updated": 1, "line": 2}, {})
    assert story("O1") == [
        ("01-05 01:00", "created", "First contact", "open"),
        ("02-01 02:00", "advanced", "Needs understood", "open"),
        ("03-01 08:00", "advanced", "Proposal submitted", "open"),
    ]
    sale = Opportunity.objects.get(external_id="O1")
    assert (sale.stage_entered_at, sale.stage.name) == (dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC), "Proposal submitted")
    assert list(sale.changes.order_by("at").values_list("actor__username", flat=True)[1:]) == ["colleague"] * 2
    assert findings() == []


def test_a_closed_sale_keeps_its_outcome_and_learns_its_last_stage(load):
    job = load(
        "stage_history",
        HEAD
        + "W1,2026-01-05 12:00,First contact,\nW1,2026-02-03,Negotiation,\nW1,2026-03-02 17:30,Closed Won,\n"
        + "L1,2026-01-06,First contact,\nL1,2026-02-09 08:00,Needs understood,\n",
        options={"time_zone": "Asia/Shanghai"},
    )
    assert (ran(job), why(job)) == ({"updated": 2, "line": 3}, {})
    assert story("W1") == [
        ("01-05 04:00", "created", "First contact", "open"),
        ("02-03 04:00", "skipped", "Negotiation", "open"),
        ("03-02 09:30", "won", "Negotiation", "won"),
    ]
    won = Opportunity.objects.get(external_id="W1")
    assert (won.stage.name, won.closed_at) == ("Negotiation", dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC))
    assert [row[1:] for row in story("L1")] == [
        ("created", "First contact", "open"),
        ("advanced", "Needs understood", "open"),
        ("lost", "Needs understood", "lost"),
    ]
    assert findings() == []


def test_lost_and_won_again_is_kept_as_it_was(load):
    job = load(
        "stage_history",
        HEAD
        + "W1,2026-01-05 09:00,First contact,\nW1,2026-01-20,Closed Lost,\nW1,2026-02-01,Negotiation,\n"
        + "W1,2026-03-02 09:00,Closed Won,\n",
    )
    assert (ran(job), why(job)) == ({"updated": 1, "line": 3}, {})
    assert [row[1:] for row in story("W1")] == [
        ("created", "First contact", "open"),
        ("lost", "First contact", "lost"),
        ("reopened", "Negotiation", "open"),
        ("won", "Negotiation", "won"),
    ]
    assert findings() == []


def test_amounts_and_dates_of_the_time_are_kept(load):
    job = load(
        "stage_history",
        "opportunity id,created date,stage name,amount,close date\n"
        "O1,2026-01-05 09:00,First contact,300,2026-05-01\nO1,2026-02-01,Proposal submitted,450,2026-06-01\n",
    )
    assert (ran(job), why(job)) == ({"updated": 1, "line": 1}, {})
    amounts = StageChange.objects.filter(opportunity__external_id="O1").order_by("at", "id")
    assert list(amounts.values_list("kind", "amount", "expected_on")) == [
        ("created", Decimal(300), dt.date(2026, 5, 1)),
        ("skipped", Decimal(450), dt.date(2026, 6, 1)),
        ("revised", Decimal(500), None),
    ]
    assert findings() == []


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("O1,2025-12-01,First contact,\n", "The history begins on 1 Dec 2025, but the opportunity was opened on"),
        ("O1,2026-02-01,Negotiation,\n", "ends in “Negotiation”, but what is known here goes on from “Proposal"),
        ("O1,2026-02-01,Closed Won,\n", "The history ends in “Won”"),
        ("W1,2026-02-01,Closed Lost,\n", "The history ends in “Lost”, but what is known here goes on from “Won”."),
        ("W1,2026-03-09,Negotiation,\n", "This opportunity was still changed on 9 Mar 2026."),
        ("O1,2026-09-01,Proposal submitted,\n", "1 Sep 2026 is still to come."),
        ("O1,soon,Proposal submitted,\n", "When: “soon” is not a date."),
        ("O1,2026-02-01,Blue,\n", "“Blue” is neither a stage of the sales process nor an outcome."),
        ("O1,2026-02-01,,\n", "Stage or outcome it came to is missing."),
        ("X9,2026-02-01,Negotiation,\n", "“X9” is not known here."),
        ("O1,2026-02-01,Proposal submitted,nobody\n", "Who moved it: “nobody” is not known here."),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(load, rows, reason):
    before = list(StageChange.objects.order_by("pk").values())
    job = load("stage_history", HEAD + rows)
    assert ran(job) == {"failed": 1}
    assert reason in why(job)[2][0]
    assert list(StageChange.objects.order_by("pk").values()) == before


def test_a_row_that_came_from_elsewhere_is_refused(load):
    job = load(
        "stage_history",
        "opportunity id,created date,old value,new value\n"
        "O1,2026-02-01,First contact,Needs understood\nO1,2026-03-01,Negotiation,Proposal submitted\n",
    )
    assert why(job)[2] == [
        "The row of 1 Mar 2026 says it came from “Negotiation”, "
        "but before it the opportunity was in “Needs understood”."
    ]


def test_the_same_history_again_changes_nothing(load):
    text = HEAD + "O1,2026-01-05 09:00,First contact,\nO1,2026-02-01,Proposal submitted,\nW1,2026-02-01,Negotiation,\n"
    load("stage_history", text)
    version = Opportunity.objects.get(external_id="O1").version
    job = load("stage_history", text)
    assert ran(job) == {"skipped": 3}
    assert Opportunity.objects.get(external_id="O1").version == version


def test_what_happened_here_since_stays_and_the_story_leads_to_it(load, process, owner):
    sale = Opportunity.objects.get(external_id="O1")
    there = process.stages.get(name="Negotiation")
    move_opportunity(owner, sale.pk, stage_id=there.pk, at=AT)
    job = load("stage_history", HEAD + "O1,2026-01-05 09:00,First contact,\nO1,2026-02-01,Proposal submitted,\n")
    assert (ran(job), why(job)) == ({"updated": 1, "line": 1}, {})
    assert [row[1:3] for row in story("O1")] == [
        ("created", "First contact"),
        ("skipped", "Proposal submitted"),
        ("advanced", "Negotiation"),
    ]
    assert findings() == []


def test_rows_about_other_fields_are_skipped(load):
    text = (
        "deal id,timestamp,property,value\n"
        "O1,1767574800000,dealstage,First contact\n"
        "O1,1769936400000,amount,900\n"
        "O1,1769936400000,dealstage,Proposal submitted\n"
    )
    job = load("stage_history", text)
    assert ran(job) == {"updated": 1, "line": 1, "skipped": 1}
    assert why(job) == {3: ["The row is about another field than the stage."]}
    assert story("O1")[0][0] == "01-05 01:00"


def test_undo_puts_the_former_history_back(load, operations):
    before = [list(rows.order_by("pk").values()) for rows in (StageChange.objects, Opportunity.objects)]
    job = load("stage_history", HEAD + "W1,2026-01-05 09:00,First contact,\nW1,2026-02-03,Negotiation,\n")
    assert ran(job) == {"updated": 1, "line": 1}
    jobs.request_undo(operations, job.pk, at=AT)
    running.work_on(job.pk, now=lambda: AT)
    after = [list(rows.order_by("pk").values()) for rows in (StageChange.objects, Opportunity.objects)]
    assert after[0] == before[0]
    hidden = {"version", "updated_at"}
    assert [{k: v for k, v in row.items() if k not in hidden} for row in after[1]] == [
        {k: v for k, v in row.items() if k not in hidden} for row in before[1]
    ]
    assert findings() == []
