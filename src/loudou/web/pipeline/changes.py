"""What is different about a sale since a moment, in words: the column of lists that answers "what happened?"."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from django.utils.translation import gettext as _

from loudou.pipeline.choices import State
from loudou.pipeline.selectors import Difference
from loudou.web.frame import formats
from loudou.web.frame.columns import EMPTY, Pen


def changes_pen() -> Pen:
    """Make what draws the differences of a row that its list has put on it as `differences`."""
    tell = _teller()

    def draw(row: Any) -> str:
        told = [escape(tell(each)) for each in getattr(row, "differences", ())]
        return "<br>".join(told) if told else EMPTY

    return draw


def _teller() -> Callable[[Difference], str]:
    """Make what says a difference in the active language: 'Amount: ¥100 → ¥120'."""
    nothing = "–"
    labels = {
        "state": _("State"), "stage": _("Stage"), "amount": _("Amount"), "expected_on": _("Expected"),
        "probability": _("Rep's probability"), "owner": _("Owner"),
    }  # fmt: skip
    writers: dict[str, Callable[[Any], str]] = {
        "state": lambda value: str(State(value).label),
        "stage": lambda value: str(value.label),
        "amount": lambda value: formats.money(*value) if value else "",
        "expected_on": formats.date,
        "probability": formats.percent,
        "owner": lambda value: str(value or ""),
    }

    def tell(each: Difference) -> str:
        if each.name == "opened":
            return _("Newly opened")
        write = writers[each.name]
        return f"{labels[each.name]}: {write(each.before) or nothing} → {write(each.now) or nothing}"

    return tell
