"""How opportunities look on the wire."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, Field, field_validator

from loudou.api.paging import PageQuery
from loudou.api.schemas import (
    Amount,
    Currency,
    Days,
    Exact,
    Given,
    GivenVersion,
    Id,
    LabelRef,
    Line,
    Long,
    Note,
    Percent,
    Ref,
    Share,
    Short,
    Shown,
    Stamped,
)
from loudou.pipeline.choices import (
    Changed,
    ChangeKind,
    ExpectedRange,
    Likelihood,
    NextStepDue,
    Priority,
    PurchaseKind,
    ReachKind,
    Scene,
    State,
    Visibility,
)
from loudou.pipeline.selectors.narrowing import NOBODY, Narrowing

Subject = Annotated[str, Field(min_length=1, max_length=255)]
MOST_LINES = 500
MOST_PEOPLE = 100
MOST_IDS = 1000

OrEmpty = Literal[""]
OrNotSet = Literal["none"]
Ids = Annotated[list[Id], Field(max_length=MOST_IDS)]


class OpportunityOut(Stamped):
    """An opportunity as lists show it. `amount_base` is in the company's base currency."""

    subject: str
    customer: Ref | None
    process_id: int
    stage: LabelRef
    state: State
    amount: Exact | None
    currency: str
    amount_base: Exact | None
    opened_on: dt.date
    expected_on: dt.date | None
    probability: Exact | None
    source: str
    owner: Ref | None
    priority: Priority
    likelihood: str
    visibility: str
    budget_confirmed_on: dt.date | None
    reach_kind: str
    purchase_kind: str
    next_step: str
    next_step_on: dt.date | None
    stage_entered_at: dt.datetime
    closed_at: dt.datetime | None
    loss_reason_id: int | None
    lost_to_id: int | None
    close_note: str
    contract_reference: str
    external_id: str


class LineOut(Shown):
    """A product line; `amount` is computed."""

    product: Ref
    quantity: Decimal
    unit_price: Decimal
    discount_rate: Decimal
    amount: Exact


class MemberOut(Shown):
    """A colleague on the team, with a share of the credit in per cent."""

    user: Ref
    split: Decimal


class CriterionOut(Shown):
    """An exit criterion that is met."""

    criterion_id: int
    evidence: str
    met_at: dt.datetime
    met_by_id: int | None


class OpportunityDetail(OpportunityOut):
    """An opportunity with everything that belongs to it."""

    design_days: int | None
    procurement_days: int | None
    trading_days: int | None
    collection_days: int | None
    cash_to_cash_days: int | None
    notes: str
    lines: list[LineOut]
    members: list[MemberOut]
    contacts: list[Ref] = Field(validation_alias=AliasChoices("people", "contacts"))
    competitors: list[Ref]
    criteria_met: list[CriterionOut] = Field(validation_alias=AliasChoices("criterion_checks", "criteria_met"))

    @field_validator("lines", "members", "competitors", "criteria_met", mode="before")
    @classmethod
    def _all(cls, value: Any) -> Any:
        return list(value.all()) if hasattr(value, "all") else value

    @field_validator("contacts", mode="before")
    @classmethod
    def _people(cls, value: Any) -> Any:
        return [person.contact for person in value.all()] if hasattr(value, "all") else value


class OpportunityPage(Shown):
    """A page of opportunities; `next` is the cursor of the next one."""

    items: list[OpportunityOut]
    next: str | None


class ChangeOut(Shown):
    """A row of the history: what the opportunity was from `at` on. `recorded_at` is when Loudou learned of it."""

    id: int
    kind: ChangeKind
    from_stage: LabelRef | None
    to_stage: LabelRef
    from_state: str
    to_state: State
    amount: Exact | None
    currency: str
    amount_base: Exact | None
    expected_on: dt.date | None
    probability: Exact | None
    owner: Ref | None
    at: dt.datetime
    recorded_at: dt.datetime
    actor: Ref | None
    note: str


class History(Shown):
    """The history of an opportunity, oldest first."""

    items: list[ChangeOut]


class HistoryQuery(BaseModel):
    """Up to which day the history is asked for."""

    as_of: dt.date | None = Field(
        None, description="Only what had happened by the end of this day: the last of it is what was true then."
    )


class OpportunityQuery(PageQuery):
    """The filters of the pipeline, as on the pages. Dates are inclusive; amounts are in base currency."""

    q: str = Field("", max_length=200, description="Words in the subject, numbers or the customer's names.")
    state: list[State] = Field([], description="All states when empty.")
    process: Id | None = None
    stage: Ids = []
    owner: Ids = []
    nobody: bool = Field(False, description="Also those without an owner, or only those when no owner is named.")
    team: Id | None = None
    customer: Id | None = None
    product: Id | None = None
    line: Id | None = None
    competitor: Id | None = None
    source: Short = Field("", description="Written alike; `none`: those without one.")
    country: Short = Field("", description="The customer's, written alike; `none`: not set.")
    province: Short = Field("", description="The customer's, written alike; `none`: not set.")
    city: Short = Field("", description="The customer's, written alike; `none`: not set.")
    loss_reason: Ids = []
    priority: list[Priority] = []
    likelihood: Likelihood | OrNotSet | None = None
    visibility: Visibility | OrNotSet | None = None
    budget: bool | None = Field(None, description="Whether the purchasing power is confirmed.")
    reach: ReachKind | OrNotSet | None = None
    purchase: PurchaseKind | OrNotSet | None = None
    expected: ExpectedRange | None = None
    expected_from: dt.date | None = None
    expected_until: dt.date | None = None
    amount_from: Amount | None = None
    amount_until: Amount | None = None
    step: NextStepDue | None = None
    opened_from: dt.date | None = None
    opened_until: dt.date | None = None
    closed_from: dt.date | None = None
    closed_until: dt.date | None = None
    open_on: dt.date | None = Field(None, description="Those that were open at the end of this day.")
    stage_then: Ids = Field([], description="With `open_on`: in one of these stages on that day.")
    stuck: bool = False
    changed: Changed | None = None
    scene: Scene | None = None
    external_id: str = Field("", max_length=100)
    updated_since: dt.datetime | None = Field(None, description="For keeping a copy up to date; sort by updated_at.")
    sort: Literal["id", "-id", "updated_at", "-updated_at"] = "-updated_at"

    def narrowing(self) -> Narrowing:
        """Return the filters as the selectors take them."""
        return Narrowing(
            text=self.q,
            states=tuple(state.value for state in self.state),
            process=self.process,
            stages=tuple(self.stage),
            owners=(*self.owner, *([NOBODY] if self.nobody else [])),
            team=self.team,
            customer=self.customer,
            product=self.product,
            product_line=self.line,
            competitor=self.competitor,
            source=self.source,
            country=self.country,
            province=self.province,
            city=self.city,
            loss_reasons=tuple(self.loss_reason),
            priorities=tuple(self.priority),
            likelihood=self.likelihood or "",
            visibility=self.visibility or "",
            has_budget=self.budget,
            reach_kind=self.reach or "",
            purchase_kind=self.purchase or "",
            expected=self.expected or "",
            expected_from=self.expected_from,
            expected_until=self.expected_until,
            amount_from=self.amount_from,
            amount_until=self.amount_until,
            next_step=self.step or "",
            opened_from=self.opened_from,
            opened_until=self.opened_until,
            closed_from=self.closed_from,
            closed_until=self.closed_until,
            open_on=self.open_on,
            stages_then=tuple(self.stage_then),
            is_stuck=self.stuck,
            changed=self.changed or "",
            scene=self.scene or "",
        )


class LineIn(Given):
    """A product line; the price is per unit in the opportunity's currency, the discount a share of 0 to 1."""

    product_id: Id
    quantity: Annotated[Decimal, Field(max_digits=14, decimal_places=3, gt=0)]
    unit_price: Annotated[Decimal, Field(max_digits=19, decimal_places=4, ge=0)]
    discount_rate: Share = Decimal(0)


class MemberIn(Given):
    """A colleague on the team with a share of the credit in per cent."""

    user_id: Id
    split: Percent = Decimal(0)


class PassedIn(Given):
    """That the opportunity entered a stage on a day."""

    stage_id: Id
    on: dt.date


class OpportunityFields(Given):
    """What creating and changing have in common."""

    customer_id: Id | None = None
    amount: Amount | None = Field(None, ge=0)
    currency: Currency | OrEmpty = Field("", description="ISO 4217; the base currency when empty.")
    opened_on: dt.date | None = None
    expected_on: dt.date | None = None
    probability: Share | None = None
    source: Short = ""
    owner_id: Id | None = None
    priority: Priority = Priority.NORMAL
    likelihood: Likelihood | OrEmpty = ""
    visibility: Visibility | OrEmpty = ""
    budget_confirmed_on: dt.date | None = Field(None, description="The day on which you learned of the money.")
    reach_kind: ReachKind | OrEmpty = ""
    purchase_kind: PurchaseKind | OrEmpty = ""
    next_step: Line = ""
    next_step_on: dt.date | None = None
    loss_reason_id: Id | None = None
    lost_to_id: Id | None = None
    close_note: Note = ""
    contract_reference: Annotated[str, Field(max_length=100)] = ""
    design_days: Days | None = None
    procurement_days: Days | None = None
    trading_days: Days | None = None
    collection_days: Days | None = None
    cash_to_cash_days: Annotated[int, Field(ge=-32768, le=32767)] | None = None
    notes: Long = ""
    external_id: Annotated[str, Field(max_length=100)] = ""


class OpportunityIn(OpportunityFields):
    """An opportunity to be created; only the subject is required. Without an owner it is yours."""

    subject: Subject
    process_id: Id | None = None
    stage_id: Id | None = None
    state: State = State.OPEN
    closed_on: dt.date | None = None
    passed: Annotated[list[PassedIn], Field(max_length=MOST_PEOPLE)] = []
    lines: Annotated[list[LineIn], Field(max_length=MOST_LINES)] = []
    members: Annotated[list[MemberIn], Field(max_length=MOST_PEOPLE)] = []
    contact_ids: Annotated[list[Id], Field(max_length=MOST_PEOPLE)] = []
    competitor_ids: Annotated[list[Id], Field(max_length=MOST_PEOPLE)] = []


class OpportunityChangesIn(OpportunityFields, GivenVersion):
    """Fields to be changed; what is not sent stays. The stage changes by `move`, the outcome by `win` and its like."""

    subject: Subject | None = None


class LinesIn(GivenVersion):
    """All product lines."""

    lines: Annotated[list[LineIn], Field(max_length=MOST_LINES)]


class MembersIn(GivenVersion):
    """The whole team."""

    members: Annotated[list[MemberIn], Field(max_length=MOST_PEOPLE)]


class ContactIdsIn(GivenVersion):
    """All contacts who take part."""

    contact_ids: Annotated[list[Id], Field(max_length=MOST_PEOPLE)]


class CompetitorIdsIn(GivenVersion):
    """All competitors of the sale."""

    competitor_ids: Annotated[list[Id], Field(max_length=MOST_PEOPLE)]


class MoveIn(GivenVersion):
    """Where to, why, and, when criteria are unmet, why that is fine."""

    stage_id: Id
    note: Note = ""
    waiver: Note = ""


class SwitchIn(GivenVersion):
    """Another process, at its first stage unless one is named."""

    process_id: Id
    stage_id: Id | None = None
    note: Note = ""


class WinIn(GivenVersion):
    """Won: on which day (today unless told), for which amount, under which contract when it is known."""

    closed_on: dt.date | None = None
    amount: Amount | None = None
    contract_reference: Annotated[str, Field(max_length=100)] = ""
    note: Note = ""
    waiver: Note = ""


class LoseIn(GivenVersion):
    """Lost: why, to whom, on which day."""

    loss_reason_id: Id
    lost_to_id: Id | None = None
    closed_on: dt.date | None = None
    note: Note = ""


class DropIn(GivenVersion):
    """Dropped: on which day, and why if there is a reason."""

    loss_reason_id: Id | None = None
    closed_on: dt.date | None = None
    note: Note = ""


class NoteIn(GivenVersion):
    """A note for the history."""

    note: Note = ""


class LogIn(Given):
    """What happened; `next_step` left out leaves the step as it is, an empty one clears it. A day needs a step."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]
    next_step: Annotated[str, Field(max_length=255)] = ""
    next_step_on: dt.date | None = None


class ReopenIn(NoteIn):
    """Open again, in the stage it was closed in unless another is named."""

    stage_id: Id | None = None


class AssignIn(NoteIn):
    """Another owner."""

    owner_id: Id


class EvidenceIn(Given):
    """What shows that the criterion is met."""

    evidence: Note = ""


class UnmetOut(Shown):
    """What a stage asks for and is not there yet."""

    stage: str
    name: str
    criterion_id: int | None
    field: str


class MoveOut(Shown):
    """The opportunity after a move, and what was still missing when it went through."""

    opportunity: OpportunityOut
    unmet: list[UnmetOut]
