"""Taking back what an import changed about opportunities: they are again exactly what they were, history included.

An import's changes are undone only where nobody touched the opportunity since, so the rows of history that it wrote
are the newest ones, and nothing was built on them. They are removed rather than answered by opposite moves, which
would stay in the statistics as sales that went forward and back.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, models

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, write_rows
from loudou.core.refusals import BusinessRefusal, NotVisible, StaleWrite
from loudou.core.verbs import lock_all, service
from loudou.customers.services.recounting import forget, newest_about
from loudou.pipeline.choices import CLOSED_STATES
from loudou.pipeline.models import (
    Opportunity,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityLine,
    OpportunityMember,
    StageChange,
)
from loudou.pipeline.services.evidence import MODEL, report
from loudou.pipeline.services.valuing import Books

_KEPT = ("id", "version", "created_at", "updated_at", "search_text")
"""Columns that are not put back."""

PARTS: dict[str, type[models.Model]] = {
    "lines": OpportunityLine,
    "people": OpportunityContact,
    "members": OpportunityMember,
    "competitors": OpportunityCompetitor,
}
"""What hangs on an opportunity and an import may change."""

_REMEMBER = """
    SELECT o.id, (jsonb_strip_nulls(to_jsonb(o)) - %s::text[])::text, {parts},
           (SELECT max(c.id) FROM pipeline_stagechange c WHERE c.opportunity_id = o.id),
           CASE WHEN %s THEN (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.at, c.id)::text
                              FROM pipeline_stagechange c WHERE c.opportunity_id = o.id) END
    FROM pipeline_opportunity o WHERE o.id = ANY(%s)
"""
_PART = "(SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id)::text FROM {table} p WHERE p.opportunity_id = o.id)"
_FORGET_CHANGES = """
    DELETE FROM pipeline_stagechange c USING unnest(%s::bigint[], %s::bigint[]) AS v(id, newest)
    WHERE c.opportunity_id = v.id AND c.id > v.newest
"""
_INSERT = "INSERT INTO {table} SELECT r.* FROM jsonb_populate_recordset(NULL::{table}, %s) r"
_PUT_BACK = """
    UPDATE pipeline_opportunity o SET ({columns}) = ({values}), version = o.version + 1, updated_at = %s
    FROM jsonb_populate_recordset(NULL::pipeline_opportunity, %s) r WHERE o.id = r.id
"""


@dataclass(frozen=True, slots=True)
class Remembered:
    """An opportunity as it was (see `remember`), and the version that the import left."""

    pk: int
    version: int
    before: Mapping[str, Any]


def remember(ids: Collection[int], *, with_history: bool = False) -> dict[int, dict[str, Any]]:
    """What `take_back` needs of opportunities as they are now, as JSON: columns, parts, the newest row of history.

    `told` is the newest evidence about it. `with_history` keeps the whole history, for an import that replaces it. Two
    statements; rows should be locked.
    """
    parts = ", ".join(_PART.format(table=model._meta.db_table) for model in PARTS.values())
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER.format(parts=parts), [list(_KEPT), with_history, list(ids)])
        found = cursor.fetchall()
    told = newest_about(MODEL, ids)
    return {
        pk: {
            "row": _read(row),
            "parts": {name: _read(rows or "[]") for name, rows in zip(PARTS, rest, strict=True)},
            "newest": newest or 0,
            "told": told.get(pk, 0),
        }
        | ({"history": _read(history or "[]")} if with_history else {})
        for pk, row, *rest, newest, history in found
    }


def _read(document: str) -> Any:
    """Read JSON with amounts as texts: a float would lose digits."""
    return json.loads(document, parse_float=str)


@service("pipeline.change")
def take_back(actor: Actor, memories: Sequence[Remembered], *, at: dt.datetime) -> list[Outcome[Opportunity]]:
    """Make opportunities what they were before an import changed them; one outcome per memory, in order.

    Refused one by one: NotVisible, StaleWrite (changed since), a broken constraint. The caller has opened the door for
    deleting history (`loudou.allow_history_delete`) in the transaction.
    """
    found = {row.pk: row for row in lock_all(Opportunity.objects.visible_to(actor), [m.pk for m in memories])}
    refusals: dict[int, BusinessRefusal] = {}
    for place, memory in enumerate(memories):
        if (row := found.get(memory.pk)) is None:
            refusals[place] = NotVisible()
        elif row.version != memory.version:
            refusals[place] = StaleWrite(row)
    fresh = [place for place in range(len(memories)) if place not in refusals]
    by_pk = {memories[place].pk: memories[place] for place in fresh}
    broken = write_rows(
        [found[memories[place].pk] for place in fresh],
        lambda part: _put_back([by_pk[row.pk] for row in part], at),
    )
    refusals |= {fresh[position]: refusal for position, refusal in broken.items()}
    back = [memories[place] for place in fresh if place not in refusals]
    forget(MODEL, {memory.pk: memory.before.get("told", 0) for memory in back}, now=at)
    _report(actor, [memory.pk for memory in back], at)
    return [
        Outcome(refusal=refusals[place]) if place in refusals else Outcome(row=found[memory.pk])
        for place, memory in enumerate(memories)
    ]


def _report(actor: Actor, ids: Collection[int], at: dt.datetime) -> None:
    """Tell what the opportunities prove again, should that not follow from the evidence that was kept."""
    report(actor, list(Opportunity.objects.filter(pk__in=ids)), at=at)


def _put_back(memories: Sequence[Remembered], at: dt.datetime) -> None:
    rows = [{**memory.before["row"], "id": memory.pk} for memory in memories]
    _value_open_ones(rows, at)
    _put_parts_back(memories)
    ids = [memory.pk for memory in memories]
    newest = [0 if "history" in memory.before else memory.before["newest"] for memory in memories]
    histories = [change for memory in memories for change in memory.before.get("history", ())]
    quote = connection.ops.quote_name
    columns = [quote(str(f.column)) for f in Opportunity._meta.concrete_fields if f.column not in _KEPT]
    statement = _PUT_BACK.format(columns=", ".join(columns), values=", ".join(f"r.{name}" for name in columns))
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_CHANGES, [ids, newest])
        if histories:
            cursor.execute(_INSERT.format(table=StageChange._meta.db_table), [json.dumps(histories)])
        cursor.execute(statement, [at, json.dumps(rows)])


def _put_parts_back(memories: Sequence[Remembered]) -> None:
    """Swap those parts that are no longer as they were; the others keep their rows."""
    present = remember([memory.pk for memory in memories])
    for name, model in PARTS.items():
        swapped = [m for m in memories if m.before["parts"][name] != present[m.pk]["parts"][name]]
        rows = [row for memory in swapped for row in memory.before["parts"][name]]
        if swapped:
            model._default_manager.filter(opportunity_id__in=[memory.pk for memory in swapped]).delete()
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(_INSERT.format(table=model._meta.db_table), [json.dumps(rows)])


def _value_open_ones(rows: Sequence[dict[str, Any]], at: dt.datetime) -> None:
    """Open amounts are worth what today's rate says, not what the day said on which they were remembered."""
    waiting = [row for row in rows if row["state"] not in CLOSED_STATES and row.get("amount") is not None]
    if waiting:
        books = Books.load({row["currency"] for row in waiting})
        for row in waiting:
            worth = books.value(Decimal(str(row["amount"])), row["currency"], books.day(at))
            row["amount_base"] = str(worth)
