"""From stage to stage: what share comes further, when some are still on their way.

The same estimator as for win rates, with "reached a later stage, or won" in the place of "won". Skipped stages count as
reached and passed at once; a move back takes nothing away; who is still in the stage is undecided, not lost.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from funnelstats.survival import curves_of, rows_of_numbers
from funnelstats.winrates import CONFIDENCE, Moment, WinRate, grouped, horizon, win_rate


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: `onward`, the share that comes further than it, and `overall`, the share of all that gets to it.

    `onward.won` counts those that advanced, `.lost` those lost in it, `.undecided` the share still there in the end.
    `overall` is the product of the steps before (1 for the first stage; None where one of them lacks history), with its
    90 % interval.
    """

    ordinal: int
    onward: WinRate
    overall: float | None
    overall_low: float | None
    overall_high: float | None


@dataclass(frozen=True, slots=True)
class Conversion:
    """The stages of one process in order; `to_win` is the share of all that gets through every stage, as in `Step`."""

    steps: tuple[Step, ...]
    to_win: Step
    as_of: Moment | None = None


def conversions(
    rows: Iterable[Sequence[Any]], *, as_of: Moment | None = None
) -> dict[tuple[Hashable, Hashable], Conversion]:
    """Conversion per (segment, process) from the rows of `stage_conversions.sql`.

    The rows are (segment, process, ordinal, days, advanced, lost, undecided, late).
    """
    found = {}
    for key, stages in grouped(rows, columns=2).items():
        by_ordinal = sorted(grouped(stages).items())
        found[key] = conversion([(int(ordinal), counts) for ordinal, counts in by_ordinal], as_of=as_of)
    return found


def conversion(stages: Sequence[tuple[int, Iterable[Sequence[float]]]], *, as_of: Moment | None = None) -> Conversion:
    """Conversion through the stages given in order as (ordinal, rows (days, advanced, lost, undecided, late))."""
    steps: list[Step] = []
    reached: float | None = 1.0
    variance = 0.0
    for ordinal, counts in stages:
        table = rows_of_numbers(counts, least=5)
        onward = win_rate(table, as_of=as_of)
        steps.append(Step(ordinal, onward, reached, *_bounds(reached, variance)))
        if reached is None or onward.value is None:
            reached = None
        else:
            # Steps follow one another: the relative variances of independent estimates add up.
            variance += (_error(table) / onward.value) ** 2 if onward.value else 0.0
            reached *= onward.value
    last = steps[-1].onward if steps else WinRate(None, None, None, 0, 0, 0, None, None, as_of)
    to_win = Step(steps[-1].ordinal + 1 if steps else 1, last, reached if steps else None, *_bounds(reached, variance))
    return Conversion(tuple(steps), to_win, as_of)


def _error(table: Any) -> float:
    curves = curves_of(table)
    at = horizon(curves)
    index = curves.position(at) if at is not None else None
    return float(curves.won_se[index]) if index is not None else 0.0


def _bounds(value: float | None, variance: float) -> tuple[float | None, float | None]:
    """90 % interval of a product of shares, on the complementary log-log scale."""
    if value is None:
        return None, None
    if not 0 < value < 1 or not variance:
        return value, value
    spread = stats.norm.ppf(1 - (1 - CONFIDENCE) / 2) * np.sqrt(variance) / abs(np.log(value))
    return float(value ** np.exp(spread)), float(value ** np.exp(-spread))
