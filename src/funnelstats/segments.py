"""Win rates by rep, team, product, kind or source: raw, by competing risks, and pooled, and whether they differ at all.

The pooled figure is the one to act on: it uses undecided deals for what they tell and draws small groups towards all.
No ranking is offered by the raw rate; `PooledRate.above_median` says how probable it is that a group is better than the
middle one. Deals that somebody forgot to close (`zombies`) are counted apart: who leaves more of them open keeps house
worse, but does not therefore sell worse.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from funnelstats.censoring import Timing, effective_counts, timing
from funnelstats.evidence import Difference, difference
from funnelstats.pooling import DEFAULT_STRENGTH, Method, PooledRate, method_for, pool
from funnelstats.survival import Floats, curves_of
from funnelstats.winrates import FEWEST_OBSERVED, Moment, WinRate, horizon, win_rate
from funnelstats.zombies import limit_days, settled

FEWEST_TO_SHOW = 10
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class SegmentRate:
    """One group: its own win rate, which may lack history, and the `pooled` one (None: all together lack it).

    `raw` is won / (won + lost), and None below ten closed deals, where a percentage would only mislead. `zombies` are
    its deals that have been open for longer than nearly all wins took.
    """

    segment: Hashable
    own: WinRate
    pooled: PooledRate | None
    zombies: int

    @property
    def raw(self) -> float | None:
        """Closed rate, where there are enough closed deals to print one."""
        return self.own.closed if self.own.won + self.own.lost >= FEWEST_TO_SHOW else None


@dataclass(frozen=True, slots=True)
class SegmentRates:
    """All groups, those with most deals first; the rate of all together; whether they differ; how the prior was found.

    `pooled` rates count effective trials: decided deals, and undecided ones for what they tell. `zombie_difference` is
    whether groups differ in the share of zombies among their deals.
    """

    rows: tuple[SegmentRate, ...]
    overall: WinRate
    difference: Difference
    zombie_difference: Difference
    method: Method
    as_of: Moment | None = None


def segment_rates(
    rows: Iterable[Sequence[Any]], *, zombies_as_lost: bool = False, as_of: Moment | None = None
) -> SegmentRates:
    """Infer from the rows of `segment_outcomes.sql`: (segment, days, won, lost, undecided, late).

    `zombies_as_lost` counts them as losses in the pooled rates and in the test, instead of leaving them out there.
    """
    names, table, groups = _table(rows)
    overall = win_rate(table, as_of=as_of)
    limit = limit_days(table)
    old = table[:, 3] * (table[:, 0] > (np.inf if limit is None else limit))
    forgotten = np.bincount(groups, weights=old, minlength=len(names))
    deals = np.bincount(groups, weights=table[:, 1:4].sum(axis=1), minlength=len(names))
    order = np.argsort(groups, kind="stable")
    parts = np.split(table[order], np.cumsum(np.bincount(groups, minlength=len(names)))[:-1]) if names else []
    own = [_own(counts, as_of) for counts in parts]
    pooled: dict[Hashable, PooledRate] = {}
    evidence = difference({}, as_of=as_of)
    table = settled(table, limit, as_lost=zombies_as_lost)
    curves = curves_of(table)
    at = horizon(curves)
    if overall.is_enough and at is not None:
        clock = timing(curves, at)
        alike = np.full(len(names), clock.win_rate)
        evidence = difference(dict(enumerate(_trials(table, groups, alike, clock))), as_of=as_of)
        pooled = pool(dict(enumerate(_settled(table, groups, alike, clock))))
    lines = [
        SegmentRate(name, own[place], pooled.get(place), int(forgotten[place])) for place, name in enumerate(names)
    ]
    lines.sort(key=lambda line: (-line.own.n, str(line.segment)))
    method = method_for(sum(one.n > 0 for one in pooled.values()))
    left_lying: dict[Hashable, tuple[float, float]] = {
        place: (forgotten[place], deals[place]) for place in range(len(names))
    }
    housekeeping = difference(left_lying, as_of=as_of)
    return SegmentRates(tuple(lines), overall, evidence, housekeeping, method, as_of)


def _settled(table: Floats, groups: Any, start: Floats, clock: Timing) -> list[tuple[float, float]]:
    """Effective trials by group: what an undecided deal counts for depends on the rate, so go round until settled."""
    rates = start
    for _ in range(ROUNDS):
        won, n = np.array(_trials(table, groups, rates, clock)).T
        # Any sensible rate will do to weigh the undecided by; the fitted prior comes last.
        rates = (DEFAULT_STRENGTH * start + won) / (DEFAULT_STRENGTH + n)
    return _trials(table, groups, rates, clock)


def _trials(table: Floats, groups: Any, rates: Floats, clock: Timing) -> list[tuple[float, float]]:
    """(wins, trials) of each group, undecided deals counted for what they tell."""
    won, lost = effective_counts(table, rates[groups], clock)
    wins = np.maximum(np.bincount(groups, weights=won, minlength=len(rates)), 0.0)
    losses = np.maximum(np.bincount(groups, weights=lost, minlength=len(rates)), 0.0)
    return list(zip(wins.tolist(), (wins + losses).tolist(), strict=True))


def _own(counts: Floats, as_of: Moment | None) -> WinRate:
    n = counts[:, 1:4].sum()
    if n >= FEWEST_OBSERVED:
        return win_rate(counts, as_of=as_of)
    return WinRate(None, None, None, int(n), int(counts[:, 1].sum()), int(counts[:, 2].sum()), None, None, as_of)


def _table(rows: Iterable[Sequence[Any]]) -> tuple[list[Hashable], Floats, Any]:
    """Names of the groups, the counts of all rows, and the place of each row's group among the names."""
    places: dict[Hashable, int] = {}
    groups, counts = [], []
    for segment, *numbers in rows:
        groups.append(places.setdefault(segment, len(places)))
        counts.append([*numbers, 0] if len(numbers) == 4 else numbers)  # noqa: PLR2004 - without late entries
    table = np.asarray(counts, dtype=float) if counts else np.empty((0, 5))
    return list(places), table, np.asarray(groups, dtype=np.intp)
