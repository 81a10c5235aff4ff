"""A world as the tables a sales system would hold on a day (`schemas.py`), column by column."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from funnelstats.simulation.world import World

Columns = Mapping[str, NDArray[np.generic]]
STAGES_PER_COMPANY = 10
REPS_PER_COMPANY = 100
_STATES = np.array(["open", "won", "lost"])
_NEVER = np.datetime64("NaT")


def tables(world: World, *, as_of: int | None = None) -> dict[str, Columns]:
    """Return `opportunities`, `stages`, `stage_events` and `transactions` with what happened up to a day number.

    Stage k of company c (both from zero) has the id 10 c + k + 1, rep r the id 100 c + r + 1. Instants are at noon UTC.
    """
    day = len(world.days.quarter) - 1 if as_of is None else as_of
    return {
        "stages": _stages(world),
        "opportunities": _opportunities(world, day),
        "stage_events": _stage_events(world, day),
        "transactions": _transactions(world, day),
    }


def _instants(world: World, days: NDArray[np.int64]) -> NDArray[np.datetime64]:
    return np.datetime64(world.days.start, "s") + days * np.timedelta64(86_400, "s") + np.timedelta64(43_200, "s")


def _dates(world: World, days: NDArray[np.int64]) -> NDArray[np.datetime64]:
    return np.datetime64(world.days.start, "D") + days


def _stages(world: World) -> Columns:
    company = np.repeat(np.arange(len(world.companies)), [one.stages for one in world.companies])
    ordinal = np.concatenate([np.arange(1, one.stages + 1) for one in world.companies])
    return {"stage_id": company * STAGES_PER_COMPANY + ordinal, "process_id": company + 1, "ordinal": ordinal}


def _stage_events(world: World, day: int) -> Columns:
    events = world.events
    known = np.nonzero(events.day <= day)[0]
    deal = events.deal[known]
    company = world.deals.company[deal]
    return {
        "opportunity_id": deal + 1,
        "seq": known,
        "happened_at": _instants(world, events.day[known]),
        "recorded_at": _instants(world, events.day[known]),
        "stage_id": company * STAGES_PER_COMPANY + events.stage[known] + 1,
        "state": _STATES[events.state[known]],
        "amount": events.amount[known],
        "expected_on": _dates(world, events.expected[known]),
        "owner_id": company * REPS_PER_COMPANY + world.deals.rep[deal] + 1,
        "probability": events.probability[known],
    }


def _opportunities(world: World, day: int) -> Columns:
    deals, events = world.deals, world.events
    known = np.nonzero(events.day <= day)[0]
    # Events are in the order of deals: the last known one of a deal stands before the next deal's first.
    last = known[np.append(np.nonzero(np.diff(events.deal[known]))[0], len(known) - 1)] if len(known) else known
    deal = events.deal[last]
    company = deals.company[deal]
    is_closed = events.state[last] != 0
    return {
        "opportunity_id": deal + 1,
        "created_at": _instants(world, deals.opened[deal]),
        "closed_at": np.where(is_closed, _instants(world, events.day[last]), _NEVER),
        "outcome": _STATES[events.state[last]],
        "amount": events.amount[last],
        "expected_on": _dates(world, events.expected[last]),
        "process_id": company + 1,
        "stage_id": company * STAGES_PER_COMPANY + events.stage[last] + 1,
        "owner_id": company * REPS_PER_COMPANY + deals.rep[deal] + 1,
        "customer_id": deals.customer[deal] + 1,
        "probability": events.probability[last],
    }


def _transactions(world: World, day: int) -> Columns:
    """Won deals and repeat orders alike; `is_repeat` marks those without a deal, `segment` is the company's process."""
    events, orders = world.events, world.orders
    won = (events.state == 1) & (events.day <= day)
    known = orders.day <= day
    customer = np.concatenate([world.deals.customer[events.deal[won]], orders.customer[known]])
    company = np.concatenate([world.deals.company[events.deal[won]], orders.company[known]])
    return {
        "transaction_id": np.arange(1, len(customer) + 1),
        "customer_id": customer + 1,
        "happened_on": _dates(world, np.concatenate([events.day[won], orders.day[known]])),
        "amount": np.concatenate([events.amount[won], orders.amount[known]]),
        "segment": company + 1,
        "is_repeat": np.arange(len(customer)) >= won.sum(),
    }
