"""The history every statistic stands on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import blank_text
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.models.opportunity import Opportunity
from loudou.pipeline.models.process import Stage


class StageChange(models.Model):
    """What an opportunity was from a moment on: stage, state, amount, expected date, owner. Never edited.

    `at` is when it happened, `recorded_at` when Loudou learned of it; they differ for imported history. The row with
    the greatest (`at`, `id`) up to a moment tells what was true at that moment.
    """

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(_("what"), max_length=10, choices=ChangeKind.choices)
    from_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("from"))
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+", verbose_name=_("to"))
    from_state = models.CharField(max_length=8, choices=State.choices, blank=True, default="")
    to_state = models.CharField(max_length=8, choices=State.choices)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4, null=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount_base = models.DecimalField(_("amount in base currency"), max_digits=19, decimal_places=4, null=True)
    expected_on = models.DateField(_("expected signing date"), null=True)
    probability = models.DecimalField(_("rep's probability"), max_digits=5, decimal_places=4, null=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = blank_text(_("note"), 500)

    class Meta:
        verbose_name = _("stage change")
        verbose_name_plural = _("stage history")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["opportunity", "at", "id"], name="stage_change_opportunity"),
            models.Index(fields=["at"], name="stage_change_at"),
        ]
        triggers = audit.append_only(blackens=("note",))

    def __str__(self) -> str:
        return f"{self.opportunity}: {self.get_kind_display()}"
