"""Cells of a column as dates, instants and numbers: each distinct value is read once, the unreadable are counted."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from loudou.analyze.reading import AT_ONCE
from loudou.exchange.choices import DateOrder
from loudou.exchange.values.dates import read_date, read_moment
from loudou.exchange.values.numbers import read_number, read_share
from loudou.exchange.values.unreadable import Unreadable

Reader = Callable[[str], Any]
_SAMPLE = 2_000


def load_rows(engine: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    """Make a table of text columns from a plain CSV; `place` numbers its rows from 1. An empty cell is NULL."""
    engine.execute(
        f"CREATE TABLE {table} AS SELECT row_number() OVER () AS place, * FROM"
        " read_csv(?, header = true, all_varchar = true, nullstr = '', delim = ',', quote = '\"', escape = '\"')",
        [str(path)],
    )


def dates(engine: duckdb.DuckDBPyConnection, table: str, column: str) -> Reader:
    """Read days; day first or month first, whichever reads more of the column's distinct values."""
    order = _order(engine, table, column)
    return lambda text: read_date(text, order)


def moments(engine: duckdb.DuckDBPyConnection, table: str, column: str) -> Reader:
    """Read instants, in UTC where they name no offset; a day alone is its beginning, as an opening date is."""
    order = _order(engine, table, column)

    def read(text: str) -> dt.datetime:
        moment = read_moment(text, order, "UTC")
        return moment if ":" in text or text.isdecimal() else dt.datetime.combine(moment, dt.time(), dt.UTC)

    return read


def number(text: str) -> float:
    """Read a number. Raises Unreadable."""
    return float(read_number(text))


def whole(text: str) -> int:
    """Read a whole number. Raises Unreadable."""
    return int(read_number(text))


def share(text: str) -> float:
    """Read a share: 0.4, 40 and 40% are the same. Raises Unreadable."""
    return float(read_share(text))


def read_column(
    engine: duckdb.DuckDBPyConnection, table: str, column: str, kind: str, read: Reader, *, always: bool = False
) -> dict[str, int]:
    """Read a column's distinct values once each into read_<column>(text, value); return the unreadable with counts.

    What the engine itself takes for a `kind` is left to it, unless `always`.
    """
    bad: dict[str, int] = {}
    wanted = "" if always else f" AND try_cast({column} AS {kind}) IS NULL"
    found = engine.cursor().execute(
        f"SELECT {column}, count(*) FROM {table} WHERE {column} IS NOT NULL{wanted} GROUP BY 1"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.csv"
        with path.open("w", newline="", encoding="utf-8") as target:
            writer = csv.writer(target)
            writer.writerow(["text", "value"])
            while batch := found.fetchmany(AT_ONCE):
                for text, count in batch:
                    try:
                        writer.writerow([text, read(text)])
                    except Unreadable:
                        bad[text] = count
        engine.execute(
            f"CREATE OR REPLACE TABLE read_{column} AS SELECT text, CAST(value AS {kind}) AS value"
            " FROM read_csv(?, header = true, auto_detect = false,"
            " columns = {text: 'VARCHAR', value: 'VARCHAR'}, delim = ',', quote = '\"', escape = '\"')",
            [str(path)],
        )
    return bad


def typed(table: str, kinds: Mapping[str, str], *, always: frozenset[str] = frozenset()) -> tuple[str, str]:
    """Columns and joins of a SELECT from `table` that has each column of `kinds` as what `read_column` made of it."""
    columns = ", ".join(
        f"of_{name}.value AS {name}"
        if name in always
        else f"coalesce(try_cast({table}.{name} AS {kind}), of_{name}.value) AS {name}"
        for name, kind in kinds.items()
    )
    joins = "\n".join(f"LEFT JOIN read_{name} AS of_{name} ON of_{name}.text = {table}.{name}" for name in kinds)
    return columns, joins


def forget(engine: duckdb.DuckDBPyConnection, *names: str) -> None:
    """Drop tables that were only needed for reading."""
    for name in names:
        engine.execute(f"DROP TABLE {name}")


def _order(engine: duckdb.DuckDBPyConnection, table: str, column: str) -> str:
    sample = [
        row[0]
        for row in engine.execute(
            f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT {_SAMPLE}"
        ).fetchall()
    ]

    def readable(order: str) -> int:
        return sum(_can_read(text, order) for text in sample)

    return max((DateOrder.MDY, DateOrder.DMY), key=readable)


def _can_read(text: str, order: str) -> bool:
    try:
        read_date(text, order)
    except Unreadable:
        return False
    return True
