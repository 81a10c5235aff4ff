"""Moving opportunities through stages and states. Each move appends to the history that every statistic stands on."""

from __future__ import annotations

import datetime as dt

from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.pipeline.models import CriterionCheck, Opportunity
from loudou.pipeline.services.drafts import MoveResult


@service("pipeline.change")
def move_opportunity(
    actor: Actor,
    opportunity_id: int,
    *,
    stage_id: int,
    at: dt.datetime,
    waiver: str = "",
    note: str = "",
    version: int | None = None,
) -> MoveResult:
    """Put an open opportunity into another stage of its process; forward, skipping and back are all recorded as such.

    What the stages being left ask for and is missing is returned as `unmet`; when the process blocks, the move is
    refused (CriteriaUnmet) unless somebody with pipeline.waive gives a `waiver` reason, which the history keeps.
    Raises NotOpen, StageOfOtherProcess, StaleWrite.
    """
    raise NotImplementedError


@service("pipeline.change")
def switch_process(
    actor: Actor,
    opportunity_id: int,
    *,
    process_id: int,
    at: dt.datetime,
    stage_id: int | None = None,
    note: str = "",
    version: int | None = None,
) -> MoveResult:
    """Continue an open opportunity in another sales process, at its first stage unless one is named."""
    raise NotImplementedError


@service("pipeline.change")
def win_opportunity(
    actor: Actor,
    opportunity_id: int,
    *,
    at: dt.datetime,
    closed_on: dt.date | None = None,
    contract_reference: str = "",
    note: str = "",
    waiver: str = "",
    version: int | None = None,
) -> MoveResult:
    """Close as won on a day (today unless told); the amount is frozen at that day's exchange rate.

    Exit criteria of the stage apply as for a move. Raises AlreadyClosed, CriteriaUnmet, DateInFuture,
    ClosedBeforeLastChange, StaleWrite.
    """
    raise NotImplementedError


@service("pipeline.change")
def lose_opportunity(
    actor: Actor,
    opportunity_id: int,
    *,
    loss_reason_id: int,
    at: dt.datetime,
    lost_to_id: int | None = None,
    closed_on: dt.date | None = None,
    note: str = "",
    version: int | None = None,
) -> MoveResult:
    """Close as lost, with the reason and, when known, the competitor who won."""
    raise NotImplementedError


@service("pipeline.change")
def drop_opportunity(
    actor: Actor,
    opportunity_id: int,
    *,
    at: dt.datetime,
    closed_on: dt.date | None = None,
    loss_reason_id: int | None = None,
    note: str = "",
    version: int | None = None,
) -> MoveResult:
    """Close as dropped: nobody won it, we stopped working on it."""
    raise NotImplementedError


@service("pipeline.change")
def hold_opportunity(
    actor: Actor, opportunity_id: int, *, at: dt.datetime, note: str = "", version: int | None = None
) -> MoveResult:
    """Put an open opportunity on hold: it stays in its stage but leaves funnel and forecast. Raises NotOpen."""
    raise NotImplementedError


@service("pipeline.change")
def resume_opportunity(
    actor: Actor, opportunity_id: int, *, at: dt.datetime, note: str = "", version: int | None = None
) -> MoveResult:
    """Work on an opportunity again that was on hold; its time in the stage starts anew. Raises NotOnHold."""
    raise NotImplementedError


@service("pipeline.change")
def reopen_opportunity(
    actor: Actor,
    opportunity_id: int,
    *,
    at: dt.datetime,
    stage_id: int | None = None,
    note: str = "",
    version: int | None = None,
) -> MoveResult:
    """Open a closed opportunity again, in the stage it was closed in unless another is named. Raises NotClosed."""
    raise NotImplementedError


@service("pipeline.assign")
def assign_opportunity(
    actor: Actor,
    opportunity_id: int,
    *,
    owner_id: int,
    at: dt.datetime,
    note: str = "",
    version: int | None = None,
) -> Opportunity:
    """Give an opportunity to another owner, who can see its customer from then on. Raises CannotSell."""
    raise NotImplementedError


@service("pipeline.change")
def meet_criterion(
    actor: Actor, opportunity_id: int, *, criterion_id: int, at: dt.datetime, evidence: str = ""
) -> CriterionCheck:
    """Record that an exit criterion is met, on what evidence. Raises InvalidInput when evidence is asked for."""
    raise NotImplementedError


@service("pipeline.change")
def unmeet_criterion(actor: Actor, opportunity_id: int, *, criterion_id: int) -> Opportunity:
    """Take back that an exit criterion is met."""
    raise NotImplementedError
