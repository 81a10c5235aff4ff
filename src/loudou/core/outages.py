"""Telling a database that is away from a mistake in a statement."""

from django.db import InterfaceError, OperationalError

# SQLSTATE classes: 08 connection, 53 out of resources, 57P01-57P03 shutting down or starting up
_AWAY = ("08", "53", "57P")


def database_is_down(exception: BaseException) -> bool:
    """Whether an error means that no connection to the database can be had, rather than a bad statement."""
    if isinstance(exception, InterfaceError):
        return True
    state = getattr(exception.__cause__, "sqlstate", None)
    return isinstance(exception, OperationalError) and (state is None or state.startswith(_AWAY))
