"""Keeping a list's filters, columns and order under a name."""

from __future__ import annotations

from collections.abc import Iterable

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


def hand_views_over(view_ids: Iterable[int], *, to: User) -> int:
    """Give shared views to another user, so that whoever works with them keeps them and somebody can mend them.

    A view whose name the new owner has already on that page gets the old owner's name added. Returns how many.
    Part of other verbs: it asks for no permission of its own.
    """
    views = list(SavedView.objects.filter(pk__in=list(view_ids), is_shared=True).select_related("owner"))
    taken = set(SavedView.objects.filter(owner=to).values_list("page", "name"))
    longest = SavedView._meta.get_field("name").max_length or 0
    for view in views:
        plain, number = view.name, 1
        while (view.page, view.name) in taken:
            mark = f" ({view.owner})" if number == 1 else f" ({view.owner} {number})"
            view.name, number = plain[: longest - len(mark)] + mark, number + 1
        taken.add((view.page, view.name))
        view.owner, view.is_default = to, False
    return SavedView.objects.bulk_update(views, ["owner", "name", "is_default"])


@service("home.view")
def delete_view(actor: User, view_id: int) -> None:
    """Throw one's view away. Raises NotVisible."""
    lock(_own(actor), view_id).delete()
