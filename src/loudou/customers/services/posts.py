"""Where a contact works, and worked: posts begin and end, and are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, clean_row, create_rows
from loudou.core.refusals import BusinessRefusal, InvalidInput, NotVisible
from loudou.core.verbs import lock, lock_all, service, validate
from loudou.customers.errors import AlreadyAtCustomer, ContactErased, PostAlreadyEnded
from loudou.customers.models import Contact, Customer, Post
from loudou.customers.registration import normalize_name
from loudou.customers.services.drafts import PostDraft

CHANGEABLE = frozenset({"title", "department", "started_on", "ended_on"})
"""Fields that `update_post` takes; another customer is another post."""


def add_post(actor: Actor, contact_id: int, *, post: PostDraft) -> Post:
    """Give a contact a post at a customer, beside any other. Raises NotVisible, AlreadyAtCustomer, InvalidInput."""
    return add_posts(actor, [(contact_id, post)])[0].unwrap()


@service("customers.change")
def add_posts(actor: Actor, posts: Sequence[tuple[int, PostDraft]]) -> list[Outcome[Post]]:
    """Give contacts posts: pairs of (contact id, post); one outcome per pair, in order."""
    contacts = {row.pk: row for row in lock_all(Contact.objects.visible_to(actor), {pk for pk, _ in posts})}
    places = {draft.customer_id for _, draft in posts}
    customers = {row.pk: row for row in Customer.objects.visible_to(actor).filter(pk__in=places)}
    taken = set(
        Post.objects.filter(contact__in=contacts, ended_on__isnull=True).values_list("contact_id", "customer_id")
    )
    rows: list[Post] = []
    refusals: dict[int, BusinessRefusal] = {}
    for place, (contact_id, draft) in enumerate(posts):
        contact, customer = contacts.get(contact_id), customers.get(draft.customer_id)
        if contact is None or customer is None:
            rows.append(Post())
            refusals[place] = NotVisible()
            continue
        row = post_of(contact, draft)
        rows.append(row)
        refusal: BusinessRefusal | None = check_dates(row)
        if contact.erased_at is not None:
            refusal = ContactErased.of(contact)
        elif row.ended_on is None and (contact_id, draft.customer_id) in taken:
            refusal = AlreadyAtCustomer(contact=contact.name, customer=customer.name)
        if refusal is not None:
            refusals[place] = refusal
        elif row.ended_on is None:
            taken.add((contact_id, draft.customer_id))
    return create_rows(rows, refusals, Post.objects.bulk_create)


@service("customers.change")
def update_post(actor: Actor, post_id: int, *, changes: dict[str, Any]) -> Post:
    """Correct the title, department or dates of a post. Raises NotVisible, InvalidInput, ContactErased."""
    post = _lock_post(actor, post_id)
    if (contact := lock(Contact.objects.all(), post.contact_id)).erased_at is not None:
        raise ContactErased.of(contact)
    for name in CHANGEABLE & changes.keys():
        value = changes[name]
        setattr(post, name, normalize_name(value) if isinstance(value, str) else value)
    validate(post)
    post.save(update_fields=CHANGEABLE)
    return post


@service("customers.change")
def end_post(actor: Actor, post_id: int, *, ended_on: dt.date) -> Post:
    """End a post; it stays in the history. Raises NotVisible, PostAlreadyEnded, InvalidInput."""
    post = _lock_post(actor, post_id)
    if post.ended_on is not None:
        raise PostAlreadyEnded(ended_on=post.ended_on)
    post.ended_on = ended_on
    validate(post)
    post.save(update_fields=["ended_on"])
    return post


@service("customers.change")
def move_contact(actor: Actor, contact_id: int, *, post: PostDraft, moved_on: dt.date) -> Post:
    """Move a person to another customer: open posts end on `moved_on`, the new one begins that day.

    Open posts of which the actor does not see the customer stay open. Raises NotVisible, AlreadyAtCustomer,
    InvalidInput.
    """
    contact = lock(Contact.objects.visible_to(actor), contact_id)
    if contact.erased_at is not None:
        raise ContactErased.of(contact)
    customer = Customer.objects.get_visible(actor, post.customer_id)
    current = Post.objects.select_for_update(no_key=True).filter(
        contact=contact, ended_on__isnull=True, customer__in=Customer.objects.visible_to(actor)
    )
    for old in current.order_by("pk"):
        if old.customer_id == customer.pk:
            raise AlreadyAtCustomer(contact=contact.name, customer=customer.name)
        old.ended_on = moved_on
        validate(old)
        old.save(update_fields=["ended_on"])
    new = Post(
        contact=contact,
        customer=customer,
        title=normalize_name(post.title),
        department=normalize_name(post.department),
        started_on=moved_on,
    )
    validate(new)
    new.save()
    return new


def post_of(contact: Contact, draft: PostDraft) -> Post:
    """Make the row a draft asks for, not saved yet."""
    return Post(
        contact=contact,
        customer_id=draft.customer_id,
        title=normalize_name(draft.title),
        department=normalize_name(draft.department),
        started_on=draft.started_on,
        ended_on=draft.ended_on,
    )


def check_dates(post: Post) -> InvalidInput | None:
    """Say what is wrong with a post that is about to be written with many others."""
    refusal = clean_row(post)
    if refusal is None and post.started_on and post.ended_on and post.ended_on < post.started_on:
        broken = next(c for c in Post._meta.constraints if c.name == "post_ends_after_it_starts")
        refusal = InvalidInput({"ended_on": [str(broken.violation_error_message)]})
    return refusal


def _lock_post(actor: Actor, post_id: int) -> Post:
    """Lock a post at a customer the actor sees. Raises NotVisible."""
    return lock(Post.objects.filter(customer__in=Customer.objects.visible_to(actor)), post_id)
