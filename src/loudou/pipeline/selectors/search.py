"""Finding opportunities by what somebody typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, IntegerField, When

from loudou.core.searchtext import matches, needles
from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity
from loudou.pipeline.selectors.opportunities import opportunity_rows

if TYPE_CHECKING:
    from loudou.core.actors import Actor

CANDIDATES = 200


def search_opportunities(actor: Actor, query: str, *, limit: int) -> list[Opportunity]:
    """Visible opportunities that hold every word: the same subject first, then open ones, the latest first.

    One indexed statement; a common word is cut off at CANDIDATES before anything is sorted.
    """
    words = query.strip()
    if not needles(words):
        return []
    rows = Opportunity.objects.visible_to(actor)
    found = rows.filter(matches(words, among_few=actor.reach(rows.model._meta.label_lower).is_one_person))
    candidates = found.order_by().values("pk")[:CANDIDATES]
    best = Case(
        When(subject__iexact=words, then=0),
        When(subject__istartswith=words, state=State.OPEN, then=1),
        When(state=State.OPEN, then=2),
        default=3,
        output_field=IntegerField(),
    )
    listed = opportunity_rows(actor).filter(pk__in=candidates)
    return list(listed.alias(best=best).order_by("best", "-updated_at", "-pk")[:limit])
