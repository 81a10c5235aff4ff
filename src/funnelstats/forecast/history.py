"""All that a forecast needs of the past, reduced by the engine to a few thousand counts (`sql/`)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from funnelstats.queries import Engine

Floats = NDArray[np.float64]
LANDMARKS = (0, 7, 14, 28, 56, 91, 182, 365)
"""Days in a stage at which `stage_landmarks.sql` looks again."""
AMOUNTS_OF = dt.timedelta(days=730)
DAY = 86_400
_EPOCH = dt.date(1970, 1, 1)
_NONE = np.zeros(0)


@dataclass(frozen=True, slots=True)
class Curve:
    """What became of opportunities, by whole days since some moment of each; ascending days."""

    days: Floats = field(default_factory=lambda: _NONE)
    won: Floats = field(default_factory=lambda: _NONE)
    lost: Floats = field(default_factory=lambda: _NONE)
    undecided: Floats = field(default_factory=lambda: _NONE)

    @property
    def n(self) -> float:
        """How many opportunities."""
        return float(self.won.sum() + self.lost.sum() + self.undecided.sum())


@dataclass(frozen=True, slots=True)
class Flow:
    """Day by day, from day number `first` (days since 1970) on: opened, won and lost opportunities, and won amounts."""

    first: int
    opened: Floats
    won: Floats
    lost: Floats
    won_amount: Floats

    @property
    def end(self) -> int:
        """Day number after the last one."""
        return self.first + len(self.opened)

    @property
    def open_before(self) -> Floats:
        """Return how many opportunities were open at the beginning of each day."""
        return np.asarray(np.cumsum(self.opened - self.won - self.lost) - (self.opened - self.won - self.lost))


@dataclass(frozen=True, slots=True)
class OrderFlow:
    """Day by day from day number `first` on: orders without an opportunity, what they brought, customers that came.

    `worth` are the mean amounts of classes of recent orders, `counts` how many orders each has.
    """

    first: int
    orders: Floats
    amount: Floats
    customers: Floats
    worth: Floats = field(default_factory=lambda: _NONE)
    counts: Floats = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class Standing:
    """Open opportunities: stage, days in it, amount and days to the expected date (NaN: not known), how many alike."""

    stages: Sequence[Hashable] = ()
    days: Floats = field(default_factory=lambda: _NONE)
    amounts: Floats = field(default_factory=lambda: _NONE)
    expected_in: Floats = field(default_factory=lambda: _NONE)
    counts: Floats = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Classes of decided amounts: mean logarithm, how many were won and lost, what the won ones brought."""

    logs: Floats = field(default_factory=lambda: _NONE)
    won: Floats = field(default_factory=lambda: _NONE)
    lost: Floats = field(default_factory=lambda: _NONE)
    won_amount: Floats = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class Revision:
    """Logarithm of final over present amount of won opportunities that were in a stage: how many, mean, deviation."""

    n: int
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class History:
    """One population's past and present as known at the beginning of day number `day` (days since 1970)."""

    day: int
    flow: Flow
    opening: Curve
    stages: Mapping[Hashable, Sequence[Curve]]
    standing: Standing
    amounts: Amounts
    revisions: Mapping[Hashable, Revision] = field(default_factory=dict)
    orders: OrderFlow | None = None

    def brought(self, start: int, end: int) -> float:
        """Amount won and ordered on the days from `start` to `end` - 1."""
        flow, orders = self.flow, self.orders
        total = float(flow.won_amount[max(start - flow.first, 0) : max(end - flow.first, 0)].sum())
        if orders is not None:
            total += float(orders.amount[max(start - orders.first, 0) : max(end - orders.first, 0)].sum())
        return total

    @property
    def closed(self) -> int:
        """How many opportunities were decided."""
        return int(self.flow.won.sum() + self.flow.lost.sum())


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def date_of(day: int) -> dt.date:
    """Date of a day number."""
    return _EPOCH + dt.timedelta(days=day)


def read_histories(engine: Engine, as_of: dt.date, *, with_orders: bool = False) -> dict[Hashable, History]:
    """Read every segment's history as known at the beginning (UTC) of a day.

    Input tables: stage_events, opportunities, segments(opportunity_id, segment): populations that each have laws of
    their own, such as sales processes; one constant for everything together. With orders also customer_orders (see
    `order_flow.sql`). Nothing that was recorded later is seen. What the caller has kept already
    (`Engine.keep` at the beginning of that day, for both parameters) is not found again.
    """
    at = dt.datetime.combine(as_of, dt.time(), tzinfo=dt.UTC)
    given: dict[str, Any] = {"as_of": at, "known_at": at}
    for shared in ("known_events", "episodes", "last_known"):
        engine = engine if shared in engine.tables else engine.keep(shared, **given)
    day = day_number(as_of)
    flows = _by_segment(engine.rows("daily_flow", **given))
    openings = _by_segment(engine.rows("segment_outcomes", **given))
    landmarks = _by_segment(engine.rows("stage_landmarks", **given))
    standing = _by_segment(engine.rows("open_deals", **given))
    since = at - AMOUNTS_OF
    amounts = _by_segment(engine.rows("decided_amounts", **given, since=since))
    revisions = _by_segment(engine.rows("amount_revisions", **given))
    orders = _by_segment(engine.rows("order_flow", **given)) if with_orders else {}
    worth = _by_segment(engine.rows("order_amounts", **given, since=since)) if with_orders else {}
    return {
        segment: History(
            day=day,
            flow=_flow(rows, day),
            opening=_curve(openings.get(segment, [])),
            stages=_stages(landmarks.get(segment, [])),
            standing=_standing(standing.get(segment, [])),
            amounts=_amounts(amounts.get(segment, [])),
            revisions=_revisions(revisions.get(segment, [])),
            orders=_order_flow(orders.get(segment, []), worth.get(segment, []), day),
        )
        for segment, rows in flows.items()
    }


def read_stages(engine: Engine, at: dt.datetime, *, below: str = "g") -> dict[Hashable, Sequence[Curve]]:
    """Read only what became of deals by stage and landmark as known at a moment, all segments together.

    `below` reads a sample of the opportunities only (`sampled_events.sql`).
    """
    engine = engine.segmented("1")
    if below != "g":
        engine = engine.where("stage_events", f"md5(CAST(opportunity_id AS VARCHAR)) < '{below}'")
    given: dict[str, Any] = {"as_of": at, "known_at": at}
    for shared in ("known_events", "episodes"):
        engine = engine.keep(shared, **given)
    return _stages([row[1:] for row in engine.rows("stage_landmarks", **given)])


def _by_segment(rows: Iterable[Sequence[Any]]) -> dict[Hashable, list[Sequence[Any]]]:
    found: dict[Hashable, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1:])
    return found


def _columns(rows: Sequence[Sequence[Any]], width: int) -> Floats:
    """Rows as columns of numbers; what is not known is NaN."""
    return np.array([[np.nan if x is None else float(x) for x in row] for row in rows]).reshape(-1, width).T


def _flow(rows: Sequence[Sequence[Any]], day: int) -> Flow:
    columns = _columns(rows, 5)
    first = int(columns[0].min())
    length = max(day - first, int(columns[0].max()) - first + 1)
    place = (columns[0] - first).astype(np.int64)
    opened, won, lost, amount = (np.bincount(place, one, length).astype(np.float64) for one in columns[1:])
    return Flow(first, opened, won, lost, amount)


def _order_flow(rows: Sequence[Sequence[Any]], worth: Sequence[Sequence[Any]], day: int) -> OrderFlow | None:
    if not rows:
        return None
    days, *figures = _columns(rows, 4)
    first = int(days.min())
    place = (days - first).astype(np.int64)
    length = max(day - first, int(place.max()) + 1)
    _level, counts, amount = _columns(worth, 3)
    orders, brought, customers = (np.bincount(place, one, length).astype(np.float64) for one in figures)
    return OrderFlow(first, orders, brought, customers, amount / np.maximum(counts, 1), counts)


def _curve(rows: Sequence[Sequence[Any]]) -> Curve:
    """Rows (days, won, lost, undecided, ...)."""
    columns = np.array([row[:4] for row in rows], dtype=np.float64).reshape(-1, 4).T
    return Curve(*columns)


def _stages(rows: Sequence[Sequence[Any]]) -> dict[Hashable, Sequence[Curve]]:
    cells: dict[Hashable, dict[int, list[Sequence[Any]]]] = defaultdict(lambda: defaultdict(list))
    for stage, landmark, *counts in rows:
        cells[stage][landmark].append(counts)
    return {stage: [_curve(found.get(age, [])) for age in LANDMARKS] for stage, found in cells.items()}


def _standing(rows: Sequence[Sequence[Any]]) -> Standing:
    if not rows:
        return Standing()
    days, amounts, expected_in, counts = _columns([row[1:] for row in rows], 4)
    return Standing([row[0] for row in rows], np.maximum(days, 0), amounts, expected_in, counts)


def _amounts(rows: Sequence[Sequence[Any]]) -> Amounts:
    level, won, lost, amount = _columns(rows, 4)
    return Amounts((level + 0.5) / 50, won, lost, amount)


def _revisions(rows: Sequence[Sequence[Any]]) -> dict[Hashable, Revision]:
    found = {}
    for stage, n, total, squares in rows:
        mean = float(total) / n
        variance = max(float(squares) / n - mean**2, 0.0) * n / max(n - 1, 1)
        found[stage] = Revision(int(n), mean, float(np.sqrt(variance)))
    return found
