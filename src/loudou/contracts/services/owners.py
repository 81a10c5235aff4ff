"""Giving contracts to an owner, many at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import F

from loudou.contracts.models import Contract
from loudou.contracts.services import references
from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.core.verbs import lock_all, service
from loudou.customers.services.sharing import let_see


@service("contracts.assign")
def assign_contracts(actor: Actor, contract_ids: Collection[int], *, owner_id: int, at: dt.datetime) -> int:
    """Give contracts to an owner, who sees their customers from then on; returns how many changed hands.

    A constant number of statements. Raises NotVisible, ContractOwnerRefused, InvalidInput (at `owner`).
    """
    rows = lock_all(Contract.objects.visible_to(actor).select_related("customer"), contract_ids)
    if len(rows) < len(set(contract_ids)):
        raise NotVisible
    references.refuse_unless_owner(owner_id)
    moving = [row for row in rows if row.owner_id != owner_id]
    Contract.objects.filter(pk__in=[row.pk for row in moving]).update(
        owner_id=owner_id, version=F("version") + 1, updated_at=at
    )
    let_see((row.customer_id, owner_id) for row in moving if row.customer.owner_id != owner_id)
    return len(moving)
