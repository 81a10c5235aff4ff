"""Open opportunities with their next steps, and the work on opportunities of colleagues."""

from __future__ import annotations

from collections.abc import Sequence

from loudou.core.actors import Actor
from loudou.core.verbs import lock_all
from loudou.handover.choices import Kind
from loudou.handover.things import Batch, Belonging, Thing
from loudou.pipeline.choices import CLOSED_STATES
from loudou.pipeline.models import Opportunity, OpportunityMember
from loudou.pipeline.services.bulk import MOST_AT_ONCE, assign_opportunities
from loudou.pipeline.services.sharing import replace_opportunity_member


def _sales(actor: Actor, user_id: int) -> list[Thing]:
    rows = Opportunity.objects.visible_to(actor).filter(owner_id=user_id).exclude(state__in=CLOSED_STATES)
    return [
        Thing(Kind.OPPORTUNITY, pk, subject, customer_id=customer, customer=short or name or "", amount=amount,
              currency=currency, due_on=due, detail=step)
        for pk, subject, customer, name, short, amount, currency, due, step in rows.order_by(
            "subject", "pk"
        ).values_list(
            "pk", "subject", "customer_id", "customer__name", "customer__short_name", "amount", "currency",
            "next_step_on", "next_step",
        )
    ]  # fmt: skip


def _lock_sales(user_id: int) -> set[int]:
    held = Opportunity.objects.filter(owner_id=user_id).exclude(state__in=CLOSED_STATES)
    return {row.pk for row in lock_all(held.only("pk"), held.values_list("pk", flat=True))}


def _move_sales(actor: Actor, batch: Batch) -> None:
    ids: Sequence[int] = batch.ids
    for start in range(0, len(ids), MOST_AT_ONCE):
        part = ids[start : start + MOST_AT_ONCE]
        assign_opportunities(actor, part, owner_id=batch.successor_id, at=batch.at, note=batch.reason, tells=False)
        replace_opportunity_member(actor, part, user_id=batch.leaver_id, by_id=batch.successor_id, at=batch.at)


def _memberships(actor: Actor, user_id: int) -> list[Thing]:
    visible = Opportunity.objects.visible_to(actor).order_by().values("pk")
    rows = OpportunityMember.objects.filter(user_id=user_id, opportunity__in=visible)
    found = rows.exclude(opportunity__owner_id=user_id).exclude(opportunity__state__in=CLOSED_STATES)
    return [
        Thing(Kind.OPPORTUNITY_MEMBER, pk, subject, customer_id=customer, customer=short or name or "")
        for pk, subject, customer, name, short in found.order_by("opportunity__subject", "pk").values_list(
            "opportunity_id", "opportunity__subject", "opportunity__customer_id", "opportunity__customer__name",
            "opportunity__customer__short_name",
        )
    ]  # fmt: skip


def _lock_memberships(user_id: int) -> set[int]:
    rows = OpportunityMember.objects.filter(user_id=user_id).exclude(opportunity__state__in=CLOSED_STATES)
    locked = rows.select_for_update(no_key=True, of=("self",)).order_by("opportunity_id")
    return set(locked.values_list("opportunity_id", flat=True))


def _move_memberships(actor: Actor, batch: Batch) -> None:
    replace_opportunity_member(actor, batch.ids, user_id=batch.leaver_id, by_id=batch.successor_id, at=batch.at)


OPPORTUNITIES = Belonging(
    kind=Kind.OPPORTUNITY,
    fields=("pipeline.Opportunity.owner",),
    needs="pipeline.change",
    find=_sales,
    lock=_lock_sales,
    move=_move_sales,
)
OPPORTUNITY_MEMBERS = Belonging(
    kind=Kind.OPPORTUNITY_MEMBER,
    fields=("pipeline.OpportunityMember.user",),
    needs="pipeline.change",
    find=_memberships,
    lock=_lock_memberships,
    move=_move_memberships,
)
