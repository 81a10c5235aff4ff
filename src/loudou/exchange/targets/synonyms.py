"""Finding the target of a heading, and the choice that a word means."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from django.utils.translation import override

from loudou.exchange.targets.kinds import Kind
from loudou.exchange.targets.target import Target
from loudou.exchange.values.texts import letters

_LANGUAGES = ("en", "zh-hans")


@lru_cache(maxsize=1)
def _written() -> dict[str, Any]:
    text = resources.files("loudou.exchange.targets").joinpath("synonyms.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _labels(label: object) -> Iterable[str]:
    for language in _LANGUAGES:
        with override(language):
            yield letters(str(label))


@lru_cache(maxsize=16)
def _headings(rows: str, targets: tuple[Target, ...]) -> Mapping[str, str]:
    """Normalised heading -> target code: codes and labels first, then the synonyms."""
    known: dict[str, str] = {}
    for target in targets:
        for heading in (letters(target.code), *_labels(target.label)):
            known.setdefault(heading, target.code)
    for code, headings in _written()["headers"][rows].items():
        for heading in headings:
            known.setdefault(letters(heading), code)
    return known


def propose_mapping(kind: Kind, headers: Sequence[str]) -> dict[int, str]:
    """Column -> target of a kind for the headings that are known."""
    return propose_columns(kind.code, kind.targets, headers)


def propose_columns(rows: str, targets: tuple[Target, ...], headers: Sequence[str]) -> dict[int, str]:
    """Column -> target for the headings that are known; the first column wins a target that holds one value.

    `rows` names the section of the synonyms.
    """
    known = _headings(rows, targets)
    many = {target.code for target in targets if target.takes_many}
    proposed: dict[int, str] = {}
    taken: set[str] = set()
    for column, header in enumerate(headers):
        code = known.get(letters(header))
        if code is None or (code in taken and code not in many):
            continue
        proposed[column] = code
        taken.add(code)
    return proposed


@lru_cache(maxsize=64)
def choice_words(target: Target) -> Mapping[str, str]:
    """Normalised word -> value of a choice, in both languages."""
    if target.choices is None:
        return {}
    known: dict[str, str] = {}
    for value, label in target.choices.choices:
        for word in (letters(str(value)), *_labels(label)):
            known.setdefault(word, str(value))
    for value, words in _written()["values"].get(target.code, {}).items():
        for word in words:
            known.setdefault(letters(word), str(value))
    return known
