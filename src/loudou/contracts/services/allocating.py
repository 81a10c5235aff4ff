"""Putting money on instalments: what is planned here becomes entries; the database keeps the balances.

The customer's row is locked by whoever calls: allocations, refunds, reversals and changes of plan of one customer
follow one another, those of different customers never wait (see ADR 021).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from loudou.contracts.choices import AllocationCause
from loudou.contracts.errors import InstalmentNotPayable, InstalmentOverpaid, ReceiptOverdrawn
from loudou.contracts.models import Allocation, Instalment, Receipt
from loudou.contracts.services.ledger_drafts import Part
from loudou.contracts.services.rates_of_entries import Running
from loudou.core.actors import Actor
from loudou.core.copying import copy_rows
from loudou.core.money import round_money, written
from loudou.core.refusals import InvalidInput, NotVisible

FIRST_CHUNK, LATER_CHUNKS = 8, 100
"""Open instalments read at a time: a receipt seldom pays more than a few, and reading them is work."""


@dataclass
class Payable:
    """An instalment with its balances as they will be when the planned entries are written."""

    row: Instalment
    books: Running

    @classmethod
    def of(cls, row: Instalment, base: str) -> Payable:
        """Read a fresh row."""
        booked, rate = row.booked_base or Decimal(0), row.booked_rate or Decimal(1)
        return cls(row, Running(row.amount, booked, rate, row.allocated, row.settled_base, base))


@dataclass
class Allocator:
    """Plans allocations for a batch of receipts of locked customers and writes them together."""

    actor: Actor
    at: dt.datetime
    base: str
    entries: list[Allocation] = field(default_factory=list)
    known: dict[int, Payable] = field(default_factory=dict)
    purses: dict[int, Running] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    """Instalments that the planned entries pay in full, or take from what was paid in full."""

    def purse(self, receipt: Receipt) -> Running:
        """The receipt's money as it will be when the planned entries are written."""
        key = receipt.pk or -id(receipt)  # planned together with receipts that are not written yet
        if key not in self.purses:
            used = receipt.allocated + receipt.refunded
            self.purses[key] = Running(
                receipt.amount, receipt.amount_base, receipt.rate, used, receipt.used_base, self.base
            )
        return self.purses[key]

    def put(
        self, receipt: Receipt, payable: Payable, amount: Decimal, cause: AllocationCause, reason: str = ""
    ) -> None:
        """Plan one allocation. Raises InstalmentOverpaid, ReceiptOverdrawn, InstalmentNotPayable."""
        row, purse = payable.row, self.purse(receipt)
        if (row.customer_id, row.currency, row.is_in_force) != (receipt.customer_id, receipt.currency, True):
            raise InstalmentNotPayable(instalment=str(row), number=receipt.number)
        if amount > payable.books.left:
            raise InstalmentOverpaid(
                instalment=str(row),
                open=written(payable.books.left, row.currency),
                asked=written(amount, row.currency),
                currency=row.currency,
            )
        if amount > purse.left:
            raise ReceiptOverdrawn(
                number=receipt.number,
                left=written(purse.left, receipt.currency),
                asked=written(amount, receipt.currency),
                currency=receipt.currency,
            )
        self.entries.append(
            Allocation(
                receipt=receipt,
                instalment=row,
                contract_id=row.contract_id,
                amount=amount,
                currency=receipt.currency,
                amount_base=purse.take(amount),
                booked_base=payable.books.take(amount),
                on=receipt.received_on,
                cause=cause,
                reason=reason,
                at=self.at,
                actor_id=self.actor.pk,
            )
        )
        if not payable.books.left:
            self.settled.add(row.pk)

    def put_parts(self, receipt: Receipt, parts: Sequence[Part], *, reason: str = "") -> None:
        """Plan what a person decided. Raises NotVisible and what `put` raises."""
        self.load(part.instalment_id for part in parts)
        for part in parts:
            if part.instalment_id not in self.known:
                raise NotVisible
            amount = round_money(part.amount, receipt.currency)
            if amount <= 0:
                raise InvalidInput({"parts": [_("The amount must be greater than zero.")]})
            self.put(receipt, self.known[part.instalment_id], amount, AllocationCause.MANUAL, reason)

    def put_oldest_first(
        self,
        receipt: Receipt,
        *,
        contract_id: int | None = None,
        cause: AllocationCause = AllocationCause.AUTOMATIC,
        most: Decimal | None = None,
    ) -> None:
        """Plan to pay open instalments of the customer, or of one contract, the oldest due first.

        Uses at most `most`, or all that is left of the receipt.
        """
        left = self.purse(receipt).left if most is None else most
        for payable in self._open(receipt, contract_id) if left > 0 else ():
            amount = min(left, payable.books.left)
            if amount > 0:
                self.put(receipt, payable, amount, cause)
                left -= amount
            if not left:
                return

    def undo(self, entry: Allocation, *, on: dt.date, cause: AllocationCause, reason: str = "") -> None:
        """Plan the opposite entry of a standing allocation, whose receipt and instalment are read with it."""
        payable = self.known.setdefault(entry.instalment_id, Payable.of(entry.instalment, self.base))
        if not payable.books.left:
            self.settled.add(entry.instalment_id)
        payable.books.give_back(entry.amount, entry.booked_base)
        self.purse(entry.receipt).give_back(entry.amount, entry.amount_base)
        self.entries.append(
            Allocation(
                receipt=entry.receipt,
                instalment=entry.instalment,
                contract_id=entry.contract_id,
                amount=-entry.amount,
                currency=entry.currency,
                amount_base=-entry.amount_base,
                booked_base=-entry.booked_base,
                on=max(on, entry.on),
                cause=cause,
                reason=reason,
                undoes=entry,
                at=self.at,
                actor_id=self.actor.pk,
            )
        )

    def back_to(self, planned: int) -> None:
        """Forget what was planned beyond so many entries."""
        while len(self.entries) > planned:
            entry = self.entries.pop()
            payable, purse = self.known[entry.instalment_id], self.purse(entry.receipt)
            payable.books.give_back(entry.amount, entry.booked_base)
            purse.give_back(entry.amount, entry.amount_base)
            self.settled.discard(entry.instalment_id)

    def load(self, instalment_ids: Iterable[int]) -> None:
        """Read instalments that are not known yet, by id; one statement."""
        wanted = {pk for pk in instalment_ids if pk not in self.known}
        if wanted:
            for row in Instalment.objects.filter(pk__in=wanted).with_contract_name():
                self.known[row.pk] = Payable.of(row, self.base)

    def write(self) -> None:
        """Write what was planned; the database's triggers move the balances."""
        copy_rows(self.entries)

    def _open(self, receipt: Receipt, contract_id: int | None) -> Iterator[Payable]:
        """Open instalments in the order of payment, a chunk at a time, with what is planned already."""
        rows = Instalment.objects.open().filter(customer_id=receipt.customer_id, currency=receipt.currency)
        if contract_id is not None:
            rows = rows.filter(contract_id=contract_id)
        ordered, start, size = rows.with_contract_name().oldest_due_first(), 0, FIRST_CHUNK
        while chunk := list(ordered[start : start + size]):
            for row in chunk:
                yield self.known.setdefault(row.pk, Payable.of(row, self.base))
            if len(chunk) < size:
                return
            start, size = start + size, LATER_CHUNKS
