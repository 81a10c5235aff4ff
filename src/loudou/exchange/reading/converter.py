"""The process that opens spreadsheets. It runs alone, with little memory and time, and may die without harm.

    python -m loudou.exchange.reading.converter sheets FILE
    python -m loudou.exchange.reading.converter convert FILE SHEET TARGET

A spreadsheet is somebody else's program for our parser: it may be damaged, hostile, or a bomb. So it is never opened
in a worker of the site. This process writes each row as a line of JSON and exits with 0; 3 means that the parser
refused the file, 4 that it asked for too much memory; anything else is a crash.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
from pathlib import Path
from typing import Any

MEMORY = 1536 * 1024 * 1024
SECONDS = 300
OUTPUT = 4 * 1024 * 1024 * 1024
REFUSED, TOO_COSTLY = 3, 4


def limit() -> None:
    """Give up what would be needed to do harm."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def as_text(value: Any) -> str:  # noqa: PLR0911 - one line per kind of value
    """Write a cell as people would: no trailing .0, dates in ISO order."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def convert(workbook: Any, sheet: int, target: Path) -> None:
    """Write the rows of one sheet that are not empty, each with its number."""
    opened = workbook.get_sheet_by_index(sheet)
    with target.open("w", encoding="utf-8") as out:
        for number, row in enumerate(opened.iter_rows(), 1):
            cells = [as_text(value) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                out.write(json.dumps([number, cells], ensure_ascii=False))
                out.write("\n")


def main(arguments: list[str]) -> int:
    """Carry out one order from the command line."""
    limit()
    import python_calamine

    order, path = arguments[0], arguments[1]
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        if order == "sheets":
            sys.stdout.write(json.dumps(workbook.sheet_names))
        else:
            convert(workbook, int(arguments[2]), Path(arguments[3]))
    except MemoryError:
        return TOO_COSTLY
    except OSError:
        raise
    except Exception:  # noqa: BLE001 - whatever the parser raises means the same: it cannot read this file
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
