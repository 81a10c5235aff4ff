"""Undo: what an import made goes, what it changed is as before, what somebody touched since stays and is listed."""

from decimal import Decimal

import pytest

from loudou.core import checks
from loudou.customers.models import Contact, Customer, OwnerChange, Post
from loudou.exchange.choices import JobStatus, RowStatus
from loudou.exchange.errors import UndoNotPossible
from loudou.exchange.services import jobs, running, undoing
from loudou.people.models import AuditEntry
from loudou.pipeline.models import Opportunity, OpportunityLine, StageChange

from .conftest import AT, ran, why

HEAD = "id,name,stage,amount,created,closing date,expected,owner,product,quantity,price\n"


def now():
    return AT


def undo(actor, job):
    jobs.request_undo(actor, job.pk, at=AT)
    running.work_on(job.pk, now=now)
    job.refresh_from_db()
    return job


def picture():
    """All there is to know about opportunities, but for versions and times of writing."""
    hidden = {"version", "updated_at", "_state"}
    return [
        [{name: value for name, value in vars(row).items() if name not in hidden} for row in rows.order_by("pk")]
        for rows in (Opportunity.objects.all(), StageChange.objects.all(), OpportunityLine.objects.all())
    ]


def findings():
    """What `loudou check` finds wrong."""
    checks.load()
    return [finding for _check, found in checks.run() for finding in found]


def test_undo_removes_what_was_created_with_its_history(load, process, owner, operations):
    load("customers", "name\nAcme\n")
    job = load(
        "opportunities",
        "name,customer,stage,created,closed,owner\nA,Acme,Won,2026-01-01,2026-02-01,owner\nB,Acme,,2026-01-01,,owner\n",
    )
    assert ran(job) == {"created": 2}
    assert undo(operations, job).status == JobStatus.UNDONE
    assert not Opportunity.objects.exists()
    assert not StageChange.objects.exists()
    deleted = AuditEntry.objects.filter(table_name="pipeline_opportunity", operation="delete")
    assert {entry.actor for entry in deleted} == {operations}
    assert AuditEntry.objects.filter(table_name="import_undone").count() == 1
    with pytest.raises(UndoNotPossible):
        jobs.request_undo(operations, job.pk, at=AT)


def test_undo_puts_back_what_was_changed(load, operations):
    load("customers", "name,city,employees\nAcme,Rome,12\n")
    job = load("customers", "name,city,employees,phones\nAcme,Oslo,13,0555 1234\n")
    undo(operations, job)
    acme = Customer.objects.get()
    assert (acme.city, acme.employees, acme.phones) == ("Rome", 12, [])
    assert set(job.rows.values_list("status", flat=True)) == {RowStatus.UNDONE}


def test_undo_keeps_what_somebody_touched_since_and_lists_it(load, operations, process, owner):
    job = load("customers", "name\nTouched\nGrown\nUsed\nFree\n")
    touched, grown, used = (Customer.objects.get(name=name) for name in ("Touched", "Grown", "Used"))
    touched.city = "Rome"
    touched.save_changes("city")
    Post.objects.create(contact=Contact.objects.create(name="Ada"), customer=grown)
    load("opportunities", "name,customer,owner\nA,Used,owner\n")
    assert Opportunity.objects.get().customer == used
    undo(operations, job)
    assert set(Customer.objects.values_list("name", flat=True)) == {"Touched", "Grown", "Used"}
    assert why(job) == {
        2: ["Somebody changed it since the import."],
        3: ["Something was added to it since the import."],
        4: ["Other records refer to it."],
    }


def test_undo_takes_away_what_was_made_beside_the_rows(load, operations, process, owner):
    job = load("opportunities", "name,customer,owner\nA,New Ltd,owner\n", values={"customer": {"*": {"do": "create"}}})
    assert Customer.objects.count() == 1
    undo(operations, job)
    assert not Customer.objects.exists() and not Opportunity.objects.exists() and not OwnerChange.objects.exists()


def test_undo_of_an_update_brings_back_stages_outcomes_lines_and_history(
    load, operations, administrator, process, owner
):
    load("products", "name,price,currency\nPump,10,CNY\nValve,20,CNY\n", actor=administrator)
    load(
        "opportunities",
        HEAD
        + "1,Press,First contact,500,2026-01-05,,2026-09-01,owner,,,\n"
        + "2,Belt,First contact,5,2026-01-05,,,owner,,,\n"
        + "3,Crane,Won,70,2026-01-05,2026-03-01,,owner,,,\n"
        + "4,Pipe,First contact,,2026-01-05,,,owner,Pump,2,10\n",
    )
    before = picture()
    job = load(
        "opportunities",
        HEAD
        + "1,Press X,Proposal submitted,700,2026-01-05,,2026-10-01,owner,,,\n"
        + "2,Belt,Won,5,2026-01-05,2026-06-15,,owner,,,\n"
        + "3,Crane,First contact,70,2026-01-05,,,owner,,,\n"
        + "4,Pipe,First contact,,2026-01-05,,,owner,Valve,3,20\n",
    )
    assert (ran(job), why(job)) == ({"updated": 4}, {})
    assert set(Opportunity.objects.values_list("subject", "state", "amount")) == {
        ("Press X", "open", Decimal(700)),
        ("Belt", "won", Decimal(5)),
        ("Crane", "open", Decimal(70)),
        ("Pipe", "open", Decimal(60)),
    }
    assert undo(operations, job).status == JobStatus.UNDONE
    assert picture() == before
    assert set(job.rows.values_list("status", flat=True)) == {RowStatus.UNDONE}
    assert findings() == []


def test_undo_of_an_update_leaves_alone_what_was_moved_since(load, operations, process, owner):
    load("opportunities", "id,name,amount,owner\n1,Press,500,owner\n2,Belt,5,owner\n")
    job = load("opportunities", "id,name,amount,owner\n1,Press,700,owner\n2,Belt,7,owner\n")
    Opportunity.objects.get(external_id="1").save_changes("notes")
    undo(operations, job)
    assert dict(Opportunity.objects.values_list("external_id", "amount")) == {"1": Decimal(700), "2": Decimal(5)}
    assert why(job) == {2: ["Somebody changed it since the import."]}


def test_mothers_and_daughters_go_together_even_in_different_batches(load, operations, monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 2)
    names = ["A", "B", "C", "D", "E"]
    rows = "".join(f"{name},{names[(place + 1) % 5] if place < 4 else ''}\n" for place, name in enumerate(names))
    job = load("customers", "name,subsidiary of\n" + rows)
    assert Customer.objects.exclude(parent=None).count() == 4
    undo(operations, job)
    assert not Customer.objects.exists()
    assert set(job.rows.values_list("status", flat=True)) == {RowStatus.UNDONE}


def test_a_daughter_that_stays_keeps_her_mother(load, operations):
    job = load("customers", "name,subsidiary of\nMother,\nDaughter,Mother\nOther,\n")
    Customer.objects.get(name="Daughter").save_changes("city")
    undo(operations, job)
    assert set(Customer.objects.values_list("name", flat=True)) == {"Mother", "Daughter"}
    assert why(job) == {2: ["Other records refer to it."], 3: ["Somebody changed it since the import."]}


def test_competitors_and_colleagues_of_a_sale_go_with_it(load, administrator, process, owner, colleague):
    job = load(
        "opportunities",
        "name,competitors,team,owner\nA,Rival; Other,colleague,owner\n",
        values={"competitors": {"*": {"do": "create"}}},
        actor=administrator,
    )
    assert (ran(job), why(job)) == ({"created": 1}, {})
    undo(administrator, job)
    assert not Opportunity.objects.exists()
    assert why(job) == {}


def test_undo_costs_a_few_statements_whatever_the_number_of_rows(load, operations, django_assert_max_num_queries):
    job = load("customers", "name\n" + "".join(f"Customer {number}\n" for number in range(1500)))
    jobs.request_undo(operations, job.pk, at=AT)
    with django_assert_max_num_queries(80):
        running.work_on(job.pk, now=now)
    assert not Customer.objects.exists()
    assert AuditEntry.objects.filter(table_name="customers_customer", operation="delete").count() == 1500


def test_an_undo_that_was_interrupted_goes_on(load, operations, monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 10)
    job = load("customers", "name\n" + "".join(f"Customer {number}\n" for number in range(25)))
    job = jobs.request_undo(operations, job.pk, at=AT)
    assert undoing.undo_batch(job, operations, at=AT) == 10
    assert Customer.objects.count() == 15
    running.work_on(job.pk, now=now)
    assert not Customer.objects.exists()
