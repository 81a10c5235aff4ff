"""Tags of the pipeline's templates."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from loudou.pipeline.models import Opportunity
from loudou.pipeline.selectors import Volume
from loudou.web.frame import formats
from loudou.web.pipeline.columns import priority_mark, star_button, state_mark
from loudou.web.pipeline.pages import WEIGHTED_FORMULA

register = template.Library()
register.simple_tag(state_mark, name="state_badge")
register.simple_tag(priority_mark, name="priority_badge")


@register.simple_tag
def star(row: Opportunity, starred: bool) -> SafeString:
    """A button that follows an opportunity or stops following it."""
    return star_button(row.pk, row.subject, starred)


@register.simple_tag
def sums(volume: Volume, url: str, currency: str) -> SafeString:
    """How many opportunities, which open their rows; what they are worth, and weighted by their chances."""
    exact, worth = formats.money(volume.amount, currency), formats.money(volume.amount, currency, whole=True)
    weighted, word = formats.money(volume.weighted, currency, whole=True), escape(_("weighted"))
    return mark_safe(  # noqa: S308 - the parts are escaped
        f'<a href="{escape(url)}" class="lane-count">{formats.number(volume.count)}</a>'
        f' <span title="{escape(exact)}">{escape(worth)}</span>'
        f' <small class="text-secondary" title="{escape(str(WEIGHTED_FORMULA))}">{word} {escape(weighted)}</small>'
    )


@register.simple_tag
def volume_cells(volumes: Iterable[Volume], currency: str) -> SafeString:
    """Cells of a table: count and worth, a dash where there is nothing."""
    nothing = '<span aria-hidden="true">–</span>'
    drawn = []
    for volume in volumes:
        worth = escape(formats.money(volume.amount, currency, whole=True))
        content = f"{formats.number(volume.count)}<br><small>{worth}</small>" if volume.count else nothing
        drawn.append(f'<td class="text-end numeric">{content}</td>')
    return mark_safe("".join(drawn))  # noqa: S308 - the parts are escaped
