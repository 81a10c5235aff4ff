"""Tags of the pipeline's templates."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from loudou.pipeline.models import Opportunity
from loudou.web.pipeline.columns import priority_mark, star_button, state_mark

register = template.Library()
register.simple_tag(state_mark, name="state_badge")
register.simple_tag(priority_mark, name="priority_badge")


@register.simple_tag
def star(row: Opportunity, starred: bool) -> SafeString:
    """A button that follows an opportunity or stops following it."""
    return star_button(row.pk, row.subject, starred)
