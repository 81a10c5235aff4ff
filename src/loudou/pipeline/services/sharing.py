"""Who works on sales besides their owners: taking a colleague's place, and seeing what was before one's time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db.models import F

from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.refusals import NotVisible
from loudou.core.verbs import lock_all, service
from loudou.customers.models import Customer
from loudou.customers.services.sharing import let_see
from loudou.pipeline.models import Opportunity, OpportunityMember
from loudou.pipeline.services import references


@service("pipeline.assign")
def replace_opportunity_member(
    actor: Actor, opportunity_ids: Collection[int], *, user_id: int, by_id: int, at: dt.datetime
) -> int:
    """Let one colleague take another's place in the teams of sales, with the share of the credit.

    Whoever is in the team already gets both shares; to whoever owns the sale the share falls back. Returns how many
    memberships changed. Raises NotVisible, CannotSell, InvalidInput.
    """
    rows = {row.pk: row for row in lock_all(Opportunity.objects.visible_to(actor), opportunity_ids)}
    if len(rows) < len(set(opportunity_ids)):
        raise NotVisible
    references.sellers([by_id], actor=actor)
    members = list(OpportunityMember.objects.filter(opportunity__in=rows, user_id__in=(user_id, by_id)).order_by("pk"))
    present = {row.opportunity_id: row for row in members if row.user_id == by_id}
    leaving = [row for row in members if row.user_id == user_id]
    ended, changed = [], []
    for row in leaving:
        other = present.get(row.opportunity_id)
        if other is None and rows[row.opportunity_id].owner_id != by_id:
            row.user_id = by_id
            changed.append(row)
            continue
        ended.append(row.pk)
        if other is not None:
            other.split = min(other.split + row.split, Decimal(100))
            changed.append(other)
    for row in changed:
        if refusal := clean_row(row):
            raise refusal
    OpportunityMember.objects.filter(pk__in=ended).delete()
    OpportunityMember.objects.bulk_update(changed, ["user", "split"], batch_size=2000)
    touched = [row.opportunity_id for row in leaving]
    Opportunity.objects.filter(pk__in=touched).update(version=F("version") + 1, updated_at=at)
    customers = {customer for pk in touched if (customer := rows[pk].customer_id) is not None}
    owned = set(Customer.objects.filter(pk__in=customers, owner_id=by_id).values_list("pk", flat=True))
    let_see((pk, by_id) for pk in customers - owned)
    return len(leaving)


def let_see_sales(pairs: Iterable[tuple[int, int]]) -> None:
    """Let users see sales without a share of their credit: pairs of (opportunity id, user id).

    Part of other verbs, like `customers.services.sharing.let_see`. One statement, none without pairs.
    """
    wanted = sorted(set(pairs))
    if wanted:
        OpportunityMember.objects.bulk_create(
            [OpportunityMember(opportunity_id=sale, user_id=user, split=Decimal(0)) for sale, user in wanted],
            ignore_conflicts=True,
            batch_size=2000,
        )
