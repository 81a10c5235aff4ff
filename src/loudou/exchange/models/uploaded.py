"""What every table that somebody uploads has: the file, how it is read, and what its columns are."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from loudou.core.models.base import Versioned, blank_text
from loudou.exchange.choices import DateOrder, DecimalMark


class UploadedTable(Versioned):
    """A file with the choices needed to read it. Columns are numbered from 0; `mapping` names the target of each."""

    file = models.FileField(_("file"), upload_to="imports/%Y/%m/", max_length=255, blank=True)
    file_name = blank_text(_("file name"), 255)
    file_size = models.PositiveBigIntegerField(_("size in bytes"), default=0)

    encoding = blank_text(_("encoding"), 20)
    delimiter = blank_text(_("separator"), 2)
    sheet = models.PositiveSmallIntegerField(_("sheet"), default=0)
    header_row = models.PositiveIntegerField(_("header row"), default=1)
    headers = models.JSONField(_("headings"), default=list)

    mapping = models.JSONField(_("columns"), default=dict)
    date_order = models.CharField(_("order of dates"), max_length=5, choices=DateOrder.choices, default=DateOrder.AUTO)
    decimal_mark = models.CharField(
        _("decimal mark"), max_length=10, choices=DecimalMark.choices, default=DecimalMark.POINT
    )

    class Meta:
        abstract = True

    @property
    def kept_until(self) -> dt.datetime:
        """When the file is thrown away if nobody finishes or changes it: what waits for nobody is not kept for ever."""
        return self.updated_at + dt.timedelta(days=settings.UNFINISHED_UPLOAD_DAYS)
