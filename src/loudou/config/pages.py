"""What answering needs, read once before gunicorn makes its workers: they share it, and their first page is quick."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import translation
from django.utils.translation.trans_real import translation as catalogue


def load() -> None:
    """Read addresses and what is behind them, words in every language, and templates. Asks the database nothing."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            catalogue(language)
            get_resolver().reverse_dict  # noqa: B018 - filled by being asked for, for each language
    for name in template_names():
        get_template(name)


def template_names() -> list[str]:
    """Every template of the screens."""
    folders = [Path(folder) for folder in settings.TEMPLATES[0]["DIRS"]]
    return sorted(str(file.relative_to(folder)) for folder in folders for file in folder.rglob("*.html"))
