"""Days in writing: one way for columns, sentences and files, in the reader's language.

English writes 7 Jan 2026, Chinese 2026-01-07; `loudou.config.formats` says so, for Django's own templates as well.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language


def written(day: dt.date) -> str:
    """Write a day as people of the active language do."""
    return _written(day, get_language() or "en")


def written_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a sentence with their days in writing."""
    return {name: written(fact) if isinstance(fact, dt.date) else fact for name, fact in facts.items()}


@lru_cache(maxsize=4096)
def _written(day: dt.date, language: str) -> str:
    return date_format(day, "DATE_FORMAT")
