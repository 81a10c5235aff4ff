"""Recording requests about personal data and their answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from loudou.core.actors import Actor
from loudou.core.verbs import lock, service, validate
from loudou.customers.errors import ContactErased
from loudou.customers.models import Contact
from loudou.privacy.choices import Ground, RequestKind, Way
from loudou.privacy.errors import AskedInTheFuture, GroundNeedsNote, RequestAlreadyOpen
from loudou.privacy.models import PersonalDataRequest
from loudou.privacy.selectors.requests import open_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Why something is done with a person's data: the ground, the day and the way of the request, a note."""

    on: dt.date
    way: str = Way.MAIL
    ground: str = Ground.REQUEST
    note: str = ""


@service("privacy.answer")
def record_request(actor: Actor, contact_id: int, *, kind: str, asked: Asked, at: dt.datetime) -> PersonalDataRequest:
    """Write a request into the register, to be answered within LOUDOU_PERSONAL_DATA_DAYS.

    Raises NotVisible, ContactErased, RequestAlreadyOpen, AskedInTheFuture, GroundNeedsNote, InvalidInput.
    """
    contact = lock_contact(actor, contact_id)
    if (present := open_request(contact, kind)) is not None:
        raise RequestAlreadyOpen(asked_on=present.asked_on)
    return new_request(actor, contact, kind=kind, asked=asked, at=at)


def lock_contact(actor: Actor, contact_id: int) -> Contact:
    """Lock a contact that was not erased. Raises NotVisible, ContactErased."""
    contact = lock(Contact.objects.visible_to(actor), contact_id)
    if contact.erased_at is not None:
        raise ContactErased.of(contact)
    return contact


def new_request(actor: Actor, contact: Contact, *, kind: str, asked: Asked, at: dt.datetime) -> PersonalDataRequest:
    """Make and check the row of a request. Raises AskedInTheFuture, GroundNeedsNote, InvalidInput."""
    today = timezone.localtime(at).date()
    if asked.on > today:
        raise AskedInTheFuture(asked_on=asked.on)
    if asked.ground == Ground.OTHER and not asked.note.strip():
        raise GroundNeedsNote
    request = PersonalDataRequest(
        contact=contact,
        kind=RequestKind(kind),
        ground=asked.ground,
        asked_on=asked.on,
        way=asked.way,
        due_on=asked.on + dt.timedelta(days=settings.PERSONAL_DATA_DAYS),
        note=" ".join(asked.note.split()),
        recorded_by_id=actor.pk,
    )
    validate(request)
    request.save()
    return request


def answer(
    actor: Actor, request: PersonalDataRequest, *, counts: Mapping[str, int], at: dt.datetime
) -> PersonalDataRequest:
    """Note that a request was answered, by whom, and how much it was about."""
    request.done_at, request.done_by_id, request.counts = at, actor.pk, dict(counts)
    request.save_changes("done_at", "done_by", "counts")
    return request
