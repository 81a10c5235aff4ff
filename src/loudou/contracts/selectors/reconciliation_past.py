"""Reconciliation as of the end of a past day, told from the entries; balances know today only.

Every entry of a figure is one row of `entry`: the figures group it, the drill-down lists it, and so each figure is the
sum of exactly the rows that open behind it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, models

from loudou.contracts.models import Allocation, Contract, Delivery, Instalment, Invoice, Receipt

_ENTRIES = """
    WITH wanted AS (
        SELECT id, currency FROM contracts_contract
        WHERE signed_on <= %(on)s AND (id = ANY(%(contracts)s) OR customer_id = ANY(%(customers)s))
    ), plans AS (
        SELECT plan.id, plan.contract_id, plan.total, plan.currency, plan.in_force_on
        FROM contracts_paymentplan plan JOIN wanted ON wanted.id = plan.contract_id
        WHERE plan.in_force_on <= %(on)s AND (plan.replaced_on IS NULL OR plan.replaced_on > %(on)s)
    ), paid AS (
        SELECT allocation.id, allocation.instalment_id, allocation.amount, allocation."on",
               coalesce(receipt.cash_on <= %(on)s, false) AS is_money
        FROM plans JOIN contracts_instalment instalment ON instalment.plan_id = plans.id
        JOIN contracts_allocation allocation ON allocation.instalment_id = instalment.id
        JOIN contracts_receipt receipt ON receipt.id = allocation.receipt_id
        WHERE allocation."on" <= %(on)s
    ), owed AS (
        SELECT instalment.id, instalment.contract_id, instalment.currency, instalment.due_on, instalment.is_retention,
               instalment.amount - coalesce(sum(paid.amount), 0) AS amount
        FROM plans JOIN contracts_instalment instalment ON instalment.plan_id = plans.id
        LEFT JOIN paid ON paid.instalment_id = instalment.id
        GROUP BY instalment.id
    ), entry AS (
        SELECT 'ordered' AS name, currency, contract_id, in_force_on AS day, contract_id AS source_id, total AS amount
        FROM plans
        UNION ALL
        SELECT 'delivered', wanted.currency, wanted.id, delivery."on", delivery.id, delivery.amount
        FROM wanted JOIN contracts_delivery delivery ON delivery.contract_id = wanted.id
        WHERE delivery."on" <= %(on)s
        UNION ALL
        SELECT 'invoiced', wanted.currency, wanted.id, invoice.issued_on, invoice.id, invoice.amount
        FROM wanted JOIN contracts_invoice invoice ON invoice.contract_id = wanted.id
        WHERE invoice.issued_on <= %(on)s
        UNION ALL
        SELECT CASE WHEN paid.is_money THEN 'received' ELSE 'in_bills' END, owed.currency, owed.contract_id,
               paid."on", paid.id, paid.amount
        FROM paid JOIN owed ON owed.id = paid.instalment_id
        UNION ALL
        SELECT figure.name, owed.currency, owed.contract_id, owed.due_on, owed.id, owed.amount
        FROM owed CROSS JOIN LATERAL (VALUES
            ('open', true), ('overdue', coalesce(owed.due_on < %(on)s, false)), ('retention', owed.is_retention),
            ('undated', owed.due_on IS NULL)
        ) AS figure(name, counts)
        WHERE figure.counts AND owed.amount <> 0
        UNION ALL
        SELECT 'advance', receipt.currency, receipt.contract_id, receipt.received_on, receipt.id,
               receipt.amount - coalesce(used.amount, 0) - coalesce(given.amount, 0)
        FROM contracts_receipt receipt
        LEFT JOIN contracts_reversal reversal ON reversal.receipt_id = receipt.id AND reversal."on" <= %(on)s
        LEFT JOIN LATERAL (
            SELECT sum(allocation.amount) AS amount FROM contracts_allocation allocation
            JOIN contracts_instalment instalment ON instalment.id = allocation.instalment_id
            JOIN contracts_paymentplan plan ON plan.id = instalment.plan_id
            WHERE allocation.receipt_id = receipt.id AND allocation."on" <= %(on)s
              AND plan.in_force_on <= %(on)s AND (plan.replaced_on IS NULL OR plan.replaced_on > %(on)s)
        ) used ON true
        LEFT JOIN LATERAL (
            SELECT sum(refund.amount) AS amount FROM contracts_refund refund
            LEFT JOIN contracts_reversal back ON back.refund_id = refund.id AND back."on" <= %(on)s
            WHERE refund.receipt_id = receipt.id AND refund.refunded_on <= %(on)s AND back.id IS NULL
        ) given ON true
        WHERE receipt.received_on <= %(on)s AND reversal.id IS NULL
          AND (receipt.contract_id = ANY(%(contracts)s) OR receipt.customer_id = ANY(%(customers)s))
    )
"""

_GROUPED = "{entries} SELECT name, currency, contract_id, sum(amount) FROM entry GROUP BY name, currency, contract_id"
_LISTED = """
    {entries}
    SELECT source_id, day, amount, currency FROM entry WHERE name = %(figure)s AND amount <> 0
    ORDER BY day NULLS LAST, source_id LIMIT %(most)s OFFSET %(start)s
"""
_SUMMED = """
    {entries}
    SELECT currency, sum(amount), count(*) FROM entry WHERE name = %(figure)s AND amount <> 0 GROUP BY currency
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """What one figure of one contract comes to; no contract for money that names none."""

    name: str
    currency: str
    contract_id: int | None
    amount: Decimal


def sums_on(on: dt.date, *, contract_ids: Sequence[int] = (), customer_ids: Sequence[int] = ()) -> list[Sum]:
    """Add the entries up to the end of a day, contract by contract. One statement."""
    return [Sum(*row) for row in _run(_GROUPED, on, contract_ids, customer_ids)]


@dataclass(frozen=True, slots=True)
class PastEntry:
    """An entry behind a figure of a past day: the record it comes from, its day, and what it stood at."""

    record: models.Model
    day: dt.date | None
    amount: Decimal
    currency: str


def entries_on(
    on: dt.date,
    figure: str,
    *,
    contract_ids: Sequence[int] = (),
    customer_ids: Sequence[int] = (),
    start: int = 0,
    most: int = 100,
) -> list[PastEntry]:
    """Return the entries behind one figure of a past day in the order of their days. Two statements."""
    rows = _run(_LISTED, on, contract_ids, customer_ids, figure=figure, start=start, most=most)
    records = _SOURCES[figure]().in_bulk([row[0] for row in rows])
    return [PastEntry(records[pk], day, amount, currency) for pk, day, amount, currency in rows]


def totals_on(
    on: dt.date, figure: str, *, contract_ids: Sequence[int] = (), customer_ids: Sequence[int] = ()
) -> tuple[dict[str, Decimal], int]:
    """Return what the entries of a figure come to by currency, and how many they are."""
    rows = _run(_SUMMED, on, contract_ids, customer_ids, figure=figure)
    return {currency: amount for currency, amount, _count in rows}, sum(count for *_facts, count in rows)


def _run(
    statement: str, on: dt.date, contract_ids: Sequence[int], customer_ids: Sequence[int], **more: Any
) -> list[tuple[Any, ...]]:
    facts: dict[str, Any] = {"on": on, "contracts": list(contract_ids), "customers": list(customer_ids)} | more
    with connection.cursor() as cursor:
        cursor.execute(statement.format(entries=_ENTRIES), facts)
        return list(cursor.fetchall())


def _contracts() -> models.QuerySet[Any, Any]:
    return Contract.objects.defer("search_text")


def _instalments() -> models.QuerySet[Any, Any]:
    return Instalment.objects.select_related("contract").defer("contract__search_text")


def _allocations() -> models.QuerySet[Any, Any]:
    rows = Allocation.objects.select_related("receipt", "instalment", "contract")
    return rows.defer("receipt__search_text", "contract__search_text")


_SOURCES: dict[str, Callable[[], models.QuerySet[Any, Any]]] = {
    "ordered": _contracts,
    "delivered": lambda: Delivery.objects.select_related("contract").defer("contract__search_text"),
    "invoiced": lambda: Invoice.objects.select_related("contract").defer("search_text", "contract__search_text"),
    "received": _allocations,
    "in_bills": _allocations,
    "open": _instalments,
    "overdue": _instalments,
    "retention": _instalments,
    "undated": _instalments,
    "advance": lambda: Receipt.objects.select_related("contract").defer("search_text", "contract__search_text"),
}
"""The records that the entries of a figure come from; whoever asks for them sees the contract or the customer."""
