"""The topic "ledger": posting receipts, reconciliation and `loudou check` at so many instalments.

Sizes are instalments here: `BENCH_LEDGER=1e4 python -m benchmarks ledger`, or `python -m benchmarks ledger 1e4 1e5`;
10^6 unless told. Everything is told beside something bare that is measured in the same run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from benchmarks import measuring
from benchmarks.browser import Browser
from benchmarks.measuring import percentile
from benchmarks.posting import BARE
from benchmarks.report import Section, say, table
from benchmarks.scenes import PASSWORD
from benchmarks.server import ROOT, Running, serving
from benchmarks.topic import SIZES, Topic

DEFAULT = "1e6"
FEWEST_SALES = 10_000
ALONE, TOGETHER, CLIENTS = 300, 60, 8
LEDGER = (
    "paymentplan", "instalment", "receipt", "allocation", "refund", "reversal", "exchangedifference", "delivery",
    "deliveryline", "invoice", "invoiceline",
)  # fmt: skip
RANDOM = "tests/contracts/ledger/test_random_ledgers.py"


@dataclass(frozen=True, slots=True)
class Rate:
    """Pieces of work a second over all clients, and the 95th percentile of one in milliseconds."""

    per_second: float
    p95_ms: float


def measure(sizes: list[int]) -> None:
    """Measure at the sizes asked for; `make bench` asks for the sizes of other topics, and means `BENCH_LEDGER`."""
    wanted = [int(float(os.environ.get("BENCH_LEDGER", DEFAULT)))] if sizes == SIZES else sizes
    for instalments in wanted:
        with serving(max(FEWEST_SALES, instalments // 10), name=f"ledger-{instalments}") as (server, _seconds):
            began = time.monotonic()
            server.run("benchmarks.ledger_loading", server.administrator, str(instalments))
            say(f"Ledger of {instalments:,} instalments, loaded or found in {time.monotonic() - began:.0f} s")
            figures = {
                "instalments": instalments,
                "rows": _rows(server),
                "posting": _posting(server),
                "pages": _pages(server),
                "check": _check(server),
            }
        SECTION.write_size(instalments, figures)
    SECTION.write(SECTION.figures() | {"random_ledgers": random_ledgers()})


def random_ledgers() -> int:
    """Run the property test of the ledger and return how many random ledgers it tried; all closed to the cent."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-show-statistics", RANDOM],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    tried = sum(int(number) for number in re.findall(r"(\d+) passing", done.stdout))
    say(f"Random ledgers: {tried}")
    return tried


def _rows(server: Running) -> int:
    with psycopg.connect(server.conninfo) as connection:
        counts = [connection.execute(f"SELECT count(*) FROM contracts_{name}").fetchone() for name in LEDGER]  # noqa: S608
    return sum(found[0] for found in counts if found)


def _posting(server: Running) -> dict[str, dict[str, dict[str, float]]]:
    """Each kind of work by one client, and by eight at once."""
    with psycopg.connect(server.administrator, autocommit=True) as connection:
        for bare, model in BARE.items():
            connection.execute(f"DROP TABLE IF EXISTS {bare}; CREATE TABLE {bare} AS TABLE {model} WITH NO DATA")
            connection.execute(f"GRANT ALL ON {bare} TO loudou")
    found: dict[str, dict[str, dict[str, float]]] = {}
    for what in ("post", "insert", "select"):
        alone, together = work(server, what, 1, ALONE), work(server, what, CLIENTS, TOGETHER)
        found[what] = {"1": asdict(alone), str(CLIENTS): asdict(together)}
        say(
            f"  {what}: 1 client {alone.per_second:,.0f}/s, p95 {alone.p95_ms:.1f} ms;"
            f" {CLIENTS} clients {together.per_second:,.0f}/s, p95 {together.p95_ms:.1f} ms"
        )
    with psycopg.connect(server.administrator, autocommit=True) as connection:
        for bare in BARE:
            connection.execute(f"DROP TABLE {bare}")
    return found


def work(server: Running, what: str, clients: int, number: int) -> Rate:
    """Let so many processes do so many pieces of work each, all beginning when the last is ready."""
    pipe = subprocess.PIPE
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.posting"], env=server.environment, cwd=ROOT, stdin=pipe, stdout=pipe,
            text=True,
        )
        for _ in range(clients)
    ]  # fmt: skip
    for client, worker in enumerate(workers):
        _tell(worker, json.dumps({"what": what, "number": number, "client": client, "clients": clients}))
    for worker in workers:
        _answer(worker)
    for worker in workers:
        _tell(worker, "go")
    taken = [piece for worker in workers for piece in json.loads(_answer(worker))]
    for worker in workers:
        worker.communicate()
    elapsed = max(began + seconds for began, seconds in taken) - min(began for began, _seconds in taken)
    return Rate(len(taken) / elapsed, percentile([seconds for _began, seconds in taken], 0.95) * 1000)


def _tell(worker: subprocess.Popen[str], line: str) -> None:
    assert worker.stdin is not None  # noqa: S101
    worker.stdin.write(f"{line}\n")
    worker.stdin.flush()


def _answer(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None  # noqa: S101
    if not (line := worker.stdout.readline()):
        raise RuntimeError("a client ended before its work")
    return line


def _pages(server: Running) -> dict[str, Any]:
    """The reconciliation of a contract and of the customer with the most contracts, beside the list of customers."""
    with psycopg.connect(server.conninfo) as connection:
        found = connection.execute(
            "SELECT max(id), customer_id FROM contracts_contract GROUP BY customer_id"
            " ORDER BY count(*) DESC, customer_id LIMIT 1"
        ).fetchone()
    assert found  # noqa: S101
    contract, customer = found
    finance = Browser(server.port).sign_in("finance", PASSWORD)
    paths = {
        "Reconciliation of a contract": f"/contracts/{contract}/money/",
        "Reconciliation of a customer": f"/customers/{customer}/money/",
        "List of customers": "/customers/",
    }
    pages = {}
    for name, path in paths.items():
        figures = measuring.measure(server, finance, lambda one, path=path: one.get(path))
        say(f"  {name}: p95 {figures.p95:.0f} ms, {figures.cpu:.0f} ms CPU")
        pages[name] = asdict(figures)
    return pages


def _check(server: Running) -> dict[str, float]:
    """Seconds of the whole command, and of adding up every ledger table once, which no proof can do without."""
    with psycopg.connect(server.conninfo) as connection:
        began = time.monotonic()
        for name in LEDGER:
            connection.execute(f"SELECT count(*), md5(max(t::text)) FROM contracts_{name} t").fetchone()  # noqa: S608
        reading = time.monotonic() - began
    began = time.monotonic()
    server.run("loudou", "check")
    seconds = time.monotonic() - began
    say(f"  check: {seconds:.1f} s, reading alone {reading:.1f} s")
    return {"seconds": seconds, "reading_seconds": reading}


def tables(known: dict[str, Any]) -> str:
    """Markdown of the tables."""
    sizes = list(known["sizes"].values())
    return "\n\n".join(
        [f"Machine: {known['machine']}.", _posting_table(sizes), _page_table(sizes), _check_table(sizes, known)]
    )


def _posting_table(sizes: list[dict[str, Any]]) -> str:
    header = [
        "posting and allocating: instalments", "clients", "receipts/s", "p95, ms", "bare INSERT/s", "ratio",
        "round trips/s", "ratio",
    ]  # fmt: skip
    rows = []
    for size in sizes:
        for clients in ("1", str(CLIENTS)):
            post, insert, select = (size["posting"][what][clients] for what in ("post", "insert", "select"))
            rate = post["per_second"]
            rows.append([
                f"{size['instalments']:,}", clients, f"**{rate:,.0f}**", f"{post['p95_ms']:.1f}",
                f"{insert['per_second']:,.0f}", f"{insert['per_second'] / rate:.0f}",
                f"{select['per_second']:,.0f}", f"{select['per_second'] / rate:.0f}",
            ])  # fmt: skip
    return table(header, rows)


def _page_table(sizes: list[dict[str, Any]]) -> str:
    header = ["instalments: page", "p50, ms", "p95, ms", "p95 of 8 clients, ms", "CPU, ms", "list of customers: ratio"]
    rows = []
    for size in sizes:
        plain = size["pages"]["List of customers"]["p95"]
        for name, page in size["pages"].items():
            rows.append([
                f"{size['instalments']:,}: {name}", f"{page['p50']:.0f}", f"**{page['p95']:.0f}**",
                f"{page['p95_of_8']:.0f}", f"{page['application_cpu'] + page['database_cpu']:.0f}",
                f"{page['p95'] / plain:.1f}",
            ])  # fmt: skip
    return table(header, rows)


def _check_table(sizes: list[dict[str, Any]], known: dict[str, Any]) -> str:
    header = [
        "instalments", "rows of the ledger", "loudou check, s", "reading the rows alone, s", "ratio",
        "random ledgers tried",
    ]  # fmt: skip
    rows = []
    for size in sizes:
        check = size["check"]
        rows.append([
            f"{size['instalments']:,}", f"{size['rows']:,}", f"**{check['seconds']:.1f}**",
            f"{check['reading_seconds']:.1f}", f"{check['seconds'] / check['reading_seconds']:.1f}",
            str(known.get("random_ledgers", "–")),
        ])  # fmt: skip
    return table(header, rows)


SECTION = Section("ledger", tables)
TOPIC = Topic("ledger", measure)
