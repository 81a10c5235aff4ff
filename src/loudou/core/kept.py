"""Small tables that every page needs and that hardly ever change, kept by each process until they do.

A trigger gives such a table a new number with each change, from a sequence, so that no two contents ever share one, not
even those of a transaction that was taken back. A process keeps rows together with the number they were read under;
one short statement per request fetches the numbers of all tables, and rows of another number are read anew, those of
all such tables together. Stale rows
are therefore impossible, whoever writes and how: bulk updates, COPY and raw SQL fire the same triggers.

What is kept are values; everybody gets instances of their own, so that nothing one request does reaches another.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from operator import itemgetter
from typing import Any, TypeVar

import pgtrigger
from django.apps import apps
from django.db import connection, models
from psycopg import sql

M = TypeVar("M", bound=models.Model)

CREATE_FUNCTION = """
CREATE SEQUENCE IF NOT EXISTS core_tablerevision_number;
CREATE OR REPLACE FUNCTION loudou_note_revision(changed text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO core_tablerevision (table_name, number) VALUES (changed, nextval('core_tablerevision_number'))
    ON CONFLICT (table_name) DO UPDATE SET number = EXCLUDED.number
$$
"""
DROP_FUNCTION = """
DROP FUNCTION IF EXISTS loudou_note_revision(text);
DROP SEQUENCE IF EXISTS core_tablerevision_number;
"""

NOTED = "note_revision"
"""Name of the trigger by which a table is known as one that is kept."""

_numbers: ContextVar[dict[str, int] | None] = ContextVar("table_revisions", default=None)
"""The numbers that a reading request has fetched; None outside of one, {} before it has."""


def noted() -> list[pgtrigger.Trigger]:
    """Triggers for the Meta of a model whose rows are kept."""
    return [
        pgtrigger.Trigger(
            name=NOTED,
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
            func="PERFORM loudou_note_revision(TG_TABLE_NAME::text); RETURN NULL;",
        )
    ]


@contextmanager
def one_reading() -> Iterator[None]:
    """Fetch the numbers once for all that is read inside: for what changes none of these tables.

    Inside of another reading it is the same one.
    """
    known = _numbers.get()
    token = _numbers.set({} if known is None else known)
    try:
        yield
    finally:
        _numbers.reset(token)


def _present_numbers() -> Mapping[str, int]:
    known = _numbers.get()
    if known:
        return known
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, number FROM core_tablerevision")
        found = dict(cursor.fetchall())
    if known is not None:
        known.update(found)
    return found


_memory: dict[type[models.Model], tuple[int, Sequence[tuple[Any, ...]]]] = {}
"""The values of each table that is kept, with the number they were read under."""


def forget() -> None:
    """Keep nothing, as a process that just began."""
    _memory.clear()


def rows_of(model: type[M]) -> list[M]:
    """Return all rows of a small table, by primary key, as they are now: instances of one's own.

    The model's Meta must list `noted()` among its triggers.
    """
    names = [field.attname for field in model._meta.concrete_fields]
    alias = connection.alias
    return [model.from_db(alias, names, [_own(value) for value in row]) for row in _values(model, names)]


def _values(model: type[models.Model], names: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    numbers = _present_numbers()
    if not _is_kept(model, numbers):
        # Who misses one table will soon ask for the others: what is out of date is read together.
        missed = [other for other in _kept_models() if other is not model and not _is_kept(other, numbers)]
        for read, rows in _read([model, *missed]).items():
            if (number := numbers.get(read._meta.db_table)) is not None:  # a table never written has no number yet
                _memory[read] = (number, rows)
            elif read is model:
                return rows
    return _memory[model][1]


def _is_kept(model: type[models.Model], numbers: Mapping[str, int]) -> bool:
    known = _memory.get(model)
    return known is not None and known[0] == numbers.get(model._meta.db_table)


@functools.cache
def _kept_models() -> tuple[type[models.Model], ...]:
    return tuple(
        model for model in apps.get_models()
        if any(trigger.name == NOTED for trigger in getattr(model._meta, "triggers", ()))
    )  # fmt: skip


def _read(wanted: Sequence[type[models.Model]]) -> dict[type[models.Model], list[tuple[Any, ...]]]:
    """Read the rows of several tables, by primary key, in one statement: as JSON, with numbers as they are written."""
    parts = [
        sql.SQL(
            "(SELECT {place} AS place, row_to_json(kept)::text FROM (SELECT {columns} FROM {table}) AS kept)"
        ).format(
            place=place,
            columns=sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in model._meta.concrete_fields]),
            table=sql.Identifier(model._meta.db_table),
        )
        for place, model in enumerate(wanted)
    ]
    found: dict[type[models.Model], list[tuple[Any, ...]]] = {model: [] for model in wanted}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        for place, text in cursor.fetchall():
            row, model = json.loads(text, parse_float=Decimal), wanted[place]
            found[model].append(tuple(field.to_python(row[field.column]) for field in model._meta.concrete_fields))
    for model, rows in found.items():
        pk = model._meta.concrete_fields.index(model._meta.pk)
        rows.sort(key=itemgetter(pk))
    return found


def _own(value: Any) -> Any:
    """Arrays and documents can be changed in place: everybody gets their own."""
    return value.copy() if isinstance(value, (list, dict)) else value
