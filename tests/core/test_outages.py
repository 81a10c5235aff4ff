"""A database that is away, a disk without room, and a mistake in a statement are three things."""

import errno

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from psycopg import errors

from loudou.core.outages import database_is_down, disk_is_full


def caused(error, cause):
    """An error of Django's with the driver's below."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_away", "is_full"),
    [
        (caused(OperationalError("could not extend file"), errors.DiskFull()), False, True),
        (errors.DiskFull("could not extend file"), False, True),
        (OSError(errno.ENOSPC, "No space left on device"), False, True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), False, True),
        (OSError(errno.EACCES, "Permission denied"), False, False),
        (OperationalError("connection refused"), True, False),
        (caused(OperationalError("shutting down"), errors.AdminShutdown()), True, False),
        (caused(OperationalError("too many clients"), errors.TooManyConnections()), True, False),
        (InterfaceError("connection already closed"), True, False),
        (caused(OperationalError("canceling statement"), errors.QueryCanceled()), False, False),
        (caused(ProgrammingError("no such column"), errors.UndefinedColumn()), False, False),
    ],
)
def test_what_an_error_means(error, is_away, is_full):
    assert (database_is_down(error), disk_is_full(error)) == (is_away, is_full)


def test_a_full_disk_that_was_dealt_with_before_is_no_cause():
    bug = RuntimeError("a bug in cleaning up")
    bug.__context__ = OSError(errno.ENOSPC, "No space left on device")
    assert not disk_is_full(bug)
