"""Questions about saved views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from loudou.people.models import SavedView

if TYPE_CHECKING:
    from loudou.people.models import User


def saved_views(user: User, *, page: str) -> QuerySet[SavedView]:
    """Views of one page that the user may use: their own and those shared by colleagues; pinned ones first."""
    return (
        SavedView.objects.filter(Q(owner_id=user.pk) | Q(is_shared=True), page=page)
        .select_related("owner")
        .order_by("-is_pinned", "name", "pk")
    )


def pinned_views(user: User) -> QuerySet[SavedView]:
    """Views that the user pinned, on any page."""
    return SavedView.objects.filter(owner_id=user.pk, is_pinned=True).order_by("page", "name", "pk")
