"""One installation of its own for each size: made once, served with the production server, stopped afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.processes import Cpu
from loudou.core.postgres import ADMINISTRATOR

ROOT = Path(__file__).resolve().parent.parent
HOMES = Path(os.environ.get("BENCH_HOME") or ROOT / "var" / "bench")
"""Loaded installations, one folder for each size; a folder that is there is used as it is."""
READY_WITHIN = 180
NOTE = "loaded.txt"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers, and the roots of its two process trees."""

    home: Path
    port: int
    environment: dict[str, str]
    application: int
    database: int

    @property
    def conninfo(self) -> str:
        """How to reach its database."""
        return f"host={(self.home / 'pg' / 'socket').resolve()} user=loudou dbname=loudou"

    @property
    def administrator(self) -> str:
        """How to reach its database as one whom triggers and foreign keys do not bind."""
        return self.conninfo.replace("user=loudou", f"user={ADMINISTRATOR}")

    def cpu(self) -> Cpu:
        """CPU seconds used so far."""
        return Cpu.of(self.application, self.database)

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """Run a command of the product, or of this package, on the installation; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", *arguments], env=self.environment, cwd=ROOT, input=stdin, text=True,
            stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        return done.stdout


def environment(home: Path, port: int) -> dict[str, str]:
    """Nothing of the caller's own installation: the embedded database in `home`, two workers of four threads."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOUDOU_")}
    return kept | {
        "LOUDOU_HOME": str(home), "LOUDOU_PORT": str(port), "PYTHONPATH": str(ROOT / "src"),
        "LOUDOU_LOG_LEVEL": "WARNING",
    }  # fmt: skip


@contextmanager
def serving(opportunities: int, *, name: str = "") -> Iterator[tuple[Running, float]]:
    """Load the installation of a size if need be, serve it, and stop it; also tells the seconds that loading took.

    A topic that writes into its installation for good has one of its own, by name.
    """
    home, seconds = loaded(opportunities, name or str(opportunities))
    port = _free_port()
    env = environment(home, port)
    server = subprocess.Popen([sys.executable, "-m", "loudou", "serve"], env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(port, server)
        yield Running(home, port, env, _gunicorn(server.pid), _postmaster(home)), seconds
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def loaded(opportunities: int, name: str) -> tuple[Path, float]:
    """Return the installation of a name and size, and the seconds that loading took; loads when there is none.

    It is loaded under another name first, so that a load that was stopped is never taken for a whole one.
    """
    home, unfinished = (HOMES / folder for folder in (name, f"{name}.unfinished"))
    if not home.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "loudou", "demo", "--scale", str(opportunities)],
            env=environment(unfinished, _free_port()), cwd=ROOT, check=True,
        )  # fmt: skip
        (unfinished / NOTE).write_text(f"{time.monotonic() - began:.1f}")
        unfinished.rename(home)
    return home, float((home / NOTE).read_text())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError("the server ended before it was ready")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError("the server did not become ready")


def _gunicorn(server: int) -> int:
    """Return the web server below our own process: an old one on the machine would make figures lie."""
    for pid in processes.children().get(server, []):
        if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise LookupError("the server has no gunicorn below it")


def _postmaster(home: Path) -> int:
    return int((home / "pg" / "data" / "postmaster.pid").read_text().splitlines()[0])
