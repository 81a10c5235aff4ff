"""Creating and changing contacts, one or many at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, RowUpdate, change_rows, clean_row, create_rows
from loudou.core.refusals import BusinessRefusal, NotVisible, PermissionRefused
from loudou.core.verbs import lock_all, service
from loudou.customers import registration
from loudou.customers.errors import ContactErased, OwnerNotAvailable, PersonForgotten
from loudou.customers.identities import identities_of
from loudou.customers.models import Contact, Customer, Post
from loudou.customers.services.drafts import ContactDraft
from loudou.customers.services.forgetting import forgotten, refusals_of_forgotten, welcome_again
from loudou.customers.services.owners import available_owners, choose_owner
from loudou.customers.services.posts import check_dates, post_of

CHANGEABLE = frozenset(ContactDraft.__dataclass_fields__) - {"post", "despite_erasure"}
"""Fields that `update_contact` takes; `owner_id` needs `customers.assign`."""

_NORMALIZE: dict[str, Callable[[Any], Any]] = {
    "notes": str.strip,
    "phones": lambda phones: registration.normalize_each(phones, registration.normalize_phone),
    "emails": lambda mails: registration.normalize_each(mails, registration.normalize_email),
}


def create_contact(actor: Actor, draft: ContactDraft) -> Contact:
    """Create one contact, with the first post if given. Raises InvalidInput, NotVisible, OwnerNotAvailable,
    PersonForgotten.
    """
    return create_contacts(actor, [draft])[0].unwrap()


@service("customers.add")
def create_contacts(actor: Actor, drafts: Sequence[ContactDraft]) -> list[Outcome[Contact]]:
    """Create many contacts and their posts with a constant number of statements; one outcome per draft, in order."""
    owners = available_owners(draft.owner_id for draft in drafts)
    wanted = {draft.post.customer_id for draft in drafts if draft.post is not None}
    customers = {c.pk: c for c in Customer.objects.visible_to(actor).filter(pk__in=wanted)} if wanted else {}
    rows: list[Contact] = []
    refusals: dict[int, BusinessRefusal] = refusals_of_forgotten(actor, drafts)
    for place, draft in enumerate(drafts):
        row = Contact(**{name: _normalize(name, getattr(draft, name)) for name in CHANGEABLE})
        row.owner_id, refusal = choose_owner(actor, draft.owner_id, available=owners)
        if draft.post is not None:
            known = draft.post.customer_id in customers
            refusal = refusal or (check_dates(post_of(row, draft.post)) if known else NotVisible())
        refusal = clean_row(row) or refusal
        rows.append(row)
        if refusal is not None:
            refusals.setdefault(place, refusal)
    outcomes = create_rows(rows, refusals, Contact.objects.bulk_create)
    Post.objects.bulk_create(
        post_of(outcome.row, draft.post)
        for outcome, draft in zip(outcomes, drafts, strict=True)
        if outcome.row is not None and draft.post is not None
    )
    welcome_again(
        actor,
        {
            place: (outcome.row, drafts[place].despite_erasure)
            for place, outcome in enumerate(outcomes)
            if outcome.row is not None and drafts[place].despite_erasure
        },
    )
    return outcomes


def update_contact(
    actor: Actor, contact_id: int, *, changes: dict[str, Any], version: int | None = None, at: dt.datetime
) -> Contact:
    """Change fields of one contact (see CHANGEABLE). Raises NotVisible, StaleWrite, InvalidInput,
    ContactErased, PersonForgotten.
    """
    return update_contacts(actor, [RowUpdate(contact_id, changes, version)], at=at)[0].unwrap()


@service("customers.change")
def update_contacts(actor: Actor, updates: Sequence[RowUpdate], *, at: dt.datetime) -> list[Outcome[Contact]]:
    """Change many contacts, each in its own way, with a constant number of statements; one outcome per update."""
    owners = available_owners(update.changes.get("owner_id") for update in updates)
    found = forgotten(identity for update in updates for identity in identities_of(_Given(update.changes)))

    def check(row: Contact, changed: Sequence[str]) -> BusinessRefusal | None:
        if row.erased_at is not None:
            return ContactErased.of(row)
        met = found and [identity for identity in identities_of(row) if identity in found]
        if met:
            return PersonForgotten(kind=met[0][0].label)
        if "owner_id" not in changed:
            return None
        if not actor.has_permission("customers.assign"):
            return PermissionRefused()
        return None if row.owner_id is None or row.owner_id in owners else OwnerNotAvailable()

    locked = lock_all(Contact.objects.visible_to(actor), [update.pk for update in updates])
    return change_rows(locked, updates, changeable=CHANGEABLE, normalize=_normalize, check=check, at=at)


class _Given:
    """Identities among the changes of an update; what is not changed is none."""

    def __init__(self, changes: Mapping[str, Any]) -> None:
        self.phones: Sequence[str] = changes.get("phones") or ()
        self.emails: Sequence[str] = changes.get("emails") or ()
        self.wechat: str = changes.get("wechat") or ""
        self.external_id: str = changes.get("external_id") or ""


def _normalize(field: str, value: Any) -> Any:
    if field in _NORMALIZE:
        return _NORMALIZE[field](value)
    return registration.normalize_name(value) if isinstance(value, str) else value
