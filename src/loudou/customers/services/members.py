"""Colleagues who work on a customer beside its owner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.core.verbs import lock, lock_all, service
from loudou.customers.errors import OwnerNotAvailable
from loudou.customers.models import Customer, CustomerMember
from loudou.customers.services.owners import available_owners
from loudou.customers.services.sharing import let_see
from loudou.people.choices import NotificationCode
from loudou.people.services.notifications import notify


@service("customers.change")
def add_members(actor: Actor, pairs: Iterable[tuple[int, int]], *, at: dt.datetime) -> int:
    """Let users see customers, and tell them: pairs of (customer id, user id). Returns how many were new.

    Idempotent; owners and present members are passed over. Raises NotVisible when the actor does not see one of the
    customers, OwnerNotAvailable when one of the users may not sign in.
    """
    wanted = set(pairs)
    if not wanted:
        return 0
    customers = {customer for customer, _ in wanted}
    users = {user for _, user in wanted}
    owners = dict(Customer.objects.visible_to(actor).filter(pk__in=customers).values_list("pk", "owner_id"))
    if customers - owners.keys():
        raise NotVisible
    if users - available_owners(users):
        raise OwnerNotAvailable
    present = set(
        CustomerMember.objects.filter(customer_id__in=customers, user_id__in=users).values_list(
            "customer_id", "user_id"
        )
    )
    new = sorted(pair for pair in wanted - present if owners[pair[0]] != pair[1])
    CustomerMember.objects.bulk_create(
        (CustomerMember(customer_id=customer, user_id=user) for customer, user in new), ignore_conflicts=True
    )
    for user in sorted({user for _customer, user in new}):
        _tell(actor, user, [customer for customer, told in new if told == user], at)
    return len(new)


def _tell(actor: Actor, user_id: int, customer_ids: Sequence[int], at: dt.datetime) -> None:
    if len(customer_ids) > 1:
        notify(actor, [user_id], NotificationCode.CUSTOMERS_SHARED, at=at, count=len(customer_ids))
        return
    customer = Customer.objects.get(pk=customer_ids[0])
    notify(actor, [user_id], NotificationCode.CUSTOMER_SHARED, at=at, record_id=customer.pk, customer=str(customer))


@service("customers.change")
def remove_member(actor: Actor, customer_id: int, *, user_id: int) -> bool:
    """End a colleague's membership; tell whether there was one. Raises NotVisible."""
    customer = lock(Customer.objects.visible_to(actor), customer_id)
    removed, _ = CustomerMember.objects.filter(customer=customer, user_id=user_id).delete()
    return removed > 0


@service("customers.assign")
def replace_member(actor: Actor, customer_ids: Collection[int], *, user_id: int, by_id: int) -> int:
    """Let one colleague take another's place on customers; returns how many memberships ended.

    Whoever owns a customer or works on it already needs no second membership. Raises NotVisible, OwnerNotAvailable.
    """
    rows = lock_all(Customer.objects.visible_to(actor), customer_ids)
    if len(rows) < len(set(customer_ids)):
        raise NotVisible
    if by_id not in available_owners([by_id]):
        raise OwnerNotAvailable
    let_see((row.pk, by_id) for row in rows if row.owner_id != by_id)
    ended, _ = CustomerMember.objects.filter(customer__in=rows, user_id=user_id).delete()
    return ended
