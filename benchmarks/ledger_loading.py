"""Loads the ledger into an installation: a process of its own, with the environment of the installation measured.

`python -m benchmarks.ledger_loading ADMINISTRATOR INSTALMENTS`. Triggers and foreign keys are asleep meanwhile, for
which the database's administrator is needed; `loudou check` afterwards proves what they would have.
"""

from __future__ import annotations

import sys
from typing import Any

import django
import psycopg
from psycopg import sql


def main(administrator: str, instalments: int) -> None:
    """Load, unless the installation has contracts already."""
    from loudou.config.env import choose_settings

    choose_settings()
    django.setup()
    with psycopg.connect(administrator) as connection:
        if connection.execute("SELECT FROM contracts_contract LIMIT 1").fetchone() is None:
            load(connection, instalments)
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def load(connection: psycopg.Connection[Any], instalments: int) -> None:
    """Write so many instalments with their contracts, receipts and all that follows from them; one transaction."""
    from benchmarks import ledger_sql
    from loudou.core import clock
    from loudou.customers import phase_sql
    from loudou.customers.selectors.rules import rules

    now = clock.now()
    found = connection.execute("SELECT coalesce(max(id), 0) FROM customers_evidence").fetchone()
    facts = {"today": now.date(), "now": now, "contracts": instalments // 4, "evidence": found[0] if found else 0}
    connection.execute("SET LOCAL session_replication_role = replica")
    connection.execute("SET LOCAL work_mem = '128MB'")
    connection.execute(ledger_sql.PLAN, facts)
    connection.execute(ledger_sql.PARTS, facts)
    for name, rows in ledger_sql.TABLES.items():
        _fill(connection, name, rows, facts)
    connection.execute("ANALYZE customers_evidence")
    derived = phase_sql.derived(phase_sql.NEWEST)
    connection.execute(
        ledger_sql.PHASES.format(derived=derived),
        phase_sql.parameters(rules(), today=now.date()),
    )
    connection.execute(ledger_sql.HISTORY, facts)
    connection.execute(ledger_sql.ENTER, facts)


def _fill(connection: psycopg.Connection[Any], name: str, rows: str, facts: dict[str, Any]) -> None:
    """Insert rows, with the models' defaults where they name no column, and let the numbers go on after them."""
    staged = sql.SQL("CREATE TEMP TABLE bench_rows ON COMMIT DROP AS {}").format(sql.SQL(rows))
    connection.execute(staged, facts)
    named = [
        column for (column,) in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'bench_rows'::regclass AND attnum > 0 ORDER BY attnum"
        ).fetchall()
    ]  # fmt: skip
    defaults = {column: value for column, value in _defaults(name).items() if column not in named}
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM bench_rows").format(
            sql.Identifier(name),
            sql.SQL(", ").join(map(sql.Identifier, [*named, *defaults])),
            sql.SQL(", ").join([*map(sql.Identifier, named), *map(sql.Literal, defaults.values())]),
        )
    )
    connection.execute("DROP TABLE bench_rows")
    connection.execute(
        sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), max(id)) FROM {}").format(
            sql.Literal(name), sql.Identifier(name)
        )
    )


def _defaults(name: str) -> dict[str, Any]:
    """Columns that must be filled, and what their model fills them with."""
    from django.apps import apps
    from django.db import connection, models

    [model] = [model for model in apps.get_models() if model._meta.db_table == name]
    return {
        str(field.column): field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if not field.null and field.has_default() and not isinstance(field, models.GeneratedField)
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
