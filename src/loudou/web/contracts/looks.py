"""How states of contracts look: colour, icon and word together."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from loudou.contracts.choices import ContractState

STATE_LOOKS = {
    ContractState.DRAFT: ("secondary", "pencil"),
    ContractState.OFFERED: ("azure", "send"),
    ContractState.SIGNED: ("blue", "signature"),
    ContractState.IN_PERFORMANCE: ("indigo", "truck-delivery"),
    ContractState.COMPLETED: ("green", "circle-check"),
    ContractState.TERMINATED: ("red", "ban"),
    ContractState.WITHDRAWN: ("secondary", "x"),
}


def state_mark(state: str) -> SafeString:
    """State as a badge with icon and word."""
    from loudou.web.templatetags.loudou import icon  # the tags import the frame's lists, which these columns feed

    colour, name = STATE_LOOKS[ContractState(state)]
    return format_html('<span class="badge bg-{}-lt">{}{}</span>', colour, icon(name), ContractState(state).label)
