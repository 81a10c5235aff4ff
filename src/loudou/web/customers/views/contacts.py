"""Contacts: the list, the page about a person, and the posts the person holds and held."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields as draft_fields
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.customers import selectors, services
from loudou.customers.errors import PersonForgotten
from loudou.customers.models import Contact, Post
from loudou.customers.services import ContactDraft, PostDraft
from loudou.pipeline.selectors.customers import contact_opportunities
from loudou.web.customers.filters import ContactFilter
from loudou.web.customers.forms import (
    ContactForm,
    EndPostForm,
    MoveForm,
    NewContactForm,
    OwnedContactForm,
    PostEditForm,
    PostForm,
)
from loudou.web.frame.actions import Done
from loudou.web.frame.columns import EMPTY, Column
from loudou.web.frame.form_pages import FormPage
from loudou.web.frame.lists import ListPage
from loudou.web.frame.pages import RecordPage


def _works_at(row: Any) -> SafeString:
    if not row.present_posts:
        return EMPTY
    return format_html_join(
        "",
        '<span class="d-block">{}{}</span>',
        (
            (post["customer"], format_html(' <span class="text-secondary">{}</span>', post["title"]))
            for post in row.present_posts
        ),
    )


def _works_at_words(row: Any) -> str:
    return "; ".join(" · ".join(filter(None, (post["customer"], post["title"]))) for post in row.present_posts)


def _limits(row: Contact) -> str:
    said = ((row.do_not_call, _("call")), (row.do_not_mail, _("mail")), (row.do_not_message, _("message")))
    return ", ".join(str(words) for is_set, words in said if is_set)


class ContactList(ListPage):
    """Contacts in columns."""

    permission = "customers.view"
    title = _("Contacts")
    filterset = ContactFilter
    columns = (
        Column(name="name", label=_("Name"), sort="name"),
        Column(name="works_at", label=_("Works at"), value=_works_at_words, html=_works_at),
        Column(name="phones", label=_("Phones"), value=lambda row: ", ".join(row.phones), hide_below="sm"),
        Column(name="emails", label=_("Mails"), value=lambda row: ", ".join(row.emails), hide_below="lg"),
        Column(name="wechat", label=_("WeChat"), shown=False),
        Column(name="preferred_channel", label=_("Prefers"), value="get_preferred_channel_display", hide_below="xl"),
        Column(name="do_not", label=_("Do not"), value=_limits, hide_below="lg"),
        Column(name="owner", label=_("Owner"), value="owner.name", hide_below="md"),
        Column(name="birthday", label=_("Birthday"), kind="date", shown=False),
        Column(name="salutation", label=_("Salutation"), shown=False),
        Column(name="updated_at", label=_("Last changed"), kind="date", shown=False),
        Column(name="external_id", label=_("Id in another system"), shown=False),
    )
    default_sort = "name"
    row_url_name = "customers:contact"
    export_permission = "customers.export"
    add_url_name = "customers:contact_add"
    add_permission = "customers.add"
    add_label = _("New contact")
    empty_icon = "address-book"
    empty_title = _("No contacts yet")
    empty_text = _("People at your customers live here: who decides, who uses, who pays.")

    def rows(self) -> QuerySet[Contact]:
        """Visible contacts with where they work."""
        return selectors.contact_rows_with_posts(self.request.user)


class ContactPage(RecordPage):
    """Everything about one person."""

    permission = "customers.view"
    template = "customers/contact.html"
    record_name = "contact"

    @functools.cached_property
    def contact(self) -> Contact:
        """Read once."""
        return selectors.get_contact(self.request.user, self.kwargs["pk"])

    def record(self) -> Contact:
        """The contact."""
        return self.contact

    @property
    def edit_url(self) -> str:
        """The edit form, for those who may change contacts; whoever was erased is changed no more."""
        may = self.request.user.has_permission("customers.change") and self.contact.erased_at is None
        return reverse("customers:contact_edit", args=[self.kwargs["pk"]]) if may else ""

    def breadcrumbs(self) -> list[tuple[Any, str]]:
        """The list."""
        return [(_("Contacts"), reverse("customers:contact_list"))]

    def render(self, **context: Any) -> HttpResponse:
        """Add posts and opportunities."""
        user, contact = self.request.user, context["record"]
        more: dict[str, Any] = {"posts": selectors.posts_of(user, contact), "base": self.request.company.base_currency}
        if user.has_permission("pipeline.view"):
            more["opportunities"] = contact_opportunities(user, contact.pk, most=20)
        return super().render(**context, **more)


class KnowsForgotten:
    """A form about a person: that somebody like that was erased stands over it, and what was typed stays."""

    is_forgotten = False

    @contextmanager
    def forgotten_beside_the_form(self) -> Iterator[None]:
        """Turn the refusal into one that the form shows."""
        try:
            yield
        except PersonForgotten as refusal:
            self.is_forgotten = True
            raise InvalidInput({"": [str(refusal)]}) from refusal


class ContactAdd(KnowsForgotten, FormPage):
    """A new person, with the first post."""

    permission = "customers.add"
    template = "customers/contact_form.html"
    title = _("New contact")
    form_class = NewContactForm

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer what the user may see."""
        return {"request": self.request}

    def save(self, form: NewContactForm, *, version: int | None) -> Done:
        """Create the person and the post."""
        facts = form.cleaned_data
        post = None
        if facts["customer"] is not None:
            post = PostDraft(
                customer_id=facts["customer"].pk,
                title=facts["title"],
                department=facts["department"],
                started_on=facts["started_on"],
            )
        draft = ContactDraft(
            **{field.name: facts[field.name] for field in draft_fields(ContactDraft) if field.name in facts},
            owner_id=facts["owner"].pk if facts.get("owner") else None,
            post=post,
        )
        with self.forgotten_beside_the_form():
            contact = services.create_contact(self.request.user, draft)
        message = _("%(name)s was created.") % {"name": contact.name}
        return Done(message=message, url=reverse("customers:contact", args=[contact.pk]), leave=post is None)


class OfContact:
    """Something about the person whose number is in the address."""

    request: Any
    kwargs: dict[str, Any]

    def record(self) -> Contact:
        """The contact. Raises NotVisible."""
        return selectors.get_contact(self.request.user, self.kwargs["pk"])

    def form_kwargs(self) -> dict[str, Any]:
        """Choosers offer what the user may see."""
        return {"request": self.request}

    def contact_url(self) -> str:
        """Address of the person's page."""
        return reverse("customers:contact", args=[self.kwargs["pk"]])


class ContactEdit(KnowsForgotten, OfContact, FormPage):
    """Change what is known of a person."""

    permission = "customers.change"
    template = "customers/contact_form.html"
    title = _("Edit contact")
    form_class = ContactForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Offer the owner to those who may assign."""
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and request.user.has_permission("customers.assign"):
            self.form_class = OwnedContactForm  # type: ignore[misc]

    def save(self, form: ContactForm, *, version: int | None) -> Done:
        """Write the fields."""
        changes = dict(form.cleaned_data)
        if "owner" in changes:
            owner = changes.pop("owner")
            changes["owner_id"] = owner.pk if owner else None
        with self.forgotten_beside_the_form():
            contact = services.update_contact(
                self.request.user, self.kwargs["pk"], changes=changes, version=version, at=clock.now()
            )
        return Done(message=_("%(name)s was saved.") % {"name": contact.name}, url=self.contact_url())


class PostAdd(OfContact, FormPage):
    """One more post, beside the present ones."""

    permission = "customers.change"
    title = _("Add a post")
    form_class = PostForm

    def initial(self, record: Any) -> dict[str, Any]:
        """Nothing is known of a new post."""
        return {}

    def save(self, form: PostForm, *, version: int | None) -> Done:
        """Add it."""
        facts = form.cleaned_data
        draft = PostDraft(
            customer_id=facts["customer"].pk,
            title=facts["title"],
            department=facts["department"],
            started_on=facts["started_on"],
        )
        services.add_post(self.request.user, self.kwargs["pk"], post=draft)
        return Done(message=_("The post was added."), url=self.contact_url())


class ContactMove(OfContact, FormPage):
    """The person moves to another customer; the old post stays in the history."""

    permission = "customers.change"
    title = _("Moves to another customer")
    form_class = MoveForm
    submit_label = _("Move")

    def initial(self, record: Any) -> dict[str, Any]:
        """Most moves are noticed when they happen."""
        return {"moved_on": clock.today()}

    def save(self, form: MoveForm, *, version: int | None) -> Done:
        """End the open posts and begin the new one."""
        facts = form.cleaned_data
        draft = PostDraft(customer_id=facts["customer"].pk, title=facts["title"], department=facts["department"])
        services.move_contact(self.request.user, self.kwargs["pk"], post=draft, moved_on=facts["moved_on"])
        return Done(message=_("Moved to %(customer)s.") % {"customer": facts["customer"].name}, url=self.contact_url())


class OfPost:
    """A post whose number is in the address."""

    request: Any
    kwargs: dict[str, Any]

    def record(self) -> Post:
        """The post, at a customer one sees. Raises NotVisible."""
        post = selectors.get_post(self.request.user, self.kwargs["pk"])
        if post is None:
            raise NotVisible
        return post

    def contact_url(self) -> str:
        """Address of the person's page."""
        return reverse("customers:contact", args=[self.record().contact_id])


class PostEdit(OfPost, FormPage):
    """Correct a post."""

    permission = "customers.change"
    title = _("Edit post")
    form_class = PostEditForm

    def save(self, form: PostEditForm, *, version: int | None) -> Done:
        """Write the corrections."""
        services.update_post(self.request.user, self.kwargs["pk"], changes=form.cleaned_data)
        return Done(message=_("Saved."), url=self.contact_url())


class PostEnd(OfPost, FormPage):
    """End a post."""

    permission = "customers.change"
    title = _("End of the post")
    form_class = EndPostForm
    submit_label = _("End the post")

    def initial(self, record: Any) -> dict[str, Any]:
        """Most ends are noticed when they happen."""
        return {"ended_on": clock.today()}

    def save(self, form: EndPostForm, *, version: int | None) -> Done:
        """End it."""
        services.end_post(self.request.user, self.kwargs["pk"], ended_on=form.cleaned_data["ended_on"])
        return Done(message=_("The post has ended; it stays in the history."), url=self.contact_url())
