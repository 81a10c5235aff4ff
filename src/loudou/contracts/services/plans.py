"""Payment plans: drafted with a version of the contract, put in force with it, replaced by an amendment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from loudou.contracts.choices import AllocationCause, ContractState, DueBasis, PlanState, VersionState
from loudou.contracts.errors import NoDefaultTemplate, NotTerminated, PlanDoesNotAddUp, PlanNotEditable
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
from loudou.contracts.services.plan_amounts import amounts, by_weight, shift
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.money import Money
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.core.verbs import check_version, lock, lock_all, service
from loudou.customers.models import Customer
from loudou.pipeline.services.valuing import Books

CAUSE = "payment_plan"
SHARE_DIGITS = Decimal(1).scaleb(-12)
MOST_INSTALMENTS = 360


@service("contracts.draft")
def draft_plan(
    actor: Actor, contract_id: int, *, lines: Sequence[InstalmentDraft], version: int | None = None
) -> PaymentPlan:
    """Set the payment plan of the contract's draft: of the first version, or of an amendment.

    Shares follow the total when the lines of the contract change. Raises NotVisible, PlanNotEditable (offered or in
    force), PlanDoesNotAddUp, InvalidInput, StaleWrite.
    """
    contract = lock(Contract.objects.visible_to(actor), contract_id)
    return _write_draft(contract, _open_version(contract), lines, version)


@service("contracts.draft")
def draft_plan_from_template(
    actor: Actor, contract_id: int, *, template_id: int, version: int | None = None
) -> PaymentPlan:
    """Set the payment plan of the contract's draft from a template. Raises NotVisible, PlanNotEditable, StaleWrite."""
    contract = lock(Contract.objects.visible_to(actor), contract_id)
    template = PlanTemplate.objects.filter(pk=template_id, is_active=True).first()
    if template is None:
        raise NotVisible
    return _write_draft(contract, _open_version(contract), lines_of(template), version)


@service("contracts.draft")
def draft_monthly_plan(
    actor: Actor, contract_id: int, *, months: int, first_on: dt.date, version: int | None = None
) -> PaymentPlan:
    """Set a plan of equal instalments, one a month from a day on; the odd cents are spread, the sum is exact.

    Raises NotVisible, PlanNotEditable, InvalidInput, StaleWrite.
    """
    contract = lock(Contract.objects.visible_to(actor), contract_id)
    return _write_draft(contract, _open_version(contract), monthly(months, first_on), version)


@service("contracts.end")
def settle_termination(
    actor: Actor, contract_id: int, *, lines: Sequence[InstalmentDraft], at: dt.datetime
) -> PaymentPlan:
    """Say what a terminated contract is to be paid after all: at most what was agreed, what was received included.

    Money received beyond it becomes an advance, which can be refunded. Raises NotVisible, NotTerminated,
    PlanDoesNotAddUp, InvalidInput.
    """
    contract = lock(Contract.objects.visible_to(actor), contract_id)
    if contract.state != ContractState.TERMINATED or contract.version_in_force is None:
        raise NotTerminated(contract=str(contract))
    total = sum((line.amount or Decimal(0) for line in lines), Decimal(0))
    if any(line.amount is None for line in lines) or total > contract.amount:
        raise PlanDoesNotAddUp(
            sum=f"{total:f}", total=f"{contract.amount:f}", currency=contract.currency,
            difference=f"{total - contract.amount:f}",
        )  # fmt: skip
    plan = _new_plan(contract, contract.version_in_force, total)
    plan.save(force_insert=True)
    Instalment.objects.bulk_create(_instalments(plan, lines))
    return _exchange(actor, contract, plan, at=at)


def put_in_force(actor: Actor, contract: Contract, *, at: dt.datetime) -> PaymentPlan | None:
    """Put the plan of a contract's version in force, in place of the one before; return the plan that holds now.

    Called last by whoever signs a contract or accepts an amendment, with the contract locked and saved as it now is.
    Without a plan of its own, a first version gets the default template, an amendment the plan before, by shares.
    What was paid moves to the new instalments by entries, the oldest due first; receipts that named the contract in
    advance are allocated. Raises PlanDoesNotAddUp, ExchangeRateMissing.
    """
    plans = {
        plan.state: plan for plan in PaymentPlan.objects.filter(contract=contract).exclude(state=PlanState.REPLACED)
    }
    draft, current = plans.get(PlanState.DRAFT), plans.get(PlanState.IN_FORCE)
    if draft is None and current is not None and current.total == contract.amount:
        return current
    if draft is None and current is None and not contract.amount:
        return None
    if draft is not None:
        fit_draft(contract)
        draft.refresh_from_db()
    elif contract.version_in_force is not None:
        lines = _as_drafts(current) if current is not None else lines_of(_default_template())
        draft = _write_draft(contract, contract.version_in_force, lines, None)
    if draft is None:
        raise PlanNotEditable(contract=str(contract))
    if draft.total != contract.amount:
        raise PlanDoesNotAddUp(
            sum=f"{draft.total:f}", total=f"{contract.amount:f}", currency=contract.currency,
            difference=f"{draft.total - contract.amount:f}",
        )  # fmt: skip
    return _exchange(actor, contract, draft, at=at)


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
        raise PlanDoesNotAddUp(
            sum=f"{draft.total:f}", total=f"{version.amount:f}", currency=contract.currency,
            difference=f"{draft.total - version.amount:f}",
        )  # fmt: skip


def lines_of(template: PlanTemplate) -> list[InstalmentDraft]:
    """A template's instalments with their shares of the whole, which add up to 1 exactly."""
    rows = list(template.instalments.order_by("position"))
    whole = sum((row.weight for row in rows), Decimal(0))
    shares = [(row.weight / whole).quantize(SHARE_DIGITS) for row in rows]
    shares[-1] = 1 - sum(shares[:-1], Decimal(0))
    return [
        InstalmentDraft(
            name=row.label,
            basis=DueBasis(row.basis),
            share=share,
            offset_months=row.offset_months,
            offset_days=row.offset_days,
            is_retention=row.is_retention,
        )
        for row, share in zip(rows, shares, strict=True)
    ]


def monthly(months: int, first_on: dt.date) -> list[InstalmentDraft]:
    """Equal shares, one a month from a day on. Raises InvalidInput."""
    if not 1 <= months <= MOST_INSTALMENTS:
        raise InvalidInput({"months": [_("Between 1 and %(most)s months.") % {"most": MOST_INSTALMENTS}]})
    each = (Decimal(1) / months).quantize(SHARE_DIGITS)
    last = 1 - each * (months - 1)
    return [
        InstalmentDraft(
            name=_("Month %(number)s") % {"number": number + 1},
            basis=DueBasis.DATE,
            share=last if number == months - 1 else each,
            on=shift(first_on, months=number, days=0),
        )
        for number in range(months)
    ]


def _open_version(contract: Contract) -> ContractVersion:
    """The version that is being drafted. Raises PlanNotEditable."""
    version = ContractVersion.objects.filter(contract=contract, state=VersionState.DRAFT).first()
    if version is None:
        raise PlanNotEditable(contract=str(contract))
    return version


def _default_template() -> PlanTemplate:
    template = PlanTemplate.objects.filter(is_default=True).first()
    if template is None:
        raise NoDefaultTemplate
    return template


def _as_drafts(plan: PaymentPlan) -> list[InstalmentDraft]:
    """The instalments of a plan, to be drafted anew."""
    return [
        InstalmentDraft(
            name=row.name,
            basis=DueBasis(row.basis),
            share=row.share,
            amount=row.amount if row.share is None else None,
            on=row.fixed_on,
            offset_months=row.offset_months,
            offset_days=row.offset_days,
            is_retention=row.is_retention,
        )
        for row in plan.instalments.order_by("position")
    ]


def _new_plan(contract: Contract, version: ContractVersion, total: Decimal) -> PaymentPlan:
    return PaymentPlan(
        contract=contract,
        customer_id=contract.customer_id,
        contract_version=version,
        currency=contract.currency,
        total=total,
    )


def _write_draft(
    contract: Contract, version: ContractVersion, lines: Sequence[InstalmentDraft], known: int | None
) -> PaymentPlan:
    """Replace the draft plan of a locked contract."""
    draft = PaymentPlan.objects.filter(contract=contract, state=PlanState.DRAFT).first()
    if draft is None:
        draft = _new_plan(contract, version, version.amount)
        draft.save(force_insert=True)
    else:
        check_version(draft, known)
        draft.instalments.all().delete()
        draft.contract_version, draft.total, draft.currency = version, version.amount, contract.currency
        draft.save_changes("contract_version", "total", "currency")
    Instalment.objects.bulk_create(_instalments(draft, lines))
    return draft


def _instalments(plan: PaymentPlan, lines: Sequence[InstalmentDraft]) -> list[Instalment]:
    """Make the rows of a plan. Raises InvalidInput, PlanDoesNotAddUp."""
    if not 1 <= len(lines) <= MOST_INSTALMENTS:
        raise InvalidInput(
            {"lines": [_("A plan has between 1 and %(most)s instalments.") % {"most": MOST_INSTALMENTS}]}
        )
    parts = amounts(lines, Money(plan.total, plan.currency))
    rows = []
    for position, (line, amount) in enumerate(zip(lines, parts, strict=True), start=1):
        row = Instalment(
            plan=plan,
            contract_id=plan.contract_id,
            customer_id=plan.customer_id,
            position=position,
            name=line.name.strip(),
            basis=line.basis,
            fixed_on=line.on,
            offset_months=line.offset_months,
            offset_days=line.offset_days,
            share=line.share,
            is_retention=line.is_retention,
            currency=plan.currency,
            amount=amount,
        )
        if refusal := clean_row(row):
            raise refusal
        if amount <= 0:
            raise InvalidInput({"lines": [_("An instalment must be greater than zero.")]})
        if (line.on is None) == (line.basis == DueBasis.DATE):
            raise InvalidInput({"lines": [_("Give the day, or the event, on which the instalment is due.")]})
        rows.append(row)
    return rows


def _exchange(actor: Actor, contract: Contract, plan: PaymentPlan, *, at: dt.datetime) -> PaymentPlan:
    """Put a written draft in force, move over what was paid, and report where every instalment stands."""
    lock_all(Customer.objects.all(), [contract.customer_id])
    books = Books.load([contract.currency])
    today = books.day(at)
    old = PaymentPlan.objects.filter(contract=contract, state=PlanState.IN_FORCE).first()
    paid: list[tuple[Receipt, Decimal]] = []
    if old is not None:
        paid = _take_off(actor, contract, books, at=at)
        old.state, old.replaced_on = PlanState.REPLACED, today
        old.save_changes("state", "replaced_on")
        plan.replaces = old
    rows = list(plan.instalments.order_by("position"))
    days = event_days([contract])[contract.pk]
    for row in rows:
        row.due_on = due_day(row, days.get(row.basis))
        book(row, contract.signed_on or today, books)
    Instalment.objects.bulk_update(rows, ["due_on", "booked_on", "booked_rate", "booked_base"], batch_size=500)
    plan.state, plan.in_force_on = PlanState.IN_FORCE, today if old is not None else contract.signed_on or today
    plan.save_changes("state", "in_force_on", "replaces")
    _put_back(actor, contract, books, paid, at=at)
    gone = list(old.instalments.values_list("pk", flat=True)) if old is not None else []
    report_instalments(actor, [*gone, *(row.pk for row in rows)], at=at, books=books, cause=CAUSE)
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
