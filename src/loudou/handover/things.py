"""What belongings have in common: a thing that somebody holds, a batch that moves, and how a kind is declared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from loudou.core.actors import Actor
from loudou.handover.choices import Kind


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that somebody holds, with the figures that the successor should know."""

    kind: Kind
    pk: int
    name: str
    customer_id: int | None = None
    """The customer it is about: a thing of a handed-over customer goes where the customer goes."""
    customer: str = ""
    amount: Decimal | None = None
    owed: Decimal | None = None
    currency: str = ""
    due_on: dt.date | None = None
    detail: str = ""
    province: str = ""
    industry: str = ""
    phase: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Things of one kind that go from the leaver to one successor."""

    leaver_id: int
    successor_id: int
    things: Sequence[Thing]
    at: dt.datetime
    reason: str

    @property
    def ids(self) -> list[int]:
        """Primary keys of the things."""
        return [thing.pk for thing in self.things]


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """A kind of things that people hold, and how it is handed over. Later modules join by adding theirs."""

    kind: Kind
    fields: tuple[str, ...]
    """The foreign keys to users that this moves, such as 'customers.Customer.owner'."""
    needs: str
    """The verb that a successor needs to work on such things."""
    find: Callable[[Actor, int], list[Thing]]
    """Everything of this kind that a user holds and the actor sees; a constant number of statements."""
    lock: Callable[[int], set[int]]
    """Lock what a user holds, in primary-key order; returns the primary keys."""
    move: Callable[[Actor, Batch], None]
    """Give a batch to its successor through the services of its module; a constant number of statements."""
    only_when_leaving: bool = False
    """Left alone while the person stays and hands over a part of the work."""
