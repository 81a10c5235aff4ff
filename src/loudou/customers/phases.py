"""The funnel phase as a pure function of what holds: no clock, no database.

`derive` answers "why is this customer here, and what is missing for the next phase?"; `phase_of` only the first half of
it, for many customers at once. docs/algorithms/phase.md works through an example; `loudou check` proves that what is
stored equals what follows from the evidence, by an independent statement in SQL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from loudou.core.days import written_facts
from loudou.customers.choices import EvidenceKind, Phase

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EvidenceSubject:
    """The record that evidence is about: its model ('contracts.contract'), id, and name for people."""

    model: str
    id: int
    label: str = field(default="", compare=False)

    @classmethod
    def of(cls, row: models.Model) -> EvidenceSubject:
        """Name a stored row."""
        return cls(row._meta.label_lower, row.pk, str(row))


@dataclass(frozen=True, slots=True)
class PhasePolicy:
    """The thresholds of the phases.

    `horizon_days`: how far ahead an expected signing counts as intent. `grace_days`: how late an instalment may come.
    `late_counts_days`: for how many days after it came a late payment keeps a customer from being qualified; None: for
    ever.
    """

    horizon_days: int = 90
    grace_days: int = 0
    late_counts_days: int | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """Evidence that holds now.

    `due_on` is the expected signing or the day an instalment is due, `settled_on` the day on which the opportunity was
    won or the instalment received in full; what a kind does not have is None.
    """

    kind: EvidenceKind
    subject: EvidenceSubject
    at: dt.datetime | None = None
    due_on: dt.date | None = None
    settled_on: dt.date | None = None

    def within_horizon(self, policy: PhasePolicy, on: dt.date) -> bool:
        """Tell whether signing is expected from this day until the end of the horizon; once it is won, whether no more
        days than that have passed since, so that the contract may still be on its way.
        """
        horizon = dt.timedelta(days=policy.horizon_days)
        if self.settled_on is not None:
            return on <= self.settled_on + horizon
        return self.due_on is not None and on <= self.due_on <= on + horizon

    def is_missed(self, policy: PhasePolicy, on: dt.date) -> bool:
        """Tell whether an instalment is not received in full though its day and the grace have passed."""
        if self.due_on is None or self.settled_on is not None:
            return False
        return self.due_on + dt.timedelta(days=policy.grace_days) < on

    def days_late(self) -> int:
        """How many days after its due day an instalment came."""
        return (self.settled_on - self.due_on).days if self.settled_on and self.due_on else 0

    def counts_as_late(self, policy: PhasePolicy, on: dt.date) -> bool:
        """Tell whether an instalment came after its day and the grace, and that still counts."""
        if self.settled_on is None or self.days_late() <= policy.grace_days:
            return False
        return policy.late_counts_days is None or on <= self.settled_on + dt.timedelta(days=policy.late_counts_days)

    def turning_days(self, policy: PhasePolicy) -> Iterator[dt.date]:
        """Days on which what follows from this evidence may change by itself."""
        horizon = dt.timedelta(days=policy.horizon_days)
        if self.kind == EvidenceKind.INTENT and self.settled_on is not None:
            yield self.settled_on + horizon + DAY
        elif self.due_on is None:
            return
        elif self.kind == EvidenceKind.INTENT:
            yield self.due_on - horizon
            yield self.due_on + DAY
        elif self.settled_on is None:
            yield self.due_on + dt.timedelta(days=policy.grace_days) + DAY
        elif policy.late_counts_days is not None:
            yield self.settled_on + dt.timedelta(days=policy.late_counts_days) + DAY


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of an answer, with the evidence it speaks of; `code` for machines."""

    code: str
    sentence: str | Promise
    truth: Truth | None = None
    facts: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return str(self.sentence) % written_facts(dict(self.facts)) if self.facts else str(self.sentence)


@dataclass(frozen=True, slots=True)
class Derivation:
    """The phase that follows from the evidence, why, and what is missing for the next one (nothing at the end)."""

    phase: Phase
    why: tuple[Reason, ...]
    missing: tuple[Reason, ...]


def phase_of(truths: Iterable[Truth], policy: PhasePolicy, *, on: dt.date) -> Phase:
    """Return the highest phase whose own condition is met on a day; lower ones are not asked for."""
    sorted_out = _Sorted(truths)
    if sorted_out.paid_contracts():
        return Phase.SIGNED if any(sorted_out.unpunctual(policy, on)) else Phase.QUALIFIED
    if sorted_out.contracts() or any(truth.within_horizon(policy, on) for truth in sorted_out.of(EvidenceKind.INTENT)):
        return Phase.TARGET
    if sorted_out.of(EvidenceKind.NEED_VERIFIED):
        return Phase.PROSPECT
    return Phase.TARGET_MARKET if sorted_out.of(EvidenceKind.SEGMENT_MATCH) else Phase.OUTSIDE


def derive(truths: Collection[Truth], policy: PhasePolicy, *, on: dt.date) -> Derivation:
    """Return the phase on a day, the reasons for it, and what is missing for the next."""
    phase = phase_of(truths, policy, on=on)
    sorted_out = _Sorted(truths)
    why = tuple(_WHY[phase](sorted_out, policy, on))
    missing = () if phase == Phase.QUALIFIED else tuple(_MISSING[Phase(phase + 1)](sorted_out, policy, on))
    return Derivation(phase, why, missing)


def next_turn(truths: Iterable[Truth], policy: PhasePolicy, *, after: dt.date) -> dt.date | None:
    """Return the first later day on which time alone may change what follows; None when none will."""
    days = [day for truth in truths for day in truth.turning_days(policy) if day > after]
    return min(days, default=None)


class _Sorted:
    """What holds, by kind."""

    def __init__(self, truths: Iterable[Truth]) -> None:
        self._by_kind: dict[str, list[Truth]] = {}
        for truth in truths:
            self._by_kind.setdefault(truth.kind, []).append(truth)

    def of(self, kind: EvidenceKind) -> list[Truth]:
        return self._by_kind.get(kind, [])

    def contracts(self) -> list[Truth]:
        """Signed contracts whose money was not paid back."""
        refunded = {truth.subject for truth in self.of(EvidenceKind.REFUNDED)}
        return [truth for truth in self.of(EvidenceKind.CONTRACT_SIGNED) if truth.subject not in refunded]

    def paid_contracts(self) -> list[Truth]:
        """Those whose first instalment is here in full."""
        paid = {truth.subject for truth in self.of(EvidenceKind.FIRST_INSTALMENT_RECEIVED)}
        return [truth for truth in self.contracts() if truth.subject in paid]

    def unpunctual(self, policy: PhasePolicy, on: dt.date) -> Iterator[Truth]:
        """Instalments that were missed, or came late and still count."""
        for truth in self.of(EvidenceKind.INSTALMENT):
            if truth.is_missed(policy, on) or truth.counts_as_late(policy, on):
                yield truth


def _reason(code: str, truth: Truth | None = None, **facts: Any) -> Reason:
    named = {"subject": truth.subject.label} if truth is not None else {}
    return Reason(code, _SENTENCES[code], truth, tuple((named | facts).items()))


def _why_outside(_held: _Sorted, _policy: PhasePolicy, _on: dt.date) -> Iterator[Reason]:
    yield _reason("no_evidence")


def _why_target_market(held: _Sorted, _policy: PhasePolicy, _on: dt.date) -> Iterator[Reason]:
    for truth in held.of(EvidenceKind.SEGMENT_MATCH):
        yield _reason("segment", truth)


def _why_prospect(held: _Sorted, _policy: PhasePolicy, _on: dt.date) -> Iterator[Reason]:
    for truth in held.of(EvidenceKind.NEED_VERIFIED):
        yield _reason("need", truth)


def _why_target(held: _Sorted, policy: PhasePolicy, on: dt.date) -> Iterator[Reason]:
    for truth in held.contracts():
        yield _reason("contract_unpaid", truth)
    for truth in held.of(EvidenceKind.INTENT):
        if truth.within_horizon(policy, on) and truth.settled_on is not None:
            yield _reason("won", truth, day=truth.settled_on, days=policy.horizon_days)
        elif truth.within_horizon(policy, on):
            yield _reason("intent", truth, day=truth.due_on, days=policy.horizon_days)


def _why_signed(held: _Sorted, _policy: PhasePolicy, _on: dt.date) -> Iterator[Reason]:
    for truth in held.paid_contracts():
        yield _reason("contract", truth)


def _why_qualified(held: _Sorted, policy: PhasePolicy, on: dt.date) -> Iterator[Reason]:
    yield from _why_signed(held, policy, on)
    due = [truth for truth in held.of(EvidenceKind.INSTALMENT) if truth.due_on and truth.due_on <= on]
    yield Reason("punctual", _punctual(len(due)), None, (("count", len(due)),))


def _no_segment(_held: _Sorted, _policy: PhasePolicy, _on: dt.date) -> Iterator[Reason]:
    yield _reason("no_segment")


def _no_need(_held: _Sorted, _policy: PhasePolicy, _on: dt.date) -> Iterator[Reason]:
    yield _reason("no_need")


def _no_intent(held: _Sorted, policy: PhasePolicy, on: dt.date) -> Iterator[Reason]:
    waiting = held.of(EvidenceKind.INTENT)
    for truth in waiting:
        if truth.settled_on is not None:
            yield _reason("won_long_ago", truth, day=truth.settled_on, days=policy.horizon_days)
        elif truth.due_on is None:
            yield _reason("intent_undated", truth)
        elif truth.due_on < on:
            yield _reason("intent_lapsed", truth, day=truth.due_on)
        else:
            yield _reason("intent_too_far", truth, day=truth.due_on, days=policy.horizon_days)
    if not waiting:
        yield _reason("no_intent", days=policy.horizon_days)


def _no_paid_contract(held: _Sorted, _policy: PhasePolicy, _on: dt.date) -> Iterator[Reason]:
    refunded = {truth.subject for truth in held.of(EvidenceKind.REFUNDED)}
    signed = held.of(EvidenceKind.CONTRACT_SIGNED)
    for truth in signed:
        yield _reason("refunded" if truth.subject in refunded else "no_first_instalment", truth)
    if not signed:
        yield _reason("no_contract")


def _not_punctual(held: _Sorted, policy: PhasePolicy, on: dt.date) -> Iterator[Reason]:
    for truth in held.unpunctual(policy, on):
        if truth.settled_on is None:
            yield _reason("missed", truth, day=truth.due_on)
        elif policy.late_counts_days is None:
            yield _reason("late", truth, day=truth.due_on, settled=truth.settled_on, days=truth.days_late())
        else:
            until = truth.settled_on + dt.timedelta(days=policy.late_counts_days)
            yield _reason(
                "late_until", truth, day=truth.due_on, settled=truth.settled_on, days=truth.days_late(), until=until
            )


@lru_cache(maxsize=64)
def _punctual(count: int) -> str | Promise:
    if count == 0:
        return _("No instalment has fallen due yet that was not received.")
    return ngettext_lazy(
        "The one instalment due so far was received in full and in time.",
        "All %(count)s instalments due so far were received in full and in time.",
        count,
    )


_WHY = {
    Phase.OUTSIDE: _why_outside,
    Phase.TARGET_MARKET: _why_target_market,
    Phase.PROSPECT: _why_prospect,
    Phase.TARGET: _why_target,
    Phase.SIGNED: _why_signed,
    Phase.QUALIFIED: _why_qualified,
}
_MISSING = {
    Phase.TARGET_MARKET: _no_segment,
    Phase.PROSPECT: _no_need,
    Phase.TARGET: _no_intent,
    Phase.SIGNED: _no_paid_contract,
    Phase.QUALIFIED: _not_punctual,
}
_SENTENCES: dict[str, str | Promise] = {
    "no_evidence": _("Nothing on record places this customer in the funnel."),
    "segment": _("It matches the target segment %(subject)s."),
    "need": _("Its need was verified: %(subject)s."),
    "intent": _(
        "%(subject)s: the intent is stated, the purchasing power confirmed, and signing is expected on %(day)s, within "
        "%(days)s days."
    ),
    "won": _("%(subject)s was won on %(day)s; this counts for %(days)s days while the contract is on its way."),
    "contract_unpaid": _("%(subject)s is signed and waits for its first instalment."),
    "contract": _("%(subject)s is signed and its first instalment was received in full."),
    "no_segment": _("It matches none of the target segments."),
    "no_need": _("Nobody has verified its need yet."),
    "won_long_ago": _("%(subject)s was won on %(day)s, more than %(days)s days ago, and no contract followed."),
    "intent_undated": _("%(subject)s: say when signing is expected."),
    "intent_lapsed": _("%(subject)s: signing was expected on %(day)s. Set a new date, or close it."),
    "intent_too_far": _("%(subject)s: signing is expected on %(day)s; it counts from %(days)s days before."),
    "no_intent": _(
        "An open opportunity with stated intent, confirmed purchasing power and signing expected within %(days)s days."
    ),
    "no_contract": _("A signed contract."),
    "no_first_instalment": _("%(subject)s is signed; its first instalment is not received in full yet."),
    "refunded": _("%(subject)s is signed, but its money was paid back."),
    "missed": _("%(subject)s was due on %(day)s and is not received in full."),
    "late": _("%(subject)s was due on %(day)s and came %(days)s days late, on %(settled)s."),
    "late_until": _(
        "%(subject)s was due on %(day)s and came %(days)s days late, on %(settled)s; this counts until %(until)s."
    ),
}
