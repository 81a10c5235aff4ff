"""Writing many rows with COPY: one statement for each table, ids chosen by the caller, generated columns left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models
from django.db.models.fields.generated import GeneratedField
from psycopg import sql
from psycopg.types.json import Jsonb

Row = Mapping[str, Any]


def copy_rows(model: type[models.Model], rows: Iterable[Row]) -> int:
    """COPY rows, given by column names, into a model's table; absent columns take the field's default.

    The audit's statement triggers see them as one statement. Returns how many rows were written.
    """
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, GeneratedField)]
    columns = [str(field.column) for field in fields]
    readers = [_reader(field) for field in fields]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join([sql.Identifier(column) for column in columns])
    )
    written = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([read(row) for read in readers])
            written += 1
    return written


def _reader(field: models.Field[Any, Any]) -> Any:
    column = str(field.column)
    wrap = Jsonb if isinstance(field, models.JSONField) else None

    def read(row: Row) -> Any:
        value = row[column] if column in row else field.get_default()
        return wrap(value) if wrap and value is not None else value

    return read


def continue_sequences(*tables: str) -> None:
    """Let each table's id sequence go on after the greatest id that was written."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                sql.SQL(
                    "SELECT setval(pg_get_serial_sequence({literal}, 'id'),"
                    " coalesce(max(id), 0) + 1, false) FROM {table}"
                ).format(literal=sql.Literal(table), table=sql.Identifier(table))
            )
