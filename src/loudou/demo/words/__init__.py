"""The words the demo is told in: every entry is a pair, Chinese first, then English.

Both tellings describe the same company, person by person and sale by sale. All companies and people are invented.
"""

from typing import Literal

Pair = tuple[str, str]
Locale = Literal["zh", "en"]


class Teller:
    """Chooses the language of a pair."""

    def __init__(self, locale: Locale) -> None:
        self.locale = locale
        self._index = 0 if locale == "zh" else 1

    def __call__(self, pair: Pair) -> str:
        """Return the pair's text in the language of this telling."""
        return pair[self._index]

    @property
    def is_chinese(self) -> bool:
        """Whether the company is told in Chinese."""
        return self.locale == "zh"
