"""Previous and next in the filtered list that a record was opened from.

A row's link carries `from` (address and query of the list) and `at` (its place there). The list page itself rebuilds
the queryset, so that the walk follows exactly the filters and the order on the screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve

if TYPE_CHECKING:
    from loudou.web.frame.lists import ListPage

NEARBY = 25
"""How far around the remembered place a record is looked for when rows have moved meanwhile."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A record's place in a list: addresses of the list and of its neighbours, '' at either end."""

    back: str
    place: int
    previous: str
    next: str


def list_page_at(request: HttpRequest, address: str) -> ListPage | None:
    """Return the list page that answers to an address of this site, set up for the same user, or None."""
    from loudou.web.frame.lists import ListPage  # the list module needs this one's names

    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None
    view: Any = match.func
    user: Any = request.user
    view_class = getattr(view, "view_class", None)
    if view_class is None or not issubclass(view_class, ListPage) or not user.has_permission(view_class.permission):
        return None
    page: ListPage = view_class(**view.view_initkwargs)
    page.setup(request, *match.args, **match.kwargs)
    page.query, page.base_address = QueryDict(parts.query), parts.path
    return page


def walk(request: HttpRequest, pk: Any) -> Walk | None:
    """Find the neighbours of a record with one statement; None when it was not opened from a list."""
    address = request.GET.get("from", "")
    page = list_page_at(request, address) if address else None
    if page is None:
        return None
    place = request.GET.get("at", "0")
    at = int(place) if place.isdecimal() and len(place) < 6 else 0  # noqa: PLR2004 - lists are paged up to 10,000
    first = max(0, at - NEARBY)
    around = list(page.sorted_rows().values_list("pk", flat=True)[first : at + NEARBY + 1])
    if pk not in around:
        return Walk(back=address, place=0, previous="", next="")
    here = around.index(pk)
    return Walk(
        back=address,
        place=first + here + 1,
        previous=_link(page, around, here - 1, address, first) if here > 0 else "",
        next=_link(page, around, here + 1, address, first) if here + 1 < len(around) else "",
    )


def _link(page: ListPage, around: list[Any], index: int, address: str, first: int) -> str:
    return f"{page.row_address(around[index])}?{urlencode({'from': address, 'at': first + index})}"
