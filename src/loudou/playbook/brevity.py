"""How long a card takes to read, so that it stays a card.

A rep reads it beside a ringing telephone. A minute holds about 220 words of English, a little less than the mean of
silent reading (238, Brysbaert 2019), or 300 characters of Chinese, a little more than what is read aloud (255,
Trauzettel-Klosinski and Dietz 2012).
"""

from __future__ import annotations

import re

WORDS_A_MINUTE = 220
CHARACTERS_A_MINUTE = 300
LONGEST_SECONDS = 60
LONGEST_TEXT = 2000
"""Characters of any kind, so that no text without blanks passes for one word."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")


def reading_seconds(text: str) -> int:
    """Return how many seconds it takes to read a text, in English, Chinese or both; rounded up."""
    characters = len(_HAN.findall(text))
    words = len(_WORD.findall(_HAN.sub(" ", text)))
    # Whole numbers: words/220 + characters/300 minutes over one denominator, rounded up.
    parts = words * CHARACTERS_A_MINUTE + characters * WORDS_A_MINUTE
    return -(-parts * 60 // (WORDS_A_MINUTE * CHARACTERS_A_MINUTE))
