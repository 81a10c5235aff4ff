"""`python -m benchmarks [SIZE...]`: 10,000 and 100,000 opportunities by default, a million too with BENCH_FULL=1."""

from __future__ import annotations

import json
import os
import platform
import sys
import time

import psycopg

from benchmarks import calibration, importing, measuring, report
from benchmarks.browser import Browser
from benchmarks.report import Measured
from benchmarks.scenes import READERS, Scene, scenes
from benchmarks.server import Running, serving

SMALL, MEDIUM, LARGE = 10_000, 100_000, 1_000_000
PASSWORD = "loudou-demo"  # noqa: S105 - the demo's public password
CREATE = "Create by API"
PEER_CREATES = 43


def main(arguments: list[str]) -> None:
    """Measure the sizes asked for, one after another."""
    sizes = [int(float(argument)) for argument in arguments]
    if not sizes:
        sizes = [SMALL, MEDIUM, *([LARGE] if os.environ.get("BENCH_FULL") == "1" else [])]
    for size in sizes:
        say(f"{size:,} opportunities")
        with serving(size) as (server, load_seconds):
            measure(server, size, load_seconds)
    say(f"Written: {report.PAGE.name} and {report.DATA.name} in docs/.")


def measure(server: Running, size: int, load_seconds: float) -> None:
    """Measure one running installation; what is measured is written after each part, so that a stop loses little."""
    conninfo = f"host={(server.home / 'pg' / 'socket').resolve()} user=loudou dbname=loudou"
    measured = Measured(size, load_seconds, calibration.python_ms(), calibration.sql_ms(conninfo))
    wanted = _scenes(conninfo)
    pairs = [[reader, scene.path] for reader in READERS for scene in wanted]
    counts = iter(json.loads(server.run("benchmarks.statements", stdin=json.dumps(pairs))))
    for reader in READERS:
        person = Browser(server.port).sign_in(reader, PASSWORD)
        for scene in wanted:
            figures = measuring.measure(server, person, lambda one, path=scene.path: one.get(path))
            note(measured, scene.name, reader, figures)
            measured.statements.setdefault(scene.name, {})[reader] = next(counts)
            measured.peers[scene.name] = scene.peer
        report.write([measured], machine=machine())
    _creates(server, measured, conninfo)
    report.write([measured], machine=machine())
    measured.imports = importing.measure(server, conninfo, batch=f"b{int(time.time())}")
    say(f"  import: {measured.imports.rows_per_second:,.0f} rows/s")
    report.write([measured], machine=machine())


def note(measured: Measured, name: str, reader: str, figures: measuring.Figures) -> None:
    """Keep figures and show them."""
    measured.figures.setdefault(name, {})[reader] = figures
    say(
        f"  {name}, {reader}: {figures.cpu:.1f} ms CPU ({figures.application_cpu:.1f} + {figures.database_cpu:.1f}),"
        f" p50 {figures.p50:.0f}, p95 {figures.p95:.0f} ms;"
        f" 8 clients p50 {figures.p50_of_8:.0f}, p95 {figures.p95_of_8:.0f} ms"
    )


def _scenes(conninfo: str) -> list[Scene]:
    with psycopg.connect(conninfo) as connection:
        process = connection.execute("SELECT id FROM pipeline_salesprocess ORDER BY position DESC LIMIT 1").fetchone()
        opportunity = connection.execute(
            "SELECT max(sale.id) FROM pipeline_opportunity sale JOIN people_user owner ON owner.id = sale.owner_id"
            " WHERE owner.username = 'rep' AND sale.state = 'open' AND EXISTS"
            " (SELECT FROM pipeline_opportunityline line WHERE line.opportunity_id = sale.id)"
        ).fetchone()
    assert process and opportunity  # noqa: S101
    return scenes(process=process[0], opportunity=opportunity[0])


def _creates(server: Running, measured: Measured, conninfo: str) -> None:
    """Create by the API, as a program that holds a token of the rep."""
    said = server.run("loudou", "token", "create", "rep", "--name", "benchmark")
    token = max(said.split(), key=len)
    with psycopg.connect(conninfo) as connection:
        customer = connection.execute(
            "SELECT min(customer.id) FROM customers_customer customer"
            " JOIN people_user owner ON owner.id = customer.owner_id WHERE owner.username = 'rep'"
        ).fetchone()
    body: dict[str, object] = {
        "subject": "Pumps for the new plant", "customer_id": customer[0] if customer else None, "amount": "125000.00",
        "expected_on": "2027-06-30",
    }  # fmt: skip
    figures = measuring.measure(
        server, Browser(server.port, token=token), lambda one: one.create("/api/v1/opportunities", body)
    )
    note(measured, CREATE, "rep", figures)
    measured.peers[CREATE] = (PEER_CREATES, PEER_CREATES)


def machine() -> str:
    """Describe the machine in a few words."""
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, embedded PostgreSQL"


def say(line: str) -> None:
    """Print at once, also into a pipe."""
    print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
