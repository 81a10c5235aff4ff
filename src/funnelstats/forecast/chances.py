"""How likely an open deal is won within a span of days, by its stage and how long it has been there.

A deal that is still in its stage after `a` days is compared with deals that were as old in the same stage (landmarks),
not with all that ever entered it: those that moved on since did better. From a landmark's daily hazards of winning h_w
and losing h_l, the first times the pace of the season,

    P(won on days wait .. until - 1) = sum of S(t-) h_w(t),    S(t) = prod (1 - h_w - h_l)

and between two landmarks it is interpolated. Thin cells are drawn towards the next younger one, the youngest towards
all stages' mean, as if twenty deals had gone like that (a Beta prior).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnelstats.forecast.history import LANDMARKS, Curve

Floats = NDArray[np.float64]
PRIOR_DEALS = 20.0


@dataclass(frozen=True, slots=True)
class Span:
    """Days from now: `wait` pass, then wins count until day `until` - 1; `pace` is the season of each day."""

    wait: int
    until: int
    pace: Floats

    @classmethod
    def plain(cls, until: int, wait: int = 0) -> Span:
        """Span without season."""
        return cls(wait, until, np.ones(until))


@dataclass(frozen=True, slots=True)
class Share:
    """Chance of a win within a span, and how many deals it rests on (those whose fate by then is known)."""

    value: float
    n: float


def won_within(curve: Curve, span: Span) -> Share:
    """Chance of a win within the span for deals like the curve's."""
    total = curve.n
    if not total or span.until <= 0:
        return Share(0.0, 0.0)
    leaving = curve.won + curve.lost + curve.undecided
    at_risk = total - np.cumsum(leaving) + leaving
    inside = curve.days < span.until
    day, risk = curve.days[inside].astype(np.int64), at_risk[inside]
    wins = np.minimum(curve.won[inside] / risk * span.pace[day], 1.0)
    loses = np.minimum(curve.lost[inside] / risk, 1 - wins)
    survival = np.cumprod(1 - wins - loses)
    before = np.concatenate(([1.0], survival))[:-1]
    value = float(np.sum((before * wins)[day >= span.wait]))
    return Share(value, total - float(curve.undecided[inside].sum()))


@dataclass(frozen=True, slots=True)
class StageChances:
    """Chances of one span by stage and landmark, drawn towards thicker cells; `overall` for unknown stages."""

    by_stage: Mapping[Hashable, Floats]
    overall: float
    n: float

    def of(self, stages: Sequence[Hashable], days: Floats) -> Floats:
        """Chance of each deal by its stage and its days in it."""
        found = np.full(len(days), self.overall)
        kinds = {stage: place for place, stage in enumerate(self.by_stage)}
        where = np.array([kinds.get(stage, -1) for stage in stages], dtype=np.int64)
        for stage, place in kinds.items():
            here = where == place
            found[here] = np.interp(days[here], LANDMARKS, self.by_stage[stage])
        return found


def stage_chances(stages: Mapping[Hashable, Sequence[Curve]], span: Span) -> StageChances:
    """Chances of a win within the span for every stage and landmark."""
    cells = {stage: [won_within(curve, span) for curve in curves] for stage, curves in stages.items()}
    entered = [shares[0] for shares in cells.values()]
    n = sum(share.n for share in entered)
    overall = sum(share.value * share.n for share in entered) / n if n else 0.0
    drawn = {}
    for stage, shares in cells.items():
        chain, prior = [], overall
        for share in shares:
            prior = (share.value * share.n + prior * PRIOR_DEALS) / (share.n + PRIOR_DEALS)
            chain.append(prior)
        drawn[stage] = np.array(chain)
    return StageChances(drawn, overall, n)
