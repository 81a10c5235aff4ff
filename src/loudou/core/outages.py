"""Telling a database that is away, and a disk without room, from a mistake in a statement."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator

from django.conf import settings
from django.db import InterfaceError, OperationalError

DISK_FULL = "53100"
"""SQLSTATE of PostgreSQL when there is no room left."""

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the file system says then."""

SEGMENT = 16 * 2**20
"""Bytes that PostgreSQL asks for at once for its log; when it cannot have them it gives up, whatever it was doing."""

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
    """Whether the database or the file system says, directly or as the cause, that there is no room left.

    An embedded database whose disk has no room for its log does not say so: it ends, and cannot be reached.
    """
    if any(
        getattr(cause, "sqlstate", None) == DISK_FULL or (isinstance(cause, OSError) and cause.errno in NO_ROOM)
        for cause in _chain(exception)
    ):
        return True
    return database_is_down(exception) and not room_for_the_database(SEGMENT)


def room_for_the_database(size: int) -> bool:
    """Whether the embedded database's disk has this many bytes left; the disk of a server of one's own is not known."""
    folder = settings.EMBEDDED_DATABASE
    return folder is None or not folder.exists() or shutil.disk_usage(folder).free >= size


def _chain(reason: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from; what merely happened before it is no cause."""
    while reason is not None:
        yield reason
        reason = reason.__cause__
