"""A handover that is being prepared: who gets what, and what the leaver has to say about it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned, blank_text
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.customers.models import Customer
from loudou.handover.choices import HandoverPlanState, Kind


class PlanQuerySet(ScopedQuerySet["HandoverPlan"]):
    """Prepared handovers: seen by whoever sees the one who hands over, and by whoever prepared them."""

    def within(self, reach: Reach) -> Q:
        """One of these people hands over, or prepared it: who leaves is soon in no team any more."""
        return Q(leaver_id__in=reach.user_ids) | Q(prepared_by_id__in=reach.user_ids)


class HandoverPlan(Versioned):
    """What is to be handed over, to whom: a rule for everything, and choices that differ from it.

    Nothing is moved before it is carried out, and it is carried out once: the handover refers to it.
    """

    leaver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who hands over")
    )
    keeps_access = models.BooleanField(_("keeps access"), default=False)
    last_day = models.DateField(_("last working day"))
    reason = blank_text(_("reason"), 255)
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("successor for everything else"),
    )
    note = models.TextField(_("what successors should know"), blank=True, default="")
    state = models.CharField(
        _("state"), max_length=8, choices=HandoverPlanState.choices, default=HandoverPlanState.OPEN
    )
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("prepared by")
    )

    objects: ClassVar[PlanQuerySet] = PlanQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("prepared handover")
        verbose_name_plural = _("prepared handovers")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["leaver"],
                name="handover_plan_open_once",
                condition=Q(state="open"),
                violation_error_message=_("A handover of this person is already being prepared."),
            )
        ]
        triggers = audit.audited()

    def __str__(self) -> str:
        return str(self.leaver)

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.state == HandoverPlanState.OPEN


class PlanChoice(models.Model):
    """That one thing goes to somebody else than the rule says; what hangs on a customer goes with it."""

    plan = models.ForeignKey(HandoverPlan, on_delete=models.CASCADE, related_name="choices")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    object_id = models.BigIntegerField()
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("successor")
    )

    class Meta:
        verbose_name = _("choice of a successor")
        verbose_name_plural = _("choices of successors")
        constraints = [models.UniqueConstraint(fields=["plan", "kind", "object_id"], name="handover_choice_once")]
        triggers = audit.audited(part_of=("handover_handoverplan", "plan_id"))

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.object_id} → {self.successor}"


class PlanNote(models.Model):
    """What the successor should know about one customer."""

    plan = models.ForeignKey(HandoverPlan, on_delete=models.CASCADE, related_name="notes")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", verbose_name=_("customer"))
    text = models.TextField(_("note"), max_length=2000)

    class Meta:
        verbose_name = _("note on a customer")
        verbose_name_plural = _("notes on customers")
        constraints = [models.UniqueConstraint(fields=["plan", "customer"], name="handover_note_once")]
        triggers = audit.audited(part_of=("handover_handoverplan", "plan_id"))

    def __str__(self) -> str:
        return f"{self.customer}: {self.text}"
