"""Turning figures into docs/performance.json and the tables of docs/performance.md."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.importing import ImportFigures
from benchmarks.measuring import Figures
from benchmarks.scenes import READERS

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "docs" / "performance.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


@dataclass
class Measured:
    """One size: seconds to load it, calibration, figures and statements by scene and reader, import."""

    opportunities: int
    load_seconds: float
    python_ms: float
    sql_ms: float
    figures: dict[str, dict[str, Figures]] = field(default_factory=dict)
    statements: dict[str, dict[str, int]] = field(default_factory=dict)
    peers: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    imports: ImportFigures | None = None


def write(measured: list[Measured], *, machine: str) -> None:
    """Store the figures of this run beside those of other sizes, and write the tables anew."""
    known: dict[str, Any] = json.loads(DATA.read_text()) if DATA.exists() else {}
    known["machine"] = machine
    sizes = known.setdefault("sizes", {})
    for each in measured:
        sizes[str(each.opportunities)] = asdict(each)
    known["sizes"] = dict(sorted(sizes.items(), key=lambda item: int(item[0])))
    DATA.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{tables(known)}\n{END}{after}")


def tables(known: dict[str, Any]) -> str:
    """Markdown of all tables."""
    sizes = list(known["sizes"].values())
    parts = [f"Machine: {known['machine']}.", _calibration(sizes)]
    for position, reader in enumerate(READERS):
        parts += [f"### As {'a rep' if reader == 'rep' else 'an executive'}", _growth(sizes, reader, position)]
        parts.append(_times(sizes[-1], reader))
    parts += ["### Import", _imports(sizes)]
    return "\n\n".join(parts)


def _calibration(sizes: list[dict[str, Any]]) -> str:
    rows = [
        [f"{size['opportunities']:,}", *(f"{size[key]:.0f}" for key in ("load_seconds", "python_ms", "sql_ms"))]
        for size in sizes
    ]
    return _table(["opportunities", "seconds to load", "fixed Python loop, ms", "fixed SQL statement, ms"], rows)


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
    return _table([*header, "SQL statements", "leading Python CRM at 100,000"], rows)


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
    return _table(header, rows)


def _imports(sizes: list[dict[str, Any]]) -> str:
    rows = [
        [
            f"{size['opportunities']:,}",
            f"{size['imports']['rows']:,}",
            f"{size['imports']['rows_per_second']:,.0f}",
            f"{size['imports']['copy_rows_per_second']:,.0f}",
            "19",
        ]
        for size in sizes
        if size["imports"]
    ]
    header = ["into a database of", "rows in the file", "imported rows/s", "bare COPY rows/s", "leading Python CRM"]
    return _table(header, rows)


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
