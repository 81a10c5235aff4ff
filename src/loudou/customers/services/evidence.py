"""Taking evidence about customers, and deriving their phases in the same transaction.

Higher modules call these from within their own services: pipeline about opportunities, contracts about contracts,
instalments and refunds. What each kind means, and which facts it carries:

- `segment_match` (subject: the segment): the customer matches it. Recorded by customers itself.
- `need_verified` (whatever verified it): the need is verified.
- `intent` (the opportunity): it is open, its intent is stated, the purchasing power confirmed; `due_on` is the day on
  which signing is expected.
- `contract_signed` (the contract): it is signed and in force.
- `first_instalment_received` (the contract): its first instalment is received in full.
- `refunded` (the contract): money of it was paid back, so that it no longer counts as paid.
- `instalment` (the instalment): it is owed or was paid under a signed contract; `due_on` is its day (None while that is
  not fixed), `settled_on` the day on which it was received in full (None until then).

Missed and late instalments, and expected signings that pass or come within the horizon, are not reported: they follow
from the dates, the thresholds and the day, and a task moves the phases that change by the mere passing of time.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from loudou.core.actors import Actor
from loudou.core.rates import company
from loudou.customers.choices import EvidenceKind, Phase, PhaseCause
from loudou.customers.models import Customer, CustomerRules, Evidence, PhaseChange, StandingEvidence
from loudou.customers.phases import EvidenceSubject, Truth, phase_of
from loudou.customers.selectors.rules import rules

BATCH = 1000
_Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDraft:
    """Something about a customer that began or ceased to hold at a moment.

    `due_on` and `settled_on` are what the phases reckon with (see the table above), `facts` whatever else the page
    should tell: dates, decimals and plain JSON values.
    """

    customer_id: int
    kind: EvidenceKind
    subject: EvidenceSubject
    holds: bool
    at: dt.datetime
    cause: str = ""
    due_on: dt.date | None = None
    settled_on: dt.date | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> _Key:
        """What newer evidence replaces."""
        return (str(self.kind), self.subject.model, self.subject.id)

    @property
    def truth(self) -> Truth:
        """This as the phases reckon with it."""
        return Truth(self.kind, self.subject, self.at, self.due_on, self.settled_on)


def record_evidence(
    actor: Actor,
    customer_id: int,
    *,
    kind: EvidenceKind,
    subject: EvidenceSubject,
    holds: bool,
    at: dt.datetime,
    cause: str = "",
    due_on: dt.date | None = None,
    settled_on: dt.date | None = None,
    facts: Mapping[str, Any] | None = None,
    now: dt.datetime | None = None,
) -> PhaseChange | None:
    """Record one piece of evidence; return the change of phase that followed, None when there was none.

    See `record_all`.
    """
    draft = EvidenceDraft(
        customer_id=customer_id,
        kind=kind,
        subject=subject,
        holds=holds,
        at=at,
        cause=cause,
        due_on=due_on,
        settled_on=settled_on,
        facts=facts or {},
    )
    changes = record_all(actor, [draft], now=now)
    return changes[-1] if changes else None


def record_all(actor: Actor, drafts: Sequence[EvidenceDraft], *, now: dt.datetime | None = None) -> list[PhaseChange]:
    """Record evidence about any number of customers, and the changes of phase that follow, which are returned.

    Not a verb of its own: the calling service has decided what is true, holds the transaction and has bound its actor.
    The customers are locked in primary-key order, so call it after locking whatever else the transaction locks. What
    is already on record is not recorded again, so reporting twice is once. `at` is when it happened, which may be some
    days ago; `now` (the latest `at` unless told) decides what the day is. Takes a constant number of statements.
    """
    if not drafts:
        return []
    moment = now or max(draft.at for draft in drafts)
    holders = _Holders.locked({draft.customer_id for draft in drafts}, at=moment)
    fresh = holders.news(drafts)
    written = Evidence.objects.bulk_create([_row(actor, draft) for draft in fresh], batch_size=BATCH)
    changes = holders.follow(actor, zip(fresh, written, strict=True))
    holders.keep(changes)
    return changes


class _Holders:
    """Some customers, locked, with what holds for them."""

    def __init__(self, customers: Iterable[Customer], standing: Iterable[StandingEvidence], at: dt.datetime) -> None:
        self.customers = {row.pk: row for row in customers}
        self.standing: dict[int, dict[_Key, StandingEvidence]] = defaultdict(dict)
        for row in standing:
            self.standing[row.customer_id][row.kind, row.subject_model, row.subject_id] = row
        self.at = at
        self.rules: CustomerRules = rules()
        self.zone = ZoneInfo(company().time_zone)
        self.today = at.astimezone(self.zone).date()
        self.touched: dict[tuple[int, _Key], StandingEvidence] = {}
        self.gone: list[int] = []

    @classmethod
    def locked(cls, customer_ids: set[int], *, at: dt.datetime) -> _Holders:
        """Lock the customers in primary-key order, then read what holds for them."""
        rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=customer_ids).order_by("pk")
        customers = list(rows.only("phase", "phase_since", "grace_days", "name", "short_name"))
        standing = StandingEvidence.objects.filter(customer_id__in=customer_ids).select_related("evidence")
        return cls(customers, standing.order_by("pk"), at)

    def news(self, drafts: Sequence[EvidenceDraft]) -> list[EvidenceDraft]:
        """Keep what is not on record yet, in the order in which it happened."""
        known: dict[tuple[int, _Key], tuple[Any, ...] | None] = {
            (pk, key): _content(row.evidence.facts, row.due_on, row.settled_on)
            for pk, held in self.standing.items()
            for key, row in held.items()
        }
        fresh = []
        for draft in sorted(drafts, key=lambda draft: draft.at):
            place = (draft.customer_id, draft.key)
            content = _content(plain(draft.facts), draft.due_on, draft.settled_on) if draft.holds else None
            if known.get(place) != content:
                known[place] = content
                fresh.append(draft)
        return fresh

    def follow(self, actor: Actor, evidence: Iterable[tuple[EvidenceDraft, Evidence]]) -> list[PhaseChange]:
        """Let what holds follow from the evidence, and the phases from what holds; everything at one moment is one."""
        changes: list[PhaseChange] = []
        by_customer: dict[int, list[tuple[EvidenceDraft, Evidence]]] = defaultdict(list)
        for pair in evidence:
            by_customer[pair[0].customer_id].append(pair)
        for pk, pairs in sorted(by_customer.items()):
            customer = self.customers[pk]
            if (drifted := self._drift(customer)) is not None:
                changes.append(drifted)
            moments: dict[dt.datetime, list[tuple[EvidenceDraft, Evidence]]] = defaultdict(list)
            for pair in pairs:
                moments[pair[0].at].append(pair)
            for moment, together in moments.items():
                if (change := self._change(actor, customer, moment, together)) is not None:
                    changes.append(change)
        return changes

    def _drift(self, customer: Customer) -> PhaseChange | None:
        """What time alone did before the evidence came, when the task that watches it has not run yet."""
        return self._enter(customer, self._phase(customer), self.at, PhaseCause.TIME)

    def _change(
        self,
        actor: Actor,
        customer: Customer,
        moment: dt.datetime,
        together: list[tuple[EvidenceDraft, Evidence]],
    ) -> PhaseChange | None:
        cause: Evidence = together[-1][1]
        before = phase = self._phase(customer)
        for draft, evidence in together:
            self._apply(draft, evidence)
            after = self._phase(customer)
            if after != phase:
                cause, phase = evidence, after
        if phase == before:
            return None
        return self._enter(customer, phase, moment, PhaseCause.EVIDENCE, actor=actor, evidence=cause)

    def _apply(self, draft: EvidenceDraft, evidence: Evidence) -> None:
        held = self.standing[draft.customer_id]
        before = held.pop(draft.key, None)
        if draft.holds:
            held[draft.key] = self.touched[draft.customer_id, draft.key] = standing_row(evidence)
        else:
            self.touched.pop((draft.customer_id, draft.key), None)
            if before is not None and before.pk is not None:
                self.gone.append(before.pk)

    def _phase(self, customer: Customer) -> Phase:
        policy = self.rules.phase_policy(grace_days=customer.grace_days)
        return phase_of([row.truth for row in self.standing[customer.pk].values()], policy, on=self.today)

    def _enter(
        self,
        customer: Customer,
        phase: Phase,
        moment: dt.datetime,
        cause: PhaseCause,
        *,
        actor: Actor | None = None,
        evidence: Evidence | None = None,
    ) -> PhaseChange | None:
        """Put the customer into a phase; the history never runs backwards."""
        if customer.phase == phase:
            return None
        at = max(moment, customer.phase_since) if customer.phase_since else moment
        change = PhaseChange(
            customer=customer,
            from_phase=customer.phase,
            to_phase=phase,
            at=at,
            actor_id=actor.pk if actor else None,
            cause=cause,
            evidence=evidence,
        )
        customer.phase, customer.phase_since = phase, at
        return change

    def keep(self, changes: Sequence[PhaseChange]) -> None:
        """Write what holds now, the history, and the phases on the customers."""
        if self.gone:
            StandingEvidence.objects.filter(pk__in=self.gone).delete()
        write_standing([*self.touched.values()])
        PhaseChange.objects.bulk_create(changes, batch_size=BATCH)
        moved = {change.customer_id: self.customers[change.customer_id] for change in changes}
        Customer.objects.bulk_update(moved.values(), ["phase", "phase_since"], batch_size=BATCH)


def standing_row(evidence: Evidence) -> StandingEvidence:
    """Make the copy of evidence that holds."""
    return StandingEvidence(
        customer_id=evidence.customer_id,
        evidence=evidence,
        kind=evidence.kind,
        subject_model=evidence.subject_model,
        subject_id=evidence.subject_id,
        subject_label=evidence.subject_label,
        at=evidence.at,
        due_on=evidence.due_on,
        settled_on=evidence.settled_on,
    )


def write_standing(rows: Sequence[StandingEvidence]) -> None:
    """Write what holds, in place of what held before of the same customer, kind and subject."""
    StandingEvidence.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["customer", "kind", "subject_model", "subject_id"],
        update_fields=["evidence", "subject_label", "at", "due_on", "settled_on"],
    )


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them: days, instants and decimals as text."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, Decimal) else value
        for name, value in facts.items()
    }


def _row(actor: Actor, draft: EvidenceDraft) -> Evidence:
    return Evidence(
        customer_id=draft.customer_id,
        kind=draft.kind,
        subject_model=draft.subject.model,
        subject_id=draft.subject.id,
        subject_label=draft.subject.label[:255],
        holds=draft.holds,
        at=draft.at,
        actor_id=actor.pk,
        cause=draft.cause[:255],
        due_on=draft.due_on,
        settled_on=draft.settled_on,
        facts=plain(draft.facts),
    )


def _content(facts: Mapping[str, Any], due_on: dt.date | None, settled_on: dt.date | None) -> tuple[Any, ...]:
    return (dict(facts), due_on, settled_on)
