"""How plans, receipts, allocations, invoices and figures look in answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from pydantic import AliasChoices, Field, field_validator

from loudou.api.schemas import Exact, ExactRate, Ref, Shown, Stamped
from loudou.api.v1.contract_shapes import ContractRef
from loudou.contracts.choices import AllocationCause, BillStep, DueBasis, InvoiceKind, PlanState, ReceiptKind
from loudou.contracts.selectors.account import Move


class InstalmentOut(Shown):
    """A part of a plan. `due_on` is null until the event of its basis happens; `cash` is the part paid in money.

    `name_zh` is empty where it has one name for all readers.
    """

    id: int
    position: int
    name: str
    name_zh: str
    basis: DueBasis
    on: dt.date | None = Field(validation_alias=AliasChoices("fixed_on", "on"))
    offset_months: int
    offset_days: int
    share: Decimal | None
    is_retention: bool
    due_on: dt.date | None
    currency: str
    amount: Exact
    allocated: Exact
    cash: Exact
    open_amount: Exact


class OwedInstalmentOut(InstalmentOut):
    """An instalment of a plan in force, with whose it is."""

    contract: ContractRef
    customer: Ref


class InstalmentPage(Shown):
    """A page of instalments; `next` is the cursor of the next one."""

    items: list[OwedInstalmentOut]
    next: str | None


class PlanOut(Stamped):
    """A payment plan: the draft, the one in force, or one that was replaced."""

    contract_id: int
    state: PlanState
    currency: str
    total: Exact
    in_force_on: dt.date | None
    replaced_on: dt.date | None
    instalments: list[InstalmentOut]

    @field_validator("instalments", mode="before")
    @classmethod
    def _all(cls, value: Any) -> Any:
        return list(value.all()) if hasattr(value, "all") else value


class PlanList(Shown):
    """Every plan of a contract, the latest first."""

    items: list[PlanOut]


class TemplateInstalmentOut(Shown):
    """An instalment of a template; its share is its weight in the sum of all weights."""

    position: int
    name: str
    name_zh: str
    weight: Decimal
    basis: DueBasis
    offset_months: int
    offset_days: int
    is_retention: bool
    on_terms: bool


class PlanTemplateOut(Stamped):
    """A payment plan to start from."""

    name: str
    name_zh: str
    position: int
    is_default: bool
    is_active: bool
    instalments: list[TemplateInstalmentOut]

    @field_validator("instalments", mode="before")
    @classmethod
    def _all(cls, value: Any) -> Any:
        return list(value.all()) if hasattr(value, "all") else value


class PlanTemplateList(Shown):
    """All templates in order."""

    items: list[PlanTemplateOut]


class ReceiptOut(Shown):
    """Money that came in. `available` is what pays nothing yet; `cash_on` the day it became money (bills: later)."""

    id: int
    number: str
    customer: Ref
    contract: ContractRef | None
    kind: ReceiptKind
    currency: str
    amount: Exact
    amount_base: Exact
    rate: ExactRate
    received_on: dt.date
    cash_on: dt.date | None
    allocated: Exact
    refunded: Exact
    reversed: Exact
    available: Exact
    payer: str
    account: str
    bank_reference: str
    bill_number: str
    drawee: str
    matures_on: dt.date | None
    note: str
    posted_at: dt.datetime
    posted_by: Ref | None


class ReceiptPage(Shown):
    """A page of receipts; `next` is the cursor of the next one."""

    items: list[ReceiptOut]
    next: str | None


class AllocationOut(Shown):
    """An amount of a receipt on an instalment; a negative one takes back the entry that `undoes_id` names.

    `difference` is the gain (positive) or loss by exchange rates that came with it, in base currency.
    """

    id: int
    instalment_id: int
    contract_id: int
    amount: Exact
    currency: str
    amount_base: Exact
    booked_base: Exact
    on: dt.date
    cause: AllocationCause
    undoes_id: int | None
    reason: str
    at: dt.datetime
    actor: Ref | None
    difference: Exact | None = None

    @field_validator("difference", mode="before")
    @classmethod
    def _gain(cls, value: Any) -> Any:
        return getattr(value, "amount_base", value)


class AllocationList(Shown):
    """Allocations and the entries that undid them, in the order of posting."""

    items: list[AllocationOut]


class ReversalOut(Shown):
    """That a receipt or refund was taken back."""

    id: int
    receipt_id: int | None
    refund_id: int | None
    on: dt.date
    reason: str
    at: dt.datetime
    actor: Ref | None


class ReversalList(Shown):
    """Reversals, the latest first."""

    items: list[ReversalOut]


class RefundOut(Shown):
    """Money paid back of a receipt, in its currency."""

    id: int
    number: str
    receipt_id: int
    contract_id: int | None
    currency: str
    amount: Exact
    refunded_on: dt.date
    reason: str
    bank_reference: str
    is_reversed: bool
    posted_at: dt.datetime
    posted_by: Ref | None


class BillEventOut(Shown):
    """What became of a bill of exchange."""

    step: BillStep
    on: dt.date
    note: str
    at: dt.datetime


class ReceiptDetail(ReceiptOut):
    """A receipt with everything that became of it."""

    allocations: list[AllocationOut]
    refunds: list[RefundOut]
    bill_event: BillEventOut | None
    reversal: ReversalOut | None


class AdvancesOut(Shown):
    """How many entries put advances on instalments."""

    entries: int


class InvoiceOut(Shown):
    """A blue invoice, or a red one (negative), which names the blue one it takes back."""

    id: int
    number: str
    customer: Ref
    contract: ContractRef
    kind: InvoiceKind
    corrects_id: int | None
    title: str
    tax_number: str
    issued_on: dt.date
    currency: str
    rate: ExactRate
    net_amount: Exact
    tax_amount: Exact
    amount: Exact
    amount_base: Exact
    reason: str
    note: str
    posted_at: dt.datetime
    posted_by: Ref | None


class InvoicePage(Shown):
    """A page of invoices; `next` is the cursor of the next one."""

    items: list[InvoiceOut]
    next: str | None


class InvoiceLineOut(Shown):
    """What is billed of a contract line; `credited` is what red invoices took back of it."""

    id: int
    line_id: int
    corrects_id: int | None
    position: int
    description: str
    quantity: Decimal | None
    tax_rate: Decimal
    net_amount: Exact
    tax_amount: Exact
    amount: Exact
    credited: Exact


class InvoiceDetail(InvoiceOut):
    """An invoice with its lines and the numbers of the red ones that take it back."""

    lines: list[InvoiceLineOut]
    red_ones: list[int] = Field(description="Ids of the red invoices that take it back.")

    @field_validator("lines", mode="before")
    @classmethod
    def _all(cls, value: Any) -> Any:
        return list(value.all()) if hasattr(value, "all") else value

    @field_validator("red_ones", mode="before")
    @classmethod
    def _ids(cls, value: Any) -> Any:
        return [row.pk for row in value.all()] if hasattr(value, "all") else value


class DifferenceOut(Shown):
    """A gain (positive) or loss in base currency by exchange rates, with the entry that caused it."""

    id: int
    customer: Ref
    contract_id: int | None
    allocation_id: int | None
    refund_id: int | None
    reversal_id: int | None
    currency: str
    amount_base: Exact
    on: dt.date


class DifferencePage(Shown):
    """A page of exchange differences; `next` is the cursor of the next one."""

    items: list[DifferenceOut]
    next: str | None


class FiguresOut(Shown):
    """One line of a reconciliation in one currency: ordered = received + in_bills + open.

    `overdue`, `retention` and `undated` are parts of `open`; `owed` is open less advances, `to_invoice` what is
    delivered and not invoiced.
    """

    currency: str
    ordered: Exact
    delivered: Exact
    invoiced: Exact
    received: Exact
    in_bills: Exact
    open: Exact
    overdue: Exact
    retention: Exact
    undated: Exact
    advance: Exact
    owed: Exact
    to_invoice: Exact


class CustomerFiguresOut(Shown):
    """The reconciliation of a customer, one line for each currency."""

    items: list[FiguresOut]


class AccountLineOut(Shown):
    """A movement: charged to the customer, or credited when negative, and the balance after it.

    `id` is that of the invoice or of the receipt concerned.
    """

    on: dt.date
    move: Move
    id: int = Field(validation_alias=AliasChoices("pk", "id"))
    number: str
    contract: str
    amount: Exact
    balance: Exact


class AccountOut(Shown):
    """A customer's account in one currency; `due_amount` is due by contract and open today, whatever was billed."""

    currency: str
    opening: Exact
    lines: list[AccountLineOut]
    charged: Exact
    credited: Exact
    closing: Exact
    due_amount: Exact


class AccountsOut(Shown):
    """A customer's accounts by currency."""

    since: dt.date
    until: dt.date
    items: list[AccountOut]


class FigureRowOut(Shown):
    """A record behind a figure: its kind ('receipt'), id, name, day, and its part of the figure."""

    source: str
    id: int
    label: str
    on: dt.date | None
    contract_id: int | None
    currency: str
    amount: Exact


class FigureRowPage(Shown):
    """A page of the records behind a figure; all of them add up to it. `next` is the cursor of the next one."""

    items: list[FigureRowOut]
    next: str | None


class StatisticOut(Shown):
    """One group: `key` is an id, a month, `new` or `existing`, or null for what belongs to none. In base currency."""

    key: int | str | None
    label: str
    contracts: int
    ordered: Exact
    delivered: Exact
    invoiced: Exact
    received: Exact
    outstanding: Exact
    overdue: Exact
    average: Exact | None
    cash_days: Exact | None

    @field_validator("label", mode="before")
    @classmethod
    def _text(cls, value: Any) -> str:
        return str(value)


class StatisticsOut(Shown):
    """The groups with their total, and the days from signing to cash weighted by amount."""

    base_currency: str
    since: dt.date
    until: dt.date
    items: list[StatisticOut]
    total: StatisticOut
    signing_to_cash_days: Exact | None


class MovementOut(Shown):
    """A row behind a statistic: the record it comes from and its share in base currency, before rounding.

    `days` are those from signing to cash, where money paid a contract.
    """

    day: dt.date | None
    customer_id: int
    customer: str
    contract_id: int | None
    contract_number: str
    source: str
    source_id: int
    amount: Decimal
    receipt_id: int | None
    days: int | None


class MovementList(Shown):
    """Rows behind a statistic, the latest first; `next_start` continues, null at the end."""

    items: list[MovementOut]
    next_start: int | None
