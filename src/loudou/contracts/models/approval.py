"""Discounts beyond the policy need somebody's approval."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import ApprovalOutcome
from loudou.contracts.models.contract import Contract, PartQuerySet
from loudou.contracts.models.version import ContractVersion
from loudou.core import audit
from loudou.core.models.base import blank_text


class RequestQuerySet(PartQuerySet["DiscountRequest"]):
    """Requests for approval of a discount."""

    def pending(self) -> RequestQuerySet:
        """Not decided yet."""
        return self.filter(decision__isnull=True)


class DiscountRequest(models.Model):
    """That somebody asked for a discount beyond the policy: how much, against which figure, why. Never edited."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="discount_requests")
    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, related_name="discount_requests")
    discount = models.DecimalField(_("discount asked for"), max_digits=5, decimal_places=4)
    policy = models.DecimalField(_("discount without approval"), max_digits=5, decimal_places=4)
    reason = models.CharField(_("reason"), max_length=500)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    requested_at = models.DateTimeField(_("asked"))

    objects: ClassVar[RequestQuerySet] = RequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("request for a discount")
        verbose_name_plural = _("requests for discounts")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="discount_request_is_a_share", condition=Q(discount__gt=0, discount__lte=1, policy__range=(0, 1))
            ),
        ]
        triggers = [*audit.audited(), *audit.append_only()]

    def __str__(self) -> str:
        return f"{self.contract}: {self.discount:.2%}"


class DiscountDecision(models.Model):
    """How a request was decided, by whom and why. Never edited."""

    request = models.OneToOneField(DiscountRequest, on_delete=models.CASCADE, related_name="decision")
    outcome = models.CharField(_("decision"), max_length=8, choices=ApprovalOutcome.choices)
    reason = blank_text(_("reason"), 500)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("decision about a discount")
        verbose_name_plural = _("decisions about discounts")
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="refused_discount_has_reason",
                condition=~Q(outcome=ApprovalOutcome.REFUSED) | ~Q(reason=""),
                violation_error_message=_("Say why the discount is refused."),
            )
        ]
        triggers = [*audit.audited(), *audit.append_only()]

    def __str__(self) -> str:
        return f"{self.request}: {self.get_outcome_display()}"
