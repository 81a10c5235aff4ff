"""Payment plans to start from, such as 30 % on signing, 60 % on delivery, 10 % a year after acceptance."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import ON_TERMS, DueBasis
from loudou.core import audit
from loudou.core.models.base import Versioned
from loudou.pipeline.models.process import Bilingual


class PlanTemplate(Versioned, Bilingual):
    """A payment plan by shares, which an administrator sets up. One of them is used when a contract brings no plan."""

    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_default = models.BooleanField(_("used when a contract has no plan of its own"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("payment plan template")
        verbose_name_plural = _("payment plan templates")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="plan_template_one_default"
            ),
            models.CheckConstraint(
                name="plan_template_default_is_active", condition=Q(is_default=False) | Q(is_active=True)
            ),
        ]
        triggers = audit.audited()


class TemplateInstalment(Bilingual):
    """One instalment of a template. Its share of the total is its weight in the sum of all weights."""

    template = models.ForeignKey(PlanTemplate, on_delete=models.CASCADE, related_name="instalments")
    position = models.PositiveSmallIntegerField(_("instalment no."))
    weight = models.DecimalField(
        _("weight"), max_digits=9, decimal_places=4, help_text=_("Per cent, or parts such as 1 : 1 : 1.")
    )
    basis = models.CharField(_("due"), max_length=16, choices=DueBasis.choices)
    offset_months = models.PositiveSmallIntegerField(_("months later"), default=0, validators=[MaxValueValidator(240)])
    offset_days = models.PositiveSmallIntegerField(_("days later"), default=0, validators=[MaxValueValidator(3660)])
    on_terms = models.BooleanField(
        _("the customer's payment days count first"),
        default=False,
        help_text=_("Where none are agreed with the customer, the days of the template."),
    )
    is_retention = models.BooleanField(_("retention money"), default=False)

    class Meta:
        verbose_name = _("instalment of a template")
        verbose_name_plural = _("instalments of a template")
        ordering = ["template", "position"]
        constraints = [
            models.UniqueConstraint(fields=["template", "position"], name="template_instalment_once"),
            models.CheckConstraint(
                name="template_weight_positive",
                condition=Q(weight__gt=0),
                violation_error_message=_("A weight must be greater than zero."),
            ),
            models.CheckConstraint(
                name="template_instalment_by_event",
                condition=~Q(basis=DueBasis.DATE),
                violation_error_message=_("A template counts from events, not from days of the calendar."),
            ),
            models.CheckConstraint(
                name="template_instalment_on_terms",
                condition=Q(on_terms=False) | Q(basis__in=sorted(ON_TERMS), offset_months=0, is_retention=False),
                violation_error_message=_(
                    "Payment days count from a delivery, an acceptance or an invoice, without months, and not for "
                    "retention money."
                ),
            ),
        ]
        triggers = audit.audited()
