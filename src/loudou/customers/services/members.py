"""Colleagues who work on a customer beside its owner."""

from __future__ import annotations

from collections.abc import Iterable

from loudou.core.actors import Actor
from loudou.core.verbs import service


@service("customers.change")
def add_members(actor: Actor, pairs: Iterable[tuple[int, int]]) -> int:
    """Let users see customers: pairs of (customer id, user id). Returns how many were new.

    Idempotent; owners and present members are passed over. Raises NotVisible when the actor does not see one of the
    customers, OwnerNotAvailable when one of the users may not sign in.
    """
    raise NotImplementedError


@service("customers.change")
def remove_member(actor: Actor, customer_id: int, *, user_id: int) -> bool:
    """End a colleague's membership; tell whether there was one. Raises NotVisible."""
    raise NotImplementedError
