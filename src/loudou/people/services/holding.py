"""Holding users still while something is given to them, so that nobody who leaves meanwhile is left with it.

Whoever gives a record to a user holds the user with the lock that a foreign key takes anyway; a handover takes the
stronger one. So either the gift comes first and the handover finds it, or the handover comes first and the gift is
refused.
"""

from __future__ import annotations

from collections.abc import Iterable

from loudou.people.models import User

HELD = "SELECT * FROM people_user WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"


def hold_users(ids: Iterable[int]) -> dict[int, User]:
    """Return users by id as they are now, and keep a handover of theirs waiting until the transaction ends.

    One statement, none without ids. Call it after the rows that change are locked: a handover locks in that order.
    """
    wanted = sorted(set(ids))
    return {user.pk: user for user in User.objects.raw(HELD, [wanted])} if wanted else {}
