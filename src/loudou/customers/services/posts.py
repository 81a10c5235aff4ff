"""Where a contact works, and worked: posts begin and end, and are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome
from loudou.core.verbs import service
from loudou.customers.models import Post
from loudou.customers.services.drafts import PostDraft


def add_post(actor: Actor, contact_id: int, *, post: PostDraft) -> Post:
    """Give a contact a post at a customer, beside any other. Raises NotVisible, AlreadyAtCustomer, InvalidInput."""
    return add_posts(actor, [(contact_id, post)])[0].unwrap()


@service("customers.change")
def add_posts(actor: Actor, posts: Sequence[tuple[int, PostDraft]]) -> list[Outcome[Post]]:
    """Give contacts posts: pairs of (contact id, post); one outcome per pair, in order."""
    raise NotImplementedError


@service("customers.change")
def update_post(actor: Actor, post_id: int, *, changes: dict[str, Any]) -> Post:
    """Correct the title, department or dates of a post. Raises NotVisible, InvalidInput."""
    raise NotImplementedError


@service("customers.change")
def end_post(actor: Actor, post_id: int, *, ended_on: dt.date) -> Post:
    """End a post; it stays in the history. Raises NotVisible, PostAlreadyEnded, InvalidInput."""
    raise NotImplementedError


@service("customers.change")
def move_contact(actor: Actor, contact_id: int, *, post: PostDraft, moved_on: dt.date) -> Post:
    """Move a person to another customer: open posts end on `moved_on`, the new one begins that day.

    Raises NotVisible, AlreadyAtCustomer, InvalidInput.
    """
    raise NotImplementedError
