"""Creating and changing customers, one or many at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, RowUpdate
from loudou.core.verbs import service
from loudou.customers.choices import OwnerChangeCause
from loudou.customers.models import Customer
from loudou.customers.services.drafts import CustomerDraft

CHANGEABLE = frozenset(CustomerDraft.__dataclass_fields__) - {"owner_id", "unowned"}
"""Fields that `update_customer` takes; the owner changes by `assign_owner`, which keeps the history."""


def create_customer(actor: Actor, draft: CustomerDraft, *, at: dt.datetime) -> Customer:
    """Create one customer. Raises InvalidInput, OwnerNotAvailable, NotVisible (the parent), PermissionRefused."""
    return create_customers(actor, [draft], at=at)[0].unwrap()


@service("customers.add")
def create_customers(
    actor: Actor,
    drafts: Sequence[CustomerDraft],
    *,
    at: dt.datetime,
    cause: OwnerChangeCause = OwnerChangeCause.CREATED,
) -> list[Outcome[Customer]]:
    """Create many customers with a constant number of statements; one outcome per draft, in order.

    Drafts that break a rule are refused one by one and the others are created. Each owner's start is kept as an
    OwnerChange with `cause`. Batches of about 1,000 drafts are a good size.
    """
    raise NotImplementedError


def update_customer(
    actor: Actor, customer_id: int, *, changes: dict[str, Any], version: int | None = None, at: dt.datetime
) -> Customer:
    """Change fields of one customer (see CHANGEABLE).

    Raises NotVisible, StaleWrite, InvalidInput, ParentCycle.
    """
    return update_customers(actor, [RowUpdate(customer_id, changes, version)], at=at)[0].unwrap()


@service("customers.change")
def update_customers(actor: Actor, updates: Sequence[RowUpdate], *, at: dt.datetime) -> list[Outcome[Customer]]:
    """Change many customers, each in its own way, with a constant number of statements; one outcome per update.

    Updates that change nothing write nothing and leave the version alone.
    """
    raise NotImplementedError
