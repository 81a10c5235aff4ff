"""Charts inside the report: one scale for all rows of a table, with ticks that say what a place on it means.

Everything is in pixels of an SVG that is `WIDTH` wide; half a label of room is left on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 260
MARGIN = 22
MOST_TICKS = 5
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high`, both ticks, in equal steps."""

    low: float
    high: float
    step: float

    def place(self, value: float) -> float:
        """Pixels from the left; what lies outside the scale is put at its edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(MARGIN + share * (WIDTH - 2 * MARGIN), 1)

    def ticks(self, write: Callable[[float], str]) -> list[dict[str, Any]]:
        """Places and labels of the ticks."""
        count = round((self.high - self.low) / self.step)
        values = [self.low + place * self.step for place in range(count + 1)]
        return [{"x": self.place(value), "label": write(value)} for value in values]

    def bar(self, low: float | None, high: float | None) -> dict[str, float]:
        """A bar from one value to another, at least two pixels wide so that it can be seen."""
        left, right = self.place(low or 0.0), self.place(high or 0.0)
        return {"x": left, "width": max(round(right - left, 1), 2.0)}

    def mark(self, value: float | None) -> float | None:
        """Place of a value, None where there is none."""
        return None if value is None else self.place(value)


def scale_of(values: Iterable[float | None], *, from_zero: bool = False, most: float | None = None) -> Scale:
    """A scale that holds all values and has round ticks; `most` is where it must end at the latest."""
    known = [value for value in values if value is not None] or [0.0, 1.0]
    low, high = (0.0 if from_zero else min(known)), max(known)
    if high <= low:
        # One value alone stands in the middle of a scale around it, or at the end where it cannot be exceeded.
        room = (abs(low) or 1.0) / 10
        low, high = (low if from_zero or low == 0 else low - room), high + room
    step = _round_step((high - low) / (MOST_TICKS - 1))
    bottom = math.floor(low / step + 1e-9) * step
    top = math.ceil(high / step - 1e-9) * step
    return Scale(max(bottom, 0.0) if low >= 0 else bottom, top if most is None else min(top, most), step)


def stacked(parts: Sequence[float]) -> list[dict[str, float]]:
    """Parts of a whole side by side over the full width."""
    total = sum(parts) or 1.0
    bars, left = [], 0.0
    for part in parts:
        width = WIDTH * part / total
        bars.append({"x": round(left, 1), "width": round(width, 1)})
        left += width
    return bars


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough - 1e-12)
