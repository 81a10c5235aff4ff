"""The step about records: which are known, what happens to them, who owns new ones, how dates and numbers are read."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from loudou.core.money import COMMON_CURRENCIES
from loudou.core.rates import company
from loudou.exchange import selectors
from loudou.exchange.choices import DateOrder, DecimalMark, EmptyCell, Mode, NameOrder, OnMatch
from loudou.exchange.services import jobs
from loudou.exchange.targets import KINDS, Kind, ValueType
from loudou.web.exchange.wizard import StepPage

DATES = {ValueType.DATE, ValueType.MOMENT}
NUMBERS = {ValueType.MONEY, ValueType.NUMBER, ValueType.SHARE, ValueType.INTEGER}
CHOSEN = {
    "on_match": OnMatch.values,
    "empty_cell": EmptyCell.values,
    "date_order": DateOrder.values,
    "decimal_mark": DecimalMark.values,
    "name_order": NameOrder.values,
}


class ChooseMatching(StepPage):
    """By what a known record is found, what happens to it, and how dates, numbers and empty cells are read."""

    template = "exchange/matching.html"
    title = _("Known records, owners, dates and numbers")
    step, next_step, needs = "matching", "values", "mapping"

    def context(self) -> dict[str, Any]:
        """The choices; only those that make a difference to this file."""
        job = self.job
        kind = KINDS[job.kind]
        codes = {*job.mapping.values(), *job.defaults}
        base = company()
        return {
            **super().context(),
            **self._owners(kind),
            "keys": [(key, kind.keys[key], key in job.match_keys) for key in jobs.usable_keys(job)],
            "is_grouped": bool(kind.grouped_by),
            "is_posted": kind.is_posted,
            "may_be_lines": bool(kind.line_targets & codes) and not kind.grouped_by,
            "line_fields": [kind.target(code).label for code in sorted(kind.line_targets)],
            "on_match": OnMatch.choices,
            "empty_cell": EmptyCell.choices,
            "date_orders": DateOrder.choices,
            "decimal_marks": DecimalMark.choices,
            "name_orders": NameOrder.choices,
            "currencies": list(dict.fromkeys([base.base_currency, *COMMON_CURRENCIES])),
            "currency": job.currency or base.base_currency,
            "time_zones": sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC"),
            "time_zone": job.time_zone or base.time_zone,
            "has_names": {"first_name", "last_name"} <= codes,
            **_written(kind, codes),
        }

    def _owners(self, kind: Kind) -> dict[str, Any]:
        """Who may own new records that name nobody; nothing to choose when the import makes none."""
        if not kind.has("owner") or kind.grouped_by or self.job.mode == Mode.UPDATE:
            return {}
        return {
            "has_owners": True,
            "stay_unowned": kind.code == "customers",
            "people": selectors.possible_owners(),
            "teams": selectors.possible_teams(),
        }

    def keep(self) -> None:
        """Keep the choices."""
        posted = self.request.POST
        options: dict[str, Any] = {name: posted[name] for name, values in CHOSEN.items() if posted.get(name) in values}
        options |= {name: posted[name] for name in ("currency", "time_zone") if posted.get(name)}
        options["rows_are_lines"] = "rows_are_lines" in posted
        if "owned_by" in posted:
            options |= {"owner_id": _chosen(posted, "owner"), "team_id": _chosen(posted, "team")}
        jobs.choose_matching(self.request.user, self.job.pk, match_keys=posted.getlist("match_keys"), **options)


def _written(kind: Kind, codes: set[str]) -> dict[str, bool]:
    """Which kinds of values the file has, so that it must be said how they are written."""
    kinds = {kind.target(code).value for code in codes}
    return {
        "has_dates": bool(kinds & DATES),
        "has_numbers": bool(kinds & NUMBERS),
        "has_money": ValueType.MONEY in kinds,
    }


def _chosen(posted: QueryDict, who: str) -> int | None:
    """The id chosen for the way of owning that is switched on, None for the others."""
    text = posted.get(who, "")
    return int(text) if posted.get("owned_by") == who and text.isdecimal() else None
