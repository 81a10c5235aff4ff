"""New deals: when they come, whose they are, what they are worth, and how strong they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from funnelstats.simulation.calendar import Days
from funnelstats.simulation.company import Company

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
OPEN, WON, LOST = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Deals:
    """One entry per deal: numbers of company, rep (within the company) and customer, day opened, first amount, and
    `strength`, its advantage apart from the market (see `Company`), which no system knows.

    `closed` is the day of the close, -1 while open; `outcome` is 0 open, 1 won, 2 lost.
    """

    company: Ints
    rep: Ints
    customer: Ints
    opened: Ints
    amount: Floats
    strength: Floats
    closed: Ints
    outcome: Ints


def draw_deals(
    companies: Sequence[Company], calendar: Days, random: np.random.Generator, *, until: int | None = None
) -> Deals:
    """Draw the deals opened before day `until` (default: the calendar's end): who they are, but not their fate."""
    company, opened = _arrivals(companies, calendar, until or len(calendar.quarter), random)
    return _new_deals(companies, company, opened, random)


def _arrivals(
    companies: Sequence[Company], calendar: Days, length: int, random: np.random.Generator
) -> tuple[Ints, Ints]:
    """Company and day of each new deal, in the order of companies and days."""
    weeks = np.arange(0, length - 1, 7)
    mean = np.array([company.weekly_arrivals for company in companies])[:, None]
    season = np.array([company.season for company in companies])[:, calendar.season[weeks]]
    shape = np.array([company.arrival_shape for company in companies])[:, None]
    swing = random.gamma(np.broadcast_to(shape, season.shape)) / shape
    counts = random.poisson(mean * season * swing)
    company = np.repeat(np.repeat(np.arange(len(companies)), len(weeks)), counts.ravel())
    week = np.repeat(np.tile(weeks, len(companies)), counts.ravel())
    day = np.minimum(week + random.integers(0, 7, len(week)), length - 1)
    order = np.lexsort((day, company))
    return company[order], day[order]


def _new_deals(companies: Sequence[Company], company: Ints, opened: Ints, random: np.random.Generator) -> Deals:
    count = len(company)
    reps = np.array([len(one.skills) for one in companies])
    most = int(reps.max())
    skills = np.array([[*one.skills, *[0.0] * (most - len(one.skills))] for one in companies])
    rep = (random.random(count) * reps[company]).astype(np.int64)
    customer = _customers(companies, company, random)
    log_amount = np.array([one.log_amount for one in companies])[company]
    log_amount_sd = np.array([one.log_amount_sd for one in companies])[company]
    size = random.standard_normal(count)
    leaning = random.standard_normal(count) * np.array([one.customer_sd for one in companies])[company]
    quality = random.standard_normal(count) * np.array([one.quality_sd for one in companies])[company]
    effect = np.array([one.size_effect for one in companies])[company]
    return Deals(
        company=company,
        rep=rep,
        customer=customer,
        opened=opened,
        amount=whole_hundreds(np.exp(log_amount + log_amount_sd * size)),
        strength=skills[company, rep] + leaning[customer] + quality + effect * size,
        closed=np.full(count, -1),
        outcome=np.full(count, OPEN),
    )


def whole_hundreds(amounts: Floats) -> Floats:
    """Round amounts as people do, to hundreds and never to nothing."""
    rounded: Floats = np.round(amounts, -2).astype(np.float64) + 100
    return rounded


def _customers(companies: Sequence[Company], company: Ints, random: np.random.Generator) -> Ints:
    """Number of each deal's customer: that of the customer's first deal.

    A deal of a known customer takes that of any earlier deal of its company, so that some customers buy often.
    """
    count = len(company)
    first = np.searchsorted(company, np.arange(len(companies)))[company]
    place = np.arange(count) - first
    share = np.array([one.customer_share for one in companies])[company]
    is_known = (random.random(count) < share) & (place > 0)
    source = np.where(is_known, first + (random.random(count) * place).astype(np.int64), np.arange(count))
    while (source[source] != source).any():
        source = source[source]
    return source
