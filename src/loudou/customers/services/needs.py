"""That somebody verified a customer's need: an explicit act with who, how, when and on what evidence."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.rates import company
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import lock, service
from loudou.customers.choices import EvidenceKind, NeedSource
from loudou.customers.errors import NeedNotVerified, ReasonMissing
from loudou.customers.models import Contact, Customer, StandingEvidence
from loudou.customers.phases import EvidenceSubject
from loudou.customers.services.evidence import record_evidence

LONGEST_TEXT = 255
NOON = dt.time(12)


@service("customers.verify")
def verify_need(
    actor: Actor,
    customer_id: int,
    *,
    how: str,
    evidence: str,
    on: dt.date,
    at: dt.datetime,
    contact_id: int | None = None,
) -> Customer:
    """Record that the need was verified on a day, how, by whose word, and what shows it; again replaces what was said.

    `how` is a NeedSource. Raises NotVisible, ReasonMissing, InvalidInput (at `on`, `how`, `contact`, `evidence`).
    """
    customer = lock(Customer.objects.visible_to(actor), customer_id)
    text = evidence.strip()
    if not text:
        raise ReasonMissing
    if len(text) > LONGEST_TEXT:
        raise InvalidInput({"evidence": [_("Use at most %(count)s characters.") % {"count": LONGEST_TEXT}]})
    if how not in NeedSource.values:
        raise InvalidInput({"how": [_("Say how you learned of the need.")]})
    contact = _contact(actor, contact_id)
    zone = ZoneInfo(company().time_zone)
    today = at.astimezone(zone).date()
    if on > today:
        raise InvalidInput({"on": [_("This day is still to come.")]})
    record_evidence(
        actor,
        customer.pk,
        kind=EvidenceKind.NEED_VERIFIED,
        subject=EvidenceSubject(Customer._meta.label_lower, customer.pk, text),
        holds=True,
        at=at if on == today else dt.datetime.combine(on, NOON, zone),
        cause=text,
        facts={"how": how, "on": on, "contact_id": contact_id, "contact": contact.name if contact else ""},
        now=at,
    )
    customer.refresh_from_db(fields=["phase", "phase_since"])
    return customer


@service("customers.verify")
def revoke_need(actor: Actor, customer_id: int, *, reason: str, at: dt.datetime) -> Customer:
    """Record that the need is not there, against what was verified before. Raises NotVisible, NeedNotVerified."""
    customer = lock(Customer.objects.visible_to(actor), customer_id)
    text = reason.strip()
    if not text:
        raise ReasonMissing
    if len(text) > LONGEST_TEXT:
        raise InvalidInput({"reason": [_("Use at most %(count)s characters.") % {"count": LONGEST_TEXT}]})
    subject = EvidenceSubject(Customer._meta.label_lower, customer.pk, text)
    held = StandingEvidence.objects.filter(
        customer=customer, kind=EvidenceKind.NEED_VERIFIED, subject_model=subject.model
    )
    if not held.exists():
        raise NeedNotVerified(customer=customer.name)
    record_evidence(
        actor, customer.pk, kind=EvidenceKind.NEED_VERIFIED, subject=subject, holds=False, at=at, cause=text
    )
    customer.refresh_from_db(fields=["phase", "phase_since"])
    return customer


def _contact(actor: Actor, contact_id: int | None) -> Contact | None:
    if contact_id is None:
        return None
    found = Contact.objects.visible_to(actor).present().filter(pk=contact_id).first()
    if found is None:
        raise InvalidInput({"contact": [_("There is no such contact, or it is not yours to see.")]})
    return found
