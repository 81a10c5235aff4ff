"""The chapters of the report: what each shows of an analysis, as plain values for its template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loudou.analyze import wording
from loudou.analyze.analysis import Analysis
from loudou.analyze.chapters_of_groups import groups
from loudou.analyze.chapters_of_time import forecast, stages
from loudou.analyze.charts import WIDTH, scale_of, stacked
from loudou.analyze.numerals import Numerals
from loudou.analyze.outlook import label

WORDS_SHOWN = 12


def opening(found: Analysis, say: Numerals) -> dict[str, Any]:
    """What was read: files, day, counts, columns."""
    return {
        "as_of": say.day(found.as_of),
        "rows": say.number(found.rows),
        "outcomes": {name: say.number(count) for name, count in found.outcomes.items()},
        "columns": wording.columns(found.mapping),
        "history_columns": wording.columns(found.moves.mapping) if found.moves else [],
        "read_as": [
            (wording.OUTCOMES[name], ", ".join(words[:WORDS_SHOWN]) + (" …" if len(words) > WORDS_SHOWN else ""))
            for name, words in found.words.items()
            if words
        ],
        "chart_width": WIDTH,
        "currency": found.currency,
        "findings": [
            {"sentence": wording.FINDINGS[f.code], "count": say.number(f.count), "sample": f.sample}
            for f in found.findings
        ],
    }


def win_rate(found: Analysis, say: Numerals) -> dict[str, Any]:
    """The official win rate beside the others, what forgotten deals do to it, and the cycle."""
    rate, forgotten, cycle = found.rate, found.zombies, found.cycle
    compared = [
        (wording.OFFICIAL, rate.value, rate.low, rate.high),
        *([(wording.IF_LOST, *_parts(forgotten.if_lost))] if forgotten.count else []),
        *([(wording.IF_LEFT_OUT, *_parts(forgotten.if_left_out))] if forgotten.count else []),
        (wording.OF_CLOSED, rate.closed, None, None),
    ]
    scale = scale_of([0.0, 1.0], most=1.0)
    return {
        "rate": {
            "value": say.share(rate.value), "low": say.share(rate.low), "high": say.share(rate.high),
            "n": say.number(rate.n), "closed": say.share(rate.closed), "undecided": say.share(rate.undecided),
            "decided": say.number(rate.won + rate.lost), "days": rate.horizon_days,
            "if_lost": say.share(forgotten.if_lost.value), "if_left_out": say.share(forgotten.if_left_out.value),
        },
        "rate_ticks": scale.ticks(say.plain_share),
        "rates": [
            {
                "name": name, "value": say.share(value), "dot": scale.mark(value),
                "bar": None if low is None else scale.bar(low, high),
            }
            for name, value, low, high in compared
        ],
        "stale_count": say.number(forgotten.count),
        "stale_share": say.share(forgotten.share),
        "cycle": {
            "median": say.number(cycle.to_win.median), "p80": say.number(cycle.to_win.p80),
            "n": say.number(cycle.to_win.finished),
            "close_median": say.number(cycle.to_close.median),
            "close_p80": wording.NOT_REACHED if cycle.to_close.p80 is None else say.number(cycle.to_close.p80),
        },
    }  # fmt: skip


def _parts(rate: Any) -> tuple[float | None, float | None, float | None]:
    return rate.value, rate.low, rate.high


def funnel(found: Analysis, say: Numerals) -> dict[str, Any]:
    """Open deals by stage, in the order of the stages where a history tells it; and what became of each quarter's."""
    order = {row.name: (row.process or "", row.ordinal) for row in found.stages.rows} if found.stages else {}
    rows = sorted(found.funnel, key=lambda row: order.get(row.stage, ("\uffff", 0)))
    longest = max((row.deals for row in rows), default=1)
    return {
        "funnel": [
            {
                "stage": row.stage or "–", "deals": say.number(row.deals), "amount": say.number(row.amount),
                "width": round(WIDTH * row.deals / longest, 1),
            }
            for row in rows
        ],
        "cohorts": [
            {
                "quarter": label(row.quarter), "opened": say.number(row.opened), "won": say.number(row.won),
                "lost": say.number(row.lost), "open": say.number(row.open), "share": say.share(row.won / row.opened),
                "parts": stacked([row.won, row.open, row.lost]),
            }
            for row in found.cohorts
        ],
    }  # fmt: skip


def abnormal(found: Analysis, say: Numerals) -> dict[str, Any]:
    """Open deals that break rules."""
    rules = wording.rules(with_history=found.moves is not None)
    return {
        "abnormal_count": say.number(found.abnormal.count),
        "rules": [
            {"sentence": rules[name], "count": say.number(count)} for name, count in found.abnormal.by_rule.items()
        ],
        "not_judged": [rules[name] for name in found.abnormal.not_judged],
        "gravest": [
            {
                "deal": deal.label, "owner": deal.owner, "stage": deal.stage, "amount": say.number(deal.amount),
                "broken": [wording.broken(one, say, with_history=found.moves is not None) for one in deal.broken],
            }
            for deal in found.abnormal.gravest
        ],
    }  # fmt: skip


def first(found: Analysis, say: Numerals) -> dict[str, Any]:
    """What to work on first, and the inflow."""
    ladder, inflow, with_history = found.first.ladder, found.first.inflow, found.moves is not None
    return {
        "order": [
            {
                "deal": deal.label, "owner": deal.owner, "stage": deal.stage, "amount": say.number(deal.amount),
                "chance": say.share(deal.chance), "worth": say.number(deal.worth),
                "reasons": [wording.reason(one, say.share, with_history=with_history) for one in deal.reasons],
            }
            for deal in found.first.deals
        ],
        "model": wording.RUNGS[ladder.rung.name] if ladder else "",
        "horizon": ladder.horizon_days if ladder else 0,
        "inflow": inflow and inflow.needed is not None and {
            "a_week": say.number(inflow.entered / inflow.weeks), "needed": say.number(inflow.needed),
            "is_dry": inflow.is_dry, "period": found.first.repeat_period, "amount": say.number(found.first.repeat),
        },
    }  # fmt: skip


CHAPTERS: tuple[Callable[[Analysis, Numerals], dict[str, Any]], ...] = (
    opening, first, win_rate, funnel, stages, forecast, groups, abnormal,
)  # fmt: skip
