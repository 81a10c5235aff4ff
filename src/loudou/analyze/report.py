"""The report: one HTML file in both languages that opens offline and prints well. Charts are SVG inside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils import translation

from loudou import __version__
from loudou.analyze import chapters
from loudou.analyze.analysis import Analysis
from loudou.analyze.numerals import Numerals

LANGUAGES = {"en": "English", "zh-hans": "简体中文"}
_LOCALES = {"en": "en", "zh-hans": "zh_Hans"}


def write_report(found: Analysis, target: Path, *, first: str = "en") -> None:
    """Write the report, which opens in the language `first`. The file appears when it is complete."""
    engine = Engine(dirs=[str(Path(__file__).parent / "templates")], libraries={"i18n": "django.templatetags.i18n"})
    bodies = []
    for language, name in LANGUAGES.items():
        with translation.override(language):
            body = engine.get_template("analyze/body.html").render(Context(_words(found, language)))
            bodies.append({"code": language, "name": name, "html": body, "is_first": language == first})
    shown = {"bodies": bodies, "files": ", ".join(found.files), "version": __version__, "language": first}
    html = engine.get_template("analyze/report.html").render(Context(shown))
    draft = target.with_name(f".{target.name}.part")
    draft.write_text(html, encoding="utf-8")
    draft.replace(target)


def _words(found: Analysis, language: str) -> dict[str, Any]:
    """All that the template shows, in the language that is active."""
    say = Numerals(_LOCALES[language])
    words = {"found": found, "code": language}
    for chapter in chapters.CHAPTERS:
        words |= chapter(found, say)
    return words
