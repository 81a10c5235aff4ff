"""What happened to a record, ready for the fragment `people/_history.html`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.people import selectors
from loudou.people.models import AuditEntry, User
from loudou.people.selectors import Change

SHOWN = 20
SOURCES = (
    ("web", _("Pages")),
    ("api", _("API")),
    ("import", _("Import")),
    ("command", _("Command line")),
    ("job", _("Background job")),
    ("shell", _("Python shell")),
    ("database", _("Database, past Loudou")),
)


def source_name(source: str) -> str:
    """Name where a change came from."""
    return str(dict(SOURCES).get(source, source))


@dataclass(frozen=True, slots=True)
class Happening:
    """One audit entry in words."""

    entry: AuditEntry
    subject: str
    changes: list[Change]

    @property
    def source(self) -> str:
        """Where it came from, in words; pages are the usual way and are not named."""
        return "" if self.entry.source == "web" else source_name(self.entry.source)


@dataclass(frozen=True, slots=True)
class History:
    """The latest happenings of one record, and whether there are more."""

    table: str
    object_id: int
    happenings: list[Happening]
    has_more: bool

    @property
    def whole(self) -> str:
        """How entries about parts of the record name it."""
        return f"{self.table} {self.object_id}"


def history_of(reader: User, record: models.Model, *, most: int = SHOWN) -> History:
    """Read the history of a record that the reader can see. Raises NotVisible."""
    return history(reader, record._meta.db_table, record.pk, most=most)


def history(reader: User, table: str, object_id: int, *, most: int) -> History:
    """Read the latest entries of a row (three statements and one per referenced table). Raises NotVisible."""
    found = list(selectors.audit_of(reader, table, object_id)[: most + 1])
    return History(table, object_id, in_words(found[:most]), has_more=len(found) > most)


def in_words(entries: list[AuditEntry]) -> list[Happening]:
    """Put entries into words; those in which nothing readable changed are left out."""
    changes = selectors.changes_of(entries)
    return [
        Happening(entry, selectors.describe(entry), changes[entry.pk])
        for entry in entries
        if changes[entry.pk] or entry.operation != "update"
    ]
