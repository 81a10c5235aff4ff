"""The funnel of phases over customers: where they stand, how far they got, how long it took; each figure opens rows."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funnelstats.named_rates import Rate
from loudou.core import clock
from loudou.customers import selectors
from loudou.customers.choices import FUNNEL, Phase
from loudou.customers.models.customer import CustomerQuerySet
from loudou.insights.selectors.phase_funnel import (
    FEWEST,
    Cohort,
    Grain,
    Passage,
    PhaseFunnel,
    PhaseLine,
    Sort,
    phase_funnel,
)
from loudou.web.customers.filters import FOLLOWED, NOT_SET, CustomerFilter
from loudou.web.customers.funnel_file import file_columns, file_rows
from loudou.web.customers.views.customers import PHASE_COLOURS
from loudou.web.frame import exporting, formats
from loudou.web.frame.lists import ListPage, encode
from loudou.web.pipeline.shapes import Slice, height, tapered

AMOUNTS = ("name", "owner", "open_count", "open_amount", "contract_amount")
"""Columns of the list of customers that amounts to what a phase does."""
MOST_COHORTS = 24
MOST_GROUPS = 20


@dataclass(frozen=True, slots=True)
class Share:
    """Customers that reached something, the address of their list, and the share that they are if enough are."""

    rate: Rate
    url: str
    is_enough: bool


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A phase as drawn."""

    line: PhaseLine
    label: str
    colour: str
    shape: Slice
    value: str
    now_url: str
    reached_url: str
    stood_url: str
    shown_url: str
    amounts_url: str


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A cohort or a group as drawn: how many entered, and which of them reached each later phase."""

    passage: Passage
    url: str
    shares: list[Share]


class PhaseFunnelPage(ListPage):
    """Filters and drill-down are those of the list of customers."""

    permission = "customers.view"
    template = "customers/funnel.html"
    title = _("Customer funnel")
    filterset = CustomerFilter
    kept_parameters = ("measure", "grain", "by")
    export_permission = "customers.export"

    MEASURES: Mapping[str, str | Promise] = {"reached": _("Reached so far"), "now": _("Stand there now")}

    @property
    def measure(self) -> str:
        """What the drawing shows."""
        asked = self.query.get("measure", "")
        return asked if asked in self.MEASURES else "reached"

    @property
    def grain(self) -> Grain:
        """How long the period of a cohort is."""
        asked = self.query.get("grain", "")
        return Grain(asked) if asked in Grain.values else Grain.QUARTER

    @property
    def by(self) -> Sort:
        """By what the customers are grouped."""
        asked = self.query.get("by", "")
        return Sort(asked) if asked in Sort.values else Sort.SEGMENT

    def switches(self) -> list[tuple[str | Promise, list[tuple[Any, str, bool]]]]:
        """What the page can show otherwise: label, and its choices with address and whether current."""
        return [
            (_("Drawing"), [(text, self.address(measure=key), key == self.measure)
                            for key, text in self.MEASURES.items()]),
            (_("Cohorts by"), [(each.label, self.address(grain=each.value), each == self.grain) for each in Grain]),
            (_("Groups by"), [(each.label, self.address(by=each.value), each == self.by) for each in Sort]),
        ]  # fmt: skip

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return bool(CustomerFilter.given(self.query))

    def rows(self) -> CustomerQuerySet:
        """The customers that the reader sees."""
        return selectors.customer_rows(self.request.user)

    @functools.cached_property
    def labels(self) -> dict[int, str]:
        """Names of the phases."""
        return selectors.phase_labels()

    @functools.cached_property
    def funnel(self) -> PhaseFunnel:
        """The figures."""
        chosen: Any = self.filtered_rows()
        return phase_funnel(self.request.user, chosen, grain=self.grain, by=self.by, as_of=clock.now())

    def rows_url(self, **changes: Any) -> str:
        """Address of the list of customers with the same filters, some of them changed."""
        names = CustomerFilter.declared()
        kept = [text for name, text in encode(self.query).items() if name in names and name not in changes]
        kept += [urlencode({name: value}) for name, value in changes.items() if value not in (None, "")]
        return f"{reverse('customers:customer_list')}?{'&'.join(kept)}"

    def reached_url(self, phase: Phase, **changes: Any) -> str:
        """Address of those followed from the start that reached a phase; all have reached the first."""
        further = {} if phase == FUNNEL[0] else {"reached": phase.code}
        return self.rows_url(history=FOLLOWED, **further, **changes)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer with the page, or with a file of its figures."""
        if self.may_export and request.GET.get("export") in exporting.FORMATS:
            return self._file(request.GET["export"])
        return super().get(request, *args, **kwargs)

    def _file(self, file_format: str) -> HttpResponseBase:
        base = self.request.company.base_currency
        return exporting.send(
            self.request,
            permission=self.export_permission,
            name="customer-funnel",
            columns=file_columns(base),
            rows=file_rows(self.funnel, self.labels, by=self.by),
            file_format=file_format,
            filters=exporting.filters_in_words(self),
        )

    def context(self) -> dict[str, Any]:
        """The figures as drawn."""
        found = self.funnel
        return {
            "list": self,
            "funnel": found,
            "rows": self._phase_rows(found),
            "height": height(len(found.phases)),
            "cohorts": [self._passage_row(each, **_entered(each)) for each in found.cohorts[:MOST_COHORTS]],
            "more_cohorts": max(len(found.cohorts) - MOST_COHORTS, 0),
            "groups": [self._passage_row(each, **self._in_group(each)) for each in found.groups[:MOST_GROUPS]],
            "more_groups": max(len(found.groups) - MOST_GROUPS, 0),
            "later_phases": [self.labels[phase] for phase in FUNNEL[1:]],
            "base": self.request.company.base_currency,
            "fewest": FEWEST,
            "may_configure": self.request.user.has_permission("customers.configure"),
            "came_later_url": self.rows_url(history="later"),
            "outside_url": self.rows_url(phase=Phase.OUTSIDE.code),
        }

    def _phase_rows(self, found: PhaseFunnel) -> list[PhaseRow]:
        shows_now = self.measure == "now"
        values = [line.now if shows_now else line.reached.hits for line in found.phases]
        shapes = tapered([Decimal(value) for value in values])
        rows = []
        for line, shape, value in zip(found.phases, shapes, values, strict=True):
            now_url, reached_url = self.rows_url(phase=line.phase.code), self.reached_url(line.phase)
            rows.append(
                PhaseRow(
                    line, self.labels[line.phase], PHASE_COLOURS[line.phase], shape, formats.number(value), now_url,
                    reached_url, self.rows_url(stood=line.phase.code), now_url if shows_now else reached_url,
                    self.rows_url(phase=line.phase.code, cols=",".join(AMOUNTS)),
                )
            )  # fmt: skip
        return rows

    def _passage_row(self, passage: Passage, **changes: Any) -> PassageRow:
        shares = [
            Share(rate, self.reached_url(phase, **changes), passage.is_enough)
            for phase, rate in zip(FUNNEL[1:], passage.reached[1:], strict=True)
        ]
        return PassageRow(passage, self.reached_url(FUNNEL[0], **changes), shares)

    def _in_group(self, group: Passage) -> dict[str, Any]:
        if self.by == Sort.OWNER:
            return {"owner": group.key} if group.key else {"unowned": "true"}
        return {"segment": group.key} if self.by == Sort.SEGMENT else {"source": group.key or NOT_SET}


def _entered(cohort: Cohort) -> dict[str, str]:
    return {"entered_from": cohort.begins_on.isoformat(), "entered_until": cohort.ends_on.isoformat()}
