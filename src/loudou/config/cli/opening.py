"""What a command needs before it can work: the database, Django, up-to-date tables, and a word to the audit."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import django
import typer

from loudou.config.cli.language import _
from loudou.config.env import choose_settings, environment, terminal_language
from loudou.core import postgres

OLDEST_SERVER = 150000
MIGRATING = 7_650_001  # the advisory lock that keeps two starts from migrating at once


@contextmanager
def installation(*, source: str = "command") -> Iterator[postgres.Server | None]:
    """Open the installation in LOUDOU_HOME for a command; its refusals become a sentence and exit code 1."""
    env = environment()
    try:
        with postgres.running(env.home) if env.database_url is None else nullcontext() as server:
            choose_settings()
            django.setup()

            from django.db import connections
            from django.utils import translation

            from loudou.core import audit

            try:
                with translation.override(terminal_language()):
                    bring_up_to_date()
                    with audit.source(source):
                        yield server
            finally:
                connections.close_all()
    except Exception as reason:
        sentence = _sentence(reason)
        if sentence is None:
            raise
        complain(sentence)
        raise typer.Exit(1) from reason


def bring_up_to_date() -> None:
    """Apply the migrations that are missing; of two processes that start at once one does the work."""
    from django.core.management import call_command
    from django.db import connection

    from loudou.config.health import is_migrated

    with connection.cursor() as cursor:
        if connection.connection.info.server_version < OLDEST_SERVER:
            raise postgres.ServerUnavailable(_("Loudou needs PostgreSQL 15 or newer."))
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            if not is_migrated():
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def say(sentence: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def complain(sentence: str) -> None:
    """Print a line to standard error."""
    typer.secho(sentence, err=True, fg=typer.colors.RED)


def _sentence(reason: Exception) -> str | None:
    """Put what an operator can do something about into words; None for a bug, which crashes."""
    from django.db import OperationalError

    from loudou.core.refusals import BusinessRefusal, InvalidInput

    if isinstance(reason, InvalidInput):
        return "\n".join(
            f"{field}: {sentence}" if field else sentence
            for field, sentences in reason.errors.items()
            for sentence in sentences
        )
    if isinstance(reason, BusinessRefusal | postgres.ServerUnavailable):
        return str(reason)
    if isinstance(reason, OperationalError) and reason.__cause__ and not getattr(reason.__cause__, "sqlstate", None):
        return _("The database cannot be reached: %(reason)s") % {"reason": str(reason).strip()}
    return None
