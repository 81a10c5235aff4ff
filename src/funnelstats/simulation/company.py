"""What a company is like: the truth that estimates should find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Company:
    """One company's habits; hazards are chances per day, effects act on them in logarithms.

    A deal in stage k advances with `advance[k]` (from the last stage: is won), is lost with `lose[k]`, and goes back
    one stage with `back`. Of the advances a share `skip` passes over one stage. A deal's strength is the sum of its
    rep's skill, its customer's leaning, its own quality, the effect of its size and the market of the quarter; it
    multiplies the hazard of advancing by exp(strength / 2) and divides that of losing by it. After `stale_after` days
    in one stage advances slow down by `stale_factor`; in the last fourteen days of a quarter wins hurry by
    `quarter_end`.

    `weekly_arrivals` new deals come on average, times `season[quarter]`, gamma-mixed so that counts are overdispersed
    with shape `arrival_shape`. A share `customer_share` of deals comes from customers that had deals before. Won
    customers order again without a deal at `orders_a_year` each (gamma-distributed among them) until they leave.
    """

    advance: tuple[float, ...]
    lose: tuple[float, ...]
    back: float
    skip: float
    skills: tuple[float, ...]
    quality_sd: float
    customer_sd: float
    size_effect: float
    market_sd: float
    stale_after: int
    stale_factor: float
    quarter_end: float
    weekly_arrivals: float
    arrival_shape: float
    season: tuple[float, float, float, float]
    customer_share: float
    log_amount: float
    log_amount_sd: float
    orders_a_year: float
    years_a_customer: float

    @property
    def stages(self) -> int:
        """Number of open stages."""
        return len(self.advance)


def draw_company(random: np.random.Generator, *, market_sd: float | None = None) -> Company:
    """Draw a company like those one meets: three to six stages, a win rate of 10 to 50 %, a cycle of weeks to months.

    `market_sd` fixes how far the market moves (0: not at all) where it should not be drawn.
    """
    stages = int(random.integers(3, 7))
    days = np.exp(random.uniform(np.log(50), np.log(150))) / stages
    # Chance to pass each stage, rising from stage to stage, so that their product is the company's win rate.
    win_rate = random.uniform(0.12, 0.5)
    lean = np.linspace(1.6, 0.4, stages)
    passing = win_rate ** (lean / lean.sum())
    season = random.uniform(0.8, 1.2, 4)
    pace = random.uniform(0.6, 1.6, stages) / days
    return Company(
        advance=tuple(float(x) for x in pace * passing),
        lose=tuple(float(x) for x in pace * (1 - passing)),
        back=float(random.uniform(0, 0.06) / days),
        skip=float(random.uniform(0, 0.15)),
        skills=tuple(float(x) for x in random.normal(0, random.uniform(0.1, 0.6), int(random.integers(4, 15)))),
        quality_sd=float(random.uniform(0.3, 0.9)),
        customer_sd=float(random.uniform(0, 0.5)),
        size_effect=float(random.uniform(-0.3, 0)),
        market_sd=float(random.uniform(0.1, 0.5)) if market_sd is None else market_sd,
        stale_after=int(random.integers(30, 90)),
        stale_factor=float(random.uniform(0.3, 1)),
        quarter_end=float(random.uniform(1, 2.5)),
        weekly_arrivals=float(np.exp(random.uniform(np.log(3), np.log(12)))),
        arrival_shape=float(random.uniform(3, 20)),
        season=tuple(float(x) for x in season / season.mean()),  # type: ignore[arg-type]
        customer_share=float(random.uniform(0.2, 0.5)),
        log_amount=float(random.uniform(np.log(5_000), np.log(200_000))),
        log_amount_sd=float(random.uniform(0.4, 1.1)),
        orders_a_year=float(random.uniform(0, 1.5)),
        years_a_customer=float(random.uniform(1, 4)),
    )
