"""The company's rules about its customers."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core import audit, kept
from loudou.core.models.base import Versioned
from loudou.customers.phases import PhasePolicy


class CustomerRules(Versioned):
    """Thresholds of the phases, names of the phases, and what a customer without figures of its own is entitled to.

    There is one row; `selectors.rules()` reads it. `phase_names` maps a phase's code to its names by language.
    """

    horizon_days = models.PositiveSmallIntegerField(
        _("days ahead that an expected signing counts"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days that an instalment may come late"), default=0, validators=[MaxValueValidator(3650)]
    )
    late_counts_days = models.PositiveSmallIntegerField(
        _("days that a late payment counts"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(3650)],
        help_text=_("Empty: for ever."),
    )
    phase_names = models.JSONField(_("names of the phases"), default=dict, blank=True)
    max_discount_rate = models.DecimalField(
        _("maximum discount"),
        max_digits=5,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    credit_limit = models.DecimalField(_("credit limit"), max_digits=19, decimal_places=4, null=True, blank=True)
    credit_currency = models.CharField(_("currency of the credit limit"), max_length=3, blank=True, default="")
    payment_days = models.PositiveSmallIntegerField(
        _("payment days"), null=True, blank=True, validators=[MaxValueValidator(3650)]
    )

    class Meta:
        verbose_name = _("rules about customers")
        verbose_name_plural = _("rules about customers")
        constraints = [
            models.CheckConstraint(name="customer_rules_are_only_one", condition=models.Q(pk=1)),
            models.CheckConstraint(
                name="customer_rules_credit_has_currency",
                condition=models.Q(credit_limit__isnull=True)
                | (models.Q(credit_limit__gte=0) & ~models.Q(credit_currency="")),
                violation_error_message=_("A credit limit is zero or more, in a currency."),
            ),
        ]
        triggers = [*audit.audited(), *kept.noted()]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def phase_policy(self, *, grace_days: int | None = None) -> PhasePolicy:
        """The thresholds, with a customer's own grace when it has one."""
        return PhasePolicy(
            horizon_days=self.horizon_days,
            grace_days=self.grace_days if grace_days is None else grace_days,
            late_counts_days=self.late_counts_days,
        )
