"""What the report says, in both languages: findings, rules, reasons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funnelstats.abnormal import Abnormality
from funnelstats.ladder import Reason

FINDINGS: dict[str, Promise] = {
    "no_opening_date": _(
        "No opening date: these deals say nothing about time and are left out of win rate and forecast"
    ),
    "closed_without_date": _("Closed, but without a closing date"),
    "closed_before_opened": _("Closed before they were opened"),
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
    "product_written_differently": _("Products that are probably one, written differently"),
    "owner_written_differently": _("Owners who are probably one, written differently"),
    "customer_written_differently": _("Customers who are probably one, written differently"),
}
GROUP_TITLES: dict[str, Promise] = {"owner": _("Sales people"), "product": _("Products"), "customer": _("Customers")}
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
_WITH_FIGURES: dict[str, Promise] = {
    "long_in_stage": _("open for %(days)s days, four of five were closed within %(p80)s"),
    "no_activity": _("no activity for %(days)s days"),
    "no_next_step": _("no next step ahead"),
    "date_passed": _("expected date passed %(days)s days ago"),
    "pushed": _("expected date moved out %(pushes)s times"),
}
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
    "days_in_stage": _("Days open"),
    "amount": _("Size of the deal"),
    "amount_change": _("Change of the amount"),
    "owner_rate": _("The owner's past"),
    "customer_rate": _("The customer's past"),
    "days_to_quarter_end": _("Days to the end of the quarter"),
    "days_to_expected": _("Days to the expected date"),
    "pushes": _("Moves of the expected date"),
}
_COMPARED = _("%(title)s %(value)s (usual %(usual)s): %(points)s")
_COUNTED = frozenset({"age", "days_in_stage", "days_to_quarter_end", "days_to_expected", "pushes"})
_SHARES = frozenset({"owner_rate", "customer_rate"})


def broken(one: Abnormality) -> str:
    """Say which rule a deal breaks, with the figures."""
    figures = {name: f"{value:.0f}" if isinstance(value, float) else value for name, value in one.figures.items()}
    return str(_WITH_FIGURES[one.rule]) % figures


def reason(one: Reason, share: Callable[[float | None], str]) -> str:
    """Say what moves a deal's chance, by how many points, and how it compares with the usual deal."""
    title, points = _FIGURES.get(one.feature, one.feature), f"{100 * one.effect:+.0f}"
    value, usual = (_figure(one.feature, figure, share) for figure in (one.value, one.usual))
    if not value or not usual:
        return f"{title}: {points}"
    return str(_COMPARED) % {"title": title, "value": value, "usual": usual, "points": points}


def _figure(name: str, value: Any, share: Callable[[float | None], str]) -> str:
    if not isinstance(value, float):
        return ""
    return f"{value:.0f}" if name in _COUNTED else share(value) if name in _SHARES else ""
