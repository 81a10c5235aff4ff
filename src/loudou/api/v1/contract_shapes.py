"""How contracts, their versions, acts, documents and deliveries look in answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from pydantic import AliasChoices, Field, field_validator

from loudou.api.schemas import Exact, Ref, Shown, Stamped
from loudou.contracts.choices import (
    AcceptanceOutcome,
    ActKind,
    ApprovalOutcome,
    ClauseKey,
    ContractKind,
    ContractState,
    DeliveryKind,
    FileKind,
    Party,
    VersionState,
)


class ContractRef(Shown):
    """A contract by id, with its number ('' before it has one) and title."""

    id: int
    number: str
    title: str


class ContractOut(Stamped):
    """A contract as lists show it. Amounts are in `currency`; `amount_base` is in base currency at the signing rate."""

    number: str
    title: str
    kind: ContractKind
    state: ContractState
    customer: Ref
    contact: Ref | None
    opportunity_id: int | None
    owner: Ref
    currency: str
    tax_included: bool
    customer_reference: str
    drafted_on: dt.date
    offered_on: dt.date | None
    offer_valid_until: dt.date | None
    signed_on: dt.date | None
    effective_on: dt.date | None
    expires_on: dt.date | None
    delivered_on: dt.date | None
    accepted_on: dt.date | None
    ended_on: dt.date | None
    net_amount: Exact
    tax_amount: Exact
    amount: Exact
    amount_base: Exact | None
    external_id: str


class ContractPage(Shown):
    """A page of contracts; `next` is the cursor of the next one."""

    items: list[ContractOut]
    next: str | None


class LineBalanceOut(Shown):
    """What is ordered of a line by the version in force, delivered net of returns, and invoiced net of red invoices."""

    ordered: Decimal
    delivered: Decimal
    ordered_amount: Exact
    delivered_amount: Exact
    invoiced_amount: Exact


class ContractLineOut(Shown):
    """What one version says about a line; `line_id` stays the same through all versions."""

    line_id: int
    position: int
    product: Ref | None
    description: str
    specification: str
    unit: str
    quantity: Decimal
    list_price: Exact | None
    unit_price: Exact
    discount_rate: Decimal
    tax_rate: Decimal
    net_amount: Exact
    tax_amount: Exact
    amount: Exact
    due_on: dt.date | None
    balance: LineBalanceOut = Field(validation_alias=AliasChoices("line", "balance"))


class ClauseOut(Shown):
    """A clause in both languages; names in curly braces stand for facts of the contract."""

    key: ClauseKey
    is_main: bool
    title: str
    title_zh: str
    body: str
    body_zh: str


class VersionOut(Shown):
    """A version of a contract: 1 is what was first signed, further ones are amendments."""

    sequence: int
    state: VersionState
    reason: str
    in_force_on: dt.date | None
    created_at: dt.datetime
    net_amount: Exact
    tax_amount: Exact
    amount: Exact


class VersionList(Shown):
    """All versions, the latest first."""

    items: list[VersionOut]


class VersionDetail(VersionOut):
    """A version with its terms, lines and clauses. `parties` are as they were when it was offered."""

    effective_on: dt.date | None
    expires_on: dt.date | None
    performance_from: dt.date | None
    performance_until: dt.date | None
    performance_place: str
    performance_manner: str
    quality_standard: str
    acceptance_days: int | None
    warranty_months: int | None
    penalty_rate: Decimal | None
    dispute_venue: str
    parties: dict[str, Any] | None
    lines: list[ContractLineOut] = Field(validation_alias=AliasChoices("terms", "lines"))
    clauses: list[ClauseOut]

    @field_validator("lines", "clauses", mode="before")
    @classmethod
    def _all(cls, value: Any) -> Any:
        return list(value.all()) if hasattr(value, "all") else value


class ContractDetail(ContractOut):
    """A contract with the version that it stands for, and the amendment that is being negotiated if there is one."""

    notes: str
    present: VersionDetail
    amendment: VersionDetail | None


class FieldDifferenceOut(Shown):
    """A field that two versions say differently; null where one of them does not have it."""

    name: str
    old: Any
    new: Any


class RowDifferenceOut(Shown):
    """A line or clause that was added, removed or changed."""

    change: str
    label: str
    line_id: int | None
    key: str
    fields: list[FieldDifferenceOut]


class DifferencesOut(Shown):
    """What a version changes against the one before it."""

    lines: list[RowDifferenceOut]
    clauses: list[RowDifferenceOut]
    terms: list[FieldDifferenceOut]


class MissingClauseOut(Shown):
    """A main clause that is not complete: without text, or with facts that are not filled in."""

    key: ClauseKey
    label: str
    open_facts: list[str]

    @field_validator("label", mode="before")
    @classmethod
    def _text(cls, value: Any) -> str:
        return str(value)

    @field_validator("open_facts", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> list[str]:
        return [str(item) for item in value]


class DiscountOut(Shown):
    """The largest discount of a version as a share, what needs no approval (null: any), and what was approved."""

    discount: Exact
    policy: Exact | None
    approved: Exact
    needs_approval: bool
    is_pending: bool


class MissingOut(Shown):
    """What stands in the way of signing the version that is being negotiated, or was signed last."""

    sequence: int
    is_complete: bool
    clauses: list[MissingClauseOut]
    discount: DiscountOut


class ActOut(Shown):
    """Something that was done with a contract: on which day, by which side and whom, on what paper."""

    id: int
    kind: ActKind
    on: dt.date
    version_id: int | None
    party: Party
    person: str
    contact: Ref | None
    document: Ref | None
    note: str
    settlement: str
    actor: Ref | None
    recorded_at: dt.datetime


class ActList(Shown):
    """Everything that was done, the latest first."""

    items: list[ActOut]


class ContractFileOut(Shown):
    """A document kept with a contract."""

    id: int
    kind: FileKind
    name: str
    size: int
    uploaded_by: Ref | None
    uploaded_at: dt.datetime


class ContractFileList(Shown):
    """Documents of a contract, the latest first."""

    items: list[ContractFileOut]


class DecisionOut(Shown):
    """How a request was decided."""

    outcome: ApprovalOutcome
    reason: str
    decided_by: Ref | None
    decided_at: dt.datetime


class DiscountRequestOut(Shown):
    """A request for a discount beyond the policy; shares of 0 to 1. `decision` is null while it waits."""

    id: int
    contract: ContractRef
    discount: Exact
    policy: Exact
    reason: str
    requested_by: Ref | None
    requested_at: dt.datetime
    decision: DecisionOut | None = None


class DiscountRequestList(Shown):
    """Requests about a contract, the latest first."""

    items: list[DiscountRequestOut]


class DiscountRequestPage(DiscountRequestList):
    """A page of requests; `next` is the cursor of the next one."""

    next: str | None


class DeliveryLineOut(Shown):
    """How much of a contract line went (positive) or came back (negative), and what it is worth with tax."""

    line_id: int
    quantity: Decimal
    amount: Exact


class DeliveryOut(Shown):
    """A delivery, or a return, which names the delivery it takes back. `answer` is what the customer said last."""

    id: int
    number: str
    kind: DeliveryKind
    contract: ContractRef
    customer: Ref
    on: dt.date
    amount: Exact
    currency: str
    place: str
    carrier: str
    reason: str
    note: str
    returns_id: int | None
    document_id: int | None
    answer: AcceptanceOutcome | None = None
    answered_on: dt.date | None = None
    posted_by: Ref | None
    posted_at: dt.datetime

    @field_validator("answer", mode="before")
    @classmethod
    def _said(cls, value: Any) -> Any:
        return value or None


class AcceptanceOut(Shown):
    """What the customer said of a delivery."""

    id: int
    outcome: AcceptanceOutcome
    on: dt.date
    person: str
    contact: Ref | None
    document_id: int | None
    note: str
    actor: Ref | None
    recorded_at: dt.datetime


class DeliveryDetail(DeliveryOut):
    """A delivery with its lines and what the customer said of it."""

    lines: list[DeliveryLineOut]
    acceptances: list[AcceptanceOut]


class DeliveryPage(Shown):
    """A page of deliveries and returns; `next` is the cursor of the next one."""

    items: list[DeliveryOut]
    next: str | None
