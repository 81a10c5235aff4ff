"""Numbers as people of a language write them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from babel.numbers import format_compact_decimal, format_decimal, format_percent

from loudou.core.days import written


@dataclass(frozen=True, slots=True)
class Numerals:
    """Writes numbers for a locale of Babel; a dash stands for what is not known."""

    locale: str

    def number(self, value: float | None) -> str:
        """A whole number."""
        return "–" if value is None else format_decimal(round(value), locale=self.locale)

    def share(self, value: float | None) -> str:
        """A percentage with one decimal."""
        return "–" if value is None else format_percent(value, self._percent("0.0"), locale=self.locale)

    def plain_share(self, value: float) -> str:
        """A percentage for the tick of a scale."""
        return format_percent(value, self._percent("0"), locale=self.locale)

    def short(self, value: float) -> str:
        """A large number for the tick of a scale: 2M, 200万."""
        return format_compact_decimal(value, locale=self.locale, fraction_digits=1)

    def day(self, value: dt.date) -> str:
        """A date as the product writes it, in the active language."""
        return written(value)

    def _percent(self, digits: str) -> str:
        return f"{digits} %" if self.locale == "en" else f"{digits}%"
