"""Chapters about the way of deals through the stages, and about what the next quarters will bring."""

from __future__ import annotations

from typing import Any

from funnelstats.forecast import PeriodForecast
from funnelstats.forecast.period import Modes
from loudou.analyze.analysis import Analysis
from loudou.analyze.charts import Scale, scale_of
from loudou.analyze.numerals import Numerals
from loudou.analyze.outlook import label
from loudou.analyze.stages import StageHistory


def stages(found: Analysis, say: Numerals) -> dict[str, Any]:
    """The way through the stages, where a history tells it."""
    if found.stages is None or found.moves is None:
        return {"stages": []}
    rows = found.stages.rows
    scale = scale_of([0.0, 1.0], most=1.0)
    return {
        "stage_ticks": scale.ticks(say.plain_share),
        "history_from": say.day(found.moves.begins_on),
        "stages": [_stage(row, scale, say) for row in rows],
        "won_of_all": [
            {"process": process or "", "value": say.share(step.overall)}
            for process, step in found.stages.to_win.items()
            if step.overall is not None
        ],
    }


def _stage(row: StageHistory, scale: Scale, say: Numerals) -> dict[str, Any]:
    rate, step = row.win_rate, row.step
    return {
        "name": f"{row.process} · {row.name}" if row.process else row.name,
        "n": say.number(rate.n), "rate": say.share(rate.value),
        "bar": scale.bar(rate.low, rate.high) if rate.is_enough else None, "dot": scale.mark(rate.value),
        "median": say.number(row.time.median), "p80": say.number(row.time.p80),
        "onward": say.share(step.onward.value if step else None),
        "reached": say.share(step.overall if step else None),
    }  # fmt: skip


def forecast(found: Analysis, say: Numerals) -> dict[str, Any]:
    """Forecasts, and those of past quarters beside what came."""
    number, share = say.number, say.share
    tested = found.outlook.tested
    past = tested.periods if tested else ()
    shown = [*found.outlook.forecasts, *(one.forecast for one in past)]
    scale = scale_of([1.0, *(one.quantile(0.9) for one in shown), *(one.actual for one in past)], from_zero=True)
    scores = tested.scores if tested else {}
    return {
        "forecast_ticks": scale.ticks(say.short),
        "forecasts": [
            {
                **_period(one, scale, say), "booked": number(one.prospect.booked),
                "from_open": number(one.prospect.deals.mean), "from_new": number(one.prospect.new.mean),
            }
            for one in found.outlook.forecasts
        ],
        "backtests": [
            {
                **_period(one.forecast, scale, say), "held": one.is_within, "actual": number(one.actual),
                "naive": number(one.forecast.prospect.naive), "mark": scale.place(one.actual),
            }
            for one in past
        ],
        "errors": {
            kind: share(scores[kind].accuracy.wape) if kind in scores else "–"
            for kind in ("model", "weighted", "naive")
        },
        "held": sum(one.is_within for one in past),
    }  # fmt: skip


def _modes(modes: Modes, say: Numerals) -> dict[str, str]:
    """One deal decides: the middle of the total without and with it."""
    return {
        "amount": say.number(modes.amount), "chance": say.share(modes.chance),
        "without": say.number(modes.without[1]), "with_it": say.number(modes.with_it[1]),
    }  # fmt: skip


def _period(one: PeriodForecast, scale: Scale, say: Numerals) -> dict[str, Any]:
    """One quarter: its name, quantiles and bar."""
    low, middle, high = (one.quantile(part) for part in (0.1, 0.5, 0.9))
    return {
        "period": label(one.prospect.start), "p10": say.number(low), "p50": say.number(middle),
        "p90": say.number(high), "weighted": say.number(one.prospect.weighted),
        "bar": scale.bar(low, high), "dot": scale.mark(middle), "modes": one.modes and _modes(one.modes, say),
    }  # fmt: skip
