"""What the report says, in both languages: findings, rules, reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funnelstats.abnormal import Abnormality
from funnelstats.ladder import Reason
from loudou.analyze.numerals import Numerals
from loudou.exchange.targets.kinds import OPPORTUNITIES, STAGE_HISTORY

FINDINGS: dict[str, Promise] = {
    "no_opening_date": _(
        "No opening date: these deals say nothing about time and are left out of win rate and forecast"
    ),
    "closed_without_date": _("Closed, but without a closing date"),
    "closed_before_opened": _("Closed before they were opened"),
    "dated_ahead": _("Opened or closed on a day that has not come yet: they are left out of win rate and forecast"),
    "won_without_amount": _("Won without an amount"),
    "lost_with_amount_zero": _("Lost deals whose amount was set to zero: what was lost is no longer known"),
    "open_without_amount": _("Open without an amount: the mean of won deals stands in for it in the forecast"),
    "negative_amount": _("Negative amounts"),
    "no_owner": _("Without an owner"),
    "no_customer": _("Without a customer"),
    "repeated_id": _("The same id more than once"),
    "expected_date_passed": _("Open, although the expected date has passed"),
    "several_currencies": _("Currencies: amounts are added up as if they were one; analyze each currency by itself"),
    "unreadable_number": _("Numbers that cannot be read"),
    "unreadable_amount": _("Amounts that cannot be read"),
    "unreadable_date": _("Dates that cannot be read"),
    "history_of_unknown_deals": _("Rows of the history about deals that the files do not have"),
    "without_history": _("Deals opened since the history begins, about which it says nothing"),
    "history_contradicts": _("The history ends otherwise than the deal: the deal's own row was believed"),
    "product_written_differently": _("Products that are probably one, written differently"),
    "owner_written_differently": _("Owners who are probably one, written differently"),
    "customer_written_differently": _("Customers who are probably one, written differently"),
}
GROUP_TITLES: dict[str, Promise] = {
    "owner": _("Sales people"),
    "team": _("Teams"),
    "product": _("Products"),
    "kind": _("Kinds of deals"),
    "source": _("Sources"),
    "customer": _("Customers"),
}
NOT_REACHED = _("longer than observed")
OUTCOMES: dict[str, Promise] = {"won": _("Won"), "lost": _("Lost"), "open": _("Open")}
OFFICIAL, IF_LOST, IF_LEFT_OUT, OF_CLOSED = (
    _("Official"),
    _("Official, were forgotten deals lost"),
    _("Official, without forgotten deals"),
    _("Of closed deals only"),
)
RULES: dict[str, Promise] = {
    "long_in_stage": _("Open for longer than four of five deals took to be closed"),
    "no_activity": _("No activity for a long time"),
    "no_next_step": _("No next step, or its day has passed"),
    "date_passed": _("The expected date has passed"),
    "pushed": _("The expected date was moved out again and again"),
    "amount_cut": _("The amount was cut"),
    "stages_skipped": _("Stages were skipped"),
    "too_hopeful": _("The rep's probability is far above history"),
    "no_decision_maker": _("No decision maker is known"),
    "risk_card": _("The risk card failed or has expired"),
    "takes_the_hours": _("It takes most of a rep's hours"),
    "credit_trouble": _("Credit limit exceeded, or supply on hold"),
}
_RULES_WITH_HISTORY: dict[str, Promise] = {
    "long_in_stage": _("In its stage for longer than four of five deals stayed in it"),
}
_WITH_FIGURES: dict[str, Promise] = {
    "long_in_stage": _("open for %(days)s days, four of five were closed within %(p80)s"),
    "no_activity": _("no activity for %(days)s days"),
    "no_next_step": _("no next step ahead"),
    "date_passed": _("expected date passed %(days)s days ago"),
    "pushed": _("expected date moved out %(pushes)s times"),
    "amount_cut": _("amount cut by %(cut)s, from %(before)s to %(now)s"),
    "stages_skipped": _("stages skipped: %(skipped)s"),
    "too_hopeful": _("the rep says %(probability)s, history %(learned)s (at most %(high)s)"),
}
_LONG_IN_STAGE = _("in its stage for %(days)s days, four of five left it within %(p80)s")
RUNGS: dict[str, Promise] = {
    "base": _("the share of all deals that were won"),
    "stage": _("the share of deals as old that were won"),
    "frequency": _("a frequency table"),
    "logistic": _("a logistic model"),
    "boosting": _("boosted trees"),
}
_FIGURES: dict[str, Promise] = {
    "stage": _("Stage"),
    "age": _("Days open"),
    "days_in_stage": _("Days in the stage"),
    "moves": _("Moves onward"),
    "back_moves": _("Moves back"),
    "skips": _("Stages skipped"),
    "activities": _("Activities in four weeks"),
    "amount": _("Size of the deal"),
    "amount_change": _("Change of the amount"),
    "owner_rate": _("The owner's past"),
    "customer_rate": _("The customer's past"),
    "days_to_quarter_end": _("Days to the end of the quarter"),
    "days_to_expected": _("Days to the expected date"),
    "pushes": _("Moves of the expected date"),
}
_COMPARED = _("%(title)s %(value)s (usual %(usual)s): %(points)s")
_COUNTED = frozenset(
    {"age", "days_in_stage", "days_to_quarter_end", "days_to_expected", "pushes", "moves", "back_moves", "skips"}
)
_SHARES = frozenset({"owner_rate", "customer_rate"})
_SHARE_FIGURES = frozenset({"cut", "probability", "learned", "high"})
_COLUMNS: dict[str, Promise] = {
    "id": _("Id of the deal"),
    "is_won": _("Won, yes or no"),
    "is_closed": _("Closed, yes or no"),
    "team": _("Team"),
    "kind": _("Kind of deal"),
    "last_activity_on": _("Last activity"),
    "pushes": _("Moves of the expected date"),
    "opportunity": _("Id of the deal"),
}


def columns(mapping: Mapping[str, str]) -> list[tuple[str, str]]:
    """What each column was read as: the name of the field in the active language, and the column's heading."""
    return [(str(_COLUMNS.get(name) or _label(name)), header) for name, header in mapping.items()]


def _label(name: str) -> Promise | str:
    """Fields that imports know have a name there."""
    return next(
        (target.label for target in (*OPPORTUNITIES.targets, *STAGE_HISTORY.targets) if target.code == name), name
    )


def rules(*, with_history: bool) -> dict[str, Promise]:
    """What each rule says; without a history of stages, a deal's only stage is the time since its opening."""
    return RULES | _RULES_WITH_HISTORY if with_history else RULES


def broken(one: Abnormality, say: Numerals, *, with_history: bool = False) -> str:
    """Say which rule a deal breaks, with the figures."""
    figures = {
        name: say.share(value) if name in _SHARE_FIGURES else say.number(value) if isinstance(value, float) else value
        for name, value in one.figures.items()
    }
    sentence = _LONG_IN_STAGE if with_history and one.rule == "long_in_stage" else _WITH_FIGURES[one.rule]
    return str(sentence) % figures


def reason(one: Reason, share: Callable[[float | None], str], *, with_history: bool = False) -> str:
    """Say what moves a deal's chance, by how many points, and how it compares with the usual deal."""
    # Without a history of stages a deal's only stage began when it was opened.
    name = "age" if one.feature == "days_in_stage" and not with_history else one.feature
    title, points = _FIGURES.get(name, name), f"{100 * one.effect:+.0f}"
    value, usual = (_figure(one.feature, figure, share) for figure in (one.value, one.usual))
    if not value or not usual:
        return f"{title}: {points}"
    return str(_COMPARED) % {"title": title, "value": value, "usual": usual, "points": points}


def _figure(name: str, value: Any, share: Callable[[float | None], str]) -> str:
    if not isinstance(value, float):
        return ""
    return f"{value:.0f}" if name in _COUNTED else share(value) if name in _SHARES else ""
