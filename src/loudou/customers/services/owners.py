"""Giving customers to an owner, with the history kept for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome
from loudou.core.verbs import service
from loudou.customers.choices import OwnerChangeCause
from loudou.customers.models import Customer


def assign_owner(
    actor: Actor, customer_id: int, *, owner_id: int | None, at: dt.datetime, reason: str = "", version: int | None = None
) -> Customer:
    """Give one customer to an owner (None: nobody). Raises NotVisible, StaleWrite, OwnerNotAvailable."""
    raise NotImplementedError


@service("customers.assign")
def assign_owners(
    actor: Actor,
    customer_ids: Sequence[int],
    *,
    owner_id: int | None,
    at: dt.datetime,
    reason: str = "",
    cause: OwnerChangeCause = OwnerChangeCause.ASSIGNED,
) -> list[Outcome[Customer]]:
    """Give customers to an owner (None: nobody); one outcome per id, in order.

    A customer that already has this owner stays as it is, without a line in its history. Raises OwnerNotAvailable.
    """
    raise NotImplementedError
