"""Who asked for a copy or for erasure, and what became of it."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.customers.models import Contact
from loudou.privacy.choices import Ground, RequestKind, Way


class RequestQuerySet(ScopedQuerySet["PersonalDataRequest"]):
    """Requests: seen by whoever sees the contact."""

    def within(self, reach: Reach) -> Q:
        """About a contact within reach."""
        return Q(contact__in=Contact.objects.filter(Contact.objects.all().within(reach)).values("pk"))

    def open(self) -> Self:
        """Not answered yet."""
        return self.filter(done_at__isnull=True)

    def late(self, *, today: dt.date) -> Self:
        """Open beyond their day."""
        return self.open().filter(due_on__lt=today)


class PersonalDataRequest(Versioned):
    """That a contact asked for a copy of their data or for erasure: when, how, by when to answer, when answered.

    It outlives the erasure, and then names the empty shell of the contact only.
    """

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="personal_data_requests", verbose_name=_("contact")
    )
    kind = models.CharField(_("what is asked for"), max_length=10, choices=RequestKind.choices)
    ground = models.CharField(_("ground"), max_length=10, choices=Ground.choices, default=Ground.REQUEST)
    asked_on = models.DateField(_("asked on"))
    way = models.CharField(_("how"), max_length=10, choices=Way.choices)
    due_on = models.DateField(_("answer until"))
    note = blank_text(_("note"), 500)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    done_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    counts = models.JSONField(_("counts"), default=dict, blank=True, editable=False)

    objects: ClassVar[RequestQuerySet] = RequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        ordering = ["-asked_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "kind"],
                name="personal_data_request_open_once",
                condition=Q(done_at__isnull=True),
                violation_error_message=_("A request of this kind is still open for this contact."),
            )
        ]
        indexes = [
            models.Index(fields=["due_on"], name="personal_data_request_due", condition=Q(done_at__isnull=True)),
            models.Index(fields=["-asked_on", "-id"], name="personal_data_request_asked"),
        ]
        triggers = audit.audited(part_of=("customers_contact", "contact_id"))

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.contact}"

    def is_late(self, today: dt.date) -> bool:
        """Whether it should have been answered before today."""
        return self.done_at is None and self.due_on < today
