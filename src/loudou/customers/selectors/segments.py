"""Target segments: who matches them, how many, and in which phase."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

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


def counted_segments(actor: Actor) -> QuerySet[Segment]:
    """Segments with `size` and `in_<phase>`: how many of the visible customers match, all and by phase."""
    standing = StandingEvidence.objects.filter(
        kind=EvidenceKind.SEGMENT_MATCH,
        subject_id=OuterRef("pk"),
        customer__in=Customer.objects.visible_to(actor).order_by(),
    )
    counts = {f"in_{phase.code}": _count(standing.filter(customer__phase=phase)) for phase in Phase}
    return segment_rows(actor).annotate(size=_count(standing), **counts)


def _count(standing: QuerySet[StandingEvidence]) -> Coalesce:
    counted = standing.order_by().values("subject_id").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


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
