"""The topic "pages": what a page costs, as a rep and as an executive, and what it costs to create by API."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from benchmarks import calibration, measuring
from benchmarks.browser import Browser
from benchmarks.leftovers import taken_away
from benchmarks.report import Section, say, table
from benchmarks.scenes import CREATE, PASSWORD, READERS, Scene, scenes
from benchmarks.server import Running, serving
from benchmarks.topic import Topic


@dataclass
class Measured:
    """One size: seconds to load it, calibration, figures and statements by scene and reader."""

    opportunities: int
    load_seconds: float
    python_ms: float
    sql_ms: float
    figures: dict[str, dict[str, measuring.Figures]] = field(default_factory=dict)
    statements: dict[str, dict[str, int]] = field(default_factory=dict)
    peers: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)


def measure(sizes: list[int]) -> None:
    """Measure the sizes asked for, one after another; what is measured is kept, so that a stop loses little."""
    for size in sizes:
        say(f"Pages at {size:,} opportunities")
        with serving(size) as (server, load_seconds), taken_away(server.administrator):
            measured = Measured(size, load_seconds, calibration.python_ms(), calibration.sql_ms(server.conninfo))
            _pages(server, measured)
            _creates(server, measured)
            SECTION.write_size(size, asdict(measured))


def _pages(server: Running, measured: Measured) -> None:
    wanted = _scenes(server.conninfo)
    pairs = [[reader, scene.path] for reader in READERS for scene in wanted]
    counts = iter(json.loads(server.run("benchmarks.statements", stdin=json.dumps(pairs))))
    for reader in READERS:
        person = Browser(server.port).sign_in(reader, PASSWORD)
        for scene in wanted:
            figures = measuring.measure(server, person, lambda one, path=scene.path: one.get(path))
            _note(measured, scene, reader, figures)
            measured.statements.setdefault(scene.name, {})[reader] = next(counts)
        SECTION.write_size(measured.opportunities, asdict(measured))


def _note(measured: Measured, scene: Scene, reader: str, figures: measuring.Figures) -> None:
    """Keep figures and show them."""
    measured.figures.setdefault(scene.name, {})[reader] = figures
    measured.peers[scene.name] = scene.peer
    say(
        f"  {scene.name}, {reader}: {figures.cpu:.1f} ms CPU ({figures.application_cpu:.1f} +"
        f" {figures.database_cpu:.1f}), p50 {figures.p50:.0f}, p95 {figures.p95:.0f} ms;"
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


def _creates(server: Running, measured: Measured) -> None:
    """Create by the API, as a program that holds the token of a rep: not the one whose pages are measured."""
    with psycopg.connect(server.conninfo) as connection:
        found = connection.execute(
            "SELECT owner.username, min(customer.id) FROM customers_customer customer"
            " JOIN people_user owner ON owner.id = customer.owner_id WHERE owner.username LIKE 'rep0%'"
            " GROUP BY owner.username ORDER BY owner.username LIMIT 1"
        ).fetchone()
    assert found  # noqa: S101
    username, customer = found
    token = max(server.run("loudou", "token", "create", username, "--name", "benchmark").split(), key=len)
    body: dict[str, object] = {
        "subject": "Pumps for the new plant", "customer_id": customer, "amount": "125000.00",
        "expected_on": "2027-06-30",
    }  # fmt: skip
    figures = measuring.measure(
        server, Browser(server.port, token=token), lambda one: one.create("/api/v1/opportunities", body)
    )
    _note(measured, CREATE, "rep", figures)


def tables(known: dict[str, Any]) -> str:
    """Markdown of all tables."""
    sizes = list(known["sizes"].values())
    parts = [f"Machine: {known['machine']}.", _calibration(sizes)]
    for position, reader in enumerate(READERS):
        parts += [f"### As {'a rep' if reader == 'rep' else 'an executive'}", _growth(sizes, reader, position)]
        parts.append(_times(sizes[-1], reader))
    return "\n\n".join(parts)


def _calibration(sizes: list[dict[str, Any]]) -> str:
    rows = [
        [f"{size['opportunities']:,}", *(f"{size[key]:.0f}" for key in ("load_seconds", "python_ms", "sql_ms"))]
        for size in sizes
    ]
    return table(["opportunities", "seconds to load", "fixed Python loop, ms", "fixed SQL statement, ms"], rows)


def _growth(sizes: list[dict[str, Any]], reader: str, position: int) -> str:
    """CPU per request by size, with the statements and the peers' figure."""
    names = list(sizes[-1]["figures"])
    header = ["CPU ms per request (application + database)", *(f"{size['opportunities']:,}" for size in sizes)]
    rows = []
    for name in names:
        row = [name]
        for size in sizes:
            figure = size["figures"].get(name, {}).get(reader)
            row.append("–" if figure is None else _cpu(figure))
        statements = sizes[-1]["statements"].get(name, {}).get(reader)
        peer = sizes[-1]["peers"].get(name, (None, None))[position]
        rows.append([*row, "–" if statements is None else str(statements), "–" if peer is None else str(peer)])
    return table([*header, "SQL statements", "leading Python CRM at 100,000"], rows)


def _cpu(figure: dict[str, float]) -> str:
    app, database = figure["application_cpu"], figure["database_cpu"]
    return f"**{app + database:.0f}** ({app:.0f} + {database:.0f})"


def _times(size: dict[str, Any], reader: str) -> str:
    rows = []
    for name, by_reader in size["figures"].items():
        if reader in by_reader:
            figure = by_reader[reader]
            rows.append([name, *(f"{figure[key]:.0f}" for key in ("p50", "p95", "p50_of_8", "p95_of_8"))])
    header = [f"ms at {size['opportunities']:,}", "p50, 1 client", "p95, 1 client", "p50, 8 clients", "p95, 8 clients"]
    return table(header, rows)


SECTION = Section("pages", tables)
TOPIC = Topic("pages", measure)
