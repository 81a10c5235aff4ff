"""Views that every list comes with: one click for what people ask for every day, before anybody has saved anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import QueryDict
from django.utils.functional import Promise

if TYPE_CHECKING:
    from loudou.people.models import User
    from loudou.web.frame.lists import ListPage


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyView:
    """A named state of a list: its query string, or a function of the reader that makes it ('' leaves the view out)."""

    label: str | Promise
    query: str | Callable[[User], str]


@dataclass(frozen=True, slots=True)
class Tab:
    """A ready view as the reader sees it."""

    label: str | Promise
    url: str
    is_current: bool


def tabs(page: ListPage) -> list[Tab]:
    """The page's ready views for its reader; the one whose filters the address has is current."""
    given = _filters(page, page.query)
    found = []
    for view in page.ready_views:
        state = view.query if isinstance(view.query, str) else view.query(page.request.user)
        if state:
            is_current = page.active_view is None and _filters(page, QueryDict(state)) == given
            found.append(Tab(view.label, f"{page.base_address}?{state}", is_current))
    return found


def _filters(page: ListPage, query: QueryDict) -> dict[str, list[str]]:
    declared = page.filterset.declared() if page.filterset is not None else ()
    return {name: sorted(values) for name, values in query.lists() if name in declared and any(values)}
