"""Blackening the audit: entries keep who, when, where from and which fields, and lose what names the person."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q

from loudou.core import personal_data
from loudou.core.blackening import blacken, blacken_whole
from loudou.core.personal_data import Person, Place, Treatment
from loudou.core.searchtext import matches
from loudou.people.choices import EventCode, Operation
from loudou.people.models import AuditEntry
from loudou.privacy.selectors.places import tied_ids

OWN = {
    "customers_contact": frozenset(
        {"name", "salutation", "phones", "emails", "wechat", "preferred_channel", "birthday", "notes", "external_id"}
    ),
    "customers_post": frozenset({"title", "department"}),
}
"""Columns that are blackened as a whole in entries about the contact and its posts."""

CHUNK = 500


def blacken_audit(person: Person, chosen: Iterable[Place]) -> int:
    """Blacken entries about the contact as a whole, those about its records by name, all others by identifier.

    Needs the open door (`history_may_be_blackened`), and runs after all else, whose entries it blackens too. Values of
    records that are kept are kept in the audit as well. Returns how many entries lost something.
    """
    count = 0
    about = set(AuditEntry.objects.about("customers_contact", person.contact_id).values_list("pk", flat=True))
    by_name = set(_entries_of_records(person, chosen)) - about
    elsewhere = set(_entries_naming(person)) - about - by_name
    for ids, pattern in ((about, person.finds), (by_name, person.finds), (elsewhere, person.identifies)):
        for entry in _locked(ids):
            count += _blacken_entry(entry, person, pattern)
    return count


def _locked(ids: set[int]) -> Iterator[AuditEntry]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        rows = AuditEntry.objects.defer("search_text").filter(pk__in=ordered[start : start + CHUNK])
        yield from rows.order_by("pk")


def _entries_of_records(person: Person, chosen: Iterable[Place]) -> Iterator[int]:
    """Entries about the records tied to the contact, and about those where something was blackened."""
    records: dict[str, set[int]] = defaultdict(set)
    for declaration in personal_data.DECLARATIONS.values():
        if declaration.named(Treatment.SEARCHED):
            records[declaration.label] |= tied_ids(declaration, person)
    for place in chosen:
        records[place.label].add(place.pk)
    for label, ids in records.items():
        table = personal_data.models_to_decide()[label]._meta.db_table
        ordered = sorted(map(str, ids))
        for start in range(0, len(ordered), CHUNK):
            part = ordered[start : start + CHUNK]
            yield from AuditEntry.objects.filter(table_name=table, object_id__in=part).values_list("pk", flat=True)


def _entries_naming(person: Person) -> Iterator[int]:
    """Entries that hold one of the words, by the search index."""
    wanted = Q(pk__in=())
    for word in person.words:
        wanted |= matches(word)
    yield from AuditEntry.objects.filter(wanted).values_list("pk", flat=True)


def _blacken_entry(entry: AuditEntry, person: Person, pattern: re.Pattern[str]) -> bool:
    """Blacken one entry, if it holds anything to be blackened."""
    is_own = _is_own(entry, person)
    if entry.operation == Operation.EVENT:
        pattern = person.finds  # lists that were asked for: what somebody searched is what they meant
    if entry.table_name == EventCode.PERSONAL_DATA_ERASED:
        return False
    before = _side(entry, entry.before, pattern, is_own=is_own)
    after = _side(entry, entry.after, pattern, is_own=is_own)
    reason = blacken(entry.reason, pattern)
    if (before, after, reason) == (entry.before, entry.after, entry.reason):
        return False
    AuditEntry.objects.filter(pk=entry.pk).update(before=before, after=after, reason=reason)
    return True


def _is_own(entry: AuditEntry, person: Person) -> bool:
    whole = f"customers_contact {person.contact_id}"
    return entry.whole == whole or (
        entry.table_name == "customers_contact" and entry.object_id == str(person.contact_id)
    )


def _side(
    entry: AuditEntry, values: dict[str, Any] | None, pattern: re.Pattern[str], *, is_own: bool
) -> dict[str, Any] | None:
    if values is None:
        return None
    own = OWN.get(entry.table_name, frozenset()) if is_own else frozenset()
    searched = _searched(entry)
    made: dict[str, Any] = {}
    for name, value in values.items():
        if name in own:
            made[name] = blacken_whole(value)
        elif searched is None or name in searched:
            made[name] = blacken(value, pattern, keeps_keys=True)
        else:
            made[name] = value
    return made


def _searched(entry: AuditEntry) -> frozenset[str] | None:
    """Columns of the entry's table in which persons are blackened; None for all: events, tables that are gone."""
    if entry.operation == Operation.EVENT:
        return None
    for label, model in personal_data.models_to_decide().items():
        if model._meta.db_table == entry.table_name:
            names = personal_data.DECLARATIONS[label].named(Treatment.SEARCHED, Treatment.HANDLED)
            return frozenset(personal_data.column_of(model, name) for name in names)
    return None
