"""Abnormal deals: named rules, each with the figures that it judges and the history it judges by.

A rule is a question to one open deal's facts. It answers nothing when the facts are not known or history is too short:
"unknown" is never "abnormal", except where the missing thing is the fault itself (no next step, no decision maker).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from funnelstats.durations import Duration
from funnelstats.winrates import Moment, WinRate

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DealFacts:
    """What is known of one open deal; None where it is not known.

    `days_in_stage` counts all stays; `quiet_days` since the last activity (None: there never was one, then `age_days`
    counts); `pushes` of the expected date to a later one; `amount_before` the last amount before the present one;
    `stages_skipped` on its way; `risk_card` is 'passed', 'failed', 'expired' or None without one; `hours` spent on it
    in the period, of `owner_hours` by its owner; `over_limit` whether the customer owes more than the credit limit.
    """

    deal: Hashable
    stage: Hashable
    age_days: int
    days_in_stage: int
    quiet_days: int | None = None
    next_step_on: dt.date | None = None
    expected_on: dt.date | None = None
    pushes: int = 0
    amount: float | None = None
    amount_before: float | None = None
    stages_skipped: int = 0
    probability: float | None = None
    has_decision_maker: bool | None = None
    risk_card: str | None = None
    hours: float | None = None
    owner_hours: float | None = None
    over_limit: bool | None = None
    supply_hold: bool | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is abnormal; every limit can be set."""

    quiet_days: int = 30
    pushes: int = 3
    amount_cut: float = 0.2
    probability_gap: float = 0.2
    hours_share: float = 0.5
    fewest_hours: float = 8.0


@dataclass(frozen=True, slots=True)
class History:
    """What deals are judged by: time in stage and win rate of each stage, and the day of judging."""

    today: dt.date
    stage_times: Mapping[Hashable, Duration]
    win_rates: Mapping[Hashable, WinRate]
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Abnormality:
    """One rule that a deal breaks: what was found (`figures`), and by how many cases of history it was judged (`n`).

    `n` is None where the rule needs no history.
    """

    deal: Hashable
    rule: str
    figures: Figures
    n: int | None = None
    as_of: Moment | None = None


Answer = tuple[Figures, int | None] | None
Rule = Callable[[DealFacts, History], Answer]


def long_in_stage(deal: DealFacts, history: History) -> Answer:
    """In its stage for longer than four of five deals stayed in it."""
    known = history.stage_times.get(deal.stage)
    if known is None or known.p80 is None or deal.days_in_stage <= known.p80:
        return None
    return {"days": deal.days_in_stage, "p80": known.p80}, known.n


def no_activity(deal: DealFacts, history: History) -> Answer:
    """Nobody did anything for it for so many days."""
    quiet = deal.age_days if deal.quiet_days is None else deal.quiet_days
    return ({"days": quiet, "limit": history.limits.quiet_days}, None) if quiet > history.limits.quiet_days else None


def no_next_step(deal: DealFacts, history: History) -> Answer:
    """No next step is agreed, or its day has passed."""
    if deal.next_step_on is not None and deal.next_step_on >= history.today:
        return None
    return {"next_step_on": deal.next_step_on}, None


def date_passed(deal: DealFacts, history: History) -> Answer:
    """The day on which it should have been signed is over."""
    if deal.expected_on is None or deal.expected_on >= history.today:
        return None
    return {"expected_on": deal.expected_on, "days": (history.today - deal.expected_on).days}, None


def pushed(deal: DealFacts, history: History) -> Answer:
    """The expected date was moved out again and again."""
    return (
        ({"pushes": deal.pushes, "limit": history.limits.pushes}, None)
        if deal.pushes >= history.limits.pushes
        else None
    )


def amount_cut(deal: DealFacts, history: History) -> Answer:
    """The amount became a good deal smaller."""
    if deal.amount is None or not deal.amount_before or deal.amount_before <= 0:
        return None
    cut = 1 - deal.amount / deal.amount_before
    # A hair of tolerance: from 100 to 80 is a fifth, whatever 1 - 80 / 100 is in binary.
    if cut < history.limits.amount_cut - 1e-9:
        return None
    return {"before": deal.amount_before, "now": deal.amount, "cut": cut}, None


def stages_skipped(deal: DealFacts, _history: History) -> Answer:
    """It jumped over stages."""
    return ({"skipped": deal.stages_skipped}, None) if deal.stages_skipped else None


def too_hopeful(deal: DealFacts, history: History) -> Answer:
    """The rep's probability is far above what history says, even at the upper end of its interval."""
    learned = history.win_rates.get(deal.stage)
    if deal.probability is None or learned is None or learned.value is None or learned.high is None:
        return None
    if deal.probability <= max(learned.high, learned.value + history.limits.probability_gap):
        return None
    return {"probability": deal.probability, "learned": learned.value, "high": learned.high}, learned.n


def no_decision_maker(deal: DealFacts, _history: History) -> Answer:
    """No decision maker is known."""
    return ({}, None) if deal.has_decision_maker is False else None


def risk_card(deal: DealFacts, _history: History) -> Answer:
    """The risk card failed or has expired."""
    return ({"risk_card": deal.risk_card}, None) if deal.risk_card in {"failed", "expired"} else None


def takes_the_hours(deal: DealFacts, history: History) -> Answer:
    """One deal takes most of a rep's hours."""
    if deal.hours is None or not deal.owner_hours or deal.owner_hours < history.limits.fewest_hours:
        return None
    share = deal.hours / deal.owner_hours
    return ({"hours": deal.hours, "share": share}, None) if share > history.limits.hours_share else None


def credit_trouble(deal: DealFacts, _history: History) -> Answer:
    """The customer is over the credit limit, or supply is held."""
    if not deal.over_limit and not deal.supply_hold:
        return None
    return {"over_limit": bool(deal.over_limit), "supply_hold": bool(deal.supply_hold)}, None


RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        long_in_stage,
        no_activity,
        no_next_step,
        date_passed,
        pushed,
        amount_cut,
        stages_skipped,
        too_hopeful,
        no_decision_maker,
        risk_card,
        takes_the_hours,
        credit_trouble,
    )
}
"""All rules by name, in the order in which they are told."""


def abnormal_deals(
    deals: Iterable[DealFacts], history: History, *, rules: Collection[str] = tuple(RULES)
) -> Iterator[Abnormality]:
    """What is abnormal about each deal by the rules that are switched on. Raises KeyError for an unknown rule."""
    chosen = [(name, RULES[name]) for name in rules]
    for deal in deals:
        for name, rule in chosen:
            if (answer := rule(deal, history)) is not None:
                figures, n = answer
                yield Abnormality(deal.deal, name, figures, n, history.today)
