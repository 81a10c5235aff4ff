"""The rows of a file, and what became of each."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core.models.base import blank_text
from loudou.exchange.choices import RowStatus
from loudou.exchange.models.job import ImportJob


class ImportRow(models.Model):
    """One row of the file: its cells as text, the verdict of the dry run, what the run made of it, and why.

    `number` is the row's number in the file, as a spreadsheet shows it. `before` keeps the values that an update
    replaced and `version_left` the version it left, so that an undo can tell whether somebody touched the record since.
    """

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    cells = ArrayField(models.TextField(), verbose_name=_("cells"))
    verdict = models.CharField(_("dry run"), max_length=10, choices=RowStatus.choices, blank=True, default="")
    status = models.CharField(_("status"), max_length=10, choices=RowStatus.choices, default=RowStatus.PENDING)
    reasons = ArrayField(models.TextField(), verbose_name=_("reasons"), default=list)
    target_id = models.BigIntegerField(_("record"), null=True)
    version_left = models.PositiveIntegerField(null=True)
    before = models.JSONField(null=True)
    needs_link = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("row")
        verbose_name_plural = _("rows")
        ordering = ["job", "number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="import_row_once")]
        indexes = [
            models.Index(
                fields=["job", "number"], name="import_row_pending", condition=models.Q(status=RowStatus.PENDING.value)
            ),
            models.Index(fields=["job", "verdict", "number"], name="import_row_verdict"),
            models.Index(fields=["job", "status", "number"], name="import_row_status"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}:{self.number}"


class ImportExtra(models.Model):
    """A record that an import made beside its rows' own, such as the product line a product named."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="extras")
    label = blank_text(_("kind"), 60)
    target_id = models.BigIntegerField(_("record"))

    class Meta:
        verbose_name = _("extra record")
        verbose_name_plural = _("extra records")
        constraints = [models.UniqueConstraint(fields=["job", "label", "target_id"], name="import_extra_once")]

    def __str__(self) -> str:
        return f"{self.label} {self.target_id}"
