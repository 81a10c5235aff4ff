"""How long things take, from survival curves: the deals that are not finished count too.

The mean of finished deals leaves out the slow ones that are still open and is too short; the median of the
Kaplan-Meier curve does not have that fault. Where the curve never falls to a half, the median is not reached, and
that is the answer; the mean within a horizon (the area under the curve) is always there.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from funnelstats.survival import CompetingRisks, Floats, curves_of, rows_of_numbers
from funnelstats.winrates import CONFIDENCE, Moment, grouped, horizon

FEWEST_FINISHED = 10


@dataclass(frozen=True, slots=True)
class Duration:
    """How long: `median` and `p80` in days, None when not reached or history is too short (see `is_enough`).

    `low` and `high` bound the median at 90 % (`high` None: no bound); `mean` is the mean within the first `horizon`
    days. `n` stays were observed, `finished` of them ended; `entries` counts every time that something entered.
    """

    median: float | None
    p80: float | None
    n: int
    finished: int
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    horizon: int | None = None
    entries: int | None = None
    as_of: Moment | None = None

    @property
    def is_enough(self) -> bool:
        """Whether enough stays have ended to say anything."""
        return self.finished >= FEWEST_FINISHED


@dataclass(frozen=True, slots=True)
class Cycle:
    """The sales cycle: `to_win` among those that are won, `to_close` until either close; open deals count in both."""

    to_win: Duration
    to_close: Duration


def duration(counts: Iterable[Sequence[float]], *, entries: int | None = None, as_of: Moment | None = None) -> Duration:
    """Infer percentiles from rows (days, finished, unfinished[, late entries]).

    A percentile is the first time by which so many have finished.
    """
    rows = rows_of_numbers(counts, least=3)
    n, finished = int(rows[:, 1:3].sum()), int(rows[:, 1].sum())
    if finished < FEWEST_FINISHED:
        return Duration(None, None, n, finished, entries=entries, as_of=as_of)
    # Finishing is the one cause there is: nothing is lost.
    curves = curves_of(np.insert(rows, 2, 0.0, axis=1))
    low, high = _median_bounds(curves)
    at = horizon(curves)
    return Duration(
        median=_reached(curves.times, 1 - curves.survival, 0.5),
        p80=_reached(curves.times, 1 - curves.survival, 0.8),
        n=n,
        finished=finished,
        low=low,
        high=high,
        mean=curves.mean_within(at) if at else None,
        horizon=at,
        entries=entries,
        as_of=as_of,
    )


def sales_cycle(counts: Iterable[Sequence[float]], *, as_of: Moment | None = None) -> Cycle:
    """Infer the cycle from rows (days, won, lost, undecided[, late]) since opening.

    Time to a win among those that are won by the horizon t: the first time at which the share won reaches half (80 %)
    of the share won by t, so that deals still open are neither forgotten nor taken for slow wins.
    """
    rows = rows_of_numbers(counts, least=4)
    either = np.column_stack([rows[:, 0], rows[:, 1] + rows[:, 2], rows[:, 3:]]) if len(rows) else rows[:, :3]
    to_close = duration(either, as_of=as_of)
    curves, won, n = curves_of(rows), int(rows[:, 1].sum()), int(rows[:, 1:4].sum())
    at = horizon(curves)
    if won < FEWEST_FINISHED or not at:
        return Cycle(Duration(None, None, n, won, as_of=as_of), to_close)
    inside = curves.times <= at
    times, share = curves.times[inside], curves.won[inside] / curves.won_by(at)
    # Given that it is won by the horizon: 1 - share is the survival curve of the time to a win.
    mean = float(np.diff(np.concatenate(([0.0], times))) @ (1 - np.concatenate(([0.0], share[:-1]))))
    return Cycle(
        Duration(_reached(times, share, 0.5), _reached(times, share, 0.8), n, won, mean=mean, horizon=at, as_of=as_of),
        to_close,
    )


def stage_durations(rows: Iterable[Sequence[Any]], *, as_of: Moment | None = None) -> dict[Hashable, Duration]:
    """Time in stage from the rows of `stage_sojourns.sql`: (stage, days, left, staying, late, entries)."""
    found = {}
    for stage, counts in grouped(rows).items():
        table = rows_of_numbers(counts, least=5)
        found[stage] = duration(table[:, :4], entries=int(table[:, 4].sum()), as_of=as_of)
    return found


def _reached(times: Floats, share: Floats, level: float) -> float | None:
    # A hair of tolerance: 1 - 8/10 must count as having reached 0.2.
    places = np.nonzero(share >= level - 1e-12)[0]
    return float(times[places[0]]) if len(places) else None


def _median_bounds(curves: CompetingRisks) -> tuple[float | None, float | None]:
    """Times at which the band of the survival curve crosses a half (Brookmeyer and Crowley 1982, log-log scale)."""
    inner = (curves.survival > 0) & (curves.survival < 1)
    s, error = curves.survival[inner], curves.survival_se[inner]
    spread = np.exp(stats.norm.ppf(1 - (1 - CONFIDENCE) / 2) * error / (s * np.abs(np.log(s))))
    times = curves.times[inner]
    return _reached(times, 1 - s**spread, 0.5), _reached(times, 1 - s ** (1 / spread), 0.5)
