"""The shape of a funnel: one slice per stage, as wide as its value, tapering into the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, SLICE_HEIGHT, GAP = 600, 64, 6
NARROWEST = 24
"""Width of an empty stage, so that it can still be seen and pointed at."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A trapezoid in the units of the drawing: `points` for the polygon, `middle` for its label."""

    points: str
    top: int
    middle: int


def tapered(values: Sequence[Decimal]) -> list[Slice]:
    """Slices from top to bottom. Each is as wide above as its own value and as wide below as the next one's."""
    most = max(values, default=Decimal(0))
    widths = [_width(value, most) for value in values]
    slices = []
    for number, width in enumerate(widths):
        below = widths[number + 1] if number + 1 < len(widths) else max(width * 7 // 10, NARROWEST)
        top = number * (SLICE_HEIGHT + GAP)
        bottom = top + SLICE_HEIGHT
        left, right = (WIDTH - width) // 2, (WIDTH + width) // 2
        low_left, low_right = (WIDTH - below) // 2, (WIDTH + below) // 2
        points = f"{left},{top} {right},{top} {low_right},{bottom} {low_left},{bottom}"
        slices.append(Slice(points, top, top + SLICE_HEIGHT // 2))
    return slices


def height(count: int) -> int:
    """Height of a drawing of so many slices."""
    return max(count * (SLICE_HEIGHT + GAP) - GAP, 0)


def _width(value: Decimal, most: Decimal) -> int:
    return NARROWEST if not most else NARROWEST + int((WIDTH - NARROWEST) * value / most)
