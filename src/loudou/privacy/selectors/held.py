"""Everything held about a contact, as plain values: what a copy of personal data is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst

from loudou.core.actors import Actor
from loudou.core.personal_data import Treatment
from loudou.customers.models import Contact, Post
from loudou.customers.selectors import get_contact
from loudou.exchange.choices import ObjectKind
from loudou.exchange.models import ImportRow
from loudou.people.choices import EventCode
from loudou.people.models import AuditEntry
from loudou.people.selectors.audit import changes_of, describe
from loudou.privacy.models import PersonalDataRequest
from loudou.privacy.selectors.persons import person_of
from loudou.privacy.selectors.places import places_of

Held = dict[str, Any]
HIDDEN = frozenset({"id", "version", "search_text", "erased_at", "contact"})


def held_about(actor: Actor, contact_id: int) -> Held:
    """Fields, posts, records that refer to the contact, texts that name it, sources, history, exports and requests.

    Whoever answers requests sees it whole, whatever else they see: a copy that leaves something out is none. The caller
    has asked for `privacy.answer`. Raises NotVisible when the actor does not see the contact.
    """
    contact = get_contact(actor, contact_id)
    history = list(AuditEntry.objects.about("customers_contact", contact.pk).select_related("actor").order_by("pk"))
    return {
        "contact": {"id": contact.pk, **_facts(contact)},
        "posts": [_facts(post) for post in Post.objects.filter(contact=contact).select_related("customer")],
        "records": list(_records(contact)),
        "named": [
            {
                "record": f"{place.label} {place.pk}",
                "kind": _noun(place.label),
                "field": place.field,
                "text": place.text,
                "kept_because": str(place.because) if place.treatment == Treatment.KEPT else "",
            }
            for place in places_of(person_of(contact))
            if place.is_sure
        ],
        "sources": list(_sources(contact, history)),
        "history": list(_history(history)),
        "exports": list(_exports(contact)),
        "requests": [_facts(request) for request in PersonalDataRequest.objects.filter(contact=contact)],
    }


def label_of(name: str) -> str:
    """What a field of contacts, posts or requests is called on the pages."""
    for model in (Contact, Post, PersonalDataRequest):
        for each in model._meta.concrete_fields:
            if each.name == name:
                return capfirst(str(each.verbose_name))
    return name


def _facts(row: models.Model) -> Held:
    """Fields of a row by name; references as their names."""
    facts: Held = {}
    for each in row._meta.concrete_fields:
        if each.name in HIDDEN:
            continue
        value = getattr(row, each.name)
        shows = f"get_{each.name}_display"
        facts[each.name] = _plain(getattr(row, shows)() if hasattr(row, shows) and value else value)
    return facts


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return str(value)


def _noun(label: str) -> str:
    return capfirst(str(apps.get_model(label)._meta.verbose_name))


def _records(contact: Contact) -> Iterator[Held]:
    """Rows of any module that refer to the contact, such as opportunities it takes part in and contracts it signed."""
    beside = {Post, PersonalDataRequest}
    relations: list[Any] = list(Contact._meta.get_fields(include_hidden=True))
    for relation in relations:
        if not (relation.auto_created and relation.one_to_many):
            continue
        model: Any = relation.related_model
        if model in beside or model._meta.label_lower == "customers.forgottenidentity":
            continue
        for row in model._base_manager.filter(**{relation.remote_field.name: contact}).order_by("pk"):
            yield {
                "record": f"{model._meta.label_lower} {row.pk}",
                "kind": capfirst(str(model._meta.verbose_name)),
                "as": capfirst(str(relation.remote_field.verbose_name)),
                "name": _name_of(row),
            }


def _name_of(row: Any) -> str:
    """What tells the record: the one it is a part of, when it is a part."""
    for part_of in ("opportunity", "contract", "delivery"):
        whole = getattr(row, part_of, None)
        if whole is not None:
            return f"{whole} · {row}" if str(row) != str(getattr(row, "contact", "")) else str(whole)
    return str(row)


def _sources(contact: Contact, history: Iterable[AuditEntry]) -> Iterator[Held]:
    """Who entered the contact, when and from where, and the files that brought or changed it."""
    for entry in history:
        if entry.operation == "insert" and entry.table_name == "customers_contact":
            yield {"at": _plain(entry.at), "by": str(entry.actor or ""), "from": entry.source, "file": ""}
    rows = ImportRow.objects.filter(job__kind=ObjectKind.CONTACTS, target_id=contact.pk).select_related(
        "job__created_by"
    )
    for row in rows.order_by("pk"):
        at = row.job.started_at or row.job.created_at
        yield {
            "at": _plain(at), "by": str(row.job.created_by or ""), "from": "import",
            "file": f"{row.job.file_name}, {row.number}",
        }  # fmt: skip


def _history(entries: list[AuditEntry]) -> Iterator[Held]:
    words = changes_of(entries)
    for entry in entries:
        yield {
            "at": _plain(entry.at),
            "by": str(entry.actor or ""),
            "from": entry.source,
            "what": entry.get_operation_display(),
            "of": describe(entry),
            "changes": [
                {"field": change.label, "before": change.before, "after": change.after} for change in words[entry.pk]
            ],
        }


def _exports(contact: Contact) -> Iterator[Held]:
    """Copies of this contact's data that were made, and exports of lists that were asked for by its name or numbers."""
    person = person_of(contact)
    events = AuditEntry.objects.filter(table_name=EventCode.EXPORTED).select_related("actor").order_by("pk")
    own = f"/contacts/{contact.pk}/"
    for entry in events.filter(after__has_any_keys=["filters", "address"]).iterator():
        facts = entry.after or {}
        text = f"{facts.get('filters', '')} {facts.get('address', '')}"
        if own in text or person.finds.search(text):
            yield {"at": _plain(entry.at), "by": str(entry.actor or ""), "list": facts.get("list", "")}
