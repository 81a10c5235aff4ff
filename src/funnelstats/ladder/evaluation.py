"""Which rung may be used: each is tried on later deals than it learned from, at several origins in time.

At an origin T models learn from rows whose horizon ended by T, with the outcomes that were on record then; they are
tried on snapshots after T of deals they have never seen (a deal that was learned from is left out of the test), until
the next origin. Between the last training snapshot and the first test snapshot lies the whole horizon: the embargo.

A rung is used only where it beats the best simpler one on the Brier score *and* on log-loss at three of four origins
(at all but a quarter where there are more). Every deal counts once, however many weeks it was open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnelstats.calibration import CLIP
from funnelstats.ladder.leakage import refuse_future, refuse_split
from funnelstats.ladder.rows import UNKNOWN, WEEK, WON, Rows
from funnelstats.ladder.rungs import Rung

Floats = NDArray[np.float64]
ORIGINS = 4
FEWEST_ORIGINS = 4
FEWEST_TESTED = 30
"""Deals that a window must have to be a test."""
FIRST_PART = 0.4
"""Share of the history that is only learned from."""
SHIPPING_PART = 0.75

Fit = Callable[[Rows, NDArray[np.int64], int], Sequence[Rung]]
"""Fits all rungs that there are to rows, outcomes as on record, at an origin; the simplest first."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Brier score and log-loss (chances within 0.01 and 0.99) of one rung's chances; every deal counts once."""

    brier: float
    log_loss: float

    def beats(self, other: Scores) -> bool:
        """Whether both scores are lower."""
        return self.brier < other.brier and self.log_loss < other.log_loss


@dataclass(frozen=True, slots=True)
class Origin:
    """One trial: when (seconds since 1970), how many deals were learned from and tried on, and the scores by rung.

    `left_out` deals of the window had been learned from. `rep` compares the rep's own probability with the rungs where
    there is one: scores by name, "rep" among them.
    """

    at: int
    trained_on: int
    tested_on: int
    left_out: int
    scores: dict[str, Scores]
    rep: dict[str, Scores]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rung is used: at how many of the origins it beat `against`, the best simpler one."""

    rung: str
    against: str
    better_at: int
    origins: int
    is_used: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All trials, the verdict on every rung, and the tested rows with the chances of the rung that is used."""

    origins: tuple[Origin, ...]
    verdicts: tuple[Verdict, ...]
    used: str
    chances: Floats
    won: NDArray[np.int64]
    deals: NDArray[np.int64]
    quarters: NDArray[np.int64]

    @property
    def one_per_deal(self) -> NDArray[np.int64]:
        """Place of the middle row of every tested deal: rows of one deal are no independent evidence."""
        order = np.argsort(self.deals, kind="stable")
        _, starts, counts = np.unique(self.deals[order], return_index=True, return_counts=True)
        middle: NDArray[np.int64] = order[starts + counts // 2]
        return middle

    @property
    def is_enough(self) -> bool:
        """Whether there were enough origins to use more than the simplest rung."""
        return len(self.origins) >= FEWEST_ORIGINS


def scores(chances: Floats, won: NDArray[np.int64], weights: Floats) -> Scores:
    """Weighted Brier score and log-loss."""
    mass = weights / weights.sum()
    clipped = np.clip(chances, CLIP, 1 - CLIP)
    loss = -(won * np.log(clipped) + (1 - won) * np.log(1 - clipped))
    return Scores(float(mass @ (chances - won) ** 2), float(mass @ loss))


def windows(rows: Rows, *, count: int = ORIGINS) -> list[tuple[int, int]]:
    """Choose origins and the ends of their test windows, evenly over the later part of the history.

    The last window ends where horizons still end within the history. Empty where there is no room.
    """
    usable = rows.snapshot[rows.outcome != UNKNOWN]
    if not len(usable):
        return []
    last = int(usable.max()) + WEEK
    first = int(rows.snapshot.min()) + rows.horizon
    begin = first + int((last - first) * FIRST_PART)
    if last - begin < count * WEEK:
        return []
    borders = np.linspace(begin, last, count + 1).astype(np.int64)
    return list(zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True))


def evaluate(rows: Rows, fit: Fit, *, simplest: str, count: int = ORIGINS) -> Evaluation:
    """Try all rungs at every origin and judge them. `simplest` is used where nothing beats it or can be tried."""
    trials: list[Origin] = []
    tested: list[tuple[Rows, dict[str, Floats]]] = []
    for at, until in windows(rows, count=count):
        train, test, left_out = split(rows, at, until)
        if len(np.unique(test.deal)) < FEWEST_TESTED or not len(train):
            continue
        refuse_future(train)
        refuse_split(train, test, origin=at)
        rungs = fit(train, train.labels(at), at)
        chances = {rung.name: rung.chances(test) for rung in rungs}
        won = (test.outcome == WON).astype(np.int64)
        trials.append(
            Origin(
                at=at,
                trained_on=len(np.unique(train.deal)),
                tested_on=len(np.unique(test.deal)),
                left_out=left_out,
                scores={name: scores(found, won, test.weights) for name, found in chances.items()},
                rep=_against_the_rep(test, won, chances),
            )
        )
        tested.append((test, chances))
    verdicts, used = judge(trials, simplest)
    return _evaluation(trials, verdicts, used, tested)


def split(rows: Rows, at: int, until: int) -> tuple[Rows, Rows, int]:
    """Rows to learn from at an origin, rows to try on until the end of its window, and how many deals were left out."""
    train = rows.where((rows.snapshot + rows.horizon <= at) & (rows.outcome != UNKNOWN))
    window = rows.where((rows.snapshot >= at) & (rows.snapshot < until) & (rows.outcome != UNKNOWN))
    seen = np.isin(window.deal, train.deal)
    return train, window.where(~seen), len(np.unique(window.deal[seen]))


def judge(trials: Sequence[Origin], simplest: str) -> tuple[tuple[Verdict, ...], str]:
    """Climb: each rung has to beat the best below it. A rung that was not fitted at an origin did not beat there."""
    names = list(dict.fromkeys(name for trial in trials for name in trial.scores))
    used, verdicts = simplest, []
    for name in names[names.index(simplest) + 1 :] if simplest in names else []:
        better = sum(name in trial.scores and trial.scores[name].beats(trial.scores[used]) for trial in trials)
        is_used = len(trials) >= FEWEST_ORIGINS and better >= SHIPPING_PART * len(trials)
        verdicts.append(Verdict(name, used, better, len(trials), is_used))
        used = name if is_used else used
    return tuple(verdicts), used


def _against_the_rep(test: Rows, won: NDArray[np.int64], chances: dict[str, Floats]) -> dict[str, Scores]:
    said = ~np.isnan(test.probability)
    if not said.any():
        return {}
    weights = test.where(said).weights
    found = {name: scores(column[said], won[said], weights) for name, column in chances.items()}
    return found | {"rep": scores(test.probability[said], won[said], weights)}


def _evaluation(
    trials: Sequence[Origin],
    verdicts: tuple[Verdict, ...],
    used: str,
    tested: Sequence[tuple[Rows, dict[str, Floats]]],
) -> Evaluation:
    """Gather the tested rows of the rung that is used; where an origin did not have it, of none."""
    parts = [(test, chances[used]) for test, chances in tested if used in chances]
    none = np.zeros(0)
    return Evaluation(
        origins=tuple(trials),
        verdicts=verdicts,
        used=used,
        chances=np.concatenate([found for _, found in parts]) if parts else none,
        won=np.concatenate([(test.outcome == WON).astype(np.int64) for test, _ in parts])
        if parts
        else none.astype(int),
        deals=np.concatenate([test.deal for test, _ in parts]) if parts else none.astype(int),
        quarters=np.concatenate([_quarters(test.snapshot) for test, _ in parts]) if parts else none.astype(int),
    )


def _quarters(snapshot: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(snapshot.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) // 3)
