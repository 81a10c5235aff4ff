"""People at customers."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.core.searchtext import search_document, search_index
from loudou.customers.choices import Channel
from loudou.customers.models.customer import Customer


class ContactQuerySet(ScopedQuerySet["Contact"]):
    """Contacts: seen by whoever sees a customer they have or had a post at, and by their owner."""

    def present(self) -> Self:
        """Leave out those who were erased: they are found, offered and exported no more."""
        return self.filter(erased_at__isnull=True)

    def within(self, reach: Reach) -> Q:
        """With a post at a customer within reach, or owned by these people.

        One union of ids, because a condition with OR over two tables would make the database read every contact.
        """
        customers = Customer.objects.filter(Customer.objects.all().within(reach)).order_by()
        at_customers = Post.objects.filter(customer__in=customers.values("pk")).order_by().values("contact_id")
        owned = Contact.objects.filter(owner_id__in=reach.user_ids).order_by().values("pk")
        return Q(pk__in=owned.union(at_customers))


class Contact(Versioned):
    """A person we talk to; where the person works is a matter of posts, whose history is kept.

    One who was erased stays as an empty shell, so that sales and contracts that refer to it remain whole.
    """

    name = models.CharField(_("name"), max_length=150)
    salutation = blank_text(_("salutation"), 40)
    phones = ArrayField(models.CharField(max_length=40), verbose_name=_("phones"), default=list, blank=True)
    emails = ArrayField(models.EmailField(), verbose_name=_("mails"), default=list, blank=True)
    wechat = blank_text(_("WeChat"), 60)
    preferred_channel = models.CharField(_("prefers"), max_length=10, choices=Channel.choices, blank=True, default="")
    do_not_call = models.BooleanField(_("do not call"), default=False)
    do_not_mail = models.BooleanField(_("do not mail"), default=False)
    do_not_message = models.BooleanField(_("do not message"), default=False)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    wants_festival_greetings = models.BooleanField(_("send festival greetings"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("owner"),
    )
    notes = models.TextField(_("notes"), blank=True, default="")
    external_id = blank_text(_("id in another system"), 100)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    search_text = search_document("name", "wechat", arrays=("phones", "emails"))

    objects: ClassVar[ContactQuerySet] = ContactQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                name="contact_external_id_once",
                condition=~Q(external_id=""),
                violation_error_message=_("Another contact has this id of another system."),
            ),
            models.CheckConstraint(
                name="contact_erased_is_empty",
                condition=Q(erased_at__isnull=True)
                | Q(
                    salutation="",
                    phones=[],
                    emails=[],
                    wechat="",
                    preferred_channel="",
                    do_not_call=True,
                    do_not_mail=True,
                    do_not_message=True,
                    birthday__isnull=True,
                    wants_festival_greetings=False,
                    notes="",
                    external_id="",
                ),
                violation_error_message=_("Nothing is written to a contact who was erased."),
            ),
        ]
        indexes = [
            search_index("contact_search"),
            models.Index(fields=["name", "id"], name="contact_name_id"),
            models.Index(fields=["owner", "name"], name="contact_owner_name"),
            models.Index(OpClass(Lower("name"), "text_pattern_ops"), name="contact_name_begins"),
            GinIndex(fields=["emails"], name="contact_emails"),
            GinIndex(fields=["phones"], name="contact_phones"),
        ]
        triggers = audit.audited(exclude=("search_text",))

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A person's position at a customer from a day until another; when a person moves, the old post stays."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="posts", verbose_name=_("contact"))
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="posts", verbose_name=_("customer"))
    title = blank_text(_("position"), 120)
    department = blank_text(_("department"), 120)
    started_on = models.DateField(_("from"), null=True, blank=True)
    ended_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = [F("ended_on").desc(nulls_first=True), "-started_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="post_ends_after_it_starts",
                condition=Q(ended_on__isnull=True) | Q(started_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                violation_error_message=_("A post cannot end before it starts."),
            ),
            models.UniqueConstraint(
                fields=["contact", "customer"],
                name="post_open_once",
                condition=Q(ended_on__isnull=True),
                violation_error_message=_("This person already has a post at this customer."),
            ),
        ]
        indexes = [models.Index(fields=["customer", "contact"], name="post_customer_contact")]
        triggers = audit.audited(part_of=("customers_contact", "contact_id"))

    def __str__(self) -> str:
        return f"{self.contact} · {self.customer}"
