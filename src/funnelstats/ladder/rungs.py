"""The simple rungs: what any deal's chance is, what the stage says, and the frequency table for a cold start."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from funnelstats.forecast.chances import Span, stage_chances
from funnelstats.forecast.history import Curve
from funnelstats.ladder.rows import OPEN, WON, Rows
from funnelstats.naive_bayes import ClosedDeal, FrequencyTable, frequency_table

Floats = NDArray[np.float64]
Stages = Mapping[Hashable, Sequence[Curve]]
NO_STAGE, SILENT = -1, "\0"
"""A stage and a value that never occurred: they say nothing."""
SMALLEST, LARGEST = 1e-4, 1 - 1e-4
AMOUNT_BANDS = (-1.0, 0.0, 1.0)
"""Borders of the amount bands of the frequency table, in logarithms around the usual amount."""


class Rung(Protocol):
    """A model of the chance that an open deal is won within the horizon."""

    @property
    def name(self) -> str:
        """What the rung is called."""
        ...

    @property
    def uses(self) -> tuple[str, ...]:
        """Features that the chance rests on."""
        ...

    def chances(self, rows: Rows) -> Floats:
        """Chance of each row."""
        ...


@dataclass(frozen=True, slots=True)
class BaseRate:
    """Every deal has the share that was won within the horizon."""

    rate: float
    name: str = "base"
    uses: tuple[str, ...] = ()

    def chances(self, rows: Rows) -> Floats:
        """The same for all."""
        return np.full(len(rows), self.rate)


def base_rate(train: Rows, labels: NDArray[np.int64]) -> BaseRate:
    """Share of deals won within the horizon, drawn towards a half by two deals."""
    weights = train.weights
    return BaseRate(float((weights @ (labels == WON) + 1) / (weights.sum() + 2)))


@dataclass(frozen=True, slots=True)
class StageRung:
    """Chance by stage and days in it (`forecast.chances`), thin cells drawn towards thicker ones and all deals."""

    stages: Stages
    horizon_days: int
    name: str = "stage"
    uses: tuple[str, ...] = ("stage", "days_in_stage")

    def chances(self, rows: Rows) -> Floats:
        """Chance of each row by its stage and its days there."""
        return self.of([rows.stages[one] for one in rows.stage], rows.features["days_in_stage"])

    def of(self, stages: Sequence[Hashable], days: Floats) -> Floats:
        """Chance by stage and days in it."""
        found = stage_chances(self.stages, Span.plain(self.horizon_days)).of(stages, np.nan_to_num(days))
        return np.clip(found, SMALLEST, LARGEST)


@dataclass(frozen=True, slots=True)
class FrequencyRung:
    """The frequency table of a cold start (`naive_bayes`): stage, owner, size of the deal, customer's record."""

    table: FrequencyTable
    fallback: float
    stages: int
    name: str = "frequency"
    uses: tuple[str, ...] = ("stage", "owner", "amount", "customer")

    def chances(self, rows: Rows) -> Floats:
        """Chance of each row; rows alike are looked up once."""
        return self.without(rows, "")

    def without(self, rows: Rows, name: str) -> Floats:
        """Chance of each row if nothing were said by one of `uses`."""
        stages = np.full(len(rows), NO_STAGE) if name == "stage" else _steps(rows, self.stages)
        given: dict[str, Sequence[Hashable]] = dict(zip(("owner", "amount", "customer"), _words(rows), strict=True))
        if name in given:
            given[name] = [SILENT] * len(rows)
        keys = list(zip(stages.tolist(), given["owner"], given["amount"], given["customer"], strict=True))
        known = {key: self._chance(*key) for key in set(keys)}
        return np.array([known[key] for key in keys])

    def value(self, rows: Rows, row: int, name: str) -> Hashable:
        """Return what one of `uses` is in a row."""
        chosen = rows.where(np.array([row]))
        words = dict(zip(("owner", "amount", "customer"), (one[0] for one in _words(chosen)), strict=True))
        return words.get(name, float(chosen.features["stage"][0]))

    def _chance(self, stage: int, owner: Hashable, amount: Hashable, customer: Hashable) -> float:
        found = self.table.probability(stage, {"owner": owner, "amount": amount, "customer": customer})
        return float(np.clip(self.fallback if found is None else found, SMALLEST, LARGEST))


def frequency_rung(train: Rows, labels: NDArray[np.int64], fallback: float) -> FrequencyRung:
    """Count the deals of the training rows that were decided, each as it stood in its last row."""
    stages = round(1 / float(np.nanmin(train.features["stage"]))) if len(train) else 1
    last = np.append(np.diff(train.deal[_by_deal(train)]) != 0, True) if len(train) else np.zeros(0, dtype=bool)
    rows = _by_deal(train)[last]
    chosen = train.where(rows[labels[rows] != OPEN])
    won = labels[rows[labels[rows] != OPEN]] == WON
    owners, amounts, customers = _words(chosen)
    deals = [
        ClosedDeal(int(stage), {"owner": owner, "amount": amount, "customer": customer}, bool(is_won))
        for stage, owner, amount, customer, is_won in zip(
            _steps(chosen, stages), owners, amounts, customers, won, strict=True
        )
    ]
    return FrequencyRung(frequency_table(deals, stages), fallback, stages)


def _by_deal(rows: Rows) -> NDArray[np.int64]:
    return np.lexsort((rows.snapshot, rows.deal))


def _steps(rows: Rows, stages: int) -> NDArray[np.int64]:
    """Stage as a number from zero on."""
    return np.clip(np.rint(rows.features["stage"] * stages).astype(np.int64) - 1, 0, stages - 1)


def _words(rows: Rows) -> tuple[list[Hashable], list[int], list[int]]:
    """Owner, amount band (-1: not known) and whether the customer bought before."""
    amount = rows.features["amount"]
    band = np.where(np.isnan(amount), -1, np.searchsorted(AMOUNT_BANDS, np.nan_to_num(amount)))
    owners = [rows.owners[one] for one in rows.owner]
    return owners, band.tolist(), rows.bought.tolist()
