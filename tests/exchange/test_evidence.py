"""Imports are evidence too, and undoing them takes it back."""

from __future__ import annotations

import pytest

from loudou.core import checks
from loudou.customers import services as customers
from loudou.customers.choices import Phase
from loudou.customers.models import Customer, Evidence, PhaseChange
from loudou.customers.segment_rule import SegmentRule
from loudou.exchange.models import ImportJob
from loudou.exchange.services import running
from loudou.exchange.services.jobs import request_undo
from loudou.pipeline.models import Opportunity

from .conftest import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen", "process")]

SALES = """subject,customer,need,budget confirmed,opened,expected close date,stage,state,closed
Old press,Acme,explicit,2025-01-20,2025-01-10,2025-03-01,,lost,2025-02-20
New press,Acme,explicit,2026-06-01,2026-05-01,2026-07-01,,,
Idea,Bolt,hidden,,2026-06-01,,,,
"""


@pytest.fixture
def companies(load, operations):
    customers.create_segment(operations, name="Makers", rule=SegmentRule(industry=("Machinery",)), at=AT)
    return load("customers", "name,industry,purchasing power\nAcme,Machinery,150000\nBolt,Food,\n")


@pytest.fixture
def proven():
    names = [
        "pipeline.evidence",
        "customers.phase",
        "customers.phase_history",
        "customers.segments",
        "customers.standing_evidence",
    ]

    def run():
        checks.load()
        return {check.name: [one.record for one in found] for check, found in checks.run(names) if found}

    return run


def undo(operations, job):
    request_undo(operations, job.pk, at=AT)
    running.work_on(job.pk, now=lambda: AT)
    return ImportJob.objects.get(pk=job.pk)


def phases():
    return {name: Phase(phase) for name, phase in Customer.objects.values_list("name", "phase")}


def steps(name):
    rows = PhaseChange.objects.filter(customer__name=name).order_by("id")
    return [(Phase(row.to_phase), row.at.date().isoformat()) for row in rows]


def test_imported_customers_enter_their_segments(companies, proven):
    assert phases() == {"Acme": Phase.TARGET_MARKET, "Bolt": Phase.OUTSIDE}
    assert Customer.objects.get(name="Acme").expected_contribution == 150_000
    assert proven() == {}


def test_imported_sales_bring_their_past(companies, load, proven):
    load("opportunities", SALES)
    assert phases() == {"Acme": Phase.TARGET, "Bolt": Phase.OUTSIDE}
    assert steps("Acme") == [
        (Phase.PROSPECT, "2025-01-10"),
        (Phase.TARGET, "2025-01-20"),
        (Phase.PROSPECT, "2025-02-20"),
        (Phase.TARGET, "2026-06-01"),
    ]
    assert proven() == {}


def test_undoing_sales_gives_the_customer_its_phase_back(companies, load, operations, proven):
    job = load("opportunities", SALES)
    undo(operations, job)
    assert not Opportunity.objects.exists()
    assert phases() == {"Acme": Phase.TARGET_MARKET, "Bolt": Phase.OUTSIDE}
    assert steps("Acme") == [(Phase.TARGET_MARKET, "2026-06-15")]
    assert Evidence.objects.count() == 1
    assert proven() == {}


def test_undoing_changes_takes_back_what_they_proved(companies, load, operations, proven):
    load("opportunities", "subject,customer,id\nPress,Acme,A-1\n")
    job = load("opportunities", "id,need\nA-1,explicit\n", options={"match_keys": ["external_id"]})
    assert phases()["Acme"] == Phase.PROSPECT
    undo(operations, job)
    assert phases()["Acme"] == Phase.TARGET_MARKET
    assert proven() == {}


def test_undoing_customers_takes_their_evidence_along(companies, operations, proven):
    undo(operations, companies)
    assert not Customer.objects.exists()
    assert not Evidence.objects.exists()
    assert not PhaseChange.objects.exists()
    assert proven() == {}


def test_a_customer_with_evidence_that_somebody_recorded_since_is_kept(companies, operations, owner, proven):
    acme = Customer.objects.get(name="Acme")
    customers.verify_need(operations, acme.pk, how="visit", evidence="They showed us the old line", on=AT.date(), at=AT)
    undo(operations, companies)
    assert phases() == {"Acme": Phase.PROSPECT}
    assert proven() == {}
