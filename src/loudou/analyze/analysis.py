"""Everything that is known of one export, as one value, and as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from funnelstats.pooling import Difference
from funnelstats.winrates import WinRate
from loudou.analyze import questions
from loudou.analyze.deals import Deals
from loudou.analyze.findings import Finding, findings
from loudou.analyze.outlook import Outlook, outlook


@dataclass(frozen=True, slots=True)
class Analysis:
    """The figures of the report, in its order."""

    files: tuple[str, ...]
    mapping: Mapping[str, str]
    as_of: dt.date
    rows: int
    outcomes: Mapping[str, int]
    findings: tuple[Finding, ...]
    funnel: tuple[questions.StageRow, ...]
    rate: WinRate
    groups: Mapping[str, questions.Group]
    by_age: Difference
    by_quarter_month: Difference
    cycle: questions.Cycle
    outlook: Outlook
    stale_count: int
    stale_limit: int | None
    stale: tuple[questions.StaleDeal, ...]


def analyze(deals: Deals, files: tuple[str, ...]) -> Analysis:
    """Ask every question once."""
    counted = questions.outcomes(deals)
    stale_count, stale_limit, stale = questions.stale(deals)
    return Analysis(
        files=files,
        mapping=deals.mapping,
        as_of=deals.as_of,
        rows=sum(counted.values()),
        outcomes=counted,
        findings=tuple(findings(deals)),
        funnel=tuple(questions.funnel(deals)),
        rate=questions.official_rate(deals),
        groups={column: questions.group(deals, column) for column in questions.GROUPS},
        by_age=questions.by_age(deals),
        by_quarter_month=questions.by_quarter_month(deals),
        cycle=questions.cycle(deals),
        outlook=outlook(deals),
        stale_count=stale_count,
        stale_limit=stale_limit,
        stale=tuple(stale),
    )


def as_json(found: Analysis) -> dict[str, Any]:
    """The figures for machines; the keys are stable."""
    return {
        "files": list(found.files),
        "mapping": dict(found.mapping),
        "as_of": found.as_of.isoformat(),
        "rows": found.rows,
        "outcomes": dict(found.outcomes),
        "findings": [{"code": f.code, "count": f.count, "sample": list(f.sample)} for f in found.findings],
        "funnel": [{"stage": row.stage, "deals": row.deals, "amount": row.amount} for row in found.funnel],
        "win_rate": {
            "closed": {"value": found.rate.closed, "n": found.rate.won + found.rate.lost},
            "official": {
                "value": found.rate.value,
                "low": found.rate.low,
                "high": found.rate.high,
                "n": found.rate.n,
                "undecided": found.rate.undecided,
                "horizon_days": found.rate.horizon_days,
            },
        },
        **{f"by_{name}": _members(name, group) for name, group in found.groups.items()},
        **{f"by_{name}_evidence": group.difference.evidence for name, group in found.groups.items()},
        "by_age_evidence": found.by_age.evidence,
        "by_quarter_month_evidence": found.by_quarter_month.evidence,
        "tests": {
            **{f"by_{name}": _test(group.difference) for name, group in found.groups.items()},
            "by_age": _test(found.by_age),
            "by_quarter_month": _test(found.by_quarter_month),
        },
        "cycle": {"median": found.cycle.median, "p80": found.cycle.p80, "n": found.cycle.n},
        **_outlook(found.outlook),
        "stale": {
            "count": found.stale_count,
            "limit_days": found.stale_limit,
            "largest": [
                {"deal": s.label, "owner": s.owner, "stage": s.stage, "age": s.age, "amount": s.amount}
                for s in found.stale
            ],
        },
    }  # fmt: skip


def _outlook(outlook: Outlook) -> dict[str, Any]:
    return {
        "forecast": [
            {
                "period": f.period, "p10": f.p10, "p50": f.p50, "p90": f.p90, "weighted": f.weighted,
                "booked": f.booked, "from_open": f.from_open, "from_new": f.from_new,
            }
            for f in outlook.forecasts
        ],
        "backtest": {
            "periods": [
                {
                    "period": t.period, "p10": t.p10, "p50": t.p50, "p90": t.p90,
                    "weighted": t.weighted, "naive": t.naive, "actual": t.actual,
                }
                for t in outlook.backtests
            ],
            "wape": outlook.wape,
            "wape_weighted": outlook.wape_weighted,
            "wape_naive": outlook.wape_naive,
            "coverage": outlook.coverage,
            "shock": outlook.shock,
        },
    }  # fmt: skip


def _members(name: str, group: questions.Group) -> list[dict[str, Any]]:
    return [
        {
            name: row.name, "won": row.won, "lost": row.lost, "open": row.open,
            "raw": row.rate.raw, "shrunk": row.rate.value, "low": row.rate.low, "high": row.rate.high,
        }
        for row in group.rows
    ]  # fmt: skip


def _test(found: Difference) -> dict[str, Any]:
    return {"name": found.test, "p_value": found.p_value}
