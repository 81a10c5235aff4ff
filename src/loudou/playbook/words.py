"""Which of two languages a reader gets: their own, as far as somebody has written it."""

from __future__ import annotations

from django.utils.translation import get_language


def said(english: str, chinese: str) -> str:
    """Return the words in the reader's language, else those there are."""
    if (get_language() or "").startswith("zh"):
        return chinese or english
    return english or chinese
