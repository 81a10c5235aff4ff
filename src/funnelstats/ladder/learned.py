"""The rungs that learn: a regularised logistic model, and boosted trees with a calibration on later deals.

Both see the same fifteen figures: the fourteen of `leakage.FEATURES` and the logit of the stage's chance, which already
says most. scikit-learn is imported only when one of them is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from funnelstats.calibration import isotonic
from funnelstats.ladder.leakage import FEATURES
from funnelstats.ladder.rows import WON, Rows
from funnelstats.ladder.rungs import LARGEST, SMALLEST, StageRung

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
COLUMNS = ("stage_logit", *FEATURES)
LONG_TAILED = frozenset({"age", "days_in_stage", "moves", "back_moves", "skips", "pushes", "activities"})
LIMITS = {"days_to_expected": 180.0, "amount": 4.0, "amount_change": 2.0}
STRENGTH = 0.25
"""Inverse of the penalty: standardised effects are Normal(0, 0.5) beforehand."""
RISING = {"stage_logit": 1, "stage": 1, "age": -1}
CALIBRATION_PART = 0.25
ENOUGH_FOR_ISOTONIC = 1000
TREES: dict[str, Any] = {
    "max_iter": 150,
    "learning_rate": 0.06,
    "max_leaf_nodes": 12,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
    "early_stopping": False,
}


def matrix(rows: Rows, stage: StageRung) -> Floats:
    """Columns of `COLUMNS`: long tails as logarithms, dates and amounts within limits; NaN where not known."""
    found = [special.logit(stage.chances(rows))]
    for name in FEATURES:
        column = rows.features[name]
        if name in LONG_TAILED:
            column = np.log1p(np.maximum(column, 0.0))
        elif name in LIMITS:
            column = np.clip(column, -LIMITS[name], LIMITS[name])
        elif name in {"owner_rate", "customer_rate"}:
            column = special.logit(np.clip(column, SMALLEST, LARGEST))
        found.append(column)
    return np.column_stack(found)


@dataclass(frozen=True, slots=True)
class LogisticRung:
    """Won, lost or still open at the end of the horizon, by a linear model of standardised figures."""

    stage: StageRung
    centre: Floats
    scale: Floats
    model: Any
    name: str = "logistic"
    uses: tuple[str, ...] = FEATURES

    def chances(self, rows: Rows) -> Floats:
        """Chance that each row is won within the horizon."""
        proba = self.model.predict_proba(self._standardised(rows))
        column = list(self.model.classes_).index(WON)
        return np.asarray(np.clip(proba[:, column], SMALLEST, LARGEST))

    def _standardised(self, rows: Rows) -> Floats:
        # What is not known says nothing: it is as in the average deal.
        return np.asarray(np.nan_to_num((matrix(rows, self.stage) - self.centre) / self.scale))


def fit_logistic(train: Rows, labels: Ints, stage: StageRung) -> LogisticRung:
    """Fit the multinomial model with an L2 penalty; every deal weighs one. Needs deals that were won and others."""
    from sklearn.linear_model import LogisticRegression

    figures, weights = matrix(train, stage), train.weights
    centre, scale = _moments(figures, weights)
    model = LogisticRegression(C=STRENGTH, max_iter=500)
    model.fit(np.nan_to_num((figures - centre) / scale), labels, sample_weight=weights)
    return LogisticRung(stage, centre, scale, model)


def _moments(figures: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Weighted mean and deviation of each column, of what is known; a constant column gets the deviation one."""
    known = ~np.isnan(figures)
    mass = np.maximum(weights @ known, 1e-12)
    filled = np.where(known, figures, 0.0)
    centre = weights @ filled / mass
    variance = weights @ np.where(known, (figures - centre) ** 2, 0.0) / mass
    return np.asarray(centre), np.where(variance > 1e-12, np.sqrt(variance), 1.0)  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class BoostedRung:
    """Boosted trees, rising with the stage and falling with age, calibrated on deals opened later.

    `seen` tells which columns had any value when it learned: of the others it knows nothing, whatever they hold later.
    """

    stage: StageRung
    seen: NDArray[np.bool_]
    model: Any
    calibration: Calibrator
    name: str = "boosting"
    uses: tuple[str, ...] = FEATURES

    def chances(self, rows: Rows) -> Floats:
        """Chance that each row is won within the horizon."""
        raw = self.model.predict_proba(np.where(self.seen, matrix(rows, self.stage), 0.0))[:, 1]
        return np.clip(self.calibration.of(raw), SMALLEST, LARGEST)


def fit_boosting(train: Rows, labels: Ints, stage: StageRung, *, seed: int) -> BoostedRung:
    """Fit on the deals that were opened earlier, calibrate on the quarter of them that was opened last."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    opened = train.snapshot - train.features["age"] * 86_400
    first = np.full(len(train.opportunities), np.inf)
    np.minimum.at(first, train.deal, opened)
    border = np.quantile(first[np.isfinite(first)], 1 - CALIBRATION_PART)
    later = first[train.deal] > border
    fitted, calibrated = train.where(~later), train.where(later)
    model = HistGradientBoostingClassifier(
        **TREES, random_state=seed, monotonic_cst=[RISING.get(name, 0) for name in COLUMNS]
    )
    won = (labels == WON).astype(np.int64)
    figures = matrix(fitted, stage)
    seen = np.asarray(~np.isnan(figures).all(axis=0))
    # Trees of so few leaves gain nothing by threads, and lose much where other work wants the processors.
    with threadpool_limits(limits=1, user_api="openmp"):
        model.fit(np.where(seen, figures, 0.0), won[~later], sample_weight=fitted.weights)
    raw = model.predict_proba(np.where(seen, matrix(calibrated, stage), 0.0))[:, 1]
    return BoostedRung(stage, seen, model, calibrate(raw, won[later], calibrated.weights))


@dataclass(frozen=True, slots=True)
class Calibrator:
    """A rising curve from raw to honest chances, straight between its points."""

    raw: Floats
    honest: Floats
    method: str

    def of(self, raw: Floats) -> Floats:
        """Honest chance of each raw one."""
        return np.asarray(np.interp(raw, self.raw, self.honest))


def calibrate(raw: Floats, won: NDArray[np.int64], weights: Floats) -> Calibrator:
    """Fit a calibration: isotonic on a thousand deals and more, else Platt's sigmoid, which needs fewer.

    The weights sum to the number of deals. Without both outcomes nothing is learned and chances stay as they are.
    """
    if not 0 < won.sum() < len(won):
        return Calibrator(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "none")
    if weights.sum() >= ENOUGH_FOR_ISOTONIC:
        order = np.argsort(raw, kind="stable")
        return Calibrator(raw[order], isotonic(won[order], weights[order]), "isotonic")
    logits = special.logit(np.clip(raw, SMALLEST, LARGEST))
    level, slope = _sigmoid(logits, won.astype(np.float64), weights)
    grid = np.linspace(special.logit(SMALLEST), special.logit(LARGEST), 201)
    return Calibrator(special.expit(grid), special.expit(level + slope * grid), "sigmoid")


def _sigmoid(logits: Floats, won: Floats, weights: Floats) -> tuple[float, float]:
    """Level and slope by Newton's method, with a Normal(1, 0.5) prior of the slope; a calibration never turns round."""
    level, slope, prior = 0.0, 1.0, 4.0
    for _ in range(50):
        chance = special.expit(level + slope * logits)
        miss, bend = weights * (won - chance), weights * chance * (1 - chance)
        curvature = np.array([[bend.sum(), bend @ logits], [bend @ logits, bend @ logits**2 + prior]])
        step = np.linalg.solve(curvature + 1e-9 * np.eye(2), [miss.sum(), miss @ logits - prior * (slope - 1)])
        level, slope = level + float(step[0]), max(slope + float(step[1]), 0.0)
        if np.abs(step).max() < 1e-9:  # noqa: PLR2004
            break
    return level, slope
