"""From files to a table of deals: columns found by their headings, outcomes by their words, dates and amounts read."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from django.utils.translation import gettext_lazy as _

from loudou.core.refusals import BusinessRefusal
from loudou.exchange.choices import DateOrder
from loudou.exchange.reading import tables
from loudou.exchange.targets.kinds import OPPORTUNITIES
from loudou.exchange.targets.synonyms import choice_words, propose_mapping
from loudou.exchange.values.dates import read_date
from loudou.exchange.values.numbers import read_number
from loudou.exchange.values.texts import letters
from loudou.exchange.values.unreadable import Unreadable

FIELDS = (
    "id", "subject", "owner", "stage", "state", "is_won", "is_closed",
    "amount", "opened_on", "closed_on", "expected_on", "product", "customer",
)  # fmt: skip
_SAME_AS_IMPORT = {"external_id": "id"}
_FLAGS = {"is_won": ("is won", "won flag", "iswon"), "is_closed": ("is closed", "isclosed", "closed flag")}
_TRUE = frozenset({"true", "1", "yes", "t", "y", "是"})
_PROGRESS_EVERY = 20_000


class ColumnUnknown(BusinessRefusal):
    """`--map` names a field or column that does not exist."""

    code = "column_unknown"
    message = _("“%(given)s” does not fit. Write field=column; fields: %(fields)s; columns: %(columns)s.")
    status = 422


class OutcomesUnknown(BusinessRefusal):
    """No column, or no word in it, says which deals were won and which were lost."""

    code = "outcomes_unknown"
    message = _(
        "Which deals were won and which lost? Say so with --won and --lost, for example --won “%(example)s”. "
        "Values found: %(values)s."
    )
    status = 422


class NoRows(BusinessRefusal):
    """Nothing to analyze."""

    code = "no_rows"
    message = _("%(name)s holds no deals.")
    status = 422


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person said beyond the files."""

    columns: Mapping[str, str] = field(default_factory=dict)
    won: Sequence[str] = ()
    lost: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Deals:
    """A DuckDB connection with the table `deals`, how each field was found, and what could not be read.

    deals(place, id, subject, owner, stage, outcome, amount, opened_on, closed_on, expected_on, product, customer):
    `outcome` is 'won', 'lost' or 'open'; an open deal's closing date is its expected date.
    """

    engine: duckdb.DuckDBPyConnection
    mapping: Mapping[str, str]
    unreadable: Mapping[str, Mapping[str, int]]
    as_of: dt.date


def load(paths: Sequence[Path], choices: Choices, *, progress: Callable[[int], None]) -> Deals:
    """Read the files into an embedded DuckDB.

    Raises ColumnUnknown, OutcomesUnknown, NoRows, and what reading a file raises.
    """
    engine = duckdb.connect()
    engine.execute("SET threads = 2")
    mapping: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "rows.csv"
        with plain.open("w", newline="", encoding="utf-8") as target:
            writer = csv.writer(target)
            writer.writerow(FIELDS)
            rows = sum(_copy(path, choices, writer, mapping, progress) for path in paths)
        if not rows:
            raise NoRows(name=", ".join(path.name for path in paths))
        engine.execute(
            "CREATE TABLE raw AS SELECT row_number() OVER () AS place, * FROM"
            " read_csv(?, header = true, all_varchar = true, nullstr = '', delim = ',', quote = '\"', escape = '\"')",
            [str(plain)],
        )
    unreadable = {
        **{
            name: _parse(engine, name, "DATE", _reader_of_dates(engine, name))
            for name in ("opened_on", "closed_on", "expected_on")
        },
        "amount": _parse(engine, "amount", "DOUBLE", lambda text: float(read_number(text))),
    }
    _settle_outcomes(engine, choices)
    _make_deals(engine)
    as_of = _last_event(engine)
    return Deals(engine, mapping, {name: found for name, found in unreadable.items() if found}, as_of)


def _copy(path: Path, choices: Choices, writer: Any, mapping: dict[str, str], progress: Callable[[int], None]) -> int:
    """Write the known columns of one file as plain rows; return how many."""
    if path.suffix.lower() == ".parquet":
        return _copy_parquet(path, choices, writer, mapping, progress)
    table = tables.inspect(path, name=path.name)
    headers = table.headers()
    columns = find_columns(headers, choices.columns)
    mapping.update({name: headers[column] for name, column in columns.items()})
    order = [columns.get(name) for name in FIELDS]
    count = 0
    for line in table.rows():
        cells = line.cells
        writer.writerow([" ".join(cells[i].split()) if i is not None and i < len(cells) else "" for i in order])
        count += 1
        if count % _PROGRESS_EVERY == 0:
            progress(_PROGRESS_EVERY)
    progress(count % _PROGRESS_EVERY)
    return count


def _copy_parquet(
    path: Path, choices: Choices, writer: Any, mapping: dict[str, str], progress: Callable[[int], None]
) -> int:
    source = duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(path)])
    headers = [column[0] for column in source.description or ()]
    columns = find_columns(headers, choices.columns)
    mapping.update({name: headers[column] for name, column in columns.items()})
    order = [columns.get(name) for name in FIELDS]
    count = 0
    while batch := source.fetchmany(_PROGRESS_EVERY):
        writer.writerows([["" if i is None or row[i] is None else str(row[i]) for i in order] for row in batch])
        count += len(batch)
        progress(len(batch))
    return count


def find_columns(headers: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """Field -> column: what the person said first, then the synonyms that imports know. Raises ColumnUnknown."""
    found: dict[str, int] = {}
    for column, code in propose_mapping(OPPORTUNITIES, headers).items():
        name = _SAME_AS_IMPORT.get(code, code)
        if name in FIELDS:
            found.setdefault(name, column)
    plain = [letters(header) for header in headers]
    for name, words in _FLAGS.items():
        known = {letters(word) for word in words}
        flags = [column for column, header in enumerate(plain) if header in known]
        if flags:
            found[name] = flags[0]
    for name, header in given.items():
        if name not in FIELDS or header not in headers:
            raise ColumnUnknown(given=f"{name}={header}", fields=", ".join(FIELDS), columns=", ".join(headers))
        found[name] = headers.index(header)
    return found


def _reader_of_dates(engine: duckdb.DuckDBPyConnection, name: str) -> Callable[[str], dt.date]:
    """Day first or month first: whichever reads more of the column's distinct values."""
    sample = [
        row[0]
        for row in engine.execute(f"SELECT DISTINCT {name} FROM raw WHERE {name} IS NOT NULL LIMIT 2000").fetchall()
    ]

    def readable(order: str) -> int:
        return sum(_can_read(text, order) for text in sample)

    best = max((DateOrder.MDY, DateOrder.DMY), key=readable)
    return lambda text: read_date(text, best)


def _can_read(text: str, order: str) -> bool:
    try:
        read_date(text, order)
    except Unreadable:
        return False
    return True


def _parse(engine: duckdb.DuckDBPyConnection, name: str, kind: str, read: Callable[[str], Any]) -> dict[str, int]:
    """Read a column's distinct values once each; return the unreadable ones with their counts."""
    values: list[tuple[str, Any]] = []
    bad: dict[str, int] = {}
    for text, count in engine.execute(
        f"SELECT {name}, count(*) FROM raw WHERE {name} IS NOT NULL AND try_cast({name} AS {kind}) IS NULL GROUP BY 1"
    ).fetchall():
        try:
            values.append((text, read(text)))
        except Unreadable:
            bad[text] = count
    engine.execute(f"CREATE TABLE read_{name} (text VARCHAR, value {kind})")
    if values:
        engine.executemany(f"INSERT INTO read_{name} VALUES (?, ?)", values)
    return bad


def _settle_outcomes(engine: duckdb.DuckDBPyConnection, choices: Choices) -> None:
    """Make the table outcomes(word, outcome) for the words of the state and stage columns."""
    words = choice_words(OPPORTUNITIES.target("state"))
    meaning = {word: {"dropped": "lost", "on_hold": "open"}.get(state, state) for word, state in words.items()}
    meaning |= {letters(word): "won" for word in choices.won} | {letters(word): "lost" for word in choices.lost}
    found = engine.execute(
        "SELECT DISTINCT coalesce(state, stage) FROM raw WHERE coalesce(state, stage) IS NOT NULL"
        " UNION SELECT DISTINCT stage FROM raw WHERE stage IS NOT NULL"
    ).fetchall()
    rows = [(word, meaning[letters(word)]) for (word,) in found if letters(word) in meaning]
    engine.execute("CREATE TABLE outcomes (word VARCHAR, outcome VARCHAR)")
    if rows:
        engine.executemany("INSERT INTO outcomes VALUES (?, ?)", rows)
    flagged = engine.execute("SELECT count(*) FROM raw WHERE is_won IS NOT NULL").fetchone()
    if not {outcome for _word, outcome in rows} & {"won", "lost"} and not (flagged and flagged[0]):
        values = sorted(word for (word,) in found)[:20]
        raise OutcomesUnknown(example=values[-1] if values else "Won", values=", ".join(values) or "—")


def _make_deals(engine: duckdb.DuckDBPyConnection) -> None:
    truth = ", ".join(f"'{word}'" for word in sorted(_TRUE))
    engine.execute(f"""
        CREATE TABLE deals AS
        WITH typed AS (
            SELECT raw.place, raw.id, raw.subject, raw.owner, raw.stage, raw.product, raw.customer,
                   coalesce(try_cast(raw.amount AS DOUBLE), a.value) AS amount,
                   coalesce(try_cast(raw.opened_on AS DATE), o.value) AS opened_on,
                   coalesce(try_cast(raw.closed_on AS DATE), c.value) AS closed_on,
                   coalesce(try_cast(raw.expected_on AS DATE), e.value) AS expected_on,
                   CASE WHEN lower(raw.is_won) IN ({truth}) THEN 'won'
                        WHEN raw.is_won IS NOT NULL AND lower(raw.is_closed) IN ({truth}) THEN 'lost'
                        ELSE coalesce(by_state.outcome, by_stage.outcome, 'open') END AS outcome
            FROM raw
            LEFT JOIN read_amount AS a ON a.text = raw.amount
            LEFT JOIN read_opened_on AS o ON o.text = raw.opened_on
            LEFT JOIN read_closed_on AS c ON c.text = raw.closed_on
            LEFT JOIN read_expected_on AS e ON e.text = raw.expected_on
            LEFT JOIN outcomes AS by_state ON by_state.word = raw.state
            LEFT JOIN outcomes AS by_stage ON by_stage.word = raw.stage
        )
        SELECT * REPLACE (
            CASE WHEN outcome = 'open' THEN NULL ELSE closed_on END AS closed_on,
            CASE WHEN outcome = 'open' THEN coalesce(expected_on, closed_on) ELSE expected_on END AS expected_on
        ) FROM typed
    """)


def _last_event(engine: duckdb.DuckDBPyConnection) -> dt.date:
    """The last day on which something happened in the file: the day the analysis speaks of."""
    [(last,)] = engine.execute("SELECT max(greatest(opened_on, closed_on)) FROM deals").fetchall()
    if last is None:
        [(last,)] = engine.execute("SELECT max(coalesce(closed_on, opened_on)) FROM deals").fetchall()
    return last or dt.date(1970, 1, 1)
