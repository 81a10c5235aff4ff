"""The topic "import": with all checks, history and audit on, beside a bare COPY of the same rows."""

from __future__ import annotations

import csv
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.leftovers import taken_away
from benchmarks.report import Section, say, table
from benchmarks.server import Running, serving
from benchmarks.topic import Topic

HEADER = (
    "subject", "customer", "amount", "expected_on", "opened_on", "process", "stage", "source", "owner", "external_id",
)  # fmt: skip
ROWS = 5_000
PEER = 19
"""Rows a second that a leading Python CRM imports."""


@dataclass(frozen=True, slots=True)
class ImportFigures:
    """Rows a second of both; the import's include the start of the command."""

    rows: int
    rows_per_second: float
    copy_rows_per_second: float


def measure(sizes: list[int]) -> None:
    """Import into installations of the sizes asked for."""
    for size in sizes:
        with serving(size) as (server, _load_seconds), taken_away(server.administrator):
            figures = import_into(server, batch=f"b{int(time.time())}")
        say(f"Import at {size:,} opportunities: {figures.rows_per_second:,.0f} rows/s")
        SECTION.write_size(size, asdict(figures))


def import_into(server: Running, *, batch: str) -> ImportFigures:
    """Import a file of new opportunities of known customers by the command line, then COPY it into a bare table."""
    path, mapping = server.home / f"import-{batch}.csv", server.home / "import.toml"
    _write(path, server.conninfo, batch)
    columns = "\n".join(f'{name} = "{name}"' for name in HEADER)
    mapping.write_text(f'kind = "opportunities"\n\n[columns]\n{columns}\n\n[options]\ndate_order = "ymd"\n')
    began = time.monotonic()
    server.run("loudou", "import", str(path), "--mapping", str(mapping))
    seconds = time.monotonic() - began
    with psycopg.connect(server.conninfo) as connection:
        columns = ", ".join(f"c{number} text" for number in range(len(HEADER)))
        connection.execute(f"CREATE TEMP TABLE bare ({columns})")
        copied = time.monotonic()
        with connection.cursor().copy("COPY bare FROM STDIN WITH (FORMAT csv, HEADER)") as copy:
            copy.write(path.read_bytes())
        copy_seconds = time.monotonic() - copied
    path.unlink()
    return ImportFigures(ROWS, ROWS / seconds, ROWS / copy_seconds)


def _write(path: Path, conninfo: str, batch: str) -> None:
    with psycopg.connect(conninfo) as connection:
        customers = connection.execute(
            "SELECT customer.name, min(owner.username) FROM customers_customer customer"
            " JOIN people_user owner ON owner.id = customer.owner_id"
            " GROUP BY customer.name HAVING count(*) = 1 ORDER BY min(customer.id) LIMIT 500"
        ).fetchall()
        stages = connection.execute(
            "SELECT process.name, stage.name FROM pipeline_stage stage"
            " JOIN pipeline_salesprocess process ON process.id = stage.process_id"
            " WHERE process.is_default ORDER BY stage.position"
        ).fetchall()
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(ROWS):
            customer, owner = customers[number % len(customers)]
            process, stage = stages[number % len(stages)]
            writer.writerow((
                f"Pumps for line {batch}-{number}", customer, f"{10_000 + number}.50", "2027-03-31", "2026-06-01",
                process, stage, "Trade fair", owner, f"{batch}-{number}",
            ))  # fmt: skip


def tables(known: dict[str, Any]) -> str:
    """Markdown of the table."""
    rows = [
        [
            f"{int(size):,}", f"{figures['rows']:,}", f"{figures['rows_per_second']:,.0f}",
            f"{figures['copy_rows_per_second']:,.0f}", str(PEER),
        ]
        for size, figures in known["sizes"].items()
    ]  # fmt: skip
    return table(
        ["into a database of", "rows in the file", "imported rows/s", "bare COPY rows/s", "leading Python CRM"], rows
    )


SECTION = Section("import", tables)
TOPIC = Topic("import", measure)
