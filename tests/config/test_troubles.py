"""What goes wrong on a machine ends with a sentence that says what to do, never with a traceback."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import OperationalError, ProgrammingError
from psycopg import errors

from loudou.config.cli import troubles
from loudou.config.env import Environment
from loudou.core.refusals import NotVisible

SOURCE = Path(troubles.__file__).resolve().parents[3]


def run(command: str = "check", language: str = "C", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the product with these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOUDOU_", "DJANGO_", "LC_"))}
    settings = {f"LOUDOU_{name.upper()}": value for name, value in variables.items()}
    return subprocess.run(
        [sys.executable, "-m", "loudou", command],
        env=kept | {"PYTHONPATH": str(SOURCE), "LANG": language} | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_home_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").touch()
    done = run(home=str(tmp_path / "file"))
    assert done.returncode == 1
    assert f"{tmp_path / 'file'} cannot be used: File exists. Check the path" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_does_not_answer_is_named_with_the_setting_to_look_at(tmp_path):
    done = run(home=str(tmp_path), database_url="postgresql://ann@127.0.0.1:1/sales")
    assert done.returncode == 1
    assert "The database cannot be reached" in done.stderr
    assert "Check LOUDOU_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("language", "said"), [("C", "was made by PostgreSQL 14"), ("zh_CN", "由 PostgreSQL 14 建立")])
def test_a_database_of_another_major_version_is_named_in_the_terminals_language(tmp_path, language, said):
    (tmp_path / "pg" / "data").mkdir(parents=True)
    (tmp_path / "pg" / "data" / "PG_VERSION").write_text("14\n")
    done = run(home=str(tmp_path), language=language)
    assert done.returncode == 1
    assert said in done.stderr
    assert "pg_dump" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_lost_database_on_a_full_disk_is_a_full_disk(monkeypatch, tmp_path):
    monkeypatch.setattr(troubles, "environment", lambda: Environment(home=tmp_path))
    lost = caused(OperationalError("the database system is in recovery mode"), errors.CannotConnectNow())
    assert "cannot be reached" in troubles.sentence(lost)
    monkeypatch.setattr(troubles.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    assert "The disk is full" in troubles.sentence(lost)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        (
            "database_url",
            "mysql://ann@host/sales",
            "LOUDOU_DATABASE_URL: Value error, It must begin with postgresql://",
        ),
        ("secrets_dir", "/nowhere", "LOUDOU_SECRETS_DIR: Value error, There is no folder /nowhere."),
        ("proxy", "everybody", "Name the proxy's address or network"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(setting, value, said):
    done = run(**{setting: value})
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def caused(error: Exception, cause: Exception) -> Exception:
    """An error of Django's with the driver's below."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (errors.DiskFull("could not extend file"), "The disk is full."),
        (caused(OperationalError("could not extend file"), errors.DiskFull()), "The disk is full."),
        (OSError(errno.ENOSPC, "No space left on device", "static"), "The disk is full."),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/loudou/.pg.turn"), "/srv/loudou/.pg.turn cannot be"),
        (errors.AdminShutdown("terminating connection"), "The database cannot be reached: terminating connection"),
        (
            caused(ProgrammingError("permission denied for schema public\nLINE 1"), errors.InsufficientPrivilege()),
            "what Loudou needs: permission denied for schema public. Make it the owner",
        ),
        (NotVisible(), "There is no such record"),
    ],
)
def test_what_an_operator_can_mend_is_put_into_words(reason, said):
    assert said in troubles.sentence(reason)


@pytest.mark.parametrize(
    "reason", [ValueError("a bug"), caused(ProgrammingError("no such column"), errors.UndefinedColumn())]
)
def test_a_bug_stays_a_bug(reason):
    assert troubles.sentence(reason) is None


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_first_start_that_is_stopped_says_so_and_leaves_no_server_behind(tmp_path, number):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOUDOU_", "DJANGO_", "LC_"))}
    home = tmp_path / "home"
    command = subprocess.Popen(
        [sys.executable, "-m", "loudou", "check"],
        env=kept | {"PYTHONPATH": str(SOURCE), "LANG": "C", "LOUDOU_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pid_file = home / "pg" / "data" / "postmaster.pid"
    deadline = time.monotonic() + 60
    while not (pid_file.exists() and "ready" in pid_file.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)  # it is migrating, or about to
    command.send_signal(number)
    _out, said = command.communicate(timeout=60)
    assert command.returncode == 130, said
    assert "Stopped. What was not finished was taken back" in said
    assert "Traceback" not in said
    assert not pid_file.exists()
    shutil.rmtree((home / "pg").resolve())
