"""Letting colleagues see a customer because something else of theirs hangs on it, such as a sale."""

from __future__ import annotations

from collections.abc import Iterable

from loudou.customers.models import CustomerMember


def let_see(pairs: Iterable[tuple[int, int]]) -> None:
    """Make users members of customers: pairs of (customer id, user id). One statement, none without pairs.

    Not a verb of its own: the calling service has decided that the users work on the customers, holds the
    transaction and has bound its actor. Present members stay as they are.
    """
    wanted = sorted(set(pairs))
    if wanted:
        CustomerMember.objects.bulk_create(
            [CustomerMember(customer_id=customer, user_id=user) for customer, user in wanted],
            ignore_conflicts=True,
            batch_size=2000,
        )
