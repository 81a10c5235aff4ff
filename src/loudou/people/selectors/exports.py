"""Questions about who took which list out of the house, as a file."""

from __future__ import annotations

from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from loudou.core.actors import Actor
from loudou.people.choices import EventCode
from loudou.people.models import AuditEntry


def own_exports(actor: Actor) -> QuerySet[AuditEntry]:
    """What the actor exported, newest first; nobody needs the right to read the audit for one's own."""
    return _with_their_ends(AuditEntry.objects.filter(actor_id=actor.pk))


def all_exports(actor: Actor) -> QuerySet[AuditEntry]:
    """What everybody exported, newest first; none without audit.view."""
    if not actor.has_permission("audit.view"):
        return AuditEntry.objects.none()
    return _with_their_ends(AuditEntry.objects.visible_to(actor))


def _with_their_ends(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Exports, each with `ended` (outcome, rows, bytes; None while its stream has no end) and `outcome`."""
    end = AuditEntry.objects.filter(table_name=EventCode.EXPORT_ENDED, object_id=Cast(OuterRef("pk"), CharField()))
    return (
        entries.filter(table_name=EventCode.EXPORTED)
        .annotate(ended=Subquery(end.values("after")[:1]), outcome=KeyTextTransform("outcome", "ended"))
        .select_related("actor")
        .defer("search_text", "actor__search_text", "actor__password")
        .order_by("-pk")
    )
