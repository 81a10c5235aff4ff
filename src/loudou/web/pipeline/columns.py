"""Columns of the list of opportunities: screen, chooser and export from one declaration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.core import clock
from loudou.insights.selectors import learned_stages
from loudou.pipeline import selectors
from loudou.pipeline.choices import Likelihood, Priority, PurchaseKind, ReachKind, State, Visibility
from loudou.web.frame import formats
from loudou.web.frame.columns import EMPTY, Column, Pen
from loudou.web.pipeline.changes import changes_pen

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
    look, label = PRIORITY_LOOKS[Priority(priority)], escape(str(Priority(priority).label))
    drawn = f'<span class="mark text-{look["colour"]}">{draw_icon(look["icon"])}{label}</span>'
    return mark_safe(drawn)  # noqa: S308 - the parts are escaped


def state_mark(state: str) -> SafeString:
    """State as a badge with icon and word."""
    look, label = STATE_LOOKS[State(state)], escape(str(State(state).label))
    drawn = f'<span class="badge bg-{look["colour"]}-lt">{draw_icon(look["icon"])}{label}</span>'
    return mark_safe(drawn)  # noqa: S308 - the parts are escaped


def stage_mark(stage: Any, state: str) -> SafeString:
    """Stage with its colour; the state stands before it unless it is open."""
    colour, label = escape(stage.colour), escape(stage.label)
    dot = f'<span class="stage-mark"><span class="stage-dot bg-{colour}"></span>{label}</span>'
    return mark_safe(dot if state == State.OPEN else f"{state_mark(state)} {dot}")  # noqa: S308 - parts are escaped


def star_button(pk: int, subject: str, starred: bool) -> SafeString:
    """A button that follows an opportunity or stops following it."""
    return mark_safe(_stars()(pk, subject, starred))  # noqa: S308 - escaped there


def _stars() -> Callable[[int, str, bool], str]:
    """Prepare drawing of stars."""
    before, _marker, after = reverse("pipeline:star", args=[0]).partition("0")
    words = {True: escape(_("Stop following %(name)s")), False: escape(_("Follow %(name)s"))}
    icons = {True: draw_icon("star-filled"), False: draw_icon("star")}

    def draw(pk: int, subject: str, starred: bool) -> str:
        label = words[starred] % {"name": escape(subject)}
        return (
            f'<button type="button" class="star-button" aria-pressed="{"true" if starred else "false"}"'
            f' aria-label="{label}" title="{label}" hx-post="{before}{pk}{after}" hx-swap="outerHTML" data-no-row>'
            f"{icons[starred]}</button>"
        )

    return draw


def _star_pen() -> Pen:
    draw = _stars()
    return lambda row: draw(row.pk, row.subject, row.is_starred)


def _drawn_once(key_of: Callable[[Any], Any], draw: Callable[[Any], str]) -> Pen:
    """A pen for what a few values decide: each is drawn when it first occurs on the page."""
    drawn: dict[Any, str] = {}

    def take(row: Any) -> str:
        key = key_of(row)
        if key not in drawn:
            drawn[key] = draw(row)
        return drawn[key]

    return take


def _priority_pen() -> Pen:
    return _drawn_once(lambda row: row.priority, lambda row: priority_mark(row.priority))


def _state_pen() -> Pen:
    return _drawn_once(lambda row: row.state, lambda row: state_mark(row.state))


def _stage_pen() -> Pen:
    return _drawn_once(lambda row: (row.stage_id, row.state), lambda row: stage_mark(row.stage, row.state))


def _day_pen(name: str) -> Pen:
    """Draw a date; one that has passed while the sale is open in red, and with the word: colour alone says little."""
    today, overdue = clock.today(), escape(_("overdue"))

    def draw(row: Any) -> str:
        day = getattr(row, name)
        if day is None:
            return EMPTY
        tag = formats.time_tag(day, formats.date(day))
        is_late = day < today and row.state == State.OPEN
        return f'<span class="late">{tag} <small>{overdue}</small></span>' if is_late else tag

    return draw


def kind_words(row: Any) -> str:
    """The kinds that are set, in words."""
    kinds = (
        (Likelihood, row.likelihood),
        (Visibility, row.visibility),
        (ReachKind, row.reach_kind),
        (PurchaseKind, row.purchase_kind),
    )
    return ", ".join(str(choices(value).label) for choices, value in kinds if value)


def _kind_pen() -> Pen:
    return _drawn_once(
        lambda row: (row.likelihood, row.visibility, row.reach_kind, row.purchase_kind),
        lambda row: escape(kind_words(row)) or EMPTY,
    )


def _days_pen() -> Pen:
    """Draw days in the stage, with a mark when that is longer than the stage should take."""
    today, too_long = clock.today(), escape(_("too long"))

    def draw(row: Any) -> str:
        days = selectors.days_in_stage(row, today=today)
        written = formats.number(days)
        if row.state == State.OPEN and days > row.stage.expected_days:
            return f'<span class="late">{written} <small>{too_long}</small></span>'
        return written

    return draw


def _learned_pen() -> Pen:
    """Draw what history says of the stage, with its interval; drawn once for each stage."""
    learned = learned_stages()
    return _drawn_once(
        lambda row: row.stage_id,
        lambda row: render_to_string("pipeline/_learned_rate.html", {"row": learned.get(row.stage_id)}).strip(),
    )


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
        hide_below="sm",
    ),
    Column(
        name="priority",
        label=gettext_lazy("Priority"),
        value=lambda row: row.get_priority_display(),
        artist=_priority_pen,
        sort="priority",
        editable=True,
        hide_below="lg",
    ),
    Column(
        name="star",
        reads=(),
        label=gettext_lazy("Star"),
        value="is_starred",
        kind="boolean",
        artist=_star_pen,
        hide_below="md",
    ),
    Column(
        name="kind",
        reads=("likelihood", "visibility", "reach_kind", "purchase_kind"),
        label=gettext_lazy("Kind"),
        value=kind_words,
        artist=_kind_pen,
        hide_below="xl",
    ),
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
        reads=("expected_on", "state"),
        label=gettext_lazy("Expected"),
        kind="date",
        artist=partial(_day_pen, "expected_on"),
        sort="expected_on",
        editable=True,
    ),
    Column(
        name="amount",
        reads=("amount", "currency"),
        label=gettext_lazy("Amount"),
        currency="currency",
        sort="amount_base",
        editable=True,
    ),
    Column(
        name="stage",
        reads=("state",),
        label=gettext_lazy("Stage"),
        value="stage.label",
        artist=_stage_pen,
        sort="stage__position",
        editable=True,
        hide_below="sm",
    ),
    Column(
        name="state",
        label=gettext_lazy("State"),
        value=lambda row: row.get_state_display(),
        artist=_state_pen,
        sort="state",
        shown=False,
    ),
    Column(name="next_step", label=gettext_lazy("Next step"), editable=True, shown=False),
    Column(
        name="next_step_on",
        reads=("next_step_on", "state"),
        label=gettext_lazy("Next step due"),
        kind="date",
        artist=partial(_day_pen, "next_step_on"),
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
        reads=(),
        label=gettext_lazy("Prior win rate"),
        value="stage.prior_win_rate",
        kind="percent",
        shown=False,
    ),
    Column(
        name="learned_win_rate",
        reads=(),
        label=gettext_lazy("Learned win rate"),
        artist=_learned_pen,
        shown=False,
        exported=False,
    ),
    Column(
        name="weighted",
        reads=("amount_base", "probability", "state"),
        label=gettext_lazy("Weighted"),
        value=_weighted,
        currency="base_currency",
        shown=False,
    ),
    Column(
        name="amount_base",
        label=gettext_lazy("In base currency"),
        currency="base_currency",
        sort="amount_base",
        shown=False,
    ),
    Column(
        name="days",
        reads=("stage_entered_at", "closed_at", "state"),
        label=gettext_lazy("Days in stage"),
        value=lambda row: selectors.days_in_stage(row, today=clock.today()),
        kind="number",
        artist=_days_pen,
        sort="-stage_entered_at",
        shown=False,
    ),
    Column(
        name="changes",
        reads=("opened_on", "state", "amount", "currency", "expected_on", "probability"),
        label=gettext_lazy("What changed"),
        artist=changes_pen,
        shown=False,
        exported=False,
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
    Column(name="process", reads=(), label=gettext_lazy("Sales process"), value="stage.process.label", shown=False),
    Column(name="source", label=gettext_lazy("Source"), sort="source", shown=False),
    Column(name="opened_on", label=gettext_lazy("Opened"), kind="date", sort="opened_on", shown=False),
    Column(name="closed_at", label=gettext_lazy("Closed"), kind="datetime", sort="closed_at", shown=False),
    Column(name="updated_at", label=gettext_lazy("Changed"), kind="datetime", sort="updated_at", shown=False),
    Column(name="contract_reference", label=gettext_lazy("Contract number"), shown=False),
    Column(name="external_id", label=gettext_lazy("Id in another system"), shown=False),
    Column(name="number", reads=(), label=gettext_lazy("Number"), value="pk", sort="pk", shown=False),
)
