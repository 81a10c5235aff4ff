"""What an operator can do something about, in words; anything else is a bug and crashes."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator

import psycopg

from loudou.config.cli.language import _
from loudou.config.env import environment
from loudou.core.postgres_binaries import ServerUnavailable

LOST = ("08", "57P")  # SQLSTATE classes: connection, shutting down or starting up
DISK_FULL = "53100"
MAY_NOT = "42501"
SEGMENT = 16 * 2**20  # bytes that PostgreSQL asks for at once


def sentence(reason: BaseException) -> str | None:
    """Say what happened and what to do; None for a bug."""
    from loudou.core.refusals import BusinessRefusal, InvalidInput

    if isinstance(reason, InvalidInput):
        return "\n".join(
            f"{field}: {sentence}" if field else sentence
            for field, sentences in reason.errors.items()
            for sentence in sentences
        )
    if isinstance(reason, ServerUnavailable):
        return _(reason.sentence) % reason.facts
    if isinstance(reason, BusinessRefusal):
        return str(reason)
    return _of_the_machine(reason) or _of_the_database(reason)


def _of_the_machine(reason: BaseException) -> str | None:
    """Files and folders that cannot be used, and disks without room."""
    for cause in _chain(reason):
        if getattr(cause, "sqlstate", None) == DISK_FULL or getattr(cause, "errno", None) in {
            errno.ENOSPC,
            errno.EDQUOT,
        }:
            return _no_room()
    if isinstance(reason, OSError) and reason.filename is not None:
        return _(
            "%(path)s cannot be used: %(reason)s. Check the path, and that the account that runs Loudou may read and "
            "write there."
        ) % {"path": reason.filename, "reason": reason.strerror}
    return None


def _of_the_database(reason: BaseException) -> str | None:
    """A server that cannot be reached, or that does not let us make our tables."""
    from django.db import InterfaceError, OperationalError, ProgrammingError

    state = getattr(reason.__cause__ or reason, "sqlstate", None)
    is_about_the_connection = isinstance(reason, OperationalError | InterfaceError | psycopg.OperationalError)
    if is_about_the_connection and (state is None or state.startswith(LOST)):
        if environment().database_url is None and shutil.disk_usage(environment().home).free < SEGMENT:
            return _no_room()  # PostgreSQL gives up when it cannot write its log
        return _("The database cannot be reached: %(reason)s") % {"reason": str(reason).strip()} + _where_to_look()
    if isinstance(reason, ProgrammingError) and state == MAY_NOT:
        return _(
            "The database does not let this account make what Loudou needs: %(reason)s. Make it the owner of the "
            "database."
        ) % {"reason": str(reason).strip().splitlines()[0]}
    return None


def _no_room() -> str:
    return _("The disk is full. What was not finished was taken back; make room and start again.")


def _where_to_look() -> str:
    if environment().database_url is None:
        return ""
    return "\n" + _("Check LOUDOU_DATABASE_URL, and that the server runs and lets this machine in.")


def _chain(reason: BaseException | None) -> Iterator[BaseException]:
    while reason is not None:
        yield reason
        reason = reason.__cause__ or reason.__context__
