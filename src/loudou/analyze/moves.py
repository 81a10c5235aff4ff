"""A history of stages beside the deals: which deal came to which stage when, in the shapes in which systems write it.

- A plain table: deal, stage, moment.
- A log of states (Salesforce OpportunityHistory, HubSpot's stage history): the same, with amount and expected date as
  they were then.
- A log of fields (Salesforce OpportunityFieldHistory, HubSpot property history): deal, field, old and new value,
  moment; rows about the stage, the amount and the expected date are read, others are not.

Headings and words are those that imports know. Rows find their deal by its id, or by its subject where only one has it.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from django.utils.translation import gettext_lazy as _

from loudou.analyze import cells
from loudou.analyze.columns import HISTORY_FIELDS, Choices, find_history_columns
from loudou.analyze.reading import Progress, write_plain
from loudou.core.refusals import BusinessRefusal
from loudou.exchange.choices import RecordedField
from loudou.exchange.targets.kinds import OPPORTUNITIES, STAGE_HISTORY
from loudou.exchange.targets.synonyms import choice_words, propose_mapping
from loudou.exchange.values.texts import letters

MOST_STAGES = 60
_ID_LETTERS = 15
"""Salesforce writes an id with 15 letters in some places and with three more in others."""

_FIELDS_OF_LOG = {"amount": "amount", "expected_on": "expected_on", "closed_on": "expected_on"}
_KINDS = {
    "moved_at": "TIMESTAMPTZ",
    "amount": "DOUBLE",
    "before": "DOUBLE",
    "expected_on": "DATE",
    "expected_before": "DATE",
}


class StagesUnclear(BusinessRefusal):
    """The column of stages holds too many different things to be one of stages."""

    code = "stages_unclear"
    message = _(
        "“%(column)s” of the history holds %(count)s different values, too many for stages. Which column says which "
        "field changed? Name it with --map-history recorded_field=COLUMN, or the stages with --map-history "
        "stage=COLUMN; columns: %(columns)s."
    )
    status = 422


class HistoryOfOthers(BusinessRefusal):
    """No row of the history finds its deal."""

    code = "history_of_others"
    message = _(
        "No row of the history belongs to a deal of the files. Deals are looked for by their id, then by their "
        "subject, in the column “%(column)s”, which holds for example: %(sample)s. Name another column with "
        "--map-history opportunity=COLUMN, or the column of ids with --map id=COLUMN."
    )
    status = 422


@dataclass(frozen=True, slots=True)
class Moves:
    """What the history told beyond the table `moves(deal, moved_at, seq, stage, from_stage, outcome, amount, before,
    expected_on, expected_before)`, in which `stage` is NULL where a row is about something else.

    `begins_on` and `ends_on` are the days of its first and last row. `is_of_changes` says that it holds former values,
    so that a deal without a row has not changed since; `has_amounts` and `has_dates` that it tells amounts and expected
    dates of the past. `unknown` are rows of deals that the files do not have, with a few of their names; `unreadable`
    moments by text.
    """

    mapping: Mapping[str, str]
    rows: int
    begins_on: dt.date
    ends_on: dt.date
    is_of_changes: bool
    has_amounts: bool
    has_dates: bool
    unknown: int
    unknown_sample: tuple[str, ...]
    unreadable: Mapping[str, int]


def load_moves(
    engine: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    choices: Choices,
    words: Mapping[str, str],
    deal_columns: Mapping[str, str],
    *,
    progress: Progress,
) -> Moves:
    """Make the table `moves` beside `deals`.

    `words` tell what is won, lost and open, `deal_columns` which columns the deals have. Raises ColumnUnknown,
    HistoryColumnMissing, StagesUnclear, HistoryOfOthers, and what reading a file raises.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "history.csv"
        rows, mapping, headers = write_plain(
            paths, HISTORY_FIELDS, lambda found: find_history_columns(found, choices.history_columns), plain, progress
        )
        cells.load_rows(engine, "raw_moves", plain)
    is_log = _tell_fields(engine)
    _check_stages(engine, mapping["stage"], headers)
    unreadable = cells.read_column(
        engine, "log", "moved_at", _KINDS["moved_at"], cells.moments(engine, "log", "moved_at")
    )
    for name in ("amount", "before"):
        cells.read_column(engine, "log", name, _KINDS[name], cells.number)
    for name in ("expected_on", "expected_before"):
        cells.read_column(engine, "log", name, _KINDS[name], cells.dates(engine, "log", name))
    _name_outcomes(engine, words, deal_columns)
    _match(engine)
    unknown, sample = _unknown(engine)
    cells.forget(engine, "raw_moves", "log", "words", "known_as", "matched", *(f"read_{name}" for name in _KINDS))
    found = engine.execute(
        "SELECT CAST(min(moved_at) AS DATE), CAST(max(moved_at) AS DATE), count(from_stage) > 0, count(amount) > 0,"
        " count(expected_on) > 0 FROM moves"
    ).fetchone()
    if found is None or found[0] is None:
        raise HistoryOfOthers(column=mapping["opportunity"], sample=", ".join(sample) or "–")
    begins_on, ends_on, has_former, has_amounts, has_dates = found
    return Moves(
        mapping, rows, begins_on, ends_on, is_log or has_former, has_amounts, has_dates, unknown, sample, unreadable
    )


def _tell_fields(engine: duckdb.DuckDBPyConnection) -> bool:
    """Make the table `log` with a column for each thing that changes; return whether rows are about one field each."""
    about = choice_words(STAGE_HISTORY.target("recorded_field"))
    meaning: list[tuple[str, str]] = []
    for (text,) in engine.execute(
        "SELECT DISTINCT recorded_field FROM raw_moves WHERE recorded_field IS NOT NULL"
    ).fetchall():
        if about.get(letters(text)) == RecordedField.STAGE:
            meaning.append((text, "stage"))
        elif code := _FIELDS_OF_LOG.get(next(iter(propose_mapping(OPPORTUNITIES, [text]).values()), "")):
            meaning.append((text, code))
    # A column of names is no column of fields: none of them means the stage.
    is_log = any(code == "stage" for _text, code in meaning)
    if not is_log:
        engine.execute(
            'CREATE TABLE log AS SELECT place, opportunity, "at" AS moved_at, stage, from_stage, amount,'
            " CAST(NULL AS VARCHAR) AS before, expected_on, CAST(NULL AS VARCHAR) AS expected_before FROM raw_moves"
        )
        return False
    engine.execute("CREATE TABLE fields (text VARCHAR, code VARCHAR)")
    engine.executemany("INSERT INTO fields VALUES (?, ?)", meaning)
    engine.execute("""
        CREATE TABLE log AS
        SELECT place, opportunity, "at" AS moved_at,
               CASE WHEN code = 'stage' THEN stage END AS stage,
               CASE WHEN code = 'stage' THEN from_stage END AS from_stage,
               CASE WHEN code = 'amount' THEN stage END AS amount,
               CASE WHEN code = 'amount' THEN from_stage END AS before,
               CASE WHEN code = 'expected_on' THEN stage END AS expected_on,
               CASE WHEN code = 'expected_on' THEN from_stage END AS expected_before
        FROM raw_moves JOIN fields ON fields.text = raw_moves.recorded_field
    """)
    cells.forget(engine, "fields")
    return True


def _check_stages(engine: duckdb.DuckDBPyConnection, column: str, headers: Sequence[str]) -> None:
    [(count,)] = engine.execute("SELECT count(DISTINCT stage) FROM log").fetchall()
    if count > MOST_STAGES:
        raise StagesUnclear(column=column, count=count, columns=", ".join(headers))


def _name_outcomes(
    engine: duckdb.DuckDBPyConnection, words: Mapping[str, str], deal_columns: Mapping[str, str]
) -> None:
    """Make the table words(stage, outcome). Where deals say by a flag that they were won, their stage says so, too."""
    found = engine.execute("SELECT DISTINCT stage FROM log UNION SELECT DISTINCT from_stage FROM log").fetchall()
    flagged: dict[str, str] = {}
    if "is_won" in deal_columns:
        flagged = dict(
            engine.execute(
                "SELECT stage, min(outcome) FROM deals WHERE stage IS NOT NULL GROUP BY stage"
                " HAVING min(outcome) = max(outcome) AND min(outcome) <> 'open'"
            ).fetchall()
        )
    rows = [(text, flagged.get(text) or words.get(letters(text), "open")) for (text,) in found if text]
    engine.execute("CREATE TABLE words (stage VARCHAR, outcome VARCHAR)")
    if rows:
        engine.executemany("INSERT INTO words VALUES (?, ?)", rows)


def _match(engine: duckdb.DuckDBPyConnection) -> None:
    """Make the table `moves`: typed rows with the place of their deal."""
    columns, joins = cells.typed("log", _KINDS)
    engine.execute(f"""
        CREATE TABLE known_as AS
        SELECT name, min(place) AS deal FROM (
            SELECT id AS name, place FROM deals WHERE id IS NOT NULL
            UNION ALL SELECT left(id, {_ID_LETTERS}), place FROM deals WHERE length(id) = {_ID_LETTERS} + 3
            UNION ALL SELECT subject, place FROM deals WHERE subject IS NOT NULL
        ) GROUP BY name HAVING count(DISTINCT place) = 1
    """)
    engine.execute(f"""
        CREATE TABLE matched AS
        SELECT coalesce(by_name.deal, by_short.deal) AS deal, log.opportunity, moved_at, log.place AS seq, log.stage,
               CASE WHEN came_from.outcome = 'open' THEN log.from_stage END AS from_stage,
               came_to.outcome, amount, before, expected_on, expected_before
        FROM (SELECT log.place, log.opportunity, log.stage, log.from_stage, {columns} FROM log {joins}) AS log
        LEFT JOIN known_as AS by_name ON by_name.name = log.opportunity
        LEFT JOIN known_as AS by_short ON length(log.opportunity) = {_ID_LETTERS} + 3
                                       AND by_short.name = left(log.opportunity, {_ID_LETTERS})
        LEFT JOIN words AS came_to ON came_to.stage = log.stage
        LEFT JOIN words AS came_from ON came_from.stage = log.from_stage
    """)
    engine.execute(
        "CREATE TABLE moves AS SELECT * EXCLUDE (opportunity) FROM matched"
        " WHERE deal IS NOT NULL AND moved_at IS NOT NULL"
    )


def _unknown(engine: duckdb.DuckDBPyConnection) -> tuple[int, tuple[str, ...]]:
    """Rows of deals that the files do not have, and the names of a few of these."""
    sql = "FROM matched WHERE deal IS NULL AND opportunity IS NOT NULL"
    [(count,)] = engine.execute(f"SELECT count(*) {sql}").fetchall()
    sample = engine.execute(f"SELECT DISTINCT opportunity {sql} ORDER BY 1 LIMIT 5").fetchall() if count else []
    return count, tuple(name for (name,) in sample)
