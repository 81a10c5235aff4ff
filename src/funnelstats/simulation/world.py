"""Let companies live: arrivals, deals moving through stages under competing hazards, customers who order again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnelstats.simulation.calendar import Days, days_of
from funnelstats.simulation.company import Company
from funnelstats.simulation.deals import OPEN, WON, Deals, draw_deals, whole_hundreds
from funnelstats.simulation.life import Moves, live
from funnelstats.simulation.notes import Notes, take_notes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Events:
    """One entry per change, in the order of deals and days: what the deal was from that day on.

    `stage` counts from zero; `state` is 0 open, 1 won, 2 lost; `expected` is the expected day of the signature and
    `probability` what the rep said.
    """

    deal: Ints
    day: Ints
    stage: Ints
    state: Ints
    amount: Floats
    expected: Ints
    probability: Floats


@dataclass(frozen=True, slots=True)
class Orders:
    """Repeat orders: one entry per order, without a deal behind it."""

    company: Ints
    customer: Ints
    day: Ints
    amount: Floats


@dataclass(frozen=True, slots=True)
class World:
    """All companies with their history and their truth; `market[company, quarter]` is each quarter's common shock."""

    companies: tuple[Company, ...]
    days: Days
    deals: Deals
    events: Events
    orders: Orders
    market: Floats

    def won_in(self, start: int, end: int) -> Floats:
        """What deals won on the days `start` to `end` - 1 brought each company."""
        won = (self.events.state == WON) & (self.events.day >= start) & (self.events.day < end)
        company = self.deals.company[self.events.deal[won]]
        return _sums(company, self.events.amount[won], len(self.companies))

    def ordered_in(self, start: int, end: int) -> Floats:
        """What repeat orders of the days `start` to `end` - 1 brought each company."""
        meant = (self.orders.day >= start) & (self.orders.day < end)
        amounts = self.orders.amount[meant]
        return _sums(self.orders.company[meant], amounts, len(self.companies))


def simulate(companies: Sequence[Company], *, start: dt.date, days: int, seed: int) -> World:
    """Let companies live for so many days from `start`, the first day of a quarter; the same seed, the same world.

    Raises ValueError for a start that does not begin a quarter.
    """
    if start.day != 1 or start.month % 3 != 1:
        raise ValueError("a world starts on the first day of a quarter")
    random = np.random.default_rng(seed)
    calendar = days_of(start, days)
    sd = np.array([company.market_sd for company in companies])
    market = sd[:, None] * random.standard_normal((len(companies), calendar.quarters))
    deals = draw_deals(companies, calendar, random)
    moves = live(companies, calendar, market, deals, random)
    notes = take_notes(companies, deals, moves, len(calendar.quarter), random)
    deals = _closed(deals, moves)
    events = _events(moves, notes)
    return World(tuple(companies), calendar, deals, events, _orders(companies, deals, calendar, random), market)


def _sums(company: Ints, amounts: Floats, companies: int) -> Floats:
    return np.bincount(company, weights=amounts, minlength=companies).astype(np.float64)


def _closed(deals: Deals, moves: Moves) -> Deals:
    """Write down when and how each deal ended."""
    closed, outcome = deals.closed.copy(), deals.outcome.copy()
    ends = moves.state != OPEN
    closed[moves.deal[ends]] = moves.day[ends]
    outcome[moves.deal[ends]] = moves.state[ends]
    return Deals(deals.company, deals.rep, deals.customer, deals.opened, deals.amount, deals.strength, closed, outcome)


def _events(moves: Moves, notes: Notes) -> Events:
    return Events(
        deal=notes.deal, day=notes.day, stage=moves.stage[notes.move], state=moves.state[notes.move],
        amount=notes.amount, expected=notes.expected, probability=notes.probability,
    )  # fmt: skip


def _orders(companies: Sequence[Company], deals: Deals, calendar: Days, random: np.random.Generator) -> Orders:
    """Repeat orders of every customer from its first win on, until it leaves."""
    length = len(calendar.quarter)
    won = np.nonzero(deals.outcome == WON)[0]
    first = np.full(len(deals.company), length)
    np.minimum.at(first, deals.customer[won], deals.closed[won])
    customer = np.nonzero(first < length)[0]
    company = deals.company[customer]
    mean = np.array([one.orders_a_year for one in companies])[company] / 365
    rate = mean * random.gamma(1.5, size=len(customer)) / 1.5
    life = random.exponential(365 * np.array([one.years_a_customer for one in companies])[company])
    span = np.minimum(length - 1 - first[customer], life)
    counts = random.poisson(rate * span)
    who = np.repeat(np.arange(len(customer)), counts)
    day = first[customer][who] + 1 + (random.random(len(who)) * np.maximum(span[who] - 1, 0)).astype(np.int64)
    level = np.array([one.log_amount for one in companies])[company] - 1 + 0.5 * random.standard_normal(len(customer))
    spread = 0.4 * random.standard_normal(len(who))
    return Orders(company[who], customer[who], day, whole_hundreds(np.exp(level[who] + spread)))
