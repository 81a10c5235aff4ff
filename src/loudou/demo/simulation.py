"""Three years, day by day: sales are opened and played, people leave, customers and sales are handed over."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from random import Random
from typing import Any

from loudou.customers.choices import OwnerChangeCause
from loudou.demo import calendar
from loudou.demo.course import Course
from loudou.demo.market import Client, Market
from loudou.demo.opening import Opening
from loudou.demo.sale import Act, ProcessInfo, Sale, Verb
from loudou.demo.staff import Rep, Staff
from loudou.demo.words import Teller, goods

SALES_IN_THREE_YEARS = 2_300
LEARNING_DAYS = 75
"""For so long a newcomer opens half as many sales."""
_CLOSING = (Verb.WIN, Verb.LOSE, Verb.DROP)


@dataclass(slots=True)
class Story:
    """What happened: all sales in the order in which they were opened, with the acts that lie before today."""

    sales: list[Sale] = field(default_factory=list)
    customer_members: set[tuple[int, int]] = field(default_factory=set)


def simulate(
    random: Random,
    tell: Teller,
    staff: Staff,
    offer: Market,
    *,
    processes: tuple[ProcessInfo, ProcessInfo],
    loss_reason_ids: list[int],
    start: dt.date,
    today: dt.date,
) -> Story:
    """Play three years. Owner changes of customers are added to `offer` as they happen."""
    opening = Opening(random, tell, offer, processes, staff.reps)
    portfolio: dict[int, list[Client]] = {rep.user_id: [] for rep in staff.reps}
    for client in offer.clients:
        portfolio[client.owner.user_id].append(client)
    days = [start + dt.timedelta(days=number) for number in range((today - start).days)]
    per_weight = SALES_IN_THREE_YEARS / sum(calendar.opening_weight(day, start=start) for day in days)
    midnight = dt.datetime.combine(today, dt.time(), tzinfo=calendar.TIME_ZONE)
    wins: list[tuple[dt.datetime, Client]] = []
    story = Story()
    for day in days:
        for rep in staff.reps:
            if rep.left_on == day:
                _hand_over(random, tell, rep, day, portfolio=portfolio, story=story, offer=offer)
        morning = dt.datetime.combine(day, dt.time(), tzinfo=calendar.TIME_ZONE)
        for won_at, client in [win for win in wins if win[0] < morning]:
            client.won += 1
            wins.remove((won_at, client))
        for _ in range(_poisson(random, per_weight * calendar.opening_weight(day, start=start))):
            rep = _who(random, staff.reps, day)
            known = [client for client in portfolio[rep.user_id] if client.since <= day]
            if not known:
                continue
            client = random.choices(known, [client.scale * (1 + min(client.won, 4)) for client in known])[0]
            sale = opening.sale(rep, client, day)
            is_won_at = Course(random, tell, sale, loss_reason_ids=loss_reason_ids).play()
            if is_won_at is not None:
                wins.append((is_won_at, client))
            story.sales.append(sale)
    story.sales.sort(key=lambda sale: sale.opened_at)
    for sale in story.sales:
        sale.acts = [act for act in sale.acts if act.at < midnight]
        story.customer_members |= {(sale.client.id, user_id) for user_id, _ in sale.members}
    return story


def _poisson(random: Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count


def _who(random: Random, reps: list[Rep], day: dt.date) -> Rep:
    there = [rep for rep in reps if rep.works_on(day)]
    learning = dt.timedelta(days=LEARNING_DAYS)
    return random.choices(there, [rep.law.capacity * (0.5 if day - rep.joined_on < learning else 1) for rep in there])[
        0
    ]


def _hand_over(
    random: Random,
    tell: Teller,
    leaver: Rep,
    day: dt.date,
    *,
    portfolio: dict[int, list[Client]],
    story: Story,
    offer: Market,
) -> None:
    """The manager gives a leaver's customers and open sales to a colleague; later acts are the colleague's."""
    successor = leaver.successor
    assert successor is not None  # noqa: S101 - every leaver has one, see staff
    at = calendar.during(day, random)
    reason = tell(goods.LEAVER_NOTE)
    for client in portfolio[leaver.user_id]:
        client.owner = successor
        row = offer.customers[client.id - 1]
        row |= {"owner_id": successor.user_id, "updated_at": at, "version": 2}
        offer.owner_changes.append({
            "id": 0, "customer_id": client.id, "from_owner_id": leaver.user_id, "to_owner_id": successor.user_id,
            "at": at, "actor_id": leaver.manager_id, "cause": OwnerChangeCause.HANDOVER, "reason": reason,
        })  # fmt: skip
    for contact in offer.contacts:
        if contact.get("owner_id") == leaver.user_id:
            contact["owner_id"] = successor.user_id
    portfolio[successor.user_id] += portfolio[leaver.user_id]
    portfolio[leaver.user_id] = []
    for sale in story.sales:
        if sale.owner is leaver:
            _give(sale, leaver, successor, at, reason)


def _give(sale: Sale, leaver: Rep, successor: Rep, at: dt.datetime, reason: str) -> None:
    earlier = [act for act in sale.acts if act.at < at]
    state_ended = [act for act in earlier if act.verb in (*_CLOSING, Verb.REOPEN)]
    is_closed = bool(state_ended) and state_ended[-1].verb in _CLOSING
    later = [act._replace(actor_id=successor.user_id) for act in sale.acts if act.at >= at]
    if is_closed and not later:
        return
    assigned: dict[str, Any] = {"owner_id": successor.user_id, "note": reason}
    sale.acts = [*earlier, Act(at, leaver.manager_id, Verb.ASSIGN, assigned), *later]
    sale.members = [(user_id, split) for user_id, split in sale.members if user_id != successor.user_id]
