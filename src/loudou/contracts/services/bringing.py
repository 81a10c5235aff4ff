"""Bringing along what was posted elsewhere: plans, refunds and invoices of the past, many at a time, as imports do.

Contracts and receipts have bulk verbs of their own (`drafting.draft_contracts` with `past`, `receipts.post_receipts`).
A refused one leaves no trace; outcomes stand in the order of the drafts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.db import models, transaction

from loudou.contracts.choices import BEFORE_SIGNING, ContractState
from loudou.contracts.errors import ContractStateRefused, MoneyOnPlan
from loudou.contracts.models import Allocation, Contract, Instalment, Invoice, PaymentPlan, Refund
from loudou.contracts.services.invoices import issue_invoice, issue_red_invoice
from loudou.contracts.services.ledger_drafts import InstalmentDraft, InvoiceDraft, RedInvoiceDraft, RefundDraft
from loudou.contracts.services.opening import draft_version
from loudou.contracts.services.plan_amounts import off_by
from loudou.contracts.services.plan_drafting import make_instalments, new_plan, write_draft
from loudou.contracts.services.plans_in_force import exchange, hold_customer
from loudou.contracts.services.refunds import refund_receipt
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome
from loudou.core.money import Money
from loudou.core.refusals import BusinessRefusal
from loudou.core.verbs import lock, service

D = TypeVar("D")
M = TypeVar("M", bound=models.Model)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """The payment plan that a contract was agreed with: all of its instalments, in order."""

    contract_id: int
    lines: Sequence[InstalmentDraft]


@service("contracts.draft")
def bring_plans(actor: Actor, drafts: Sequence[PlanDraft], *, at: dt.datetime) -> list[Outcome[Contract]]:
    """Give contracts the plans that they were agreed with; the outcome is the contract.

    A draft's plan is drafted. A signed contract's plan holds since it was signed, in place of the one it had, as long
    as no money was put on that. Refused one by one: NotVisible, MoneyOnPlan, PlanDoesNotAddUp, PlanNotEditable,
    ContractStateRefused, InvalidInput, ExchangeRateMissing.
    """
    return each(drafts, lambda draft: _bring_plan(actor, draft, at))


@service("contracts.invoice")
def bring_invoices(
    actor: Actor, drafts: Sequence[InvoiceDraft | RedInvoiceDraft], *, at: dt.datetime
) -> list[Outcome[Invoice]]:
    """Post invoices, blue and red. Refused one by one with what `issue_invoice` and `issue_red_invoice` raise."""
    return each(
        drafts,
        lambda draft: (
            issue_invoice(actor, draft, at=at)
            if isinstance(draft, InvoiceDraft)
            else issue_red_invoice(actor, draft, at=at)
        ),
    )


@service("contracts.refund")
def bring_refunds(actor: Actor, drafts: Sequence[RefundDraft], *, at: dt.datetime) -> list[Outcome[Refund]]:
    """Post refunds of the past. Refused one by one with what `refund_receipt` raises."""
    return each(drafts, lambda draft: refund_receipt(actor, draft, at=at, brings_history=True))


def each(drafts: Sequence[D], post: Callable[[D], M]) -> list[Outcome[M]]:
    """Post one after the other, each in a savepoint of its own; outcomes in the order of the drafts."""
    outcomes: list[Outcome[M]] = []
    for draft in drafts:
        try:
            with transaction.atomic():
                outcomes.append(Outcome(row=post(draft)))
        except BusinessRefusal as refusal:
            outcomes.append(Outcome(refusal=refusal))
    return outcomes


def _bring_plan(actor: Actor, draft: PlanDraft, at: dt.datetime) -> Contract:
    contract = lock(Contract.objects.visible_to(actor).select_related("customer"), draft.contract_id)
    if contract.state in BEFORE_SIGNING:
        write_draft(contract, draft_version(contract), draft.lines, None)
        return contract
    if not contract.is_binding or contract.version_in_force is None:
        raise ContractStateRefused(contract=str(contract), state=contract.get_state_display())
    hold_customer(contract)
    if Allocation.objects.filter(contract=contract).exists():
        raise MoneyOnPlan(contract=str(contract))
    replace_plan(actor, contract, draft.lines, at=at)
    return contract


def replace_plan(actor: Actor, contract: Contract, lines: Sequence[InstalmentDraft], *, at: dt.datetime) -> PaymentPlan:
    """Let a signed contract have had this plan from the beginning. The contract and its customer are locked.

    Only a terminated contract may be owed less than was agreed. Raises PlanDoesNotAddUp, InvalidInput.
    """
    version = contract.version_in_force
    assert version is not None  # noqa: S101 - for the type checker: a contract that binds has one
    total = contract.amount
    if contract.state == ContractState.TERMINATED and all(line.amount is not None for line in lines):
        total = sum((line.amount or ZERO for line in lines), ZERO)
        if total > contract.amount:
            raise off_by(total, Money(contract.amount, contract.currency))
    plan = new_plan(contract, version, total)
    plan.save(force_insert=True)
    Instalment.objects.bulk_create(make_instalments(plan, lines))
    return exchange(actor, contract, plan, at=at, brings_history=True)
