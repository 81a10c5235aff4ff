"""Funnel and distribution: how much lies where, each figure a door to its rows."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.people.models import User
from loudou.pipeline import selectors
from loudou.pipeline.choices import Likelihood, Priority, PurchaseKind, ReachKind, State, Visibility
from loudou.pipeline.selectors import Volume
from loudou.pipeline.selectors.distribution import month_start
from loudou.pipeline.selectors.funnel import FunnelStep
from loudou.pipeline.selectors.narrowing import NOT_SET
from loudou.web.frame import formats
from loudou.web.pipeline.filters import NO_OWNER
from loudou.web.pipeline.grouping import month_filters
from loudou.web.pipeline.learned import learned_stages
from loudou.web.pipeline.pages import KEPT, PipelinePage
from loudou.web.pipeline.shapes import Slice, height, tapered

MEASURES = ("count", "amount", "weighted")
MEASURE_LABELS: Mapping[str, str | Promise] = {
    "count": gettext_lazy("Count"),
    "amount": gettext_lazy("Amount"),
    "weighted": gettext_lazy("Weighted amount"),
}
MOST_OWNERS = 20
FEW_BARS = 6


class MeasuredPage(PipelinePage):
    """A view that shows one measure at a time: `by=count` or an amount."""

    kept_parameters = (*KEPT, "measure", "by")
    measures: tuple[str, ...] = MEASURES

    @property
    def measure(self) -> str:
        """The measure in the address, else the count."""
        asked = self.query.get("measure", "")
        return asked if asked in self.measures else self.measures[0]

    def measure_links(self) -> list[tuple[str | Promise, str, bool]]:
        """Label, address and whether current, of each measure."""
        return [(MEASURE_LABELS[name], self.address(measure=name), name == self.measure) for name in self.measures]

    def value_of(self, volume: Volume) -> Decimal:
        """The measured value of a volume."""
        return Decimal(getattr(volume, self.measure))

    def written(self, value: Decimal | int) -> str:
        """A measured value in words."""
        return (
            formats.number(value) if self.measure == "count" else formats.money(Decimal(value), self.base, whole=True)
        )


@dataclass(frozen=True)
class FunnelRow:
    """A stage as drawn: its figures, its shape, and the address of its rows."""

    step: FunnelStep
    shape: Slice
    url: str
    value: str
    step_share: Decimal | None
    overall_share: Decimal | None


LOOKS_BACK: tuple[tuple[str | Promise, int], ...] = (
    (gettext_lazy("Now"), 0),
    (gettext_lazy("A week ago"), 7),
    (gettext_lazy("30 days ago"), 30),
    (gettext_lazy("90 days ago"), 90),
    (gettext_lazy("A year ago"), 365),
)
"""Days before today that the funnel offers to look back to; any other day is a matter of the filter."""


class FunnelPage(MeasuredPage):
    """The funnel of open opportunities: now, or at the end of a day of the past (`open_on`)."""

    template = "pipeline/funnel.html"
    measures = ("count", "amount")

    @property
    def day(self) -> dt.date | None:
        """The day that is looked back to; None for now."""
        return self.narrowing.open_on

    @property
    def hides_state(self) -> bool:
        """Of a day of the past the funnel shows what was open then, whatever became of it."""
        return super().hides_state and not self.day

    def looks_back(self) -> list[tuple[str | Promise, str, bool]]:
        """Label, address and whether current, of each day that is offered."""
        days = [(label, self.today - dt.timedelta(days=ago) if ago else None) for label, ago in LOOKS_BACK]
        return [(label, self.address(open_on=day, stage_then=None), day == self.day) for label, day in days]

    def steps(self) -> list[FunnelStep]:
        """The stages with what lies in them, or lay there."""
        stages = self.setup_data.stages_of(self.process.pk) if self.process else []
        win_rates = self.setup_data.win_rates
        if not self.day:
            return selectors.current_funnel(self.bare_rows(), stages, win_rates=win_rates)
        then = replace(self.narrowing, states=(), process=None, open_on=None)  # the funnel itself asks for then
        rows = self.filters.narrowed(selectors.visible_opportunities(self.request.user), then)
        return selectors.funnel_as_of(rows, stages, at=selectors.end_of_day(self.day), win_rates=win_rates)

    def url_of(self, *stages: int) -> str:
        """Address of the list of the rows in these stages; those of the past with what is different now."""
        if not self.day:
            return self.rows_url(stage=stages[0]) if len(stages) == 1 else self.whole_url
        columns = ("customer", "changes", "owner", "expected_on", "amount", "stage")
        return self.rows_url(process=None, stage_then=stages, cols=",".join(columns))

    def view_context(self) -> dict[str, Any]:
        """Stages with figures and shapes."""
        steps = self.steps()
        shapes = tapered([self.value_of(step.volume) for step in steps])
        by_count = self.measure == "count"
        rows = [
            FunnelRow(
                step,
                shape,
                self.url_of(step.stage.pk),
                self.written(self.value_of(step.volume)),
                step.step_share if by_count else step.step_share_of_amount,
                step.overall_share if by_count else step.overall_share_of_amount,
            )
            for step, shape in zip(steps, shapes, strict=True)
        ]
        return {
            "rows": rows,
            "whole": steps[0].whole if steps else Volume(),
            "height": height(len(rows)),
            "processes": self.processes(),
            "whole_url": self.url_of(*(step.stage.pk for step in steps)),
            "learned": learned_stages(self.request),
        }


@dataclass(frozen=True)
class Bar:
    """One bar of a chart and its line in the table."""

    label: str
    volume: Volume
    value: Decimal
    written: str
    url: str


@dataclass(frozen=True)
class Chart:
    """A distribution: bars with their table twin."""

    key: str
    title: str
    bars: list[Bar]

    @property
    def script_id(self) -> str:
        """Id of the element that holds the data."""
        return f"bars-{self.key}"

    @property
    def size(self) -> str:
        """How tall the drawing is: by the number of bars."""
        return "few" if len(self.bars) <= FEW_BARS else "many"

    @property
    def data(self) -> dict[str, Any]:
        """What the chart draws: horizontal bars that open their rows."""
        return {
            "grid": {"left": 16, "right": 96, "top": 8, "bottom": 8, "containLabel": True},
            "xAxis": {"type": "value", "show": False},
            "yAxis": {
                "type": "category",
                "inverse": True,
                "data": [bar.label for bar in self.bars],
                "axisLine": {"show": False},
                "axisTick": {"show": False},
                "axisLabel": {"color": "var(--tblr-body-color)", "width": 140, "overflow": "truncate"},
            },
            "series": [
                {
                    "type": "bar",
                    "barMaxWidth": 22,
                    "itemStyle": {"color": "var(--tblr-primary)", "borderRadius": 3},
                    "label": {"show": True, "position": "right", "color": "var(--tblr-body-color)"},
                    "data": [
                        {"value": float(bar.value), "url": bar.url, "label": {"formatter": bar.written}}
                        for bar in self.bars
                    ],
                }
            ],
        }


KINDS: Mapping[str, tuple[str | Promise, Mapping[Any, Any], str]] = {
    "likelihood": (gettext_lazy("By likelihood"), dict(Likelihood.choices), "likelihood"),
    "visibility": (gettext_lazy("By visibility of the need"), dict(Visibility.choices), "visibility"),
    "reach_kind": (gettext_lazy("By reach"), dict(ReachKind.choices), "reach"),
    "purchase_kind": (gettext_lazy("By kind of purchase"), dict(PurchaseKind.choices), "purchase"),
    "priority": (gettext_lazy("By priority"), dict(Priority.choices), "priority"),
}
TABS: Mapping[str, str | Promise] = {
    "kind": gettext_lazy("Kind"),
    "stage": gettext_lazy("Stage"),
    "owner": gettext_lazy("Owner"),
    "expected": gettext_lazy("Expected month"),
    "opened": gettext_lazy("Month opened"),
    "state": gettext_lazy("State"),
}


class DistributionPage(MeasuredPage):
    """How opportunities spread over kinds, time, states, stages and owners."""

    template = "pipeline/distribution.html"

    @property
    def tab(self) -> str:
        """What the address asks to spread over."""
        asked = self.query.get("by", "")
        return asked if asked in TABS else "kind"

    def tab_links(self) -> list[tuple[str | Promise, str, bool]]:
        """Label, address and whether current, of each spread."""
        return [(label, self.address(by=name), name == self.tab) for name, label in TABS.items()]

    def view_context(self) -> dict[str, Any]:
        """The charts of the tab."""
        draw: dict[str, Callable[[], list[Chart]]] = {
            "kind": self._kinds,
            "stage": self._stages,
            "owner": self._owners,
            "expected": functools.partial(
                self._months, "expected", "expected_on", _("By month of the expected signing")
            ),
            "opened": functools.partial(self._months, "opened", "opened_on", _("By month opened")),
            "state": self._states,
        }
        return {"charts": draw[self.tab](), "measure_label": MEASURE_LABELS[self.measure]}

    def _bar(self, label: Any, volume: Volume, **filters: Any) -> Bar:
        value = self.value_of(volume)
        return Bar(str(label), volume, value, self.written(value), self.rows_url(**filters))

    def _kinds(self) -> list[Chart]:
        found = selectors.by_kinds(self.bare_rows(), win_rates=self.setup_data.win_rates)
        charts = []
        for kind, (title, labels, parameter) in KINDS.items():
            bars = [
                self._bar(label, found[kind][key], **{parameter: key})
                for key, label in labels.items()
                if key in found[kind]
            ]
            if "" in found[kind]:
                bars.append(self._bar(_("Not set"), found[kind][""], **{parameter: NOT_SET}))
            charts.append(Chart(kind, str(title), bars))
        return charts

    def _stages(self) -> list[Chart]:
        found = selectors.by_column(self.bare_rows(), "stage_id", win_rates=self.setup_data.win_rates)
        charts = []
        for process in self.setup_data.processes:
            stages = [stage for stage in self.setup_data.stages_of(process.pk) if stage.pk in found]
            if stages:
                bars = [self._bar(stage.label, found[stage.pk], stage=stage.pk) for stage in stages]
                charts.append(Chart(f"stage-{process.pk}", process.label, bars))
        return charts

    def _owners(self) -> list[Chart]:
        found = selectors.by_column(self.bare_rows(), "owner_id", win_rates=self.setup_data.win_rates)
        first = sorted(found, key=lambda owner: self.value_of(found[owner]), reverse=True)[:MOST_OWNERS]
        names = dict(User.objects.filter(pk__in=[pk for pk in first if pk]).values_list("pk", "name"))
        bars = [self._bar(names.get(pk) or _("Nobody"), found[pk], owner=pk or NO_OWNER) for pk in first]
        title = _("By owner")
        if len(found) > MOST_OWNERS:
            title = _("By owner: the %(most)s with most of %(all)s") % {
                "most": MOST_OWNERS,
                "all": formats.number(len(found)),
            }
        return [Chart("owner", title, bars)]

    def _months(self, parameter: str, column: str, title: str) -> list[Chart]:
        found = selectors.by_column(self.bare_rows(), column, win_rates=self.setup_data.win_rates, key=month_start)
        bars = []
        for month in sorted(key for key in found if key):
            ends = month_filters(parameter, month, self.narrowing)
            bars.append(self._bar(f"{month:%Y-%m}", found[month], **ends))
        if None in found:
            bars.append(self._bar(_("No date"), found[None], expected="no_date"))
        return [Chart(parameter, title, bars)]

    def _states(self) -> list[Chart]:
        """Every state: the filter's own state is set aside, and of the closed ones only the last 365 days are read."""
        rows = self.filters.narrowed(
            selectors.visible_opportunities(self.request.user), self.filters.narrowing.in_any_state()
        )
        rows = rows.filter(selectors.recently(self.now))
        found = selectors.by_column(rows, "state", win_rates=self.setup_data.win_rates)
        since = selectors.closed_since(self.now).isoformat()
        bars = []
        for state in State:
            if state in found:
                closed = {"closed_from": since} if state in (State.WON, State.LOST, State.DROPPED) else {}
                bars.append(self._bar(state.label, found[state], state=state.value, **closed))
        return [Chart("state", _("By state: open and on hold now, closed within the last 365 days"), bars)]
