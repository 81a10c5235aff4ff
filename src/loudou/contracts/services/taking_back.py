"""Taking back what an import posted: it is again as if it had never been, unless something rests on it.

What somebody posted here is only ever answered by opposite entries. What an import brought along and nobody has built
on is removed instead, through the one door for that (`core.audit.history_may_go`): balances follow by the triggers, the
audit keeps each row, and the phases of the customers are told anew. See ADR 029.

Each verb returns why records stay, by id; those that are not named are gone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import F, Max, Model, Q, QuerySet
from django.utils.translation import gettext as _

from loudou.contracts.choices import PlanState
from loudou.contracts.models import (
    Allocation,
    BillEvent,
    Contract,
    ContractAct,
    ContractClause,
    ContractFile,
    ContractLine,
    ContractVersion,
    Delivery,
    DiscountRequest,
    Instalment,
    Invoice,
    InvoiceLine,
    LineTerms,
    PaymentPlan,
    Receipt,
    Refund,
    Reversal,
    StatementPosting,
)
from loudou.contracts.services.bringing import PlanDraft, bring_plans
from loudou.contracts.services.due_dates import follow_events
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.contracts.services.payment_evidence import report_instalments
from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.refusals import BusinessRefusal
from loudou.core.verbs import lock_all, service
from loudou.customers.choices import EvidenceKind
from loudou.customers.models import Customer, Evidence
from loudou.customers.services.recounting import forget
from loudou.pipeline.services.valuing import Books

CAUSE = "taken_back"
CONTRACT, INSTALMENT = "contracts.contract", "contracts.instalment"
MONEY_KINDS = (
    EvidenceKind.INSTALMENT,
    EvidenceKind.FIRST_INSTALMENT_RECEIVED,
    EvidenceKind.REFUNDED,
)
MONEY_CAUSES = ("receipt", "refund", "bill", CAUSE)
"""Causes of evidence of these kinds that money gives; plans give theirs under another name."""

Kept = dict[int, str]

_POSTED: tuple[type[Model], ...] = (
    Delivery, Invoice, Receipt, Refund, Allocation, Reversal, ContractFile, DiscountRequest,
)  # fmt: skip
"""What is posted or added under a contract after it was brought along: it stays, and keeps the contract."""

_PARTS: tuple[tuple[type[Model], str], ...] = (
    (ContractAct, "contract"),
    (ContractClause, "version__contract"),
    (LineTerms, "version__contract"),
    (ContractLine, "contract"),
    (ContractVersion, "contract"),
)
"""What a contract consists of, in the order in which it can go."""


@service("contracts.reverse")
def take_back_receipts(actor: Actor, receipt_ids: Collection[int], *, at: dt.datetime) -> Kept:
    """Remove receipts that an import posted, with the allocations that were made in posting them.

    One that was refunded, reversed, allocated anew, honoured later or matched with a bank line stays.
    """
    rows = list(Receipt.objects.filter(pk__in=receipt_ids))
    lock_all(Customer.objects.all(), {row.customer_id for row in rows})
    kept: Kept = {}
    _keep(kept, Refund.objects.filter(receipt__in=rows), "receipt_id", _("Money of it was paid back since."))
    _keep(kept, Receipt.objects.filter(pk__in=receipt_ids).exclude(reversed=0), "pk", _("It was reversed since."))
    _keep(kept, StatementPosting.objects.filter(receipt__in=rows), "receipt_id", _("A bank line belongs to it."))
    _keep(
        kept,
        BillEvent.objects.filter(receipt__in=rows).exclude(at=F("receipt__posted_at")),
        "receipt_id",
        _("The bill was settled since."),
    )
    later = Allocation.objects.filter(receipt__in=rows).exclude(at=F("receipt__posted_at"))
    _keep(kept, later, "receipt_id", _("It was allocated anew since."))
    gone = {row.pk for row in rows} - kept.keys()
    entries = Allocation.objects.filter(receipt_id__in=gone)
    touched = set(entries.values_list("instalment_id", flat=True))
    with audit.history_may_go():
        _delete(entries.filter(undoes__isnull=False))
        _delete(entries)
        _delete(BillEvent.objects.filter(receipt_id__in=gone))
        _delete(Receipt.objects.filter(pk__in=gone))
    _tell_anew(actor, touched, at)
    return kept


@service("contracts.reverse")
def take_back_refunds(actor: Actor, refund_ids: Collection[int], *, at: dt.datetime) -> Kept:
    """Remove refunds that an import posted; what they took off instalments is on them again.

    One that was reversed, or after which its receipt was allocated anew, stays.
    """
    rows = list(Refund.objects.filter(pk__in=refund_ids).select_related("receipt"))
    lock_all(Customer.objects.all(), {row.customer_id for row in rows})
    kept: Kept = {}
    _keep(kept, Refund.objects.filter(pk__in=refund_ids, is_reversed=True), "pk", _("It was reversed since."))
    touched: set[int] = set()
    with audit.history_may_go():
        for row in sorted(rows, key=lambda row: row.pk, reverse=True):
            if row.pk in kept:
                continue
            others = Refund.objects.filter(receipt=row.receipt, posted_at=row.posted_at).exclude(pk__in=refund_ids)
            if others.exists():
                kept[row.pk] = _("Another refund of the same receipt rests on it.")
                continue
            if row.receipt.allocations.filter(at__gt=row.posted_at).exists():
                kept[row.pk] = _("Its receipt was allocated anew since.")
                continue
            entries = row.receipt.allocations.filter(at=row.posted_at, cause="refunded")
            touched |= set(entries.values_list("instalment_id", flat=True))
            _delete(Refund.objects.filter(pk=row.pk))
            _delete(entries.filter(undoes__isnull=True))
            _delete(entries)
    _tell_anew(actor, touched, at)
    return kept


@service("contracts.reverse")
def take_back_invoices(actor: Actor, invoice_ids: Collection[int], *, at: dt.datetime) -> Kept:
    """Remove invoices that an import posted, red ones before the blue ones they name.

    A blue one that was taken back by a red one from elsewhere stays.
    """
    rows = list(Invoice.objects.filter(pk__in=invoice_ids))
    contracts = {row.contract_id for row in rows}
    lock_all(Contract.objects.all(), contracts)
    lock_all(Customer.objects.all(), {row.customer_id for row in rows})
    kept: Kept = {}
    others = Invoice.objects.filter(corrects__in=rows).exclude(pk__in=invoice_ids)
    _keep(kept, others, "corrects_id", _("A red invoice takes it back."))
    gone = {row.pk for row in rows} - kept.keys()
    with audit.history_may_go():
        for side in (Q(corrects__isnull=False), Q(corrects__isnull=True)):
            part = Invoice.objects.filter(side, pk__in=gone)
            _delete(InvoiceLine.objects.filter(invoice__in=part))
            _delete(part)
    follow_events(actor, contracts, at=at, cause=CAUSE)
    return kept


@service("contracts.draft")
def take_back_contracts(actor: Actor, left: Mapping[int, int], *, at: dt.datetime) -> Kept:
    """Remove contracts that an import brought: those that still have the version it left (by id) and nothing posted.

    Versions, lines, clauses, acts and plans go with them.
    """
    rows = lock_all(Contract.objects.all(), left)
    lock_all(Customer.objects.all(), {row.customer_id for row in rows})
    kept: Kept = {row.pk: _("Somebody changed it since the import.") for row in rows if row.version != left[row.pk]}
    for model in _POSTED:
        _keep(kept, model._default_manager.filter(contract__in=rows), "contract_id", _("Something was added under it."))
    amended = ContractVersion.objects.filter(contract__in=rows, sequence__gt=1)
    _keep(kept, amended, "contract_id", _("It was amended since."))
    gone = {row.pk for row in rows} - kept.keys()
    instalments = set(Instalment.objects.filter(contract_id__in=gone).values_list("pk", flat=True))
    with audit.history_may_go():
        plans = PaymentPlan.objects.filter(contract_id__in=gone)
        _delete(Instalment.objects.filter(plan__in=plans))
        while plans.exists():  # the newest first: a plan names the one it replaced
            _delete(plans.filter(replaced_by__isnull=True))
        for part, path in _PARTS:
            _delete(part._default_manager.filter(**{f"{path}__in": gone}))
        _delete(Contract.objects.filter(pk__in=gone))
    forget(INSTALMENT, dict.fromkeys(instalments, 0), now=at)
    forget(CONTRACT, dict.fromkeys(gone, 0), now=at)
    return kept


@service("contracts.draft")
def take_back_plans(
    actor: Actor, before: Mapping[int, Sequence[InstalmentDraft]], *, at: dt.datetime
) -> dict[int, BusinessRefusal]:
    """Give contracts the plans back that they had before an import (by contract); return refusals by contract.

    A draft without a plan before loses the one it got. Refused: MoneyOnPlan, and what `bring_plans` refuses.
    """
    empty = [pk for pk, lines in before.items() if not lines]
    _drop_drafts(empty)
    drafts = [PlanDraft(pk, lines) for pk, lines in before.items() if lines]
    outcomes = bring_plans(actor, drafts, at=at)
    return {
        draft.contract_id: outcome.refusal
        for draft, outcome in zip(drafts, outcomes, strict=True)
        if outcome.refusal is not None
    }


def _drop_drafts(contract_ids: Collection[int]) -> None:
    _delete(Instalment.objects.filter(plan__state=PlanState.DRAFT, contract_id__in=contract_ids))
    _delete(PaymentPlan.objects.filter(state=PlanState.DRAFT, contract_id__in=contract_ids))


def _keep(kept: Kept, rows: QuerySet[Any], column: str, reason: str) -> None:
    """Say of the records that these rows name why they stay; the first reason counts."""
    for pk in rows.order_by().values_list(column, flat=True).distinct():
        kept.setdefault(pk, reason)


def _delete(rows: QuerySet[Any]) -> None:
    """Delete with one statement; the database's triggers write the audit and move the balances."""
    rows._raw_delete(rows.db)


def _tell_anew(actor: Actor, instalment_ids: Collection[int], at: dt.datetime) -> None:
    """Take back what the money proved about instalments and their contracts, then tell where they stand without it."""
    if not instalment_ids:
        return
    contracts = set(Instalment.objects.filter(pk__in=instalment_ids).values_list("contract_id", flat=True))
    for model, ids in ((INSTALMENT, set(instalment_ids)), (CONTRACT, contracts)):
        about = Evidence.objects.filter(subject_model=model, subject_id__in=ids)
        about = about.exclude(kind__in=MONEY_KINDS, cause__in=MONEY_CAUSES)
        newest = dict(about.order_by().values_list("subject_id").annotate(newest=Max("pk")))
        forget(model, {pk: newest.get(pk, 0) for pk in ids}, now=at)
    currencies = set(Contract.objects.filter(pk__in=contracts).values_list("currency", flat=True))
    books = Books.load(currencies)
    report_instalments(actor, instalment_ids, at=at, books=books, cause=CAUSE, brings_history=True)
