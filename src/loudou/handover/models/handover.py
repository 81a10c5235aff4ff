"""What was handed over: by whom, to whom, each thing as it stood at that moment. Never changed, never deleted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import blank_text
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.handover.choices import Kind
from loudou.handover.models.plan import HandoverPlan


class HandoverQuerySet(ScopedQuerySet["Handover"]):
    """Handovers: seen by those who take part, and by everybody above them."""

    def within(self, reach: Reach) -> Q:
        """One of these people handed over, took over, or carried it out."""
        takes_part = HandoverPart.objects.filter(successor_id__in=reach.user_ids).order_by().values("handover_id")
        people = Q(leaver_id__in=reach.user_ids) | Q(actor_id__in=reach.user_ids)
        return people | Q(pk__in=takes_part)


class Handover(models.Model):
    """One act by which everything, or a part, of what somebody held went to others."""

    plan = models.OneToOneField(HandoverPlan, on_delete=models.PROTECT, null=True, related_name="handover")
    leaver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who handed over")
    )
    keeps_access = models.BooleanField(_("keeps access"), default=False)
    last_day = models.DateField(_("last working day"))
    reason = blank_text(_("reason"), 255)
    note = models.TextField(_("what successors should know"), blank=True, default="")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("carried out by"),
    )
    at = models.DateTimeField(_("when"))

    objects: ClassVar[HandoverQuerySet] = HandoverQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["leaver", "-at"], name="handover_leaver")]
        triggers = [*audit.audited(), *audit.append_only(blackens=("reason", "note"))]

    def __str__(self) -> str:
        return str(self.leaver)


class HandoverPart(models.Model):
    """What one successor took over."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="parts")
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("successor")
    )

    class Meta:
        verbose_name = _("part of a handover")
        verbose_name_plural = _("parts of handovers")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["handover", "successor"], name="handover_part_once")]
        indexes = [models.Index(fields=["successor", "handover"], name="handover_part_successor")]
        triggers = audit.append_only()

    def __str__(self) -> str:
        return str(self.successor)


class Confirmation(models.Model):
    """That a successor has looked at what came and confirms that it is all there."""

    part = models.OneToOneField(HandoverPart, on_delete=models.PROTECT, related_name="confirmation")
    at = models.DateTimeField(_("when"))
    remark = blank_text(_("remark"), 500)

    class Meta:
        verbose_name = _("confirmation of receipt")
        verbose_name_plural = _("confirmations of receipt")
        triggers = audit.append_only(blackens=("remark",))

    def __str__(self) -> str:
        return f"{self.part} {self.at}"


class HandoverItem(models.Model):
    """One thing that changed hands, with its name and figures at that moment; it may be gone since."""

    part = models.ForeignKey(HandoverPart, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    object_id = models.BigIntegerField()
    name = models.CharField(_("name"), max_length=400)
    customer_ref = models.BigIntegerField(null=True)
    customer_name = blank_text(_("customer"), 255)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4, null=True)
    owed = models.DecimalField(_("still owed"), max_digits=19, decimal_places=4, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    due_on = models.DateField(_("due"), null=True)
    detail = blank_text(_("next step"), 255)
    note = models.TextField(_("note"), blank=True, default="")

    class Meta:
        verbose_name = _("thing handed over")
        verbose_name_plural = _("things handed over")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["part", "kind", "id"], name="handover_item_part"),
            models.Index(fields=["kind", "object_id"], name="handover_item_thing"),
        ]
        triggers = audit.append_only(blackens=("name", "detail", "note"))

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"
