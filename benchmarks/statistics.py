"""The topic "statistics": the library beside its peers, each case in a process of its own, in one run.

Cases that need more memory or disk than there is are left out with a message. Sizes are those of each case, not of the
product's database.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import buying_cases, total_cases, value_cases
from benchmarks.apart import Outcome, apart
from benchmarks.report import Section, machine, say, table
from benchmarks.topic import Topic

BUYERS = (0, 1_000_000, 10_000_000)
"""Customers of the model of repeat orders; 0 is the published sample."""
MOST_FOR_LIFETIMES = 1_000_000
VALUED = ((1_000_000, 10_000_000), (10_000_000, 100_000_000))
"""Customers and transactions."""
MOST_FOR_PANDAS = 10_000_000
DEALS = (50, 500, 5_000)
GIGABYTE = 1 << 30
BYTES_A_TRANSACTION = 130
"""Memory and disk together that the queries over transactions need for each."""


@dataclass(frozen=True, slots=True)
class Side:
    """Seconds, and the peak memory of the process in megabytes."""

    seconds: float
    peak_mb: float


def measure(_sizes: list[int]) -> None:
    """Measure all cases and write the section."""
    figures = {"machine": machine(), "buying": _buying(), "value": _value(), "totals": _totals()}
    SECTION.write(SECTION.figures() | figures)


def _buying() -> list[dict[str, Any]]:
    found = []
    for customers in BUYERS:
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


def _value() -> list[dict[str, Any]]:
    found = []
    for customers, transactions in VALUED:
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
    memory = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    disk = shutil.disk_usage(tempfile.gettempdir()).free
    if min(memory, disk) >= wanted:
        return True
    say(
        f"Left out: {what} would need {wanted / GIGABYTE:.0f} GB; "
        f"there are {memory / GIGABYTE:.0f} GB of memory and {disk / GIGABYTE:.0f} GB of disk."
    )
    return False


def tables(known: dict[str, Any]) -> str:
    """Markdown of the tables."""
    return "\n\n".join(
        part
        for key, write in (("buying", _buying_table), ("value", _value_table), ("totals", _totals_table))
        if (part := write(known.get(key) or []))
    )


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
