"""The topic "statistics": the library beside its peers, each case in a process of its own, in one run.

Cases that need more memory or disk than there is are left out with a message. The sizes asked for are opportunities;
the largest, S, sets the other cases as well: S and 10 S customers, with 10 S and 100 S transactions.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import buying_cases, funnel_cases, total_cases, value_cases
from benchmarks.apart import Outcome, apart
from benchmarks.report import Section, machine, say, table
from benchmarks.topic import Topic

MOST_FOR_LIFETIMES = 1_000_000
MOST_FOR_PANDAS = 10_000_000
DEALS = (50, 500, 5_000)
GIGABYTE = 1 << 30
BYTES_A_TRANSACTION = 130
"""Memory and disk together that the queries over transactions need for each."""
BYTES_AN_OPPORTUNITY = 3_000


@dataclass(frozen=True, slots=True)
class Side:
    """Seconds, and the peak memory of the process in megabytes."""

    seconds: float
    peak_mb: float


def measure(sizes: list[int]) -> None:
    """Measure all cases and write the section."""
    largest = max(sizes)
    figures = {
        "machine": machine(),
        "funnel": _funnel(sizes),
        "totals": _totals(),
        # 0 is the published sample.
        "buying": _buying((0, largest, 10 * largest)),
        "value": _value(((largest, 10 * largest), (10 * largest, 100 * largest))),
    }
    SECTION.write(SECTION.figures() | figures)


def _funnel(sizes: list[int]) -> list[dict[str, Any]]:
    found = []
    for opportunities in sizes:
        if not _fits(opportunities * BYTES_AN_OPPORTUNITY, f"{opportunities:,} opportunities"):
            continue
        folder = Path(tempfile.mkdtemp(prefix="loudou-bench-"))
        try:
            path = str(folder / "funnel.duckdb")
            events = apart(funnel_cases.make, path, opportunities).value
            ours, peers = apart(funnel_cases.ours, path), apart(funnel_cases.peers, path)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        say(
            f"Funnel, {opportunities:,}: {ours.seconds:.1f} s, of it {ours.value['parts']}; peers {peers.seconds:.1f} s"
        )
        found.append(
            {
                "opportunities": opportunities,
                "events": events,
                "ours": asdict(_side(ours)) | {key: ours.value[key] for key in ("parts", "processor")},
                "peers": asdict(_side(peers)) | {"estimation": peers.value["estimation"]},
                "difference": funnel_cases.apart_by(ours.value, peers.value),
            }
        )
    return found


def _buying(buyers: tuple[int, ...]) -> list[dict[str, Any]]:
    found = []
    for customers in buyers:
        if not customers and not buying_cases.CDNOW.exists():
            say("Left out: the published sample CDNOW is not beside the project (../shared/data).")
            continue
        if not _fits(customers * 150, f"repeat orders of {customers:,} customers"):
            continue
        ours = apart(buying_cases.ours, customers)
        peer = apart(buying_cases.lifetimes, customers) if customers <= MOST_FOR_LIFETIMES else None
        say(f"Repeat orders, {customers or 'CDNOW'}: {ours.seconds:.2f} s CPU, lifetimes {peer and peer.seconds}")
        found.append(
            {
                **{key: ours.value[key] for key in ("customers", "histories", "parameters")},
                "ours": asdict(_side(ours)),
                "fit_seconds": ours.value["fit_seconds"],
                "lifetimes": peer and asdict(_side(peer)) | {"parameters": peer.value["parameters"]},
            }
        )
    return found


def _value(valued: tuple[tuple[int, int], ...]) -> list[dict[str, Any]]:
    found = []
    for customers, transactions in valued:
        if not _fits(transactions * BYTES_A_TRANSACTION, f"{transactions:,} transactions"):
            continue
        folder = Path(tempfile.mkdtemp(prefix="loudou-bench-"))
        try:
            path = str(folder / "transactions.duckdb")
            apart(value_cases.make, path, customers, transactions)
            # In turns, the better of two: the first to come pays for the disk's cache.
            rounds = [(apart(value_cases.ours, path), apart(value_cases.by_hand, path)) for _ in range(2)]
            ours = min((one for one, _ in rounds), key=lambda outcome: outcome.seconds)
            hand = min((other for _, other in rounds), key=lambda outcome: outcome.seconds)
            if ours.value != hand.value:
                raise AssertionError(f"the answers differ: {ours.value} and {hand.value}")
            frame = apart(value_cases.pandas, path) if transactions <= MOST_FOR_PANDAS else None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        say(f"Value, {transactions:,}: {ours.seconds:.1f} s, by hand {hand.seconds:.1f} s")
        found.append(
            {
                "customers": customers,
                "transactions": transactions,
                "ours": asdict(_side(ours)),
                "by_hand": asdict(_side(hand)),
                "pandas": frame and asdict(_side(frame)),
            }
        )
    return found


def _totals() -> list[dict[str, Any]]:
    found = []
    for deals in DEALS:
        exact, drawn = apart(total_cases.exact, deals), apart(total_cases.simulated, deals)
        say(f"Total of {deals}: exact {exact.seconds:.3f} s, simulated {drawn.seconds:.3f} s")
        found.append(
            {
                "deals": deals,
                "exact": asdict(_side(exact)) | {"quantiles": exact.value},
                "simulated": asdict(_side(drawn)) | {"quantiles": drawn.value},
            }
        )
    return found


def _side(outcome: Outcome) -> Side:
    return Side(outcome.seconds, outcome.peak_mb)


def _fits(wanted: int, what: str) -> bool:
    """Whether memory and disk suffice; says so where not."""
    memory = _memory()
    disk = shutil.disk_usage(tempfile.gettempdir()).free
    if min(memory, disk) >= wanted:
        return True
    say(
        f"Left out: {what} would need {wanted / GIGABYTE:.0f} GB; "
        f"there are {memory / GIGABYTE:.0f} GB of memory and {disk / GIGABYTE:.0f} GB of disk."
    )
    return False


def _memory() -> int:
    """Bytes that can be had: free ones, and those that only cache files (earlier cases leave many of them)."""
    told = Path("/proc/meminfo")
    if not told.exists():
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    figures = dict(line.split(":", 1) for line in told.read_text().splitlines())
    return int(figures["MemAvailable"].split()[0]) * 1024


def tables(known: dict[str, Any]) -> str:
    """Markdown of the tables."""
    return "\n\n".join(
        part
        for key, write in (
            ("funnel", _funnel_table),
            ("buying", _buying_table),
            ("value", _value_table),
            ("totals", _totals_table),
        )
        if (part := write(known.get(key) or []))
    )


def _funnel_table(rows: list[dict[str, Any]]) -> str:
    header = [
        "win rates by stage, rep, product, source; cycle, funnels, forecast: deals", "events", "ours, s", "CPU s",
         "of it forecast, s", "MB", "lifelines and statsmodels (curves alone), s", "of it estimation", "MB",
        "largest difference of a win rate",
    ]  # fmt: skip
    lines = [
        [
            f"{row['opportunities']:,}", f"{row['events']:,}", f"**{row['ours']['seconds']:.1f}**",
            f"{row['ours']['processor']:.1f}", f"{row['ours']['parts']['forecast']:.1f}",
            f"{row['ours']['peak_mb']:,.0f}",
            f"{row['peers']['seconds']:.1f}", f"{row['peers']['estimation']:.1f}", f"{row['peers']['peak_mb']:,.0f}",
            f"{row['difference']:.0e}",
        ]
        for row in rows
    ]  # fmt: skip
    return table(header, lines) if lines else ""


def _buying_table(rows: list[dict[str, Any]]) -> str:
    header = [
        "repeat orders (BG/NBD), CPU s", "distinct histories", "count and fit", "fit alone", "MB",
        "lifetimes", "MB", "ratio", "largest relative difference of a parameter",
    ]  # fmt: skip
    lines = []
    for row in rows:
        peer = row["lifetimes"]
        apart_by = (
            max(abs(a / b - 1) for a, b in zip(row["parameters"], peer["parameters"], strict=True)) if peer else None
        )
        lines.append(
            [
                f"{row['customers']:,}", f"{row['histories']:,}", f"**{row['ours']['seconds']:.2f}**",
                f"{row['fit_seconds']:.2f}", f"{row['ours']['peak_mb']:,.0f}",
                f"{peer['seconds']:.2f}" if peer else "not tried", f"{peer['peak_mb']:,.0f}" if peer else "–",
                f"{peer['seconds'] / row['ours']['seconds']:.1f}" if peer else "–",
                f"{apart_by:.0e}" if apart_by is not None else "–",
            ]
        )  # fmt: skip
    return table(header, lines) if lines else ""


def _value_table(rows: list[dict[str, Any]]) -> str:
    header = [
        "tiers, ABC, RFM, whale: transactions", "customers", "ours, s", "hand-written SQL, s", "ratio", "MB",
        "pandas, s", "MB",
    ]  # fmt: skip
    lines = [
        [
            f"{row['transactions']:,}", f"{row['customers']:,}", f"**{row['ours']['seconds']:.1f}**",
            f"{row['by_hand']['seconds']:.1f}", f"{row['ours']['seconds'] / row['by_hand']['seconds']:.2f}",
            f"{row['ours']['peak_mb']:,.0f}",
            f"{row['pandas']['seconds']:.1f}" if row["pandas"] else "not tried",
            f"{row['pandas']['peak_mb']:,.0f}" if row["pandas"] else "–",
        ]
        for row in rows
    ]  # fmt: skip
    return table(header, lines) if lines else ""


def _totals_table(rows: list[dict[str, Any]]) -> str:
    header = ["total of a period: deals", "exact, s", "10,000 draws, s", "ratio", "P10, P50, P90: largest difference"]
    lines = []
    for row in rows:
        exact, drawn = row["exact"], row["simulated"]
        apart_by = max(abs(a / b - 1) for a, b in zip(exact["quantiles"], drawn["quantiles"], strict=True))
        lines.append(
            [
                f"{row['deals']:,}", f"**{exact['seconds']:.3f}**", f"{drawn['seconds']:.3f}",
                f"{drawn['seconds'] / exact['seconds']:.1f}", f"{apart_by:.1%}",
            ]
        )  # fmt: skip
    return table(header, lines) if lines else ""


SECTION = Section("statistics", tables)
TOPIC = Topic("statistics", measure)
