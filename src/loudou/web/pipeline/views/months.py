"""Time: the calendar of a month, and the forecast by months."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

from babel.dates import format_date, get_day_names
from django.utils.translation import gettext as _

from loudou.pipeline import selectors
from loudou.pipeline.choices import ExpectedRange
from loudou.pipeline.selectors import Volume
from loudou.pipeline.selectors.calendar import Day
from loudou.pipeline.selectors.cards import LATER, NO_DATE, OVERDUE, month_of
from loudou.web.frame import formats
from loudou.web.pipeline.pages import PipelinePage
from loudou.web.pipeline.views.board import CardsPage

MONTHS = 4
MOST_MONTHS = 12


def month_name(month: dt.date) -> str:
    """A month with its year, in the reader's language."""
    return format_date(month, "y年M月" if formats.locale().language == "zh" else "MMMM y", formats.locale())


class CalendarDay:
    """A day as drawn, with the address of the signings expected on it."""

    def __init__(self, day: Day, url: str) -> None:
        self.on, self.signings, self.steps = day.on, day.signings, day.steps
        self.signing_count, self.step_count, self.left = day.signing_count, day.step_count, day.left
        self.url = url


class CalendarPage(PipelinePage):
    """One month: expected signings and next steps by day."""

    template = "pipeline/calendar.html"
    kept_parameters = ("sort", "per", "cols", "month")

    @functools.cached_property
    def month(self) -> dt.date:
        """First day of the month in the address (`month=2026-11`), else of this month."""
        try:
            return dt.datetime.strptime(self.query.get("month", ""), "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
        except ValueError:
            return self.today.replace(day=1)

    def view_context(self) -> dict[str, Any]:
        """Weeks of days."""
        days = [
            CalendarDay(day, self.day_url(day.on))
            for day in selectors.calendar_days(self.bare_rows(), month=self.month)
        ]
        names = get_day_names("abbreviated", locale=formats.locale())
        return {
            "weeks": [days[start : start + 7] for start in range(0, len(days), 7)],
            "weekdays": [names[number] for number in range(7)],
            "month_name": month_name(self.month),
            "previous": self.address(month=f"{selectors.add_months(self.month, -1):%Y-%m}"),
            "following": self.address(month=f"{selectors.add_months(self.month, 1):%Y-%m}"),
            "this_month": self.address(month=None),
            "may_change": self.request.user.has_permission("pipeline.change"),
            "source": self.rows_url(
                expected_from=self.month.isoformat(), expected_until=selectors.last_day(self.month).isoformat()
            ),
        }

    def day_url(self, day: dt.date) -> str:
        """Address of the list of signings expected on a day."""
        return self.rows_url(expected=None, expected_from=day.isoformat(), expected_until=day.isoformat())


class ForecastPage(CardsPage):
    """Open opportunities by month of their expected signing; dragging a card re-dates it."""

    template = "pipeline/forecast.html"
    kept_parameters = ("sort", "per", "cols", "months")
    shows_stage = True
    act = "date"

    @property
    def months(self) -> int:
        """How many months to show."""
        asked = self.query.get("months", "")
        return min(max(int(asked), 1), MOST_MONTHS) if asked.isdecimal() and len(asked) < 3 else MONTHS  # noqa: PLR2004

    def month_links(self) -> list[tuple[str, str, bool]]:
        """Label, address and whether current, of spans to choose from."""
        return [(formats.number(span), self.address(months=span), span == self.months) for span in (3, 4, 6, 12)]

    def view_context(self) -> dict[str, Any]:
        """A lane per month, and the table of months by stage."""
        today, months, rows = self.today, self.months, self.bare_rows()
        by_stage = selectors.months_by_stage(rows, today=today, months=months, win_rates=self.setup_data.win_rates)
        totals: dict[Any, Volume] = {}
        for (key, _stage), volume in by_stage.items():
            totals[key] = totals.get(key, Volume()) + volume
        lanes = selectors.lanes(
            selectors.month_parts(today=today, months=months),
            rows,
            actor=self.request.user,
            totals=totals,
            key_of=lambda card: month_of(card.expected_on, today=today, months=months),
        )
        artist = self.artist()
        columns = []
        for lane in lanes:
            url = self.lane_url(lane.key)
            column = {
                "key": lane.key,
                "lane": lane,
                "title": self.lane_title(lane.key),
                "url": url,
                "drop": self.drop_date(lane.key),
            }
            columns.append(column | {"cards": artist.draw(lane.cards, url)})
        used = sorted({stage for _key, stage in by_stage}, key=self._place)
        table = [
            (self.setup_data.stages[pk], [by_stage.get((lane.key, pk), Volume()) for lane in lanes]) for pk in used
        ]
        return {"columns": columns, "table": table, "whole": selectors.total(totals)}

    def _place(self, stage_id: int) -> int:
        return next(i for i, stage in enumerate(self.setup_data.every_stage) if stage.pk == stage_id)

    def lane_title(self, key: Any) -> str:
        """A lane's heading."""
        words = {OVERDUE: _("Overdue"), LATER: _("Later"), NO_DATE: _("No date")}
        return words[key] if isinstance(key, str) else month_name(key)

    def lane_url(self, key: Any) -> str:
        """Address of the list of exactly a lane's rows."""
        if key == OVERDUE:
            return self.rows_url(expected=ExpectedRange.OVERDUE.value)
        if key == NO_DATE:
            return self.rows_url(expected=ExpectedRange.NO_DATE.value)
        if key == LATER:
            return self.rows_url(expected=None, expected_from=selectors.add_months(self.today, self.months).isoformat())
        first = max(key, self.today).isoformat()
        return self.rows_url(expected=None, expected_from=first, expected_until=selectors.last_day(key).isoformat())

    def drop_date(self, key: Any) -> str:
        """First day of the month that a card dropped here is re-dated into; '' where nothing can be dropped."""
        return key.isoformat() if isinstance(key, dt.date) else ""
