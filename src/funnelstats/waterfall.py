"""The waterfall: what became of a period's pipeline between two snapshots, to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from funnelstats.winrates import Moment

PARTS = (
    "new",
    "pulled_in",
    "reopened",
    "moved_in",
    "increased",
    "decreased",
    "won",
    "lost",
    "slipped",
    "removed",
    "moved_out",
    "fx",
)
"""Everything between opening and closing, in the order in which it is shown. Those from "decreased" on are negative or
zero, except "fx", which is what exchange rates did to what stays."""


@dataclass(frozen=True, slots=True)
class Step:
    """One part: its signed amount and how many opportunities it holds."""

    part: str
    amount: Decimal
    opportunities: int


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Opening, the parts in order, and closing; `opening + sum(parts) == closing` always.

    `as_of` is the moment of the later snapshot.
    """

    opening: Step
    parts: tuple[Step, ...]
    closing: Step
    as_of: Moment | None = None


class DoesNotClose(ArithmeticError):  # noqa: N818 - reads as what happened
    """The parts do not lead from opening to closing: the rows did not come from one pair of snapshots."""


def waterfalls(rows: Iterable[Sequence[Any]], *, as_of: Moment | None = None) -> dict[Hashable, Waterfall]:
    """Assemble the rows of `waterfall.sql` (slice, part, opportunities, amount), one waterfall per slice.

    Raises DoesNotClose when one does not add up.
    """
    slices: dict[Hashable, list[tuple[str, int, Decimal]]] = defaultdict(list)
    for place, part, opportunities, amount in rows:
        slices[place].append((part, opportunities, amount))
    return {place: waterfall(parts, as_of=as_of) for place, parts in slices.items()}


def waterfall(rows: Iterable[tuple[str, int, Decimal]], *, as_of: Moment | None = None) -> Waterfall:
    """Assemble the parts of one slice (part, opportunities, amount).

    Raises DoesNotClose when they do not add up.
    """
    found = {part: Step(part, Decimal(amount), int(count)) for part, count, amount in rows}
    unknown = set(found) - {"opening", "closing", *PARTS}
    if unknown:
        raise DoesNotClose(f"unknown parts: {sorted(unknown)}")
    parts = tuple(found.get(part, Step(part, Decimal(0), 0)) for part in PARTS)
    opening = found.get("opening", Step("opening", Decimal(0), 0))
    closing = found.get("closing", Step("closing", Decimal(0), 0))
    reached = opening.amount + sum((step.amount for step in parts), Decimal(0))
    if reached != closing.amount:
        raise DoesNotClose(f"opening and parts make {reached}, closing is {closing.amount}")
    return Waterfall(opening, parts, closing, as_of)
