"""What to do first: the open deals in the order of work, and whether enough new ones come in (`funnelstats`).

An export does not tell whom one has met, so every open deal stands above the funnel there, and the order within a place
decides: chance to be won within the horizon times amount. Chances come from the ladder of models.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from funnelstats.forecast.business import LEVEL_DAYS
from funnelstats.forecast.history import History
from funnelstats.ladder import Ladder, Reason, chances_now, climb
from funnelstats.queries import Engine
from funnelstats.winrates import WinRate
from funnelstats.workorder import Inflow, Objective, Place, needed_inflow, work_order
from loudou.analyze.deals import LABEL, Deals
from loudou.analyze.outlook import Outlook, label
from loudou.analyze.tables import moment

MOST_LEARNED_FROM = 2_000
MOST_JUDGED = 5_000
"""Of more open deals only so many, those with the largest amounts, are given a chance of their own."""

MOST = 15
_JUDGED = f"""opportunity_id NOT IN (SELECT place FROM deals WHERE outcome = 'open') OR opportunity_id IN (
    SELECT place FROM deals WHERE outcome = 'open' AND opened_on IS NOT NULL
    ORDER BY amount DESC NULLS LAST, opened_on DESC, place LIMIT {MOST_JUDGED})"""


@dataclass(frozen=True, slots=True)
class FirstDeal:
    """An open deal: its chance to be won within the horizon, the strongest reasons, and what it is worth on average."""

    label: str
    owner: str
    stage: str
    amount: float | None
    chance: float
    reasons: tuple[Reason, ...]
    worth: float
    place: Place


class _Told(NamedTuple):
    label: str
    owner: str
    stage: str
    amount: float | None


@dataclass(frozen=True, slots=True)
class First:
    """The first deals in the order of work, the ladder behind their chances, and the inflow of new deals.

    `repeat` is what the same quarter brought a year before, `repeat_period` the quarter in which to bring that again;
    None where the history is too short.
    """

    deals: tuple[FirstDeal, ...]
    ladder: Ladder | None
    inflow: Inflow | None
    repeat: float | None
    repeat_period: str | None


def first(deals: Deals, engine: Engine, outlook: Outlook, rate: WinRate) -> First:
    """Climb the ladder on the file's deals, put the open ones in order, and compare inflow with what is needed."""
    at = moment(deals)
    ladder = climb(engine, at, most=MOST_LEARNED_FROM)
    usual = _usual_amount(outlook.history)
    order: tuple[FirstDeal, ...] = ()
    if ladder is not None:
        chances = {one.opportunity: one for one in chances_now(ladder, engine.where("stage_events", _JUDGED), at)}
        worth = _amounts(deals)
        ordered = work_order(
            [
                Objective(place, has_hint=True, win_probability=one.chance, value=worth.get(place) or usual)
                for place, one in chances.items()
            ],
            median_cycle_days=0.0,
        )[:MOST]
        told = _told(deals, [one.key for _where, one in ordered])
        order = tuple(
            FirstDeal(
                **told[one.key]._asdict(),
                chance=chances[one.key].chance,
                reasons=chances[one.key].reasons,
                worth=chances[one.key].chance * one.value,
                place=where,
            )
            for where, one in ordered
        )
    return First(order, ladder, *_inflow(outlook, rate, usual))


def _usual_amount(history: History | None) -> float:
    """Mean amount of won deals; nothing where none is known."""
    if history is None or not history.amounts.won.sum():
        return 0.0
    return float(history.amounts.won_amount.sum() / history.amounts.won.sum())


def _amounts(deals: Deals) -> dict[Hashable, float]:
    rows = deals.engine.execute(
        "SELECT place, amount FROM deals WHERE outcome = 'open' AND amount > 0 AND opened_on IS NOT NULL"
        f" ORDER BY amount DESC, opened_on DESC, place LIMIT {MOST_JUDGED}"
    ).fetchall()
    return dict(rows)


def _told(deals: Deals, places: Sequence[object]) -> dict[object, _Told]:
    """What the file calls these deals."""
    rows = deals.engine.execute(
        f"SELECT place, {LABEL}, coalesce(owner, ''), coalesce(stage, ''), amount"
        " FROM deals WHERE list_contains($places, place)",
        {"places": list(places)},
    ).fetchall()
    return {row[0]: _Told(*row[1:]) for row in rows}


def _inflow(outlook: Outlook, rate: WinRate, usual: float) -> tuple[Inflow | None, float | None, str | None]:
    """New deals a week in the last eight weeks, and how many would bring the next quarter what it brought last year."""
    if outlook.history is None or not outlook.forecasts:
        return None, None, None
    found, flow = outlook.forecasts[-1].prospect, outlook.history.flow
    if found.naive is None or rate.value is None:
        return None, None, None
    weeks = (found.end - found.as_of).days / 7
    needed = needed_inflow(found.naive - found.calibrated, rate.value, usual, weeks)
    entered = int(flow.opened[-LEVEL_DAYS:].sum())
    return Inflow(entered, LEVEL_DAYS / 7, needed), found.naive, label(found.start)
