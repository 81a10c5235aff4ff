"""The list in groups: a heading for each with count and sum; its first rows come when it is opened."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.pipeline import selectors
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.web.pipeline.grouping import GROUPING_LABELS, MOST_GROUPS, ROWS_OF_A_GROUP, Grouper
from loudou.web.pipeline.pages import PipelinePage

PART = "part"
"""The parameter that asks a list for its first rows alone: those that an opened group shows."""


@dataclass(frozen=True, slots=True)
class GroupHead:
    """The heading of a group, the list of exactly its rows, and where its first rows come from."""

    label: str
    volume: selectors.Volume
    url: str
    rows_url: str


class GroupedPage(PipelinePage):
    """A list that can be shown in groups (`group=owner`). The rows of a group are those of the list filtered to it."""

    @property
    def grouping(self) -> str:
        """What the address groups by; '' for a plain list."""
        asked = self.query.get("group", "")
        return asked if asked in GROUPING_LABELS else ""

    @property
    def is_part(self) -> bool:
        """Whether only the first rows are asked for, to be shown below the heading of their group."""
        return bool(self.query.get(PART))

    @property
    def is_all_open(self) -> bool:
        """Whether the filters ask for open rows alone."""
        raise NotImplementedError

    @property
    def most_summed(self) -> int:
        """Rows that are summed at most."""
        raise NotImplementedError

    @functools.cached_property
    def found_groups(self) -> Mapping[Any, selectors.Volume] | None:
        """What each group amounts to; None when there are more rows than are summed."""
        return selectors.group_volumes(
            self.bare_rows(),
            self.grouping,
            win_rates=self.setup_data.win_rates,
            only_open=self.is_all_open,
            most=self.most_summed,
        )

    @functools.cached_property
    def groups(self) -> list[GroupHead]:
        """The headings; none for a plain list, and none when there are more rows than are summed."""
        if not self.grouping or not self.found_groups:
            return []
        grouper = Grouper(self.grouping, self.narrowing, self.setup_data, today=self.today)
        heads = []
        for group in grouper.groups(self.found_groups):
            url = self.address(group=None, page=None, view=None, **group.filters)
            heads.append(GroupHead(group.label, group.volume, url, f"{url}&{PART}=rows"))
        return heads

    @property
    def shown_groups(self) -> list[GroupHead]:
        """As many headings as a page shows."""
        return self.groups[:MOST_GROUPS]

    @property
    def remark(self) -> str | Promise:
        """That groups are asked for of more rows than are summed, and the plain list is shown."""
        if not self.grouping or self.found_groups is not None:
            return ""
        return _("More rows than are summed: narrow the filters to see groups.")

    @property
    def group_links(self) -> list[tuple[str | Promise, str, bool]]:
        """What the list can be grouped by, beginning with nothing."""
        links = {"": _("No groups"), **GROUPING_LABELS}
        return [
            (label, self.address(group=name or None, page=None), name == self.grouping) for name, label in links.items()
        ]

    @property
    def table_width(self) -> int:
        """Columns of the table, that of the ticks among them."""
        return len(self.shown_columns) + bool(self.usable_bulk_actions)

    @property
    def page_size(self) -> int:
        """Rows on one page, or below the heading of a group."""
        return ROWS_OF_A_GROUP if self.is_part else super().page_size

    def sorted_rows(self) -> Any:
        """Rows in the order of the address; in a file, group by group."""
        rows = cast("OpportunityQuerySet", super().sorted_rows())
        if self.grouping and self.query.get("export"):
            return selectors.in_order_of_groups(rows, self.grouping, today=self.today)
        return rows

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the first rows of a group, or as every list."""
        if self.is_part:
            return self.render(template="pipeline/_group_rows.html")
        return super().get(request, *args, **kwargs)
