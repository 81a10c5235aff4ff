"""Questions about contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from django.db.models import QuerySet

from loudou.core.actors import Actor
from loudou.customers.models import Contact, Customer, Post
from loudou.customers.models.contact import ContactQuerySet

MatchKey = Literal["name", "external_id", "emails", "phones"]


def contact_rows(actor: Actor) -> ContactQuerySet:
    """Contacts the actor may see, with their owners, ready for a list, an export or the API."""
    return Contact.objects.visible_to(actor).select_related("owner")


def get_contact(actor: Actor, contact_id: int) -> Contact:
    """One contact with its owner. Raises NotVisible."""
    return contact_rows(actor).get_visible(actor, contact_id)


def contacts_of(actor: Actor, customer: Customer) -> QuerySet[Post]:
    """Posts at a visible customer with their contacts, present ones first."""
    return Post.objects.filter(customer__in=Customer.objects.visible_to(actor).filter(pk=customer.pk)).select_related(
        "contact"
    )


def contacts_by(actor: Actor, key: MatchKey, values: Iterable[str]) -> dict[str, list[int]]:
    """Ids of the visible contacts by a matching key, for many values with one statement; keys in lower case."""
    wanted = {value.strip().lower() for value in values} - {""}
    found: dict[str, list[int]] = defaultdict(list)
    if not wanted:
        return {}
    is_list = key in ("emails", "phones")
    condition = {f"{key}__overlap": sorted(wanted)} if is_list else {f"{key}__lower__in": wanted}
    for pk, value in Contact.objects.visible_to(actor).filter(**condition).order_by("pk").values_list("pk", key):
        for one in value if is_list else [value]:
            if one.lower() in wanted:
                found[one.lower()].append(pk)
    return dict(found)
