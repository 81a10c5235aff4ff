"""The SQL half: queries are files in DuckDB's dialect, transpiled for the engine that holds the tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

import sqlglot
from sqlglot import exp


@lru_cache(maxsize=64)
def _parsed(name: str) -> exp.Select:
    text = resources.files("funnelstats").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return sqlglot.parse_one(text, dialect="duckdb", into=exp.Select)


def render(name: str, *, dialect: str, tables: Mapping[str, str] | None = None) -> str:
    """Return query `name` for an engine ('duckdb', 'postgres', 'spark').

    `tables` maps an input table of the query to a SELECT in that engine's own dialect that produces it, so that a
    caller whose tables look different does not have to make views. Placeholders such as `$as_of` stay in place in
    the engine's own notation.
    """
    query = _parsed(name).copy()
    given = [
        exp.CTE(
            this=sqlglot.parse_one(select, dialect=dialect),
            alias=exp.TableAlias(this=exp.to_identifier(table)),
        )
        for table, select in (tables or {}).items()
    ]
    if given:
        own = query.args.get("with_") or query.args.get("with")
        expressions = [*given, *(own.expressions if own else [])]
        query.set("with_" if "with_" in query.arg_types else "with", exp.With(expressions=expressions))
    return query.sql(dialect=dialect, pretty=True)
