"""The five phases of a customer as its page shows them: reached or not, since when, on what evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from loudou.customers.choices import FUNNEL, Phase
from loudou.customers.models import Customer, PhaseChange
from loudou.customers.phases import EvidenceSubject, Reason

_PAGES = {
    "pipeline.opportunity": "pipeline:opportunity",
    "contracts.contract": "contracts:contract",
    "contracts.instalment": "ledger:instalment",
    "customers.segment": "customers:segment_edit",
}
"""Where the records are shown that evidence speaks of, by model."""


@dataclass(frozen=True, slots=True)
class PhaseStep:
    """One phase: whether it is the present one or lies behind it, when it was reached last, and on what evidence."""

    phase: Phase
    label: str
    is_current: bool
    is_passed: bool
    reached_at: dt.datetime | None
    change: PhaseChange | None


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence with the address of the record it speaks of, '' when that has no page."""

    sentence: str
    url: str


def steps(customer: Customer, changes: Sequence[PhaseChange], labels: Mapping[int, str]) -> list[PhaseStep]:
    """The strip; `changes` are the latest first."""
    found = []
    for phase in FUNNEL:
        # A customer that jumped over a phase reached it with the one it landed in.
        change = next((row for row in changes if row.to_phase >= phase > row.from_phase), None)
        found.append(
            PhaseStep(
                phase,
                labels[phase],
                customer.phase == phase,
                customer.phase > phase,
                change.at if change else None,
                change,
            )
        )
    return found


def told(reasons: Sequence[Reason]) -> list[Told]:
    """Reasons as sentences with links."""
    return [Told(str(reason), address(reason.truth.subject) if reason.truth else "") for reason in reasons]


def address(subject: EvidenceSubject) -> str:
    """Where a record is shown, '' when it has no page."""
    name = _PAGES.get(subject.model)
    try:
        return reverse(name, args=[subject.id]) if name else ""
    except NoReverseMatch:
        return ""
