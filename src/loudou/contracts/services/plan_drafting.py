"""Making the rows of a plan that is not in force yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from loudou.contracts.choices import ON_TERMS, DueBasis, PlanState
from loudou.contracts.models import Contract, ContractVersion, Instalment, PaymentPlan, PlanTemplate
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.contracts.services.plan_amounts import amounts, shift
from loudou.core.bulk import clean_row
from loudou.core.money import Money
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version
from loudou.customers.selectors.policy import policy_of

SHARE_DIGITS = Decimal(1).scaleb(-12)
MOST_INSTALMENTS = 360


def lines_of(template: PlanTemplate, payment_days: int | None = None) -> list[InstalmentDraft]:
    """A template's instalments with their shares of the whole, which add up to 1 exactly.

    `payment_days` are the customer's; they take the place of the template's days where it says so.
    """
    rows = list(template.instalments.order_by("position"))
    whole = sum((row.weight for row in rows), Decimal(0))
    shares = [(row.weight / whole).quantize(SHARE_DIGITS) for row in rows]
    shares[-1] = 1 - sum(shares[:-1], Decimal(0))
    return [
        InstalmentDraft(
            name=row.name,
            name_zh=row.name_zh,
            basis=DueBasis(row.basis),
            share=share,
            offset_months=row.offset_months,
            offset_days=row.offset_days if payment_days is None or not row.on_terms else payment_days,
            is_retention=row.is_retention,
        )
        for row, share in zip(rows, shares, strict=True)
    ]


def payment_days_of(contract: Contract) -> int | None:
    """Days after delivery, acceptance or invoice that the customer has to pay; None when nothing is agreed."""
    return policy_of(contract.customer).payment_days


def monthly(months: int, first_on: dt.date) -> list[InstalmentDraft]:
    """Equal shares, one a month from a day on. Raises InvalidInput."""
    if not 1 <= months <= MOST_INSTALMENTS:
        raise InvalidInput({"months": [_("Between 1 and %(most)s months.") % {"most": MOST_INSTALMENTS}]})
    each = (Decimal(1) / months).quantize(SHARE_DIGITS)
    last = 1 - each * (months - 1)
    return [
        InstalmentDraft(
            name=_in("en", gettext_noop("Month %(number)s")) % {"number": number + 1},
            name_zh=_in("zh-hans", "Month %(number)s") % {"number": number + 1},
            basis=DueBasis.DATE,
            share=last if number == months - 1 else each,
            on=shift(first_on, months=number, days=0),
        )
        for number in range(months)
    ]


def _in(language: str, text: str) -> str:
    """A text in a language, whoever is asking."""
    with override(language):
        return _(text)


def lines_for_another_total(plan: PaymentPlan) -> list[InstalmentDraft]:
    """The instalments of a plan for another total: each keeps its share."""
    rows = list(plan.instalments.order_by("position"))
    shares = [(row.amount / plan.total).quantize(SHARE_DIGITS) for row in rows]
    shares[-1] = 1 - sum(shares[:-1], Decimal(0))
    return [
        InstalmentDraft(
            name=row.name,
            name_zh=row.name_zh,
            basis=DueBasis(row.basis),
            share=share,
            on=row.fixed_on,
            offset_months=row.offset_months,
            offset_days=row.offset_days,
            is_retention=row.is_retention,
        )
        for row, share in zip(rows, shares, strict=True)
    ]


def new_plan(contract: Contract, version: ContractVersion, total: Decimal) -> PaymentPlan:
    """A draft over a total, not written yet."""
    return PaymentPlan(
        contract=contract,
        customer_id=contract.customer_id,
        contract_version=version,
        currency=contract.currency,
        total=total,
    )


def write_draft(
    contract: Contract, version: ContractVersion, lines: Sequence[InstalmentDraft], known: int | None
) -> PaymentPlan:
    """Replace the draft plan of a locked contract."""
    draft = PaymentPlan.objects.filter(contract=contract, state=PlanState.DRAFT).first()
    if draft is None:
        draft = new_plan(contract, version, version.amount)
        draft.save(force_insert=True)
    else:
        check_version(draft, known)
        draft.instalments.all().delete()
        draft.contract_version, draft.total, draft.currency = version, version.amount, contract.currency
        draft.save_changes("contract_version", "total", "currency")
    Instalment.objects.bulk_create(make_instalments(draft, lines))
    return draft


def make_instalments(plan: PaymentPlan, lines: Sequence[InstalmentDraft]) -> list[Instalment]:
    """Make the rows of a plan. Raises InvalidInput, PlanDoesNotAddUp."""
    if not 1 <= len(lines) <= MOST_INSTALMENTS:
        raise InvalidInput(
            {"lines": [_("A plan has between 1 and %(most)s instalments.") % {"most": MOST_INSTALMENTS}]}
        )
    parts = amounts(lines, Money(plan.total, plan.currency))
    asks = any(line.offset_days is None and _is_on_terms(line) for line in lines)
    terms = payment_days_of(plan.contract) if asks else None
    rows = []
    for position, (line, amount) in enumerate(zip(lines, parts, strict=True), start=1):
        row = Instalment(
            plan=plan,
            contract_id=plan.contract_id,
            customer_id=plan.customer_id,
            position=position,
            name=line.name.strip(),
            name_zh=line.name_zh.strip(),
            basis=line.basis,
            fixed_on=line.on,
            offset_months=line.offset_months,
            offset_days=_days_later(line, terms or 0),
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


def _is_on_terms(line: InstalmentDraft) -> bool:
    return line.basis in ON_TERMS and not line.offset_months and not line.is_retention


def _days_later(line: InstalmentDraft, terms: int) -> int:
    if line.offset_days is not None:
        return line.offset_days
    return terms if _is_on_terms(line) else 0
