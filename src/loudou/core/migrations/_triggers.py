"""The triggers of the first release as the first migrations install them: one text for all tables that share it.

Frozen. What a migration once installed must not change with the program: a trigger whose text changes gets a migration
that `makemigrations` writes, which removes the old one and installs the new. That the text here equals what the models
declare today is what `makemigrations --check` proves. See ADR 075.
"""

import hashlib

from django.db import migrations
from django.db.migrations.operations.base import Operation
from pgtrigger.compiler import Trigger, UpsertTriggerSql
from pgtrigger.migrations import AddTrigger


def trigger(
    model,
    name,
    func,
    *,
    when,
    operation,
    level="ROW",
    declare="",
    referencing="",
    condition="",
    is_deferred=False,
    table=None,
):
    """Installs a trigger, for `AddTriggers`; `model` is written "contracts.Receipt", `table` is for one named otherwise."""
    app_label, model_name = model.split(".")
    digest = hashlib.sha1(f"{model}:{name}".encode()).hexdigest()[:5]  # noqa: S324 - pgtrigger's way to name them
    return AddTrigger(
        model_name=model_name.lower(),
        trigger=Trigger(
            name=name,
            sql=UpsertTriggerSql(
                pgid=f"pgtrigger_{name}_{digest}",
                table=table or f"{app_label}_{model_name}".lower(),
                func=func,
                when=when,
                operation=operation,
                level=level,
                declare=declare,
                referencing=referencing,
                condition=condition,
                constraint="CONSTRAINT" if is_deferred else "",
                timing="DEFERRABLE INITIALLY DEFERRED" if is_deferred else "",
            ),
        ),
    )


class AddTriggers(Operation):
    """Install many triggers at once: Django then builds the models they stand on anew once, not for each of them."""

    def __init__(self, *additions):
        self.additions = additions

    def state_forwards(self, app_label, state):
        """Note the triggers with their models, where `makemigrations` finds them."""
        for addition in self.additions:
            options = state.models[app_label, addition.model_name].options
            options["triggers"] = [*options.get("triggers", []), addition.trigger]
        state.reload_models({(app_label, addition.model_name) for addition in self.additions})

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """Install them."""
        for addition in self.additions:
            addition.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """Remove them."""
        for addition in reversed(self.additions):
            addition.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        """Say what it does."""
        return f"Create {len(self.additions)} triggers"


def audited(model, *, exclude=(), part_of=None, table=None):
    """Record each inserted, changed and deleted row; what the two choices mean stands in `core.audit.audited`."""
    drop = "".join(f" - '{column}'" for column in exclude)
    new, old = f"(to_jsonb(n){drop})", f"(to_jsonb(o){drop})"
    whole, of_new, of_old = "", "", ""
    if part_of:
        parent, column = part_of
        whole, of_new, of_old = ", whole", f", '{parent} ' || n.{column}", f", '{parent} ' || o.{column}"
    into = f"""INSERT INTO people_auditentry
        (at, actor_id, source, request_id, ip_address, reason, table_name, object_id, operation, before, after{whole})
"""
    who = """clock_timestamp(), (context->>'actor')::bigint, coalesce(context->>'source', 'database'),
           coalesce(context->>'request', ''), (context->>'ip')::inet, coalesce(context->>'reason', ''), TG_TABLE_NAME"""
    texts = {
        "insert": f"""
    {into}
        SELECT {who}, to_jsonb(n)->>'id', 'insert', NULL, jsonb_strip_nulls({new}){of_new} FROM new_rows n;
        RETURN NULL;""",
        "update": f"""
    {into}
        SELECT {who}, to_jsonb(n)->>'id', 'update', changed.before, changed.after{of_new}
        FROM new_rows n JOIN old_rows o ON o.id = n.id
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(was.key, was.value) AS before, jsonb_object_agg(was.key, {new}->was.key) AS after
            FROM jsonb_each({old}) was WHERE was.value IS DISTINCT FROM {new}->was.key
        ) changed
        WHERE changed.before IS NOT NULL;
        RETURN NULL;""",
        "delete": f"""
    {into}
        SELECT {who}, to_jsonb(o)->>'id', 'delete', jsonb_strip_nulls({old}), NULL{of_old} FROM old_rows o;
        RETURN NULL;""",
    }
    rows = {
        "insert": "REFERENCING NEW TABLE AS new_rows ",
        "update": "REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
        "delete": "REFERENCING OLD TABLE AS old_rows ",
    }
    return [
        trigger(
            model,
            f"audit_{act}",
            text,
            when="AFTER",
            operation=act.upper(),
            level="STATEMENT",
            referencing=rows[act],
            table=table,
            declare=(
                "DECLARE context jsonb := coalesce(nullif(current_setting('loudou.audit', true), ''),"
                """ '{"source": "database"}')::jsonb;"""
            ),
        )
        for act, text in texts.items()
    ]


def append_only(model):
    """Refuse to change or delete a row, and to empty the table."""
    refuse = "RAISE EXCEPTION '% is append-only: rows are never changed or deleted', TG_TABLE_NAME;"
    guarded = f"""IF coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN {refuse} END IF;
            RETURN OLD;"""
    return [
        trigger(model, "append_only_update", refuse, when="BEFORE", operation="UPDATE"),
        trigger(model, "append_only_delete", guarded, when="BEFORE", operation="DELETE"),
        never_emptied(model),
    ]


def never_emptied(model):
    """Refuse to empty the table."""
    text = """
            IF coalesce(current_setting('loudou.allow_truncate', true), '') <> 'on' THEN
                RAISE EXCEPTION '% is append-only: it is never emptied', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
            END IF;
            RETURN NULL;
        """
    return trigger(model, "never_emptied", text, when="BEFORE", operation="TRUNCATE", level="STATEMENT")


def noted(model):
    """Give the table a new number with each change, by which processes know that what they keep is out of date."""
    text = "PERFORM loudou_note_revision(TG_TABLE_NAME::text); RETURN NULL;"
    every = "INSERT OR UPDATE OR DELETE OR TRUNCATE"
    return [trigger(model, "note_revision", text, when="AFTER", operation=every, level="STATEMENT")]


def first_numbers(*tables):
    """Operation that gives tables their first number as they are."""
    calls = ", ".join(f"loudou_note_revision('{table}')" for table in tables)
    return migrations.RunSQL(f"SELECT {calls}", migrations.RunSQL.noop)
