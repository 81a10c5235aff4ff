"""Several rows as lines of one opportunity: brought together, compared, and refused together."""

from decimal import Decimal

import pytest

from loudou.exchange.services import correcting, jobs, running
from loudou.pipeline.models import Opportunity, OpportunityLine

from .conftest import AT, ran, tried, why

LINES = {"rows_are_lines": True}
HEAD = "id,name,product,quantity,price,owner\n"


@pytest.fixture(autouse=True)
def products(load, process, administrator, owner):
    """Two products to sell."""
    load("products", "name,price,currency\nPump,10,CNY\nValve,20,CNY\n", actor=administrator)


def lines():
    rows = OpportunityLine.objects.order_by("opportunity__external_id", "position")
    return list(rows.values_list("opportunity__external_id", "product__name", "quantity", "amount"))


def test_rows_of_one_id_become_one_sale_with_their_lines(load):
    job = load(
        "opportunities",
        HEAD + "1,Press,Pump,2,9,owner\n2,Belt,Pump,1,,owner\n1,Press,Valve,3,20,owner\n1,,Valve,1,5,\n",
        options=LINES,
    )
    assert (ran(job), why(job)) == ({"created": 2, "line": 2}, {})
    assert lines() == [("1", "Pump", 2, 18), ("1", "Valve", 3, 60), ("1", "Valve", 1, 5), ("2", "Pump", 1, 10)]
    assert dict(Opportunity.objects.values_list("subject", "amount")) == {"Press": Decimal(83), "Belt": Decimal(10)}
    press = Opportunity.objects.get(subject="Press")
    assert set(job.rows.filter(target_id=press.pk).values_list("number", flat=True)) == {2, 4, 5}


def test_without_the_choice_the_second_row_is_about_a_record_the_file_has_already(load):
    job = load("opportunities", HEAD + "1,Press,Pump,2,9,owner\n1,Press,Valve,3,20,owner\n")
    assert ran(job) == {"created": 1, "skipped": 1}


def test_rows_are_brought_together_across_batches(load, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 3)
    text = HEAD + "".join(f"{number % 5},Sale {number % 5},Pump,{number + 1},1,owner\n" for number in range(20))
    job = load("opportunities", text, options=LINES)
    assert ran(job) == {"created": 5, "line": 15}
    assert [row[2] for row in lines() if row[0] == "3"] == [4, 9, 14, 19]


def test_rows_that_disagree_about_the_sale_are_refused_together_with_both_readings(load):
    job = load(
        "opportunities",
        HEAD + "1,Press,Pump,2,9,owner\n1,Crane,Valve,3,20,owner\n1,Press,Pump,many,1,owner\n2,Belt,Pump,1,1,owner\n",
        options=LINES,
    )
    assert ran(job) == {"failed": 3, "created": 1}
    assert why(job) == {
        2: ["Row 3 about the same record is refused."],
        3: ["Subject: “Crane” here, but “Press” in row 2 about the same record."],
        4: ["Quantity: “many” is not a number."],
    }
    assert list(Opportunity.objects.values_list("subject", flat=True)) == ["Belt"]


def test_an_amount_that_is_not_what_the_lines_make_is_refused(load):
    head = "id,name,amount,product,quantity,total price,owner\n"
    job = load(
        "opportunities",
        head
        + "1,Press,50,Pump,2,18,owner\n1,Press,50,Valve,1,20,owner\n2,Belt,38,Pump,2,18,owner\n2,,38,Valve,1,20,\n",
        options=LINES,
    )
    assert ran(job) == {"failed": 2, "created": 1, "line": 1}
    assert why(job)[2] == ["The lines make 38.00, but the amount is 50. Skip the amount, or correct one of them."]
    assert Opportunity.objects.get().amount == Decimal(38)


def test_a_row_without_a_product_is_no_line(load):
    job = load("opportunities", HEAD + "1,Press,Pump,2,9,owner\n1,Press,,3,20,owner\n", options=LINES)
    assert why(job) == {2: ["Row 3 about the same record is refused."], 3: ["Product is missing."]}


def test_lines_of_a_known_sale_are_replaced_and_come_back_by_undo(load, operations):
    load("opportunities", HEAD + "1,Press,Pump,2,9,owner\n", options=LINES)
    text = HEAD + "1,Press,Pump,5,9,owner\n1,Press,Valve,1,20,owner\n"
    job = load("opportunities", text, options=LINES)
    assert ran(job) == {"updated": 1, "line": 1}
    assert lines() == [("1", "Pump", 5, 45), ("1", "Valve", 1, 20)]
    assert ran(load("opportunities", text, options=LINES)) == {"skipped": 2}
    jobs.request_undo(operations, job.pk, at=AT)
    running.work_on(job.pk, now=lambda: AT)
    assert lines() == [("1", "Pump", 2, 18)]
    assert set(job.rows.values_list("status", flat=True)) == {"undone"}


def test_correcting_one_row_tries_the_whole_record_again(load, operations):
    job = load(
        "opportunities", HEAD + "1,Press,Pump,2,9,owner\n1,Press,Pump,many,1,owner\n", options=LINES, dry_run=True
    )
    assert tried(job) == {"failed": 2}
    correcting.edit_row(operations, job.pk, 3, cells=["1", "Press", "Pump", "7", "1", "owner"])
    jobs.request_check(operations, job.pk, at=AT)
    running.work_on(job.pk, now=lambda: AT)
    job.refresh_from_db()
    assert tried(job) == {"created": 1, "line": 1}
    assert job.progress == 2
