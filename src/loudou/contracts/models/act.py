"""Offer, acceptance and whatever else was done with a contract: acts with date, person and document."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.contracts.choices import ActKind, Party
from loudou.contracts.models.attachment import ContractFile
from loudou.contracts.models.contract import Contract, PartQuerySet
from loudou.contracts.models.version import ContractVersion
from loudou.core import audit
from loudou.core.models.base import blank_text
from loudou.customers.models import Contact


class ActQuerySet(PartQuerySet["ContractAct"]):
    """Acts on contracts."""


class ContractAct(models.Model):
    """One thing done with a contract on a day: which side, by whom, on what paper. Never edited, never deleted."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="acts")
    version = models.ForeignKey(ContractVersion, on_delete=models.CASCADE, null=True, related_name="acts")
    kind = models.CharField(_("what"), max_length=18, choices=ActKind.choices)
    on = models.DateField(_("date"))
    party = models.CharField(_("acting party"), max_length=8, choices=Party.choices, default=Party.US)
    person = blank_text(_("person"), 120)
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("contact at the customer")
    )
    document = models.ForeignKey(
        ContractFile, on_delete=models.PROTECT, null=True, related_name="acts", verbose_name=_("document")
    )
    note = blank_text(_("note"), 1000)
    settlement = blank_text(_("settlement"), 1000, help_text=_("What was agreed about what remains open."))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects: ClassVar[ActQuerySet] = ActQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["contract", "on", "id"], name="contract_act_contract")]
        triggers = [*audit.audited(), *audit.append_only()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"
