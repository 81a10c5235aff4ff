"""Learned figures beside priors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("pipeline/_learned_rate.html")
def learned_rate(learned: Mapping[int, Any], pk: int) -> dict[str, Any]:
    """The learned win rate of a stage or process with its interval, or that there is too little history."""
    return {"row": learned.get(pk)}


@register.inclusion_tag("pipeline/_learned_days.html")
def learned_days(learned: Mapping[int, Any], pk: int) -> dict[str, Any]:
    """The learned median and 80th percentile of days, or that there is too little history."""
    return {"row": learned.get(pk)}
