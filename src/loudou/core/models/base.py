"""What business rows share."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Versioned(models.Model):
    """A row that knows when it was made and last changed, and which version a writer has read."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(_("last changed"), auto_now=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True

    def save_changes(self, *fields: str) -> None:
        """Write the named fields and count the version up; the row must be locked by the calling service."""
        self.version += 1
        written: set[str] = {*fields, "version", "updated_at"}
        self.save(update_fields=written)


def blank_text(label: Any, length: int, **options: Any) -> models.CharField[Any, Any]:
    """Make an optional short text column: empty is '', never NULL, so that there is one way to be empty."""
    return models.CharField(label, max_length=length, blank=True, default="", **options)
