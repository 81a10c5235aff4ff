"""Amending what was signed: a new version is drafted, offered and accepted; the old one stays on record."""

from __future__ import annotations

import datetime as dt

from loudou.contracts.choices import RUNNING, ActKind, PlanState, VersionState
from loudou.contracts.errors import AmendmentChangesNothing, NothingAgreed
from loudou.contracts.models import Contract, ContractClause, ContractVersion, LineTerms, PaymentPlan
from loudou.contracts.selectors.differences import TERMS_FIELDS, version_differences
from loudou.contracts.selectors.parties import parties_of
from loudou.contracts.services.acts import check_day, record_act
from loudou.contracts.services.approvals import refuse_unapproved
from loudou.contracts.services.completion import settle
from loudou.contracts.services.deliveries import follow_deliveries
from loudou.contracts.services.drafts import ActDraft
from loudou.contracts.services.life import refuse_missing_clauses
from loudou.contracts.services.lines import refuse_undercut
from loudou.contracts.services.opening import (
    REPEATED,
    open_amendment,
    open_contract,
    refuse_unless,
    repeat,
    version_in_force,
)
from loudou.contracts.services.plans_in_force import check_draft_adds_up, hold_customer, put_in_force
from loudou.contracts.services.states import refuse_open_amendment
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.verbs import service
from loudou.customers.errors import ReasonMissing
from loudou.pipeline.services.valuing import Books


@service("contracts.draft")
def draft_amendment(
    actor: Actor, contract_id: int, *, reason: str, at: dt.datetime, version: int | None = None
) -> ContractVersion:
    """Start a new version like the one in force. Lines, clauses and terms are edited as those of a draft are.

    Raises NotVisible, StaleWrite, ContractStateRefused, AmendmentOpen, ReasonMissing.
    """
    contract = open_contract(actor, contract_id, version)
    refuse_unless(contract, RUNNING)
    refuse_open_amendment(contract)
    if not reason.strip():
        raise ReasonMissing
    present = version_in_force(contract)
    draft = ContractVersion(
        contract=contract,
        sequence=contract.versions.count() + 1,
        reason=reason.strip(),
        created_by_id=actor.pk,
        **{name: getattr(present, name) for name in TERMS_FIELDS},
    )
    if refusal := clean_row(draft):
        raise refusal
    draft.save(force_insert=True)
    _copy_rows(present, draft)
    contract.save_changes()
    day = Books.load([]).day(at)
    record_act(actor, contract, draft, ActKind.AMENDMENT_DRAFTED, ActDraft(day, note=draft.reason))
    return draft


@service("contracts.draft")
def offer_amendment(
    actor: Actor, contract_id: int, *, act: ActDraft, at: dt.datetime, version: int | None = None
) -> ContractVersion:
    """Offer the amendment; from now on it says what it says.

    Raises NotVisible, StaleWrite, NoAmendment, AmendmentChangesNothing, AmendmentUndercuts, NothingAgreed,
    DiscountNeedsApproval, DiscountPending, DateInFuture, DatesOutOfOrder.
    """
    contract = open_contract(actor, contract_id, version)
    draft = open_amendment(contract, VersionState.DRAFT)
    refuse_unapproved(draft)
    if not draft.terms.exists():
        raise NothingAgreed(contract=str(contract))
    replans = PaymentPlan.objects.filter(contract=contract, state=PlanState.DRAFT).exists()
    if not replans and not version_differences(version_in_force(contract), draft):
        raise AmendmentChangesNothing
    refuse_undercut(contract, draft)
    check_draft_adds_up(contract, draft)
    check_day(Books.load([]), act.on, at=at, not_before=contract.signed_on)
    draft.state, draft.parties = VersionState.OFFERED, parties_of(contract)
    draft.save_changes("state", "parties")
    contract.save_changes()
    record_act(actor, contract, draft, ActKind.AMENDMENT_OFFERED, act)
    return draft


@service("contracts.draft")
def take_back_amendment(
    actor: Actor, contract_id: int, *, act: ActDraft, at: dt.datetime, version: int | None = None
) -> ContractVersion:
    """Make an offered amendment a draft again. Raises NotVisible, StaleWrite, NoAmendment, DateInFuture."""
    contract = open_contract(actor, contract_id, version)
    draft = open_amendment(contract, VersionState.OFFERED)
    check_day(Books.load([]), act.on, at=at, not_before=contract.signed_on)
    draft.state, draft.parties = VersionState.DRAFT, None
    draft.save_changes("state", "parties")
    contract.save_changes()
    record_act(actor, contract, draft, ActKind.AMENDMENT_TAKEN_BACK, act)
    return draft


@service("contracts.draft")
def drop_amendment(
    actor: Actor, contract_id: int, *, act: ActDraft, at: dt.datetime, version: int | None = None
) -> ContractVersion:
    """Record that no amendment came about; what is in force stays. Raises NotVisible, StaleWrite, NoAmendment,
    DateInFuture.
    """
    contract = open_contract(actor, contract_id, version)
    draft = open_amendment(contract, VersionState.DRAFT, VersionState.OFFERED)
    check_day(Books.load([]), act.on, at=at, not_before=contract.signed_on)
    PaymentPlan.objects.filter(contract=contract, state=PlanState.DRAFT).delete()
    draft.state = VersionState.WITHDRAWN
    draft.save_changes("state")
    contract.save_changes()
    record_act(actor, contract, draft, ActKind.AMENDMENT_DROPPED, act)
    settle(actor, contract, at=at)
    return draft


@service("contracts.sign")
def accept_amendment(
    actor: Actor, contract_id: int, *, act: ActDraft, at: dt.datetime, version: int | None = None
) -> Contract:
    """Record that the amendment was accepted and signed: it is in force from now on, in place of the version before.

    What was delivered or invoiced meanwhile is looked at again. Raises NotVisible, StaleWrite, NoAmendment,
    ContractStateRefused, MainClausesMissing, AmendmentUndercuts, DiscountNeedsApproval, DiscountPending,
    DateInFuture, DatesOutOfOrder.
    """
    contract = open_contract(actor, contract_id, version)
    refuse_unless(contract, RUNNING)
    offer = open_amendment(contract, VersionState.OFFERED)
    refuse_unapproved(offer)
    refuse_missing_clauses(contract, offer)
    refuse_undercut(contract, offer)
    books = Books.load([contract.currency])
    check_day(books, act.on, at=at, not_before=contract.signed_on)
    hold_customer(contract)
    before = version_in_force(contract)
    before.state = VersionState.SUPERSEDED
    before.save_changes("state")
    offer.state, offer.in_force_on = VersionState.IN_FORCE, act.on
    offer.save_changes("state", "in_force_on")
    contract.version_in_force = offer
    repeat(contract, offer)
    if contract.signed_on is not None:  # the whole contract keeps the rate of the day on which it was signed
        contract.amount_base = books.value(offer.amount, contract.currency, contract.signed_on)
    contract.save_changes("version_in_force", "amount_base", *REPEATED)
    record_act(actor, contract, offer, ActKind.AMENDED, act)
    put_in_force(actor, contract, at=at)
    follow_deliveries(actor, contract, at=at)
    return contract


def _copy_rows(present: ContractVersion, draft: ContractVersion) -> None:
    terms, clauses = list(present.terms.all()), list(present.clauses.all())
    for line in terms:
        line.pk, line.version = None, draft
    for clause in clauses:
        clause.pk, clause.version = None, draft
    LineTerms.objects.bulk_create(terms)
    ContractClause.objects.bulk_create(clauses)
