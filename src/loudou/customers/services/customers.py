"""Creating and changing customers, one or many at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, RowUpdate, change_rows, clean_row, create_rows
from loudou.core.money import UnknownCurrency, check_currency
from loudou.core.refusals import BusinessRefusal, NotVisible
from loudou.core.verbs import lock_all, service
from loudou.customers import registration
from loudou.customers.choices import OwnerChangeCause
from loudou.customers.models import Customer, OwnerChange
from loudou.customers.services.drafts import CustomerDraft
from loudou.customers.services.owners import available_owners, choose_owner
from loudou.customers.services.parents import ParentTree
from loudou.customers.services.segments import hold_members, match_customers

CHANGEABLE = frozenset(CustomerDraft.__dataclass_fields__) - {"owner_id", "unowned"}
"""Fields that `update_customer` takes; the owner changes by `assign_owner`, which keeps the history."""

_NORMALIZE: dict[str, Callable[[Any], Any]] = {
    "credit_code": registration.normalize_credit_code,
    "revenue_currency": lambda code: code.strip().upper(),
    "website": registration.normalize_website,
    "notes": str.strip,
    "aliases": lambda names: registration.normalize_each(names, registration.normalize_name),
    "phones": lambda phones: registration.normalize_each(phones, registration.normalize_phone),
    "emails": lambda mails: registration.normalize_each(mails, registration.normalize_email),
}


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
    hold_members()
    owners = available_owners(draft.owner_id for draft in drafts)
    parents = _visible_ids(actor, (draft.parent_id for draft in drafts))
    rows, refusals = [], {}
    for place, draft in enumerate(drafts):
        row = Customer(**{name: _normalize(name, getattr(draft, name)) for name in CHANGEABLE})
        row.owner_id, refusal = choose_owner(actor, draft.owner_id, unowned=draft.unowned, available=owners)
        if row.parent_id is not None and row.parent_id not in parents:
            refusal = refusal or NotVisible()
        refusal = clean_row(row) or refusal or _check_currency(row)
        rows.append(row)
        if refusal is not None:
            refusals[place] = refusal
    outcomes = create_rows(rows, refusals, Customer.objects.bulk_create)
    OwnerChange.objects.bulk_create(
        OwnerChange(customer=row, to_owner_id=row.owner_id, at=at, actor_id=actor.pk, cause=cause)
        for row in (outcome.row for outcome in outcomes)
        if row is not None and row.owner_id is not None
    )
    match_customers(actor, [outcome.row for outcome in outcomes if outcome.row is not None], at=at, are_new=True)
    return outcomes


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
    hold_members()
    new_parents = [update.changes.get("parent_id") for update in updates]
    tree = ParentTree.locked_above(new_parents)
    visible_parents = _visible_ids(actor, new_parents)

    def check(row: Customer, changed: Sequence[str]) -> BusinessRefusal | None:
        if "parent_id" in changed and row.parent_id is not None:
            if row.parent_id not in visible_parents:
                return NotVisible()
            refusal = tree.move(row)
            if refusal is not None:
                return refusal
        return _check_currency(row)

    locked = lock_all(Customer.objects.visible_to(actor), [update.pk for update in updates])
    outcomes = change_rows(locked, updates, changeable=CHANGEABLE, normalize=_normalize, check=check, at=at)
    match_customers(actor, [outcome.row for outcome in outcomes if outcome.row is not None], at=at)
    return outcomes


def _normalize(field: str, value: Any) -> Any:
    if field in _NORMALIZE:
        return _NORMALIZE[field](value)
    return registration.normalize_name(value) if isinstance(value, str) else value


def _check_currency(row: Customer) -> BusinessRefusal | None:
    if row.revenue_currency:
        try:
            check_currency(row.revenue_currency)
        except UnknownCurrency as refusal:
            return refusal
    return None


def _visible_ids(actor: Actor, ids: Iterable[int | None]) -> set[int]:
    wanted = {pk for pk in ids if pk is not None}
    if not wanted:
        return set()
    return set(Customer.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))
