"""Open deals that are abnormal, by those rules of `funnelstats` that an export has the columns for."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from funnelstats.abnormal import RULES, Abnormality, DealFacts, History, abnormal_deals
from funnelstats.durations import Cycle
from loudou.analyze.deals import LABEL, Deals
from loudou.analyze.stages import Stages
from loudou.analyze.tables import STAGE

NEEDS = {
    "long_in_stage": "opened_on",
    "no_activity": "last_activity_on",
    "no_next_step": "next_step_on",
    "date_passed": "expected_on",
    "pushed": "pushes",
}
"""Rule -> the field it is judged by. Without a history of stages, a deal's one stage began when it was opened."""


MOST = 20
_AT_ONCE = 10_000
_FACTS = f"""
SELECT place, {LABEL}, coalesce(owner, ''), coalesce(stage, ''), deals.amount,
       greatest(coalesce(date_diff('day', opened_on, $as_of), 0), 0), date_diff('day', last_activity_on, $as_of),
       next_step_on, expected_on, coalesce(deals.pushes, 0), deals.probability, $history
FROM deals $joined WHERE outcome = 'open' ORDER BY place
"""
_WITHOUT_HISTORY = (f"{STAGE}, NULL, 0, NULL, 0", "")
_WITH_HISTORY = (
    "history.stage_id, history.days_in_stage, coalesce(history.pushes, 0), history.amount_before,"
    " coalesce(history.stages_skipped, 0)",
    "LEFT JOIN history_facts AS history ON history.opportunity_id = deals.place",
)


@dataclass(frozen=True, slots=True)
class AbnormalDeal:
    """An open deal with every rule that it breaks and the figures of each."""

    label: str
    owner: str
    stage: str
    age: int
    amount: float | None
    broken: tuple[Abnormality, ...]


@dataclass(frozen=True, slots=True)
class Abnormal:
    """How many open deals break each rule that could be judged, how many break any, and the gravest of them.

    The gravest are those with the largest amounts; of equal ones those that break more rules, then the older ones.
    `not_judged` are the rules that the file has no column for.
    """

    count: int
    by_rule: dict[str, int]
    not_judged: tuple[str, ...]
    gravest: tuple[AbnormalDeal, ...]


def abnormal(deals: Deals, cycle: Cycle, stages: Stages | None = None) -> Abnormal:
    """Judge every open deal, a few thousand at a time; by its stage where there is a history of stages."""
    judged = [name for name in RULES if _can_judge(name, deals)]
    history = (
        History(today=deals.as_of, stage_times=stages.times, win_rates=stages.win_rates)
        if stages
        else History(today=deals.as_of, stage_times={STAGE: cycle.to_close}, win_rates={})
    )
    by_rule = dict.fromkeys(judged, 0)
    gravest: list[tuple[tuple[float, int, int, int], AbnormalDeal]] = []
    count = 0
    for place, deal, facts in _open_deals(deals):
        broken = tuple(abnormal_deals([facts], history, rules=judged))
        if not broken:
            continue
        count += 1
        for one in broken:
            by_rule[one.rule] += 1
        # The place makes every key its own, so that deals themselves are never compared.
        key = (deal[-1] or 0.0, len(broken), facts.age_days, -place)
        keep = heapq.heappush if len(gravest) < MOST else heapq.heappushpop
        label, owner, stage, amount = deal
        keep(gravest, (key, AbnormalDeal(label, owner, stage, facts.age_days, amount, broken)))
    chosen = tuple(deal for _key, deal in sorted(gravest, key=lambda item: item[0], reverse=True))
    return Abnormal(count, by_rule, tuple(name for name in RULES if name not in judged), chosen)


def _can_judge(rule: str, deals: Deals) -> bool:
    """Whether the files hold what a rule asks for."""
    moves = deals.moves
    told = {
        "date_passed": _has_expected_dates(deals),
        "pushed": moves is not None and moves.has_dates,
        "amount_cut": moves is not None and moves.has_amounts,
        "stages_skipped": moves is not None,
        "too_hopeful": moves is not None and "probability" in deals.mapping,
    }
    return told.get(rule, False) or NEEDS.get(rule, "") in deals.mapping


def _has_expected_dates(deals: Deals) -> bool:
    """Whether open deals have an expected date: their own, or a closing date that lies ahead."""
    return bool(
        deals.engine.execute(
            "SELECT 1 FROM deals WHERE outcome = 'open' AND expected_on IS NOT NULL LIMIT 1"
        ).fetchall()
    )


def _open_deals(deals: Deals) -> Iterator[tuple[int, tuple[Any, ...], DealFacts]]:
    columns, joined = _WITH_HISTORY if deals.moves else _WITHOUT_HISTORY
    sql = _FACTS.replace("$history", columns).replace("$joined", joined)
    found = deals.engine.cursor().execute(sql, {"as_of": deals.as_of})
    while batch := found.fetchmany(_AT_ONCE):
        for row in batch:
            place, label, owner, stage, amount, age, quiet, next_step_on, expected_on, pushes, probability, *told = row
            stage_id, days_in_stage, moved_out, amount_before, skipped = told
            facts = DealFacts(
                deal=place, stage=stage_id, age_days=age, quiet_days=quiet, next_step_on=next_step_on,
                days_in_stage=age if days_in_stage is None else days_in_stage,
                expected_on=expected_on, pushes=max(pushes, moved_out), amount=amount,
                amount_before=amount_before, stages_skipped=skipped, probability=probability,
            )  # fmt: skip
            yield place, (label, owner, stage, amount), facts
