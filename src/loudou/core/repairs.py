"""What `loudou repair` computes anew: stored state that follows from other rows, from scratch.

A module declares its repairs in its `repairs.py`; `load()` finds them. Each bears the name of the check that proves the
same. Most are columns that follow from a statement (`Columns`); others call the services that keep the state, with the
rows that differ found before. History is never rewritten to fit: what was recorded is what the rest follows from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.module_loading import autodiscover_modules

from loudou.core import audit
from loudou.core.actors import SYSTEM


@dataclass(frozen=True, slots=True)
class Difference:
    """One stored value that is not what it should be: the record, which value, what is stored, what follows."""

    record: str
    name: str
    stored: Any
    derived: Any


Mend = Callable[[], Iterable[Difference]]


@dataclass(frozen=True, slots=True)
class Repair:
    """What mends the findings of the check of this name; `place` orders repairs that build upon one another."""

    name: str
    place: int
    mend: Mend


REPAIRS: dict[str, Repair] = {}
"""Every repair by name."""

_DIFFERENT = """
    CREATE TEMPORARY TABLE repair_rows ON COMMIT DROP AS
    SELECT kept.id AS row_id, {stored}, {derived}
    FROM {table} kept JOIN ({statement}) follows ON follows.id = kept.id
    WHERE ({kept}) IS DISTINCT FROM ({follows})
"""
# Balances of posted rows move only inside triggers of the database. So does a repair: inside one that lives as long as
# the transaction, instead of a door in the guards that would stand open for everybody.
_MEND = """
    CREATE TEMPORARY TABLE repair_order (id int) ON COMMIT DROP;
    CREATE FUNCTION pg_temp.repair_now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE {table} kept SET {values} FROM repair_rows mended WHERE mended.row_id = kept.id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER repair_now AFTER INSERT ON repair_order
        FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.repair_now();
    INSERT INTO repair_order VALUES (1);
"""
_TIDY = """
    DROP TABLE IF EXISTS repair_order;
    DROP FUNCTION IF EXISTS pg_temp.repair_now();
    DROP TABLE repair_rows;
"""


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a table that follow from a statement, which yields `id` and these columns for its rows."""

    table: str
    record: str
    columns: tuple[str, ...]
    statement: str

    def __call__(self) -> Iterator[Difference]:
        """Mend the rows that differ, and say which values did; nobody else writes the table meanwhile."""
        named = {
            "table": self.table,
            "statement": self.statement,
            "stored": ", ".join(f"kept.{name} AS stored_{name}" for name in self.columns),
            "derived": ", ".join(f"follows.{name} AS derived_{name}" for name in self.columns),
            "kept": ", ".join(f"kept.{name}" for name in self.columns),
            "follows": ", ".join(f"follows.{name}" for name in self.columns),
            "values": ", ".join(f"{name} = mended.derived_{name}" for name in self.columns),
        }
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {self.table} IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute(_DIFFERENT.format(**named))
            cursor.execute("SELECT * FROM repair_rows ORDER BY row_id")
            rows = cursor.fetchall()
            if rows:
                cursor.execute(_MEND.format(**named))
            cursor.execute(_TIDY)
        size = len(self.columns)
        for pk, *values in rows:
            for name, stored, derived in zip(self.columns, values[:size], values[size:], strict=True):
                if stored != derived:
                    yield Difference(f"{self.record} {pk}", name, stored, derived)


def repair(name: str, *, place: int) -> Callable[[Mend], Mend]:
    """Register a function that mends what a check finds, and yields what differed."""

    def register(mend: Mend) -> Mend:
        REPAIRS[name] = Repair(name, place, mend)
        return mend

    return register


def load() -> None:
    """Import every installed module's `repairs.py`."""
    autodiscover_modules("repairs")


def run(
    names: Iterable[str] = (),
    *,
    apply: bool,
    note: Callable[[Repair, list[Difference]], None] = lambda _repair, _found: None,
) -> list[tuple[Repair, list[Difference]]]:
    """Mend everything (or what is named) in one transaction, and return what differed; without `apply` undo it again.

    `note` is told of each repair that found something, inside the transaction. Raises KeyError for unknown names.
    """
    chosen = sorted([REPAIRS[name] for name in names] or REPAIRS.values(), key=lambda each: (each.place, each.name))
    found = []
    with transaction.atomic():
        audit.bind(SYSTEM)
        for each in chosen:
            differences = list(each.mend())
            found.append((each, differences))
            if differences:
                note(each, differences)
        if not apply:
            transaction.set_rollback(True)
    return found
