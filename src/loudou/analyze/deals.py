"""From files to a table of deals: columns found by their headings, outcomes by their words, dates and amounts read."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from django.utils.translation import gettext_lazy as _

from loudou.analyze import cells
from loudou.analyze.columns import FIELDS, Choices, find_columns
from loudou.analyze.moves import Moves, load_moves
from loudou.analyze.reading import Progress, write_plain
from loudou.core.refusals import BusinessRefusal
from loudou.exchange.targets.kinds import OPPORTUNITIES
from loudou.exchange.targets.synonyms import choice_words
from loudou.exchange.values.texts import letters

MEMORY = "768MB"
"""What the embedded engine may hold; beyond that it writes to temporary files."""

LABEL = "coalesce(subject, concat_ws(' · ', customer, id))"
"""What a deal is called: its subject, else its customer and id."""

DATES = ("opened_on", "closed_on", "expected_on", "next_step_on", "last_activity_on")
KINDS = {**dict.fromkeys(DATES, "DATE"), "amount": "DOUBLE", "pushes": "INTEGER", "probability": "DOUBLE"}
_ALWAYS = frozenset({"probability"})
"""Columns whose plain numbers need reading, too: 40 is a share of 0.4."""

EVERY = "*"
"""Stands for every row whose outcome no word tells."""

_TRUE = frozenset({"true", "1", "yes", "t", "y", "是"})


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
    customer, source, team, kind, process, probability, next_step_on, last_activity_on, pushes): `outcome` is 'won',
    'lost' or 'open'; an open deal's closing date is its expected date. `as_of` is the last day on which something
    happened. `moves` says what a history of stages told, None without one.
    """

    engine: duckdb.DuckDBPyConnection
    mapping: Mapping[str, str]
    unreadable: Mapping[str, Mapping[str, int]]
    as_of: dt.date
    moves: Moves | None = None


def load(
    paths: Sequence[Path],
    choices: Choices,
    *,
    progress: Progress,
    history: Sequence[Path] = (),
    today: dt.date | None = None,
) -> Deals:
    """Read the files into an embedded DuckDB that keeps to `MEMORY`; `history` are files of moves between stages.

    What is dated after `today` has not happened: one date of 2206 does not make the file speak of that year.

    Raises ColumnUnknown, OutcomesUnknown, OutcomeColumnUnknown, NoRows, what `moves.load_moves` raises, and what
    reading a file raises.
    """
    # The engine makes the folder when it needs it, and takes it away when it is closed.
    spill = Path(tempfile.gettempdir()) / f"loudou-{uuid.uuid4().hex}"
    engine = duckdb.connect(config={"threads": 2, "memory_limit": MEMORY, "temp_directory": str(spill)})
    engine.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "rows.csv"
        rows, mapping, headers = write_plain(
            paths, FIELDS, lambda found: find_columns(found, choices.columns), plain, progress
        )
        if not rows:
            raise NoRows(name=", ".join(path.name for path in paths))
        cells.load_rows(engine, "raw", plain)
    readers: dict[str, cells.Reader] = {name: cells.dates(engine, "raw", name) for name in DATES}
    readers |= {"amount": cells.number, "pushes": cells.whole, "probability": cells.share}
    unreadable = {
        name: cells.read_column(engine, "raw", name, KINDS[name], read, always=name in _ALWAYS)
        for name, read in readers.items()
    }
    words = outcome_words(choices)
    _settle_outcomes(engine, choices, words, headers)
    _make_deals(engine, otherwise="won" if EVERY in choices.won else "lost" if EVERY in choices.lost else "open")
    moves = load_moves(engine, history, choices, words, mapping, progress=progress) if history else None
    latest = today or dt.date.max
    as_of = max([_last_event(engine, latest), *([moves.ends_on] if moves and moves.ends_on <= latest else [])])
    return Deals(engine, mapping, {name: found for name, found in unreadable.items() if found}, as_of, moves)


def outcome_words(choices: Choices) -> dict[str, str]:
    """What a word in a column of states or stages means: 'won', 'lost' or 'open', by its letters."""
    words = choice_words(OPPORTUNITIES.target("state"))
    meaning = {word: {"dropped": "lost", "on_hold": "open"}.get(state, state) for word, state in words.items()}
    return meaning | {letters(word): "won" for word in choices.won} | {letters(word): "lost" for word in choices.lost}


def _settle_outcomes(
    engine: duckdb.DuckDBPyConnection, choices: Choices, meaning: Mapping[str, str], headers: Sequence[str]
) -> None:
    """Make the table outcomes(word, outcome) for the words of the state and stage columns."""
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
    typed, joins = cells.typed("raw", KINDS, always=_ALWAYS)
    engine.execute(f"""
        CREATE TABLE deals AS
        WITH typed AS (
            SELECT raw.place, raw.id, raw.subject, raw.owner, raw.stage, raw.product, raw.customer, raw.source,
                   raw.team, raw.kind, raw.process, upper(raw.currency) AS currency, {typed},
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
    cells.forget(engine, "raw", "outcomes", *(f"read_{name}" for name in KINDS))


def _last_event(engine: duckdb.DuckDBPyConnection, latest: dt.date) -> dt.date:
    """The last day up to `latest` on which something happened in the file: the day the analysis speaks of."""
    sql = "SELECT max(day) FROM (SELECT unnest([opened_on, closed_on]) AS day FROM deals) WHERE day <= ?"
    [(last,)] = engine.execute(sql, [latest]).fetchall()
    return last or dt.date(1970, 1, 1)
