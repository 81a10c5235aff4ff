"""Lists: a declaration of rows, filters and columns, from which the screen, the fragment and the export are made."""

from __future__ import annotations

import functools
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from loudou.core.refusals import PermissionRefused
from loudou.people.selectors.saved_views import saved_views
from loudou.web.frame import exporting
from loudou.web.frame.columns import Column
from loudou.web.frame.filter_bar import asked_menu
from loudou.web.frame.pages import FULL_PAGE, Page
from loudou.web.frame.paging import PAGE_SIZES, RowsPage, turn_to
from loudou.web.frame.ready_views import ReadyView

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from loudou.people.models import SavedView
    from loudou.web.frame.filters import ListFilter

FRAME_PARAMETERS = frozenset(
    {"sort", "page", "per", "cols", "panel", "export", "view", "filters", "totals", "group", "part"}
)
"""Query parameters that belong to the list itself; all others are filters."""
PASSING_PARAMETERS = frozenset({"panel", "export", "filters", "part"})
"""Those that say what one answer shows, and are in no address that the page offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAction:
    """Something done to the selected rows at once: opens the dialog of a `BulkPage`."""

    name: str
    label: str | Promise
    url_name: str
    permission: str
    icon: str = "checks"


class ListPage(Page):
    """Rows in columns with filters, order, pages, selection, saved views and export; its whole state is in the URL.

    Subclasses say `rows()` and the class attributes. The same view answers with the page, with the rows alone (htmx
    target `list`) and with a file (`?export=csv`).
    """

    template = "frame/list.html"
    filterset: ClassVar[type[ListFilter] | None] = None
    columns: ClassVar[tuple[Column, ...]] = ()
    default_sort: ClassVar[str] = ""
    """Column name, with a leading `-` for descending."""
    per_page: ClassVar[int] = 50
    kept_parameters: ClassVar[tuple[str, ...]] = ("sort", "per", "cols")
    """Parameters besides the filters that survive when a filter is changed."""
    row_url_name: ClassVar[str] = ""
    """URL name of the record page; gets the row's pk. '' makes rows that cannot be opened."""
    inline_url_name: ClassVar[str] = ""
    """URL name of the `InlineEdit` view for editable columns; gets pk and column."""
    inline_permission: ClassVar[str] = ""
    bulk_actions: ClassVar[tuple[BulkAction, ...]] = ()
    export_permission: ClassVar[str] = ""
    add_url_name: ClassVar[str] = ""
    add_permission: ClassVar[str] = ""
    add_label: str | Promise = pgettext_lazy("button", "New")
    views_key: ClassVar[str] = ""
    """Name under which views are saved; pages that share their views (board, funnel) share it. '' is the URL name."""
    ready_views: ClassVar[tuple[ReadyView, ...]] = ()
    """Views that are there before anybody saves one: what people of this list ask for every day."""
    empty_icon: ClassVar[str] = "inbox"
    empty_title: str | Promise = _("Nothing here yet")
    empty_text: str | Promise = ""

    query: QueryDict
    base_address: str
    """Address of the list without its state."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Take the list's state from the address."""
        super().setup(request, *args, **kwargs)
        self.query, self.base_address = request.GET, request.path

    # What subclasses say

    def rows(self) -> QuerySet[Any]:
        """Return the rows, from a selector that starts at `visible_to(self.request.user)`."""
        raise NotImplementedError

    def totals(self, rows: QuerySet[Any]) -> Mapping[str, Any]:
        """Values by column name for a last row, from the filtered rows. Bounded cost only: aggregate open rows."""
        return {}

    def header(self) -> dict[str, Any]:
        """More context for the full page (tabs, figures above the rows), which fragments do not need."""
        return {}

    # What the frame makes of it

    @functools.cached_property
    def filters(self) -> ListFilter | None:
        """The filters that the address sets."""
        if self.filterset is None:
            return None
        return self.filterset(self.query, request=self.request)

    def filtered_rows(self) -> QuerySet[Any]:
        """Rows that pass the filters in the address, in no order yet."""
        rows = self.rows()
        return self.filters.filter_queryset(rows) if self.filters is not None else rows

    def sorted_rows(self) -> QuerySet[Any]:
        """Filtered rows in the order of the address, ties broken by pk so that pages never overlap."""
        name, descending = self.sorting
        column = next((c for c in self.columns if c.name == name), None)
        if column is None:
            return self.filtered_rows()
        fields = column.sort_fields
        order = [_reverse(field) for field in fields] if descending else list(fields)
        return self.filtered_rows().order_by(*order, "-pk" if descending else "pk")

    @functools.cached_property
    def sorting(self) -> tuple[str, bool]:
        """Name of the column to sort by ('' for the queryset's own order) and whether it runs downwards."""
        asked = self.query.get("sort") or self.default_sort
        name = asked.removeprefix("-")
        if not any(column.name == name and column.sort_fields for column in self.columns):
            name, asked = self.default_sort.removeprefix("-"), self.default_sort
        return name, asked.startswith("-")

    @functools.cached_property
    def shown_columns(self) -> list[Column]:
        """Columns chosen in the address, on small screens too, else the ones by default; the first one always leads."""
        chosen = [name for value in self.query.getlist("cols") for name in value.split(",") if name]
        if not chosen:
            return [column for column in self.columns if column.shown]
        found = [replace(column, hide_below="") for column in self.columns[1:] if column.name in chosen]
        return [self.columns[0], *found]

    @functools.cached_property
    def rows_page(self) -> RowsPage:
        """The page of rows that the address asks for."""
        number = _natural(self.query.get("page"), 1)
        return turn_to(
            self.sorted_rows(), number=number, size=self.page_size, known=self.known_count, cap=self.count_cap
        )

    @property
    def known_count(self) -> int | None:
        """How many rows pass the filters, where totals have told; None lets the page count them."""
        return None

    @property
    def count_cap(self) -> int | None:
        """Rows that are counted and paged through at most; None for as many as every list."""
        return None

    page_sizes = PAGE_SIZES

    @functools.cached_property
    def active_view(self) -> SavedView | None:
        """The saved view whose state the address has, or that the address names."""
        named = self.query.get("view", "")
        if named.isdecimal():
            return next((view for view in self.views if view.pk == int(named)), None)
        return None

    @property
    def page_size(self) -> int:
        """Rows on one page."""
        asked = _natural(self.query.get("per"), self.per_page)
        return asked if asked in PAGE_SIZES else self.per_page

    @functools.cached_property
    def key(self) -> str:
        """Name of the list under which views are saved."""
        match = self.request.resolver_match
        return self.views_key or (match.view_name if match else "")

    @functools.cached_property
    def views(self) -> list[SavedView]:
        """Saved views of this list that the user may use."""
        return list(saved_views(self.request.user, page=self.key))

    def address(self, **changes: Any) -> str:
        """Address of the list as it stands with some parameters changed; None removes one."""
        parts = [encoded for name, encoded in self.encoded.items() if name not in changes]
        for name, value in changes.items():
            if value not in (None, ""):
                values = value if isinstance(value, (list, tuple)) else [value]
                parts.append(urlencode([(name, str(each)) for each in values]))
        return f"{self.base_address}?{'&'.join(parts)}" if parts else self.base_address

    @functools.cached_property
    def encoded(self) -> dict[str, str]:
        """The parameters of the address that last, each encoded: a page asks for some thirty addresses."""
        return encode(self.query, leave_out=PASSING_PARAMETERS)

    @property
    def full_address(self) -> str:
        """The address as it was asked for, with everything in it."""
        state = self.query.urlencode()
        return f"{self.base_address}?{state}" if state else self.base_address

    def row_address(self, pk: Any) -> str:
        """Address of a row's record page; '' when rows cannot be opened."""
        return reverse(self.row_url_name, args=[pk]) if self.row_url_name else ""

    @functools.cached_property
    def usable_bulk_actions(self) -> Sequence[BulkAction]:
        """Bulk actions that the user may do."""
        return [action for action in self.bulk_actions if self.request.user.has_permission(action.permission)]

    @property
    def remark(self) -> str | Promise:
        """What must be said above the rows; '' for most lists."""
        return ""

    @property
    def group_links(self) -> Sequence[tuple[str | Promise, str, bool]]:
        """What the rows can be grouped by: label, address and whether current; nothing for most lists."""
        return ()

    @property
    def may_add(self) -> bool:
        """Whether the user sees the button that adds a row."""
        return bool(self.add_url_name) and self.request.user.has_permission(self.add_permission)

    @property
    def may_export(self) -> bool:
        """Whether the user sees the export links."""
        return bool(self.export_permission) and self.request.user.has_permission(self.export_permission)

    @property
    def may_edit_inline(self) -> bool:
        """Whether editable cells can be edited by this user."""
        return bool(self.inline_url_name) and self.request.user.has_permission(self.inline_permission)

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is set, so that an empty list is not an empty business."""
        return any(value for name, value in self.query.items() if name not in FRAME_PARAMETERS)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the page, its rows, the filters of a menu, or a file of exactly the filtered rows."""
        if (menu := asked_menu(self)) is not None:
            return HttpResponse(menu.drawn())
        wanted = request.GET.get("export")
        if wanted in exporting.FORMATS:
            if not self.may_export:
                raise PermissionRefused
            return exporting.download(self, wanted)
        if not request.GET and self.shell == FULL_PAGE:
            default = next((view for view in self.views if view.is_default and view.owner_id == request.user.pk), None)
            if default is not None:
                return HttpResponseRedirect(view_address(self, default))
        context = {} if self.shell == "frame/fragment.html" else self.header()
        return self.render(**context)

    def context(self) -> dict[str, Any]:
        """Context of both the page and the fragment."""
        return {"list": self, "totals": self.totals(self.filtered_rows()), **super().context()}


def view_address(page: ListPage, view: SavedView) -> str:
    """Address of the list in the state that a saved view keeps."""
    state = QueryDict(view.query, mutable=True)
    state["view"] = str(view.pk)
    return f"{page.base_address}?{state.urlencode()}"


def encode(query: QueryDict, *, leave_out: Container[str] = ()) -> dict[str, str]:
    """Encode each parameter of an address with its values; those without a value are left out."""
    kept = ((name, [value for value in values if value != ""]) for name, values in query.lists())
    return {
        name: urlencode([(name, value) for value in values])
        for name, values in kept if values and name not in leave_out
    }  # fmt: skip


def _reverse(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _natural(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 and int(text) > 0 else default  # noqa: PLR2004
