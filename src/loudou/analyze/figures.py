"""The figures for machines: what `--json` writes. The keys are stable."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from funnelstats.abnormal import Abnormality
from funnelstats.durations import Duration
from funnelstats.evidence import Difference
from funnelstats.forecast import Backtest, PeriodForecast
from funnelstats.winrates import WinRate
from loudou.analyze import questions
from loudou.analyze.abnormal import Abnormal
from loudou.analyze.analysis import Analysis
from loudou.analyze.first import First
from loudou.analyze.moves import Moves
from loudou.analyze.outlook import label
from loudou.analyze.stages import Stages


def as_json(found: Analysis) -> dict[str, Any]:
    """All figures of an analysis as plain values."""
    tests = {f"by_{name}": group.difference for name, group in found.groups.items()}
    tests |= {"by_age": found.by_age, "by_quarter_month": found.by_quarter_month}
    return {
        "files": list(found.files),
        "mapping": dict(found.mapping),
        "as_of": found.as_of.isoformat(),
        "stages_read_as": {name: list(words) for name, words in found.words.items()},
        "currency": found.currency,
        "rows": found.rows,
        "outcomes": dict(found.outcomes),
        "findings": [{"code": f.code, "count": f.count, "sample": list(f.sample)} for f in found.findings],
        "funnel": [asdict(row) for row in found.funnel],
        "cohorts": [{**asdict(row), "quarter": label(row.quarter)} for row in found.cohorts],
        "win_rate": _win_rate(found),
        **{f"by_{name}": _members(name, group) for name, group in found.groups.items()},
        **{f"{name}_evidence": test.evidence for name, test in tests.items()},
        "tests": {name: _test(test) for name, test in tests.items()},
        "cycle": _cycle(found),
        "history": _history(found.moves),
        "stages": _stages(found.stages),
        "forecast": [_forecast(one) for one in found.outlook.forecasts],
        "backtest": _backtest(found.outlook.tested),
        "stale": {
            "count": found.zombies.count,
            "limit_days": found.zombies.limit_days,
            "share": found.zombies.share,
            "win_rate_if_lost": found.zombies.if_lost.value,
            "win_rate_if_left_out": found.zombies.if_left_out.value,
        },
        "abnormal": _abnormal(found.abnormal),
        "first": _first(found.first),
    }


def _win_rate(found: Analysis) -> dict[str, Any]:
    rate = found.rate
    return {
        "closed": {"value": rate.closed, "n": rate.won + rate.lost}
        if rate.won + rate.lost
        else _closed(found.outcomes["won"], found.outcomes["lost"]),
        "official": {
            "value": rate.value,
            "low": rate.low,
            "high": rate.high,
            "n": rate.n,
            "undecided": rate.undecided,
            "horizon_days": rate.horizon_days,
        },
    }


def _closed(won: int, lost: int) -> dict[str, Any]:
    return {"value": won / (won + lost) if won + lost else None, "n": won + lost}


def _members(name: str, group: questions.Group) -> list[dict[str, Any]]:
    return [
        {
            name: row.name, "won": row.won, "lost": row.lost, "open": row.open, "raw": row.raw,
            "shrunk": row.rate.value, "low": row.rate.low, "high": row.rate.high,
            "above_median": row.rate.above_median,
        }
        for row in group.rows
    ]  # fmt: skip


def _test(found: Difference) -> dict[str, Any]:
    return {"name": found.test, "p_value": found.p_value}


def _cycle(found: Analysis) -> dict[str, Any]:
    def of(duration: Duration) -> dict[str, Any]:
        return {"median": duration.median, "p80": duration.p80, "n": duration.finished}

    return {**of(found.cycle.to_win), "to_close": of(found.cycle.to_close)}


def _history(moves: Moves | None) -> dict[str, Any] | None:
    return None if moves is None else {
        "mapping": dict(moves.mapping), "rows": moves.rows,
        "begins_on": moves.begins_on.isoformat(), "ends_on": moves.ends_on.isoformat(),
        "tells_amounts": moves.has_amounts, "tells_expected_dates": moves.has_dates,
    }  # fmt: skip


def _stages(found: Stages | None) -> list[dict[str, Any]] | None:
    """Stages in their order, by process: the rate of those that stood in each, who comes further, who gets to it."""

    def rate(one: WinRate) -> dict[str, Any]:
        return {"value": one.value, "low": one.low, "high": one.high, "n": one.n}

    return None if found is None else [
        {
            "process": row.process, "stage": row.name, "place": row.ordinal,
            "win_rate": {**rate(row.win_rate), "undecided": row.win_rate.undecided},
            "days": {"median": row.time.median, "p80": row.time.p80, "n": row.time.n},
            "onward": row.step and rate(row.step.onward),
            "reached": row.step and {
                "value": row.step.overall, "low": row.step.overall_low, "high": row.step.overall_high,
            },
        }
        for row in found.rows
    ]  # fmt: skip


def _forecast(one: PeriodForecast) -> dict[str, Any]:
    found = one.prospect
    return {
        "period": label(found.start), "p10": one.quantile(0.1), "p50": one.quantile(0.5), "p90": one.quantile(0.9),
        "weighted": found.weighted, "calibrated": found.calibrated, "pacing": found.pacing, "naive": found.naive,
        "booked": found.booked, "from_open": found.deals.mean, "from_new": found.new.mean,
        "two_modes": asdict(one.modes) if one.modes else None,
    }  # fmt: skip


def _backtest(tested: Backtest | None) -> dict[str, Any]:
    kinds = ("model", "weighted", "naive")
    scores = tested.scores if tested else {}
    wape = {kind: scores[kind].accuracy.wape if kind in scores else None for kind in kinds}
    return {
        "periods": [
            {
                "period": label(one.forecast.prospect.start),
                **{f"p{round(100 * share)}": one.forecast.quantile(share) for share in (0.1, 0.5, 0.9)},
                "weighted": one.forecast.prospect.weighted, "naive": one.forecast.prospect.naive,
                "actual": one.actual, "within": one.is_within,
            }
            for one in (tested.periods if tested else ())
        ],
        "wape": wape["model"], "wape_weighted": wape["weighted"], "wape_naive": wape["naive"],
        "crps": {kind: scores[kind].crps if kind in scores else None for kind in kinds},
        "skill": dict(tested.skill) if tested else {},
        "coverage": tested.coverage if tested else None,
        "shock": tested.shock if tested else None,
    }  # fmt: skip


def _abnormal(found: Abnormal) -> dict[str, Any]:
    return {
        "count": found.count,
        "by_rule": dict(found.by_rule),
        "not_judged": list(found.not_judged),
        "gravest": [
            {
                "deal": deal.label, "owner": deal.owner, "stage": deal.stage, "age": deal.age, "amount": deal.amount,
                "rules": [_broken(one) for one in deal.broken],
            }
            for deal in found.gravest
        ],
    }  # fmt: skip


def _broken(one: Abnormality) -> dict[str, Any]:
    figures = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in one.figures.items()}
    return {"rule": one.rule, "figures": figures, "n": one.n}


def _first(found: First) -> dict[str, Any]:
    ladder, inflow = found.ladder, found.inflow
    return {
        "model": ladder and {
            "rung": ladder.rung.name, "horizon_days": ladder.horizon_days, "learned_from": ladder.learned_from,
            "tried": [
                {"rung": one.rung, "better_at": one.better_at, "origins": one.origins, "used": one.is_used}
                for one in ladder.evaluation.verdicts
            ],
        },
        "deals": [
            {
                "deal": deal.label, "owner": deal.owner, "stage": deal.stage, "amount": deal.amount,
                "chance": deal.chance, "worth": deal.worth, "place": deal.place.name.lower(),
                "reasons": [
                    {"figure": one.feature, "value": one.value, "usual": one.usual, "effect": one.effect}
                    for one in deal.reasons
                ],
            }
            for deal in found.deals
        ],
        "inflow": inflow and {
            "entered": inflow.entered, "weeks": inflow.weeks, "needed_a_week": inflow.needed, "is_dry": inflow.is_dry,
            "to_bring": found.repeat, "period": found.repeat_period,
        },
    }  # fmt: skip
