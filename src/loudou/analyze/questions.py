"""The questions an export can answer about its past: a query of `funnelstats` each, and what follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from funnelstats.durations import Cycle, sales_cycle
from funnelstats.evidence import Difference, corrected, difference
from funnelstats.pooling import PooledRate, pool
from funnelstats.queries import Engine
from funnelstats.segments import segment_rates
from funnelstats.zombies import Zombies, zombies
from loudou.analyze.deals import Deals
from loudou.analyze.tables import moment

GROUPS = ("owner", "team", "product", "kind", "source", "customer")
_SEGMENTS = {"kind": "kind"}
"""Columns of the opportunities that are not called <group>_id."""

AGE_BANDS = ((0, 30), (30, 60), (60, 90), (90, 100_000))
MOST_COHORTS = 12
MOST_TIMED = 2_000
"""Of more members than that each has few deals: closed ones are counted, without the times of the open ones."""


@dataclass(frozen=True, slots=True)
class StageRow:
    """Open deals of one stage: how many and for how much (None where no amount is known)."""

    stage: str
    deals: int
    amount: float | None


@dataclass(frozen=True, slots=True)
class CohortRow:
    """Deals opened in one quarter, and what became of them by now."""

    quarter: dt.date
    opened: int
    won: int
    lost: int
    open: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Deals of one owner (product, customer): outcomes, and the rate among decided ones, raw and pooled."""

    name: str
    won: int
    lost: int
    open: int
    rate: PooledRate

    @property
    def raw(self) -> float | None:
        """Won / (won + lost)."""
        return self.won / (self.won + self.lost) if self.won + self.lost else None


@dataclass(frozen=True, slots=True)
class Group:
    """All members of a group, those with most deals first, and whether they differ at all.

    `zombie_difference` is whether they differ in leaving deals open for too long; None where times are not known.
    """

    rows: tuple[GroupRow, ...]
    difference: Difference
    zombie_difference: Difference | None = None


def outcomes(deals: Deals) -> dict[str, int]:
    """Count deals by outcome: won, lost, open."""
    found = dict(deals.engine.execute("SELECT outcome, count(*) FROM deals GROUP BY outcome").fetchall())
    return {name: int(found.get(name, 0)) for name in ("won", "lost", "open")}


def currency(deals: Deals) -> str | None:
    """The one currency that the files name; None where they name none, or several."""
    found = deals.engine.execute("SELECT DISTINCT currency FROM deals WHERE currency IS NOT NULL LIMIT 2").fetchall()
    return str(found[0][0]) if len(found) == 1 else None


def words(deals: Deals) -> dict[str, tuple[str, ...]]:
    """Which stages were taken for won, lost and open, the most frequent first."""
    rows = deals.engine.execute(
        "SELECT outcome, stage, count(*) FROM deals WHERE stage IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC, 2"
    ).fetchall()
    return {name: tuple(stage for outcome, stage, _n in rows if outcome == name) for name in ("won", "lost", "open")}


def funnel(deals: Deals) -> list[StageRow]:
    """Open deals by stage, the fullest first: an export does not tell the order of stages."""
    rows = deals.engine.execute(
        "SELECT coalesce(stage, ''), count(*), sum(amount) FROM deals"
        " WHERE outcome = 'open' GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return [StageRow(stage, count, amount) for stage, count, amount in rows]


def cohorts(deals: Deals) -> list[CohortRow]:
    """What became of the deals of each quarter of opening; the last twelve quarters, the latest last."""
    rows = deals.engine.execute(
        "SELECT CAST(date_trunc('quarter', opened_on) AS DATE), count(*), count(*) FILTER (WHERE outcome = 'won'),"
        " count(*) FILTER (WHERE outcome = 'lost'), count(*) FILTER (WHERE outcome = 'open')"
        f" FROM deals WHERE opened_on IS NOT NULL GROUP BY 1 ORDER BY 1 DESC LIMIT {MOST_COHORTS}"
    ).fetchall()
    return [CohortRow(*row) for row in reversed(rows)]


def history(deals: Deals, engine: Engine) -> tuple[Zombies, Cycle]:
    """The official win rate (`Zombies.official`) with deals that nobody closed told apart, and the sales cycle."""
    at = moment(deals)
    rows = [row[1:] for row in engine.rows("segment_outcomes", as_of=at)]
    return zombies(rows, as_of=deals.as_of), sales_cycle(rows, as_of=deals.as_of)


def groups(deals: Deals, engine: Engine) -> dict[str, Group]:
    """Rates by owner, product and customer, pooled; tests are corrected for asking so many times."""
    found = {column: _group(deals, engine, column) for column in GROUPS}
    judged = corrected({column: group.difference for column, group in found.items()})
    return {column: Group(group.rows, judged[column], group.zombie_difference) for column, group in found.items()}


def _group(deals: Deals, engine: Engine, column: str) -> Group:
    rows = deals.engine.execute(
        f"""
        SELECT {column}, count(*) FILTER (WHERE outcome = 'won'), count(*) FILTER (WHERE outcome = 'lost'),
               count(*) FILTER (WHERE outcome = 'open')
        FROM deals WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1
        """
    ).fetchall()
    if not any(won + lost for _name, won, lost, _open in rows):
        return Group((), Difference("none", None, ""))
    counted = {name: (won, won + lost) for name, won, lost, _open in rows}
    if len(rows) <= MOST_TIMED:
        by = engine.segmented(_SEGMENTS.get(column, f"{column}_id"))
        timed = segment_rates(by.rows("segment_outcomes", as_of=moment(deals)), as_of=moment(deals))
        pooled = {line.segment: line.pooled for line in timed.rows if line.pooled is not None}
        if 2 * len(pooled) > len(rows):
            # Who has no deal whose times are known goes by closed deals alone.
            pooled = {**pool(counted), **pooled} if len(pooled) < len(rows) else pooled
            return _group_of(rows, pooled, timed.difference, timed.zombie_difference)
    return _group_of(rows, pool(counted), difference(counted, as_of=moment(deals)), None)


def _group_of(
    rows: Sequence[tuple[Any, ...]],
    pooled: Mapping[Any, PooledRate],
    answer: Difference,
    forgotten: Difference | None,
) -> Group:
    return Group(
        tuple(GroupRow(name, won, lost, still_open, pooled[name]) for name, won, lost, still_open in rows),
        answer,
        forgotten,
    )


def by_age(deals: Deals) -> Difference:
    """Whether the win rate of closed deals depends on how old they were when they closed."""
    rows = deals.engine.execute(
        "SELECT date_diff('day', opened_on, closed_on) AS age, outcome, count(*) FROM deals"
        " WHERE outcome <> 'open' AND closed_on >= opened_on GROUP BY ALL"
    ).fetchall()
    counted = {band: [0, 0] for band in AGE_BANDS}
    for age, outcome, count in rows:
        band = next(band for band in AGE_BANDS if band[0] <= age < band[1])
        counted[band][0] += count if outcome == "won" else 0
        counted[band][1] += count
    return difference({band: (won, n) for band, (won, n) in counted.items()}, as_of=moment(deals))


def by_quarter_month(deals: Deals) -> Difference:
    """Whether deals that close in the last month of a quarter are won at another rate than others."""
    rows: list[tuple[Any, ...]] = deals.engine.execute(
        "SELECT (month(closed_on) - 1) % 3, count(*) FILTER (WHERE outcome = 'won'), count(*)"
        " FROM deals WHERE outcome <> 'open' AND closed_on IS NOT NULL GROUP BY 1"
    ).fetchall()
    return difference({month: (won, n) for month, won, n in rows}, as_of=moment(deals))
