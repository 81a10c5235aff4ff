"""What makes an instalment due, in words."""

from __future__ import annotations

from django.utils.translation import ngettext, pgettext

from loudou.contracts.choices import DueBasis
from loudou.contracts.models import Instalment


def due_words(row: Instalment) -> str:
    """Say the event and how much later, in the active language: on acceptance, 12 months later."""
    later = []
    if row.offset_months:
        later.append(ngettext("%(count)s month later", "%(count)s months later", row.offset_months))
    if row.offset_days:
        later.append(ngettext("%(count)s day later", "%(count)s days later", row.offset_days))
    counts = [count for count in (row.offset_months, row.offset_days) if count]
    words = [text % {"count": count} for text, count in zip(later, counts, strict=True)]
    separator = pgettext("between parts of a due date", ", ")
    return separator.join([str(DueBasis(row.basis).label), *words])
