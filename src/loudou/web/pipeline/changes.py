"""What is different about a sale, in words: since a moment, for lists, and from row to row of its history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from loudou.core.phrases import labelled
from loudou.pipeline.choices import ChangeKind, State
from loudou.pipeline.models import StageChange
from loudou.pipeline.selectors import Difference, with_differences
from loudou.web.frame import formats
from loudou.web.frame.columns import EMPTY, Pen


def changes_pen() -> Pen:
    """Make what draws the differences of a row that its list has put on it as `differences`."""
    tell = difference_teller()

    def draw(row: Any) -> str:
        told = [escape(tell(each)) for each in getattr(row, "differences", ())]
        return "<br>".join(told) if told else EMPTY

    return draw


def history_in_words(changes: Sequence[StageChange]) -> Iterator[tuple[StageChange, str, list[str]]]:
    """Each row of a history (oldest first) with its heading and what it changed: 'Amount: ¥100 → ¥120'."""
    tell, labels, separator = difference_teller(), difference_labels(), pgettext("between things that are listed", ", ")
    for change, found in with_differences(changes):
        heading = change.get_kind_display()
        if change.kind == ChangeKind.REVISED and found:
            heading = labelled(pgettext("history", "Changed"), separator.join(labels[each.name] for each in found))
        yield change, heading, [tell(each) for each in found]


def difference_labels() -> dict[str, str]:
    """What the fields that a difference can be told of are called in the active language."""
    return {
        "state": _("State"), "stage": _("Stage"), "amount": _("Amount"), "expected_on": _("Expected"),
        "probability": _("Rep's probability"), "owner": _("Owner"),
    }  # fmt: skip


def difference_teller() -> Callable[[Difference], str]:
    """Make what says a difference in the active language: 'Amount: ¥100 → ¥120'."""
    nothing = "–"
    labels = difference_labels()
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
        return labelled(labels[each.name], f"{write(each.before) or nothing} → {write(each.now) or nothing}")

    return tell
