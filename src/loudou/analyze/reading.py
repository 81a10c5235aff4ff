"""From files of any kind to plain rows of the known fields, one file after another, row by row."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from loudou.exchange.reading import tables

Progress = Callable[[int], None]
"""Told how many rows more were read."""

Finder = Callable[[Sequence[str]], Mapping[str, int]]
"""Finds the column of each field among the headings of a file."""

AT_ONCE = 10_000


def write_plain(
    paths: Sequence[Path], fields: Sequence[str], find: Finder, target: Path, progress: Progress
) -> tuple[int, dict[str, str], list[str]]:
    """Write the known columns of all files as one CSV; return how many rows, each field's heading, and all headings.

    Raises what `find` and reading a file raise.
    """
    mapping: dict[str, str] = {}
    seen: dict[str, None] = {}
    count = 0
    with target.open("w", newline="", encoding="utf-8") as plain:
        writer = csv.writer(plain)
        writer.writerow(fields)
        for place, path in enumerate(paths):
            headers, rows = _opened(path, target.with_name(f"{place}-{path.name}"))
            seen |= dict.fromkeys(headers)
            columns = find(headers)
            mapping.update({name: headers[column] for name, column in columns.items()})
            order = [columns.get(name, -1) for name in fields]
            for row in rows:
                last = len(row)
                writer.writerow([_text(row[column]) if 0 <= column < last else "" for column in order])
                count += 1
                if count % AT_ONCE == 0:
                    progress(AT_ONCE)
    progress(count % AT_ONCE)
    return count, mapping, list(seen)


def _opened(path: Path, private: Path) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """Headings and rows of a file. Spreadsheets are converted beside where they lie, hence under a `private` name."""
    if path.suffix.lower() == ".parquet":
        source = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(path)])
        return [column[0] for column in source.description or ()], _fetched(source)
    private.symlink_to(path.resolve())
    table = tables.inspect(private, name=path.name)
    return table.headers(), (line.cells for line in table.rows())


def _fetched(source: duckdb.DuckDBPyConnection) -> Iterator[Sequence[Any]]:
    batches: Iterable[list[Any]] = iter(lambda: source.fetchmany(AT_ONCE), [])
    for batch in batches:
        yield from batch


def _text(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())
