"""Keep the processes of `loudou serve` running: the web server, the worker for jobs, the embedded database."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import structlog

from loudou.core.postgres import Server
from loudou.core.postgres_binaries import ServerUnavailable

log = structlog.get_logger("loudou.serve")

GRACE = 20.0  # seconds that a child gets to finish what it is doing
LONGEST_PAUSE = 30.0
READY_WITHIN = 120.0


class PortTaken(Exception):  # noqa: N818 - an answer to the operator
    """Another program listens on the port."""


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(error.strerror) from error
    listener.listen(2048)
    return listener


@dataclass
class Child:
    """A process that is started again whenever it ends, after a pause that doubles while it keeps failing."""

    name: str
    command: list[str]
    inherited: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.5

    def keep_alive(self) -> None:
        """Start the process if it is not running."""
        if self.process and self.process.poll() is None:
            return
        now = time.monotonic()
        if self.process:
            if now - self.started_at > LONGEST_PAUSE:
                self.pause = 0.5
            if now - self.started_at < self.pause:
                return
            log.warning("started again after it ended", process=self.name, exit_code=self.process.returncode)
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        # A session of its own: Ctrl-C reaches only the supervisor, which stops the children in order.
        self.process = subprocess.Popen(  # noqa: S603 - our own command line
            self.command, pass_fds=self.inherited, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started_at = now

    def ask_to_stop(self) -> None:
        """Ask politely."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait_until_stopped(self, deadline: float) -> None:
        """Wait until the process has ended; kill it when the grace is over."""
        if self.process is None:
            return
        try:
            self.process.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Supervisor:
    """Starts the children, keeps them and the database alive until it is told to stop, then stops them."""

    children: list[Child]
    database: Server | None
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, when_ready: Callable[[], None], probe: Callable[[], bool]) -> None:
        """Supervise until SIGINT, SIGTERM or SIGHUP; call `when_ready` once, when `probe` first answers yes."""
        with _signals(self.stopping):
            is_ready, began = False, time.monotonic()
            try:
                while not self.stopping.is_set():
                    for child in self.children:
                        child.keep_alive()
                    self._keep_database_alive()
                    if not is_ready and probe():
                        is_ready = True
                        when_ready()
                    elif not is_ready and time.monotonic() - began > READY_WITHIN:
                        log.error("still not ready; the lines above say why")
                        began = time.monotonic()
                    self.stopping.wait(1.0 if is_ready else 0.1)
            finally:
                self.stop()

    def stop(self) -> None:
        """Stop all children at once."""
        deadline = time.monotonic() + GRACE
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.wait_until_stopped(deadline)

    def _keep_database_alive(self) -> None:
        if self.database is None or self.database.is_listening():
            return
        log.warning("the embedded database ended; it is started again")
        try:
            self.database.revive()
        except ServerUnavailable as reason:
            log.warning("the embedded database does not start", reason=str(reason))
            self.stopping.wait(5)


def python_child(name: str, *arguments: str, inherited: tuple[int, ...] = ()) -> Child:
    """Describe a child that runs this Python."""
    return Child(name, [sys.executable, *arguments], inherited)


def ready_probe(url: str, host_name: str) -> Callable[[], bool]:
    """Return a question to `/readyz`: does everything work?"""
    request = urllib.request.Request(f"{url}/readyz", headers={"Host": host_name})  # noqa: S310 - our own address

    def probe() -> bool:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
                return all(json.load(answer).values())
        except (urllib.error.URLError, OSError, ValueError):
            return False

    return probe


@contextmanager
def _signals(stopping: threading.Event) -> Iterator[None]:
    """Turn the usual signals into a wish to stop."""

    def wish(number: int, frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, wish) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
