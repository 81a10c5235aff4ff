"""Contract amount, delivered, invoiced, received, outstanding, overdue: by customer, rep, team, product, month, custom.

All in base currency: orders at the rate of signing, invoices and receipts at that of their days, what is outstanding as
booked. Flows count within a period; outstanding and overdue are as of today, by month of the due day. `received` is
money: receipts less refunds and reversals, bills of exchange from the day they were honoured on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal

from django.db import connection, models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loudou.catalog.models import Product
from loudou.contracts.models import Contract
from loudou.contracts.selectors.statistics_sql import DIMENSIONS, GROUPED, LISTED, SOURCES
from loudou.core.actors import Actor
from loudou.core.money import round_money
from loudou.core.rates import company
from loudou.core.statements import ids_of
from loudou.customers.models import Customer
from loudou.people.models import Team, User

ZERO = Decimal(0)


class By(models.TextChoices):
    """How the statistics are grouped."""

    CUSTOMER = "customer", gettext_lazy("Customer")
    REP = "rep", gettext_lazy("Sales rep")
    TEAM = "team", gettext_lazy("Team")
    PRODUCT = "product", gettext_lazy("Product")
    MONTH = "month", gettext_lazy("Month")
    CUSTOM = "custom", gettext_lazy("New or existing customer")


class Figure(models.TextChoices):
    """What is counted."""

    ORDERED = "ordered", gettext_lazy("Contract amount")
    DELIVERED = "delivered", gettext_lazy("Delivered")
    INVOICED = "invoiced", gettext_lazy("Invoiced")
    RECEIVED = "received", gettext_lazy("Received")
    OUTSTANDING = "outstanding", gettext_lazy("Outstanding")
    OVERDUE = "overdue", gettext_lazy("Overdue")


@dataclass(frozen=True, slots=True)
class Span:
    """The days that flows count within, both included, and the day as of which something is overdue."""

    since: dt.date
    until: dt.date
    today: dt.date


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Only these owners' contracts, or only these customers; empty means all that one sees."""

    owner_ids: tuple[int, ...] = ()
    customer_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistic:
    """One group: `key` is an id, a month 'YYYY-MM', 'new' or 'existing', or None for what belongs to none of them."""

    key: int | str | None
    label: str
    contracts: int = 0
    ordered: Decimal = ZERO
    delivered: Decimal = ZERO
    invoiced: Decimal = ZERO
    received: Decimal = ZERO
    outstanding: Decimal = ZERO
    overdue: Decimal = ZERO
    cash_days: Decimal | None = None
    """Days from signing to the cash that came in, weighted by amount; None when none did."""

    @property
    def average(self) -> Decimal | None:
        """Average size of the contracts signed; None when there is none."""
        return self.ordered / self.contracts if self.contracts else None


@dataclass(frozen=True, slots=True)
class CashDays:
    """Days from signing to cash, each yuan that came in counting alike; `value` is None when nothing came in."""

    contracts: int
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The groups of a statistic, and how long the money of all of them took since signing."""

    rows: list[Statistic]
    cash: CashDays


@dataclass(frozen=True, slots=True)
class Movement:
    """A row behind a figure: the record it comes from ('invoice' 17) and its share in base currency."""

    day: dt.date | None
    customer_id: int
    customer: str
    contract_id: int | None
    contract_number: str
    source: str
    source_id: int
    amount: Decimal
    receipt_id: int | None
    """The receipt that moved money, None where none did."""
    days: int | None
    """From signing to cash, where money paid a contract."""


CASHED = "cashed"
"""The money that pays contracts: what days from signing to cash are weighted by, and the rows behind those."""
WAITED = "waited"
"""That money times its days since signing."""
FIGURES = tuple(field.name for field in fields(Statistic) if field.name in Figure.values)


def overview(actor: Actor, *, by: By, span: Span, narrowed: Narrowed = Narrowed()) -> Overview:
    """Return one row for each group, the largest contract amount first, months in order; and the days to cash of all.

    One statement and the labels. Groups are rounded so that each column adds up to its rounded total.
    """
    base = company().base_currency
    cash = CashDays(0, None)
    amounts: dict[Any, dict[str, Decimal]] = {}
    counts: dict[Any, int] = {}
    for key, payers, days, contracts, *sums in _run(actor, GROUPED, DIMENSIONS[by], span, narrowed):
        cash = CashDays(payers, days)
        counts[key] = contracts
        named = zip((*FIGURES, CASHED, WAITED), sums, strict=True)
        amounts[key] = {name: amount for name, amount in named if amount is not None}
    for name in FIGURES:
        _round_together(amounts, name, base)
    labels = _labels(by, amounts)
    found = [
        Statistic(
            key,
            labels.get(key, ""),
            counts[key],
            **{name: held.get(name, ZERO) for name in FIGURES},
            cash_days=held[WAITED] / held[CASHED] if held.get(CASHED) else None,
        )
        for key, held in amounts.items()
    ]
    if by == By.MONTH:
        return Overview(sorted(found, key=lambda row: (row.key is None, str(row.key))), cash)
    return Overview(sorted(found, key=lambda row: (row.key is None, -row.ordered, -row.received, row.label)), cash)


def statistics(actor: Actor, *, by: By, span: Span, narrowed: Narrowed = Narrowed()) -> list[Statistic]:
    """Return the rows of `overview` alone."""
    return overview(actor, by=by, span=span, narrowed=narrowed).rows


def total(rows: list[Statistic], *, label: str = "", contracts: int | None = None) -> Statistic:
    """Add up the rows of one statistic.

    By product, a contract of two products counts in each; then `contracts` says how many there are, so that the
    average size is that of a contract.
    """
    sums = {name: sum((getattr(row, name) for row in rows), ZERO) for name in FIGURES}
    counted = sum(row.contracts for row in rows) if contracts is None else contracts
    return Statistic(None, label, counted, **sums)


def contracts_signed(actor: Actor, *, by: By, span: Span, narrowed: Narrowed = Narrowed()) -> int | None:
    """Count the contracts signed within the span, where the groups of a statistic share contracts; else None."""
    if by != By.PRODUCT:
        return None
    rows = Contract.objects.visible_to(actor).filter(signed_on__range=(span.since, span.until))
    if narrowed.owner_ids:
        rows = rows.filter(owner__in=narrowed.owner_ids)
    if narrowed.customer_ids:
        rows = rows.filter(customer__in=narrowed.customer_ids)
    return rows.count()


def movements(
    actor: Actor,
    *,
    figure: Figure | Literal["cashed"],
    by: By,
    key: int | str | None,
    span: Span,
    narrowed: Narrowed = Narrowed(),
    whole: bool = False,
    start: int = 0,
    most: int = 100,
) -> list[Movement]:
    """Return the rows behind one figure of one group, the latest first; all of them add up to it before rounding.

    With `whole` they are those of all groups, whatever the key.
    """
    more = {"figure": str(figure), "sources": SOURCES[figure], "key": key, "whole": whole, "start": start, "most": most}
    rows = _run(actor, LISTED, DIMENSIONS[by], span, narrowed, **more)
    return [
        Movement(day, customer_id, customer, contract_id, number or "", source, source_id, amount, receipt_id, days)
        for day, customer_id, customer, contract_id, number, source, source_id, amount, receipt_id, days in rows
    ]


def _run(
    actor: Actor, statement: str, how: Mapping[str, str], span: Span, narrowed: Narrowed, **more: Any
) -> list[tuple[Any, ...]]:
    contracts, customers = Contract.objects.visible_to(actor), Customer.objects.visible_to(actor)
    if narrowed.owner_ids:
        contracts, customers = (
            contracts.filter(owner__in=narrowed.owner_ids),
            customers.filter(owner__in=narrowed.owner_ids),
        )
    if narrowed.customer_ids:
        contracts = contracts.filter(customer__in=narrowed.customer_ids)
        customers = customers.filter(pk__in=narrowed.customer_ids)
    mine, facts = ids_of(contracts, prefix="mine")
    theirs, others = ids_of(customers, prefix="theirs")
    facts |= others | more | {"since": span.since, "until": span.until, "today": span.today}
    with connection.cursor() as cursor:
        cursor.execute(statement.format(mine=mine, theirs=theirs, **how), facts)
        return list(cursor.fetchall())


def _round_together(amounts: dict[Any, dict[str, Decimal]], name: str, currency: str) -> None:
    """Round one column so that it adds up to its rounded total; the largest group takes the odd cents."""
    exact = {key: held[name] for key, held in amounts.items() if name in held}
    if not exact:
        return
    rounded = {key: round_money(amount, currency) for key, amount in exact.items()}
    odd = round_money(sum(exact.values(), ZERO), currency) - sum(rounded.values(), ZERO)
    largest = max(exact, key=lambda key: abs(exact[key]))
    rounded[largest] += odd
    for key, amount in rounded.items():
        amounts[key][name] = amount


def _labels(by: By, keys: Mapping[Any, Any]) -> dict[Any, str]:
    ids = [key for key in keys if key is not None]
    match by:
        case By.CUSTOMER:
            rows: Any = Customer.objects.filter(pk__in=ids).only("name", "short_name")
        case By.REP:
            rows = User.objects.filter(pk__in=ids)
        case By.TEAM:
            rows = Team.objects.filter(pk__in=ids)
        case By.PRODUCT:
            rows = Product.objects.filter(pk__in=ids)
        case By.CUSTOM:
            return {"new": _("New customers"), "existing": _("Existing customers"), None: _("Paid in advance")}
        case _:
            return {key: str(key) for key in ids} | {None: _("Not due yet")}
    nobody = {By.PRODUCT: _("No product"), By.TEAM: _("No team"), By.REP: _("Nobody")}
    return {row.pk: str(row) for row in rows} | {None: nobody.get(by, "")}
