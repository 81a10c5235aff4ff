"""A database that is away, a disk without room, and a mistake in a statement are three things."""

import errno
from types import SimpleNamespace

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from psycopg import errors

from loudou.core import outages
from loudou.core.outages import database_is_down, disk_is_full, room_for_the_database


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


def test_an_embedded_database_that_is_away_on_a_full_disk_is_a_full_disk(monkeypatch, settings, tmp_path):
    """It ends when it cannot write its log, so that a connection that fails is all that anybody is told."""
    settings.EMBEDDED_DATABASE = tmp_path
    away = caused(OperationalError("the database system is in recovery mode"), errors.CannotConnectNow())
    assert not disk_is_full(away)
    monkeypatch.setattr(outages.shutil, "disk_usage", lambda folder: SimpleNamespace(free=outages.SEGMENT - 1))
    assert disk_is_full(away)
    assert not disk_is_full(caused(ProgrammingError("no such column"), errors.UndefinedColumn()))


def test_the_disk_of_a_server_of_ones_own_is_not_judged(monkeypatch, settings):
    settings.EMBEDDED_DATABASE = None
    monkeypatch.setattr(outages.shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    assert room_for_the_database(10**12)
    assert not disk_is_full(OperationalError("connection refused"))
