"""Payment plans: drafted with a version of the contract, and what a terminated contract is still to be paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from loudou.contracts.choices import ContractState, VersionState
from loudou.contracts.errors import NotTerminated, PlanNotEditable
from loudou.contracts.models import Contract, ContractVersion, Instalment, PaymentPlan, PlanTemplate
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.contracts.services.plan_amounts import off_by
from loudou.contracts.services.plan_drafting import (
    lines_of,
    make_instalments,
    monthly,
    new_plan,
    payment_days_of,
    write_draft,
)
from loudou.contracts.services.plans_in_force import exchange
from loudou.core.actors import Actor
from loudou.core.money import Money
from loudou.core.refusals import NotVisible
from loudou.core.verbs import lock, service


@service("contracts.draft")
def draft_plan(
    actor: Actor, contract_id: int, *, lines: Sequence[InstalmentDraft], version: int | None = None
) -> PaymentPlan:
    """Set the payment plan of the contract's draft: of the first version, or of an amendment.

    Shares follow the total when the lines of the contract change. Raises NotVisible, PlanNotEditable (offered or in
    force), PlanDoesNotAddUp, InvalidInput, StaleWrite.
    """
    contract = lock(Contract.objects.visible_to(actor), contract_id)
    return write_draft(contract, _open_version(contract), lines, version)


@service("contracts.draft")
def draft_plan_from_template(
    actor: Actor, contract_id: int, *, template_id: int, version: int | None = None
) -> PaymentPlan:
    """Set the payment plan of the contract's draft from a template, with the customer's payment days where it says so.

    Raises NotVisible, PlanNotEditable, StaleWrite.
    """
    contract = lock(Contract.objects.visible_to(actor), contract_id)
    template = PlanTemplate.objects.filter(pk=template_id, is_active=True).first()
    if template is None:
        raise NotVisible
    return write_draft(contract, _open_version(contract), lines_of(template, payment_days_of(contract)), version)


@service("contracts.draft")
def draft_monthly_plan(
    actor: Actor, contract_id: int, *, months: int, first_on: dt.date, version: int | None = None
) -> PaymentPlan:
    """Set a plan of equal instalments, one a month from a day on; the odd cents are spread, the sum is exact.

    Raises NotVisible, PlanNotEditable, InvalidInput, StaleWrite.
    """
    contract = lock(Contract.objects.visible_to(actor), contract_id)
    return write_draft(contract, _open_version(contract), monthly(months, first_on), version)


@service("contracts.end")
def settle_termination(
    actor: Actor, contract_id: int, *, lines: Sequence[InstalmentDraft], at: dt.datetime
) -> PaymentPlan:
    """Say what a terminated contract is to be paid after all: at most what was agreed, what was received included.

    Without lines nothing is to be paid. Money received beyond it becomes an advance, which can be refunded.
    Raises NotVisible, NotTerminated, PlanDoesNotAddUp, InvalidInput.
    """
    contract = lock(Contract.objects.visible_to(actor), contract_id)
    if contract.state != ContractState.TERMINATED or contract.version_in_force is None:
        raise NotTerminated(contract=str(contract))
    total = sum((line.amount or Decimal(0) for line in lines), Decimal(0))
    if any(line.amount is None for line in lines) or total > contract.amount:
        raise off_by(total, Money(contract.amount, contract.currency))
    plan = new_plan(contract, contract.version_in_force, total)
    plan.save(force_insert=True)
    if lines:
        Instalment.objects.bulk_create(make_instalments(plan, lines))
    return exchange(actor, contract, plan, at=at)


def _open_version(contract: Contract) -> ContractVersion:
    """The version that is being drafted. Raises PlanNotEditable."""
    version = ContractVersion.objects.filter(contract=contract, state=VersionState.DRAFT).first()
    if version is None:
        raise PlanNotEditable(contract=str(contract))
    return version
