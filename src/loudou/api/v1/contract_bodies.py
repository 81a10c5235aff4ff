"""What callers send about contracts: drafts, changes, acts, deliveries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal, TypedDict

from pydantic import Field

from loudou.api.paging import PageQuery
from loudou.api.schemas import Currency, Given, GivenVersion, Id, Line, Long, Note, Share
from loudou.contracts.choices import AcceptanceOutcome, ClauseKey, ContractKind, ContractState, DueBasis, Party
from loudou.contracts.services.drafts import (
    AcceptanceDraft,
    ActDraft,
    ClauseDraft,
    ContractDraft,
    DeliveryDraft,
    DeliveryLineDraft,
    LineDraft,
    ReturnDraft,
    SignedPast,
    TermsFacts,
)
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.core import clock

MOST_LINES = 500
MOST_CLAUSES = 60
MOST_INSTALMENTS = 120
MOST_IDS = 1000

KEY = "A reference of your own: posting with it again answers with what is there, however late it comes."
OrEmpty = Literal[""]
Ids = Annotated[list[Id], Field(max_length=MOST_IDS)]
Person = Annotated[str, Field(max_length=120)]
Number = Annotated[str, Field(max_length=60)]
Reference = Annotated[str, Field(max_length=100)]
Heading = Annotated[str, Field(max_length=120)]
Remark = Annotated[str, Field(max_length=1000)]
Key = Annotated[str, Field(max_length=200)]
Title = Annotated[str, Field(min_length=1, max_length=255)]
Quantity = Annotated[Decimal, Field(max_digits=14, decimal_places=3, gt=0)]
Price = Annotated[Decimal, Field(max_digits=19, decimal_places=4, ge=0)]
Positive = Annotated[Decimal, Field(max_digits=19, decimal_places=4, gt=0)]
Penalty = Annotated[Decimal, Field(max_digits=6, decimal_places=5, ge=0, le=1)]
Small = Annotated[int, Field(ge=0, le=32767)]


class ContractQuery(PageQuery):
    """Which contracts, as on the page. Dates are inclusive."""

    q: str = Field("", max_length=200, description="Words in number, title or references.")
    state: list[ContractState] = Field([], description="All states when empty.")
    kind: list[ContractKind] = []
    customer: Id | None = None
    opportunity: Id | None = None
    owner: Ids = []
    overdue: bool | None = Field(None, description="Whether an instalment is overdue.")
    signed_from: dt.date | None = None
    signed_until: dt.date | None = None
    number: Number = ""
    external_id: Reference = ""
    updated_since: dt.datetime | None = Field(None, description="For keeping a copy up to date; sort by updated_at.")
    sort: Literal["id", "-id", "updated_at", "-updated_at"] = "-updated_at"


class ActIn(Given):
    """When something was done (today unless told), by which side and whom, on what paper kept with the contract."""

    on: dt.date | None = None
    party: Party = Party.US
    person: Person = ""
    contact_id: Id | None = None
    document_id: Id | None = None
    note: Remark = ""

    def act(self) -> ActDraft:
        """Return it as the services take it."""
        names = ("party", "person", "contact_id", "document_id", "note")
        return ActDraft(self.on or clock.today(), **{name: getattr(self, name) for name in names})


class ActOnContractIn(ActIn, GivenVersion):
    """An act on a contract as it was read."""


class OfferIn(ActOnContractIn):
    """An offer, and until when it can be accepted."""

    valid_until: dt.date | None = None


class TerminationIn(ActOnContractIn):
    """A termination: `note` says why, `settlement` what was agreed about the rest."""

    settlement: Remark = ""


class ContractLineIn(Given):
    """A line; the price is per unit in the contract's currency, discount and tax are shares of 0 to 1.

    With `line_id` it continues a line that the contract has. What is left empty of a product comes from the catalogue.
    Without `tax_rate` a line that is continued keeps its own; another gets its product's, else its kind's.
    """

    quantity: Quantity
    unit_price: Price
    description: Line = ""
    product_id: Id | None = None
    line_id: Id | None = None
    specification: Note = ""
    unit: Annotated[str, Field(max_length=20)] = ""
    list_price: Price | None = None
    discount_rate: Share = Decimal(0)
    tax_rate: Share | None = None
    due_on: dt.date | None = None


class ClauseIn(Given):
    """A clause in one or both languages; names in curly braces stand for facts of the contract."""

    key: ClauseKey
    body: Long = ""
    body_zh: Long = ""
    title: Heading = ""
    title_zh: Heading = ""
    is_main: bool = False


class InstalmentIn(Given):
    """A part of a plan: a `share` of the contract's total, or an `amount` in its currency.

    Due on the day `on` (basis `date`), or on the day on which `basis` happens plus months, then days.
    Without `offset_days` the payment days agreed with the customer, where it waits for a delivery, an acceptance or an
    invoice, names no months and is not retention money; else none.
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    basis: DueBasis
    share: Annotated[Decimal, Field(max_digits=11, decimal_places=10, ge=0, le=1)] | None = None
    amount: Positive | None = None
    on: dt.date | None = None
    offset_months: Annotated[int, Field(ge=0, le=240)] = 0
    offset_days: Annotated[int, Field(ge=0, le=3660)] | None = None
    is_retention: bool = False
    name_zh: Annotated[str, Field(max_length=120)] = ""

    def draft(self) -> InstalmentDraft:
        """Return it as the services take it."""
        return InstalmentDraft(**self.model_dump())


class TermsIn(Given):
    """Terms of the version that is being drafted; what is not sent stays."""

    effective_on: dt.date | None = None
    expires_on: dt.date | None = None
    performance_from: dt.date | None = None
    performance_until: dt.date | None = None
    performance_place: Line = ""
    performance_manner: Line = ""
    quality_standard: Line = ""
    acceptance_days: Small | None = None
    warranty_months: Small | None = None
    penalty_rate: Penalty | None = Field(None, description="Share of the amount in delay for each day.")
    dispute_venue: Line = ""


class TermsChangesIn(TermsIn, GivenVersion):
    """Terms to be changed, based on the contract as it was read."""


class SignedPastIn(Given):
    """That a contract which is brought along was signed, and what became of it since."""

    signed: ActIn
    completed: ActIn | None = None
    terminated: ActIn | None = None

    def past(self) -> SignedPast:
        """Return it as the services take it."""
        return SignedPast(
            signed=self.signed.act(),
            completed=self.completed.act() if self.completed else None,
            terminated=self.terminated.act() if self.terminated else None,
        )


class ContractFields(Given):
    """What drafting and changing have in common."""

    kind: ContractKind = ContractKind.GOODS
    currency: Currency | OrEmpty = Field("", description="ISO 4217; the base currency when empty.")
    tax_included: bool = True
    contact_id: Id | None = None
    opportunity_id: Id | None = None
    customer_reference: Reference = ""
    offer_valid_until: dt.date | None = None
    notes: Long = ""
    external_id: Reference = ""


class ContractIn(ContractFields):
    """A contract to be drafted; without an owner it is yours, without `clauses` the templates of its kind are taken.

    `past` makes it a contract that was signed before; then `number` is the number on its paper.
    """

    title: Title
    customer_id: Id
    owner_id: Id | None = None
    number: Number = ""
    drafted_on: dt.date | None = None
    lines: Annotated[list[ContractLineIn], Field(max_length=MOST_LINES)] = []
    clauses: Annotated[list[ClauseIn], Field(max_length=MOST_CLAUSES)] | None = None
    plan: Annotated[list[InstalmentIn], Field(max_length=MOST_INSTALMENTS)] = []
    terms: TermsIn | None = None
    past: SignedPastIn | None = None

    def draft(self) -> ContractDraft:
        """Return it as the services take it."""
        given = self.model_dump(exclude={"lines", "clauses", "plan", "terms", "past"})
        return ContractDraft(
            **given,
            lines=lines_of(self.lines),
            clauses=None if self.clauses is None else clauses_of(self.clauses),
            plan=[part.draft() for part in self.plan],
            terms=terms_of(self.terms),
            past=self.past.past() if self.past else None,
        )


class FromOpportunityIn(Given):
    """How the contract of a sale is drafted; `another` allows a further one.

    Without `tax_rate` each line gets its product's, else the usual one of the kind.
    """

    kind: ContractKind = ContractKind.GOODS
    tax_rate: Share | None = None
    tax_included: bool = True
    another: bool = False


class ContractChangesIn(ContractFields, GivenVersion):
    """Fields to be changed; what is not sent stays. What was offered is changed by an amendment."""

    title: Title | None = None
    customer_id: Id | None = None
    owner_id: Id | None = None


class ContractLinesIn(GivenVersion):
    """All lines of the version that is being drafted."""

    lines: Annotated[list[ContractLineIn], Field(max_length=MOST_LINES)]


class ClausesIn(GivenVersion):
    """All clauses of the version that is being drafted."""

    clauses: Annotated[list[ClauseIn], Field(max_length=MOST_CLAUSES)]


class ReasonIn(Given):
    """Why."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ReasonOnContractIn(ReasonIn, GivenVersion):
    """Why, based on the contract as it was read."""


class DecisionReasonIn(Given):
    """Why, if there is something to say."""

    reason: Note = ""


class DeliveryQuery(PageQuery):
    """Which deliveries and returns."""

    contract: Id | None = None
    customer: Id | None = None
    on_from: dt.date | None = None
    on_until: dt.date | None = None
    sort: Literal["id", "-id"] = "-id"


class DeliveryLineIn(Given):
    """How much of a contract line, in the line's unit."""

    line_id: Id
    quantity: Quantity


class PostingIn(Given):
    """What deliveries and returns have in common. Without lines, all that is left.

    `key` is a reference of your own: a second posting with it answers with the first, however late it comes.
    """

    on: dt.date | None = None
    lines: Annotated[list[DeliveryLineIn], Field(max_length=MOST_LINES)] = []
    number: Number = ""
    note: Remark = ""
    document_id: Id | None = None
    key: Key = Field("", description=KEY)

    def facts(self) -> dict[str, Any]:
        """Return the fields as drafts take them."""
        lines = [DeliveryLineDraft(line.line_id, line.quantity) for line in self.lines]
        return self.model_dump(exclude={"lines", "on"}) | {"lines": lines, "on": self.on or clock.today()}


class DeliveryIn(PostingIn):
    """What goes to the customer."""

    place: Line = ""
    carrier: Line = ""

    def draft(self) -> DeliveryDraft:
        """Return it as the services take it."""
        return DeliveryDraft(**self.facts())


class ReturnIn(PostingIn):
    """What comes back of a delivery, and why."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]

    def draft(self) -> ReturnDraft:
        """Return it as the services take it."""
        return ReturnDraft(**self.facts())


class AcceptanceIn(Given):
    """What the customer says of a delivery."""

    on: dt.date | None = None
    outcome: AcceptanceOutcome = AcceptanceOutcome.ACCEPTED
    person: Person = ""
    contact_id: Id | None = None
    document_id: Id | None = None
    note: Remark = ""

    def draft(self) -> AcceptanceDraft:
        """Return it as the services take it."""
        return AcceptanceDraft(**(self.model_dump() | {"on": self.on or clock.today()}))


class OnContract(TypedDict):
    """What every act on a contract hands to its service."""

    act: ActDraft
    at: dt.datetime
    version: int | None


def acting(body: ActOnContractIn) -> OnContract:
    """Return what an act's service takes besides actor and contract."""
    return {"act": body.act(), "at": clock.now(), "version": body.version}


def lines_of(lines: list[ContractLineIn]) -> list[LineDraft]:
    """Return lines as the services take them."""
    return [LineDraft(**line.model_dump()) for line in lines]


def clauses_of(clauses: list[ClauseIn]) -> list[ClauseDraft]:
    """Return clauses as the services take them."""
    return [ClauseDraft(**clause.model_dump()) for clause in clauses]


def terms_of(terms: TermsIn | None) -> TermsFacts:
    """Return the terms that were sent as the services take them."""
    given: Any = {} if terms is None else terms.model_dump(exclude_unset=True, exclude={"version"})
    facts: TermsFacts = given
    return facts
