"""Who could be told about a handover, and what became of the letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from loudou.core.actors import Actor
from loudou.core.refusals import NotVisible
from loudou.customers.models import Contact, Post
from loudou.handover.choices import Kind
from loudou.handover.models import Handover, HandoverItem, HandoverLetter
from loudou.people.models import User

CHINESE, ENGLISH = "zh-hans", "en"


@dataclass(frozen=True, slots=True)
class Addressee:
    """A contact of a handed-over customer: whom to write, in which language, and why not."""

    contact: Contact
    customer: str
    successor: User
    address: str
    language: str
    has_letter: bool

    @property
    def may_be_mailed(self) -> bool:
        """Whether there is an address, and the person allows mail."""
        return bool(self.address) and not self.contact.do_not_mail


def addressees(actor: Actor, handover: Handover) -> list[Addressee]:
    """Contacts with an open post at the customers that changed hands, and whom the actor sees; three statements.

    Somebody with posts at two of the customers is told once, of the first.
    """
    items = HandoverItem.objects.filter(part__handover=handover, kind=Kind.CUSTOMER)
    customers = {item.object_id: item for item in items.select_related("part__successor").order_by("pk")}
    visible = Contact.objects.visible_to(actor).order_by().values("pk")
    posts = Post.objects.filter(customer_id__in=customers, ended_on=None, contact__in=visible)
    written = set(letters_of(handover).values_list("contact_id", flat=True))
    found: dict[int, Addressee] = {}
    for post in posts.select_related("contact").order_by("customer__name", "contact__name", "pk"):
        contact, item = post.contact, customers[post.customer_id]
        if contact.pk not in found:
            found[contact.pk] = Addressee(
                contact=contact,
                customer=item.name,
                successor=item.part.successor,
                address=next(iter(contact.emails), ""),
                language=language_for((contact.name, item.name)),
                has_letter=contact.pk in written,
            )
    return list(found.values())


def language_for(names: Iterable[str]) -> str:
    """The language to write in: Chinese to whoever's name, or whose company's name, is written in Chinese."""
    return CHINESE if any("\u4e00" <= letter <= "\u9fff" for name in names for letter in name) else ENGLISH


def letters_of(handover: Handover) -> QuerySet[HandoverLetter]:
    """Letters about a handover that the actor sees."""
    return HandoverLetter.objects.filter(handover=handover).select_related("contact", "successor").order_by("pk")


def get_letter(actor: Actor, letter_id: int) -> HandoverLetter:
    """One letter. Raises NotVisible."""
    visible = Handover.objects.visible_to(actor).order_by().values("pk")
    found = HandoverLetter.objects.filter(handover__in=visible, pk=letter_id).select_related("contact", "successor")
    letter = found.first()
    if letter is None:
        raise NotVisible
    return letter
