"""Putting a plan in force with its version of the contract, in place of the one before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from loudou.contracts.choices import AllocationCause, PlanState
from loudou.contracts.errors import ContractNotInForce, NoDefaultTemplate
from loudou.contracts.models import (
    Allocation,
    Contract,
    ContractVersion,
    Instalment,
    PaymentPlan,
    PlanTemplate,
    Receipt,
)
from loudou.contracts.services.allocating import Allocator
from loudou.contracts.services.due_dates import book, due_day, event_days
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.contracts.services.payment_evidence import report_instalments
from loudou.contracts.services.plan_amounts import by_weight, off_by
from loudou.contracts.services.plan_drafting import (
    lines_for_another_total,
    lines_of,
    make_instalments,
    new_plan,
    payment_days_of,
    write_draft,
)
from loudou.core.actors import Actor
from loudou.core.money import Money
from loudou.core.verbs import lock_all
from loudou.customers.models import Customer
from loudou.pipeline.services.valuing import Books

CAUSE = "payment_plan"


def put_in_force(
    actor: Actor, contract: Contract, *, at: dt.datetime, brings_history: bool = False
) -> PaymentPlan | None:
    """Put the plan of a contract's version in force, in place of the one before; return the plan that holds now.

    Called last by whoever signs a contract or accepts an amendment, with the contract locked and saved as it now is.
    Without a plan of its own, a first version gets the default template, an amendment the plan before in proportion.
    What was paid moves to the new instalments by entries, the oldest due first; receipts that named the contract in
    advance are allocated. Raises PlanDoesNotAddUp, ExchangeRateMissing.
    """
    plans = {row.state: row for row in PaymentPlan.objects.filter(contract=contract).exclude(state=PlanState.REPLACED)}
    draft, current = plans.get(PlanState.DRAFT), plans.get(PlanState.IN_FORCE)
    if draft is None and (current.total if current is not None else 0) == contract.amount:
        return current
    version = contract.version_in_force
    if version is None:
        raise ContractNotInForce(contract=str(contract))
    if draft is not None:
        fit_draft(contract)
        draft.refresh_from_db()
    elif not contract.amount:
        draft = new_plan(contract, version, contract.amount)
        draft.save(force_insert=True)
    else:
        lines = lines_for_another_total(current) if current is not None and current.total else default_lines(contract)
        draft = write_draft(contract, version, lines, None)
    if draft.total != contract.amount:
        raise off_by(draft.total, Money(contract.amount, contract.currency))
    return exchange(actor, contract, draft, at=at, brings_history=brings_history)


def hold_customer(contract: Contract) -> None:
    """Lock the customer of a locked contract, before the contract's version in force changes.

    That change locks out whoever refers to the contract, and a payment that holds the customer does so when it is
    allocated; held in this order, neither waits for the other in a circle.
    """
    lock_all(Customer.objects.all(), [contract.customer_id])


def fit_draft(contract: Contract) -> None:
    """Let the shares of a contract's draft plan follow the total of its version. Called when its lines change.

    Amounts given by hand stay; offering then refuses a plan that does not add up.
    """
    draft = (
        PaymentPlan.objects.filter(contract=contract, state=PlanState.DRAFT).select_related("contract_version").first()
    )
    if draft is None:
        return
    total = draft.contract_version.amount
    rows = list(draft.instalments.order_by("position"))
    if draft.total == total and draft.currency == contract.currency:
        return
    by_share = [row for row in rows if row.share is not None]
    if by_share and len(by_share) == len(rows):
        parts = by_weight(total, [row.share or Decimal(0) for row in rows], contract.currency)
        for row, amount in zip(rows, parts, strict=True):
            row.amount, row.currency = amount, contract.currency
        Instalment.objects.bulk_update(rows, ["amount", "currency"])
        draft.total, draft.currency = total, contract.currency
        draft.save_changes("total", "currency")


def check_draft_adds_up(contract: Contract, version: ContractVersion) -> None:
    """Refuse to offer a version whose draft plan is not its total. Raises PlanDoesNotAddUp."""
    fit_draft(contract)
    draft = PaymentPlan.objects.filter(contract=contract, state=PlanState.DRAFT).first()
    if draft is not None and (draft.total != version.amount or draft.currency != contract.currency):
        raise off_by(draft.total, Money(version.amount, contract.currency))


def plan_to_come(contract: Contract, version: ContractVersion) -> list[Instalment]:
    """The instalments, not written, that a draft without a plan will be offered with; none while it has no amount."""
    if version.amount <= 0 or not PlanTemplate.objects.filter(is_default=True).exists():
        return []
    return make_instalments(new_plan(contract, version, version.amount), default_lines(contract))


def give_plan(contract: Contract, version: ContractVersion) -> None:
    """Give a draft that is to be offered the default plan if it has none, so that its paper says when to pay what.

    Raises NoDefaultTemplate.
    """
    if version.amount > 0 and not PaymentPlan.objects.filter(contract=contract).exists():
        write_draft(contract, version, default_lines(contract), None)


def default_lines(contract: Contract) -> list[InstalmentDraft]:
    """The plan of a contract that brings none: the default template, at the customer's payment days.

    Raises NoDefaultTemplate.
    """
    template = PlanTemplate.objects.filter(is_default=True).first()
    if template is None:
        raise NoDefaultTemplate
    return lines_of(template, payment_days_of(contract))


def exchange(
    actor: Actor, contract: Contract, plan: PaymentPlan, *, at: dt.datetime, brings_history: bool = False
) -> PaymentPlan:
    """Put a written draft in force, move over what was paid, and report where every instalment stands.

    With `brings_history` it is the plan that was agreed from the beginning: in force since the contract was signed, and
    the plan before it, on which no money may have been put, never was.
    """
    hold_customer(contract)
    books = Books.load([contract.currency])
    today = books.day(at)
    old = PaymentPlan.objects.filter(contract=contract, state=PlanState.IN_FORCE).first()
    paid: list[tuple[Receipt, Decimal]] = []
    since = contract.signed_on or today
    from_on = since if old is None or brings_history else today
    if old is not None:
        paid = _take_off(actor, contract, books, at=at)
        old.state, old.replaced_on = PlanState.REPLACED, from_on
        old.save_changes("state", "replaced_on")
        plan.replaces = old
    rows = list(plan.instalments.order_by("position"))
    days = event_days([contract], bases={row.basis for row in rows})[contract.pk]
    for row in rows:
        row.due_on = due_day(row, days.get(row.basis))
        book(row, since, books)
    Instalment.objects.bulk_update(rows, ["due_on", "booked_on", "booked_rate", "booked_base"], batch_size=500)
    plan.state, plan.in_force_on = PlanState.IN_FORCE, from_on
    plan.save_changes("state", "in_force_on", "replaces")
    _put_back(actor, contract, books, paid, at=at)
    gone = list(old.instalments.values_list("pk", flat=True)) if old is not None else []
    told = [*gone, *(row.pk for row in rows)]
    report_instalments(actor, told, at=at, books=books, cause=CAUSE, brings_history=brings_history)
    return plan


def _take_off(actor: Actor, contract: Contract, books: Books, *, at: dt.datetime) -> list[tuple[Receipt, Decimal]]:
    """Undo the standing allocations to a contract; return the receipts with what was undone, oldest money first."""
    allocator = Allocator(actor, at, books.base)
    standing = Allocation.objects.standing().filter(contract=contract).select_related("receipt", "instalment")
    freed: dict[int, tuple[Receipt, Decimal]] = {}
    for entry in standing.order_by("receipt__received_on", "receipt_id", "pk"):
        allocator.undo(entry, on=books.day(at), cause=AllocationCause.REPLANNED)
        receipt, amount = freed.get(entry.receipt_id, (entry.receipt, Decimal(0)))
        freed[entry.receipt_id] = (receipt, amount + entry.amount)
    allocator.write()
    return list(freed.values())


def _put_back(
    actor: Actor, contract: Contract, books: Books, paid: Sequence[tuple[Receipt, Decimal]], *, at: dt.datetime
) -> None:
    """Put what was paid, and what was paid in advance for this contract, on the instalments now in force."""
    allocator = Allocator(actor, at, books.base)
    fresh = {row.pk: row for row in Receipt.objects.filter(pk__in=[receipt.pk for receipt, _amount in paid])}
    for receipt, amount in paid:
        allocator.put_oldest_first(
            fresh[receipt.pk], contract_id=contract.pk, cause=AllocationCause.REPLANNED, most=amount
        )
    advances = (
        Receipt.objects.with_advance().filter(contract=contract).exclude(pk__in=fresh).order_by("received_on", "pk")
    )
    for receipt in advances:
        allocator.put_oldest_first(receipt, contract_id=contract.pk)
    allocator.write()
