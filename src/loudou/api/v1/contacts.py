"""Contacts and their posts at customers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_CHANGE, BY_ID, BY_NAME, PageQuery, page
from loudou.api.problems import CURRENT
from loudou.api.schemas import Given, GivenVersion, Id, Long, Ref, Short, Shown, Stamped, changes_of
from loudou.api.v1.customers import ExternalId, Mails, OrEmpty, Phones
from loudou.core import clock
from loudou.core.searchtext import matches
from loudou.customers import selectors
from loudou.customers.choices import Channel
from loudou.customers.models import Contact, Customer, Post
from loudou.customers.services import contacts, posts
from loudou.customers.services.drafts import ContactDraft, PostDraft

router = Router(tags=["Contacts"])
Name = Annotated[str, Field(min_length=1, max_length=150)]


class PostOut(Shown):
    """A position at a customer from a day until another."""

    id: int
    customer: Ref
    title: str
    department: str
    started_on: dt.date | None
    ended_on: dt.date | None


class ContactOut(Stamped):
    """A person at a customer."""

    name: str
    salutation: str
    phones: list[str]
    emails: list[str]
    wechat: str
    preferred_channel: str
    do_not_call: bool
    do_not_mail: bool
    do_not_message: bool
    birthday: dt.date | None
    wants_festival_greetings: bool
    owner: Ref | None
    notes: str
    external_id: str
    erased_at: dt.datetime | None


class ContactDetail(ContactOut):
    """A person with the posts at customers you may see."""

    posts: list[PostOut]


class ContactPage(Shown):
    """A page of contacts; `next` is the cursor of the next one."""

    items: list[ContactOut]
    next: str | None


class ContactQuery(PageQuery):
    """Which contacts."""

    q: str = Field("", max_length=200, description="Words in the name, phones, mails or WeChat.")
    customer: Id | None = Field(None, description="With a post there, present or past.")
    owner: Id | None = None
    external_id: ExternalId = ""
    updated_since: dt.datetime | None = None
    sort: Literal["id", "-id", "name", "-name", "updated_at", "-updated_at"] = "name"


class PostIn(Given):
    """A post at a customer."""

    customer_id: Id
    title: Short = ""
    department: Short = ""
    started_on: dt.date | None = None
    ended_on: dt.date | None = None


class PostChangesIn(Given):
    """Fields of a post to be corrected."""

    title: Short = ""
    department: Short = ""
    started_on: dt.date | None = None
    ended_on: dt.date | None = None


class ContactFields(Given):
    """What creating and changing have in common."""

    salutation: Annotated[str, Field(max_length=40)] = ""
    phones: Phones = []
    emails: Mails = []
    wechat: Annotated[str, Field(max_length=60)] = ""
    preferred_channel: Channel | OrEmpty = ""
    do_not_call: bool = False
    do_not_mail: bool = False
    do_not_message: bool = False
    birthday: dt.date | None = None
    wants_festival_greetings: bool = False
    notes: Long = ""
    external_id: ExternalId = ""
    owner_id: Id | None = None


class ContactIn(ContactFields):
    """A contact to be created, with the first post if the person works somewhere."""

    name: Name
    post: PostIn | None = None
    despite_erasure: Annotated[str, Field(max_length=500)] = Field(
        "", description="Why a person who was erased is recorded again; needs privacy.answer."
    )


class ContactChangesIn(ContactFields, GivenVersion):
    """Fields to be changed; what is not sent stays."""

    name: Name | None = None


class ContactMoveIn(Given):
    """Where the person works from a day on."""

    post: PostIn
    moved_on: dt.date


class PostEndIn(Given):
    """The last day of a post."""

    ended_on: dt.date


def _detail(request: Caller, contact_id: int) -> ContactDetail:
    contact = selectors.get_contact(request.user, contact_id)
    seen = Post.objects.filter(contact=contact, customer__in=Customer.objects.visible_to(request.user))
    shown = ContactOut.model_validate(contact).model_dump()
    return ContactDetail(**shown, posts=[PostOut.model_validate(row) for row in seen.select_related("customer")])


@operation(router, "GET", "/contacts", permission="customers.view", answers=ContactPage)
def list_contacts(request: Caller, query: Query[ContactQuery]) -> Any:
    """List contacts you may see."""
    rows = selectors.contact_rows(request.user).present().defer("search_text")
    if query.q.strip():
        rows = rows.filter(matches(query.q))
    if query.customer:
        visible = Customer.objects.visible_to(request.user).filter(pk=query.customer)
        rows = rows.filter(pk__in=Post.objects.filter(customer__in=visible).values("contact_id"))
    plain = {"owner_id": query.owner, "external_id": query.external_id, "updated_at__gte": query.updated_since}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    items, following = page(rows, query=query, sorts={**BY_ID, **BY_NAME, **BY_CHANGE}, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/contacts", permission="customers.add", answers=ContactDetail, status=201)
def create_contact(request: Caller, body: ContactIn) -> Any:
    """Create a contact, with the first post."""
    given = body.model_dump(exclude_unset=True, exclude={"post"})
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    post = PostDraft(**body.post.model_dump()) if body.post else None
    return _detail(request, contacts.create_contact(request.user, ContactDraft(**given, post=post)).pk)


@operation(router, "GET", "/contacts/{int:contact_id}", permission="customers.view", answers=ContactDetail)
def show_contact(request: Caller, contact_id: int) -> Any:
    """Show a contact with posts."""
    return _detail(request, contact_id)


@operation(router, "PATCH", "/contacts/{int:contact_id}", permission="customers.change", answers=ContactDetail)
def change_contact(request: Caller, contact_id: int, body: ContactChangesIn) -> Any:
    """Change fields. A change based on an old version is refused with the record as it is now."""
    changes, version = changes_of(body, request)
    contacts.update_contact(request.user, contact_id, changes=changes, version=version, at=clock.now())
    return _detail(request, contact_id)


@operation(
    router, "POST", "/contacts/{int:contact_id}/posts", permission="customers.change", answers=PostOut, status=201
)
def add_post(request: Caller, contact_id: int, body: PostIn) -> Any:
    """Give a contact a post beside any other."""
    return posts.add_post(request.user, contact_id, post=PostDraft(**body.model_dump()))


@operation(router, "POST", "/contacts/{int:contact_id}/move", permission="customers.change", answers=ContactDetail)
def move_contact(request: Caller, contact_id: int, body: ContactMoveIn) -> Any:
    """Move a person to another customer: present posts end, the new one begins."""
    post = PostDraft(**body.post.model_dump())
    posts.move_contact(request.user, contact_id, post=post, moved_on=body.moved_on)
    return _detail(request, contact_id)


@operation(router, "PUT", "/posts/{int:post_id}", permission="customers.change", answers=PostOut)
def change_post(request: Caller, post_id: int, body: PostChangesIn) -> Any:
    """Correct title, department or dates of a post."""
    return posts.update_post(request.user, post_id, changes=body.model_dump(exclude_unset=True))


@operation(router, "POST", "/posts/{int:post_id}/end", permission="customers.change", answers=PostOut)
def end_post(request: Caller, post_id: int, body: PostEndIn) -> Any:
    """End a post; it stays in the history."""
    return posts.end_post(request.user, post_id, ended_on=body.ended_on)


CURRENT[Contact] = lambda row: ContactOut.model_validate(row).model_dump(mode="json")
