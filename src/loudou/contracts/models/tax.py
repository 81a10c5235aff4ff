"""The tax rates that a company sets for kinds of contracts."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import ContractKind
from loudou.core import audit
from loudou.core.models.base import Versioned


class TaxRate(Versioned):
    """The tax rate that lines of a kind of contract start with, where the company set one of its own.

    `selectors.taxes` says what counts where there is none, and for which contracts.
    """

    contract_kind = models.CharField(_("kind of contract"), max_length=10, choices=ContractKind.choices, unique=True)
    rate = models.DecimalField(
        _("tax rate"),
        max_digits=5,
        decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Share between 0 and 1, such as 0.13."),
    )

    class Meta:
        verbose_name = _("usual tax rate")
        verbose_name_plural = _("usual tax rates")
        ordering = ["contract_kind"]
        constraints = [
            models.CheckConstraint(
                name="tax_rate_is_share",
                condition=Q(rate__range=(0, 1)),
                violation_error_message=_("A tax rate is between 0 and 100 %."),
            )
        ]
        triggers = audit.audited()

    def __str__(self) -> str:
        return self.get_contract_kind_display()
