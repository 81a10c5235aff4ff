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

from django.db import connection

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, write_rows
from loudou.core.refusals import BusinessRefusal, NotVisible, StaleWrite
from loudou.core.verbs import lock_all, service
from loudou.customers.services.recounting import forget, newest_about
from loudou.pipeline.choices import CLOSED_STATES
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.evidence import MODEL, report
from loudou.pipeline.services.valuing import Books

_KEPT = ("id", "version", "created_at", "updated_at", "search_text")
"""Columns that are not put back."""

_REMEMBER = """
    SELECT o.id, (jsonb_strip_nulls(to_jsonb(o)) - %s::text[])::text,
           (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.position, l.id)::text
            FROM pipeline_opportunityline l WHERE l.opportunity_id = o.id),
           (SELECT max(c.id) FROM pipeline_stagechange c WHERE c.opportunity_id = o.id),
           CASE WHEN %s THEN (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.at, c.id)::text
                              FROM pipeline_stagechange c WHERE c.opportunity_id = o.id) END
    FROM pipeline_opportunity o WHERE o.id = ANY(%s)
"""
_FORGET_CHANGES = """
    DELETE FROM pipeline_stagechange c USING unnest(%s::bigint[], %s::bigint[]) AS v(id, newest)
    WHERE c.opportunity_id = v.id AND c.id > v.newest
"""
_PUT_LINES_BACK = """
    INSERT INTO pipeline_opportunityline SELECT r.* FROM jsonb_populate_recordset(NULL::pipeline_opportunityline, %s) r
"""
_PUT_CHANGES_BACK = """
    INSERT INTO pipeline_stagechange SELECT r.* FROM jsonb_populate_recordset(NULL::pipeline_stagechange, %s) r
"""
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
    """What `take_back` needs of opportunities as they are now, as JSON: columns, lines, the newest row of history.

    `told` is the newest evidence about it. `with_history` keeps the whole history, for an import that replaces it. Two
    statements; rows should be locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, [list(_KEPT), with_history, list(ids)])
        found = cursor.fetchall()
    told = newest_about(MODEL, ids)
    return {
        pk: {"row": _read(row), "lines": _read(lines or "[]"), "newest": newest or 0, "told": told.get(pk, 0)}
        | ({"history": _read(history or "[]")} if with_history else {})
        for pk, row, lines, newest, history in found
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
    ids = [memory.pk for memory in memories]
    newest = [0 if "history" in memory.before else memory.before["newest"] for memory in memories]
    histories = [change for memory in memories for change in memory.before.get("history", ())]
    present = _lines(ids)
    swapped = [memory.pk for memory in memories if memory.before["lines"] != present.get(memory.pk, [])]
    lines = [line for memory in memories if memory.pk in set(swapped) for line in memory.before["lines"]]
    quote = connection.ops.quote_name
    columns = [quote(str(f.column)) for f in Opportunity._meta.concrete_fields if f.column not in _KEPT]
    statement = _PUT_BACK.format(columns=", ".join(columns), values=", ".join(f"r.{name}" for name in columns))
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_CHANGES, [ids, newest])
        if histories:
            cursor.execute(_PUT_CHANGES_BACK, [json.dumps(histories)])
        if swapped:
            cursor.execute("DELETE FROM pipeline_opportunityline WHERE opportunity_id = ANY(%s)", [swapped])
            cursor.execute(_PUT_LINES_BACK, [json.dumps(lines)])
        cursor.execute(statement, [at, json.dumps(rows)])


def _lines(ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    return {pk: memory["lines"] for pk, memory in remember(ids).items()}


def _value_open_ones(rows: Sequence[dict[str, Any]], at: dt.datetime) -> None:
    """Open amounts are worth what today's rate says, not what the day said on which they were remembered."""
    waiting = [row for row in rows if row["state"] not in CLOSED_STATES and row.get("amount") is not None]
    if waiting:
        books = Books.load({row["currency"] for row in waiting})
        for row in waiting:
            worth = books.value(Decimal(str(row["amount"])), row["currency"], books.day(at))
            row["amount_base"] = str(worth)
