"""Texts: what makes two of them the same, truths, lists, and names close to each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from loudou.exchange.values.unreadable import Unreadable

TRUE = frozenset({"1", "yes", "y", "true", "t", "x", "on", "是", "有", "对", "真", "√", "✓", "✔"})
FALSE = frozenset({"0", "no", "n", "false", "f", "-", "off", "否", "无", "没有", "不", "假", "×", "✗", "✘"})

_SEPARATORS = re.compile(r"[;；、|\n\r]+|,(?!\d{3}\b)|，")
_NOT_WORD = re.compile(r"[\W_]+")
_CLOSE = 0.6


def tidy(text: str) -> str:
    """Outer blanks gone, runs of blanks made one."""
    return " ".join(text.split())


def same(text: str) -> str:
    """The form in which two spellings of one name are equal: width, case and blanks do not matter."""
    return tidy(unicodedata.normalize("NFKC", text)).casefold()


def letters(text: str) -> str:
    """Only letters and digits, in one width and case: how headings are compared."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def read_truth(text: str) -> bool:
    """Yes or no, in either language. Raises Unreadable."""
    word = same(text)
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise Unreadable(_("“%(text)s” is neither yes nor no.") % {"text": text[:60]})


def read_list(text: str) -> list[str]:
    """Parts between semicolons, commas or line breaks, each once."""
    parts = (tidy(part) for part in _SEPARATORS.split(text))
    return list(dict.fromkeys(part for part in parts if part))


def closest(text: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `text`, when it is close enough to be worth suggesting."""
    wanted = letters(text)
    best, best_score = None, _CLOSE
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    for name in known:
        matcher.set_seq1(letters(name))
        if matcher.real_quick_ratio() < best_score or matcher.quick_ratio() < best_score:
            continue
        score = matcher.ratio()
        if score > best_score:
            best, best_score = name, score
    return best
