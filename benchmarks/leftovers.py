"""Taking away what measuring has written, so that a kept installation stays as it was loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

NUMBERED = """
    SELECT c.table_name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND c.column_name = 'id' AND c.data_type IN ('bigint', 'integer')
      AND t.table_type = 'BASE TABLE'
"""


@contextmanager
def taken_away(administrator: str) -> Iterator[None]:
    """Delete the rows that were added meanwhile, in every table that numbers its rows. History included: it is ours."""
    with psycopg.connect(administrator, autocommit=True) as connection:
        tables = [name for (name,) in connection.execute(NUMBERED).fetchall()]
        last = {name: connection.execute(_statement("SELECT max(id) FROM {}", name)).fetchone() for name in tables}
    yield
    with psycopg.connect(administrator) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
        for name, found in last.items():
            highest = found[0] if found and found[0] is not None else 0
            connection.execute(_statement("DELETE FROM {} WHERE id > %s", name), [highest])


def _statement(text: str, table: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(table))  # type: ignore[arg-type]
