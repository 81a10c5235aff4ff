"""The command palette: go to a record, a page or a saved view, or begin something new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loudou.people.selectors.saved_views import pinned_views
from loudou.web.frame.navigation import NEW, Item, everywhere, usable
from loudou.web.frame.search import search_everything

if TYPE_CHECKING:
    from loudou.people.models import User

MOST = 6
"""Records of each kind that the palette offers."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the palette."""

    text: str | Promise
    url: str
    icon: str
    hint: str = ""
    in_dialog: bool = False


@dataclass(frozen=True, slots=True)
class Hits:
    """Lines under one heading."""

    label: str | Promise
    hits: tuple[Hit, ...]


def find(user: User, query: str) -> list[Hits]:
    """Return what the user may go to that matches; with an empty query, pages, views and new things."""
    query = query.strip()
    return [*(_records(user, query) if query else ()), *places(user, query)]


def places(user: User, query: str) -> list[Hits]:
    """Return the pages, saved views and new things whose name holds the query."""
    groups = (
        Hits(_("Go to"), tuple(_places(everywhere(user), query, icon="arrow-right"))),
        Hits(_("Saved views"), tuple(_views(user, query))),
        Hits(pgettext_lazy("button", "New"), tuple(_places(usable(NEW, user), query, icon="plus", in_dialog=True))),
    )
    return [group for group in groups if group.hits]


def _records(user: User, query: str) -> Iterator[Hits]:
    for group in search_everything(user, query, limit=MOST):
        yield Hits(group.label, tuple(Hit(found.text, found.url, group.icon, found.hint) for found in group.found))


def _places(items: Iterable[Item], query: str, *, icon: str, in_dialog: bool = False) -> Iterator[Hit]:
    wanted = query.casefold()
    for item in items:
        if wanted in str(item.label).casefold():
            yield Hit(
                item.label, item.url, item.icon or icon, in_dialog=in_dialog and item.url_name != "exchange:import_add"
            )


def _views(user: User, query: str) -> Iterator[Hit]:
    wanted = query.casefold()
    for view in pinned_views(user):
        address = _url(view.page if ":" in view.page else f"{view.page}:list")
        if address and wanted in view.name.casefold():
            yield Hit(view.name, f"{address}?{view.query}&view={view.pk}", "bookmark")


def _url(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
