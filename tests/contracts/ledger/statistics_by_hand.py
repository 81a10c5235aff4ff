"""The statistics of contracts once more, in Python, from the records one by one: what the statement must equal."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loudou.contracts.models import (
    Allocation,
    Contract,
    DeliveryLine,
    Instalment,
    InvoiceLine,
    LineTerms,
    Receipt,
    Refund,
    Reversal,
)
from loudou.contracts.selectors.statistics import FIGURES, By, Span, overview, total
from loudou.core.actors import SYSTEM
from loudou.core.money import round_money
from loudou.customers.models import Customer

ZERO = Decimal(0)


@dataclass(frozen=True)
class Entry:
    """One amount of a figure in base currency."""

    figure: str
    customer: Customer
    contract: Contract | None
    day: dt.date | None
    amount: Decimal
    line_id: int | None = None
    days: int | None = None


def disagreements(span: Span) -> list[str]:
    """Say where the statistics are not what the records add up to."""
    found = []
    entries = list(_entries(span))
    for by in (By.CUSTOMER, By.REP, By.PRODUCT, By.MONTH, By.CUSTOM):
        sums: dict[Any, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        signed: dict[Any, set[int]] = defaultdict(set)
        for entry in entries:
            for key, share in _keys(by, entry):
                sums[key][entry.figure] += entry.amount * share
                if entry.figure == "ordered" and entry.contract:
                    signed[key].add(entry.contract.pk)
        told = overview(SYSTEM, by=by, span=span)
        rows = {row.key: row for row in told.rows}
        if set(rows) != set(sums):
            found.append(f"groups by {by}: {set(rows)} {set(sums)}")
            continue
        for name in FIGURES:
            whole = round_money(sum((held[name] for held in sums.values()), ZERO), "CNY")
            if getattr(total(told.rows), name) != whole:
                found.append(f"total {name} by {by}: {getattr(total(told.rows), name)} {whole}")
            odd = Decimal("0.01") * len(rows)
            found += [
                f"{name} of {key} by {by}: {getattr(rows[key], name)} {held[name]}"
                for key, held in sums.items()
                if abs(getattr(rows[key], name) - held[name]) > odd
            ]
        found += [f"contracts of {key} by {by}" for key, row in rows.items() if row.contracts != len(signed[key])]
        found += _days(by, told.cash, [entry for entry in entries if entry.days is not None])
    return found


def _days(by: By, cash: Any, paid: list[Entry]) -> list[str]:
    money = sum((entry.amount for entry in paid), ZERO)
    days = sum((entry.amount * (entry.days or 0) for entry in paid), ZERO) / money if money else None
    agree = cash.contracts == len({entry.contract.pk for entry in paid if entry.contract}) and (
        cash.value == days if days is None or cash.value is None else abs(cash.value - days) < Decimal("0.000001")
    )
    return [] if agree else [f"days to cash by {by}: {cash} {days}"]


def _keys(by: By, entry: Entry) -> Iterator[tuple[Any, Decimal]]:
    """The groups of an entry, each with its share."""
    contract = entry.contract
    if by == By.PRODUCT and contract and contract.amount:
        lines = LineTerms.objects.filter(version=contract.version_in_force)
        if entry.line_id:
            lines = lines.filter(line=entry.line_id)
        for line in lines:
            yield line.product_id, Decimal(1) if entry.line_id else line.amount / contract.amount
        if lines:
            return
    yield (
        {
            By.CUSTOMER: lambda: entry.customer.pk,
            By.REP: lambda: contract.owner_id if contract else entry.customer.owner_id,
            By.PRODUCT: lambda: None,
            By.MONTH: lambda: f"{entry.day:%Y-%m}" if entry.day else None,
            By.CUSTOM: lambda: _newness(contract),
        }[by](),
        Decimal(1),
    )


def _newness(contract: Contract | None) -> str | None:
    if contract is None:
        return None
    signed = Contract.objects.filter(customer=contract.customer_id, signed_on__isnull=False)
    return "new" if signed.earliest("signed_on", "pk") == contract else "existing"


def _entries(span: Span) -> Iterator[Entry]:
    within = (span.since, span.until)
    for contract in Contract.objects.filter(signed_on__range=within):
        yield Entry("ordered", contract.customer, contract, contract.signed_on, contract.amount_base)
    for part in DeliveryLine.objects.filter(delivery__on__range=within):
        contract = part.delivery.contract
        worth = part.amount * contract.amount_base / contract.amount
        yield Entry("delivered", contract.customer, contract, part.delivery.on, worth, part.line_id)
    for part in InvoiceLine.objects.filter(invoice__issued_on__range=within):
        invoice, contract = part.invoice, part.invoice.contract
        worth = part.amount * invoice.amount_base / invoice.amount
        yield Entry("invoiced", contract.customer, contract, invoice.issued_on, worth, part.line_id)
    for owed in Instalment.objects.filter(is_in_force=True, open_amount__gt=0):
        left = owed.booked_base - owed.settled_base
        yield Entry("outstanding", owed.customer, owed.contract, owed.due_on, left)
        if owed.due_on and owed.due_on < span.today:
            yield Entry("overdue", owed.customer, owed.contract, owed.due_on, left)
    yield from _money(span)


def _money(span: Span) -> Iterator[Entry]:
    within = (span.since, span.until)
    for receipt in Receipt.objects.filter(cash_on__range=within):
        spare = receipt.amount_base
        for entry in Allocation.objects.filter(receipt=receipt):
            spare -= entry.amount_base
            if entry.undoes_id is None and not Allocation.objects.filter(undoes=entry).exists():
                waited = (receipt.cash_on - entry.contract.signed_on).days
                yield Entry(
                    "received", entry.contract.customer, entry.contract, receipt.cash_on, entry.amount_base, days=waited
                )
        if receipt.allocated < receipt.amount:
            yield Entry("received", receipt.customer, None, receipt.cash_on, spare)
    for refund in Refund.objects.filter(refunded_on__range=within):
        yield Entry("received", refund.customer, None, refund.refunded_on, -refund.receipt_base)
    for back in Reversal.objects.filter(on__range=within):
        if back.refund:
            yield Entry("received", back.customer, None, back.on, back.refund.receipt_base)
        elif back.receipt.cash_on:
            yield Entry("received", back.customer, None, back.on, -back.receipt.amount_base)
