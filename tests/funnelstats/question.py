"""Ask a query of `funnelstats/sql` about rows given here: `ask("abc", {"customers(customer_id INT)": rows})`."""

from __future__ import annotations

import duckdb

from funnelstats import queries


def ask(name, tables, **parameters):
    """Return the rows that DuckDB answers with, as dictionaries."""
    with duckdb.connect(config={"threads": 1}) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        held = {}
        for definition, rows in tables.items():
            held[definition.partition("(")[0]] = definition.partition("(")[0]
            engine.execute(f"CREATE TABLE {definition}")
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                engine.executemany(f"INSERT INTO {definition.partition('(')[0]} VALUES ({marks})", rows)
        found = engine.execute(queries.render(name, dialect="duckdb", tables=held), parameters or None)
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
