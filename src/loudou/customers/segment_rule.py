"""The rule of a target segment: conditions over fields of the customer, all of which must be met.

Within one condition any of the named values will do; texts compare without regard to case. Purchasing power is the
expected yearly contribution profit in the company's base currency, from a lower bound (included) to an upper one
(excluded), so that bands that touch never overlap. A customer of whom a bounded figure is not known does not match.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Self

from django.db.models import Q

CHOSEN = ("kind", "channel_place", "legal_form", "size_band")
"""Fields with fixed choices."""

NAMED = ("industry", "country", "province", "city", "source")
"""Fields that hold a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRule:
    """Which customers belong; an empty tuple or None asks for nothing."""

    kind: tuple[str, ...] = ()
    channel_place: tuple[str, ...] = ()
    legal_form: tuple[str, ...] = ()
    size_band: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    province: tuple[str, ...] = ()
    city: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    contribution_from: Decimal | None = None
    contribution_below: Decimal | None = None
    employees_from: int | None = None
    employees_below: int | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read a rule as it is stored; what is unknown is a mistake and raises TypeError."""
        facts: dict[str, Any] = dict(stored)
        for name in (*CHOSEN, *NAMED):
            if name in facts:
                facts[name] = tuple(facts[name])
        for name in ("contribution_from", "contribution_below"):
            if facts.get(name) is not None:
                facts[name] = Decimal(facts[name])
        return cls(**facts)

    def to_json(self) -> dict[str, Any]:
        """Write the rule down; what asks for nothing is left out."""
        written: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value in ((), None):
                continue
            written[field.name] = (
                list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Decimal) else value
            )
        return written

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing, hence would match everybody."""
        return not self.to_json()

    def condition(self) -> Q:
        """The rule as a condition over customers."""
        found = Q()
        for name in CHOSEN:
            if values := getattr(self, name):
                found &= Q(**{f"{name}__in": values})
        for name in NAMED:
            if values := getattr(self, name):
                any_of = Q()
                for value in values:
                    any_of |= Q(**{f"{name}__iexact": value})
                found &= any_of
        for name, column in (("contribution", "expected_contribution"), ("employees", "employees")):
            if (low := getattr(self, f"{name}_from")) is not None:
                found &= Q(**{f"{column}__gte": low})
            if (high := getattr(self, f"{name}_below")) is not None:
                found &= Q(**{f"{column}__lt": high})
        return found
