"""What callers hand to the services of contracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypedDict

from loudou.contracts.choices import AcceptanceOutcome, ClauseKey, ContractKind, Party
from loudou.contracts.services.ledger_drafts import InstalmentDraft


@dataclass(frozen=True, slots=True)
class ActDraft:
    """When something was done, by which side and whom, on what paper.

    `person` is a name in words, `contact_id` somebody on record at the customer, `document_id` a file kept with the
    contract.
    """

    on: dt.date
    party: Party = Party.US
    person: str = ""
    contact_id: int | None = None
    document_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line of a contract. The price is per unit in the contract's currency; discount and tax are shares of 0 to 1.

    With `line_id` it continues a line that the contract has, so that its deliveries stay with it. What is left empty
    of a product (description, unit, list price) is filled from the catalogue. Without a tax rate (None) a continued
    line keeps its own; another gets the usual one (`selectors.taxes`).
    """

    quantity: Decimal
    unit_price: Decimal
    description: str = ""
    product_id: int | None = None
    line_id: int | None = None
    specification: str = ""
    unit: str = ""
    list_price: Decimal | None = None
    discount_rate: Decimal = Decimal(0)
    tax_rate: Decimal | None = None
    due_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ClauseDraft:
    """A clause in one or both languages; names in curly braces stand for facts of the contract (see `wording`)."""

    key: ClauseKey
    body: str = ""
    body_zh: str = ""
    title: str = ""
    title_zh: str = ""
    is_main: bool = False


class TermsFacts(TypedDict, total=False):
    """Terms of a version; absent means unchanged."""

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


@dataclass(frozen=True, slots=True)
class SignedPast:
    """That a contract which is brought along was signed: when and by whom, and what became of it since.

    Its main clauses are not asked for, since the paper is what counts; `completed` or `terminated` tells how it ended,
    and when, `began` that performance had begun. Without `offered` it was offered on the day of signing.
    """

    signed: ActDraft
    offered: ActDraft | None = None
    began: ActDraft | None = None
    completed: ActDraft | None = None
    terminated: ActDraft | None = None


@dataclass(frozen=True, slots=True)
class ContractDraft:
    """A contract to be drafted. Title and customer are required.

    Currency defaults to the company's, the owner to the actor, `drafted_on` to today. Without `clauses` (None) the
    templates of the kind are taken, without a `plan` the default payment plan when it is signed. `number` is for
    contracts that are brought along with a number of their own; others get theirs from the series. `past` makes it a
    contract that was already signed. `agreed_amount` is the total with tax that its paper says: lines that come to
    something else are refused.
    """

    title: str
    customer_id: int
    kind: ContractKind = ContractKind.GOODS
    currency: str = ""
    tax_included: bool = True
    lines: Sequence[LineDraft] = ()
    clauses: Sequence[ClauseDraft] | None = None
    plan: Sequence[InstalmentDraft] = ()
    terms: TermsFacts = field(default_factory=TermsFacts)
    contact_id: int | None = None
    opportunity_id: int | None = None
    owner_id: int | None = None
    number: str = ""
    customer_reference: str = ""
    drafted_on: dt.date | None = None
    offer_valid_until: dt.date | None = None
    notes: str = ""
    external_id: str = ""
    past: SignedPast | None = None
    agreed_amount: Decimal | None = None


class ContractChanges(TypedDict, total=False):
    """Fields that `update_contract` takes; absent means unchanged."""

    title: str
    kind: ContractKind
    customer_id: int
    contact_id: int | None
    opportunity_id: int | None
    owner_id: int
    currency: str
    tax_included: bool
    customer_reference: str
    offer_valid_until: dt.date | None
    notes: str
    external_id: str


@dataclass(frozen=True, slots=True)
class DeliveryLineDraft:
    """How much of a contract line goes to the customer, in the line's unit."""

    line_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class DeliveryDraft:
    """A delivery to be posted. Without lines everything that is still to be delivered goes.

    `key` makes a second posting of the same delivery, by a double click or a retry, answer with the first.
    """

    on: dt.date
    lines: Sequence[DeliveryLineDraft] = ()
    number: str = ""
    place: str = ""
    carrier: str = ""
    note: str = ""
    document_id: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class ReturnDraft:
    """What comes back of a delivery, and why. Without lines all of it comes back."""

    on: dt.date
    reason: str
    lines: Sequence[DeliveryLineDraft] = ()
    number: str = ""
    note: str = ""
    document_id: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class AcceptanceDraft:
    """What the customer says of a delivery."""

    on: dt.date
    outcome: AcceptanceOutcome = AcceptanceOutcome.ACCEPTED
    person: str = ""
    contact_id: int | None = None
    document_id: int | None = None
    note: str = ""
