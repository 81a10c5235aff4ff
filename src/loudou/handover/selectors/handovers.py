"""Handovers that were carried out, and plans of those that were not yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from loudou.core.actors import Actor
from loudou.handover.choices import HandoverPlanState, Kind
from loudou.handover.models import Confirmation, Handover, HandoverItem, HandoverPart, HandoverPlan
from loudou.handover.models.handover import HandoverQuerySet


@dataclass(slots=True)
class PartSum:
    """What one successor took over, added up at that moment."""

    part: HandoverPart
    counts: dict[str, int] = field(default_factory=dict)
    amounts: dict[str, Decimal] = field(default_factory=dict)
    owed: dict[str, Decimal] = field(default_factory=dict)
    steps: int = 0

    def add(self, summed: Mapping[str, Any]) -> None:
        """Count in what there is of one kind and currency."""
        kind, currency = summed["kind"], summed["currency"]
        self.counts[kind] = self.counts.get(kind, 0) + summed["n"]
        self.steps += summed["dated"]
        if kind == Kind.OPPORTUNITY and summed["amounts"] is not None:
            self.amounts[currency] = self.amounts.get(currency, Decimal(0)) + summed["amounts"]
        if summed["debts"]:
            self.owed[currency] = self.owed.get(currency, Decimal(0)) + summed["debts"]

    @property
    def confirmation(self) -> Confirmation | None:
        """That the successor confirmed it, if they did."""
        return getattr(self.part, "confirmation", None)


def handover_rows(actor: Actor) -> HandoverQuerySet:
    """Handovers with those who took part, for lists: `customers` and `things` are counted, `unconfirmed` too."""
    parts = Prefetch("parts", HandoverPart.objects.select_related("successor", "confirmation").order_by("pk"))
    return Handover.objects.visible_to(actor).select_related("leaver", "actor").prefetch_related(parts)


def get_handover(actor: Actor, handover_id: int) -> Handover:
    """One handover with its parts. Raises NotVisible."""
    return handover_rows(actor).get_visible(actor, handover_id)


def counted(rows: HandoverQuerySet) -> HandoverQuerySet:
    """Count what changed hands: `customers`, `sales`, `contracts`."""

    def number_of(kind: Kind) -> Coalesce:
        things = HandoverItem.objects.filter(part__handover=OuterRef("pk"), kind=kind).order_by()
        return Coalesce(Subquery(things.values("kind").annotate(n=Count("pk")).values("n")), 0)

    return rows.annotate(
        customers=number_of(Kind.CUSTOMER), sales=number_of(Kind.OPPORTUNITY), contracts=number_of(Kind.CONTRACT)
    )


def parts_of(handover: Handover) -> list[PartSum]:
    """What each successor took over, in the order of the parts. One statement besides those of `handover_rows`."""
    found = {part.pk: PartSum(part) for part in handover.parts.all()}
    rows = HandoverItem.objects.filter(part__handover=handover).order_by("part_id", "kind", "currency")
    sums: Any = rows.values("part_id", "kind", "currency").annotate(
        n=Count("pk"),
        amounts=Sum("amount"),
        debts=Sum("owed"),
        dated=Count("pk", filter=Q(kind=Kind.OPPORTUNITY, due_on__isnull=False)),
    )
    for summed in sums:
        found[summed["part_id"]].add(summed)
    return list(found.values())


def items_of(handover: Handover) -> QuerySet[HandoverItem]:
    """What changed hands, successor by successor, customers first."""
    return (
        HandoverItem.objects.filter(part__handover=handover)
        .select_related("part__successor")
        .order_by("part_id", "customer_name", "customer_ref", "pk")
    )


def to_confirm(actor: Actor) -> QuerySet[HandoverPart]:
    """What came to the actor by handovers and is not confirmed yet, the latest first."""
    rows = HandoverPart.objects.filter(successor_id=actor.pk, confirmation=None)
    return rows.select_related("handover__leaver").order_by("-pk")


def get_plan(actor: Actor, plan_id: int) -> HandoverPlan:
    """One plan. Raises NotVisible."""
    return HandoverPlan.objects.select_related("leaver", "successor").get_visible(actor, plan_id)


def open_plans(actor: Actor) -> QuerySet[HandoverPlan]:
    """Handovers that are being prepared."""
    rows = HandoverPlan.objects.visible_to(actor).filter(state=HandoverPlanState.OPEN)
    return rows.select_related("leaver", "successor", "prepared_by").order_by("-pk")
