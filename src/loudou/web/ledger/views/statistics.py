"""Statistics of contracts: grouped figures, the rows behind each, and both as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from loudou.contracts.selectors.statistics import (
    CASHED,
    By,
    Figure,
    Movement,
    Narrowed,
    Span,
    Statistic,
    contracts_signed,
    movements,
    overview,
    statistics,
    total,
)
from loudou.core import clock
from loudou.core.refusals import NotVisible
from loudou.exchange.exports import ExportColumn
from loudou.web.frame import exporting
from loudou.web.frame.pages import Page
from loudou.web.ledger.forms import NarrowingForm

SHOWN = 100
MOST_DIGITS = 18
"""Of an id in an address."""
CASH_DAYS = gettext_lazy("Signing to cash, days")
SOURCES = {
    "contract": gettext_lazy("Contract"),
    "delivery": gettext_lazy("Delivery"),
    "invoice": gettext_lazy("Invoice"),
    "allocation": gettext_lazy("Allocation"),
    "receipt": gettext_lazy("Advance"),
    "refund": gettext_lazy("Refund"),
    "reversal": gettext_lazy("Reversal"),
    "instalment": gettext_lazy("Instalment"),
}
"""What the records behind a figure are."""
FETCHED = 1000
"""Rows behind a figure that a file reads at a time."""


class Statistics(Page):
    """Contract amount, delivered, invoiced, received, outstanding and overdue, grouped; every figure opens its rows."""

    permission = "contracts.view"
    template = "ledger/statistics.html"
    title = gettext_lazy("Contract statistics")

    def span(self) -> Span:
        """The period of the address; this year unless told."""
        today = clock.today()
        since = parse_date(self.request.GET.get("since", "")) or today.replace(month=1, day=1)
        until = parse_date(self.request.GET.get("until", "")) or today
        return Span(since, max(since, until), today)

    @cached_property
    def form(self) -> NarrowingForm:
        """Whose contracts are counted, as the address says."""
        return NarrowingForm(self.request.GET, request=self.request)

    def narrowed(self) -> Narrowed:
        """The rep and the customer that were chosen; whoever is not to be chosen is asked for in vain."""
        if not self.form.is_valid():
            raise NotVisible
        owner, customer = self.form.cleaned_data["owner"], self.form.cleaned_data["customer"]
        return Narrowed((owner.pk,) if owner else (), (customer.pk,) if customer else ())

    def kept(self) -> str:
        """What the links to the rows behind a figure keep of the address."""
        span = self.span()
        kept = {"by": str(self.by()), "since": span.since.isoformat(), "until": span.until.isoformat()}
        return urlencode(kept | {name: pk for name in ("owner", "customer") if (pk := self.request.GET.get(name))})

    def by(self) -> By:
        """How it is grouped; by month unless told."""
        wanted = self.request.GET.get("by", "")
        return By(wanted) if wanted in By.values else By.MONTH

    @property
    def may_export(self) -> bool:
        """Whether the user sees the links to files."""
        return self.request.user.has_permission("contracts.export")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page, or answer with a file of what it shows."""
        wanted = request.GET.get("export", "")
        if wanted in exporting.FORMATS:
            return self.file(wanted)
        return super().get(request, *args, **kwargs)

    def address(self, file_format: str) -> str:
        """Address of what the page shows as a file."""
        query = self.request.GET.copy()
        query.pop("page", None)
        query["export"] = file_format
        return f"{self.request.path}?{query.urlencode()}"

    def file(self, file_format: str) -> HttpResponseBase:
        """The groups as a file."""
        by = self.by()
        columns = [
            ExportColumn(by.label, lambda row: row.label),
            ExportColumn(gettext_lazy("Contracts"), lambda row: row.contracts),
            *(_figure_column(figure) for figure in Figure),
            ExportColumn(gettext_lazy("Average size"), lambda row: row.average),
            ExportColumn(CASH_DAYS, lambda row: None if row.cash_days is None else round(row.cash_days, 1)),
        ]
        rows: list[Statistic] = statistics(self.request.user, by=by, span=self.span(), narrowed=self.narrowed())
        return self._export("contract-statistics", columns, rows, file_format)

    def _export(
        self, name: str, columns: list[ExportColumn], rows: Iterable[Any], file_format: str
    ) -> HttpResponseBase:
        base = self.request.company.base_currency
        return exporting.send(
            self.request,
            permission="contracts.export",
            name=name,
            columns=[*columns, ExportColumn(gettext_lazy("Currency"), lambda _row: base)],
            rows=rows,
            file_format=file_format,
        )

    def context(self) -> dict[str, Any]:
        """The groups with their total."""
        user, span, by, narrowed = self.request.user, self.span(), self.by(), self.narrowed()
        found = overview(user, by=by, span=span, narrowed=narrowed)
        signed = contracts_signed(user, by=by, span=span, narrowed=narrowed)
        figures = list(Figure)
        return {
            "span": span,
            "by": by,
            "choices": By.choices,
            "figures": figures,
            "rows": [{"row": row, "cells": [(f.value, getattr(row, f.value)) for f in figures]} for row in found.rows],
            "total": (whole := total(found.rows, contracts=signed)),
            "totals": [(figure.value, getattr(whole, figure.value)) for figure in figures],
            "form": self.form,
            "kept": self.kept(),
            "cash_days": CASH_DAYS,
            "xlsx": self.address("xlsx") if self.may_export else "",
            "csv": self.address("csv"),
            "cash": found.cash,
            "base": self.request.company.base_currency,
        }


def _address(row: Movement) -> str:
    """Where the record behind a row is shown."""
    if row.source == "invoice":
        return reverse("ledger:invoice", args=[row.source_id])
    if row.receipt_id is not None:
        return reverse("ledger:receipt", args=[row.receipt_id])
    return reverse("contracts:contract", args=[row.contract_id])


def _figure_column(figure: Figure) -> ExportColumn:
    return ExportColumn(figure.label, lambda row: getattr(row, figure.value))


class StatisticRows(Statistics):
    """The rows behind one figure of one group."""

    template = "ledger/movements.html"

    def which(self) -> dict[str, Any]:
        """The figure and the group that the address names. Raises NotVisible."""
        by, wanted = self.by(), self.request.GET.get("figure", "")
        if wanted not in {*Figure.values, CASHED}:
            raise NotVisible
        key: Any = self.request.GET.get("key", "") or None
        if key is not None and by not in (By.MONTH, By.CUSTOM):
            if not (key.isascii() and key.isdecimal() and len(key) <= MOST_DIGITS):
                raise NotVisible
            key = int(key)
        return {
            "figure": Figure(wanted) if wanted in Figure.values else CASHED,
            "by": by,
            "key": key,
            "whole": self.request.GET.get("whole") == "1",
            "span": self.span(),
            "narrowed": self.narrowed(),
        }

    def file(self, file_format: str) -> HttpResponseBase:
        """All rows behind the figure as a file; they add up to it."""
        columns = [
            ExportColumn(gettext_lazy("Date"), lambda row: row.day),
            ExportColumn(gettext_lazy("Customer"), lambda row: row.customer),
            ExportColumn(gettext_lazy("Contract"), lambda row: row.contract_number),
            ExportColumn(gettext_lazy("Entry"), lambda row: f"{SOURCES[row.source]} {row.source_id}"),
            ExportColumn(gettext_lazy("Days since signing"), lambda row: row.days),
            ExportColumn(gettext_lazy("Amount"), lambda row: row.amount),
        ]
        return self._export("contract-movements", columns, self._all(self.which()), file_format)

    def _all(self, which: dict[str, Any]) -> Iterator[Movement]:
        start = 0
        while rows := movements(self.request.user, **which, start=start, most=FETCHED):
            yield from rows
            start += FETCHED

    def context(self) -> dict[str, Any]:
        """The latest hundred, and whether there are more."""
        which = self.which()
        page = max(int(number) if (number := self.request.GET.get("page", "1")).isdecimal() else 1, 1)
        found = movements(self.request.user, **which, start=(page - 1) * SHOWN, most=SHOWN + 1)
        return {
            "title": Figure(which["figure"]).label if which["figure"] in Figure.values else CASH_DAYS,
            "rows": [{"row": row, "entry": SOURCES[row.source], "url": _address(row)} for row in found[:SHOWN]],
            "has_days": any(row.days is not None for row in found),
            "next_page": page + 1 if len(found) > SHOWN else None,
            "base": self.request.company.base_currency,
            "span": which["span"],
            "xlsx": self.address("xlsx") if self.may_export else "",
            "csv": self.address("csv"),
        }
