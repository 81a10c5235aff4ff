"""Whether a customer is supplied: holds, and releases that except from them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.money import Money
from loudou.customers.choices import HoldSource, ReleaseState
from loudou.customers.models.customer import Customer


class HoldChange(models.Model):
    """That a supply hold was placed or lifted, by one source, with the reason. Never edited.

    For each customer and source the newest row tells whether that source holds; a customer is on hold while any does.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="hold_changes")
    source = models.CharField(_("who holds"), max_length=12, choices=HoldSource.choices)
    is_held = models.BooleanField(_("on hold"))
    reason = models.CharField(_("reason"), max_length=500)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("change of hold")
        verbose_name_plural = _("changes of hold")
        ordering = ["-id"]
        indexes = [models.Index(fields=["customer", "source", "-id"], name="hold_change_newest")]
        triggers = audit.append_only(blackens=("reason",))

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_source_display()} {'+' if self.is_held else '-'}"


class SupplyRelease(Versioned):
    """An exception from a supply hold: asked for by one person, approved by another, until a day, up to an amount."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="releases")
    state = models.CharField(
        _("state"), max_length=10, choices=ReleaseState.choices, default=ReleaseState.REQUESTED, editable=False
    )
    reason = models.CharField(_("reason"), max_length=500)
    until_on = models.DateField(_("valid until"), help_text=_("The last day on which it may be delivered."))
    amount = models.DecimalField(
        _("up to"),
        max_digits=19,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Empty: no limit of the amount."),
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(_("requested"), editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decision_note = blank_text(_("note on the decision"), 500)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="supply_release_amount_has_currency",
                condition=Q(amount__isnull=True) | (Q(amount__gt=0) & ~Q(currency="")),
                violation_error_message=_("The amount must be greater than zero, in a currency."),
            ),
            models.CheckConstraint(
                name="supply_release_decided_once",
                condition=Q(state=ReleaseState.REQUESTED, decided_at__isnull=True)
                | (~Q(state=ReleaseState.REQUESTED) & Q(decided_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "state"], name="supply_release_customer"),
            models.Index(
                fields=["requested_at"], condition=Q(state=ReleaseState.REQUESTED), name="supply_release_waiting"
            ),
        ]
        triggers = audit.audited()

    def __str__(self) -> str:
        return f"{self.customer}: {self.reason}"

    @property
    def limit(self) -> Money | None:
        """The amount up to which it releases; None when it does not limit it."""
        return None if self.amount is None else Money(self.amount, self.currency)


class ReleaseUse(models.Model):
    """An amount delivered under a release, or given back (negative). Never edited."""

    release = models.ForeignKey(SupplyRelease, on_delete=models.CASCADE, related_name="uses")
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    subject_model = models.CharField(_("kind of record"), max_length=60)
    subject_id = models.BigIntegerField(_("id of the record"))
    subject_label = blank_text(_("record"), 255)
    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("use of a release")
        verbose_name_plural = _("uses of a release")
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject_model", "subject_id"], name="release_use_subject")]
        triggers = audit.append_only()

    def __str__(self) -> str:
        return f"{self.release}: {self.amount} {self.subject_label}"
