"""Taking an import back: what it created goes, what it changed is as before, what was touched since stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils.translation import gettext as _

from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.refusals import StaleWrite
from loudou.customers.services.recounting import forget
from loudou.exchange.choices import RowStatus
from loudou.exchange.models import ImportExtra, ImportJob, ImportRow
from loudou.exchange.services.directory import Directory
from loudou.exchange.services.kinds import WRITERS, Writer
from loudou.exchange.services.kinds.base import Memory
from loudou.exchange.services.parsing import Parser
from loudou.exchange.services.references import Context, sentence
from loudou.exchange.services.removing import Ids, delete_all, held_by_others, referring, with_additions

BATCH = 5000
"""Records taken back in one transaction: a second or two, between which the page shows how far it is."""

_MARK = """
    UPDATE exchange_importrow AS r
    SET status = v.status, reasons = CASE WHEN v.reason = '' THEN '{}' ELSE ARRAY[v.reason] END
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS v(id, status, reason) WHERE r.id = v.id
"""
_MARK_LINES = """
    UPDATE exchange_importrow AS r SET status = h.status, reasons = h.reasons
    FROM exchange_importrow AS h
    WHERE r.job_id = %s AND r.status = 'line' AND h.job_id = r.job_id AND h.target_id = r.target_id
      AND h.status IN ('undone', 'kept')
"""

Verdict = tuple[RowStatus, str]


def undo_batch(job: ImportJob, actor: Actor, *, at: dt.datetime) -> int:
    """Take back the next rows, the last first, then what was made beside; returns how many, 0 when all is done."""
    audit.bind(actor)
    with audit.history_may_go():
        return _next_batch(job, actor, at)


def _next_batch(job: ImportJob, actor: Actor, at: dt.datetime) -> int:
    writer = WRITERS[job.kind](Context(actor, at, Parser(job, date_orders={}), Directory(actor)))
    rows = ImportRow.objects.filter(job=job).order_by("-number").defer("cells")
    created = rows.filter(status=RowStatus.CREATED)
    if found := list(created.filter(before__isnull=False)[:BATCH]) or list(created[:BATCH]):
        return _remove(job, writer, found)
    if updated := list(rows.filter(status=RowStatus.UPDATED)[:BATCH]):
        return _restore(writer, updated)
    with connection.cursor() as cursor:
        cursor.execute(_MARK_LINES, [job.pk])
    return _remove_extras(job)


def _remove(job: ImportJob, writer: Writer, rows: list[ImportRow]) -> int:
    if (reasons := writer.take_away(rows)) is not None:
        _mark(rows, [(RowStatus.KEPT if reason else RowStatus.UNDONE, reason) for reason in reasons])
        return len(rows)
    rows += _referring_rows(job, writer, rows)
    left = {row.target_id: row.version_left for row in rows if row.target_id is not None}
    present = _versions(writer.model, left)
    untouched = {pk for pk, version in present.items() if version == left[pk]}
    grown = with_additions(writer.model, untouched, writer.belongings, writer.computed)
    held = held_by_others(writer.model, untouched - grown)
    gone = untouched - grown - held
    delete_all(writer.model, gone)
    forget(writer.model._meta.label_lower, dict.fromkeys(gone, 0), now=writer.context.at)
    verdicts: list[Verdict] = []
    for row in rows:
        if row.target_id not in present:
            verdicts.append((RowStatus.UNDONE, _("It was deleted since.")))
        elif row.target_id not in untouched:
            verdicts.append((RowStatus.KEPT, _("Somebody changed it since the import.")))
        elif row.target_id in grown:
            verdicts.append((RowStatus.KEPT, _("Something was added to it since the import.")))
        elif row.target_id in held:
            verdicts.append((RowStatus.KEPT, _("Other records refer to it.")))
        else:
            verdicts.append((RowStatus.UNDONE, ""))
    _mark(rows, verdicts)
    return len(rows)


def _referring_rows(job: ImportJob, writer: Writer, rows: list[ImportRow]) -> list[ImportRow]:
    """Rows of this import whose records refer to these, such as a daughter company to its mother: they go together."""
    ids = {row.target_id for row in rows if row.target_id is not None}
    found: list[ImportRow] = []
    while more := referring(writer.model, ids):
        waiting = ImportRow.objects.filter(job=job, status=RowStatus.CREATED, target_id__in=more).defer("cells")
        new = list(waiting)
        ids |= {row.target_id for row in new if row.target_id is not None}
        found += new
        if not new:
            break
    return found


def _versions(model: Any, ids: Iterable[int]) -> dict[int, int]:
    """Versions of those records that are still there, locked in order."""
    rows = model._base_manager.select_for_update().filter(pk__in=list(ids)).order_by("pk")
    return dict(rows.values_list("pk", "version"))


def _restore(writer: Writer, rows: Sequence[ImportRow]) -> int:
    memories = [Memory(row.target_id or 0, row.version_left or 0, row.before or {}) for row in rows]
    versions = _versions(writer.model, [memory.pk for memory in memories])
    fresh = [place for place, memory in enumerate(memories) if versions.get(memory.pk) == memory.version]
    outcomes = dict(zip(fresh, writer.restore([memories[place] for place in fresh]), strict=True))
    verdicts: list[Verdict] = []
    for place in range(len(rows)):
        outcome = outcomes.get(place)
        if outcome is None or isinstance(outcome.refusal, StaleWrite):
            verdicts.append((RowStatus.KEPT, _("Somebody changed it since the import.")))
        elif outcome.refusal is not None:
            verdicts.append((RowStatus.KEPT, sentence(outcome.refusal)))
        else:
            verdicts.append((RowStatus.UNDONE, ""))
    _mark(rows, verdicts)
    return len(rows)


def _mark(rows: Sequence[ImportRow], verdicts: Sequence[Verdict]) -> None:
    statuses, reasons = zip(*verdicts, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [[row.pk for row in rows], [str(status) for status in statuses], list(reasons)])


def _remove_extras(job: ImportJob) -> int:
    """Remove what was made beside the rows, the last first; what others refer to by now stays."""
    extras = list(ImportExtra.objects.filter(job=job).order_by("-pk"))
    for label, group in groupby(extras, key=lambda extra: extra.label):
        model: Any = apps.get_model(label)
        ids: Ids = {extra.target_id for extra in group}
        if any(field.name == "version" for field in model._meta.fields):
            ids = {pk for pk, version in _versions(model, ids).items() if version == 1}
        ids -= with_additions(model, ids, _ALL_BELONGINGS, Writer.computed)
        delete_all(model, ids - held_by_others(model, ids))
    ImportExtra.objects.filter(job=job).delete()
    return len(extras)


_ALL_BELONGINGS = frozenset().union(*(writer.belongings for writer in WRITERS.values()))
