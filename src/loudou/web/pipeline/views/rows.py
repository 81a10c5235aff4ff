"""The list: columns, totals, cells edited in place, stars."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.core import clock
from loudou.pipeline import selectors
from loudou.pipeline.choices import State
from loudou.pipeline.services import moves
from loudou.pipeline.services import opportunities as services
from loudou.web.frame import formats
from loudou.web.frame.actions import ActionPage, Done
from loudou.web.frame.form_pages import InlineEdit
from loudou.web.frame.lists import BulkAction
from loudou.web.frame.paging import RowsPage
from loudou.web.pipeline.columns import star_button
from loudou.web.pipeline.forms import CellForm
from loudou.web.pipeline.pages import WEIGHTED_FORMULA
from loudou.web.pipeline.views.groups import GroupedPage

ALL_TOTALS = "all"
"""The value of the parameter `totals` that asks for the totals of everything a search found."""
BULK_ACTIONS = (
    BulkAction(
        name="move",
        label=gettext_lazy("Stage…"),
        url_name="pipeline:bulk_move",
        permission="pipeline.change",
        icon="arrows-right",
    ),
    BulkAction(
        name="assign",
        label=gettext_lazy("Owner…"),
        url_name="pipeline:bulk_assign",
        permission="pipeline.assign",
        icon="user-share",
    ),
    BulkAction(
        name="redate",
        label=gettext_lazy("Date…"),
        url_name="pipeline:bulk_redate",
        permission="pipeline.change",
        icon="calendar",
    ),
    BulkAction(
        name="priority",
        label=gettext_lazy("Priority…"),
        url_name="pipeline:bulk_priority",
        permission="pipeline.change",
        icon="flag",
    ),
    BulkAction(
        name="classify",
        label=gettext_lazy("Kinds…"),
        url_name="pipeline:bulk_classify",
        permission="pipeline.change",
        icon="adjustments-horizontal",
    ),
    BulkAction(
        name="star", label=gettext_lazy("Star…"), url_name="pipeline:bulk_star", permission="pipeline.view", icon="star"
    ),
    BulkAction(
        name="hold",
        label=gettext_lazy("Hold…"),
        url_name="pipeline:bulk_hold",
        permission="pipeline.change",
        icon="player-pause",
    ),
    BulkAction(
        name="lose", label=gettext_lazy("Lost…"), url_name="pipeline:bulk_lose", permission="pipeline.change", icon="x"
    ),
    BulkAction(
        name="drop",
        label=gettext_lazy("Drop…"),
        url_name="pipeline:bulk_drop",
        permission="pipeline.change",
        icon="trash",
    ),
)


class OpportunityList(GroupedPage):
    """Opportunities in rows and columns."""

    template = "pipeline/list.html"
    inline_url_name, inline_permission = "pipeline:cell", "pipeline.change"
    bulk_actions = BULK_ACTIONS
    export_permission = "pipeline.export"
    only_open = False

    @property
    def is_all_open(self) -> bool:
        """Whether the filters ask for open rows alone: the working set, which is bounded."""
        return self.narrowing.states == (State.OPEN.value,)

    @property
    def sorting(self) -> tuple[str, bool]:
        """As asked; else open rows by expected date, those of a period by its date, others by their last change.

        Each is the order of an index. A period is read by its own: of the rows that were changed last, a month of long
        ago has none, and all of them would be read to find that out.
        """
        if self.query.get("sort") or self.is_all_open:
            return super().sorting
        return self.narrowing.period or "updated_at", True

    @property
    def sums_little(self) -> bool:
        """Whether a search is summed and counted only so far as it costs little, until somebody asks for all of it."""
        return bool(self.narrowing.text.strip()) and self.query.get("totals") != ALL_TOTALS

    @property
    def most_summed(self) -> int:
        """Rows that are summed at most."""
        return selectors.MOST_FOUND if self.sums_little else selectors.MOST_SUMMED

    @functools.cached_property
    def volume(self) -> selectors.Volume | None:
        """What the filtered rows amount to; None when there are more than are summed."""
        if self.grouping:
            return None if self.found_groups is None else selectors.total(self.found_groups)
        return selectors.listed_volume(
            self.bare_rows(),
            win_rates=self.setup_data.win_rates,
            only_open=self.is_all_open,
            most=self.most_summed,
        )

    @functools.cached_property
    def rows_page(self) -> RowsPage:
        """The page of rows; where the reader wants to know what changed, each with its differences."""
        page = super().rows_page
        if any(column.name == "changes" for column in self.shown_columns):
            day = self.narrowing.open_on
            since = (
                selectors.end_of_day(day) if day else selectors.changed_since(self.narrowing.changed, today=self.today)
            )
            found = selectors.differences_since(page.rows, since=since)
            for row in page.rows:
                row.differences = found[row.pk]
        return page

    @property
    def known_count(self) -> int | None:
        """The rows that the totals counted."""
        if self.is_part:
            return None
        return self.most_summed + 1 if self.volume is None else self.volume.count

    @property
    def count_cap(self) -> int | None:
        """As many as were looked for."""
        return selectors.MOST_FOUND if self.sums_little and not self.is_part and self.volume is None else None

    def last_row(self) -> Mapping[str, Any]:
        """Count, sum and weighted sum in base currency."""
        volume = self.volume
        if volume is None and self.sums_little:
            return {"subject": self._offer_of_totals()}
        if volume is None:
            return {"subject": _("More rows than are summed: narrow the filters to see totals.")}
        if not volume.count:
            return {}
        count = _("Total of %(count)s, as of %(time)s") % {
            "count": formats.number(volume.count),
            "time": formats.moment(self.now),
        }
        amount = format_html(
            '{}<br><small class="text-secondary" title="{}">{}</small>',
            formats.money(volume.amount, self.base, whole=True),
            WEIGHTED_FORMULA,
            _("weighted %(amount)s") % {"amount": formats.money(volume.weighted, self.base, whole=True)},
        )
        return {"subject": count, "amount": amount, "weighted": formats.money(volume.weighted, self.base, whole=True)}

    def _offer_of_totals(self) -> SafeString:
        """That a search found more than is summed at once, and the way to its totals."""
        found = _("More than %(count)s rows.") % {"count": formats.number(selectors.MOST_FOUND)}
        address = self.address(totals=ALL_TOTALS)
        return format_html(
            '{} <a href="{}" hx-get="{}" hx-target="#list" hx-push-url="true">{}</a>',
            found, address, address, _("Add them all up"),
        )  # fmt: skip

    def context(self) -> dict[str, Any]:
        """Rows and totals."""
        return {"list": self, **({} if self.is_part else {"totals": self.last_row()})}


class OpportunityCell(InlineEdit):
    """One cell of the list, edited in place."""

    permission = "pipeline.change"
    list_page = OpportunityList
    form_class = CellForm

    def record(self, pk: int) -> Any:
        """The row as the list shows it."""
        return selectors.opportunity_rows(self.request.user).get_visible(self.request.user, pk)

    def form_kwargs(self) -> dict[str, Any]:
        """The form offers stages of the row's process and colleagues the user may see."""
        return {"request": self.request, "row": self.record(self.kwargs["pk"])}

    def save(self, record: Any, *, column: str, value: Any, version: int | None) -> None:
        """Call the service that changes the field."""
        actor, pk = self.request.user, record.pk
        if column == "stage":
            moves.move_opportunity(actor, pk, stage_id=int(value), at=clock.now(), version=version)
        elif column == "owner":
            moves.assign_opportunity(actor, pk, owner_id=value.pk, at=clock.now(), version=version)
        elif column in ("next_step", "next_step_on"):
            step = {"next_step": record.next_step, "next_step_on": record.next_step_on} | {column: value}
            if column == "next_step" and not value:
                step["next_step_on"] = None  # the cell holds the step alone: emptied, its day goes with it
            services.set_next_step(actor, pk, **step, version=version)
        elif column == "customer":
            services.update_opportunity(actor, pk, changes={"customer_id": value.pk}, at=clock.now(), version=version)
        else:
            value = int(value) if column == "priority" else value
            services.update_opportunity(actor, pk, changes={column: value}, at=clock.now(), version=version)  # type: ignore[misc]


class StarPage(ActionPage):
    """Follow an opportunity, or stop following it."""

    permission = "pipeline.view"

    def act(self) -> Done:
        """Turn the star over."""
        if selectors.is_starred(self.request.user, self.kwargs["pk"]):
            services.unstar_opportunity(self.request.user, self.kwargs["pk"])
            return Done(message=_("You no longer follow this opportunity."))
        services.star_opportunity(self.request.user, self.kwargs["pk"])
        return Done(message=_("You follow this opportunity now."))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the star as it is now."""
        done = self.act_once()
        if not self.request.htmx:
            return self.finish(done)
        row = selectors.opportunity_rows(self.request.user).get_visible(self.request.user, kwargs["pk"])
        is_starred = row.is_starred  # type: ignore[attr-defined]  # the selector annotates it
        return HttpResponse(star_button(row.pk, row.subject, is_starred))
