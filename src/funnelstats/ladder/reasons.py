"""Why a deal's chance is what it is: what each figure changes against the usual deal.

One figure at a time is put to what is usual (the median of the deals learned from; for the stage, its process's median
stage), the chance is computed anew, and the difference is the figure's effect:

    effect = chance of the deal - chance of the same deal with this figure as usual

This is exact for every rung, trees included, and keeps what belongs together: when the stage or the days in it change,
the stage's own chance is computed anew as well. For a linear model of two outcomes it is the coefficient times the
distance from the usual deal. Effects of figures that work together need not add up to the whole difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from funnelstats.ladder.rows import Rows
from funnelstats.ladder.rungs import FrequencyRung, Rung

Floats = NDArray[np.float64]
MOST_REASONS = 3
SMALLEST_EFFECT = 0.005


@dataclass(frozen=True, slots=True)
class Reason:
    """A figure of a deal, what it is, what is usual, and by how much (in chance, -1 to 1) it moves the deal.

    For the stage `value` and `usual` are the share of stages reached; of the frequency table `value` may be a key, such
    as the owner's, and nothing is usual. A figure that is not known is None.
    """

    feature: str
    value: Hashable
    usual: float | None
    effect: float


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual deal: medians of its figures, and for each stage the middle one of its process with its share."""

    figures: Mapping[str, float]
    middle: Mapping[Hashable, tuple[Hashable, float]]


def usual_deal(rows: Rows) -> Usual:
    """Medians over deals, each counting once."""
    weights = rows.weights
    figures = {name: _median(column, weights) for name, column in rows.features.items()}
    reached: dict[Hashable, dict[Hashable, float]] = defaultdict(dict)
    for place in np.unique(rows.stage):
        share = float(rows.features["stage"][np.argmax(rows.stage == place)])
        reached[rows.processes[place]][rows.stages[place]] = share
    middle: dict[Hashable, tuple[Hashable, float]] = {}
    for stages in reached.values():
        nearest = min(stages, key=lambda stage: abs(stages[stage] - figures["stage"]))
        middle |= dict.fromkeys(stages, (nearest, stages[nearest]))
    return Usual(figures, middle)


def _median(column: Floats, weights: Floats) -> float:
    known = ~np.isnan(column)
    if not known.any():
        return float("nan")
    order = np.argsort(column[known])
    mass = np.cumsum(weights[known][order])
    return float(column[known][order][np.searchsorted(mass, mass[-1] / 2)])


def reasons(rung: Rung, rows: Rows, usual: Usual) -> list[tuple[Reason, ...]]:
    """Up to three strongest reasons of every row, the strongest first; none weaker than half a point."""
    if not len(rows) or not rung.uses:
        return [()] * len(rows)
    chances = rung.chances(rows)
    table = np.column_stack([chances - _with_usual(rung, rows, name, usual) for name in rung.uses])
    best = np.argsort(-np.abs(table), axis=1, kind="stable")[:, :MOST_REASONS]
    return [
        tuple(
            Reason(rung.uses[place], *_value(rung, rows, row, rung.uses[place], usual), float(table[row, place]))
            for place in best[row]
            if abs(table[row, place]) >= SMALLEST_EFFECT
        )
        for row in range(len(rows))
    ]


def _with_usual(rung: Rung, rows: Rows, name: str, usual: Usual) -> Floats:
    """Chance of the same rows with one figure as usual."""
    if isinstance(rung, FrequencyRung):
        return rung.without(rows, name)
    features = dict(rows.features)
    if name != "stage":
        features[name] = np.full(len(rows), usual.figures[name])
        return rung.chances(replace(rows, features=features))
    middle = [usual.middle.get(rows.stages[one], (rows.stages[one], share)) for one, share in
              zip(rows.stage, rows.features["stage"], strict=True)]  # fmt: skip
    numbers = {stage: place for place, stage in enumerate(rows.stages)}
    known = [
        stage if stage in numbers else rows.stages[one] for (stage, _), one in zip(middle, rows.stage, strict=True)
    ]
    features["stage"] = np.array([share for _, share in middle])
    return rung.chances(replace(rows, features=features, stage=np.array([numbers[stage] for stage in known])))


def _value(rung: Rung, rows: Rows, row: int, name: str, usual: Usual) -> tuple[Hashable, float | None]:
    """Return what a figure is, and what is usual; what is not known is None."""
    if isinstance(rung, FrequencyRung):
        return rung.value(rows, row, name), None
    value, normal = float(rows.features[name][row]), usual.figures[name]
    return None if np.isnan(value) else value, None if np.isnan(normal) else normal
