"""Drafting contracts: from nothing, from a sale, or as something that was signed before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from loudou.contracts.choices import (
    ContractKind,
    ContractState,
    DocumentKind,
    NumberedAt,
    Party,
)
from loudou.contracts.errors import (
    AlreadyDrafted,
    ContractAmountDiffers,
    ContractNotEditable,
    CustomerMissing,
    OpportunityGone,
)
from loudou.contracts.models import Contract, ContractVersion, NumberSeries, PaymentPlan
from loudou.contracts.services import life, references, states
from loudou.contracts.services.acts import check_day
from loudou.contracts.services.clauses import from_templates, write_clauses
from loudou.contracts.services.drafts import ActDraft, ContractDraft, LineDraft, SignedPast
from loudou.contracts.services.editing import apply_terms
from loudou.contracts.services.lines import write_lines
from loudou.contracts.services.numbers import next_number
from loudou.contracts.services.opening import open_contract
from loudou.contracts.services.plan_drafting import write_draft
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, clean_row, write_rows
from loudou.core.money import check_currency, written
from loudou.core.refusals import BusinessRefusal, PermissionRefused
from loudou.core.verbs import lock, service
from loudou.pipeline.choices import State
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.contract_numbers import hold_unnumbered, keep_contract_number
from loudou.pipeline.services.valuing import Books


@service("contracts.draft")
def draft_contract(actor: Actor, *, draft: ContractDraft, at: dt.datetime) -> Contract:
    """Draft a contract with its lines, terms and clauses. With `past` it is one that was signed before.

    Raises InvalidInput, ContractOwnerRefused, LineOfOtherContract, PlaceholderUnknown, DateInFuture, DatesOutOfOrder,
    ContractAmountDiffers (from `agreed_amount`),
    UnknownCurrency, ExchangeRateMissing, PermissionRefused (another owner without contracts.assign, a signed one
    without contracts.sign).
    """
    return _draft(actor, draft, at)


@service("contracts.draft")
def draft_contracts(actor: Actor, drafts: Sequence[ContractDraft], *, at: dt.datetime) -> list[Outcome[Contract]]:
    """Draft many contracts, as imports do; a refused one leaves no trace. Outcomes stand in the order of the drafts."""
    outcomes: list[Outcome[Contract]] = []
    for draft in drafts:
        try:
            with transaction.atomic():
                outcomes.append(Outcome(row=_draft(actor, draft, at)))
        except BusinessRefusal as refusal:
            outcomes.append(Outcome(refusal=refusal))
    return outcomes


@service("contracts.draft")
def draft_contract_from_opportunity(
    actor: Actor,
    opportunity_id: int,
    *,
    at: dt.datetime,
    kind: ContractKind = ContractKind.GOODS,
    tax_rate: Decimal | None = None,
    tax_included: bool = True,
    another: bool = False,
) -> Contract:
    """Draft the contract of a sale: its customer, currency and product lines with their prices and discounts.

    A sale with a plain amount becomes one line. Without a tax rate each line gets the usual one. Prices count as
    including tax unless told, so that the contract's amount is the sale's. The owner of the sale owns the
    contract if the actor may give it to them, else the actor.
    A further contract is drafted only when `another` asks for it.
    Raises NotVisible, OpportunityGone, CustomerMissing, AlreadyDrafted, and what `draft_contract` does.
    """
    sale = lock(Opportunity.objects.visible_to(actor), opportunity_id)
    if sale.state in {State.LOST, State.DROPPED}:
        raise OpportunityGone(subject=sale.subject, state=sale.get_state_display())
    if sale.customer_id is None:
        raise CustomerMissing(subject=sale.subject)
    if not another and (present := _contract_of(sale)) is not None:
        raise AlreadyDrafted(present, name=str(present))
    draft = ContractDraft(
        title=sale.subject,
        customer_id=sale.customer_id,
        kind=kind,
        currency=sale.currency,
        tax_included=tax_included,
        lines=_lines_of(sale, tax_rate),
        opportunity_id=sale.pk,
        owner_id=sale.owner_id if actor.has_permission("contracts.assign") else None,
    )
    return _draft(actor, draft, at)


@service("contracts.draft")
def delete_draft(actor: Actor, contract_id: int, *, version: int | None = None) -> None:
    """Delete a draft that left no trace: never numbered, never offered, no discount asked for. Others are declined.

    Raises NotVisible, StaleWrite, ContractNotEditable.
    """
    contract = open_contract(actor, contract_id, version)
    touched = contract.number or contract.offered_on or contract.discount_requests.exists()
    if contract.state != ContractState.DRAFT or touched:
        raise ContractNotEditable(contract=str(contract), state=contract.get_state_display())
    PaymentPlan.objects.filter(contract=contract).delete()
    contract.delete()


def _draft(actor: Actor, draft: ContractDraft, at: dt.datetime) -> Contract:
    customer = references.check_customer(actor, draft.customer_id)
    owner_id = draft.owner_id if draft.owner_id is not None else actor.pk
    references.check_owner(actor, owner_id)
    references.check_contact(actor, draft.contact_id)
    references.check_opportunity(actor, draft.opportunity_id, customer_id=customer.pk)
    if draft.past is not None and not actor.has_permission("contracts.sign"):
        raise PermissionRefused
    books = Books.load([draft.currency])
    contract = Contract(
        title=draft.title.strip(),
        kind=draft.kind,
        customer=customer,
        contact_id=draft.contact_id,
        opportunity_id=draft.opportunity_id,
        owner_id=owner_id,
        number=draft.number.strip(),
        currency=check_currency(draft.currency or books.base),
        tax_included=draft.tax_included,
        customer_reference=draft.customer_reference.strip(),
        drafted_on=_drafted_on(draft, books, at),
        offer_valid_until=draft.offer_valid_until,
        notes=draft.notes.strip(),
        external_id=draft.external_id.strip(),
    )
    check_day(books, contract.drafted_on, at=at)
    if not contract.number and _numbers_drafts():
        contract.number = next_number(DocumentKind.CONTRACT, on=contract.drafted_on)
    if refusal := clean_row(contract):
        raise refusal
    for refusal in write_rows([contract], lambda rows: rows[0].save(force_insert=True)).values():
        raise refusal
    keep_contract_number(hold_unnumbered(contract.opportunity_id if contract.number else None), contract.number)
    version = _first_version(actor, contract, draft)
    references.let_owner_see(contract, customer)
    if draft.past is not None:
        _live_through(actor, contract, version, draft.past, books=books, at=at)
    return contract


def _first_version(actor: Actor, contract: Contract, draft: ContractDraft) -> ContractVersion:
    version = ContractVersion(contract=contract, sequence=1, created_by_id=actor.pk)
    apply_terms(version, draft.terms)
    for refusal in write_rows([version], lambda rows: rows[0].save(force_insert=True)).values():
        raise refusal
    write_clauses(version, from_templates(contract) if draft.clauses is None else draft.clauses)
    write_lines(contract, version, draft.lines)
    if draft.agreed_amount is not None and draft.agreed_amount != version.amount:
        made, said = (written(amount, contract.currency) for amount in (version.amount, draft.agreed_amount))
        raise ContractAmountDiffers(lines=made, amount=said, currency=contract.currency)
    if draft.plan:
        write_draft(contract, version, draft.plan, None)
    return version


def _live_through(
    actor: Actor, contract: Contract, version: ContractVersion, past: SignedPast, *, books: Books, at: dt.datetime
) -> None:
    """Let a contract that is brought along pass through offer and signature to where it stands."""
    offered = past.offered or ActDraft(past.signed.on, Party.US, past.signed.person)
    life.put_offer(actor, contract, version, offered, books=books, at=at)
    life.conclude(actor, contract, version, past.signed, books=books, at=at, brings_history=True)
    if past.began is not None:
        check_day(books, past.began.on, at=at, not_before=contract.signed_on)
        states.begin(actor, contract, past.began)
    if past.terminated is not None:
        ended = past.terminated
        states.end(actor, contract, ContractState.TERMINATED, ended, books=books, at=at, brings_history=True)
    elif past.completed is not None:
        states.end(actor, contract, ContractState.COMPLETED, past.completed, books=books, at=at)


def _drafted_on(draft: ContractDraft, books: Books, at: dt.datetime) -> dt.date:
    if draft.drafted_on is not None:
        return draft.drafted_on
    return min(books.day(at), draft.past.signed.on) if draft.past is not None else books.day(at)


def _numbers_drafts() -> bool:
    return NumberSeries.objects.filter(kind=DocumentKind.CONTRACT, numbered_at=NumberedAt.DRAFT).exists()


def _contract_of(sale: Opportunity) -> Contract | None:
    return sale.contracts.exclude(state=ContractState.WITHDRAWN).order_by("pk").first()


def _lines_of(sale: Opportunity, tax_rate: Decimal | None) -> list[LineDraft]:
    rows = [
        LineDraft(
            quantity=line.quantity,
            unit_price=line.unit_price,
            product_id=line.product_id,
            discount_rate=line.discount_rate,
            tax_rate=tax_rate,
        )
        for line in sale.lines.order_by("position", "pk")
    ]
    if not rows and sale.amount is not None:
        rows = [LineDraft(Decimal(1), sale.amount, description=sale.subject, tax_rate=tax_rate)]
    return rows
