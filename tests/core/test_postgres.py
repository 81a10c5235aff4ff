"""The embedded server against real processes: killed, started twice, moved out of root's way."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from loudou.core import postgres, postgres_binaries

SOURCE = Path(postgres.__file__).resolve().parents[2]


@pytest.fixture
def home(open_folder):
    """A home that the server's account may enter, as a service's home would be."""
    home = open_folder / "home"
    yield home
    if (home / "pg" / "data" / "postmaster.pid").exists() and not _gone(pid := _pid(home)):
        os.kill(pid, signal.SIGQUIT)
        _wait_until(lambda: _gone(pid))


def _pid(home: Path) -> int:
    return int((home / "pg" / "data" / "postmaster.pid").read_text().splitlines()[0])


def _ask(server: postgres.Server, statement: str = "SELECT 1"):
    with psycopg.connect(host=str(server.socket), user="loudou", dbname="loudou", autocommit=True) as connection:
        result = connection.execute(statement)
        return result.fetchone()[0] if result.description else None


def _wait_until(question) -> None:
    deadline = time.monotonic() + 20
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"


def _other_process(home: Path, then: str) -> subprocess.Popen:
    code = f"import sys, time; from pathlib import Path; from loudou.core import postgres\n{then}"
    return subprocess.Popen(
        [sys.executable, "-c", code, str(home)], env={**os.environ, "PYTHONPATH": str(SOURCE)}, stdout=subprocess.PIPE
    )


def test_it_starts_empty_keeps_what_is_written_and_leaves_nothing_running(home):
    with postgres.running(home) as server:
        _ask(server, "CREATE TABLE kept (word text)")
        _ask(server, "INSERT INTO kept VALUES ('漏斗')")
        pid = _pid(home)
    assert _gone(pid)
    with postgres.running(home) as server:
        assert _ask(server, "SELECT word FROM kept") == "漏斗"


def test_text_sorts_and_searches_as_the_product_needs(home):
    with postgres.running(home) as server:
        assert _ask(server, "SHOW server_encoding") == "UTF8"
        _ask(server, "CREATE EXTENSION pg_trgm")
        _ask(server, "CREATE EXTENSION btree_gin")
        assert _ask(server, "SELECT 'é' < 'z'") is False  # code point order, the same on every machine
        assert _ask(server, "SELECT lower('É')") == "é"


def test_only_the_owner_may_enter_and_nothing_listens_on_the_network(home):
    with postgres.running(home) as server:
        for folder in (server.folder, server.data, server.socket):
            assert folder.stat().st_mode & 0o077 == 0, folder
        assert _ask(server, "SHOW listen_addresses") == ""
        assert _ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = 'loudou'") is False


def test_it_comes_back_after_the_server_was_killed(home):
    with postgres.running(home) as server:
        _ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(_pid(home), signal.SIGKILL)
        _wait_until(lambda: not server.is_listening())
        server.revive()
        assert _ask(server, "SELECT answer FROM kept") == 42


def test_it_comes_back_after_the_application_was_killed(home):
    application = _other_process(home, "postgres.start(Path(sys.argv[1])); print(flush=True); time.sleep(600)")
    application.stdout.readline()
    pid = _pid(home)
    application.kill()
    application.communicate()
    assert not _gone(pid)  # nobody was left to stop it
    with postgres.running(home) as server:
        assert _pid(home) == pid
        assert _ask(server) == 1
    assert _gone(pid)


def test_a_pid_file_of_the_past_that_names_a_living_stranger_does_no_harm(home):
    with postgres.running(home) as server:
        pass
    stranger = subprocess.Popen(
        ["sleep", "600"],
        user=server.account.pw_uid if server.account else None,
        group=server.account.pw_gid if server.account else None,
    )
    try:
        lines = [str(stranger.pid), str(server.data), "1", "5432", str(server.socket), "", "  1 1", "ready   "]
        (server.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with postgres.running(home) as again:
            assert _ask(again) == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_what_stops_the_server_before_it_has_a_log_is_said_too(home, monkeypatch):
    with postgres.running(home) as server:
        pass
    (server.folder / "log").unlink()
    (server.data / "postmaster.pid").write_text("no number\n")
    monkeypatch.setattr(postgres.time, "sleep", lambda seconds: None)  # it is tried several times
    with pytest.raises(postgres_binaries.ServerUnavailable, match="invalid data in PID file"):
        postgres.start(home)
    (server.data / "postmaster.pid").unlink()
    with postgres.running(home) as again:
        assert _ask(again) == 1


def test_two_first_starts_at_once_share_one_server_and_the_last_one_stops_it(home):
    start = "s = postgres.start(Path(sys.argv[1])); print('up', flush=True); time.sleep(float({0})); s.stop()"
    first, second = (_other_process(home, start.format(seconds)) for seconds in ("1", "3"))
    assert first.stdout.readline() == second.stdout.readline() == b"up\n"
    pid = _pid(home)
    first.communicate()
    assert first.returncode == 0
    assert not _gone(pid)
    second.communicate()
    assert second.returncode == 0
    assert _gone(pid)


def test_a_first_start_that_was_killed_halfway_begins_anew(home):
    with postgres.running(home) as server:
        pass
    server.data.rename(server.folder / "data.new")
    ((server.folder / "data.new") / "PG_VERSION").unlink()
    with postgres.running(home) as again:
        assert _ask(again) == 1


def test_a_home_with_a_very_long_path_gets_a_short_socket(home):
    deep = home / ("long-folder-name-" * 6)
    with postgres.running(deep) as server:
        assert len(str(server.socket)) <= postgres.LONGEST_SOCKET_FOLDER
        assert postgres.socket_folder(deep) == server.socket
        assert _ask(server) == 1
        short = server.socket
    short.rmdir()  # as a clean-up of /tmp does
    with postgres.running(deep) as server:
        assert _ask(server) == 1
        server.socket.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends an account")
def test_as_root_the_server_runs_as_somebody_else_and_folders_keep_their_modes(home):
    closed = home / "closed"
    closed.mkdir(parents=True, mode=0o700)
    with postgres.running(closed / "var") as server:
        assert _ask(server) == 1
        assert Path(f"/proc/{_pid(closed / 'var')}").stat().st_uid == pwd.getpwnam("loudou").pw_uid
        assert closed.stat().st_mode & 0o777 == 0o700
        assert (closed / "var" / "pg").is_symlink()
        moved = server.folder
    with postgres.running(closed / "var") as server:
        assert server.folder == moved
    subprocess.run(["rm", "-r", moved], check=True)
    with pytest.raises(postgres_binaries.ServerUnavailable, match="is not there"):
        postgres.start(closed / "var")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_plain_user_runs_it_too(home):
    nobody = pwd.getpwnam("nobody")
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    child = os.fork()  # everything is imported already, wherever the interpreter lies
    if not child:
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            postgres.start(home).stop()
        except BaseException:  # noqa: BLE001 - the exit code tells
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (home / "pg" / "data").stat().st_uid == nobody.pw_uid


def test_data_of_a_version_that_is_not_installed_is_refused_with_a_sentence(home):
    with postgres.running(home) as server:
        pass
    (server.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(postgres_binaries.ServerUnavailable, match="made by PostgreSQL 14"):
        postgres.start(home)


def test_without_any_postgresql_the_sentence_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres_binaries, "_candidates", lambda: iter(()))
    with pytest.raises(postgres_binaries.ServerUnavailable, match="LOUDOU_DATABASE_URL"):
        postgres.start(tmp_path / "home")


def test_programs_of_the_machine_serve_when_there_is_no_wheel(home, monkeypatch):
    wheel, *machine = postgres_binaries._candidates()
    suitable = [folder for folder in machine if postgres_binaries.version(folder) >= postgres_binaries.OLDEST]
    if not suitable:
        pytest.skip("no PostgreSQL is installed on this machine")
    monkeypatch.setattr(postgres_binaries, "_candidates", lambda: iter(suitable))
    with postgres.running(home) as server:
        assert server.binaries != wheel
        assert _ask(server, "SHOW server_encoding") == "UTF8"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends an account")
def test_a_wheel_in_a_closed_folder_is_copied_once_to_where_the_account_reaches(tmp_path):
    wheel = next(postgres_binaries._candidates())
    if not wheel.exists():
        pytest.skip("the wheel is not installed")
    data, copies = tmp_path / "data", tmp_path / "copies"
    copied = postgres_binaries.find(data, lambda folder: copies in folder.parents, copies)
    assert copies in copied.parents
    assert postgres_binaries.version(copied) == postgres_binaries.version(wheel)
    made_at = copied.stat().st_mtime_ns
    assert postgres_binaries.find(data, lambda folder: copies in folder.parents, copies) == copied
    assert copied.stat().st_mtime_ns == made_at
