"""Tags about people and what they did."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import models

register = template.Library()


@register.inclusion_tag("people/_history_fold.html")
def record_history(record: models.Model) -> dict[str, Any]:
    """What happened to a record and its parts, read when somebody unfolds it."""
    return {"table": record._meta.db_table, "pk": record.pk}
