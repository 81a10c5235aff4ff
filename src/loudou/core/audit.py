"""The audit is written by the database: statement triggers on every business table copy old and new values.

Bulk updates, COPY and raw SQL are caught too. Python's only part is to say who acts and from where: the request
middleware (or a command, or a job) opens a `source`, and every service binds its actor for the transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.db import connection

if TYPE_CHECKING:
    from loudou.core.actors import Actor

_source: ContextVar[Mapping[str, Any]] = ContextVar("audit_source", default=MappingProxyType({"source": "shell"}))

_CONTEXT = """jsonb := coalesce(nullif(current_setting('loudou.audit', true), ''), '{"source": "database"}')::jsonb"""

_COLUMNS = "at, actor_id, source, request_id, ip_address, reason, table_name, object_id, operation, before, after"

_WHO = """clock_timestamp(), (context->>'actor')::bigint, coalesce(context->>'source', 'database'),
           coalesce(context->>'request', ''), (context->>'ip')::inet, coalesce(context->>'reason', ''), TG_TABLE_NAME"""


@contextmanager
def source(name: str, *, request_id: str = "", ip: str | None = None, reason: str = "") -> Iterator[None]:
    """Say where the changes made inside come from: 'web', 'api', 'import', 'command', 'job'."""
    token = _source.set({"source": name, "request": request_id, "ip": ip, "reason": reason})
    try:
        yield
    finally:
        _source.reset(token)


def origin() -> dict[str, Any]:
    """Say where the present work comes from: `source`, and when known `request`, `ip` and `reason`."""
    return {key: value for key, value in _source.get().items() if value}


def bind(actor: Actor) -> None:
    """Tell the database who acts until the present transaction ends. Needs an open transaction."""
    context = origin() | {"actor": actor.pk}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('loudou.audit', %s, true)", [json.dumps(context)])


@contextmanager
def history_may_go() -> Iterator[None]:
    """Open the door of append-only tables to deletion, for the statements inside. Needs an open transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('loudou.allow_history_delete', true), '')")
        [before] = cursor.fetchone()
        cursor.execute("SELECT set_config('loudou.allow_history_delete', 'on', true)")
        yield
        cursor.execute("SELECT set_config('loudou.allow_history_delete', %s, true)", [before])


def audited(*, exclude: tuple[str, ...] = (), part_of: tuple[str, str] | None = None) -> list[pgtrigger.Trigger]:
    """Triggers for a model's Meta that record each inserted, changed and deleted row in the audit.

    `exclude` names columns that are never copied, such as password hashes. `part_of` names the table of the record the
    row is a part of, and the column that says which one: a line's changes then stand in its opportunity's history.
    """
    drop = "".join(f" - '{column}'" for column in exclude)
    new, old = f"(to_jsonb(n){drop})", f"(to_jsonb(o){drop})"
    whole, of_new, of_old = "", "", ""
    if part_of:
        table, column = part_of
        whole, of_new, of_old = ", whole", f", '{table} ' || n.{column}", f", '{table} ' || o.{column}"
    insert_into = f"INSERT INTO people_auditentry\n        ({_COLUMNS}{whole})\n"
    # The statements below are put together from constants and from column names in the code.
    insert = f"""
    {insert_into}
        SELECT {_WHO}, to_jsonb(n)->>'id', 'insert', NULL, jsonb_strip_nulls({new}){of_new} FROM new_rows n;
        RETURN NULL;"""  # noqa: S608
    delete = f"""
    {insert_into}
        SELECT {_WHO}, to_jsonb(o)->>'id', 'delete', jsonb_strip_nulls({old}), NULL{of_old} FROM old_rows o;
        RETURN NULL;"""  # noqa: S608
    update = f"""
    {insert_into}
        SELECT {_WHO}, to_jsonb(n)->>'id', 'update', changed.before, changed.after{of_new}
        FROM new_rows n JOIN old_rows o ON o.id = n.id
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(was.key, was.value) AS before, jsonb_object_agg(was.key, {new}->was.key) AS after
            FROM jsonb_each({old}) was WHERE was.value IS DISTINCT FROM {new}->was.key
        ) changed
        WHERE changed.before IS NOT NULL;
        RETURN NULL;"""  # noqa: S608
    parts = (
        ("insert", pgtrigger.Insert, pgtrigger.Referencing(new="new_rows"), insert),
        ("update", pgtrigger.Update, pgtrigger.Referencing(old="old_rows", new="new_rows"), update),
        ("delete", pgtrigger.Delete, pgtrigger.Referencing(old="old_rows"), delete),
    )
    return [
        pgtrigger.Trigger(
            name=f"audit_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            declare=[("context", _CONTEXT)],
            func=func,
        )
        for name, operation, referencing, func in parts
    ]


def append_only(*, blackens: tuple[str, ...] = ()) -> list[pgtrigger.Trigger]:
    """Triggers for a model's Meta that refuse to change or delete a row once it is written.

    Undoing an import takes history back: it opens the door for its own transaction, and the audit records what it
    removed. So does an import that brings a customer's past, for the history of phases (`history_may_go`).
    `blackens` names columns whose texts lose a person's name and numbers when the person is erased
    (`core.blackening`); nothing else about the row changes even then.
    """
    refuse = "RAISE EXCEPTION '% is append-only: rows are never changed or deleted', TG_TABLE_NAME;"
    names = ", ".join(f"'{column}'" for column in blackens)
    update = f"IF loudou_may_blacken(to_jsonb(OLD), to_jsonb(NEW), ARRAY[{names}]) THEN RETURN NEW; END IF;\n{refuse}"
    return [
        pgtrigger.Trigger(
            name="append_only_update",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func=update if blackens else refuse,
        ),
        pgtrigger.Trigger(
            name="append_only_delete",
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            func=f"""IF coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN {refuse} END IF;
            RETURN OLD;""",
        ),
        never_emptied(),
    ]


def never_emptied() -> pgtrigger.Trigger:
    """Trigger that refuses TRUNCATE, which no trigger on rows sees; CASCADE from another table is refused alike.

    The door is `loudou.allow_truncate`, which only a test's connection opens, to clean up behind itself.
    """
    return pgtrigger.Trigger(
        name="never_emptied",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="""
            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN
                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
            END IF;
            RETURN NULL;
        """,
    )
