"""What surrounds every page: head, navigation, top bar and the words of the scripts, each drawn once.

The functions get no request and no user, only the facts that decide how a part looks; the language and the addresses of
this installation are facts by themselves. So there is nothing of anybody to remember, and a part that a permission or a
name decides is another part. What differs from request to request (tokens, the address) stays outside, in templates.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from loudou.web.frame.navigation import NEW, allowed, current_address, navigation_at

Draw = TypeVar("Draw", bound=Callable[..., SafeString])
MOST_DRAWN = 1024
"""Drawings that each function remembers; the user menu has one for each user, theme and language."""


@dataclass(frozen=True, slots=True)
class _Person:
    """What the user menu shows of a person."""

    pk: int
    name: str
    title: str

    def __str__(self) -> str:
        return self.name


def drawn_once(draw: Draw) -> Draw:
    """Remember what a function draws, by its arguments, the language and the addresses of this installation."""

    @functools.lru_cache(maxsize=MOST_DRAWN)
    def remembered(language: str, urlconf: str, prefix: str, *facts: Any) -> SafeString:
        return draw(*facts)

    @functools.wraps(draw)
    def ask(*facts: Any) -> SafeString:
        return remembered(get_language() or "", settings.ROOT_URLCONF, get_script_prefix(), *facts)

    return ask  # type: ignore[return-value]


@drawn_once
def draw_head() -> SafeString:
    """The styles, and what tells the browser how to behave."""
    return render_to_string("frame/_head.html")


@drawn_once
def draw_tail() -> SafeString:
    """Places for panel, dialog and palette, and the words that scripts say."""
    return render_to_string("frame/_tail.html")


def draw_navigation(permissions: frozenset[str], path: str, section: str) -> SafeString:
    """The navigation of somebody with these permissions, on a page."""
    return _draw_navigation(permissions, current_address(permissions, path, section))


@drawn_once
def _draw_navigation(permissions: frozenset[str], current: str) -> SafeString:
    return render_to_string("frame/_navigation.html", {"entries": navigation_at(permissions, current)})


@drawn_once
def draw_new_menu(permissions: frozenset[str]) -> SafeString:
    """What somebody with these permissions may begin."""
    return render_to_string("frame/_new_menu.html", {"items": list(allowed(NEW, permissions))})


@drawn_once
def draw_bell() -> SafeString:
    """The bell, without a number: that comes after the page, so that no page waits for it."""
    return render_to_string("frame/_bell.html")


@drawn_once
def draw_user_menu(pk: int, name: str, title: str, theme: str) -> SafeString:
    """The menu of a person. Its buttons belong to the form `session-form`, which holds the token."""
    context = {"person": _Person(pk, name, title), "theme": theme, "language": get_language()}
    return render_to_string("frame/_user_menu.html", context)
