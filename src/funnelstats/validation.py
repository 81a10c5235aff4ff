"""What is wrong with input rows: findings that name the table, the column, how many rows and which ones.

Everything is SQL over a DuckDB connection: one pass per table for all its rules, one for duplicates, one join per
reference. Millions of rows take seconds. Nothing is repaired here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from funnelstats.schemas import TABLES, Column, Kind, Reference, Rule, Table

SAMPLE = 5
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: what (`code`), where (`table`, `column`), in how many rows, and the keys of the first few of them.

    An `error` makes figures wrong, a `warning` makes them doubtful. `about` is a sentence for developers.
    """

    code: str
    table: str
    column: str
    count: int
    sample: tuple[Any, ...]
    about: str
    severity: Severity = "error"

    def __str__(self) -> str:
        shown = ", ".join(str(one) for one in self.sample)
        return f"{self.table}.{self.column}: {self.about} ({self.code}, {self.count} rows: {shown})"


class InvalidRows(ValueError):  # noqa: N818 - reads as what happened
    """The input tables have errors; `findings` lists them."""

    def __init__(self, findings: Collection[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(str(one) for one in self.findings))


@dataclass(frozen=True, slots=True)
class _Given:
    """One input table as it was given: where its rows are, and its columns that can be compared with something."""

    connection: duckdb.DuckDBPyConnection
    table: Table
    relation: str
    columns: frozenset[str]

    def has(self, columns: Collection[str]) -> bool:
        return self.columns.issuperset(columns)

    def rows(self, select: str) -> list[Any]:
        return self.connection.execute(select).fetchall()

    def finding(self, code: str, column: str, offending: str, about: str) -> list[Finding]:
        """Count the `offending` rows (a relation with the table's key) and name the first; none: no finding."""
        [[count]] = self.rows(f"SELECT count(*) FROM {offending}")
        return [Finding(code, self.table.name, column, count, self.sample(offending), about)] if count else []

    def sample(self, offending: str) -> tuple[Any, ...]:
        """Keys of the first offending rows; a key of one column by itself, not as a tuple of one."""
        key = [name for name in self.table.key if name in self.columns] or sorted(self.columns)[:1]
        columns = ", ".join(key)
        found = self.rows(f"SELECT {columns} FROM {offending} ORDER BY {columns} LIMIT {SAMPLE}")
        return tuple(one[0] if len(key) == 1 else one for one in found)


def validate(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str] | None = None) -> list[Finding]:
    """Check input tables in a DuckDB connection; an empty list means that nothing was found.

    `tables` maps names of `schemas.TABLES` to relations of the connection (tables, views, registered Arrow tables);
    default: all that exist under their own names. Raises KeyError for a table that is not an input table.
    """
    names = tables if tables is not None else {name: name for name in TABLES if _exists(connection, name)}
    found: list[Finding] = []
    given: dict[str, _Given] = {}
    for name, relation in names.items():
        table, types = TABLES[name], _types(connection, relation)
        faults = [*_missing(table, types), *_mistyped(table, types)]
        wrong = {fault.column for fault in faults if fault.code == "wrong_type"}
        given[name] = _Given(connection, table, relation, frozenset(set(types) - wrong))
        found += faults
        if given[name].columns:
            found += [*_broken_rules(given[name]), *_duplicates(given[name]), *_currencies(given[name])]
    for one in given.values():
        for reference in one.table.references:
            found += _dangling(one, reference, given.get(reference.target[0]))
    if {"stage_events", "opportunities"} <= set(given):
        found += _between_tables(given["stage_events"], given["opportunities"])
    return found


def validate_arrow(tables: Mapping[str, Any]) -> list[Finding]:
    """Check Arrow tables (or data frames) given by the name of their input table. Raises KeyError for other names."""
    with duckdb.connect() as connection:
        for name, rows in tables.items():
            connection.register(TABLES[name].name, rows)
        return validate(connection, {name: name for name in tables})


def require(findings: Collection[Finding]) -> None:
    """Raise InvalidRows when there is any error among the findings; warnings pass."""
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        raise InvalidRows(errors)


def _exists(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    return bool(connection.execute("SELECT 1 FROM information_schema.tables WHERE table_name = ?", [name]).fetchone())


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    return {str(row[0]).lower(): str(row[1]) for row in described}


def _missing(table: Table, types: Collection[str]) -> list[Finding]:
    return [
        Finding("missing_column", table.name, column.name, 0, (), f"{column.about}: the column is missing")
        for column in table.columns
        if column.name not in types and not column.is_optional
    ]


def _mistyped(table: Table, types: Mapping[str, str]) -> list[Finding]:
    found = []
    for column in table.columns:
        given = types.get(column.name)
        if given is None or given == '"NULL"':
            continue
        if given.partition("(")[0] not in column.kind.value:
            about = f"{given} instead of {column.kind.value[0]}"
            found.append(Finding("wrong_type", table.name, column.name, 0, (given,), about))
        elif column.kind is Kind.MONEY and given in {"DOUBLE", "FLOAT"}:
            about = "binary fractions are not exact money; DECIMAL is"
            found.append(Finding("inexact_amount", table.name, column.name, 0, (given,), about, "warning"))
    return found


def _broken_rules(given: _Given) -> list[Finding]:
    """One pass over the table for all conditions that a row can break by itself."""
    rules = [rule for column in given.table.columns if column.name in given.columns for rule in _rules_of(column)]
    rules += [rule for rule in given.table.rules if given.has(_columns_of(rule, given.table))]
    if not rules:
        return []
    counts = ", ".join(f"count(*) FILTER (WHERE {rule.where})" for rule in rules)
    [row] = given.rows(f"SELECT {counts} FROM {given.relation}")
    broken = [rule for rule, count in zip(rules, row, strict=True) if count]
    return [
        finding
        for rule in broken
        for finding in given.finding(rule.code, rule.column, f"{given.relation} WHERE {rule.where}", rule.about)
    ]


def _columns_of(rule: Rule, table: Table) -> set[str]:
    words = set(rule.where.replace("(", " ").replace(")", " ").split())
    return words & {column.name for column in table.columns}


def _rules_of(column: Column) -> list[Rule]:
    name, found = column.name, []
    if column.empty is None:
        found.append(Rule("null_not_allowed", name, f"{name} IS NULL", "empty"))
    if column.words:
        words = ", ".join(f"'{word}'" for word in column.words)
        found.append(Rule("unknown_word", name, f"{name} NOT IN ({words})", f"not one of {', '.join(column.words)}"))
    if column.least is not None:
        code = "negative" if column.least == 0 else "too_small"
        found.append(Rule(code, name, f"{name} < {column.least}", f"less than {column.least:g}"))
    if column.most is not None:
        found.append(Rule("too_large", name, f"{name} > {column.most}", f"more than {column.most:g}"))
    return found


def _duplicates(given: _Given) -> list[Finding]:
    key = given.table.key
    if not given.has(key):
        return []
    columns, filled = ", ".join(key), " AND ".join(f"{name} IS NOT NULL" for name in key)
    twice = f"(SELECT {columns} FROM {given.relation} WHERE {filled} GROUP BY {columns} HAVING count(*) > 1)"
    return given.finding("duplicate_key", key[0], twice, f"{columns} occurs more than once")


def _currencies(given: _Given) -> list[Finding]:
    if not given.has({"currency"}):
        return []
    rows = given.rows(
        f"SELECT currency, count(*) FROM {given.relation} WHERE currency IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    if len(rows) < 2:  # noqa: PLR2004
        return []
    others = sum(count for _, count in rows[1:])
    sample = tuple(name for name, _ in rows[:SAMPLE])
    about = "amounts are added up, and these are in more than one currency"
    return [Finding("currency_mix", given.table.name, "currency", others, sample, about)]


def _dangling(given: _Given, reference: Reference, target: _Given | None) -> list[Finding]:
    known = reference.target[1]
    if target is None or not target.has({known}) or not given.has({reference.column}):
        return []
    offending = (
        f"{given.relation} WHERE {reference.column} IS NOT NULL"
        f" AND {reference.column} NOT IN (SELECT {known} FROM {target.relation} WHERE {known} IS NOT NULL)"
    )
    return given.finding(reference.code, reference.column, offending, f"not in {target.table.name}.{known}")


def _between_tables(events: _Given, opportunities: _Given) -> list[Finding]:
    """Contradictions between the history and what the opportunities say of themselves."""
    found: list[Finding] = []
    if events.has({"opportunity_id", "happened_at"}) and opportunities.has({"opportunity_id", "created_at"}):
        early = (
            f"(SELECT event.* FROM {events.relation} AS event JOIN {opportunities.relation} AS one"
            " USING (opportunity_id) WHERE event.happened_at < one.created_at)"
        )
        found += events.finding("event_before_creation", "happened_at", early, "before the opportunity was opened")
    needed = {"opportunity_id", "happened_at", "seq", "state"}
    if events.has(needed) and opportunities.has({"opportunity_id", "outcome"}):
        last = (
            "SELECT opportunity_id, max(happened_at) AS happened_at, arg_max(seq, (happened_at, seq)) AS seq,"
            f" arg_max(state, (happened_at, seq)) AS state FROM {events.relation} GROUP BY opportunity_id"
        )
        otherwise = (
            f"(SELECT last.* FROM ({last}) AS last JOIN {opportunities.relation} AS one USING (opportunity_id)"
            " WHERE one.outcome <> CASE last.state WHEN 'on_hold' THEN 'open' ELSE last.state END)"
        )
        found += events.finding(
            "outcome_disagrees", "state", otherwise, "the outcome of the opportunity says otherwise"
        )
    return found
