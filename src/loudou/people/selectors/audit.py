"""Questions about what happened, and how an entry is put into words."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.blackening import MARK
from loudou.core.phrases import labelled
from loudou.core.refusals import NotVisible
from loudou.core.scoping import ScopedQuerySet
from loudou.people.choices import EventCode, ExportOutcome, Operation
from loudou.people.models import AuditEntry

PEOPLE = AuditEntry._meta.app_label
HIDDEN_FIELDS = frozenset({"id", "version", "created_at", "updated_at"})
_UNREAD = ("search_text", "actor__search_text", "actor__password")


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entry in words: its label, and the values before and after ('' for empty)."""

    field: str
    label: str
    before: str
    after: str


def audit_entries(actor: Actor) -> QuerySet[AuditEntry]:
    """All entries the actor may read, newest first; none without audit.view."""
    if not actor.has_permission("audit.view"):
        return AuditEntry.objects.none()
    return AuditEntry.objects.visible_to(actor).select_related("actor").defer(*_UNREAD)


def audit_of(actor: Actor, table: str, object_id: int) -> QuerySet[AuditEntry]:
    """What happened to one record the actor can see and to its parts, newest first. Raises NotVisible, as it does."""
    model = audited_models().get(table)
    if model is None:
        raise NotVisible
    reads_all = actor.has_permission("audit.view")
    if model._meta.app_label == PEOPLE and not (reads_all or actor.has_permission("people.manage")):
        raise NotVisible  # colleagues know each other, but not who changed whose roles
    rows = model._default_manager.all()
    if isinstance(rows, ScopedQuerySet):
        rows.get_visible(actor, object_id)
    elif not reads_all:
        raise NotVisible
    return AuditEntry.objects.about(table, object_id).select_related("actor").defer(*_UNREAD)


@lru_cache(maxsize=1)
def audited_models() -> dict[str, type[models.Model]]:
    """Every model with audit triggers, by table name."""
    return {
        model._meta.db_table: model
        for model in apps.get_models()
        if any(trigger.name == "audit_insert" for trigger in getattr(model._meta, "triggers", []))
    }


def describe(entry: AuditEntry) -> str:
    """Say what the entry speaks of, such as 'Opportunity' or 'Failed sign-in'."""
    if entry.operation == Operation.EVENT:
        known = entry.table_name in EventCode.values
        return str(EventCode(entry.table_name).label) if known else entry.table_name
    model = audited_models().get(entry.table_name)
    return capfirst(str(model._meta.verbose_name)) if model else entry.table_name


def changes_of(entries: Iterable[AuditEntry]) -> dict[int, list[Change]]:
    """Put the values of entries into words, by entry id: labels, choices, names instead of ids.

    Names of referenced rows are read once per table, however many entries there are. An entry that the reader may
    see may mention a colleague or a customer by name; the id would be there anyway.
    """
    rows = list(entries)
    names = _Names(rows)
    return {entry.pk: list(_changes(entry, names)) for entry in rows}


def _changes(entry: AuditEntry, names: _Names) -> Iterable[Change]:
    model = audited_models().get(entry.table_name) if entry.operation != Operation.EVENT else None
    before, after = entry.before or {}, entry.after or {}
    columns = [column for column in _ordered(model, {*before, *after}) if column not in HIDDEN_FIELDS]
    whole = (entry.whole or "").partition(" ")[0]
    for column in columns:
        field = _field(model, column)
        if whole and isinstance(field, models.ForeignKey) and field.related_model._meta.db_table == whole:
            continue  # what a part belongs to is said already
        label = capfirst(str(field.verbose_name)) if field is not None else _event_label(column)
        was, now = _text(field, before.get(column), names), _text(field, after.get(column), names)
        if field is None and column == "outcome" and now in ExportOutcome.values:
            now = str(ExportOutcome(now).label)
        if was or now:
            yield Change(column, label, was, now)


def _ordered(model: type[models.Model] | None, columns: set[str]) -> list[str]:
    """Columns in the order of the model's fields; what it no longer has comes last."""
    known = [field.column for field in model._meta.concrete_fields] if model else []
    return [column for column in known if column in columns] + sorted(columns - set(known))


def _field(model: type[models.Model] | None, column: str) -> models.Field[Any, Any] | None:
    if model is None:
        return None
    return next((field for field in model._meta.concrete_fields if field.column == column), None)


def _event_label(column: str) -> str:
    labels = {
        "account": _("Account"),
        "device": _("Device"),
        "provider": _("Identity provider"),
        "why": _("Why"),
        "list": _("List"),
        "query": _("Filters"),
        "columns": _("Columns"),
        "outcome": _("Outcome"),
        "bytes": _("Bytes"),
        "rows": _("Rows"),
        "format": _("Format"),
        "page": _("Page"),
        "address": _("Address"),
        "filters": _("Filters"),
        "file": _("File"),
    }
    return labels.get(column, capfirst(column.replace("_", " ")))


def _text(field: models.Field[Any, Any] | None, value: Any, names: _Names) -> str:
    if value is None or value in ("", []):
        return ""
    if value == MARK:
        return _("erased")
    if isinstance(field, models.ForeignKey):
        return names.name(field.related_model, value)
    if isinstance(value, list):
        return ", ".join(_one(field, item) for item in value)
    if isinstance(value, dict):
        return ", ".join(labelled(key, item) for key, item in value.items())
    return _one(field, value)


def _one(field: models.Field[Any, Any] | None, value: Any) -> str:
    """Put a single value into words: the label of a choice, an instant of the reader's day, yes or no."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, models.DateTimeField):
        return f"{timezone.localtime(dt.datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    return _choices(field).get(value, str(value))


def _choices(field: models.Field[Any, Any] | None) -> dict[Any, str]:
    inner = getattr(field, "base_field", field)
    return {key: str(label) for key, label in getattr(inner, "flatchoices", [])}


class _Names:
    """Names of the rows that entries refer to, read in one statement per table."""

    def __init__(self, entries: Iterable[AuditEntry]) -> None:
        wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
        for entry in entries:
            model = audited_models().get(entry.table_name)
            for values in (entry.before or {}, entry.after or {}):
                for column, value in values.items():
                    field = _field(model, column)
                    if isinstance(field, models.ForeignKey) and value is not None:
                        wanted[field.related_model].add(value)
        self._known = {
            model: {row.pk: str(row) for row in model._default_manager.filter(pk__in=ids)}
            for model, ids in wanted.items()
        }

    def name(self, model: type[models.Model], pk: Any) -> str:
        """Return the row's name, or its number when it is gone."""
        return self._known.get(model, {}).get(pk, f"#{pk}")
