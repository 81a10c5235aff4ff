"""Triggers by which the database itself guards the ledger: posted rows stay as they are, balances follow the entries.

A posted row may carry balances (how much of a receipt is allocated). No statement of a program sets them: triggers on
the entries do, and CHECK constraints on the row refuse what would overdraw it. Because the trigger's UPDATE locks the
row and adds to its newest value, this holds for concurrent sessions and for raw SQL alike. See ADR 021.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pgtrigger

from loudou.core.audit import never_emptied


def refuse(sentence: str, name: str) -> str:
    """SQL that refuses with a sentence, in a way that Django reports as IntegrityError with a constraint's name."""
    return (
        f"RAISE EXCEPTION '{sentence}'"
        f" USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;"
    )


def posted(
    noun: str,
    *,
    balances: Sequence[str] = (),
    generated: Sequence[str] = (),
    changing: Mapping[str, str] | None = None,
    unless: str = "false",
) -> list[pgtrigger.Trigger]:
    """Triggers for a model's Meta that refuse to change or delete a posted row, or to empty the table.

    `balances` are columns that triggers of the database keep: they move only inside such a trigger. `generated` are
    the generated columns, which a BEFORE trigger sees empty. `changing` names columns that may change while a SQL
    condition over OLD and NEW holds. `unless` is a condition over OLD under which the row is not posted yet, such as
    the line of a draft. Undoing an import opens the door for deletion, as in `core.audit.append_only`.
    """
    name = noun.replace(" ", "_")
    never = refuse(
        f"a posted {noun} is never changed or deleted: post an opposite entry that names it", f"{name}_is_posted"
    )
    follow = refuse(f"balances of {noun}s follow from entries", f"{name}_balances_follow")
    moved = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in balances) or "false"
    ignored = "".join(f"probe.{column} := OLD.{column};\n" for column in (*balances, *generated))
    ignored += "".join(
        f"IF {condition} THEN probe.{column} := OLD.{column}; END IF;\n"
        for column, condition in (changing or {}).items()
    )
    return [
        pgtrigger.Trigger(
            name="posted_update",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            declare=[("probe", "record")],
            func=f"""
                IF pg_trigger_depth() < 2 AND ({moved}) THEN {follow} END IF;
                IF {unless} THEN RETURN NEW; END IF;
                probe := NEW;
                {ignored}
                IF probe IS DISTINCT FROM OLD THEN {never} END IF;
                RETURN NEW;
            """,
        ),
        pgtrigger.Trigger(
            name="posted_delete",
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            func=f"""
                IF NOT ({unless}) AND coalesce(current_setting('loudou.allow_history_delete', true), '') <> 'on' THEN
                    {never}
                END IF;
                RETURN OLD;
            """,
        ),
        never_emptied(),
    ]


def starts_empty(**values: str) -> pgtrigger.Trigger:
    """Trigger that sets balances of a new row to SQL expressions over NEW, whatever the statement says."""
    return pgtrigger.Trigger(
        name="starts_empty",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="".join(f"NEW.{column} := {value};\n" for column, value in values.items()) + "RETURN NEW;",
    )


def entries(*, insert: str, delete: str) -> list[pgtrigger.Trigger]:
    """Statement triggers on a table of entries that keep balances elsewhere; the SQL reads the rows as `entries`.

    `delete` runs when an import is undone, the one act that takes entries back.
    """
    parts = (
        ("insert", pgtrigger.Insert, pgtrigger.Referencing(new="entries"), insert),
        ("delete", pgtrigger.Delete, pgtrigger.Referencing(old="entries"), delete),
    )
    return [
        pgtrigger.Trigger(
            name=f"balances_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            func=f"{sql}\nRETURN NULL;",
        )
        for name, operation, referencing, sql in parts
    ]
