"""The funnel of phases as a table of its own: one line for each group and phase, ready for a pivot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from funnelstats.named_rates import Rate
from loudou.customers.choices import FUNNEL
from loudou.exchange.exports import ExportColumn
from loudou.insights.selectors.phase_funnel import Passage, PhaseFunnel, PhaseLine, Sort

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file; only those about all customers say what stands in the phase and how long it lasts."""

    part: str
    group: str
    phase: str
    reached: Rate
    whole: PhaseLine | None = None


def file_columns(currency: str) -> list[ExportColumn]:
    """What each line says; amounts are in base currency, shares between 0 and 1, times in days."""
    return [
        ExportColumn(_("Part"), lambda line: line.part),
        ExportColumn(_("Group"), lambda line: line.group),
        ExportColumn(_("Phase"), lambda line: line.phase),
        ExportColumn(_("Entered"), lambda line: line.reached.n),
        ExportColumn(_("Reached so far"), lambda line: line.reached.hits),
        ExportColumn(_("Share"), lambda line: _short(line.reached.value)),
        ExportColumn(_("Share, from"), lambda line: _short(line.reached.low)),
        ExportColumn(_("Share, to"), lambda line: _short(line.reached.high)),
        ExportColumn(_("Stand there now"), lambda line: _whole(line, "now")),
        ExportColumn(_("Open amount"), lambda line: _whole(line, "open_amount")),
        ExportColumn(_("Contract amount"), lambda line: _whole(line, "contract_amount")),
        ExportColumn(_("Currency"), lambda line: currency if line.whole else None),
        ExportColumn(_("Get to the next phase"), lambda line: _onward(line, "value")),
        ExportColumn(_("Get to the next phase, from"), lambda line: _onward(line, "low")),
        ExportColumn(_("Get to the next phase, to"), lambda line: _onward(line, "high")),
        ExportColumn(_("Within days"), lambda line: _onward(line, "horizon_days")),
        ExportColumn(_("Days in the phase, median"), lambda line: _stay(line, "median")),
        ExportColumn(_("Days in the phase, 80 %"), lambda line: _stay(line, "p80")),
        ExportColumn(_("Stays"), lambda line: _stay(line, "n")),
        ExportColumn(_("Stays that are over"), lambda line: _stay(line, "finished")),
    ]


def file_rows(funnel: PhaseFunnel, labels: Mapping[int, str], *, by: Sort) -> Iterator[Line]:
    """All customers by phase, then each cohort, then each group."""
    for line in funnel.phases:
        yield Line(gettext("All customers"), "", labels[line.phase], line.reached, line)
    for cohort in funnel.cohorts:
        yield from _lines(gettext("Cohort"), cohort, labels)
    for group in funnel.groups:
        yield from _lines(str(by.label), group, labels)


def _lines(part: str, passage: Passage, labels: Mapping[int, str]) -> Iterator[Line]:
    for phase, rate in zip(FUNNEL, passage.reached, strict=True):
        yield Line(part, passage.label, labels[phase], rate)


def _short(share: float | None) -> Decimal | None:
    return None if share is None else Decimal(str(round(share, _DIGITS)))


def _whole(line: Line, name: str) -> Any:
    return getattr(line.whole, name) if line.whole else None


def _onward(line: Line, name: str) -> Any:
    if line.whole is None or line.whole.step is None:
        return None
    value = getattr(line.whole.step.onward, name)
    return _short(value) if isinstance(value, float) else value


def _stay(line: Line, name: str) -> Any:
    days = getattr(line.whole.stay, name) if line.whole else None
    return None if days is None else int(days)
