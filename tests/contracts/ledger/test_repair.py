"""Stored figures that somebody damaged are found by the checks, and computed anew from the rows they follow from."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from loudou.contracts.models import Contract, Receipt
from loudou.core import checks, repairs
from loudou.customers.choices import EvidenceKind, OwnerChangeCause, Phase, PhaseCause
from loudou.customers.models import Customer, PhaseChange
from loudou.customers.phases import EvidenceSubject
from loudou.customers.segment_rule import SegmentRule
from loudou.customers.services import create_segment, record_evidence
from loudou.people.choices import Role
from loudou.people.models import User
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.drafts import OpportunityDraft
from loudou.pipeline.services.opportunities import create_opportunity

from .world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def damage(table: str, change: str) -> None:
    """Change rows past every guard, as somebody with the keys of the database could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE {table} SET {change}")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def wrong() -> list[str]:
    checks.load()
    return [check.name for check, found in checks.run() if found]


def mend(*, apply: bool) -> dict[str, list[tuple[str, str]]]:
    repairs.load()
    return {each.name: [(one.record, one.name) for one in found] for each, found in repairs.run(apply=apply) if found}


@pytest.fixture
def paid(signed: Callable[..., Contract], receive: Callable[..., Receipt]) -> Contract:
    """A signed contract of 1000 on which 400 came in."""
    contract = signed(1000)
    receive(400, contract_id=contract.pk)
    customer = contract.customer
    customer.owner_changes.create(to_owner=customer.owner, at=AT, cause=OwnerChangeCause.CREATED)
    assert wrong() == []
    return contract


@pytest.mark.parametrize(
    ("table", "change", "check"),
    [
        ("contracts_receipt", "allocated = 399, used_base = 399", "contracts.receipts"),
        ("contracts_instalment", "allocated = 401, cash = 0", "contracts.instalments"),
        ("contracts_contractline", "ordered = 17", "contracts.lines"),
        ("contracts_contractline", "invoiced_amount = 1", "contracts.invoices"),
        ("customers_customer", "owner_id = NULL", "customers.owner"),
        ("customers_customer", "held_since = now()", "customers.hold"),
        ("customers_customer", "phase = 1", "customers.phase_history"),
        ("customers_standingevidence", "due_on = '2020-01-01'", "customers.standing_evidence"),
    ],
)
def test_a_damaged_row_is_found_and_mended(paid: Contract, table: str, change: str, check: str) -> None:
    damage(table, change)
    assert check in wrong()
    assert check in mend(apply=False)
    assert check in wrong(), "without apply nothing changes"
    assert check in mend(apply=True)
    assert wrong() == []
    assert mend(apply=True) == {}


def test_each_value_that_differed_is_told(paid: Contract) -> None:
    receipt = Receipt.objects.get()
    damage("contracts_receipt", "allocated = 399")
    repairs.load()
    [(_each, found)] = [pair for pair in repairs.run(apply=True) if pair[1]]
    assert [(one.record, one.name, int(one.stored), int(one.derived)) for one in found] == [
        (f"contracts.receipt {receipt.pk}", "allocated", 399, 400)
    ]


def test_the_guards_of_balances_stand_after_a_repair(paid: Contract) -> None:
    damage("contracts_receipt", "allocated = 399")
    mend(apply=True)
    with pytest.raises(Exception, match="balances of receipts follow from entries"):
        Receipt.objects.update(allocated=1)


def test_a_phase_that_does_not_follow_goes_on_in_the_history_as_recounted(paid: Contract) -> None:
    record_evidence(
        paid.owner, paid.customer_id, kind=EvidenceKind.NEED_VERIFIED, subject=EvidenceSubject.of(paid), holds=True,
        at=AT, now=AT,
    )  # fmt: skip
    assert Customer.objects.get().phase == Phase.PROSPECT
    damage("customers_evidence", "holds = false WHERE kind = 'need_verified'")
    assert {"customers.standing_evidence", "customers.phase"} <= set(wrong())
    assert mend(apply=True)["customers.phase"] == [(f"customers.customer {paid.customer_id}", "phase")]
    assert "customers.phase" not in wrong()
    change = PhaseChange.objects.latest("pk")
    assert (change.from_phase, change.to_phase, change.cause) == (Phase.PROSPECT, Phase.OUTSIDE, PhaseCause.RECOUNT)


def test_memberships_of_segments_are_computed_anew(paid: Contract, make_user: Callable[..., User]) -> None:
    Customer.objects.update(industry="Steel")
    olga = make_user("olga", Role.OPERATIONS)
    create_segment(olga, name="Steel", rule=SegmentRule(industry=("Steel",)), at=AT)
    damage("customers_customer", "industry = 'Food'")
    assert wrong() == ["customers.segments"]
    [(record, name)] = mend(apply=True)["customers.segments"]
    assert (record, name) == (f"customers.customer {Customer.objects.get().pk}", "segments")
    assert wrong() == []


def test_an_opportunity_is_again_what_its_history_says(owner: User, customer: Customer) -> None:
    draft = OpportunityDraft("Crane", customer_id=customer.pk, amount=Decimal(5000))
    sale = create_opportunity(owner, draft=draft, at=AT)
    before = Opportunity.objects.values("stage_id", "state", "amount", "owner_id").get(pk=sale.pk)
    damage("pipeline_opportunity", "amount = 1, state = 'on_hold', stage_entered_at = '2020-01-01T00:00Z'")
    assert {"pipeline.current_state", "pipeline.stage_entered_at"} <= set(wrong())
    assert {"pipeline.current_state", "pipeline.stage_entered_at"} <= set(mend(apply=True))
    assert Opportunity.objects.values("stage_id", "state", "amount", "owner_id").get(pk=sale.pk) == before
    assert not {"pipeline.current_state", "pipeline.stage_entered_at"} & set(wrong())


def test_every_repair_bears_the_name_of_a_check() -> None:
    checks.load()
    repairs.load()
    assert set(repairs.REPAIRS) <= set(checks.CHECKS)
    places: list[Any] = [each.place for each in repairs.REPAIRS.values()]
    assert len(places) == len(set(places))
