"""Taking an import back: what it created goes, what it changed is as before, what was touched since stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.bulk import RowUpdate
from loudou.core.refusals import StaleWrite
from loudou.exchange.choices import ObjectKind, RowStatus
from loudou.exchange.models import ImportExtra, ImportJob, ImportRow
from loudou.exchange.services.directory import Directory
from loudou.exchange.services.kinds import WRITERS, Writer
from loudou.exchange.services.parsing import Parser
from loudou.exchange.services.references import Context, sentence

BATCH = 500

BELONGINGS: dict[str, frozenset[str]] = {
    ObjectKind.CUSTOMERS: frozenset({"customers.ownerchange", "customers.customermember"}),
    ObjectKind.CONTACTS: frozenset({"customers.post"}),
    ObjectKind.OPPORTUNITIES: frozenset(
        {
            "pipeline.stagechange",
            "pipeline.opportunityline",
            "pipeline.opportunitymember",
            "pipeline.opportunitycontact",
            "pipeline.opportunitycompetitor",
            "pipeline.star",
        }
    ),
    ObjectKind.PRODUCTS: frozenset(),
    ObjectKind.USERS: frozenset({"people.membership"}),
}
"""Rows that an import itself writes under a record, so that they go with it. Anything else somebody added since."""


def undo_batch(job: ImportJob, actor: Actor, *, at: dt.datetime) -> int:
    """Take back the next rows, the last first, then what was made beside; returns how many, 0 when all is done."""
    audit.bind(actor)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL loudou.allow_history_delete = 'on'")
    rows = ImportRow.objects.filter(job=job).order_by("-number")
    if created := list(rows.filter(status=RowStatus.CREATED)[:BATCH]):
        _remove(job, created)
        return len(created)
    if updated := list(rows.filter(status=RowStatus.UPDATED)[:BATCH]):
        _restore(job, actor, updated, at=at)
        return len(updated)
    return _remove_extras(job)


def _remove(job: ImportJob, rows: Sequence[ImportRow]) -> None:
    model = WRITERS[job.kind].model
    versions = dict(model._default_manager.filter(pk__in=[r.target_id for r in rows]).values_list("pk", "version"))
    grown = _with_additions(model, versions, BELONGINGS[job.kind])
    free: list[ImportRow] = []
    for row in rows:
        row.status = RowStatus.UNDONE
        if row.target_id not in versions:
            row.reasons = [_("It was deleted since.")]
        elif versions[row.target_id] != row.version_left:
            row.status, row.reasons = RowStatus.KEPT, [_("Somebody changed it since the import.")]
        elif row.target_id in grown:
            row.status, row.reasons = RowStatus.KEPT, [_("Something was added to it since the import.")]
        else:
            free.append(row)
    _delete(model, free)
    ImportRow.objects.bulk_update(rows, ["status", "reasons"])


def _delete(model: type[models.Model], rows: list[ImportRow]) -> None:
    """Delete together; when other records refer to some, halve until those stand alone, and keep them."""
    if not rows:
        return
    try:
        with transaction.atomic():
            model._default_manager.filter(pk__in=[row.target_id for row in rows]).delete()
    except ProtectedError:
        if len(rows) == 1:
            rows[0].status, rows[0].reasons = RowStatus.KEPT, [_("Other records refer to it.")]
            return
        middle = len(rows) // 2
        _delete(model, rows[:middle])
        _delete(model, rows[middle:])


def _with_additions(model: type[models.Model], ids: Any, belongings: frozenset[str]) -> set[int]:
    """Those records under which somebody put something that deleting them would take along."""
    found: set[int] = set()
    for relation in model._meta.related_objects:
        related = relation.related_model
        if relation.on_delete is models.CASCADE and related._meta.label_lower not in belongings:
            column = relation.field.attname
            found |= set(related._default_manager.filter(**{f"{column}__in": list(ids)}).values_list(column, flat=True))
    return found


def _restore(job: ImportJob, actor: Actor, rows: Sequence[ImportRow], *, at: dt.datetime) -> None:
    writer = _writer(job, actor, at)
    updates = [RowUpdate(row.target_id or 0, _fields(writer, row), row.version_left) for row in rows]
    versions = dict(writer.model._default_manager.filter(pk__in=[u.pk for u in updates]).values_list("pk", "version"))
    fresh = [
        (row, update) for row, update in zip(rows, updates, strict=True) if versions.get(update.pk) == update.version
    ]
    for row in rows:
        row.status, row.reasons = RowStatus.KEPT, [_("Somebody changed it since the import.")]
    outcomes = writer.update([update for _row, update in fresh]) if fresh else []
    for (row, _update), outcome in zip(fresh, outcomes, strict=True):
        if outcome.refusal is not None:
            stale = isinstance(outcome.refusal, StaleWrite)
            row.reasons = row.reasons if stale else [sentence(outcome.refusal)]
        elif moved := (row.before or {}).get("moved"):
            row.reasons = [_("Its fields are as before, except: %(fields)s.") % {"fields": ", ".join(moved)}]
        else:
            row.status, row.reasons = RowStatus.UNDONE, []
    ImportRow.objects.bulk_update(rows, ["status", "reasons"])


def _fields(writer: Writer, row: ImportRow) -> dict[str, Any]:
    before = (row.before or {}).get("fields", {})
    return {column: _python(writer.model, column, value) for column, value in before.items()}


def _python(model: type[models.Model], column: str, value: Any) -> Any:
    if value is None or isinstance(value, list):
        return value
    field: Any = model._meta.get_field(column)
    return field.to_python(value)


def _writer(job: ImportJob, actor: Actor, at: dt.datetime) -> Writer:
    return WRITERS[job.kind](Context(actor, at, Parser(job, date_orders={}), Directory(actor)))


def _remove_extras(job: ImportJob) -> int:
    """Remove what was made beside the rows, the last first; what others refer to by now stays."""
    extras = list(ImportExtra.objects.filter(job=job).order_by("-pk"))
    for extra in extras:
        model: Any = apps.get_model(extra.label)
        row = model._default_manager.filter(pk=extra.target_id).first()
        if (
            row is not None
            and getattr(row, "version", 1) == 1
            and not _with_additions(model, [row.pk], _EXTRA_BELONGINGS)
        ):
            try:
                with transaction.atomic():
                    row.delete()
            except ProtectedError:
                pass
    ImportExtra.objects.filter(job=job).delete()
    return len(extras)


_EXTRA_BELONGINGS = frozenset().union(*BELONGINGS.values())
