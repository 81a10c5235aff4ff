"""How documents are numbered."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import DocumentKind, NumberedAt, NumberReset
from loudou.core import audit
from loudou.core.models.base import Versioned


class NumberSeries(Versioned):
    """The numbers of one kind of document: `pattern` such as 'HT{year}{month}-{number:4}', and when it starts again.

    A gap-free series makes documents wait for one another and leaves no number out; the others do not wait, and may
    leave out a number when a posting fails.
    """

    kind = models.CharField(_("document"), max_length=10, choices=DocumentKind.choices, unique=True)
    pattern = models.CharField(
        _("format"),
        max_length=60,
        help_text=_("Text with {year}, {yy}, {month} and {number:4}; the figure is the least number of digits."),
    )
    reset = models.CharField(_("starts again"), max_length=7, choices=NumberReset.choices, default=NumberReset.YEARLY)
    starts_at = models.PositiveIntegerField(_("first number"), default=1, validators=[MinValueValidator(1)])
    is_gap_free = models.BooleanField(_("without gaps"), default=True)
    numbered_at = models.CharField(
        _("a contract gets its number"), max_length=7, choices=NumberedAt.choices, default=NumberedAt.SIGNING
    )

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        ordering = ["kind"]
        constraints = [
            models.CheckConstraint(
                name="number_series_starts_above_zero",
                condition=Q(starts_at__gte=1),
                violation_error_message=_("The first number is 1 or more."),
            )
        ]
        triggers = audit.audited()

    def __str__(self) -> str:
        return self.get_kind_display()


class NumberCounter(models.Model):
    """The last number given in a period of a series ('' for a series that never starts again).

    A gap-free series has one counter a period (`lane` 0). Another one has several lanes whose numbers interleave, so
    that whoever needs a number takes a lane that nobody holds.
    """

    series = models.ForeignKey(NumberSeries, on_delete=models.CASCADE, related_name="counters")
    period = models.CharField(_("period"), max_length=7, blank=True, default="")
    lane = models.PositiveSmallIntegerField(default=0)
    last = models.BigIntegerField(_("last number"))

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")
        constraints = [models.UniqueConstraint(fields=["series", "period", "lane"], name="number_counter_once")]

    def __str__(self) -> str:
        return f"{self.series} {self.period}: {self.last}"
