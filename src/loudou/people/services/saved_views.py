"""Keeping a list's filters, columns and order under a name."""

from __future__ import annotations

from django.db.models import QuerySet

from loudou.core.verbs import lock, service, validate
from loudou.people.models import SavedView, User


def _own(actor: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(owner_id=actor.pk)


@service("home.view")
def save_view(
    actor: User, *, page: str, name: str, query: str, is_shared: bool = False, is_pinned: bool = False
) -> SavedView:
    """Keep the state of a page under a name; the actor's view of the same name there is replaced.

    `query` is the query string of the page's address, filters, columns and order together. Raises InvalidInput.
    """
    view = _own(actor).select_for_update().filter(page=page, name=name).first()
    view = view or SavedView(owner=actor, page=page, name=name)
    view.query, view.is_shared, view.is_pinned = query, is_shared, is_pinned
    validate(view)
    view.save()
    return view


@service("home.view")
def rename_view(actor: User, view_id: int, *, name: str) -> SavedView:
    """Give one's own view another name. Raises NotVisible, InvalidInput."""
    view = lock(_own(actor), view_id)
    view.name = name
    validate(view)
    view.save(update_fields=["name"])
    return view


@service("home.view")
def share_view(actor: User, view_id: int, *, is_shared: bool) -> SavedView:
    """Let colleagues use one's view, or stop that. What they see through it stays within their own reach."""
    view = lock(_own(actor), view_id)
    view.is_shared = is_shared
    view.save(update_fields=["is_shared"])
    return view


@service("home.view")
def pin_view(actor: User, view_id: int, *, is_pinned: bool) -> SavedView:
    """Show one's view as a tab above the list, or stop that."""
    view = lock(_own(actor), view_id)
    view.is_pinned = is_pinned
    view.save(update_fields=["is_pinned"])
    return view


@service("home.view")
def set_default_view(actor: User, view_id: int, *, is_default: bool) -> SavedView:
    """Open the page with this view from now on, or with no view again; there is one default for each page."""
    view = lock(_own(actor), view_id)
    _own(actor).filter(page=view.page, is_default=True).exclude(pk=view.pk).update(is_default=False)
    view.is_default = is_default
    view.save(update_fields=["is_default"])
    return view


@service("home.view")
def delete_view(actor: User, view_id: int) -> None:
    """Throw one's view away. Raises NotVisible."""
    lock(_own(actor), view_id).delete()
