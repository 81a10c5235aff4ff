"""How kinds and states of cards look: a colour, an icon, and always the word."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from loudou.playbook.choices import CardKind, CardState
from loudou.playbook.models import Card
from loudou.web.templatetags.loudou import draw_icon

KINDS: Mapping[str, tuple[str, str]] = {
    CardKind.TALK_TRACK: ("blue", "message-circle"),
    CardKind.OBJECTION: ("orange", "message-question"),
    CardKind.COMPETITOR: ("red", "swords"),
    CardKind.FACT: ("teal", "bulb"),
}
STATES: Mapping[str, tuple[str, str]] = {
    CardState.DRAFT: ("secondary", "pencil"),
    CardState.PUBLISHED: ("green", "check"),
    CardState.WITHDRAWN: ("secondary", "archive"),
}


def _mark(colour: str, icon: str, label: str) -> SafeString:
    drawn = f'<span class="badge bg-{colour}-lt">{draw_icon(icon)}{escape(label)}</span>'
    return mark_safe(drawn)  # noqa: S308 - the label is escaped


def kind_mark(kind: str) -> SafeString:
    """Kind as a badge."""
    return _mark(*KINDS[kind], str(CardKind(kind).label))


def state_mark(state: str) -> SafeString:
    """State as a badge."""
    return _mark(*STATES[state], str(CardState(state).label))


def about(card: Card) -> str:
    """What a card is about, in one line: its lines and products, else all products."""
    names = [str(row) for row in (*card.lines.all(), *card.products.all())]
    return ", ".join(names) or _("All products")
