"""Climb the ladder: read as-of rows, check them, try every rung that the history is large enough for, use the best."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from funnelstats.calibration import Reliability, assess_in_bins, drift
from funnelstats.forecast.history import read_stages
from funnelstats.ladder.evaluation import Evaluation, evaluate
from funnelstats.ladder.leakage import refuse_future, verify
from funnelstats.ladder.learned import fit_boosting, fit_logistic
from funnelstats.ladder.reasons import Reason, Usual, reasons, usual_deal
from funnelstats.ladder.rows import UNKNOWN, WEEK, WON, Rows, known_by, moments_between, read_rows
from funnelstats.ladder.rungs import Rung, StageRung, base_rate, frequency_rung
from funnelstats.queries import Engine

Ints = NDArray[np.int64]
HORIZON_DAYS = 90
MOST_OPPORTUNITIES = 20_000
LONGEST_WEEKS = 156
FREQUENCY_FROM, FREQUENCY_TO = 20, 200
LOGISTIC_FROM = 100
BOOSTING_ABOVE, BOOSTING_OF_EACH = 1000, 200
CHECKED_MOMENTS = 3


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rung that is used, and all that led to it.

    `closed` deals of the history were decided; `learned_from` deals have rows whose horizon is over. `share` of all
    opportunities were read (a fixed sample beyond 20,000: more would cost much and change little). `horizon_days` is
    how far a chance looks: won within so many days. `reliability` tells how honest the chances were on tested deals,
    one row each; None where nothing could be tested. `drifts` are z-scores of won against expected by quarter.
    """

    rung: Rung
    as_of: dt.datetime
    horizon_days: int
    closed: int
    learned_from: int
    share: float
    evaluation: Evaluation
    reliability: Reliability | None
    drifts: tuple[float | None, ...]
    usual: Usual


@dataclass(frozen=True, slots=True)
class DealChance:
    """An open deal's chance to be won within the horizon, and its strongest reasons."""

    opportunity: Hashable
    chance: float
    reasons: tuple[Reason, ...]


def climb(
    engine: Engine,
    as_of: dt.datetime,
    *,
    horizon_days: int = HORIZON_DAYS,
    seed: int = 1,
    most: int = MOST_OPPORTUNITIES,
) -> Ladder | None:
    """Fit and judge the ladder from what was on record at a moment; None where nothing was ever opened.

    Input tables as in `rows.read_rows`. Of more than `most` opportunities a fixed sample is read.
    Raises LeakFound when a row knows more than it could.
    """
    [[opportunities, won, lost, first]] = engine.rows("history_size", as_of=as_of, known_at=as_of)
    if not opportunities:
        return None
    below, share = _sample(int(opportunities), most)
    now = int(as_of.timestamp())
    moments = moments_between(max(int(first), now - LONGEST_WEEKS * WEEK), now)
    rows = read_rows(engine, moments, horizon_days=horizon_days, known_at=as_of, below=below)
    refuse_future(rows)

    def rebuilt(moment: int) -> Rows:
        at = dt.datetime.fromtimestamp(moment, tz=dt.UTC)
        return read_rows(known_by(engine, at), [moment], horizon_days=horizon_days, known_at=at, below=below)

    verify(rows, rebuilt, _some(np.unique(rows.snapshot)))
    closed = int(won) + int(lost)
    kinds = _kinds(closed, int(won), int(lost))

    def fit(train: Rows, labels: Ints, at: int) -> list[Rung]:
        return _fit(
            engine, train, labels, dt.datetime.fromtimestamp(at, tz=dt.UTC), below=below, kinds=kinds, seed=seed
        )

    evaluation = evaluate(rows, fit, simplest="stage")
    train = rows.where((rows.outcome != UNKNOWN) & (rows.snapshot + rows.horizon <= now))
    rungs = {rung.name: rung for rung in fit(train, train.labels(now), now)}
    return Ladder(
        rung=rungs[evaluation.used],
        as_of=as_of,
        horizon_days=horizon_days,
        closed=closed,
        learned_from=len(np.unique(train.deal)),
        share=share,
        evaluation=evaluation,
        reliability=_reliability(evaluation),
        drifts=_drifts(evaluation),
        usual=usual_deal(train if len(train) else rows),
    )


def chances_now(ladder: Ladder, engine: Engine, at: dt.datetime) -> list[DealChance]:
    """Chance and reasons of every deal that is open at a moment, in the order of their identities."""
    rows = read_rows(engine, [int(at.timestamp())], horizon_days=ladder.horizon_days, known_at=at)
    refuse_future(rows)
    found = zip(rows.deal, ladder.rung.chances(rows), reasons(ladder.rung, rows, ladder.usual), strict=True)
    return [DealChance(rows.opportunities[deal], float(chance), why) for deal, chance, why in found]


def _sample(opportunities: int, most: int = MOST_OPPORTUNITIES) -> tuple[str, float]:
    """Hexadecimal border below which ids' hashes are read, and the share that is."""
    if opportunities <= most:
        return "g", 1.0
    border = max(round(16**5 * most / opportunities), 1)
    return f"{border:05x}", border / 16**5


def _some(moments: Ints) -> list[int]:
    return (
        [int(moments[place]) for place in np.linspace(0, len(moments) - 1, CHECKED_MOMENTS).astype(int)]
        if len(moments)
        else []
    )


def _kinds(closed: int, won: int, lost: int) -> frozenset[str]:
    """Rungs that a history of so many decided deals is large enough for."""
    allowed = {"base", "stage"}
    if FREQUENCY_FROM <= closed <= FREQUENCY_TO:
        allowed.add("frequency")
    if closed >= LOGISTIC_FROM:
        allowed.add("logistic")
    if closed > BOOSTING_ABOVE and min(won, lost) >= BOOSTING_OF_EACH:
        allowed.add("boosting")
    return frozenset(allowed)


def _fit(
    engine: Engine, train: Rows, labels: Ints, at: dt.datetime, *, below: str, kinds: frozenset[str], seed: int
) -> list[Rung]:
    """All rungs at an origin, the simplest first; one that lacks outcomes of both kinds is left out."""
    base = base_rate(train, labels)
    stage = StageRung(read_stages(engine, at, below=below), train.horizon_days)
    found: list[Rung] = [base, stage]
    if len(np.unique(labels == WON)) < 2:  # noqa: PLR2004 - won and not
        return found
    if "frequency" in kinds:
        found.append(frequency_rung(train, labels, base.rate))
    if "logistic" in kinds:
        found.append(fit_logistic(train, labels, stage))
    if "boosting" in kinds:
        found.append(fit_boosting(train, labels, stage, seed=seed))
    return found


def _reliability(evaluation: Evaluation) -> Reliability | None:
    chosen = evaluation.one_per_deal
    if not len(chosen):
        return None
    return assess_in_bins(evaluation.chances[chosen], evaluation.won[chosen])


def _drifts(evaluation: Evaluation) -> tuple[float | None, ...]:
    chosen = evaluation.one_per_deal
    quarters = evaluation.quarters[chosen]
    parts: Sequence[Any] = [chosen[quarters == quarter] for quarter in np.unique(quarters)]
    return tuple(drift(evaluation.chances[part], evaluation.won[part]) for part in parts)
