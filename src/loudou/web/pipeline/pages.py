"""What the six views of the pipeline share: rows, filter bar, saved views, and a switcher that keeps the filters."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Value
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.core import clock
from loudou.pipeline import selectors
from loudou.pipeline.choices import Scene, State
from loudou.pipeline.models import SalesProcess
from loudou.pipeline.models.opportunity import OpportunityQuerySet
from loudou.pipeline.selectors.narrowing import Narrowing
from loudou.web.frame.lists import ListPage, encode
from loudou.web.frame.ready_views import ReadyView
from loudou.web.pipeline.columns import COLUMNS
from loudou.web.pipeline.filters import OpportunityFilter, sales_setup


@dataclass(frozen=True, slots=True)
class ViewLink:
    """One of the six views, with the filters that are set now."""

    label: str | Promise
    icon: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ProcessLink:
    """A process that the view can show instead."""

    pk: int
    label: str
    address: str


WEIGHTED_FORMULA = _("Amount × the rep's probability, or the stage's prior win rate where the rep gave none.")

VIEWS: tuple[tuple[str, Any, str], ...] = (
    ("pipeline:list", _("List"), "list"),
    ("pipeline:board", _("Board"), "layout-kanban"),
    ("pipeline:funnel", _("Funnel"), "filter"),
    ("pipeline:calendar", _("Calendar"), "calendar"),
    ("pipeline:forecast", _("Forecast"), "chart-bar"),
    ("pipeline:distribution", _("Distribution"), "chart-dots"),
)
KEPT = ("sort", "cols", "per", "group")
"""Parameters of the list that wait in the address while another view is shown."""


WHAT_CHANGED = "cols=customer,changes,owner,expected_on,amount,stage"
READY_VIEWS = (
    ReadyView(label=Scene.MINE.label, query="scene=mine"),
    ReadyView(label=Scene.STARRED.label, query="scene=starred"),
    ReadyView(label=_("Next step overdue"), query="step=overdue&sort=next_step_on"),
    ReadyView(label=_("No next step"), query="step=missing"),
    ReadyView(label=_("Signing this month"), query="expected=this_month"),
    ReadyView(label=_("Stuck"), query="stuck=true"),
    ReadyView(label=_("Changed since yesterday"), query=f"changed=yesterday&state=all&{WHAT_CHANGED}"),
    ReadyView(label=State.WON.label, query="state=won&sort=-updated_at"),
)
"""What sales people ask for every day; whose rows these are follows from who asks."""


class PipelinePage(ListPage):
    """A view of opportunities. All six take the same filters from the address and share their saved views."""

    permission = "pipeline.view"
    title = _("Pipeline")
    section = "pipeline:list"
    filterset = OpportunityFilter
    views_key = "pipeline"
    ready_views = READY_VIEWS
    columns = COLUMNS
    default_sort = "expected_on"
    kept_parameters: ClassVar[tuple[str, ...]] = KEPT
    row_url_name = "pipeline:opportunity"
    add_url_name, add_permission, add_label = "pipeline:add", "pipeline.add", _("New opportunity")
    empty_icon = "filter"
    empty_title = _("No opportunities yet")
    empty_text = _(
        "Sales that you try to win live here. Add the first one, or import the file you have worked with so far."
    )

    only_open: ClassVar[bool] = True
    """Whether the view shows open opportunities whatever state the filter names: the closed past is never read."""

    filters: OpportunityFilter

    @property
    def setup_data(self) -> selectors.SalesSetup:
        """Processes and stages."""
        return sales_setup(self.request)

    @property
    def base(self) -> str:
        """Base currency of the company."""
        return str(self.request.company.base_currency)

    @functools.cached_property
    def now(self) -> dt.datetime:
        """The moment of the request, which figures name as their as-of time."""
        return clock.now()

    @functools.cached_property
    def today(self) -> dt.date:
        """Today, in the company's time zone."""
        return clock.today()

    def rows(self) -> OpportunityQuerySet:
        """Opportunities as the list shows them, without the half of their fields that it does not show."""
        shown = {field for column in self.shown_columns for field in column.fields}
        rows = selectors.opportunity_rows(self.request.user, fields=shown)
        return rows.annotate(base_currency=Value(self.base))

    @functools.cached_property
    def narrowing(self) -> Narrowing:
        """The filters; the state is open where the view shows nothing else."""
        asked = self.filters.narrowing
        return asked.only_open() if self.only_open else asked

    def bare_rows(self) -> OpportunityQuerySet:
        """The narrowed rows for counting, summing and dealing into lanes."""
        return self.filters.narrowed(selectors.visible_opportunities(self.request.user), self.narrowing)

    @property
    def hides_state(self) -> bool:
        """Whether the filter asks for a state that this view does not show."""
        return self.only_open and self.filters.narrowing.states != self.narrowing.states

    @functools.cached_property
    def process(self) -> SalesProcess | None:
        """The process whose stages are shown: the one in the filter, else the default one."""
        return self.setup_data.process(self.narrowing.process)

    def view_links(self) -> list[ViewLink]:
        """The six views, each with the filters of the address."""
        query = self.filter_query()
        current = self.request.resolver_match.view_name if self.request.resolver_match else ""
        return [
            ViewLink(label, icon, f"{reverse(name)}?{query}" if query else reverse(name), name == current)
            for name, label, icon in VIEWS
        ]

    def filter_query(self, **changes: Any) -> str:
        """The filters of the address as a query string, some of them changed; None removes one."""
        kept = [encoded for name, encoded in self._filters.items() if name not in changes]
        for name, value in changes.items():
            values = value if isinstance(value, (list, tuple)) else [value]
            if given := [(name, str(item)) for item in values if item not in (None, "")]:
                kept.append(urlencode(given))
        return "&".join(kept)

    @functools.cached_property
    def _filters(self) -> dict[str, str]:
        """The filters of the address, encoded, and what the list keeps in it."""
        names = OpportunityFilter.declared()
        return {name: encoded for name, encoded in encode(self.query).items() if name in names or name in KEPT}

    def rows_url(self, **changes: Any) -> str:
        """Address of the list that shows exactly the rows behind a figure."""
        if self.only_open:
            changes.setdefault("state", None)
        query = self.filter_query(**changes)
        return f"{reverse('pipeline:list')}?{query}" if query else reverse("pipeline:list")

    @property
    def list_url(self) -> str:
        """Address of the list with the same filters."""
        return f"{reverse('pipeline:list')}?{self.filter_query()}"

    @property
    def open_url(self) -> str:
        """Address of the list of all rows that this view counts."""
        return self.rows_url()

    @property
    def whole_url(self) -> str:
        """Address of the list of all rows of the process that is shown."""
        return self.rows_url(process=self.process.pk if self.process else None)

    @property
    def weighted_formula(self) -> str | Promise:
        """How weighted amounts are made."""
        return WEIGHTED_FORMULA

    def processes(self) -> list[ProcessLink]:
        """The processes to switch between, with their addresses."""
        return [
            ProcessLink(process.pk, process.label, self.address(process=process.pk, stage=None))
            for process in self.setup_data.active_processes
        ]

    def context(self) -> dict[str, Any]:
        """The list page's own context; other views name theirs in `view_context`."""
        return {"list": self, **self.view_context()}

    def view_context(self) -> dict[str, Any]:
        """What the view's template gets."""
        return {}
