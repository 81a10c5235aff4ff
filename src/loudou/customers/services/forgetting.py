"""Emptying a contact, and keeping what was erased from coming back unnoticed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from loudou.core.actors import Actor
from loudou.core.refusals import BusinessRefusal, PermissionRefused
from loudou.customers.errors import PersonForgotten, ReasonMissing
from loudou.customers.identities import Identity, digest, digests, identities_of
from loudou.customers.models import Contact, ForgottenIdentity, Post
from loudou.customers.services.drafts import ContactDraft
from loudou.people.choices import EventCode
from loudou.people.services.events import record_event

RECORD_AGAIN = "privacy.answer"
"""Permission of whoever may record a person again in spite of an erasure."""

LONGEST_REASON = 500


def empty_contact(contact: Contact, *, former: Iterable[Identity] = (), at: dt.datetime) -> None:
    """Make an empty shell of a locked contact, and remember its identities as digests; `former` are those it once had.

    Posts keep customer and days. Who is not to be called, mailed or messaged stays so. The caller, an erasure, has
    asked for permission and blackens the history.
    """
    _remember([*identities_of(contact), *former], contact, at=at)
    contact.name = f"Erased contact 已删除联系人 #{contact.pk}"
    contact.salutation = contact.wechat = contact.preferred_channel = contact.notes = contact.external_id = ""
    contact.phones, contact.emails, contact.birthday = [], [], None
    contact.do_not_call = contact.do_not_mail = contact.do_not_message = True
    contact.wants_festival_greetings = False
    contact.erased_at = at
    contact.save_changes(
        "name", "salutation", "phones", "emails", "wechat", "preferred_channel", "do_not_call", "do_not_mail",
        "do_not_message", "birthday", "wants_festival_greetings", "notes", "external_id", "erased_at",
    )  # fmt: skip
    Post.objects.filter(contact=contact).update(title="", department="")


def refusals_of_forgotten(actor: Actor, drafts: Sequence[ContactDraft]) -> dict[int, BusinessRefusal]:
    """Refuse drafts of people who were erased, by place; one statement, however many drafts.

    A draft with a reason (`despite_erasure`) passes for whoever may decide that, and `welcome_again` then records it.
    """
    wanted = {identity: place for place, draft in enumerate(drafts) for identity in identities_of(draft)}
    found = forgotten(wanted)
    refusals: dict[int, BusinessRefusal] = {}
    for place, draft in enumerate(drafts):
        met = [identity for identity in identities_of(draft) if identity in found]
        if draft.despite_erasure:
            allowed = actor.has_permission(RECORD_AGAIN)
            if not allowed:
                refusals[place] = PermissionRefused()
            elif not draft.despite_erasure.strip():
                refusals[place] = ReasonMissing()
        elif met:
            refusals[place] = PersonForgotten(kind=met[0][0].label)
    return refusals


def welcome_again(actor: Actor, contacts: Mapping[int, tuple[Contact, str]]) -> None:
    """Take the identities of contacts recorded again from the list, and write down why: (contact, reason) by place."""
    for contact, reason in contacts.values():
        known = digests(identities_of(contact))
        rows = ForgottenIdentity.objects.filter(digest__in=known)
        former = sorted(set(rows.values_list("contact_id", flat=True)))
        rows.delete()
        record_event(
            actor,
            EventCode.RECORDED_AGAIN,
            at=contact.created_at,
            details={"why": reason.strip()[:LONGEST_REASON], "erased_contacts": former},
            object_id=contact.pk,
        )


def forgotten(identities: Iterable[Identity]) -> set[Identity]:
    """Those of the identities that belonged to somebody who was erased. One statement, none without identities."""
    known = digests(identities)
    if not known:
        return set()
    stored = ForgottenIdentity.objects.filter(digest__in=known).values_list("digest", flat=True)
    return {known[each] for each in stored}


def _remember(identities: Iterable[Identity], contact: Contact, *, at: dt.datetime) -> None:
    rows = []
    for identity in dict.fromkeys(identities):
        made, key_mark = digest(identity)
        rows.append(ForgottenIdentity(contact=contact, kind=identity[0], digest=made, key_mark=key_mark, created_at=at))
    ForgottenIdentity.objects.bulk_create(rows, ignore_conflicts=True)
