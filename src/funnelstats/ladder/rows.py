"""As-of rows: every open deal at every snapshot week, with what could be known of it then, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from funnelstats.queries import Engine

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
DAY = 86_400
WEEK = 7 * DAY
PRIOR_CLOSINGS = 20.0
"""An owner's or a customer's past counts as if so many deals had gone as everybody's had."""
OPEN, WON, LOST, UNKNOWN = 0, 1, 2, -1
_OUTCOMES = {"open": OPEN, "won": WON, "lost": LOST, None: UNKNOWN}
_NO_ACTIVITIES = (
    "SELECT CAST(NULL AS BIGINT) AS opportunity_id, CAST(NULL AS TIMESTAMPTZ) AS happened_at,"
    " CAST(NULL AS TIMESTAMPTZ) AS recorded_at, CAST(NULL AS VARCHAR) AS state WHERE FALSE"
)


@dataclass(frozen=True, slots=True)
class Rows:
    """One entry per deal and snapshot; times are seconds since 1970, what is not known is NaN.

    `deal` numbers the opportunities of `opportunities`, `stage` the stages of `stages`, each of the process at the same
    place of `processes`. `features` holds what a model
    may use, by name. `outcome` is 0 open, 1 won, 2 lost at the end of the horizon, -1 where that has not come;
    `outcome_known` is since when it is on record. `known` and `past_known` are when the newest record was made on which
    the deal's own figures, and its owner's and customer's past, rest. `probability` is the rep's own; `owner` numbers
    `owners`; `bought` is 1 where the customer bought before, -1 where it only refused, 0 where nothing is known.
    """

    opportunities: tuple[Hashable, ...]
    stages: tuple[Hashable, ...]
    processes: tuple[Hashable, ...]
    snapshot: Ints
    deal: Ints
    stage: Ints
    features: dict[str, Floats]
    outcome: Ints
    outcome_known: Ints
    known: Ints
    past_known: Ints
    probability: Floats
    owners: tuple[Hashable, ...]
    owner: Ints
    bought: Ints
    horizon_days: int

    def __len__(self) -> int:
        return len(self.snapshot)

    def where(self, chosen: NDArray[Any]) -> Rows:
        """Only some rows; deals and stages keep their numbers."""
        cut = {
            field.name: getattr(self, field.name)[chosen]
            for field in fields(self)
            if isinstance(getattr(self, field.name), np.ndarray)
        }
        return replace(self, **cut, features={name: column[chosen] for name, column in self.features.items()})

    @property
    def weights(self) -> Floats:
        """One over the number of rows of the same deal, so that every deal counts once, however long it was open."""
        counts = np.bincount(self.deal, minlength=len(self.opportunities))
        return np.asarray(1.0 / counts[self.deal]) if len(self) else np.zeros(0)

    @property
    def horizon(self) -> int:
        """Seconds of the horizon."""
        return self.horizon_days * DAY

    def labels(self, at: int) -> Ints:
        """Return outcomes as they were on record at a moment: what was recorded later was still open then."""
        return np.where((self.outcome != OPEN) & (self.outcome_known > at), OPEN, self.outcome)


def moments_between(first: int, last: int, step: int = WEEK) -> list[int]:
    """Snapshot moments every week (or `step` seconds), counted back from `last`."""
    return list(range(last, first - 1, -step))[::-1]


def read_rows(
    engine: Engine, moments: Sequence[int], *, horizon_days: int, known_at: dt.datetime, below: str = "g"
) -> Rows:
    """Read the rows of these moments (seconds since 1970, UTC), with outcomes as on record at `known_at`.

    Input tables: stage_events, stages, opportunities (customer_id), and activities where there are any. `below` reads a
    sample of the opportunities only (`sampled_events.sql`).
    """
    engine = prepared(engine, moments)
    for part in ("sampled_events", "snapshot_states", "past_closings", "owner_pasts"):
        engine = engine.keep(part, below=below)
    found = engine.rows("deal_snapshots", below=below, horizon_days=horizon_days, known_at=known_at)
    return as_rows(found, horizon_days=horizon_days)


def prepared(engine: Engine, moments: Sequence[int]) -> Engine:
    """Give the engine the table of moments, and an empty one of activities where it has none."""
    values = ", ".join(f"({int(moment)})" for moment in moments)
    engine = engine.giving("moments", f"SELECT CAST(at AS BIGINT) AS snapshot FROM (VALUES {values}) AS given(at)")  # noqa: S608 - numbers
    return engine if "activities" in engine.tables else engine.giving("activities", _NO_ACTIVITIES)


def known_by(engine: Engine, at: dt.datetime) -> Engine:
    """Return the engine without everything that was recorded after a moment, as if the tables had been read then."""
    limit = f"coalesce(recorded_at, happened_at) <= TIMESTAMPTZ '{at.astimezone(dt.UTC).isoformat(sep=' ')}'"
    engine = engine.where("stage_events", limit)
    return engine.where("activities", limit) if "activities" in engine.tables else engine


def as_rows(found: Sequence[Sequence[Any]], *, horizon_days: int) -> Rows:
    """Turn the rows of `deal_snapshots.sql` into columns."""
    columns: list[Sequence[Any]] = list(zip(*found, strict=True)) or [()] * 30
    (
        snapshot, opportunity, stage, ordinal, stages, age, time_in_stage, moves, back_moves, skips, pushes,
        expected_day, amount, first_amount, usual_n, usual_sizes, owner_won, owner_closed, customer_won,
        customer_closed, all_won, all_closed, activities, probability, owner, process, known, past_known,
        outcome, outcome_known,
    ) = columns  # fmt: skip
    opportunities, deal = _numbered(opportunity)
    stage_ids, stage_number = _numbered(stage)
    owners, owner_number = _numbered(owner)
    at = _ints(snapshot)
    everybody = (_floats(all_won) + 1) / (_floats(all_closed) + 2)
    usual = _floats(usual_sizes) / np.maximum(_floats(usual_n), 1)
    return Rows(
        opportunities=opportunities,
        stages=stage_ids,
        processes=tuple(dict(zip(stage, process, strict=True)).values()),
        snapshot=at,
        deal=deal,
        stage=stage_number,
        features={
            "stage": _floats(ordinal) / np.maximum(_floats(stages), 1),
            "age": _floats(age) / DAY,
            "days_in_stage": _floats(time_in_stage) / DAY,
            "moves": _floats(moves),
            "back_moves": _floats(back_moves),
            "skips": _floats(skips),
            "pushes": _floats(pushes),
            "days_to_expected": _floats(expected_day) - at // DAY,
            "amount": _log(_floats(amount)) - usual,
            "amount_change": _log(_floats(amount)) - _log(_floats(first_amount)),
            "owner_rate": _drawn(owner_won, owner_closed, everybody),
            "customer_rate": _drawn(customer_won, customer_closed, everybody),
            "days_to_quarter_end": _days_to_quarter_end(at),
            "activities": _floats(activities),
        },
        outcome=np.array([_OUTCOMES[one] for one in outcome], dtype=np.int64),
        outcome_known=_ints(outcome_known),
        known=_ints(known),
        past_known=_ints(past_known),
        probability=_floats(probability),
        owners=owners,
        owner=owner_number,
        bought=np.where(_floats(customer_won) > 0, 1, -np.sign(_floats(customer_closed))).astype(np.int64),
        horizon_days=horizon_days,
    )


def _numbered(values: Sequence[Any]) -> tuple[tuple[Hashable, ...], Ints]:
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return tuple(places), np.array([places[value] for value in values], dtype=np.int64)


def _floats(values: Sequence[Any]) -> Floats:
    return np.array([np.nan if one is None else float(one) for one in values], dtype=np.float64)


def _ints(values: Sequence[Any]) -> Ints:
    return np.array([0 if one is None else int(one) for one in values], dtype=np.int64)


def _log(amounts: Floats) -> Floats:
    positive = np.nan_to_num(amounts) > 0
    return np.where(positive, np.log(np.where(positive, amounts, 1.0)), np.nan)


def _drawn(won: Sequence[Any], closed: Sequence[Any], everybody: Floats) -> Floats:
    """Past rate, drawn towards everybody's at the time."""
    return np.asarray((_floats(won) + PRIOR_CLOSINGS * everybody) / (_floats(closed) + PRIOR_CLOSINGS))


def _days_to_quarter_end(at: Ints) -> Floats:
    days = (at // DAY).astype("datetime64[D]")
    quarter = days.astype("datetime64[M]").astype(np.int64) // 3
    ends = ((quarter + 1) * 3).astype("datetime64[M]").astype("datetime64[D]")
    left: Ints = (ends - days).astype(np.int64)
    return left.astype(np.float64)
