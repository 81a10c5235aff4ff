"""Deleting many records at once, with what belongs to them, and telling which of them others hold on to.

Django's own deletion reads every row into Python and names it again in each statement. Here a handful of statements
per table do the same, whatever the number of records; the database's triggers write the audit as ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import connection, models
from django.db.models.deletion import get_candidate_relations_to_delete

Ids = set[int]


def held_by_others(model: type[models.Model], ids: Ids) -> Ids:
    """Return those records that others refer to and that therefore cannot go.

    Records that refer to each other may go together; one that is held keeps those it refers to.
    """
    held: Ids = set()
    own: list[Any] = []
    for relation in _relations(model):
        if relation.on_delete in (models.CASCADE, models.SET_NULL, models.DO_NOTHING):
            continue
        if relation.related_model is model:
            own.append(relation)
        else:
            held |= _referred_to(relation, ids)
    while own and (more := _held_by_own(own, ids - held) - held):
        held |= more
    return held


def with_additions(
    model: type[models.Model], ids: Ids, belongings: Collection[str], computed: Mapping[str, str]
) -> Ids:
    """Return those records under which there is something that would go with them and is not among `belongings`.

    Of the belongings named in `computed`, only rows that meet its condition (in SQL) follow by themselves.
    """
    found: Ids = set()
    for relation in _relations(model):
        label = relation.related_model._meta.label_lower
        if relation.on_delete is not models.CASCADE:
            continue
        if label not in belongings:
            found |= _referred_to(relation, ids)
        elif label in computed:
            found |= _referred_to(relation, ids, besides=computed[label])
    return found


def referring(model: type[models.Model], ids: Ids) -> Ids:
    """Return the other records of the same model that refer to these."""
    found: Ids = set()
    for relation in _relations(model):
        if relation.related_model is model:
            found |= {pk for pk, _referred in _pairs(relation, ids)}
    return found - ids


def delete_all(model: type[models.Model], ids: Ids) -> None:
    """Delete records with everything that goes with them. Needs an open transaction; see `held_by_others` first."""
    if not ids:
        return
    for relation in _relations(model):
        column, related = relation.field.column, relation.related_model
        if relation.on_delete is models.SET_NULL:
            _run("UPDATE {table} SET {column} = NULL WHERE {column} = ANY(%s)", related, column, ids)
        elif relation.on_delete is models.CASCADE and _relations(related):
            delete_all(related, {pk for pk, _referred in _pairs(relation, ids)})
        elif relation.on_delete is models.CASCADE:
            _run("DELETE FROM {table} WHERE {column} = ANY(%s)", related, column, ids)
    key: Any = model._meta.pk
    _run("DELETE FROM {table} WHERE {column} = ANY(%s)", model, key.column, ids)


def _relations(model: type[models.Model]) -> list[Any]:
    return list(get_candidate_relations_to_delete(model._meta))


def _referred_to(relation: Any, ids: Ids, *, besides: str = "false") -> Ids:
    statement = f"SELECT DISTINCT {{column}} FROM {{table}} WHERE {{column}} = ANY(%s) AND NOT ({besides})"  # noqa: S608
    return {pk for (pk,) in _run(statement, relation.related_model, relation.field.column, ids)}


def _pairs(relation: Any, ids: Ids) -> Iterable[tuple[int, int]]:
    """The records that refer to these, each with the one it refers to."""
    statement = "SELECT {key}, {column} FROM {table} WHERE {column} = ANY(%s)"
    found: list[tuple[int, int]] = _run(statement, relation.related_model, relation.field.column, ids)
    return found


def _held_by_own(own: list[Any], free: Ids) -> Ids:
    """Those of `free` to which a record of the same model refers that is not free itself."""
    return {referred for relation in own for pk, referred in _pairs(relation, free) if pk not in free}


def _run(statement: str, model: type[models.Model], column: str, ids: Ids) -> list[Any]:
    quote, key = connection.ops.quote_name, model._meta.pk
    names = {"table": model._meta.db_table, "column": column, "key": str(key.column if key else "id")}
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**{name: quote(text) for name, text in names.items()}), [sorted(ids)])
        return cursor.fetchall() if cursor.description else []
