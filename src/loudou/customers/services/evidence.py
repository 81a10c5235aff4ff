"""Taking evidence about customers, and deriving their phases in the same transaction.

Higher modules call these from within their own services: pipeline about opportunities, contracts about contracts,
instalments and refunds. What each kind means, and which facts it carries:

- `segment_match` (subject: the segment): the customer matches it. Recorded by customers itself.
- `need_verified` (whatever verified it): the need is verified.
- `intent` (the opportunity): its intent is stated, the purchasing power confirmed, and it is open or won; `due_on` is
  the day on which signing is expected, `settled_on` the day on which it was won.
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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from loudou.core.actors import Actor
from loudou.customers.choices import EvidenceKind
from loudou.customers.models import Customer, Evidence, PhaseChange
from loudou.customers.phase_history import Key
from loudou.customers.phases import EvidenceSubject
from loudou.customers.services.following import BATCH, Holders
from loudou.customers.services.recounting import recount


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDraft:
    """Something about a customer that began or ceased to hold at a moment.

    `due_on` and `settled_on` are what the phases reckon with (see the list above), `facts` whatever else the page
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
    def key(self) -> Key:
        """What newer evidence replaces."""
        return (str(self.kind), self.subject.model, self.subject.id)


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


def record_all(
    actor: Actor,
    drafts: Sequence[EvidenceDraft],
    *,
    now: dt.datetime | None = None,
    brings_history: bool = False,
    locked: Collection[Customer] = (),
) -> list[PhaseChange]:
    """Record evidence about any number of customers, and the changes of phase that follow, which are returned.

    Not a verb of its own: the calling service has decided what is true, holds the transaction and has bound its actor.
    The customers are locked in primary-key order, so call it after locking whatever else the transaction locks; who
    has locked and read all of them already hands them over as `locked`. What is already on record is not recorded
    again, so reporting twice is once. `at` is when it happened, which may be some days ago; `now` (the latest `at`
    unless told) decides what the day is. Takes a constant number of statements.

    What arrives late changes the phase from now on, because history is never rewritten. An import that brings the past
    sets `brings_history`: customers whose history went on after it are then told anew, from all their evidence.
    """
    if not drafts:
        return []
    moment = now or max(draft.at for draft in drafts)
    holders = Holders.locked({draft.customer_id for draft in drafts}, at=moment, fresh=locked)
    fresh = _news(holders, drafts)
    if not fresh:
        return []
    written = Evidence.objects.bulk_create([_row(actor, draft) for draft in fresh], batch_size=BATCH)
    late = {row.customer_id for row in written if row.at < holders.floor(row.customer_id)} if brings_history else set()
    by_customer: dict[int, list[Evidence]] = defaultdict(list)
    for row in written:
        by_customer[row.customer_id].append(row)
    changes = holders.follow(by_customer, besides=late)
    holders.keep(changes)
    return changes + (recount(late, now=moment) if late else [])


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them: days, instants and decimals as text."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else str(value) if isinstance(value, Decimal) else value
        for name, value in facts.items()
    }


def _news(holders: Holders, drafts: Sequence[EvidenceDraft]) -> list[EvidenceDraft]:
    """Keep what is not on record yet, in the order in which it happened."""
    known = _on_record(holders, drafts)
    fresh = []
    for draft in sorted(drafts, key=lambda draft: draft.at):
        place = (draft.customer_id, draft.key)
        content = (plain(draft.facts), draft.due_on, draft.settled_on) if draft.holds else None
        if known.get(place) != content:
            known[place] = content
            fresh.append(draft)
    return fresh


def _on_record(holders: Holders, drafts: Sequence[EvidenceDraft]) -> dict[tuple[int, Key], tuple[Any, ...] | None]:
    """What holds of that which the drafts are about: facts, day due, day settled.

    The facts are fetched only where the days agree with a draft's: where they do not, the draft is news anyway.
    """
    held = {
        (draft.customer_id, draft.key): row
        for draft in drafts
        if (row := holders.standing[draft.customer_id].get(draft.key)) is not None
    }
    same = {
        held[place].evidence_id
        for draft in drafts
        if (place := (draft.customer_id, draft.key)) in held
        and (held[place].due_on, held[place].settled_on) == (draft.due_on, draft.settled_on)
    }
    facts = dict(Evidence.objects.order_by().filter(pk__in=same).values_list("pk", "facts")) if same else {}
    return {place: (facts.get(row.evidence_id), row.due_on, row.settled_on) for place, row in held.items()}


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
