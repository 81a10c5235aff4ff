"""Target segments: the part of the market that we aim at."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from loudou.core import audit
from loudou.core.models.base import Versioned
from loudou.customers.segment_rule import SegmentRule


class Segment(Versioned):
    """A saved rule over customer fields. Who belongs is computed: the standing evidence of kind `segment_match`."""

    name = models.CharField(_("segment"), max_length=120)
    description = models.TextField(_("what it is for"), blank=True, default="")
    rule = models.JSONField(_("rule"))
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="segment_name_once",
                violation_error_message=_("There is already a segment of this name."),
            )
        ]
        triggers = audit.audited()

    def __str__(self) -> str:
        return self.name

    @property
    def conditions(self) -> SegmentRule:
        """The rule, read."""
        return SegmentRule.from_json(self.rule)
