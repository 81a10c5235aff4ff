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

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from loudou.contracts.models import Contract, ContractLine, Instalment, Receipt
from loudou.contracts.models.contract import ContractQuerySet
from loudou.contracts.selectors.receivable import difference_rows
from loudou.contracts.selectors.reconciliation_past import sums_on
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


def figures_by_contract(
    actor: Actor, customer_id: int, *, today: dt.date, on: dt.date | None = None, most: int = 100
) -> list[ContractFigures]:
    """Figures of each signed contract of a customer, the latest first, today or as of the end of day `on`.

    Raises NotVisible. Three statements today, two for a past day.
    """
    customer = Customer.objects.visible_to(actor).only("pk").get_visible(actor, customer_id)
    if on is None:
        signed = contracts_with_figures(actor, today=today).binding().filter(customer=customer)
        rows = list(signed.order_by("-signed_on", "-pk")[:most])
        return [ContractFigures(row, _annotated(row)) for row in rows]
    signed = Contract.objects.visible_to(actor).filter(customer=customer, signed_on__lte=on).defer("search_text")
    contracts = list(signed.order_by("-signed_on", "-pk")[:most])
    held: dict[int | None, dict[str, Decimal]] = {}
    for part in sums_on(on, contract_ids=[row.pk for row in contracts]):
        held.setdefault(part.contract_id, {})[part.name] = part.amount
    return [ContractFigures(row, Figures(row.currency, **held.get(row.pk, {}))) for row in contracts]


def _annotated(row: Any) -> Figures:
    return Figures(
        row.currency,
        ordered=row.ordered_sum,
        delivered=row.delivered_sum,
        invoiced=row.invoiced_sum,
        received=row.received_sum,
        in_bills=row.bills_sum,
        open=row.open_sum,
        overdue=row.overdue_sum,
    )


def exchange_result(
    actor: Actor, *, contract_id: int | None = None, customer_id: int | None = None, on: dt.date | None = None
) -> Decimal:
    """Gains less losses by exchange rates in base currency, of all that was posted or until the end of day `on`."""
    rows = difference_rows(actor)
    rows = rows.filter(contract=contract_id) if contract_id is not None else rows.filter(customer=customer_id)
    if on is not None:
        rows = rows.filter(on__lte=on)
    found: Decimal | None = rows.aggregate(sum=Sum("amount_base"))["sum"]
    return found or ZERO


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


def _as_of(on: dt.date, *, contract_ids: Sequence[int] = (), customer_ids: Sequence[int] = ()) -> dict[str, Figures]:
    """Add the entries up to the end of a day. One statement."""
    found: dict[str, dict[str, Decimal]] = {}
    for part in sums_on(on, contract_ids=contract_ids, customer_ids=customer_ids):
        held = found.setdefault(part.currency, {})
        held[part.name] = held.get(part.name, ZERO) + part.amount
    return {currency: Figures(currency, **amounts) for currency, amounts in found.items()}
