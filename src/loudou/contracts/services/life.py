"""The life of a contract: offered, accepted and signed, performed, completed or terminated. Every step is an act."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from loudou.contracts.choices import (
    BEFORE_SIGNING,
    RUNNING,
    ActKind,
    ContractState,
    DocumentKind,
    VersionState,
)
from loudou.contracts.errors import MainClausesMissing, NothingAgreed, OfferLapsed
from loudou.contracts.models import Contract, ContractVersion
from loudou.contracts.selectors.clauses import missing_clauses
from loudou.contracts.selectors.parties import parties_of
from loudou.contracts.services.acts import check_day, record_act
from loudou.contracts.services.approvals import refuse_unapproved
from loudou.contracts.services.drafts import ActDraft
from loudou.contracts.services.numbers import next_number
from loudou.contracts.services.opening import first_version, open_contract, refuse_unless, repeat
from loudou.contracts.services.plans_in_force import check_draft_adds_up, give_plan, hold_customer, put_in_force
from loudou.contracts.services.states import begin, end, report_signed
from loudou.core.actors import Actor
from loudou.core.phrases import in_a_row
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import service
from loudou.customers.errors import ReasonMissing
from loudou.pipeline.services.contract_numbers import hold_unnumbered, keep_contract_number
from loudou.pipeline.services.valuing import Books


@service("contracts.draft")
def offer_contract(
    actor: Actor,
    contract_id: int,
    *,
    act: ActDraft,
    at: dt.datetime,
    valid_until: dt.date | None = None,
    version: int | None = None,
) -> Contract:
    """Offer a draft, or take down the offer that the customer made; from now on it says what it says.

    The parties' particulars are kept as they are today; a draft without a payment plan gets the default one. Raises
    NotVisible, StaleWrite, ContractStateRefused, NothingAgreed, NoDefaultTemplate, PlanDoesNotAddUp,
    DiscountNeedsApproval, DiscountPending, DateInFuture, DatesOutOfOrder.
    """
    contract = open_contract(actor, contract_id, version)
    refuse_unless(contract, [ContractState.DRAFT])
    draft = first_version(contract)
    refuse_unapproved(draft)
    if valid_until is not None:
        contract.offer_valid_until = valid_until
    give_plan(contract, draft)
    put_offer(actor, contract, draft, act, books=Books.load([contract.currency]), at=at)
    return contract


@service("contracts.draft")
def take_back_offer(
    actor: Actor, contract_id: int, *, act: ActDraft, at: dt.datetime, version: int | None = None
) -> Contract:
    """Make an offer a draft again, to change it. Raises NotVisible, StaleWrite, ContractStateRefused, DateInFuture."""
    return _back_to_draft(actor, contract_id, ActKind.TAKEN_BACK, act, at=at, version=version)


@service("contracts.draft")
def answer_with_counter_offer(
    actor: Actor, contract_id: int, *, act: ActDraft, at: dt.datetime, version: int | None = None
) -> Contract:
    """Record that the other side wants something else: the offer has lapsed, and the draft can take its wishes in.

    Raises NotVisible, StaleWrite, ContractStateRefused, DateInFuture.
    """
    return _back_to_draft(actor, contract_id, ActKind.COUNTERED, act, at=at, version=version)


@service("contracts.draft")
def decline_contract(
    actor: Actor, contract_id: int, *, act: ActDraft, at: dt.datetime, version: int | None = None
) -> Contract:
    """Record that no contract came of a draft or an offer. Raises NotVisible, StaleWrite, ContractStateRefused,
    DateInFuture.
    """
    contract = open_contract(actor, contract_id, version)
    refuse_unless(contract, BEFORE_SIGNING)
    draft = first_version(contract)
    check_day(Books.load([]), act.on, at=at)
    draft.state = VersionState.WITHDRAWN
    draft.save_changes("state")
    contract.state = ContractState.WITHDRAWN
    contract.save_changes("state")
    record_act(actor, contract, draft, ActKind.DECLINED, act)
    return contract


@service("contracts.sign")
def sign_contract(
    actor: Actor, contract_id: int, *, act: ActDraft, at: dt.datetime, version: int | None = None
) -> Contract:
    """Record that an offer was accepted and the contract signed: it binds, has its number, and can be performed.

    The customer's phase follows, the payment plan comes into force. Raises NotVisible, StaleWrite,
    ContractStateRefused, OfferLapsed, MainClausesMissing, DiscountNeedsApproval, DiscountPending, DateInFuture,
    DatesOutOfOrder, ExchangeRateMissing, SeriesMissing, NoDefaultTemplate.
    """
    contract = open_contract(actor, contract_id, version)
    refuse_unless(contract, [ContractState.OFFERED])
    offer = first_version(contract)
    if contract.offer_valid_until is not None and act.on > contract.offer_valid_until:
        raise OfferLapsed(until=contract.offer_valid_until)
    refuse_unapproved(offer)
    refuse_missing_clauses(contract, offer)
    conclude(actor, contract, offer, act, books=Books.load([contract.currency]), at=at)
    return contract


@service("contracts.deliver")
def begin_performance(
    actor: Actor, contract_id: int, *, act: ActDraft, at: dt.datetime, version: int | None = None
) -> Contract:
    """Record that performance has begun, where it begins with something else than a delivery.

    Raises NotVisible, StaleWrite, ContractStateRefused, DateInFuture, DatesOutOfOrder.
    """
    contract = open_contract(actor, contract_id, version)
    refuse_unless(contract, [ContractState.SIGNED])
    check_day(Books.load([]), act.on, at=at, not_before=contract.signed_on)
    begin(actor, contract, act)
    return contract


@service("contracts.end")
def complete_contract(
    actor: Actor, contract_id: int, *, act: ActDraft, at: dt.datetime, version: int | None = None
) -> Contract:
    """Close a contract as completed, where that does not follow from delivery, acceptance and payment by itself.

    Raises NotVisible, StaleWrite, ContractStateRefused, AmendmentOpen, DateInFuture, DatesOutOfOrder, ReasonMissing.
    """
    contract = open_contract(actor, contract_id, version)
    refuse_unless(contract, RUNNING)
    if not act.note.strip():
        raise ReasonMissing
    end(actor, contract, ContractState.COMPLETED, act, books=Books.load([]), at=at)
    return contract


@service("contracts.end")
def terminate_contract(
    actor: Actor,
    contract_id: int,
    *,
    act: ActDraft,
    at: dt.datetime,
    settlement: str = "",
    version: int | None = None,
) -> Contract:
    """End a contract before it is completed: on which day, why (`act.note`), and what was agreed about the rest.

    It no longer counts as signed for the customer's phase. Raises NotVisible, StaleWrite, ContractStateRefused,
    AmendmentOpen, ReasonMissing, DateInFuture, DatesOutOfOrder.
    """
    contract = open_contract(actor, contract_id, version)
    refuse_unless(contract, RUNNING)
    if not act.note.strip():
        raise ReasonMissing
    end(actor, contract, ContractState.TERMINATED, act, books=Books.load([]), at=at, settlement=settlement)
    return contract


def put_offer(
    actor: Actor, contract: Contract, draft: ContractVersion, act: ActDraft, *, books: Books, at: dt.datetime
) -> None:
    """Freeze the draft as an offer. Raises NothingAgreed, PlanDoesNotAddUp, DateInFuture, InvalidInput."""
    if not draft.terms.exists():
        raise NothingAgreed(contract=str(contract))
    check_day(books, act.on, at=at, not_before=contract.drafted_on)
    if contract.offer_valid_until is not None and contract.offer_valid_until < act.on:
        raise InvalidInput({"offer_valid_until": [_("An offer cannot lapse before it is made.")]})
    check_draft_adds_up(contract, draft)
    draft.state, draft.parties = VersionState.OFFERED, parties_of(contract)
    draft.save_changes("state", "parties")
    contract.state, contract.offered_on = ContractState.OFFERED, act.on
    contract.save_changes("state", "offered_on", "offer_valid_until")
    record_act(actor, contract, draft, ActKind.OFFERED, act)


def conclude(
    actor: Actor,
    contract: Contract,
    offer: ContractVersion,
    act: ActDraft,
    *,
    books: Books,
    at: dt.datetime,
    brings_history: bool = False,
) -> None:
    """Let an offer bind: number, version in force, value on the day, act, evidence. See `sign_contract`."""
    signed_at = check_day(books, act.on, at=at, not_before=contract.offered_on)
    sale = hold_unnumbered(contract.opportunity_id)
    hold_customer(contract)
    if not contract.number:
        contract.number = next_number(DocumentKind.CONTRACT, on=act.on)
    keep_contract_number(sale, contract.number)
    contract.amount_base = books.value(offer.amount, contract.currency, act.on)
    offer.state, offer.in_force_on = VersionState.IN_FORCE, act.on
    offer.save_changes("state", "in_force_on")
    contract.state, contract.signed_on, contract.version_in_force = ContractState.SIGNED, act.on, offer
    repeat(contract, offer)
    contract.save_changes("number", "amount_base", "state", "signed_on", "version_in_force")
    record_act(actor, contract, offer, ActKind.SIGNED, act)
    report_signed(actor, contract, holds=True, at=signed_at, now=at, brings_history=brings_history)
    put_in_force(actor, contract, at=at, brings_history=brings_history)


def refuse_missing_clauses(contract: Contract, version: ContractVersion) -> None:
    """Refuse to sign while a main clause is not complete. Raises MainClausesMissing."""
    if missing := missing_clauses(version):
        names = in_a_row(missing)
        raise MainClausesMissing(missing, contract=str(contract), missing=names)


def _back_to_draft(
    actor: Actor, contract_id: int, kind: ActKind, act: ActDraft, *, at: dt.datetime, version: int | None
) -> Contract:
    contract = open_contract(actor, contract_id, version)
    refuse_unless(contract, [ContractState.OFFERED])
    draft = first_version(contract)
    check_day(Books.load([]), act.on, at=at, not_before=contract.offered_on)
    draft.state, draft.parties = VersionState.DRAFT, None
    draft.save_changes("state", "parties")
    contract.state = ContractState.DRAFT
    contract.save_changes("state")
    record_act(actor, contract, draft, kind, act)
    return contract
