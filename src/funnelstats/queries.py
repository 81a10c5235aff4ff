"""The SQL half: queries are files in DuckDB's dialect, transpiled for the engine that holds the tables.

A query may read another one by its name (`stage_outcomes` reads `episodes`), which then becomes part of it. What is
left are input tables (`schemas`), `segments(opportunity_id, segment)`, and placeholders such as `$as_of`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import sqlglot
from sqlglot import exp

Dialect = Literal["duckdb", "postgres", "spark"]
Row = tuple[Any, ...]

ALL_KNOWLEDGE = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
"""Value of `$known_at` when nobody says otherwise: the past as it is known today, late records included."""

_WITH = "with_" if "with_" in exp.Select.arg_types else "with"  # sqlglot renamed it

_KEEP = {
    "duckdb": "CREATE OR REPLACE TEMP TABLE kept_{name} AS {select}",
    "postgres": "CREATE TEMP TABLE kept_{name} ON COMMIT DROP AS {select}",
    "spark": "CACHE TABLE kept_{name} AS {select}",
}


def names() -> list[str]:
    """Names of all queries."""
    return sorted(path.name.removesuffix(".sql") for path in _folder().iterdir() if path.name.endswith(".sql"))


def render(name: str, *, dialect: str, tables: Mapping[str, str] | None = None) -> str:
    """Return query `name` for an engine ('duckdb', 'postgres', 'spark').

    `tables` maps an input table of the query (or a query it reads) to a SELECT in that engine's own dialect that
    produces it, so that a caller whose tables look different does not have to make views, or to the name of a relation
    that holds it. Placeholders such as `$as_of` stay in place in the engine's own notation.
    """
    query = _parsed(name).copy()
    given = tables or {}
    parts: list[exp.CTE] = []
    for part in _needed(name, frozenset(given)):
        if part not in given:
            parts += _flat(part)
        elif not _is_name(given[part]):
            parts.append(_named(part, sqlglot.parse_one(given[part], dialect=dialect)))
    if parts:
        own = query.args.get(_WITH)
        query.set(_WITH, exp.With(expressions=[*parts, *(own.expressions if own else [])]))
    held = {table: source for table, source in given.items() if _is_name(source) and source != table}
    for table in query.find_all(exp.Table):
        if table.name in held and not table.db:
            table.replace(exp.to_table(held[table.name], alias=table.alias or table.name))
    if dialect == "spark":
        # sqlglot would write PERCENTILE_APPROX; Spark has the exact one, too.
        for group in query.find_all(exp.WithinGroup):
            over, share = group.expression.expressions[0].this, group.this.this
            group.replace(exp.Anonymous(this="PERCENTILE", expressions=[over.copy(), share.copy()]))
    return query.sql(dialect=dialect, pretty=True, comments=False)


@dataclass(frozen=True, slots=True)
class Engine:
    """Where the rows are: a dialect, and a function of the caller's that runs one statement with named parameters.

    `tables` as in `render`. `run` returns the rows of a query, and nothing for another statement.
    """

    dialect: Dialect
    run: Callable[[str, Mapping[str, Any]], Sequence[Row]]
    tables: Mapping[str, str] = field(default_factory=dict)

    def rows(self, name: str, **parameters: Any) -> Sequence[Row]:
        """Run a query; parameters that it does not have are left out, `known_at` may be left out.

        Raises KeyError when a parameter is missing.
        """
        return self.run(render(name, dialect=self.dialect, tables=self.tables), self._values(name, parameters))

    def keep(self, name: str, **parameters: Any) -> Engine:
        """Run a query once and let later ones read its result from a temporary table `kept_<name>`."""
        select = render(name, dialect=self.dialect, tables=self.tables)
        if self.dialect != "duckdb":
            self.run(f"DROP TABLE IF EXISTS kept_{name}", {})
        self.run(_KEEP[self.dialect].format(name=name, select=select), self._values(name, parameters))
        return replace(self, tables={**self.tables, name: f"kept_{name}"})

    def segmented(self, column: str, *, table: str = "opportunities") -> Engine:
        """Let queries that group by segment group by a column of the opportunities, such as `owner_id`."""
        segments = f"SELECT opportunity_id, {column} AS segment FROM {self._source(table)}"  # noqa: S608 - the caller's
        return replace(self, tables={**self.tables, "segments": segments})

    def where(self, table: str, condition: str) -> Engine:
        """Let queries see only the rows of an input table that fulfil a condition, written in DuckDB's dialect."""
        rows = f"SELECT * FROM {self._source(table)} WHERE "  # noqa: S608 - the caller's
        [written] = sqlglot.transpile(condition, read="duckdb", write=self.dialect)
        return replace(self, tables={**self.tables, table: rows + written})

    def giving(self, table: str, select: str) -> Engine:
        """Let queries read an input table from a SELECT that is written in DuckDB's dialect."""
        [written] = sqlglot.transpile(select, read="duckdb", write=self.dialect)
        return replace(self, tables={**self.tables, table: written})

    def _source(self, table: str) -> str:
        given = self.tables.get(table, table)
        return given if _is_name(given) else f"({given}) AS {table}"

    def _values(self, name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        given = {"known_at": ALL_KNOWLEDGE, **parameters}
        return {one: given[one] for one in placeholders(name, frozenset(self.tables))}


def placeholders(name: str, given: frozenset[str] = frozenset()) -> set[str]:
    """Names of the parameters that a query has, those of the queries it reads included, without those `given`."""
    parts = [name, *(part for part in _needed(name, given) if part not in given)]
    return {str(one.this) for part in parts for one in _parsed(part).find_all(exp.Placeholder)}


def _is_name(source: str) -> bool:
    """Tell the name of a relation from a SELECT."""
    return bool(re.fullmatch(r"[\w.]+", source))


def _named(name: str, select: exp.Expr) -> exp.CTE:
    return exp.CTE(this=select, alias=exp.TableAlias(this=exp.to_identifier(name)))


def _flat(part: str) -> list[exp.CTE]:
    """A query as parts of another one: what it defines for itself first, under names that cannot meet the other's."""
    query = _parsed(part).copy()
    renamed = {cte.alias: f"{part}_{cte.alias}" for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if table.name in renamed:
            table.set("this", exp.to_identifier(renamed[table.name]))
    for column in query.find_all(exp.Column):
        if column.table in renamed:
            column.set("table", exp.to_identifier(renamed[column.table]))
    own = query.args.pop(_WITH, None)
    inner = [_named(renamed[cte.alias], cte.this) for cte in own.expressions] if own else []
    return [*inner, _named(part, query)]


def _folder() -> Any:
    return resources.files("funnelstats").joinpath("sql")


@lru_cache(maxsize=64)
def _parsed(name: str) -> exp.Select:
    text = _folder().joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return sqlglot.parse_one(text, dialect="duckdb", into=exp.Select)


@lru_cache(maxsize=64)
def _read_by(name: str) -> tuple[str, ...]:
    """Tables that a query reads and does not define itself, in the order in which it names them."""
    query = _parsed(name)
    own = {cte.alias for cte in query.find_all(exp.CTE)}
    return tuple(dict.fromkeys(table.name for table in query.find_all(exp.Table) if table.name not in own))


def _needed(name: str, given: frozenset[str]) -> Iterator[str]:
    """All that goes in front of a query: the queries it reads and the given tables that they read, in that order."""
    known, seen = set(names()), set()

    def walk(one: str) -> Iterator[str]:
        for table in _read_by(one):
            if table in seen:
                continue
            seen.add(table)
            if table in given:
                yield table
            elif table in known:
                yield from walk(table)
                yield table

    return walk(name)
