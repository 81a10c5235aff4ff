"""The questions an export can answer: each a query that reduces, and an inference from `funnelstats`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from funnelstats.pooling import Difference, PooledRate, difference, pool
from funnelstats.survival import CompetingRisks, competing_risks
from funnelstats.winrates import WinRate, win_rate
from loudou.analyze.deals import Deals

GROUPS = ("owner", "product", "customer")
AGE_BANDS = ((0, 30), (30, 60), (60, 90), (90, 100_000))


@dataclass(frozen=True, slots=True)
class StageRow:
    """Open deals of one stage: how many and for how much (None where no amount is known)."""

    stage: str
    deals: int
    amount: float | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Deals of one owner (product, customer): outcomes, and the rate among closed ones, raw and pooled."""

    name: str
    won: int
    lost: int
    open: int
    rate: PooledRate


@dataclass(frozen=True, slots=True)
class Group:
    """All members of a group, largest first, and whether they differ at all."""

    rows: tuple[GroupRow, ...]
    difference: Difference


@dataclass(frozen=True, slots=True)
class Cycle:
    """Days from opening to a win, among deals that are won: median and 80th percentile; None with too few wins."""

    median: float | None
    p80: float | None
    n: int


@dataclass(frozen=True, slots=True)
class StaleDeal:
    """An open deal that is older than nearly all deals ever won were."""

    label: str
    owner: str
    stage: str
    age: int
    amount: float | None


def outcomes(deals: Deals) -> dict[str, int]:
    """Count deals by outcome: won, lost, open."""
    found = dict(deals.engine.execute("SELECT outcome, count(*) FROM deals GROUP BY outcome").fetchall())
    return {name: int(found.get(name, 0)) for name in ("won", "lost", "open")}


def funnel(deals: Deals) -> list[StageRow]:
    """Open deals by stage, the fullest first: an export does not tell the order of stages."""
    rows = deals.engine.execute(
        "SELECT coalesce(stage, ''), count(*), sum(amount) FROM deals"
        " WHERE outcome = 'open' GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return [StageRow(stage, count, amount) for stage, count, amount in rows]


def ages(deals: Deals, *, as_of: dt.date, where: str = "TRUE") -> list[tuple[int, int, int, int]]:
    """Rows (days, won, lost, undecided) as known on a day: what was closed later is still undecided then."""
    return deals.engine.execute(
        f"""
        SELECT date_diff('day', opened_on, least(coalesce(closed_on, $as_of), $as_of)) AS days,
               count(*) FILTER (WHERE outcome = 'won' AND closed_on <= $as_of),
               count(*) FILTER (WHERE outcome = 'lost' AND closed_on <= $as_of),
               count(*) FILTER (WHERE outcome = 'open' OR closed_on > $as_of)
        FROM deals
        WHERE opened_on <= $as_of AND (outcome = 'open' OR closed_on >= opened_on) AND {where}
        GROUP BY days ORDER BY days
        """,
        {"as_of": as_of},
    ).fetchall()


def curves(rows: Iterable[tuple[int, int, int, int]]) -> CompetingRisks:
    """Competing-risk curves of counted ages."""
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return competing_risks(columns[0], columns[1], columns[2], columns[3])


def official_rate(deals: Deals) -> WinRate:
    """The official win rate of all deals, from opening."""
    return win_rate(ages(deals, as_of=deals.as_of))


def cycle(deals: Deals) -> Cycle:
    """Percentiles of the time to a win among the deals that are won, open ones taken into account."""
    found = curves(ages(deals, as_of=deals.as_of))
    won = outcomes(deals)["won"]
    if won < 10 or not len(found.times) or not found.won[-1]:  # noqa: PLR2004
        return Cycle(None, None, won)
    reached = {part: found.times[(found.won >= part * found.won[-1]).argmax()] for part in (0.5, 0.8)}
    return Cycle(float(reached[0.5]), float(reached[0.8]), won)


def group(deals: Deals, column: str) -> Group:
    """Outcomes and rates by owner, product or customer. Raises ValueError for another column."""
    if column not in GROUPS:
        raise ValueError(f"deals are grouped by one of {GROUPS}")
    rows = deals.engine.execute(
        f"""
        SELECT {column}, count(*) FILTER (WHERE outcome = 'won'), count(*) FILTER (WHERE outcome = 'lost'),
               count(*) FILTER (WHERE outcome = 'open')
        FROM deals WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1
        """
    ).fetchall()
    counted = {name: (won, won + lost) for name, won, lost, _open in rows}
    if not any(n for _won, n in counted.values()):
        return Group((), Difference("none", None, ""))
    rates = pool(counted)
    return Group(
        tuple(GroupRow(name, won, lost, still_open, rates[name]) for name, won, lost, still_open in rows),
        difference(counted),
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
    return difference({band: (won, n) for band, (won, n) in counted.items()})


def by_quarter_month(deals: Deals) -> Difference:
    """Whether deals that close in the last month of a quarter are won at another rate than others."""
    rows = deals.engine.execute(
        "SELECT (month(closed_on) - 1) % 3, count(*) FILTER (WHERE outcome = 'won'), count(*)"
        " FROM deals WHERE outcome <> 'open' AND closed_on IS NOT NULL GROUP BY 1"
    ).fetchall()
    return difference({month: (won, n) for month, won, n in rows})


def stale(deals: Deals, *, most: int = 20) -> tuple[int, int | None, list[StaleDeal]]:
    """Open deals older than 99 % of the deals that were won: how many, the limit in days, and the largest of them."""
    [(limit, won)] = deals.engine.execute(
        "SELECT quantile_cont(date_diff('day', opened_on, closed_on), 0.99), count(*)"
        " FROM deals WHERE outcome = 'won' AND closed_on >= opened_on"
    ).fetchall()
    if limit is None or won < 20:  # noqa: PLR2004
        return 0, None, []
    condition = "outcome = 'open' AND date_diff('day', opened_on, $as_of) > $limit"
    given: dict[str, Any] = {"as_of": deals.as_of, "limit": limit}
    [(count,)] = deals.engine.execute(f"SELECT count(*) FROM deals WHERE {condition}", given).fetchall()
    rows = deals.engine.execute(
        "SELECT coalesce(subject, customer, id, ''), coalesce(owner, ''), coalesce(stage, ''),"
        f" date_diff('day', opened_on, $as_of), amount FROM deals WHERE {condition}"
        f" ORDER BY amount DESC NULLS LAST, 4 DESC, place LIMIT {most}",
        given,
    ).fetchall()
    return count, int(limit), [StaleDeal(*row) for row in rows]
