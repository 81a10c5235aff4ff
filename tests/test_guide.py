"""The user guide says the same in both languages, in the words that stand on the screen."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "guide"
PAGES = sorted(path.name for path in (GUIDE / "en").glob("*.md"))
NOT_ON_SCREEN = {"api", "analyze", "config", "demo"}
"""Packages whose words stand in the API's description, a report, a terminal or invented records."""
BOLD = re.compile(r"\*\*(.+?)\*\*")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
STEP = re.compile(r"^\d+\. ", re.MULTILINE)
TO_A_HEADING = re.compile(r"\]\(([^):\s]*)#([^)\s]+)\)")


@functools.cache
def words() -> dict[str, set[str]]:
    """What stands on the screen in English, with what stands there in Chinese."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in (ROOT / "src" / "loudou").rglob("zh_Hans/LC_MESSAGES/django.po"):
        if path.relative_to(ROOT / "src" / "loudou").parts[0] in NOT_ON_SCREEN:
            continue
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    ids = [message.id] if isinstance(message.id, str) else message.id
                    texts = [message.string] if isinstance(message.string, str) else message.string
                    for each in ids:
                        found[each].update(texts)
    return found


def text(language: str, name: str) -> str:
    return (GUIDE / language / name).read_text(encoding="utf-8")


def sections(page: str) -> list[str]:
    """A page cut before each heading."""
    cuts = [0, *(found.start() for found in HEADING.finditer(page)), len(page)]
    return [page[one:other] for one, other in pairwise(cuts)]


def anchors(page: str) -> set[str]:
    """What a link can lead to in a page, as the usual viewers of Markdown name it."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _, title in HEADING.findall(page)}


def test_both_languages_have_the_same_pages():
    assert sorted(path.name for path in (GUIDE / "zh").glob("*.md")) == PAGES
    assert set(PAGES) >= {"README.md", "first-day.md", "for-reps.md", "for-administrators.md"}


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_have_the_same_headings_and_steps(name):
    shapes = [
        [
            (part.partition(" ")[0], len(STEP.findall(part)), part.count("\n- "))
            for part in sections(text(language, name))
        ]
        for language in ("en", "zh")
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("name", PAGES)
def test_what_is_bold_in_english_stands_on_the_screen(name):
    assert [label for label in BOLD.findall(text("en", name)) if label not in words()] == []


@pytest.mark.parametrize("name", PAGES)
def test_what_is_bold_in_chinese_translates_what_is_bold_in_english(name):
    """Section by section: each label has its translation on the other side, and none stands alone."""
    for english, chinese in zip(sections(text("en", name)), sections(text("zh", name)), strict=True):
        labels, shown = set(BOLD.findall(english)), set(BOLD.findall(chinese))
        assert [label for label in labels if not words()[label] & shown] == []
        assert shown <= {string for label in labels for string in words()[label]}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_letter_follows_a_mark_that_would_keep_bold_from_ending(language, name):
    """`**Log…**and` is shown with its stars: bold ends after punctuation only before a space or punctuation."""
    assert re.findall(r"[^\w\s*]\*\*\w[^*\n]{0,20}", BOLD.sub(_ending, text(language, name))) == []


def _ending(found: re.Match[str]) -> str:
    return found[1][-1] + "**"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_links_to_headings_find_them(language, name):
    for target, anchor in TO_A_HEADING.findall(text(language, name)):
        page = (GUIDE / language / (target or name)).resolve()
        assert anchor in anchors(page.read_text(encoding="utf-8")), f"{target}#{anchor}"
