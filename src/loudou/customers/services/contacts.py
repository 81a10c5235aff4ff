"""Creating and changing contacts, one or many at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, RowUpdate
from loudou.core.verbs import service
from loudou.customers.models import Contact
from loudou.customers.services.drafts import ContactDraft

CHANGEABLE = frozenset(ContactDraft.__dataclass_fields__) - {"post"}
"""Fields that `update_contact` takes; `owner_id` needs `customers.assign`."""


def create_contact(actor: Actor, draft: ContactDraft) -> Contact:
    """Create one contact, with the first post if given. Raises InvalidInput, NotVisible, OwnerNotAvailable."""
    return create_contacts(actor, [draft])[0].unwrap()


@service("customers.add")
def create_contacts(actor: Actor, drafts: Sequence[ContactDraft]) -> list[Outcome[Contact]]:
    """Create many contacts and their posts with a constant number of statements; one outcome per draft, in order."""
    raise NotImplementedError


def update_contact(
    actor: Actor, contact_id: int, *, changes: dict[str, Any], version: int | None = None, at: dt.datetime
) -> Contact:
    """Change fields of one contact (see CHANGEABLE). Raises NotVisible, StaleWrite, InvalidInput."""
    return update_contacts(actor, [RowUpdate(contact_id, changes, version)], at=at)[0].unwrap()


@service("customers.change")
def update_contacts(actor: Actor, updates: Sequence[RowUpdate], *, at: dt.datetime) -> list[Outcome[Contact]]:
    """Change many contacts, each in its own way, with a constant number of statements; one outcome per update."""
    raise NotImplementedError
