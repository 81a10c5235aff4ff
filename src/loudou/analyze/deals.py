"""From files to a table of deals: columns found by their headings, outcomes by their words, dates and amounts read."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from django.utils.translation import gettext_lazy as _

from loudou.analyze.columns import Choices
from loudou.analyze.reading import Progress, write_plain
from loudou.core.refusals import BusinessRefusal
from loudou.exchange.choices import DateOrder
from loudou.exchange.targets.kinds import OPPORTUNITIES
from loudou.exchange.targets.synonyms import choice_words
from loudou.exchange.values.dates import read_date
from loudou.exchange.values.numbers import read_number
from loudou.exchange.values.texts import letters
from loudou.exchange.values.unreadable import Unreadable

MEMORY = "768MB"
"""What the embedded engine may hold; beyond that it writes to temporary files."""

LABEL = "coalesce(subject, concat_ws(' · ', customer, id))"
"""What a deal is called: its subject, else its customer and id."""

DATES = ("opened_on", "closed_on", "expected_on", "next_step_on", "last_activity_on")
EVERY = "*"
"""Stands for every row whose outcome no word tells."""

_TRUE = frozenset({"true", "1", "yes", "t", "y", "是"})
_AT_ONCE = 10_000


class OutcomesUnknown(BusinessRefusal):
    """No column, or no word in it, says which deals were won and which were lost."""

    code = "outcomes_unknown"
    message = _(
        "Which deals were won and which lost? Say so with --won and --lost, for example --won “%(example)s”. "
        "Values found: %(values)s."
    )
    status = 422


class OutcomeColumnUnknown(BusinessRefusal):
    """No column that was found holds outcomes at all."""

    code = "outcome_column_unknown"
    message = _(
        "No column says which deals were won and which were lost. Name it with --map stage=COLUMN; columns: "
        "%(columns)s. If all rows are won deals, as in a list of orders, say --won '*'."
    )
    status = 422


class NoRows(BusinessRefusal):
    """Nothing to analyze."""

    code = "no_rows"
    message = _("%(name)s holds no deals.")
    status = 422


@dataclass(frozen=True, slots=True)
class Deals:
    """A DuckDB connection with the table `deals`, how each field was found, and what could not be read.

    deals(place, id, subject, owner, stage, outcome, amount, currency, opened_on, closed_on, expected_on, product,
    customer, source, next_step_on, last_activity_on, pushes): `outcome` is 'won', 'lost' or 'open'; an open deal's
    closing date is its expected date. `as_of` is the last day on which something happened.
    """

    engine: duckdb.DuckDBPyConnection
    mapping: Mapping[str, str]
    unreadable: Mapping[str, Mapping[str, int]]
    as_of: dt.date


def load(paths: Sequence[Path], choices: Choices, *, progress: Progress) -> Deals:
    """Read the files into an embedded DuckDB that keeps to `MEMORY`.

    Raises ColumnUnknown, OutcomesUnknown, OutcomeColumnUnknown, NoRows, and what reading a file raises.
    """
    # The engine makes the folder when it needs it, and takes it away when it is closed.
    spill = Path(tempfile.gettempdir()) / f"loudou-{uuid.uuid4().hex}"
    engine = duckdb.connect(config={"threads": 2, "memory_limit": MEMORY, "temp_directory": str(spill)})
    engine.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "rows.csv"
        rows, mapping, headers = write_plain(paths, choices, plain, progress)
        if not rows:
            raise NoRows(name=", ".join(path.name for path in paths))
        engine.execute(
            "CREATE TABLE raw AS SELECT row_number() OVER () AS place, * FROM"
            " read_csv(?, header = true, all_varchar = true, nullstr = '', delim = ',', quote = '\"', escape = '\"')",
            [str(plain)],
        )
    unreadable = {
        **{name: _parse(engine, name, "DATE", _reader_of_dates(engine, name)) for name in DATES},
        "amount": _parse(engine, "amount", "DOUBLE", lambda text: float(read_number(text))),
        "pushes": _parse(engine, "pushes", "INTEGER", lambda text: int(read_number(text))),
    }
    _settle_outcomes(engine, choices, headers)
    _make_deals(engine, otherwise="won" if EVERY in choices.won else "lost" if EVERY in choices.lost else "open")
    as_of = _last_event(engine)
    return Deals(engine, mapping, {name: found for name, found in unreadable.items() if found}, as_of)


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
    """Read a column's distinct values once each into read_<name>; return the unreadable ones with their counts."""
    bad: dict[str, int] = {}
    found = engine.cursor().execute(
        f"SELECT {name}, count(*) FROM raw WHERE {name} IS NOT NULL AND try_cast({name} AS {kind}) IS NULL GROUP BY 1"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.csv"
        with path.open("w", newline="", encoding="utf-8") as target:
            writer = csv.writer(target)
            writer.writerow(["text", "value"])
            while batch := found.fetchmany(_AT_ONCE):
                for text, count in batch:
                    try:
                        writer.writerow([text, read(text)])
                    except Unreadable:
                        bad[text] = count
        engine.execute(
            f"CREATE TABLE read_{name} AS SELECT text, CAST(value AS {kind}) AS value FROM read_csv(?, header = true,"
            " auto_detect = false, columns = {text: 'VARCHAR', value: 'VARCHAR'}, delim = ',', quote = '\"',"
            " escape = '\"')",
            [str(path)],
        )
    return bad


def _settle_outcomes(engine: duckdb.DuckDBPyConnection, choices: Choices, headers: Sequence[str]) -> None:
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
    if {outcome for _word, outcome in rows} & {"won", "lost"} or (flagged and flagged[0]):
        return
    if EVERY in choices.won or EVERY in choices.lost:
        return
    if not found:
        raise OutcomeColumnUnknown(columns=", ".join(headers))
    values = sorted(word for (word,) in found)[:20]
    raise OutcomesUnknown(example=values[-1], values=", ".join(values))


def _make_deals(engine: duckdb.DuckDBPyConnection, *, otherwise: str) -> None:
    """Make the table `deals`; `otherwise` is the outcome of rows that no word and no flag tells."""
    truth = ", ".join(f"'{word}'" for word in sorted(_TRUE))
    kinds = {**dict.fromkeys(DATES, "DATE"), "amount": "DOUBLE", "pushes": "INTEGER"}
    typed = ", ".join(
        f"coalesce(try_cast(raw.{name} AS {kind}), of_{name}.value) AS {name}" for name, kind in kinds.items()
    )
    joins = "\n".join(f"LEFT JOIN read_{name} AS of_{name} ON of_{name}.text = raw.{name}" for name in kinds)
    engine.execute(f"""
        CREATE TABLE deals AS
        WITH typed AS (
            SELECT raw.place, raw.id, raw.subject, raw.owner, raw.stage, raw.product, raw.customer, raw.source,
                   upper(raw.currency) AS currency, {typed},
                   CASE WHEN lower(raw.is_won) IN ({truth}) THEN 'won'
                        WHEN raw.is_won IS NOT NULL AND lower(raw.is_closed) IN ({truth}) THEN 'lost'
                        ELSE coalesce(by_state.outcome, by_stage.outcome, '{otherwise}') END AS outcome
            FROM raw
            {joins}
            LEFT JOIN outcomes AS by_state ON by_state.word = raw.state
            LEFT JOIN outcomes AS by_stage ON by_stage.word = raw.stage
        )
        SELECT * REPLACE (
            CASE WHEN outcome = 'open' THEN NULL ELSE closed_on END AS closed_on,
            CASE WHEN outcome = 'open' THEN coalesce(expected_on, closed_on) ELSE expected_on END AS expected_on
        ) FROM typed
    """)
    for name in ("raw", "outcomes", *(f"read_{one}" for one in kinds)):
        engine.execute(f"DROP TABLE {name}")


def _last_event(engine: duckdb.DuckDBPyConnection) -> dt.date:
    """The last day on which something happened in the file: the day the analysis speaks of."""
    [(last,)] = engine.execute("SELECT max(greatest(opened_on, closed_on)) FROM deals").fetchall()
    if last is None:
        [(last,)] = engine.execute("SELECT max(coalesce(closed_on, opened_on)) FROM deals").fetchall()
    return last or dt.date(1970, 1, 1)
