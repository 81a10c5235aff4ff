"""Contacts and their posts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from loudou.core.bulk import Outcome, RowUpdate
from loudou.customers.models import Contact, Post
from loudou.customers.registration import normalize_phone
from loudou.customers.services.contacts import create_contacts, update_contacts
from loudou.customers.services.drafts import ContactDraft, PostDraft
from loudou.customers.services.posts import add_posts
from loudou.exchange.choices import NameOrder
from loudou.exchange.services.kinds.base import Writer
from loudou.exchange.services.parsing import Parsed

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_KEY = "\u0000"
"""Stands between the parts of a combined key: no name contains it."""


class ContactWriter(Writer):
    """Writes contacts through the services of customers."""

    model = Contact
    plain = (
        "name", "salutation", "phones", "emails", "wechat", "preferred_channel", "do_not_call", "do_not_mail",
        "do_not_message", "birthday", "wants_festival_greetings", "notes", "external_id",
    )  # fmt: skip
    belongings = frozenset({"customers.post"})
    ids = {"owner": "owner_id"}

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Make one name of two parts, in the order of its script, and one customer of the ways to name one."""
        for parsed in batch:
            values = parsed.values
            first, last = parsed.text("first_name"), parsed.text("last_name")
            if "name" not in values and (first or last):
                values["name"] = _joined(first, last, self.context.parser.job.name_order)
            for other in ("customer_key", "customer_domain"):
                if other in values:
                    values.setdefault("customer", values[other])
            if "phones" in values:
                values["phones"] = [normalize_phone(phone) for phone in values["phones"]]
            if "customer" not in values and {"title", "department", "started_on", "ended_on"} & values.keys():
                values["notes"] = _with_post(parsed)

    def key_texts(self, parsed: Parsed, key: str) -> list[str]:
        """A name at a customer is one key."""
        if key != "name_at_customer":
            return super().key_texts(parsed, key)
        name, customer = parsed.text("name"), parsed.values.get("customer")
        return [f"{name}{_KEY}{customer}"] if name and customer else []

    def find(self, key: str, batch: Sequence[Parsed]) -> Iterable[tuple[str, int]]:
        """By column, by overlap for phones and mails, by open or past post for a name at a customer."""
        texts = [text for parsed in batch for text in self.key_texts(parsed, key)]
        if key == "name_at_customer":
            names = [parsed.text("name") for parsed in batch]
            customers = {parsed.values["customer"] for parsed in batch}
            posts = Post.objects.filter(contact__in=self.visible().filter(name__in=names), customer__in=customers)
            found = posts.values_list("contact__name", "customer_id", "contact_id").distinct()
            return [(f"{name}{_KEY}{customer}", pk) for name, customer, pk in found]
        if key == "external_id":
            rows = self.visible().exclude(external_id="").filter(external_id__in=texts).distinct()
            return [(text, pk) for pk, text in rows.values_list("pk", "external_id")]
        both = Q(**{f"{key}__overlap": [*texts, *(text.lower() for text in texts)]})
        rows = self.visible().filter(both).distinct().values_list("pk", key)
        return [(text, pk) for pk, each in rows for text in each]

    def create(self, batch: Sequence[Parsed]) -> list[Outcome[Any]]:
        """Create contacts with their first post."""
        drafts = []
        for parsed in batch:
            facts: Any = {column: tuple(v) if isinstance(v, list) else v for column, v in self.changes(parsed).items()}
            drafts.append(ContactDraft(**facts, post=_post(parsed)))
        return [*create_contacts(self.context.actor, drafts)]

    def update(self, updates: Sequence[RowUpdate]) -> list[Outcome[Any]]:
        """Change contacts, and give them the post the file tells of when they have none there."""
        plain = [RowUpdate(u.pk, {k: v for k, v in u.changes.items() if k != "post"}, u.version) for u in updates]
        outcomes: list[Outcome[Any]] = [*update_contacts(self.context.actor, plain, at=self.context.at)]
        posts = {place: (u.pk, u.changes["post"]) for place, u in enumerate(updates) if "post" in u.changes}
        for place, outcome in zip(posts, add_posts(self.context.actor, list(posts.values())), strict=True):
            if outcome.row is None:
                outcomes[place] = Outcome(refusal=outcome.refusal)
            else:
                self.context.note(outcome.row)
        return outcomes

    def known(self, ids: Iterable[int]) -> dict[int, Any]:
        """Contacts with their posts."""
        return self.visible().prefetch_related("posts").in_bulk(list(ids))

    def beside(self, parsed: Parsed, known: Any) -> dict[str, Any]:
        """The post, which is a record of its own, when the person never had one there."""
        post = _post(parsed)
        if post is None or any(present.customer_id == post.customer_id for present in known.posts.all()):
            return {}
        return {"post": post}


def _joined(first: str, last: str, order: str) -> str:
    """One name of two; Chinese ones are written together, last name first unless the person says otherwise."""
    chinese = bool(_CHINESE.search(first + last))
    last_first = order == NameOrder.LAST_FIRST or (order == NameOrder.AUTO and chinese)
    parts = [part for part in ((last, first) if last_first else (first, last)) if part]
    return ("" if chinese else " ").join(parts)


def _post(parsed: Parsed) -> PostDraft | None:
    customer = parsed.values.get("customer")
    if customer is None:
        return None
    facts = {
        code: parsed.values[code] for code in ("title", "department", "started_on", "ended_on") if code in parsed.values
    }
    return PostDraft(customer_id=customer, **facts)


def _with_post(parsed: Parsed) -> str:
    """Keep what a row says of a post at no customer: a post needs one, and nothing of the file is to be lost."""
    said = ", ".join(str(parsed.values[code]) for code in ("title", "department") if code in parsed.values)
    note = _("Position: %(position)s") % {"position": said} if said else ""
    return "\n".join(filter(None, (parsed.text("notes"), note)))
