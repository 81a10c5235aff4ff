"""Ordered, delivered, invoiced, received, open, overdue: per contract and per customer, today or as of a past day.

Today's figures come from balances that the database keeps on lines and instalments, so that they cost the same however
many entries there are. Figures of a past day are added up from the entries themselves; for today both agree, which a
property test and `loudou check` prove.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from loudou.contracts.models import Contract, ContractLine, Instalment, Receipt
from loudou.contracts.models.contract import ContractQuerySet
from loudou.core.actors import Actor
from loudou.customers.models import Customer

ZERO = Decimal(0)
_MONEY: DecimalField[Any, Any] = DecimalField(max_digits=19, decimal_places=4)


@dataclass(frozen=True, slots=True)
class Figures:
    """What stands on one line of a reconciliation, in one currency.

    `received` is money; `in_bills` was paid by bills of exchange that are not honoured yet. ordered = received +
    in_bills + open. `overdue` and `retention` are parts of `open`, `undated` the part that waits for an event.
    `advance` is money of the customer (or for the contract) that pays nothing yet.
    """

    currency: str
    ordered: Decimal = ZERO
    delivered: Decimal = ZERO
    invoiced: Decimal = ZERO
    received: Decimal = ZERO
    in_bills: Decimal = ZERO
    open: Decimal = ZERO
    overdue: Decimal = ZERO
    retention: Decimal = ZERO
    undated: Decimal = ZERO
    advance: Decimal = ZERO

    @property
    def owed(self) -> Decimal:
        """Open less what was paid in advance; negative when we owe the customer."""
        return self.open - self.advance

    @property
    def to_invoice(self) -> Decimal:
        """Delivered and not invoiced yet; negative when more is invoiced than delivered."""
        return self.delivered - self.invoiced

    def __add__(self, other: Figures) -> Figures:
        if other.currency != self.currency:
            raise ValueError("figures of two currencies are not added")
        sums = {name: getattr(self, name) + getattr(other, name) for name in AMOUNTS}
        return Figures(self.currency, **sums)


AMOUNTS = tuple(field.name for field in fields(Figures) if field.name != "currency")


@dataclass(frozen=True, slots=True)
class ContractFigures:
    """A contract with its figures."""

    contract: Contract
    figures: Figures


def contract_figures(actor: Actor, contract_id: int, *, today: dt.date, on: dt.date | None = None) -> Figures:
    """Figures of one contract, today or as of the end of day `on`. Raises NotVisible."""
    contract = Contract.objects.visible_to(actor).only("pk", "currency").get_visible(actor, contract_id)
    found = _as_of(on, contract_ids=[contract.pk]) if on else _today(today, contract_ids=[contract.pk])
    return found.get(contract.currency, Figures(contract.currency))


def customer_figures(
    actor: Actor, customer_id: int, *, today: dt.date, on: dt.date | None = None
) -> dict[str, Figures]:
    """Figures of one customer by currency, over the contracts that the actor sees. Raises NotVisible."""
    customer = Customer.objects.visible_to(actor).only("pk").get_visible(actor, customer_id)
    found = _as_of(on, customer_ids=[customer.pk]) if on else _today(today, customer_ids=[customer.pk])
    return dict(sorted(found.items()))


def contracts_with_figures(actor: Actor, *, today: dt.date) -> ContractQuerySet:
    """Contracts annotated with today's figures, for lists of a page's rows: sort by something else.

    Each row has `ordered_sum`, `delivered_sum`, `invoiced_sum`, `received_sum`, `bills_sum`, `open_sum`, `overdue_sum`
    and `next_due_on`.
    """
    lines = ContractLine.objects.filter(contract=OuterRef("pk")).order_by().values("contract")
    parts = Instalment.objects.in_force().filter(contract=OuterRef("pk")).order_by().values("contract")
    open_parts = Instalment.objects.open().filter(contract=OuterRef("pk"), due_on__isnull=False)
    rows = Contract.objects.visible_to(actor).annotate(
        ordered_sum=_sub(lines, Sum("ordered_amount")),
        delivered_sum=_sub(lines, Sum("delivered_amount")),
        invoiced_sum=_sub(lines, Sum("invoiced_amount")),
        received_sum=_sub(parts, Sum("cash")),
        bills_sum=_sub(parts, Sum(F("allocated") - F("cash"))),
        open_sum=_sub(parts, Sum("open_amount")),
        overdue_sum=_sub(parts, Sum("open_amount", filter=Q(due_on__lt=today))),
        next_due_on=Subquery(open_parts.order_by("due_on").values("due_on")[:1]),
    )
    return rows.select_related("customer", "owner").defer("search_text", "customer__search_text", "customer__name_key")


def _sub(rows: QuerySet[Any, Any], sums: Sum) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(figure=sums).values("figure"), output_field=_MONEY), Value(ZERO, _MONEY))


def _today(today: dt.date, *, contract_ids: Sequence[int] = (), customer_ids: Sequence[int] = ()) -> dict[str, Figures]:
    """Read the balances: three grouped statements, each by an index."""
    of_contract = {"contract_id__in": contract_ids} if contract_ids else {"customer_id__in": customer_ids}
    of_line = {f"contract__{name}" if name.startswith("customer") else name: ids for name, ids in of_contract.items()}
    found: dict[str, dict[str, Decimal]] = {}

    def note(rows: QuerySet[Any, Any], key: str) -> None:
        for row in rows:
            held = found.setdefault(row.pop(key), {})
            held |= {name: amount or ZERO for name, amount in row.items()}

    lines = ContractLine.objects.filter(**of_line, contract__version_in_force__isnull=False).order_by()
    note(
        lines.values("contract__currency").annotate(
            ordered=Sum("ordered_amount"), delivered=Sum("delivered_amount"), invoiced=Sum("invoiced_amount")
        ),
        "contract__currency",
    )
    parts = Instalment.objects.in_force().filter(**of_contract).order_by()
    note(
        parts.values("currency").annotate(
            received=Sum("cash"),
            in_bills=Sum(F("allocated") - F("cash")),
            open=Sum("open_amount"),
            overdue=Sum("open_amount", filter=Q(due_on__lt=today)),
            retention=Sum("open_amount", filter=Q(is_retention=True)),
            undated=Sum("open_amount", filter=Q(due_on__isnull=True)),
        ),
        "currency",
    )
    advances = Receipt.objects.with_advance().filter(**of_contract).order_by()
    note(advances.values("currency").annotate(advance=Sum("available")), "currency")
    return {currency: Figures(currency, **amounts) for currency, amounts in found.items()}


_AS_OF = """
    WITH wanted AS (
        SELECT id, currency FROM contracts_contract
        WHERE signed_on <= %(on)s AND (id = ANY(%(contracts)s) OR customer_id = ANY(%(customers)s))
    ), plans AS (
        SELECT plan.id, plan.total, plan.currency
        FROM contracts_paymentplan plan JOIN wanted ON wanted.id = plan.contract_id
        WHERE plan.in_force_on <= %(on)s AND (plan.replaced_on IS NULL OR plan.replaced_on > %(on)s)
    ), parts AS (
        SELECT instalment.currency, instalment.amount, instalment.is_retention,
               coalesce(instalment.due_on < %(on)s, false) AS is_late,
               instalment.due_on, coalesce(paid.amount, 0) AS paid, coalesce(paid.cash, 0) AS cash
        FROM plans JOIN contracts_instalment instalment ON instalment.plan_id = plans.id
        LEFT JOIN LATERAL (
            SELECT sum(allocation.amount) AS amount,
                   sum(allocation.amount) FILTER (WHERE receipt.cash_on <= %(on)s) AS cash
            FROM contracts_allocation allocation JOIN contracts_receipt receipt ON receipt.id = allocation.receipt_id
            WHERE allocation.instalment_id = instalment.id AND allocation."on" <= %(on)s
        ) paid ON true
    ), advances AS (
        SELECT receipt.currency, receipt.amount - coalesce(used.amount, 0) - coalesce(given.amount, 0) AS amount
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
    SELECT 'ordered', currency, sum(total) FROM plans GROUP BY currency
    UNION ALL
    SELECT 'delivered', wanted.currency, sum(delivery.amount)
    FROM wanted JOIN contracts_delivery delivery ON delivery.contract_id = wanted.id
    WHERE delivery."on" <= %(on)s GROUP BY wanted.currency
    UNION ALL
    SELECT 'invoiced', wanted.currency, sum(invoice.amount)
    FROM wanted JOIN contracts_invoice invoice ON invoice.contract_id = wanted.id
    WHERE invoice.issued_on <= %(on)s GROUP BY wanted.currency
    UNION ALL
    SELECT figure.name, parts.currency, sum(figure.amount)
    FROM parts CROSS JOIN LATERAL (VALUES
        ('received', cash), ('in_bills', paid - cash), ('open', amount - paid),
        ('overdue', CASE WHEN is_late THEN amount - paid ELSE 0 END),
        ('retention', CASE WHEN is_retention THEN amount - paid ELSE 0 END),
        ('undated', CASE WHEN due_on IS NULL THEN amount - paid ELSE 0 END)
    ) AS figure(name, amount) GROUP BY figure.name, parts.currency
    UNION ALL
    SELECT 'advance', currency, sum(amount) FROM advances GROUP BY currency
"""


def _as_of(on: dt.date, *, contract_ids: Sequence[int] = (), customer_ids: Sequence[int] = ()) -> dict[str, Figures]:
    """Add the entries up to the end of a day. One statement."""
    found: dict[str, dict[str, Decimal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_AS_OF, {"on": on, "contracts": list(contract_ids), "customers": list(customer_ids)})
        for name, currency, amount in cursor.fetchall():
            found.setdefault(currency, {})[name] = amount
    return {currency: Figures(currency, **amounts) for currency, amounts in found.items()}
