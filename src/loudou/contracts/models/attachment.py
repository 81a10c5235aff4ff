"""Documents kept with a contract: the signed scan, offers, delivery notes, acceptance records."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import FileKind
from loudou.contracts.models.contract import Contract, PartQuerySet
from loudou.core import audit


class FileQuerySet(PartQuerySet["ContractFile"]):
    """Documents of contracts."""


class ContractFile(models.Model):
    """A document of a contract; whoever sees the contract may read it. One that an act refers to stays."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(_("kind of document"), max_length=10, choices=FileKind.choices, default=FileKind.OTHER)
    name = models.CharField(_("file name"), max_length=255)
    content = models.FileField(_("file"), upload_to="contracts/%Y/%m/", max_length=255)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    objects: ClassVar[FileQuerySet] = FileQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("document of the contract")
        verbose_name_plural = _("documents of the contract")
        ordering = ["-uploaded_at", "-id"]
        triggers = audit.audited()

    def __str__(self) -> str:
        return self.name
