"""Giving customers to an owner, with the history kept for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import F

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome
from loudou.core.refusals import BusinessRefusal, NotVisible, PermissionRefused, StaleWrite
from loudou.core.verbs import lock_all, service
from loudou.customers.choices import OwnerChangeCause
from loudou.customers.errors import OwnerNotAvailable
from loudou.customers.models import Contact, Customer, CustomerMember, OwnerChange
from loudou.people.choices import NotificationCode
from loudou.people.services.holding import hold_users
from loudou.people.services.notifications import notify


def available_owners(ids: Iterable[int | None]) -> set[int]:
    """Those of the users who may sign in, hence own something (one statement, none when nobody is named).

    They cannot be handed over before the transaction ends.
    """
    found = hold_users(pk for pk in ids if pk is not None)
    return {pk for pk, user in found.items() if user.is_active}


def choose_owner(
    actor: Actor, owner_id: int | None, *, unowned: bool = False, available: set[int]
) -> tuple[int | None, BusinessRefusal | None]:
    """Decide who owns a new record: whoever acts, unless the actor may assign and names somebody or nobody."""
    if owner_id == actor.pk or (owner_id is None and not unowned):
        return actor.pk, None
    if not actor.has_permission("customers.assign"):
        return None, PermissionRefused()
    if owner_id is not None and owner_id not in available:
        return None, OwnerNotAvailable()
    return owner_id, None


def assign_owner(
    actor: Actor,
    customer_id: int,
    *,
    owner_id: int | None,
    at: dt.datetime,
    reason: str = "",
    version: int | None = None,
) -> Customer:
    """Give one customer to an owner (None: nobody). Raises NotVisible, StaleWrite, OwnerNotAvailable."""
    versions = {} if version is None else {customer_id: version}
    outcomes = assign_owners(actor, [customer_id], owner_id=owner_id, at=at, reason=reason, versions=versions)
    return outcomes[0].unwrap()


@service("customers.assign")
def assign_owners(
    actor: Actor,
    customer_ids: Sequence[int],
    *,
    owner_id: int | None,
    at: dt.datetime,
    reason: str = "",
    cause: OwnerChangeCause = OwnerChangeCause.ASSIGNED,
    former_stays: bool = False,
    versions: dict[int, int] | None = None,
) -> list[Outcome[Customer]]:
    """Give customers to an owner (None: nobody); one outcome per id, in order.

    With `former_stays` the former owner becomes a member and keeps seeing the customer. A customer that already has
    this owner stays as it is, without a line in its history. A new owner is told once, unless an import or a handover
    moves the customers. Raises OwnerNotAvailable.
    """
    rows = {row.pk: row for row in lock_all(Customer.objects.visible_to(actor), customer_ids)}
    if owner_id is not None and owner_id not in available_owners([owner_id]):
        raise OwnerNotAvailable
    expected = versions or {}
    stale = {pk for pk, row in rows.items() if expected.get(pk, row.version) != row.version}
    moving = [row for row in rows.values() if row.owner_id != owner_id and row.pk not in stale]
    OwnerChange.objects.bulk_create(
        OwnerChange(
            customer=row,
            from_owner_id=row.owner_id,
            to_owner_id=owner_id,
            at=at,
            actor_id=actor.pk,
            cause=cause,
            reason=reason.strip(),
        )
        for row in moving
    )
    if former_stays:
        CustomerMember.objects.bulk_create(
            (CustomerMember(customer=row, user_id=row.owner_id) for row in moving if row.owner_id is not None),
            ignore_conflicts=True,
        )
    Customer.objects.filter(pk__in=[row.pk for row in moving]).update(
        owner_id=owner_id, version=F("version") + 1, updated_at=at
    )
    for row in moving:
        row.owner_id, row.version, row.updated_at = owner_id, row.version + 1, at
    if cause == OwnerChangeCause.ASSIGNED:
        _tell_owner(actor, moving, owner_id, at)
    return [_outcome(rows.get(pk), stale) for pk in customer_ids]


@service("customers.assign")
def assign_contacts(actor: Actor, contact_ids: Sequence[int], *, owner_id: int, at: dt.datetime) -> int:
    """Give contacts to an owner; returns how many changed hands. Raises NotVisible, OwnerNotAvailable."""
    rows = lock_all(Contact.objects.visible_to(actor), contact_ids)
    if len(rows) < len(set(contact_ids)):
        raise NotVisible
    if owner_id not in available_owners([owner_id]):
        raise OwnerNotAvailable
    moving = [row.pk for row in rows if row.owner_id != owner_id]
    return Contact.objects.filter(pk__in=moving).update(owner_id=owner_id, version=F("version") + 1, updated_at=at)


def _tell_owner(actor: Actor, moved: Sequence[Customer], owner_id: int | None, at: dt.datetime) -> None:
    if len(moved) == 1:
        row = moved[0]
        code = NotificationCode.CUSTOMER_GIVEN
        notify(actor, [owner_id], code, at=at, record_id=row.pk, customer=row.short_name or row.name)
    elif moved:
        notify(actor, [owner_id], NotificationCode.CUSTOMERS_GIVEN, at=at, count=len(moved))


def _outcome(row: Customer | None, stale: set[int]) -> Outcome[Customer]:
    if row is None:
        return Outcome(refusal=NotVisible())
    return Outcome(refusal=StaleWrite(row)) if row.pk in stale else Outcome(row=row)
