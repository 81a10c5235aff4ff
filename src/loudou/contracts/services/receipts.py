"""Posting money that came in, and allocating it in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import IntegrityError
from django.db.models import Q
from django.utils.translation import gettext as _

from loudou.contracts.accounts import account_key
from loudou.contracts.choices import DocumentKind, ReceiptKind
from loudou.contracts.errors import BankReferencePosted, ReceiptKeyReused, ReceiptOverdrawn
from loudou.contracts.models import BillEvent, Contract, Receipt
from loudou.contracts.services.allocating import Allocator
from loudou.contracts.services.ledger_drafts import ContractPart, ReceiptDraft
from loudou.contracts.services.numbers import next_numbers
from loudou.contracts.services.payment_evidence import Standing, last_money, report_coming
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, clean_row, constraint_refusal
from loudou.core.copying import copy_rows
from loudou.core.kept import one_reading
from loudou.core.money import check_currency, round_money, written
from loudou.core.refusals import BusinessRefusal, InvalidInput, NotVisible
from loudou.core.verbs import lock_all, service
from loudou.customers.models import Customer
from loudou.pipeline.services.valuing import Books

CAUSE = "receipt"
COPIED = (
    "customer_id", "contract_id", "kind", "received_on", "number", "payer", "account", "bank_reference",
    "bill_number", "drawee", "matures_on", "note", "key",
)  # fmt: skip
SAME = ("customer_id", "contract_id", "kind", "amount", "currency", "received_on")
"""Facts that a repeated posting must repeat."""


def post_receipt(actor: Actor, draft: ReceiptDraft, *, at: dt.datetime) -> Receipt:
    """Post one receipt and allocate it. The same key again returns the receipt that is already there.

    Raises NotVisible, InvalidInput, DateInFuture, ExchangeRateMissing, ReceiptKeyReused, BankReferencePosted, and with
    `parts` InstalmentOverpaid, InstalmentNotPayable, ReceiptOverdrawn.
    """
    return post_receipts(actor, [draft], at=at)[0].unwrap()


@service("contracts.post_receipt")
def post_receipts(
    actor: Actor, drafts: Sequence[ReceiptDraft], *, at: dt.datetime, brings_history: bool = False
) -> list[Outcome[Receipt]]:
    """Post many receipts and allocate them; one outcome per draft, in order. Refused ones leave no trace.

    The customers are locked first, so what is allocated is decided on fresh balances, and what follows for phases and
    contracts is written before the receipts: their numbers, for which others wait, are taken when nothing but the rows
    that bear them is left to write (see ADR 044). With `brings_history` the phases of the customers are told anew
    where money came before what is known.
    """
    with one_reading():  # posting changes neither rates nor rules
        batch = _Batch.load(actor, drafts, at)
        outcomes: list[Outcome[Receipt]] = []
        for draft in drafts:
            try:
                outcomes.append(Outcome(row=batch.already_posted(draft) or batch.plan(draft)))
            except BusinessRefusal as refusal:
                outcomes.append(Outcome(refusal=refusal))
        batch.write(brings_history=brings_history)
    return outcomes


@dataclass
class _Batch:
    """What the drafts of one call refer to, read with a constant number of statements, and what becomes of them."""

    actor: Actor
    at: dt.datetime
    books: Books
    today: dt.date
    customers: dict[int, Customer]
    contracts: dict[int, Contract]
    by_key: dict[str, Receipt]
    by_reference: dict[tuple[str, str], Receipt]
    numbers: set[str]
    allocator: Allocator
    receipts: list[Receipt] = field(default_factory=list)
    honoured: list[BillEvent] = field(default_factory=list)

    @classmethod
    def load(cls, actor: Actor, drafts: Sequence[ReceiptDraft], at: dt.datetime) -> _Batch:
        """Lock the customers, then read the rest."""
        customers = lock_all(Customer.objects.visible_to(actor), {draft.customer_id for draft in drafts})
        wanted = {draft.contract_id for draft in drafts if draft.contract_id is not None}
        wanted |= {part.contract_id for draft in drafts for part in draft.contract_parts}
        contracts = Contract.objects.visible_to(actor).filter(pk__in=wanted) if wanted else ()
        books = Books.load({draft.currency.strip().upper() for draft in drafts})
        by_key, by_reference = _known(drafts)
        return cls(
            actor=actor,
            at=at,
            books=books,
            today=books.day(at),
            customers={row.pk: row for row in customers},
            contracts={row.pk: row for row in contracts},
            by_key=by_key,
            by_reference=by_reference,
            numbers=_taken({draft.number for draft in drafts if draft.number}),
            allocator=Allocator(actor, at, books.base),
        )

    def already_posted(self, draft: ReceiptDraft) -> Receipt | None:
        """Return the receipt with the draft's key. Raises ReceiptKeyReused when it says something else."""
        found = self.by_key.get(draft.key) if draft.key else None
        if found is None:
            return None
        currency = draft.currency.strip().upper() or self.books.base
        facts = (draft.customer_id, draft.contract_id, draft.kind, draft.amount, currency, draft.received_on)
        if tuple(getattr(found, name) for name in SAME) != facts:
            raise ReceiptKeyReused(key=draft.key, number=found.number)
        return found

    def plan(self, draft: ReceiptDraft) -> Receipt:
        """Turn a draft into unsaved rows and return the receipt. Raises its refusal, and then leaves nothing behind."""
        receipt = self._receipt(draft)
        planned = len(self.allocator.entries)
        try:
            for part in draft.contract_parts:
                self._put_on_contract(receipt, part)
            if draft.parts:
                self.allocator.put_parts(receipt, draft.parts)
            elif draft.allocate and not draft.contract_parts:
                self.allocator.put_oldest_first(receipt, contract_id=draft.contract_id)
            if draft.cash_on is not None and draft.kind == ReceiptKind.BILL:
                self.honoured.append(self._honoured(receipt, draft.cash_on))
        except BusinessRefusal:
            self.allocator.back_to(planned)
            raise
        self.receipts.append(receipt)
        if draft.key:
            self.by_key[draft.key] = receipt
        if draft.bank_reference:
            self.by_reference[account_key(draft.account), draft.bank_reference] = receipt
        if receipt.number:
            self.numbers.add(receipt.number)
        return receipt

    def _put_on_contract(self, receipt: Receipt, part: ContractPart) -> None:
        """Put a part on the open instalments of a contract; what it does not ask for is an advance."""
        if part.contract_id not in self.contracts:
            raise NotVisible
        amount, left = round_money(part.amount, receipt.currency), self.allocator.purse(receipt).left
        if amount <= 0:
            raise InvalidInput({"parts": [_("The amount must be greater than zero.")]})
        if amount > left:
            raise ReceiptOverdrawn(
                number=receipt.number,
                left=written(left, receipt.currency),
                asked=written(amount, receipt.currency),
                currency=receipt.currency,
            )
        self.allocator.put_oldest_first(receipt, contract_id=part.contract_id, most=amount)

    def write(self, *, brings_history: bool) -> None:
        """Write what follows from the receipts, then number them and write them with their allocations."""
        if not self.receipts:
            return
        report_coming(
            self.actor,
            self._standings(),
            locked=self.customers.values(),
            at=self.at,
            books=self.books,
            cause=CAUSE,
            brings_history=brings_history,
        )
        nameless = [receipt for receipt in self.receipts if not receipt.number]
        numbers = next_numbers(DocumentKind.RECEIPT, [receipt.received_on for receipt in nameless])
        for receipt, number in zip(nameless, numbers, strict=True):
            receipt.number = number
        try:
            copy_rows(self.receipts)
        except IntegrityError as error:  # the same key or bank reference at the same moment for another customer
            raise constraint_refusal(self.receipts[0], error) from error
        self.allocator.write()
        BillEvent.objects.bulk_create(self.honoured)

    def _standings(self) -> list[Standing]:
        """Where the instalments will stand that the planned entries pay in full."""
        honoured = {id(event.receipt): event.on for event in self.honoured}
        coming: dict[int, list[tuple[Decimal, dt.date]]] = defaultdict(list)
        for entry in self.allocator.entries:
            day = honoured.get(id(entry.receipt)) or entry.receipt.cash_on
            if day is not None and entry.instalment_id in self.allocator.settled:
                coming[entry.instalment_id].append((entry.amount, day))
        rows = [self.allocator.known[pk].row for pk in sorted(self.allocator.settled)]
        earlier = last_money([row.pk for row in rows if row.cash])
        standings = []
        for row in rows:
            cash = row.cash + sum((amount for amount, _day in coming[row.pk]), Decimal(0))
            days = [day for _amount, day in coming[row.pk]]
            standings.append(Standing(row, cash, max([*days, *filter(None, [earlier.get(row.pk)])], default=None)))
        return standings

    def _receipt(self, draft: ReceiptDraft) -> Receipt:
        if draft.customer_id not in self.customers:
            raise NotVisible
        contract = self.contracts.get(draft.contract_id) if draft.contract_id is not None else None
        if draft.contract_id is not None and (contract is None or contract.customer_id != draft.customer_id):
            raise NotVisible
        reference = (account_key(draft.account), draft.bank_reference)
        if draft.bank_reference and reference in self.by_reference:
            number = self.by_reference[reference].number
            raise BankReferencePosted(reference=draft.bank_reference, number=number)
        if draft.number in self.numbers:
            raise InvalidInput({"number": [_("Another receipt has this number.")]})
        currency = check_currency(draft.currency) if draft.currency.strip() else self.books.base
        receipt = Receipt(**{name: getattr(draft, name) for name in COPIED})
        receipt.currency, receipt.amount = currency, round_money(draft.amount, currency)
        receipt.posted_at, receipt.posted_by_id = self.at, self.actor.pk
        if refusal := clean_row(receipt) or _refusal(receipt):
            raise refusal
        self.books.instant(receipt.received_on, now=self.at)
        receipt.rate = self.books.rates.rate(currency, receipt.received_on)
        receipt.amount_base = self.books.value(receipt.amount, currency, receipt.received_on) or Decimal(0)
        receipt.cash_on = None if receipt.kind == ReceiptKind.BILL else receipt.received_on
        return receipt

    def _honoured(self, receipt: Receipt, on: dt.date) -> BillEvent:
        self.books.instant(on, now=self.at)
        if on < receipt.received_on:
            raise InvalidInput({"cash_on": [_("A bill is not honoured before it is received.")]})
        return BillEvent(receipt=receipt, step="honoured", on=on, at=self.at, actor_id=self.actor.pk)


def _known(drafts: Sequence[ReceiptDraft]) -> tuple[dict[str, Receipt], dict[tuple[str, str], Receipt]]:
    """Receipts with the keys or bank references of the drafts; one statement, none when there are no such."""
    keys = {draft.key for draft in drafts if draft.key}
    references = {draft.bank_reference for draft in drafts if draft.bank_reference}
    if not keys and not references:
        return {}, {}
    rows = Receipt.objects.filter(
        (Q(key__in=keys) & ~Q(key="")) | (Q(bank_reference__in=references) & ~Q(bank_reference="") & Q(reversed=0))
    )
    by_key: dict[str, Receipt] = {}
    by_reference: dict[tuple[str, str], Receipt] = {}
    for row in rows:
        if row.key:
            by_key[row.key] = row
        if row.bank_reference and not row.is_reversed:
            by_reference[account_key(row.account), row.bank_reference] = row
    return by_key, by_reference


def _taken(numbers: set[str]) -> set[str]:
    """Numbers that receipts have already; one statement, none when no draft brings a number along."""
    return set(Receipt.objects.filter(number__in=numbers).values_list("number", flat=True)) if numbers else set()


def _refusal(receipt: Receipt) -> InvalidInput | None:
    """What one row can know and the database would refuse with the same sentences."""
    errors: dict[str, list[str]] = {}
    if receipt.amount <= 0:
        errors["amount"] = [_("The amount must be greater than zero.")]
    if (receipt.kind == ReceiptKind.BILL) != (receipt.matures_on is not None):
        errors["matures_on"] = [_("A bill of exchange needs the day on which it matures; nothing else has one.")]
    elif receipt.matures_on is not None and receipt.matures_on < receipt.received_on:
        errors["matures_on"] = [_("A bill matures on the day it is received, or later.")]
    return InvalidInput(errors) if errors else None
