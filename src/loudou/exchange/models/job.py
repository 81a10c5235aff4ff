"""An import, from the choice of a file to its undoing, and the mappings that are remembered."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import blank_text
from loudou.core.refusals import NotVisible
from loudou.exchange.choices import EmptyCell, JobStatus, Mode, NameOrder, ObjectKind, OnMatch
from loudou.exchange.models.uploaded import UploadedTable
from loudou.exchange.targets import KINDS
from loudou.people.models import Team


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    """Imports: seen by whoever started them, and by whoever may undo imports and write such records."""

    def visible_to(self, actor: object) -> Self:
        """Keep the imports the actor may see."""
        allowed = getattr(actor, "has_permission", None)
        if allowed is None or not allowed("exchange.import"):
            return self.none()
        own = models.Q(created_by_id=getattr(actor, "pk", None))
        if not allowed("exchange.undo"):
            return self.filter(own)
        kinds = [kind.code for kind in KINDS.values() if allowed(kind.creates_with) or allowed(kind.changes_with)]
        return self.filter(own | models.Q(kind__in=kinds))

    def get_visible(self, pk: int) -> ImportJob:
        """The import of this id among these. Raises NotVisible."""
        found = self.filter(pk=pk).first()
        if found is None:
            raise NotVisible
        return found

    def unfinished(self) -> Self:
        """Imports that are still being set up."""
        return self.filter(status__in=SETTING_UP, started_at=None)

    def busy(self) -> Self:
        """Imports on which a worker should be at work."""
        return self.filter(status__in=BUSY)


BUSY = (JobStatus.READING, JobStatus.CHECKING, JobStatus.RUNNING, JobStatus.UNDOING)
SETTING_UP = (JobStatus.UPLOADED, JobStatus.READY, JobStatus.FAILED)


class ImportJob(UploadedTable):
    """One file on its way into Loudou: how to read it, what its columns mean, what to do, and how far it has come.

    `defaults` are the values of targets without a column, `reconciled` what to do with values that name nothing known.
    """

    kind = models.CharField(_("what the rows are"), max_length=20, choices=ObjectKind.choices)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode.choices, default=Mode.BOTH)
    status = models.CharField(_("status"), max_length=10, choices=JobStatus.choices, default=JobStatus.UPLOADED)
    defaults = models.JSONField(_("default values"), default=dict)
    reconciled = models.JSONField(_("values"), default=dict)
    match_keys = models.JSONField(_("match by"), default=list)
    on_match = models.CharField(
        _("when a record is known"), max_length=15, choices=OnMatch.choices, default=OnMatch.OVERWRITE
    )
    empty_cell = models.CharField(_("an empty cell"), max_length=10, choices=EmptyCell.choices, default=EmptyCell.LEAVE)
    currency = blank_text(_("currency of amounts"), 3)
    time_zone = blank_text(_("time zone of times"), 64)
    name_order = models.CharField(
        _("order of first and last name"), max_length=10, choices=NameOrder.choices, default=NameOrder.AUTO
    )
    rows_are_lines = models.BooleanField(_("several rows may be lines of one record"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner of new records that name none"),
    )
    team = models.ForeignKey(
        Team,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("team whose members own new records that name none, in turn"),
    )

    total = models.PositiveIntegerField(_("rows"), default=0)
    progress = models.PositiveIntegerField(_("rows done"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    checked_at = models.DateTimeField(_("dry run"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    stop_requested = models.BooleanField(_("asked to stop"), default=False)
    trouble = models.TextField(_("what went wrong"), blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )

    objects: ClassVar[ImportJobQuerySet] = ImportJobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["created_by", "-id"], name="import_job_who"),
            models.Index(
                fields=["beat_at"], name="import_job_busy", condition=models.Q(status__in=[s.value for s in BUSY])
            ),
        ]
        triggers = audit.audited(exclude=("progress", "counts", "beat_at", "updated_at", "version"))

    def __str__(self) -> str:
        return self.file_name or f"{self.get_kind_display()} {self.pk}"

    @property
    def is_busy(self) -> bool:
        """Whether a worker should be at work on it."""
        return self.status in BUSY

    @property
    def is_unfinished(self) -> bool:
        """Whether it is still being set up and has written nothing: then it may be changed, and thrown away."""
        return self.status in SETTING_UP and self.started_at is None


class SavedMapping(models.Model):
    """How a person last imported a file with these headings, offered again for the next one like it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=ObjectKind.choices)
    signature = models.CharField(max_length=64)
    choices = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        verbose_name = _("remembered mapping")
        verbose_name_plural = _("remembered mappings")
        constraints = [models.UniqueConstraint(fields=["user", "kind", "signature"], name="saved_mapping_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.kind}"
