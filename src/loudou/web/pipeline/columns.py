"""Columns of the list of opportunities: screen, chooser and export from one declaration."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.core import clock
from loudou.pipeline import selectors
from loudou.pipeline.choices import Likelihood, Priority, PurchaseKind, ReachKind, State, Visibility
from loudou.web.frame import formats
from loudou.web.frame.columns import EMPTY, Column

PRIORITY_LOOKS = {
    Priority.HIGH: {"colour": "red", "icon": "chevron-up"},
    Priority.NORMAL: {"colour": "secondary", "icon": "minus"},
    Priority.LOW: {"colour": "azure", "icon": "chevron-down"},
}
STATE_LOOKS = {
    State.OPEN: {"colour": "blue", "icon": "progress"},
    State.WON: {"colour": "green", "icon": "trophy"},
    State.LOST: {"colour": "red", "icon": "x"},
    State.DROPPED: {"colour": "secondary", "icon": "trash"},
    State.ON_HOLD: {"colour": "yellow", "icon": "player-pause"},
}


def draw_icon(name: str, label: str = "") -> SafeString:
    """Draw an icon; decorative unless it has a label."""
    from loudou.web.templatetags.loudou import icon  # the tags import the frame's lists, which these columns feed

    return icon(name, label)


def priority_mark(priority: int) -> SafeString:
    """Priority as an icon with its word."""
    look = PRIORITY_LOOKS[Priority(priority)]
    return format_html(
        '<span class="mark text-{}">{}{}</span>', look["colour"], draw_icon(look["icon"]), Priority(priority).label
    )


def state_mark(state: str) -> SafeString:
    """State as a badge with icon and word."""
    look = STATE_LOOKS[State(state)]
    return format_html(
        '<span class="badge bg-{}-lt">{}{}</span>', look["colour"], draw_icon(look["icon"]), State(state).label
    )


def stage_mark(row: Any) -> SafeString:
    """Stage with its colour; the state stands before it unless it is open."""
    dot = format_html(
        '<span class="stage-mark"><span class="stage-dot bg-{}"></span>{}</span>', row.stage.colour, row.stage.label
    )
    return dot if row.state == State.OPEN else format_html("{} {}", state_mark(row.state), dot)


def star_button(pk: int, subject: str, starred: bool) -> SafeString:
    """A button that follows an opportunity or stops following it."""
    label = (_("Stop following %(name)s") if starred else _("Follow %(name)s")) % {"name": subject}
    return format_html(
        '<button type="button" class="star-button" aria-pressed="{}" aria-label="{}" title="{}" hx-post="{}"'
        ' hx-swap="outerHTML" data-no-row>{}</button>',
        "true" if starred else "false",
        label,
        label,
        reverse("pipeline:star", args=[pk]),
        draw_icon("star-filled" if starred else "star"),
    )


def expected_cell(row: Any) -> SafeString:
    """Expected date, with the word when it has passed."""
    if row.expected_on is None:
        return EMPTY
    return dated(row.expected_on, is_late=row.state == State.OPEN and row.expected_on < clock.today())


def step_due_cell(row: Any) -> SafeString:
    """When the next step is due, with the word when that has passed."""
    if row.next_step_on is None:
        return EMPTY
    return dated(row.next_step_on, is_late=row.state == State.OPEN and row.next_step_on < clock.today())


def dated(day: Any, *, is_late: bool) -> SafeString:
    """A date; a late one in red and with the word, because colour alone says nothing to some."""
    tag = formats.time_tag(day, formats.date(day))
    return format_html('<span class="late">{} <small>{}</small></span>', tag, _("overdue")) if is_late else tag


def kind_words(row: Any) -> str:
    """The kinds that are set, in words."""
    kinds = (
        (Likelihood, row.likelihood),
        (Visibility, row.visibility),
        (ReachKind, row.reach_kind),
        (PurchaseKind, row.purchase_kind),
    )
    return ", ".join(str(choices(value).label) for choices, value in kinds if value)


def days_cell(row: Any) -> SafeString:
    """Days in the stage, with a mark when that is longer than the stage should take."""
    days = selectors.days_in_stage(row, today=clock.today())
    if row.state == State.OPEN and days > row.stage.expected_days:
        return format_html('<span class="late">{} <small>{}</small></span>', formats.number(days), _("too long"))
    return format_html("{}", formats.number(days))


def _kind(name: str, label: Any) -> Column:
    return Column(name=name, label=label, value=f"get_{name}_display", editable=True, shown=False)


def _weighted(row: Any) -> Any:
    return selectors.weighted(row, {row.stage_id: row.stage.prior_win_rate})


COLUMNS: tuple[Column, ...] = (
    Column(name="subject", label=gettext_lazy("Subject"), sort="subject", editable=True),
    Column(
        name="customer",
        label=gettext_lazy("Customer"),
        value=lambda row: row.customer and str(row.customer),
        sort="customer__name",
        editable=True,
    ),
    Column(
        name="priority",
        label=gettext_lazy("Priority"),
        value=lambda row: row.get_priority_display(),
        html=lambda row: priority_mark(row.priority),
        sort="priority",
        editable=True,
        hide_below="lg",
    ),
    Column(
        name="star",
        label=gettext_lazy("Star"),
        value="is_starred",
        kind="boolean",
        html=lambda row: star_button(row.pk, row.subject, row.is_starred),
        hide_below="md",
    ),
    Column(name="kind", label=gettext_lazy("Kind"), value=kind_words, hide_below="xl"),
    Column(
        name="owner",
        label=gettext_lazy("Owner"),
        value=lambda row: row.owner and str(row.owner),
        sort="owner__name",
        editable=True,
        hide_below="md",
    ),
    Column(
        name="expected_on",
        label=gettext_lazy("Expected"),
        kind="date",
        html=expected_cell,
        sort="expected_on",
        editable=True,
    ),
    Column(name="amount", label=gettext_lazy("Amount"), currency="currency", sort="amount_base", editable=True),
    Column(
        name="stage",
        label=gettext_lazy("Stage"),
        value="stage.label",
        html=stage_mark,
        sort="stage__position",
        editable=True,
        hide_below="sm",
    ),
    Column(
        name="state",
        label=gettext_lazy("State"),
        value=lambda row: row.get_state_display(),
        html=lambda row: state_mark(row.state),
        sort="state",
        shown=False,
    ),
    Column(name="next_step", label=gettext_lazy("Next step"), editable=True, shown=False),
    Column(
        name="next_step_on",
        label=gettext_lazy("Next step due"),
        kind="date",
        html=step_due_cell,
        sort="next_step_on",
        editable=True,
        shown=False,
    ),
    Column(
        name="probability",
        label=gettext_lazy("Rep's probability"),
        kind="percent",
        sort="probability",
        editable=True,
        shown=False,
    ),
    Column(
        name="prior_win_rate",
        label=gettext_lazy("Prior win rate"),
        value="stage.prior_win_rate",
        kind="percent",
        shown=False,
    ),
    Column(name="weighted", label=gettext_lazy("Weighted"), value=_weighted, currency="base_currency", shown=False),
    Column(
        name="amount_base",
        label=gettext_lazy("In base currency"),
        currency="base_currency",
        sort="amount_base",
        shown=False,
    ),
    Column(
        name="days",
        label=gettext_lazy("Days in stage"),
        value=lambda row: selectors.days_in_stage(row, today=clock.today()),
        kind="number",
        html=days_cell,
        sort="-stage_entered_at",
        shown=False,
    ),
    _kind("likelihood", gettext_lazy("Likelihood")),
    _kind("visibility", gettext_lazy("Need")),
    _kind("reach_kind", gettext_lazy("Reach")),
    _kind("purchase_kind", gettext_lazy("Kind of purchase")),
    Column(
        name="budget_confirmed_on",
        label=gettext_lazy("Purchasing power confirmed"),
        kind="date",
        editable=True,
        shown=False,
    ),
    Column(name="process", label=gettext_lazy("Sales process"), value="stage.process.label", shown=False),
    Column(name="source", label=gettext_lazy("Source"), sort="source", shown=False),
    Column(name="opened_on", label=gettext_lazy("Opened"), kind="date", sort="opened_on", shown=False),
    Column(name="closed_at", label=gettext_lazy("Closed"), kind="datetime", sort="closed_at", shown=False),
    Column(name="updated_at", label=gettext_lazy("Changed"), kind="datetime", sort="updated_at", shown=False),
    Column(name="contract_reference", label=gettext_lazy("Contract number"), shown=False),
    Column(name="external_id", label=gettext_lazy("Id in another system"), shown=False),
    Column(name="number", label=gettext_lazy("Number"), value="pk", sort="pk", shown=False),
)
