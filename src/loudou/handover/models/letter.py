"""Letters that tell customers who looks after them from now on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.customers.models import Contact
from loudou.handover.choices import LetterState
from loudou.handover.models.handover import Handover


class HandoverLetter(Versioned):
    """One letter to one contact of a handed-over customer: its words, and what became of it. Never sent twice."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="letters")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+", verbose_name=_("contact"))
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("successor")
    )
    customer_name = blank_text(_("customer"), 255)
    address = models.EmailField(_("mail"))
    language = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=8, choices=LetterState.choices, default=LetterState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    trouble = blank_text(_("what went wrong"), 500)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter about a handover")
        verbose_name_plural = _("letters about handovers")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["handover", "contact"], name="handover_letter_once")]
        triggers = audit.audited(part_of=("handover_handover", "handover_id"))

    def __str__(self) -> str:
        return f"{self.contact} <{self.address}>"
