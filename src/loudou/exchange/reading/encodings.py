"""Guessing how a text file is encoded.

A byte order mark or valid UTF-8 is proof. Beyond that nothing is: the same bytes are Chinese under one encoding and
accented Latin under another. So every plausible reading is ranked, and the person sees the best with the others beside.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HEAD = 64 * 1024
BLOCK = 1024 * 1024
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "gb18030": "GB18030 / GBK / GB2312 (简体中文)",
    "big5": "Big5 (繁體中文)",
    "cp1252": "Windows-1252 (Western Europe)",
    "shift_jis": "Shift-JIS (日本語)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}
"""Encodings offered, with the name shown for each."""

_GUESSED = ("gb18030", "big5", "shift_jis", "cp1252")
_COMMON_GB = range(0xB0, 0xD8)
_COMMON_BIG5 = range(0xA4, 0xC7)
_ASCII = 0x7F
_LONELY = 0.35
"""Worth of a single Chinese character between Latin letters: usually an accent read wrongly."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding that fits the bytes, and how sure we are of it, from 0 to 1."""

    encoding: str
    confidence: float


def guess_encodings(path: Path) -> list[Guess]:
    """Rank the encodings that fit a file, best first. Never empty: cp1252 with replacement fits anything."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return [Guess(encoding, 1.0), *(Guess(other, 0.0) for other in ("gb18030", "cp1252"))]
    if b"\x00" in head:
        little = head[1::2].count(0) >= head[::2].count(0)
        return [Guess("utf-16-le" if little else "utf-16-be", 0.8), Guess("cp1252", 0.1)]
    if is_valid(path, "utf-8"):
        return [Guess("utf-8", 1.0), Guess("gb18030", 0.05), Guess("cp1252", 0.05)]
    found = [Guess(encoding, _plausibility(head, encoding)) for encoding in _GUESSED]
    fitting = [guess for guess in found if guess.confidence > 0]
    return sorted(fitting, key=lambda guess: -guess.confidence) or [Guess("cp1252", 0.0)]


def is_valid(path: Path, encoding: str) -> bool:
    """Tell whether the whole file decodes, reading it in blocks."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _plausibility(head: bytes, encoding: str) -> float:
    try:
        text = codecs.getincrementaldecoder(encoding)("strict").decode(head)
    except UnicodeDecodeError:
        return 0.0
    if encoding == "cp1252":
        return _latin(text)
    if encoding == "shift_jis":
        return _share(text, lambda c: "\u3040" <= c <= "\u30ff")
    lead_bytes = _COMMON_GB if encoding == "gb18030" else _COMMON_BIG5
    return _chinese(text, encoding, lead_bytes)


def _share(text: str, is_typical: Callable[[str], bool]) -> float:
    foreign = [c for c in text if ord(c) > _ASCII]
    return sum(map(is_typical, foreign)) / len(foreign) if foreign else 0.0


def _latin(text: str) -> float:
    """Share of accented characters that stand in a word of lower-case Latin letters, as in café."""
    good = foreign = 0
    for before, char in zip(" " + text, text, strict=False):
        if ord(char) > _ASCII:
            foreign += 1
            good += char.isalpha() and char.islower() and (before.islower() or before.isupper())
    return 0.9 * good / foreign if foreign else 0.5


def _chinese(text: str, encoding: str, common: range) -> float:
    """Share of frequent characters; one that stands alone between Latin letters counts less."""
    worth, foreign = 0.0, 0
    padded = f" {text} "
    for before, char, after in zip(padded, text, padded[2:], strict=False):
        if ord(char) <= _ASCII:
            continue
        foreign += 1
        raw = char.encode(encoding)
        frequent = len(raw) == 2 and raw[0] in common  # noqa: PLR2004 - double-byte character
        alone = ord(before) <= 0x7F and ord(after) <= 0x7F and (before.isalpha() or before == "?")  # noqa: PLR2004
        if frequent or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef":
            worth += _LONELY if alone else 1.0
    return 0.98 * worth / foreign if foreign else 0.0
