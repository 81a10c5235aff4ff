"""One row of a file, as text."""

from __future__ import annotations

from typing import NamedTuple

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


class Line(NamedTuple):
    """A row's number, as a spreadsheet shows it, and its cells."""

    number: int
    cells: list[str]


def unguarded(cell: str) -> str:
    """Take away the apostrophe that an export puts before what looks like a formula, and what no database stores."""
    if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS):
        cell = cell[1:]
    return cell.replace("\x00", "") if "\x00" in cell else cell
