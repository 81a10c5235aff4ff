"""Target segments: who matches follows from the rule and from the customers, whichever changes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loudou.core.refusals import InvalidInput, PermissionRefused, StaleWrite
from loudou.customers import services
from loudou.customers.choices import EvidenceKind, Phase, PhaseCause
from loudou.customers.models import Customer, Evidence, PhaseChange, Segment, StandingEvidence
from loudou.customers.segment_rule import SegmentRule
from loudou.customers.services import CustomerDraft
from loudou.people.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def operations(make_user):
    return make_user("olga", Role.OPERATIONS)


@pytest.fixture
def make(owner, now):
    def make(name, **facts):
        return services.create_customer(owner, CustomerDraft(name=name, **facts), at=now)

    return make


@pytest.fixture
def segment(operations, now):
    """Save a segment: `segment("Makers", industry=("Machinery",))`."""

    def save(name, **conditions):
        return services.create_segment(operations, name=name, rule=SegmentRule(**conditions), at=now)

    return save


def members(segment):
    standing = StandingEvidence.objects.filter(kind=EvidenceKind.SEGMENT_MATCH, subject_id=segment.pk)
    return sorted(standing.values_list("customer__name", flat=True))


def test_a_new_segment_takes_in_who_matches(make, segment, findings, now, operations):
    make("Acme", industry="Machinery", province="Jiangsu")
    make("Bolt", industry="machinery", province="Zhejiang")
    make("Corn", industry="Food", province="Jiangsu")
    makers = segment("Makers", industry=("MACHINERY",))
    assert members(makers) == ["Acme", "Bolt"]
    phases = dict(Customer.objects.values_list("name", "phase"))
    assert phases == {"Acme": Phase.TARGET_MARKET, "Bolt": Phase.TARGET_MARKET, "Corn": Phase.OUTSIDE}
    change = PhaseChange.objects.select_related("evidence").order_by("id")[0]
    assert (change.cause, change.actor, change.at) == (PhaseCause.EVIDENCE, operations, now)
    assert (change.evidence.kind, change.evidence.subject_label) == (EvidenceKind.SEGMENT_MATCH, "Makers")
    assert findings() == {}


def test_all_conditions_must_be_met_and_any_value_of_one(make, segment):
    make("Acme", industry="Machinery", province="Jiangsu", employees=80)
    make("Bolt", industry="Machinery", province="Zhejiang", employees=120)
    make("Corn", industry="Food", province="Jiangsu", employees=90)
    make("Dust", industry="Machinery", province="Shanghai")
    found = segment("East", industry=("Machinery", "Chemistry"), province=("Jiangsu", "Zhejiang"), employees_below=120)
    assert members(found) == ["Acme"]


def test_bands_of_purchasing_power_that_touch_never_overlap(make, segment):
    make("Acme", expected_contribution=Decimal(100_000))
    make("Bolt", expected_contribution=Decimal("99999.99"))
    make("Corn")
    low = segment("Low", contribution_below=Decimal(100_000))
    high = segment("High", contribution_from=Decimal(100_000))
    assert (members(low), members(high)) == (["Bolt"], ["Acme"])


def test_a_customer_enters_and_leaves_with_its_fields(make, segment, owner, now, findings):
    makers = segment("Makers", industry=("Machinery",))
    acme = make("Acme", industry="Machinery")
    assert acme.phase == Phase.TARGET_MARKET
    acme = services.update_customer(owner, acme.pk, changes={"industry": "Food"}, at=now)
    assert (acme.phase, members(makers)) == (Phase.OUTSIDE, [])
    assert list(Evidence.objects.order_by("id").values_list("holds", flat=True)) == [True, False]
    services.update_customer(owner, acme.pk, changes={"notes": "Quiet"}, at=now)
    assert Evidence.objects.count() == 2
    assert findings() == {}


def test_changing_a_rule_moves_customers(make, segment, operations, now, findings):
    make("Acme", industry="Machinery")
    make("Corn", industry="Food")
    makers = segment("Makers", industry=("Machinery",))
    services.update_segment(operations, makers.pk, changes={"rule": SegmentRule(industry=("Food",))}, at=now)
    assert members(makers) == ["Corn"]
    assert dict(Customer.objects.values_list("name", "phase")) == {"Acme": 0, "Corn": 1}
    services.update_segment(operations, makers.pk, changes={"is_active": False}, at=now)
    assert members(makers) == []
    assert not Customer.objects.exclude(phase=Phase.OUTSIDE).exists()
    assert findings() == {}


def test_a_customer_in_two_segments_stays_in_the_target_market_when_it_leaves_one(make, segment, operations, now):
    makers = segment("Makers", industry=("Machinery",))
    segment("East", province=("Jiangsu",))
    acme = make("Acme", industry="Machinery", province="Jiangsu")
    services.update_segment(operations, makers.pk, changes={"is_active": False}, at=now)
    acme.refresh_from_db()
    assert acme.phase == Phase.TARGET_MARKET
    assert PhaseChange.objects.count() == 1


def test_renaming_a_segment_records_nothing(make, segment, operations, now):
    make("Acme", industry="Machinery")
    makers = segment("Makers", industry=("Machinery",))
    services.update_segment(operations, makers.pk, changes={"name": "Machine makers"}, at=now)
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    "conditions", [{}, {"employees_from": 50, "employees_below": 50}, {"contribution_from": 2, "contribution_below": 1}]
)
def test_a_rule_for_everybody_or_nobody_is_refused(segment, conditions):
    with pytest.raises(InvalidInput):
        segment("Any", **conditions)
    assert not Segment.objects.exists()


def test_a_name_is_taken_once_and_a_stale_change_refused(segment, operations, now):
    makers = segment("Makers", industry=("Machinery",))
    with pytest.raises(InvalidInput):
        segment("makers", industry=("Food",))
    with pytest.raises(StaleWrite):
        services.update_segment(operations, makers.pk, changes={"name": "X"}, at=now, version=9)
    assert list(Segment.objects.values_list("name", flat=True)) == ["Makers"]


def test_reps_do_not_set_up_segments(owner, now):
    with pytest.raises(PermissionRefused):
        services.create_segment(owner, name="Mine", rule=SegmentRule(kind=("dealer",)), at=now)
    assert not Segment.objects.exists()


def test_what_a_copy_left_undone_is_repaired(make, segment, operations, now, findings):
    makers = segment("Makers", industry=("Machinery",))
    acme = make("Acme")
    Customer.objects.filter(pk=acme.pk).update(industry="Machinery")
    assert findings() == {"customers.segments": [f"customers.customer {acme.pk}"]}
    assert services.refresh_segments(operations, at=now) == 1
    assert services.refresh_segments(operations, at=now) == 0
    assert (members(makers), findings()) == (["Acme"], {})


def test_rules_read_back_what_was_written():
    rule = SegmentRule(kind=("dealer",), contribution_from=Decimal("100000.50"), employees_below=50)
    assert rule.to_json() == {"kind": ["dealer"], "contribution_from": "100000.50", "employees_below": 50}
    assert SegmentRule.from_json(rule.to_json()) == rule
