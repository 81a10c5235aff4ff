"""Letting phases follow from evidence: the customers are locked, what holds is known, the history goes on."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from loudou.core.kept import one_reading
from loudou.core.rates import company
from loudou.customers.choices import EvidenceKind, Phase, PhaseCause
from loudou.customers.models import Customer, CustomerRules, Evidence, PhaseChange, StandingEvidence
from loudou.customers.phase_history import Event, Key, Step, replay
from loudou.customers.phases import EvidenceSubject, Truth
from loudou.customers.selectors.rules import rules

BATCH = 1000


class Held(NamedTuple):
    """A row of what holds, as read: much cheaper than a model's instance where a customer has hundreds."""

    pk: int
    customer_id: int
    kind: str
    subject_model: str
    subject_id: int
    at: dt.datetime
    due_on: dt.date | None
    settled_on: dt.date | None
    evidence_id: int

    @property
    def truth(self) -> Truth:
        """This as the phases reckon with it; without the subject's name, which they do not ask for."""
        subject = EvidenceSubject(self.subject_model, self.subject_id)
        return Truth(EvidenceKind(self.kind), subject, self.at, self.due_on, self.settled_on)


class Holders:
    """Some customers, locked, with what holds for them."""

    def __init__(self, customers: Iterable[Customer], standing: Iterable[Held], at: dt.datetime) -> None:
        self.customers = {row.pk: row for row in customers}
        self.standing: dict[int, dict[Key, Held | StandingEvidence]] = defaultdict(dict)
        for row in standing:
            self.standing[row.customer_id][row.kind, row.subject_model, row.subject_id] = row
        with one_reading():
            self.days = Days(at)
            self.rules: CustomerRules = rules()
        self._written: dict[tuple[int, Key], StandingEvidence] = {}
        self._gone: list[int] = []

    @classmethod
    def locked(cls, customer_ids: Collection[int], *, at: dt.datetime, fresh: Collection[Customer] = ()) -> Holders:
        """Lock the customers in primary-key order, then read what holds for them.

        `fresh` are rows that the transaction has locked already; when they are all that is wanted, none is read again.
        """
        customers = [row for row in fresh if row.pk in set(customer_ids)]
        if len(customers) < len(set(customer_ids)):
            rows = Customer.objects.select_for_update(no_key=True).filter(pk__in=customer_ids).order_by("pk")
            customers = list(rows.only("phase", "phase_since", "grace_days", "name", "short_name"))
        standing = StandingEvidence.objects.filter(customer_id__in=customer_ids).order_by("pk")
        return cls(customers, map(Held._make, standing.values_list(*Held._fields)), at)

    def floor(self, customer_id: int) -> dt.datetime:
        """Until when the history of a customer is told: its last change, and the latest of what holds."""
        since = self.customers[customer_id].phase_since
        return max([row.at for row in self.standing[customer_id].values()] + ([since] if since else []), default=_EVER)

    def follow(self, evidence: Mapping[int, Sequence[Evidence]], *, besides: Collection[int] = ()) -> list[PhaseChange]:
        """Take new evidence in, customer by customer, and return the changes of phase, not written yet.

        Those of `besides` are only taken in. What happened before the history of a customer ends counts from now on.
        """
        changes: list[PhaseChange] = []
        for pk, rows in sorted(evidence.items()):
            if pk not in besides:
                changes += self._changes(self.customers[pk], rows)
            for row in rows:
                self._take_in(row)
        return changes

    def _changes(self, customer: Customer, rows: Sequence[Evidence]) -> list[PhaseChange]:
        floor, marked = self.floor(customer.pk), dict(enumerate(rows))
        events = [
            Event(row.at, self.days.of(row.at) if row.at >= floor else self.days.today, row.truth, row.holds, mark)
            for mark, row in marked.items()
        ]
        steps = replay(
            events,
            self.rules.phase_policy(grace_days=customer.grace_days),
            until=self.days.today,
            start=Phase(customer.phase),
            held={key: row.truth for key, row in self.standing[customer.pk].items()},
        )
        return [enter(customer, step, self.days, evidence=marked) for step in steps]

    def _take_in(self, row: Evidence) -> None:
        held = self.standing[row.customer_id]
        key = (row.kind, row.subject_model, row.subject_id)
        before = held.pop(key, None)
        if row.holds:
            held[key] = self._written[row.customer_id, key] = standing_row(row)
            return
        self._written.pop((row.customer_id, key), None)
        if before is not None and before.pk is not None:
            self._gone.append(before.pk)

    def keep(self, changes: Sequence[PhaseChange]) -> None:
        """Write what holds now, the history, and the phases on the customers."""
        if self._gone:
            StandingEvidence.objects.filter(pk__in=self._gone).delete()
        write_standing([*self._written.values()])
        PhaseChange.objects.bulk_create(changes, batch_size=BATCH)
        write_phases({change.customer_id: self.customers[change.customer_id] for change in changes}.values())


_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)


class Days:
    """The company's calendar, seen from an instant."""

    def __init__(self, at: dt.datetime) -> None:
        self.zone = ZoneInfo(company().time_zone)
        self.today = self.of(at)

    def of(self, at: dt.datetime) -> dt.date:
        """On which of the company's days an instant lies."""
        return at.astimezone(self.zone).date()

    def begin(self, day: dt.date) -> dt.datetime:
        """When a day begins."""
        return dt.datetime.combine(day, dt.time(), self.zone)


def enter(customer: Customer, step: Step, days: Days, *, evidence: Mapping[int, Evidence]) -> PhaseChange:
    """Put a customer into a phase and return the line of its history, not written yet; it never runs backwards."""
    moment = step.at or days.begin(step.day)
    at = max(moment, customer.phase_since) if customer.phase_since else moment
    cause = evidence[step.mark] if step.mark is not None else None
    change = PhaseChange(
        customer=customer,
        from_phase=customer.phase,
        to_phase=step.phase,
        at=at,
        actor_id=cause.actor_id if cause else None,
        cause=PhaseCause.EVIDENCE if cause else PhaseCause.TIME,
        evidence=cause,
    )
    customer.phase, customer.phase_since = step.phase, at
    return change


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


def write_phases(customers: Iterable[Customer]) -> None:
    """Write the phases of locked customers; their version stays, for nobody edits a phase."""
    Customer.objects.bulk_update(customers, ["phase", "phase_since"], batch_size=BATCH)
