"""How kinds and states of cards look: a colour, an icon, and always the word."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from loudou.playbook.choices import CardKind, CardState, ReadingState
from loudou.playbook.models import Card
from loudou.web.templatetags.loudou import draw_icon

KINDS: Mapping[str, dict[str, str]] = {
    CardKind.TALK_TRACK: {"colour": "blue", "icon": "message-circle"},
    CardKind.OBJECTION: {"colour": "orange", "icon": "message-question"},
    CardKind.COMPETITOR: {"colour": "red", "icon": "swords"},
    CardKind.FACT: {"colour": "teal", "icon": "bulb"},
}
STATES: Mapping[str, dict[str, str]] = {
    CardState.DRAFT: {"colour": "secondary", "icon": "pencil"},
    CardState.PUBLISHED: {"colour": "green", "icon": "check"},
    CardState.WITHDRAWN: {"colour": "secondary", "icon": "archive"},
}
READING: Mapping[str, dict[str, str]] = {
    ReadingState.PASSED: {"colour": "green", "icon": "check"},
    ReadingState.OVERDUE: {"colour": "red", "icon": "clock-exclamation"},
    ReadingState.UNDER_WAY: {"colour": "blue", "icon": "book"},
    ReadingState.NOT_BEGUN: {"colour": "secondary", "icon": "circle"},
}


def _mark(*, colour: str, icon: str, label: str) -> SafeString:
    drawn = f'<span class="badge bg-{colour}-lt">{draw_icon(icon)}{escape(label)}</span>'
    return mark_safe(drawn)  # noqa: S308 - the label is escaped


def kind_mark(kind: str) -> SafeString:
    """Kind as a badge."""
    return _mark(label=str(CardKind(kind).label), **KINDS[kind])


def state_mark(state: str) -> SafeString:
    """State as a badge."""
    return _mark(label=str(CardState(state).label), **STATES[state])


def reading_mark(state: str) -> SafeString:
    """How far somebody is with a reading list, as a badge."""
    return _mark(label=str(ReadingState(state).label), **READING[state])


def about(card: Card) -> str:
    """What a card is about, in one line: its lines and products, else all products."""
    names = [str(row) for row in (*card.lines.all(), *card.products.all())]
    return ", ".join(names) or _("All products")
