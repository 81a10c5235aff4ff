"""What this and the next quarter will bring, and how the same forecast did in the file's own past (`funnelstats`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from funnelstats.forecast import (
    Backtest,
    History,
    PeriodForecast,
    backtest,
    foretell,
    look_back,
    prospect,
    quarters_before,
    read_histories,
)
from funnelstats.forecast.season import quarter_of
from funnelstats.queries import Engine
from loudou.analyze.deals import Deals
from loudou.analyze.tables import ALL, moment

PAST_QUARTERS = 12


@dataclass(frozen=True, slots=True)
class Outlook:
    """Forecasts of the quarter of the file's last day and of the one after; `tested` is None without any history."""

    forecasts: tuple[PeriodForecast, ...]
    tested: Backtest | None
    history: History | None


def label(start: dt.date) -> str:
    """Name of a quarter, such as 2026-Q3."""
    return f"{start.year}-Q{(start.month + 2) // 3}"


def outlook(deals: Deals, engine: Engine, *, progress: Callable[[str], None] = lambda _quarter: None) -> Outlook:
    """Forecast, after testing the same on up to twelve earlier quarters, each from what was known at its start.

    On the last day of a quarter it is over: the two that matter are the next ones. `progress` is told each quarter's
    name before it is tested. Forecasts are empty where fewer than fifty deals were decided.
    """
    today = moment(deals).date()

    def read(day: dt.date) -> History | None:
        progress(label(day))
        return read_histories(engine, day).get(ALL)

    now = read(today)
    if now is None:
        return Outlook((), None, None)
    this, following = quarter_of(today)
    tested = backtest(look_back(read, now, quarters_before(this, PAST_QUARTERS)))
    periods = ((this, following), quarter_of(following))
    made = (foretell(prospect(now, start, end, as_of=today), shock=tested.shock) for start, end in periods)
    return Outlook(tuple(one for one in made if one.is_enough), tested, now)
