"""Putting words together as the active language does: Chinese has a colon and a semicolon of its own."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def labelled(label: object, text: object) -> str:
    """A text after its label: 'Amount: ¥100', '金额：¥100'."""
    return _("%(label)s: %(text)s") % {"label": label, "text": text}


def in_a_row(texts: Iterable[object]) -> str:
    """Texts one after the other: 'Budget confirmed; Need confirmed', '预算已确认；需求已确认'."""
    return pgettext("between texts in a row", "; ").join(map(str, texts))
