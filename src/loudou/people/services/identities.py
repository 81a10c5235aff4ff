"""Whom an identity provider vouches for. Asked before there is an actor, so no permission is checked for finding."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.refusals import BusinessRefusal
from loudou.core.verbs import lock, service
from loudou.people.choices import EventCode
from loudou.people.errors import IdentityChanged, IdentityUnknown
from loudou.people.models import ExternalIdentity, User
from loudou.people.services.events import record_event


@dataclass(frozen=True, slots=True)
class Identity:
    """What a provider says, after its signature was verified: who it is, and their mail address when it checked it."""

    issuer: str
    subject: str
    verified_email: str


def user_of_identity(said: Identity, *, at: dt.datetime) -> User:
    """Return the active user a provider vouches for; the first time, the verified mail address links the two.

    Afterwards only the provider's own id counts: an address that is given to a new colleague opens nothing.
    Raises IdentityUnknown, IdentityChanged.
    """
    try:
        return _linked(said) or _link(said, at=at)
    except BusinessRefusal as refusal:
        record_event(None, EventCode.SIGN_IN_FAILED, at=at, details={"provider": said.issuer, "why": refusal.code})
        raise


@service("people.manage")
def forget_identities(actor: Actor, user_id: int) -> User:
    """Cut the links of a user to identity providers; the next sign-in links anew by mail. Raises NotVisible."""
    user = lock(User.objects.visible_to(actor), user_id)
    ExternalIdentity.objects.filter(user=user).delete()
    return user


def _linked(said: Identity) -> User | None:
    known = ExternalIdentity.objects.select_related("user").filter(issuer=said.issuer, subject=said.subject).first()
    if known is not None and not known.user.is_active:
        raise IdentityUnknown
    return known.user if known else None


@transaction.atomic
def _link(said: Identity, *, at: dt.datetime) -> User:
    found = User.objects.get_queryset().active().filter(email__iexact=said.verified_email)
    user = found.select_for_update(no_key=True).first() if said.verified_email else None
    if user is None:
        raise IdentityUnknown
    audit.bind(user)
    identity, _made = ExternalIdentity.objects.get_or_create(
        user=user, issuer=said.issuer, defaults={"subject": said.subject, "created_at": at}
    )
    if identity.subject != said.subject:
        raise IdentityChanged
    return user
