"""Numbers by which a process notices that a table has changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TableRevision(models.Model):
    """The number of a table's present contents; triggers give a new one with each change (see `loudou.core.kept`)."""

    table_name = models.CharField(max_length=63, primary_key=True)
    number = models.BigIntegerField()

    class Meta:
        verbose_name = _("revision of a table")
        verbose_name_plural = _("revisions of tables")

    def __str__(self) -> str:
        return f"{self.table_name} {self.number}"
