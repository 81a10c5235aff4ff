"""`loudou serve` and `loudou worker`."""

from __future__ import annotations

from collections.abc import Callable

import typer

from loudou.config import supervisor
from loudou.config.cli.language import _
from loudou.config.cli.opening import complain, installation, say
from loudou.config.env import environment
from loudou.config.parent import die_with_parent
from loudou.core import postgres

HOST = typer.Option(None, help=_("Address to listen on; LOUDOU_HOST when left out."))
PORT = typer.Option(None, min=1, max=65535, help=_("Port to serve on; LOUDOU_PORT when left out."))


def serve(host: str | None = HOST, port: int | None = PORT) -> None:
    """Serve the pages and run background jobs until Ctrl-C."""
    run(host, port, prepare=lambda: None)


def worker() -> None:
    """Run background jobs only; `serve` starts one by itself."""
    with installation(source="job"):
        from procrastinate.contrib.django import app

        die_with_parent()
        with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
            working.run_worker(concurrency=2, shutdown_graceful_timeout=15)


def run(host: str | None, port: int | None, *, prepare: Callable[[], None]) -> None:
    """Take the port, make everything ready, call `prepare` with the database open, and supervise until told to stop."""
    env = environment()
    host, port = host or env.host, port or env.port
    try:
        listener = supervisor.listen(host, port)
    except supervisor.PortTaken as reason:
        complain(
            _(
                "Port %(port)s on %(host)s cannot be used: %(reason)s. Choose another one with LOUDOU_PORT or --port, "
                "or another address with LOUDOU_HOST or --host."
            )
            % {"port": port, "host": host, "reason": reason}
        )
        raise typer.Exit(1) from reason
    with listener, installation() as server:
        prepare()
        shown, names = _make_ready()
        _supervise(server, listener.fileno(), f"http://{_browsable(host)}:{port}", names[0], shown)
    say(_("Loudou has stopped."))


def _make_ready() -> tuple[list[str], list[str]]:
    """Collect static files, free the connection; return the lines to show once ready and the names we answer to."""
    from django.conf import settings
    from django.db import connections

    from loudou.config import static_files
    from loudou.config.cli.demo import sign_in_lines

    if settings.HTTPS_IS_DUE and not settings.TRUSTED_PROXIES:
        complain(
            _(
                "People are to reach this site over HTTPS, but no proxy that ends it is trusted, so every page will be "
                "refused. Name the proxy's address in LOUDOU_PROXY, or set LOUDOU_HTTPS=false to serve in the clear."
            )
        )
    static_files.collect(environment().home)
    shown = sign_in_lines()
    connections.close_all()
    return shown, [name for name in settings.ALLOWED_HOSTS if "*" not in name and not name.startswith(".")] or [""]


def _supervise(server: postgres.Server | None, listener: int, url: str, name: str, shown: list[str]) -> None:
    gunicorn = ["-m", "gunicorn", "--config", "python:loudou.config.gunicorn", "--bind", f"fd://{listener}"]
    children = [
        supervisor.python_child("web", *gunicorn, inherited=(listener,)),
        supervisor.python_child("worker", "-m", "loudou", "worker"),
    ]

    def when_ready() -> None:
        say(f"Loudou is ready: {url}")  # scripts wait for this line, whatever the language
        for line in shown:
            say(line)

    supervisor.Supervisor(children, server).run(when_ready, supervisor.ready_probe(url, name))


def _browsable(host: str) -> str:
    """Name an address that a browser on this machine can open."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - these mean every address
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
