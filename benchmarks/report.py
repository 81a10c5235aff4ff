"""Sections of docs/performance.md: each is written by one topic, from figures that it keeps in a file of its own."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
DATA = ROOT / "docs" / "performance"


class NoPlace(Exception):  # noqa: N818
    """The page has no marks for a section."""


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of the page. `tables` makes its Markdown from the figures."""

    name: str
    tables: Callable[[dict[str, Any]], str]

    @property
    def path(self) -> Path:
        """Where its figures are kept, for programs."""
        return DATA / f"{self.name}.json"

    def figures(self) -> dict[str, Any]:
        """The figures kept so far; empty before the first run."""
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def write(self, figures: dict[str, Any]) -> None:
        """Keep the figures, and write the section anew between its marks. Raises NoPlace."""
        begin, end = f"<!-- {self.name}: begin -->", f"<!-- {self.name}: end -->"
        page = PAGE.read_text()
        before, opened, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not opened or not closed:
            raise NoPlace(f"{PAGE.name} needs the lines {begin} and {end}")
        self.path.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
        PAGE.write_text(f"{before}{begin}\n{self.tables(figures)}\n{end}{after}")

    def write_size(self, size: int, figures: dict[str, Any]) -> None:
        """Keep the figures of one size beside those of the others, smallest first."""
        known = self.figures()
        sizes = known.get("sizes", {}) | {str(size): figures}
        ordered = dict(sorted(sizes.items(), key=lambda item: int(item[0])))
        self.write(known | {"machine": machine(), "sizes": ordered})


def machine() -> str:
    """Describe the machine in a few words."""
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, embedded PostgreSQL"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: the first column is text, the others are figures."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def say(line: str) -> None:
    """Print at once, also into a pipe."""
    print(line, flush=True)
