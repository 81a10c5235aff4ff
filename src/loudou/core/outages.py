"""Telling a database that is away, and a disk without room, from a mistake in a statement."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError

DISK_FULL = "53100"
"""SQLSTATE of PostgreSQL when there is no room left."""

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the file system says then."""

# SQLSTATE classes: 08 connection, 53 out of resources, 57P01-57P03 shutting down or starting up
_AWAY = ("08", "53", "57P")


def database_is_down(exception: BaseException) -> bool:
    """Whether an error means that no connection to the database can be had, not a bad statement or a full disk."""
    if isinstance(exception, InterfaceError):
        return True
    state = getattr(exception.__cause__, "sqlstate", None)
    if not isinstance(exception, OperationalError) or state == DISK_FULL:
        return False
    return state is None or state.startswith(_AWAY)


def disk_is_full(exception: BaseException) -> bool:
    """Whether the database or the file system says, directly or as the cause, that there is no room left."""
    return any(
        getattr(cause, "sqlstate", None) == DISK_FULL or (isinstance(cause, OSError) and cause.errno in NO_ROOM)
        for cause in _chain(exception)
    )


def _chain(reason: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from; what merely happened before it is no cause."""
    while reason is not None:
        yield reason
        reason = reason.__cause__
