"""What callers hand to the services of the pipeline, and what they get back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, TypedDict

from loudou.pipeline.choices import CriteriaMode, Priority, State
from loudou.pipeline.models import Opportunity, StageChange


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A product in a sale; the price is per unit in the opportunity's currency, the discount a share of 0 to 1."""

    product_id: int
    quantity: Decimal
    unit_price: Decimal
    discount_rate: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class MemberDraft:
    """A colleague on the team with a share of the credit in per cent; the owner keeps the rest of 100."""

    user_id: int
    split: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class StagePassed:
    """That an imported opportunity entered a stage on a day."""

    stage_id: int
    on: dt.date


@dataclass(frozen=True, slots=True)
class PastEvent:
    """What another system says of an opportunity at an instant: the stage it entered or the outcome it had.

    `came_from_id` is the stage it was in before, when that is told. Amount, date, probability and owner are those of
    that time; what is not told stays as it was.
    """

    at: dt.datetime
    stage_id: int | None = None
    state: State = State.OPEN
    came_from_id: int | None = None
    actor_id: int | None = None
    amount: Decimal | None = None
    currency: str = ""
    expected_on: dt.date | None = None
    probability: Decimal | None = None
    owner_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PastDraft:
    """The past of one opportunity as another system tells it; events of the same instant stand in their order."""

    opportunity_id: int
    events: Sequence[PastEvent]


@dataclass(frozen=True, slots=True)
class OpportunityDraft:
    """An opportunity to be created. Only the subject is required.

    Without a process the default one is used, without a stage its first or the last one of `passed`, without an owner
    the actor. `amount` is ignored when there are `lines`. `opened_on` defaults to today, `currency` to the base one.
    For history brought along: `passed` are the stages it entered after the first one, oldest first, `closed_on` the
    day it was won, lost or dropped. A lost one need not know why (`loss_reason_id`), as old files rarely do.
    """

    subject: str
    customer_id: int | None = None
    process_id: int | None = None
    stage_id: int | None = None
    state: State = State.OPEN
    amount: Decimal | None = None
    currency: str = ""
    lines: Sequence[LineDraft] = ()
    opened_on: dt.date | None = None
    expected_on: dt.date | None = None
    closed_on: dt.date | None = None
    passed: Sequence[StagePassed] = ()
    probability: Decimal | None = None
    source: str = ""
    owner_id: int | None = None
    members: Sequence[MemberDraft] = ()
    contact_ids: Sequence[int] = ()
    competitor_ids: Sequence[int] = ()
    priority: int = Priority.NORMAL
    likelihood: str = ""
    visibility: str = ""
    budget_confirmed_on: dt.date | None = None
    reach_kind: str = ""
    purchase_kind: str = ""
    next_step: str = ""
    next_step_on: dt.date | None = None
    loss_reason_id: int | None = None
    lost_to_id: int | None = None
    close_note: str = ""
    contract_reference: str = ""
    design_days: int | None = None
    procurement_days: int | None = None
    trading_days: int | None = None
    collection_days: int | None = None
    cash_to_cash_days: int | None = None
    notes: str = ""
    external_id: str = ""


class OpportunityChanges(TypedDict, total=False):
    """Fields that `update_opportunity` takes; absent means unchanged."""

    subject: str
    customer_id: int | None
    amount: Decimal | None
    currency: str
    opened_on: dt.date
    expected_on: dt.date | None
    probability: Decimal | None
    source: str
    owner_id: int | None
    priority: int
    likelihood: str
    visibility: str
    budget_confirmed_on: dt.date | None
    reach_kind: str
    purchase_kind: str
    next_step: str
    next_step_on: dt.date | None
    loss_reason_id: int | None
    lost_to_id: int | None
    close_note: str
    contract_reference: str
    design_days: int | None
    procurement_days: int | None
    trading_days: int | None
    collection_days: int | None
    cash_to_cash_days: int | None
    notes: str
    external_id: str


class Unmet(NamedTuple):
    """Something a stage asks for that is not there yet: an exit criterion (with its id) or a required field."""

    stage: str
    name: str
    criterion_id: int | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class MoveResult:
    """The opportunity after a move, and what its stages ask for and was still missing when it went through.

    `change` is the row of history that records the move; None when the opportunity already was where it should go.
    """

    opportunity: Opportunity
    change: StageChange | None
    unmet: list[Unmet] = field(default_factory=list)


class Refused(NamedTuple):
    """One opportunity that a bulk action left as it was, and why."""

    id: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What a bulk action did: ids changed, ids that already were as wanted, ids left as they were and why."""

    done: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CriterionDraft:
    """An exit criterion; with `id` an existing one is kept and renamed."""

    name: str
    name_zh: str = ""
    needs_evidence: bool = True
    id: int | None = None


@dataclass(frozen=True, slots=True)
class StageDraft:
    """A stage to be added; `prior_win_rate` is a share of 0 to 1, `required_fields` are values of RequiredField."""

    name: str
    prior_win_rate: Decimal
    name_zh: str = ""
    expected_days: int = 14
    required_fields: Sequence[str] = ()
    colour: str = "blue"
    is_folded: bool = False
    criteria: Sequence[CriterionDraft] = ()


@dataclass(frozen=True, slots=True)
class ProcessDraft:
    """A sales process to be created, with its three to seven stages in order."""

    name: str
    stages: Sequence[StageDraft]
    name_zh: str = ""
    description: str = ""
    customer_kinds: Sequence[str] = ()
    product_line_id: int | None = None
    key_action: str = ""
    criteria_mode: str = CriteriaMode.WARN
    is_default: bool = False
