"""Questions about contacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject, Lower

from loudou.core.actors import Actor
from loudou.customers.models import Contact, Customer, Post
from loudou.customers.models.contact import ContactQuerySet
from loudou.customers.registration import normalize_email, normalize_name, normalize_phone

MatchKey = Literal["name", "external_id", "emails", "phones"]
PRESENT_FIRST = F("ended_on").desc(nulls_first=True)


def contact_rows(actor: Actor) -> ContactQuerySet:
    """Contacts the actor may see, with their owners, ready for a list, an export or the API."""
    return Contact.objects.visible_to(actor).select_related("owner").defer("search_text", "owner__search_text")


def contact_rows_with_posts(actor: Actor) -> ContactQuerySet:
    """Contacts, not erased, with `present_posts`: `customer`, `customer_id`, `title`, `department` of open posts.

    Posts at customers that the actor does not see are left out.
    """
    posts = (
        Post.objects.filter(
            contact=OuterRef("pk"), ended_on__isnull=True, customer__in=Customer.objects.visible_to(actor)
        )
        .order_by("-started_on", "-pk")
        .values(
            post=JSONObject(
                customer_id="customer_id", customer="customer__name", title="title", department="department"
            )
        )
    )
    return contact_rows(actor).present().annotate(present_posts=ArraySubquery(posts))


def get_contact(actor: Actor, contact_id: int) -> Contact:
    """One contact with its owner. Raises NotVisible."""
    return contact_rows(actor).get_visible(actor, contact_id)


def posts_of(actor: Actor, contact: Contact) -> QuerySet[Post]:
    """Posts of a visible contact at customers the actor sees, present ones first."""
    posts = Post.objects.filter(contact=contact, customer__in=Customer.objects.visible_to(actor))
    return posts.select_related("customer").order_by(PRESENT_FIRST, "-started_on", "-pk")


def contacts_of(actor: Actor, customer: Customer) -> QuerySet[Post]:
    """Posts at a visible customer with their contacts, present ones first; without contacts who were erased."""
    seen = Customer.objects.visible_to(actor).filter(pk=customer.pk)
    posts = Post.objects.filter(customer__in=seen, contact__erased_at__isnull=True).select_related("contact")
    return posts.order_by(PRESENT_FIRST, "contact__name", "-pk")


def get_post(actor: Actor, post_id: int) -> Post | None:
    """A post at a customer the actor sees, with contact and customer; None when there is none."""
    posts = Post.objects.filter(customer__in=Customer.objects.visible_to(actor))
    return posts.select_related("contact", "customer").filter(pk=post_id).first()


def contacts_by(actor: Actor, key: MatchKey, values: Iterable[str]) -> dict[str, list[int]]:
    """Ids of the visible contacts by a matching key, for many values with one indexed statement.

    Names and mails compare without regard to case, phones by their digits. The answer is keyed by the values as they
    were given; values that match nothing are left out.
    """
    compare = _COMPARABLE[key]
    plain = {value: compare(value) for value in values}
    wanted = sorted(set(plain.values()) - {""})
    if not wanted:
        return {}
    rows = Contact.objects.visible_to(actor).present().order_by("pk")
    if key == "name":
        rows = rows.alias(lower_name=Lower("name")).filter(lower_name__in=wanted)
    else:
        rows = rows.filter(**{f"{key}__overlap" if key in ("emails", "phones") else f"{key}__in": wanted})
    found: dict[str, list[int]] = {}
    for pk, value in rows.values_list("pk", key):
        for one in value if isinstance(value, list) else [value]:
            found.setdefault(compare(one), []).append(pk)
    return {value: found[comparable] for value, comparable in plain.items() if comparable in found}


_COMPARABLE: dict[str, Callable[[str], str]] = {
    "name": lambda name: normalize_name(name).lower(),
    "external_id": normalize_name,
    "emails": normalize_email,
    "phones": normalize_phone,
}
