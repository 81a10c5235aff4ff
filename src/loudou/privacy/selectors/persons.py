"""What a contact is and was called: today's values and, from the audit, the former ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from loudou.core.blackening import MARK
from loudou.core.personal_data import Person
from loudou.customers.identities import Identity, identities_of
from loudou.customers.models import Contact, Post
from loudou.people.models import AuditEntry

NAMING, IDENTIFYING = ("name",), ("phones", "emails", "wechat", "external_id")
OTHER = ("salutation", "notes", "birthday", "title", "department")
FEWEST = 2
"""Identifiers and other values shorter than this mean nothing by themselves."""


def person_of(contact: Contact) -> Person:
    """The contact as one looks for it: present and former names, numbers, addresses and other values."""
    values: dict[str, set[str]] = {name: set() for name in (*NAMING, *IDENTIFYING, *OTHER)}
    for facts in _versions(contact):
        for name, found in values.items():
            found.update(_texts(facts.get(name)))
    identifiers = {text for name in IDENTIFYING for text in values[name]}
    return Person(
        contact_id=contact.pk,
        names=frozenset(values["name"]),
        identifiers=frozenset(text for text in identifiers if len(text) > FEWEST),
        values=frozenset(text for name in OTHER for text in values[name] if len(text) >= FEWEST),
    )


def former_identities(contact: Contact) -> list[Identity]:
    """Phones, mails, WeChat names and foreign ids the contact ever had."""
    found: list[Identity] = []
    for facts in _versions(contact):
        texts = {name: _texts(facts.get(name)) for name in IDENTIFYING}
        found += identities_of(
            SimpleNamespace(
                phones=texts["phones"],
                emails=texts["emails"],
                wechat="".join(texts["wechat"]),
                external_id="".join(texts["external_id"]),
            )
        )
    return list(dict.fromkeys(found))


def _versions(contact: Contact) -> Iterator[dict[str, Any]]:
    """The contact's and its posts' values as they are, and as they were before and after each change."""
    yield {name: getattr(contact, name, None) for name in (*NAMING, *IDENTIFYING, *OTHER)}
    for title, department in Post.objects.filter(contact=contact).values_list("title", "department"):
        yield {"title": title, "department": department}
    entries = AuditEntry.objects.about("customers_contact", contact.pk)
    for before, after in entries.order_by("pk").values_list("before", "after"):
        yield from (side for side in (before, after) if side)


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    items: Iterable[Any] = value if isinstance(value, list) else [value]
    return [text for item in items if (text := str(item).strip()) and MARK not in text]
