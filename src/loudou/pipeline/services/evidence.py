"""Telling customers what an opportunity proves about its customer.

- The need is verified once the customer has stated it (an explicit need); that stays so when the sale is lost.
- There is intent while the need is explicit, the purchasing power is confirmed, and the opportunity is open or was won.

`report` compares what rows prove with what is on record about them and tells the difference, so it may be called after
any change; the rows are locked before, the customers by `record_all`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from loudou.core.actors import Actor
from loudou.customers.choices import EvidenceKind
from loudou.customers.phases import EvidenceSubject
from loudou.customers.selectors.evidence import standing_about
from loudou.customers.services.evidence import EvidenceDraft, record_all
from loudou.pipeline.choices import State, Visibility
from loudou.pipeline.models import Opportunity, StageChange
from loudou.pipeline.services.valuing import Books

MODEL = Opportunity._meta.label_lower
PROVES = frozenset({"customer_id", "visibility", "budget_confirmed_on", "expected_on"})
"""Fields whose change may change what an opportunity proves; so does its state."""


class Proof(NamedTuple):
    """What an opportunity proves about a customer."""

    customer_id: int
    kind: EvidenceKind
    due_on: dt.date | None = None
    settled_on: dt.date | None = None


def proofs(opportunity: Opportunity, books: Books | None = None) -> Iterator[Proof]:
    """What an opportunity proves as it is now; the company's calendar is only asked for one that is closed."""
    if opportunity.customer_id is None or opportunity.visibility != Visibility.EXPLICIT:
        return
    yield Proof(opportunity.customer_id, EvidenceKind.NEED_VERIFIED)
    if opportunity.budget_confirmed_on is None or opportunity.state not in (State.OPEN, State.WON):
        return
    won_on = None
    if opportunity.closed_at is not None:
        won_on = (books or Books.load(())).day(opportunity.closed_at)
    yield Proof(opportunity.customer_id, EvidenceKind.INTENT, opportunity.expected_on, won_on)


def report(actor: Actor, opportunities: Collection[Opportunity], *, at: dt.datetime) -> None:
    """Tell what changed about what locked opportunities prove; one statement when nothing did."""
    rows = {row.pk: row for row in opportunities}
    if not rows:
        return
    books = Books.load(()) if any(row.is_closed for row in rows.values()) else None
    present = {pk: {proof.kind: proof for proof in proofs(row, books)} for pk, row in rows.items()}
    drafts: list[EvidenceDraft] = []
    for held in standing_about(MODEL, rows):
        proof = present[held.subject_id].get(EvidenceKind(held.kind))
        if proof is None or proof.customer_id != held.customer_id:
            drafts.append(_draft(rows[held.subject_id], Proof(held.customer_id, EvidenceKind(held.kind)), False, at))
        elif (proof.due_on, proof.settled_on) == (held.due_on, held.settled_on):
            del present[held.subject_id][proof.kind]
    for pk, by_kind in present.items():
        drafts += [_draft(rows[pk], proof, True, at) for proof in by_kind.values()]
    record_all(actor, drafts, now=at)


def report_new(
    actor: Actor, created: Sequence[tuple[Opportunity, Sequence[StageChange]]], books: Books, *, at: dt.datetime
) -> None:
    """Tell what new opportunities prove, each piece from when it was so; no statement when they prove nothing."""
    drafts = [draft for row, changes in created for draft in _from_the_start(row, changes, books, at)]
    record_all(actor, drafts, now=at, brings_history=any(books.day(draft.at) < books.day(at) for draft in drafts))


def _from_the_start(
    row: Opportunity, changes: Sequence[StageChange], books: Books, at: dt.datetime
) -> Iterator[EvidenceDraft]:
    if row.customer_id is None or row.visibility != Visibility.EXPLICIT:
        return
    yield _draft(row, Proof(row.customer_id, EvidenceKind.NEED_VERIFIED), True, changes[0].at)
    if row.budget_confirmed_on is None:
        return
    since = max(changes[0].at, books.instant(row.budget_confirmed_on, now=at))
    before: Proof | None = None
    for change, following in zip(changes, [*changes[1:], None], strict=True):
        if following is not None and following.at <= since:
            continue
        proof = _intent(row.customer_id, change, books)
        if proof != before:
            told = proof or Proof(row.customer_id, EvidenceKind.INTENT)
            yield _draft(row, told, proof is not None, max(change.at, since))
            before = proof


def _intent(customer_id: int, change: StageChange, books: Books) -> Proof | None:
    """What an opportunity with stated intent and confirmed purchasing power proved from a change on."""
    if change.to_state == State.WON:
        return Proof(customer_id, EvidenceKind.INTENT, change.expected_on, books.day(change.at))
    return Proof(customer_id, EvidenceKind.INTENT, change.expected_on) if change.to_state == State.OPEN else None


def _draft(row: Opportunity, proof: Proof, holds: bool, at: dt.datetime) -> EvidenceDraft:
    return EvidenceDraft(
        customer_id=proof.customer_id,
        kind=proof.kind,
        subject=EvidenceSubject(MODEL, row.pk, row.subject),
        holds=holds,
        at=at,
        due_on=proof.due_on,
        settled_on=proof.settled_on,
    )
