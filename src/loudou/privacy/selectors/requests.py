"""Questions about the register of requests."""

from __future__ import annotations

from loudou.core.actors import Actor
from loudou.customers.models import Contact
from loudou.privacy.models import PersonalDataRequest, RequestQuerySet


def requests_register(actor: Actor) -> RequestQuerySet:
    """Requests the actor may see, newest first, with contact and people."""
    rows = PersonalDataRequest.objects.visible_to(actor).select_related("contact", "recorded_by", "done_by")
    return rows.defer("contact__search_text", "recorded_by__search_text", "done_by__search_text")


def requests_of(actor: Actor, contact: Contact) -> RequestQuerySet:
    """Requests about one visible contact, newest first."""
    return requests_register(actor).filter(contact=contact)


def open_request(contact: Contact, kind: str) -> PersonalDataRequest | None:
    """The request of a kind that waits for its answer, if any."""
    return PersonalDataRequest.objects.open().filter(contact=contact, kind=kind).first()
