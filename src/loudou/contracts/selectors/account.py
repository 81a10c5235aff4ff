"""The account of a customer: what was billed and what was paid in a time, as its own books should have it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from loudou.contracts.models import Instalment, Invoice, Receipt, Refund, Reversal
from loudou.contracts.models.columns import ZERO
from loudou.core.actors import Actor
from loudou.core.refusals import InvalidInput
from loudou.customers.models import Customer


class Move(StrEnum):
    """What moved the account."""

    INVOICE = "invoice"
    RED_INVOICE = "red_invoice"
    RECEIPT = "receipt"
    RECEIPT_REVERSED = "receipt_reversed"
    REFUND = "refund"
    REFUND_REVERSED = "refund_reversed"


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One movement: what it charges to the customer, or credits when negative, and where the account stands then.

    `pk` is the key of the invoice or of the receipt that it concerns.
    """

    on: dt.date
    move: Move
    pk: int
    number: str
    contract: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """A customer's account in one currency: billed less paid, at the beginning, line by line, and at the end.

    `due` are the instalments that are due and open today, whatever was billed; their sum is `due_amount`.
    """

    currency: str
    opening: Decimal
    lines: tuple[AccountLine, ...]
    closing: Decimal
    due: tuple[Instalment, ...] = ()

    @property
    def charged(self) -> Decimal:
        """What was billed in the time, and paid back."""
        return sum((line.amount for line in self.lines if line.amount > 0), ZERO)

    @property
    def credited(self) -> Decimal:
        """What was paid in the time, and taken off bills."""
        return -sum((line.amount for line in self.lines if line.amount < 0), ZERO)

    @property
    def due_amount(self) -> Decimal:
        """What is due and open today."""
        return sum((row.open_amount for row in self.due), ZERO)


class _Source(NamedTuple):
    """Where movements come from: their rows, day, amount, number and the record to open."""

    move: Move
    rows: QuerySet[Any, Any]
    day: str
    amount: str
    sign: int
    number: str
    record: str
    currency: str = "currency"


def accounts_of(actor: Actor, customer_id: int, *, since: dt.date, until: dt.date, today: dt.date) -> list[Account]:
    """A customer's accounts from one day to another, both included, by currency; fourteen statements.

    Billed less paid: red invoices and payments credit, money paid back and payments that were reversed charge again.
    A bill of exchange credits on the day it was taken. At the end of a day it equals invoiced less received, less
    what is in bills, less advances of the reconciliation. Raises NotVisible, InvalidInput.
    """
    customer = Customer.objects.visible_to(actor).only("pk").get_visible(actor, customer_id)
    if until < since:
        raise InvalidInput({"until": [_("The last day comes before the first.")]})
    sources = list(_sources(actor, customer.pk))
    openings: dict[str, Decimal] = {}
    moves: dict[str, list[AccountLine]] = {}
    for source in sources:
        before = source.rows.filter(**{f"{source.day}__lt": since}).order_by()
        for currency, amount in before.values_list(source.currency).annotate(sum=Sum(source.amount)):
            openings[currency] = openings.get(currency, ZERO) + source.sign * amount
        for currency, line in _lines(source, since, until):
            moves.setdefault(currency, []).append(line)
    due = _due(actor, customer.pk, today)
    currencies = sorted({*moves, *due, *(currency for currency, amount in openings.items() if amount)})
    return [_account(each, openings.get(each, ZERO), moves.get(each, []), due.get(each, [])) for each in currencies]


def _account(currency: str, opening: Decimal, moves: list[AccountLine], due: list[Instalment]) -> Account:
    balance, lines = opening, []
    for line in sorted(moves, key=lambda line: (line.on, list(Move).index(line.move), line.pk)):
        balance += line.amount
        lines.append(AccountLine(line.on, line.move, line.pk, line.number, line.contract, line.amount, balance))
    return Account(currency, opening, tuple(lines), balance, tuple(due))


def _sources(actor: Actor, customer_id: int) -> Iterator[_Source]:
    invoices = Invoice.objects.visible_to(actor).filter(customer=customer_id)
    receipts = Receipt.objects.visible_to(actor).filter(customer=customer_id)
    refunds = Refund.objects.visible_to(actor).filter(customer=customer_id)
    reversals = Reversal.objects.visible_to(actor).filter(customer=customer_id)
    yield _Source(Move.INVOICE, invoices.blue(), "issued_on", "amount", 1, "number", "pk")
    yield _Source(Move.RED_INVOICE, invoices.red(), "issued_on", "amount", 1, "number", "pk")
    yield _Source(Move.RECEIPT, receipts, "received_on", "amount", -1, "number", "pk")
    yield _Source(
        Move.RECEIPT_REVERSED, reversals.filter(receipt__isnull=False), "on", "receipt__amount", 1,
        "receipt__number", "receipt_id", "receipt__currency",
    )  # fmt: skip
    yield _Source(Move.REFUND, refunds, "refunded_on", "amount", 1, "number", "receipt_id")
    yield _Source(
        Move.REFUND_REVERSED, reversals.filter(refund__isnull=False), "on", "refund__amount", -1,
        "refund__number", "refund__receipt_id", "refund__currency",
    )  # fmt: skip


def _lines(source: _Source, since: dt.date, until: dt.date) -> Iterator[tuple[str, AccountLine]]:
    rows = source.rows.filter(**{f"{source.day}__range": (since, until)}).order_by()
    names = (source.currency, source.day, source.record, source.number, source.amount)
    for currency, day, pk, number, amount, contract in rows.values_list(*names, F("contract__number")):
        line = AccountLine(day, source.move, pk, number, contract or "", source.sign * amount, ZERO)
        yield currency, line


def _due(actor: Actor, customer_id: int, today: dt.date) -> dict[str, list[Instalment]]:
    rows = Instalment.objects.visible_to(actor).open().filter(customer=customer_id, due_on__lte=today)
    found: dict[str, list[Instalment]] = {}
    for row in rows.with_contract_name().order_by("due_on", "contract_id", "position"):
        found.setdefault(row.currency, []).append(row)
    return found
