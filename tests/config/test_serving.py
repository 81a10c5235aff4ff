"""`loudou serve` with real processes: it starts, keeps what it started alive, and stops all of it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from loudou.core import postgres

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300.0


def wait_until(question: Callable[[], object], seconds: float = PATIENCE) -> float:
    """Ask until the answer is yes; return how long it took."""
    began = time.monotonic()
    while not question():
        assert time.monotonic() - began < seconds, "waited in vain"
        time.sleep(0.1)
    return time.monotonic() - began


def free_port() -> int:
    """Find a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children_of(pid: int) -> dict[int, str]:
    """Every process below this one, with its command line."""
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            found |= {int(folder.name): line} | children_of(int(folder.name))
    return found


def processor_time(pid: int) -> int:
    """Ticks that a process has used by itself, in its own code and in the system's."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


class Site:
    """One running `loudou serve`."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.url = home, f"http://127.0.0.1:{port}"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("LOUDOU_", "DJANGO_"))}
        environment |= {
            "LOUDOU_HOME": str(home),
            "LOUDOU_PORT": str(port),
            "PYTHONPATH": str(ROOT / "src"),
            "LANG": "C",
        }
        self.environment = environment | {"LOUDOU_WORKERS": "1"}
        self.lines: list[str] = []
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        """Start the command; collect what it prints."""
        process = subprocess.Popen(
            [sys.executable, "-m", "loudou", "serve"],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=lambda: self.lines.extend(process.stdout), daemon=True).start()
        return process

    def is_ready(self) -> bool:
        """Tell whether the ready line was printed; fail when the command ended instead."""
        assert self.process.poll() is None, "".join(self.lines)
        return f"Loudou is ready: {self.url}\n" in self.lines

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Open an address; return status and text, whatever the status is."""
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers), timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()
        except (urllib.error.URLError, OSError) as reason:
            return 0, str(reason)

    def pid_of(self, words: str) -> int | None:
        """Find a process that this site started."""
        return next((pid for pid, line in children_of(self.process.pid).items() if words in line), None)

    @property
    def postmaster(self) -> int:
        """The database server's process."""
        return int((postgres.socket_folder(self.home).parent / "data" / "postmaster.pid").read_text().split()[0])

    def has_new_database(self, former: int) -> bool:
        """Tell whether the database server was started again."""
        try:
            return self.postmaster != former
        except (FileNotFoundError, IndexError):
            return False

    def stop(self) -> float:
        """Ask it to stop as Ctrl-C does; return the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        self.process.stdout.close()
        return time.monotonic() - began


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    """A site of its own, with an empty embedded database."""
    running = Site(tmp_path_factory.mktemp("serving") / "home", free_port())
    try:
        wait_until(running.is_ready)
        yield running
    except AssertionError:
        sys.stderr.writelines(running.lines)
        raise
    finally:
        if running.process.poll() is None:
            running.stop()
        running.process.stdout.close()


def test_it_serves_pages_and_compressed_files_that_never_change(site):
    status, page = site.get("/sign-in", Accept="text/html")
    assert status == 200, page[:500]
    encodings = {}
    for address in re.findall(r'(?:href|src)="(/static/[^"#]+\.(?:css|js))"', page):
        request = urllib.request.Request(site.url + address, headers={"Accept-Encoding": "br"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert "immutable" in answer.headers["Cache-Control"], address
            encodings[address.split("/")[-1].split(".")[0]] = answer.headers["Content-Encoding"]
    assert encodings["tabler"] == "br"


def test_nothing_is_loaded_from_elsewhere(site):
    _status, page = site.get("/sign-in")
    assert re.findall(r'(?:src|href)="(https?:)?//', page) == []


def test_health_is_answered_whatever_the_host_name_is(site):
    assert site.get("/healthz", Host="10.1.2.3") == (200, "ok\n")
    assert site.get("/readyz", Host="10.1.2.3")[0] == 200
    assert site.get("/sign-in", Host="10.1.2.3")[0] == 400


def test_a_second_start_on_the_same_port_says_so_and_disturbs_nothing(site):
    second = subprocess.run(
        [sys.executable, "-m", "loudou", "serve"],
        env=site.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "cannot be used: Address already in use" in second.stderr
    assert "Traceback" not in second.stderr
    assert site.get("/readyz")[0] == 200


def test_a_second_site_on_the_same_home_shares_the_database(site):
    second = Site(site.home, free_port())
    try:
        wait_until(second.is_ready)
        assert second.postmaster == site.postmaster
    finally:
        second.stop()
    assert site.get("/readyz")[0] == 200


def test_a_killed_worker_is_started_again(site):
    killed = site.pid_of("loudou worker")
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: site.pid_of("loudou worker") not in {None, killed})
    wait_until(lambda: site.get("/readyz")[0] == 200)


def test_a_worker_is_born_with_everything_read(site):
    assert site.get("/sign-in/")[0] == 200
    server = site.pid_of("gunicorn")
    [worker] = children_of(server)
    assert processor_time(worker) < processor_time(server) / 4


def test_a_killed_web_server_is_started_again_and_the_port_stays_open(site):
    os.kill(site.pid_of("gunicorn"), signal.SIGKILL)
    wait_until(lambda: site.get("/sign-in")[0] == 200)


def test_a_restart_of_the_database_under_load_is_answered_decently_and_heals(site):
    answers: list[tuple[int, str]] = []
    done = threading.Event()

    def browse() -> None:
        while not done.is_set():
            answers.append(site.get("/sign-in"))

    browsers = [threading.Thread(target=browse) for _ in range(4)]
    for browser in browsers:
        browser.start()
    killed = site.postmaster
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: site.has_new_database(killed) and site.get("/readyz")[0] == 200)
    done.set()
    for browser in browsers:
        browser.join()
    assert [(status, text[:200]) for status, text in answers if status not in {200, 503}] == []
    assert site.get("/sign-in")[0] == 200


def test_while_the_database_is_away_people_and_programs_are_told_so(site):
    server = postgres.socket_folder(site.home)
    away = server.with_name("socket-away")
    server.rename(away)  # the server runs, but nobody finds it
    try:
        with psycopg.connect(host=str(away), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'loudou'")
            wait_until(lambda: site.get("/readyz")[0] == 503, 30)
            status, page = site.get("/sign-in", **{"Accept-Language": "zh-CN"})
            assert status == 503
            assert "数据库" in page
            status, problem = site.get("/api/v1/opportunities", Authorization="Bearer ldu_" + "x" * 43)
            assert status == 503
            assert '"code"' in problem
    finally:
        away.rename(server)
    wait_until(lambda: site.get("/readyz")[0] == 200, 60)


def test_stopping_stops_everything_it_started(site):
    below, postmaster = children_of(site.process.pid), site.postmaster
    assert len(below) >= 3
    assert site.stop() < 30
    assert site.process.returncode == 0
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in (*below, postmaster)), 10)
