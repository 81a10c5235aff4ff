"""Days that are one click away where a date is asked for: soon for what comes next, ends of months for signing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.pipeline.selectors import add_months, last_day

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class QuickDay:
    """A day with the words by which it is chosen."""

    label: str | Promise
    day: dt.date


def days_soon(today: dt.date) -> list[QuickDay]:
    """Days for a next step; one that falls on a weekend is put off until Monday."""
    ahead = ((_("Tomorrow"), 1), (_("In 3 days"), 3), (_("In a week"), 7), (_("In 2 weeks"), 14), (_("In 30 days"), 30))
    return [QuickDay(label, _not_on_weekend(today + dt.timedelta(days=days))) for label, days in ahead]


def ends_of_months(today: dt.date) -> list[QuickDay]:
    """Days for an expected signing: the ends of this month and the next two, and of the month in half a year."""
    month = today.replace(day=1)
    ahead = ((_("End of this month"), 0), (_("Next month"), 1), (_("The month after"), 2), (_("In half a year"), 6))
    return [QuickDay(label, last_day(add_months(month, months))) for label, months in ahead]


def _not_on_weekend(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day
