"""Inserting many model rows by COPY: a few times cheaper than INSERT, with the same triggers and constraints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql
from psycopg.types.json import Jsonb

WORTH_IT = 20
"""Below this many rows an INSERT, which needs no keys beforehand, is as cheap."""

Reader = Callable[[Any], Any]


def copy_rows(rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows of one model with one COPY, giving them their primary keys. Needs an open transaction.

    Like `bulk_create` it calls no `save()`; a broken constraint raises IntegrityError for all rows together.
    """
    if not rows:
        return
    model = type(rows[0])
    if len(rows) < WORTH_IT:
        model._default_manager.bulk_create(rows)
        return
    fields: list[Any] = [field for field in model._meta.concrete_fields if not field.generated]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(sql.Identifier(field.column) for field in fields)
    )
    for row, key in zip(rows, _next_keys(model, len(rows)), strict=True):
        row.pk = key
    readers = [_reader(field) for field in fields]
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([read(row) for read in readers])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _reader(field: Any) -> Reader:
    """How the column of a field is read from a row."""
    if field.is_relation:
        return lambda row: _key_of(row, field)
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return lambda row: field.pre_save(row, True)
    if isinstance(field, models.JSONField):
        return lambda row: None if (value := getattr(row, field.attname)) is None else Jsonb(value)
    return lambda row: getattr(row, field.attname)


def _key_of(row: models.Model, field: Any) -> Any:
    """The foreign key; of a related row that got its own key only after it was assigned, that one."""
    key = getattr(row, field.attname)
    if key is None and field.is_cached(row) and (related := field.get_cached_value(row)) is not None:
        key = getattr(related, field.target_field.attname)
        setattr(row, field.attname, key)
    return key


def _next_keys(model: type[models.Model], count: int) -> list[int]:
    key: Any = model._meta.pk
    query = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(query, [model._meta.db_table, key.column, count])
        return [number for (number,) in cursor.fetchall()]
