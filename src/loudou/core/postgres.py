"""The embedded PostgreSQL: made, started and stopped by Loudou itself, so that nothing has to be installed or set up.

State is in `<home>/pg`: `data`, the `socket` folder, `log`. There is no network port and no password: whoever may
enter the socket folder (0700) may talk to the server. PostgreSQL refuses to run as root, therefore root lends it an
unprivileged account; when that account cannot reach the home (say, under /root), `<home>/pg` becomes a link to a
folder in /var/lib/loudou, and nobody's folders are opened up.

Every process that needs the server calls `start` and, at its end, `stop`: the first starts it, the last stops it.
The operating system lets go for a process that was killed.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from loudou.core.postgres_binaries import ServerUnavailable, find, version
from loudou.core.postgres_binaries import marked as _

NAME = "loudou"
ADMINISTRATOR = "postgres"
SHARED = Path("/var/lib/loudou")
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")
HAS_BUILTIN_LOCALE = 17
NO_SPACE = "No space left on device"
READY, REJECTING, SILENT = 0, 1, 2  # what pg_isready answers
PATIENCE = 90.0  # seconds; recovery after a crash under load takes a while

Account = pwd.struct_passwd


def socket_folder(home: Path) -> Path:
    """Say where the server of this home listens; ask only after it was started for the first time."""
    return (home / "pg" / "socket").resolve()


def start(home: Path) -> Server:
    """Make sure the server of `home` runs, and hold it until `stop`. Raises ServerUnavailable."""
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    with _alone(home):
        account = _account(home / "pg")
        folder = _folder(home, account)
        binaries = find(folder / "data", lambda path: _reaches(account, path), SHARED / "binaries")
        server = Server(home, folder, _socket(folder, account), binaries, account)
        fcntl.flock(server.holder, fcntl.LOCK_SH)
        try:
            server.ensure_running()
        except BaseException:
            server.holder.close()
            raise
    return server


@contextmanager
def running(home: Path) -> Iterator[Server]:
    """Hold the server of `home` for the length of a `with` block."""
    server = start(home)
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Server:
    """The server of one home, held by this process."""

    home: Path
    folder: Path
    socket: Path
    binaries: Path
    account: Account | None
    holder: IO[str] = field(init=False, repr=False)
    complaint: str = field(init=False, repr=False, default="")
    """What pg_ctl said when it did not bring the server up: it may fail before the server writes a log."""

    def __post_init__(self) -> None:
        self.holder = (self.home / ".pg.holders").open("w")

    @property
    def data(self) -> Path:
        """The data folder; only the server touches what is in it."""
        return self.folder / "data"

    def stop(self) -> None:
        """Let go of the server; stop it when nobody else holds it."""
        if self.holder.closed:
            return
        with _alone(self.home), self.holder:
            try:
                fcntl.flock(self.holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else still needs it
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "60")

    def is_listening(self) -> bool:
        """Tell whether the server's socket answers; costs next to nothing."""
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket / ".s.PGSQL.5432"))
            except OSError:
                return False
        return True

    def revive(self) -> None:
        """Start the server again after it was killed. Raises ServerUnavailable."""
        with _alone(self.home):
            self.ensure_running()

    def ensure_running(self) -> None:
        """Create the data folder if there is none, start the server if it is silent, wait until it answers."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        patience, attempts = time.monotonic() + PATIENCE, 5
        while (state := self._run("pg_isready", "-q", "-h", str(self.socket)).returncode) != READY:
            if time.monotonic() > patience or not attempts:
                raise self._silence(self._last_words())
            if state == SILENT:
                # What a killed server left behind may need a moment to go away: hence more than one attempt.
                attempts -= 1
                self._forget_dead_server()
                if self._launch():
                    continue
            time.sleep(0.5)
        self._make_database()

    def _initialise(self) -> None:
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)  # a killed first start
        builtin = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            if version(self.binaries) >= HAS_BUILTIN_LOCALE
            else []
        )
        trust = ["--auth-local=trust", "--auth-host=reject", "-U", ADMINISTRATOR]
        made = self._run("initdb", "-D", str(draft), "-E", "UTF8", "--locale=C.UTF-8", *builtin, *trust)
        if made.returncode:
            raise self._silence(made.stderr.strip())
        draft.rename(self.data)

    def _launch(self) -> bool:
        options = shlex.join(part for pair in self._settings().items() for part in ("-c", "=".join(pair)))
        log = str(self.folder / "log")
        launched = self._run("pg_ctl", "start", "-D", str(self.data), "-l", log, "-w", "-t", "60", "-o", options)
        self.complaint = launched.stderr.strip() if launched.returncode else ""
        return not launched.returncode

    def _settings(self) -> dict[str, str]:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
        return {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.socket}"',
            "max_connections": "100",
            "shared_buffers": f"{min(max(memory // 8, 64), 1024)}MB",
            "effective_cache_size": f"{max(memory // 2, 128)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": f"{min(max(memory // 16, 64), 512)}MB",
            "max_wal_size": "2GB",
            "random_page_cost": "1.1",  # nobody runs this on spinning disks
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_messages": "warning",
        }

    def _forget_dead_server(self) -> None:
        """Remove the pid file of a killed server when its pid has meanwhile gone to somebody else's process."""
        path = self.data / "postmaster.pid"
        try:
            pid = int(path.read_text().splitlines()[0])
            alive = Path(f"/proc/{pid}/cwd").readlink() == self.data
        except PermissionError:  # we may look at our own server's process, so this is another
            alive = False
        except (OSError, ValueError, IndexError):  # no such file, process or /proc: PostgreSQL copes by itself
            return
        if not alive:
            path.unlink(missing_ok=True)

    def _make_database(self) -> None:
        with psycopg.connect(
            host=str(self.socket), user=ADMINISTRATOR, dbname="postgres", autocommit=True
        ) as connection:
            name = sql.Identifier(NAME)
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [NAME]).rowcount:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(name))
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).rowcount:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))

    def _run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return _run_as(self.account, [str(self.binaries / command), *arguments], self.folder)

    def _silence(self, words: str) -> ServerUnavailable:
        """Say why the server does not come up, from what it said itself."""
        if NO_SPACE in words:
            return ServerUnavailable(
                _("The disk of %(folder)s is full. Make room and start again; what was saved is still there."),
                folder=self.folder,
            )
        return ServerUnavailable(
            _(
                "PostgreSQL does not start in %(folder)s. Mend what its last words name, or put a backup back in its "
                "place:\n%(words)s"
            ),
            folder=self.folder,
            words=words,
        )

    def _last_words(self) -> str:
        """Return the end of the log, and after it what pg_ctl said, so that no failure is without its reason."""
        log = self.folder / "log"
        logged = log.read_text(errors="replace").splitlines()[-8:] if log.is_file() else []
        return "\n".join([*logged, *self.complaint.splitlines()]) or "(none)"


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep two processes from starting or stopping the server of a home at once."""
    with (home / ".pg.turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _account(folder: Path) -> Account | None:
    """Return the account that runs the server: nobody else when we are not root."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and folder.stat().st_uid != 0:
        return pwd.getpwuid(folder.stat().st_uid)  # who made the database keeps it
    for attempt in (None, ["useradd", "-r", "-M", "-d", "/nonexistent"], ["adduser", "-S", "-D", "-H"]):
        if attempt and shutil.which(attempt[0]):
            shell = shutil.which("nologin") or "/bin/false"
            subprocess.run([*attempt, "-s", shell, NAME], check=False, capture_output=True)  # noqa: S603 - fixed words
        try:
            return pwd.getpwnam(NAME)
        except KeyError:
            continue
    raise ServerUnavailable(
        _(
            "PostgreSQL does not run as root, and the account '%(name)s' cannot be created. Create it, start Loudou as "
            "another user, or set LOUDOU_DATABASE_URL."
        ),
        name=NAME,
    )


def _folder(home: Path, account: Account | None) -> Path:
    """Return the folder of the server, made on the first start; `<home>/pg` is that folder or a link to it."""
    link = home / "pg"
    if link.is_symlink() and not link.exists():
        raise ServerUnavailable(
            _(
                "%(link)s points to %(folder)s, which is not there. Bring it back, or remove the link to begin with an "
                "empty database."
            ),
            link=link,
            folder=link.readlink(),
        )
    if link.exists():
        return link.resolve()
    if _reaches(account, home):
        _make_private(link, account)
        return link
    SHARED.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="database-", dir=SHARED))
    _give(folder, account)
    link.symlink_to(folder)
    return folder


def _socket(folder: Path, account: Account | None) -> Path:
    """Return the socket folder, a short one elsewhere when the path would be too long for a socket."""
    link = folder / "socket"
    expected = account.pw_uid if account else os.geteuid()
    if link.exists() and (found := link.stat()).st_uid == expected and not found.st_mode & 0o077:
        return link.resolve()
    if link.is_symlink():  # a clean-up of /tmp took its target
        link.unlink()
    if len(os.fsencode(link)) <= LONGEST_SOCKET_FOLDER:
        _make_private(link, account)
        return link
    short = Path(tempfile.mkdtemp(prefix="loudou-", dir="/tmp"))
    _give(short, account)
    link.symlink_to(short)
    return short


def _make_private(folder: Path, account: Account | None) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    _give(folder, account)


def _give(folder: Path, account: Account | None) -> None:
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)


def _reaches(account: Account | None, folder: Path) -> bool:
    """Tell whether the server's account may enter a folder; asked of the system, which knows about ACLs too."""
    return not _run_as(account, ["test", "-x", str(folder)], Path("/")).returncode


def _run_as(account: Account | None, command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own commands, without a shell
        command,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
