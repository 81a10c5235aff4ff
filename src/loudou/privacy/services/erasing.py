"""Erasing a contact: one transaction in which the person goes and everything that refers to it stays whole."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from loudou.core import personal_data
from loudou.core.actors import Actor
from loudou.core.blackening import MARK, blacken, history_may_be_blackened
from loudou.core.models.base import Versioned
from loudou.core.personal_data import KEEPERS, Person, Place, Treatment
from loudou.core.verbs import service
from loudou.customers.services.forgetting import empty_contact
from loudou.people.choices import EventCode
from loudou.people.services.events import record_event
from loudou.privacy.choices import RequestKind
from loudou.privacy.errors import NameNotConfirmed, PlacesChanged
from loudou.privacy.models import PersonalDataRequest
from loudou.privacy.selectors.persons import former_identities, person_of
from loudou.privacy.selectors.places import places_of, shown
from loudou.privacy.selectors.requests import open_request
from loudou.privacy.services.blackening_audit import blacken_audit
from loudou.privacy.services.requests import Asked, answer, lock_contact, new_request


@service("privacy.answer")
def erase_contact(
    actor: Actor,
    contact_id: int,
    *,
    confirmation: str,
    asked: Asked,
    at: dt.datetime,
    places: Collection[str] | None = None,
    seen: str | None = None,
) -> PersonalDataRequest:
    """Empty a contact, blacken what names it elsewhere, and note both in the audit and in the register.

    `confirmation` is the contact's name, typed. `places` are the keys of the places to blacken or delete; without them,
    all where the person is surely meant. `seen` is the digest of the preview (`selectors.shown`). What is kept as a
    record of the business stays. Returns the answered request, an open one or a new one.
    Raises NotVisible, ContactErased, NameNotConfirmed, PlacesChanged, AskedInTheFuture, GroundNeedsNote, InvalidInput.
    """
    contact = lock_contact(actor, contact_id)
    if " ".join(confirmation.split()) != " ".join(contact.name.split()):
        raise NameNotConfirmed(contact=contact.name)
    person, former = person_of(contact), former_identities(contact)
    found = places_of(person)
    if seen is not None and shown(found) != seen:
        raise PlacesChanged
    chosen = [place for place in found if _is_chosen(place, places)]
    request = open_request(contact, RequestKind.ERASE)
    if request is None:
        asked = Asked(on=asked.on, way=asked.way, ground=asked.ground, note=person.finds.sub(MARK, asked.note))
        request = new_request(actor, contact, kind=RequestKind.ERASE, asked=asked, at=at)
    kept = sum(place.treatment == Treatment.KEPT for place in found)
    counts = {"erased": len(chosen), "kept": kept, "left": len(found) - len(chosen) - kept}
    details = {"ground": request.ground, "asked_on": request.asked_on.isoformat(), "request": request.pk, **counts}
    event = record_event(actor, EventCode.PERSONAL_DATA_ERASED, at=at, details=details, object_id=contact.pk)
    with history_may_be_blackened(event.pk):
        empty_contact(contact, former=former, at=at)
        _blacken(person, chosen, at=at)
        counts["entries"] = blacken_audit(person, chosen)
    request.refresh_from_db()
    return answer(actor, request, counts=counts, at=at)


def _is_chosen(place: Place, places: Collection[str] | None) -> bool:
    if place.treatment == Treatment.KEPT:
        return False
    return place.is_sure if places is None else place.key in places


def _blacken(person: Person, chosen: Iterable[Place], *, at: dt.datetime) -> None:
    """Blacken texts of rows, and leave the rest to the keepers."""
    texts: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    kept: dict[str, list[Place]] = defaultdict(list)
    for place in chosen:
        if place.treatment == Treatment.HANDLED or (place.label in KEEPERS and place.field in _handled(place.label)):
            kept[place.label].append(place)
        else:
            texts[place.label][place.pk].add(place.field)
    for label in sorted(texts):
        _blacken_rows(label, texts[label], person, at=at)
    for name in sorted(kept):
        KEEPERS[name].erase(person, _in_order(kept[name]), at)


def _handled(label: str) -> tuple[str, ...]:
    return personal_data.DECLARATIONS[label].named(Treatment.HANDLED)


def _in_order(places: Iterable[Place]) -> Sequence[Place]:
    return sorted(places, key=lambda place: place.pk)


def _blacken_rows(label: str, wanted: dict[int, set[str]], person: Person, *, at: dt.datetime) -> None:
    """Lock rows in order and blacken the named fields of each."""
    model = personal_data.models_to_decide()[label]
    rows = model._base_manager.select_for_update(no_key=True, of=("self",)).filter(pk__in=sorted(wanted)).order_by("pk")
    for row in rows:
        changes = {name: _blackened(row, name, person) for name in sorted(wanted[row.pk])}
        if isinstance(row, Versioned):
            changes |= {"version": row.version + 1, "updated_at": at}
        model._base_manager.filter(pk=row.pk).update(**changes)


def _blackened(row: models.Model, name: str, person: Person) -> Any:
    """A field's value without the person; of a list of phones or mails the person's own go."""
    each: Any = row._meta.get_field(name)
    value = blacken(getattr(row, name), person.finds)
    if isinstance(each, ArrayField):
        return [item for item in value if item != MARK]
    if isinstance(value, str) and getattr(each, "max_length", None):
        return value[: each.max_length]  # a mark may be longer than the name it stands for
    return value
