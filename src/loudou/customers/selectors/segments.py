"""Target segments: who matches them, how many, and in which phase."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet

from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.customers.choices import EvidenceKind, Phase
from loudou.customers.models import Customer, Segment, StandingEvidence
from loudou.customers.segment_rule import SegmentRule


@dataclass(slots=True)
class Penetration:
    """How many customers there are, and how many of them in each phase."""

    size: int = 0
    by_phase: dict[int, int] = field(default_factory=dict)


def segment_rows(actor: Actor) -> QuerySet[Segment]:
    """All segments, for whoever may see customers at all."""
    return Segment.objects.all() if actor.has_permission("customers.view") else Segment.objects.none()


def get_segment(actor: Actor, segment_id: int) -> Segment:
    """One segment. Raises NotVisible."""
    found = segment_rows(actor).filter(pk=segment_id).first()
    if found is None:
        raise NotVisible
    return found


def members_of_segment(segment_id: int) -> QuerySet[StandingEvidence, int]:
    """Ids of the customers that match a segment, as a subquery to narrow visible customers by."""
    standing = StandingEvidence.objects.filter(kind=EvidenceKind.SEGMENT_MATCH, subject_id=segment_id).order_by()
    return standing.values_list("customer_id", flat=True)


def penetration(actor: Actor) -> dict[int, Penetration]:
    """How many of the visible customers match each segment, and their phases (one statement)."""
    visible = Customer.objects.visible_to(actor).order_by()
    standing = StandingEvidence.objects.filter(kind=EvidenceKind.SEGMENT_MATCH, customer__in=visible).order_by()
    found: dict[int, Penetration] = defaultdict(Penetration)
    counted = standing.values_list("subject_id", "customer__phase").annotate(count=Count("pk"))
    for segment_id, phase, count in counted:
        found[segment_id].by_phase[phase] = count
        found[segment_id].size += count
    return dict(found)


def preview(actor: Actor, rule: SegmentRule) -> Penetration:
    """How many of the visible customers a rule would match, and their phases."""
    rows = Customer.objects.visible_to(actor).filter(rule.condition()).order_by()
    found = Penetration()
    for phase, count in rows.values_list("phase").annotate(count=Count("pk")):
        found.by_phase[phase] = count
        found.size += count
    return found


def phase_counts(actor: Actor) -> dict[Phase, int]:
    """How many visible customers stand in each phase now (one statement)."""
    rows = Customer.objects.visible_to(actor).order_by()
    counted = dict(rows.values_list("phase").annotate(count=Count("pk")))
    return {phase: counted.get(phase.value, 0) for phase in Phase}
