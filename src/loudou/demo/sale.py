"""A simulated sale: how it was opened, and every act on it in order, in the words of the pipeline's services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from loudou.core.money import round_money
from loudou.demo.market import Client
from loudou.demo.staff import Rep


class Verb(StrEnum):
    """What can happen to a sale; each is one call of a service."""

    MOVE = "move"
    UPDATE = "update"
    SET_LINES = "set_lines"
    WIN = "win"
    LOSE = "lose"
    DROP = "drop"
    HOLD = "hold"
    RESUME = "resume"
    REOPEN = "reopen"
    ASSIGN = "assign"
    MEET = "meet"


class Act(NamedTuple):
    """One call of a service: when, by whom (a user id), what, and its arguments."""

    at: dt.datetime
    actor_id: int
    verb: Verb
    facts: dict[str, Any]


class Line(NamedTuple):
    """A product in the sale; the price is in the currency of the sale."""

    product_id: int
    quantity: Decimal
    unit_price: Decimal
    discount_rate: Decimal = Decimal(0)

    def amount(self, currency: str) -> Decimal:
        """Quantity times price less discount, rounded to the currency's smallest unit."""
        return round_money(self.quantity * self.unit_price * (1 - self.discount_rate), currency)


class StageInfo(NamedTuple):
    """A stage as installed: its row, and the rows of its exit criteria."""

    id: int
    name: str
    prior_win_rate: Decimal
    criteria: tuple[int, ...]


class ProcessInfo(NamedTuple):
    """A process as installed."""

    id: int
    name: str
    stages: tuple[StageInfo, ...]


@dataclass(slots=True)
class Sale:
    """One opportunity before it becomes rows."""

    owner: Rep
    client: Client
    process: ProcessInfo
    laws: tuple[Any, ...]
    opened_at: dt.datetime
    subject: str
    currency: str
    reference_amount: Decimal
    """Size in yuan that the laws of the world look at."""
    purchase_kind: str
    competitor_ids: list[int]
    log_odds: float
    """Effects on every stage, without the rep's skill."""
    amount: Decimal | None = None
    lines: list[Line] = field(default_factory=list)
    later_lines: list[Line] = field(default_factory=list)
    expected_on: dt.date | None = None
    probability: Decimal | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    """Further columns given at the opening: source, priority, kinds."""
    members: list[tuple[int, Decimal]] = field(default_factory=list)
    contact_ids: list[int] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def act(self, at: dt.datetime, verb: Verb, **facts: Any) -> None:
        """Note that the owner does something."""
        self.acts.append(Act(at, self.owner.user_id, verb, facts))
