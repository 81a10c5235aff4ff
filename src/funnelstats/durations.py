"""How long things take, from survival curves: the deals that are not finished count too.

The mean of finished deals leaves out the slow ones that are still open and is too short; the median of the
Kaplan-Meier curve does not have that fault. Where the curve never falls to a half, the median is not reached, and
that is the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np

from funnelstats.survival import competing_risks

FEWEST_FINISHED = 10


@dataclass(frozen=True, slots=True)
class Duration:
    """How long: `median` and `p80` in days, None when not reached or history is too short (see `is_enough`)."""

    median: float | None
    p80: float | None
    n: int
    finished: int

    @property
    def is_enough(self) -> bool:
        """Whether enough stays have ended to say anything."""
        return self.finished >= FEWEST_FINISHED


def duration(counts: Iterable[tuple[int, int, int]]) -> Duration:
    """Infer percentiles from rows (days, finished, unfinished): the first time by which so many have finished."""
    rows = np.asarray(list(counts), dtype=float).reshape(-1, 3)
    n, finished = int(rows[:, 1:].sum()), int(rows[:, 1].sum())
    if finished < FEWEST_FINISHED:
        return Duration(None, None, n, finished)
    curves = competing_risks(rows[:, 0], rows[:, 1], np.zeros(len(rows)), rows[:, 2])

    def quantile(share: float) -> float | None:
        # A hair of tolerance: 1 - 8/10 must count as having reached 0.2.
        reached = np.nonzero(curves.survival <= 1 - share + 1e-12)[0]
        return float(curves.times[reached[0]]) if len(reached) else None

    return Duration(quantile(0.5), quantile(0.8), n, finished)


def stage_durations(rows: Iterable[tuple[Hashable, int, int, int]]) -> dict[Hashable, Duration]:
    """Time in stage from the rows of `stage_sojourns.sql`: (stage, days, left, staying)."""
    grouped: dict[Hashable, list[tuple[int, int, int]]] = defaultdict(list)
    for stage, *counts in rows:
        grouped[stage].append((counts[0], counts[1], counts[2]))
    return {stage: duration(counts) for stage, counts in grouped.items()}
