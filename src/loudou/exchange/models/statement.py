"""A bank's file on its way in, and what is remembered about the files of an account."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loudou.contracts.models import BankStatement
from loudou.core import audit
from loudou.core.scoping import Reach, ScopedQuerySet
from loudou.exchange.models.uploaded import UploadedTable


class AccountFormatQuerySet(ScopedQuerySet["AccountFormat"]):
    """What is remembered serves everybody who reads in statements."""

    def within(self, reach: Reach) -> Q:
        """None: it is not of any seller's customers."""
        return Q(pk__in=[])


class AccountFormat(models.Model):
    """How the files of an account that have these headings were last read in: the next one like them is read so.

    `choices` holds encoding, separator, sheet, order of dates, decimal mark and the target of each column.
    """

    account = models.CharField(_("our account"), max_length=100)
    signature = models.CharField(max_length=64)
    headers = models.JSONField(_("headings"), default=list)
    choices = models.JSONField(default=dict)
    used_at = models.DateTimeField(_("last used"))
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )

    objects: ClassVar[AccountFormatQuerySet] = AccountFormatQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("remembered format of a bank's files")
        verbose_name_plural = _("remembered formats of banks' files")
        ordering = ["account", "-used_at"]
        constraints = [models.UniqueConstraint(fields=["account", "signature"], name="account_format_once")]
        triggers = audit.audited(exclude=("used_at",))

    def __str__(self) -> str:
        return self.account


class StatementFileQuerySet(ScopedQuerySet["StatementFile"]):
    """Files of banks belong to nobody: whoever sees the books sees all of them."""

    def within(self, reach: Reach) -> Q:
        """None: a bank's file is not of any seller's customers."""
        return Q(pk__in=[])

    def unfinished(self) -> Self:
        """Files that were not read in."""
        return self.filter(statement=None)


class StatementFile(UploadedTable):
    """A file of movements of one of our accounts: how it is read, and the statement it became.

    `format` is what was remembered of the account and fitted this file.
    """

    account = models.CharField(_("our account"), max_length=100)
    currency = models.CharField(_("currency"), max_length=3)
    format = models.ForeignKey(
        AccountFormat, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("remembered format")
    )
    statement = models.OneToOneField(
        BankStatement, on_delete=models.PROTECT, null=True, related_name="file", verbose_name=_("bank statement")
    )
    left_out = models.PositiveIntegerField(_("rows left out"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )

    objects: ClassVar[StatementFileQuerySet] = StatementFileQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("file of a bank")
        verbose_name_plural = _("files of banks")
        ordering = ["-pk"]
        triggers = audit.audited(exclude=("updated_at", "version"))

    def __str__(self) -> str:
        return str(self.file_name)

    @property
    def columns(self) -> dict[int, str]:
        """Targets by column."""
        return {int(column): code for column, code in self.mapping.items()}
