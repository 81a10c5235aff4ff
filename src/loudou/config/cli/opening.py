"""What a command needs before it can work: the database, Django, up-to-date tables, and a word to the audit."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import django
import typer
from django.utils.translation import gettext_noop

from loudou.config.cli import troubles
from loudou.config.cli.language import _
from loudou.config.env import choose_settings, environment, terminal_language
from loudou.core import postgres, postgres_binaries

STOPPED_BY_HAND = 130  # the exit code of programs that Ctrl-C ended
MIGRATING = 7_650_001  # the advisory lock that keeps two starts from migrating at once


@contextmanager
def installation(*, source: str = "command") -> Iterator[postgres.Server | None]:
    """Open the installation in LOUDOU_HOME for a command; its refusals become a sentence and exit code 1."""
    env = environment()
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does, and stops the database
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
        sentence = troubles.sentence(reason)
        if sentence is None:
            raise
        complain(sentence)
        raise typer.Exit(1) from reason
    except KeyboardInterrupt as wish:
        complain(_("Stopped. What was not finished was taken back; start again whenever you like."))
        raise typer.Exit(STOPPED_BY_HAND) from wish


def bring_up_to_date() -> None:
    """Apply the migrations that are missing; of two processes that start at once one does the work."""
    from django.core.management import call_command
    from django.db import connection

    from loudou.config.health import is_migrated

    with connection.cursor() as cursor:
        found = connection.connection.info.server_version // 10_000
        if found < postgres_binaries.OLDEST:
            raise postgres_binaries.ServerUnavailable(
                gettext_noop(
                    "The server is PostgreSQL %(found)s, and Loudou needs %(oldest)s or newer. Name another one in "
                    "LOUDOU_DATABASE_URL, or leave it out to use the embedded one."
                ),
                found=found,
                oldest=postgres_binaries.OLDEST,
            )
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
