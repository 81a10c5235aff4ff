"""Moving opportunities through stages and states. Each move appends to the history that every statistic stands on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.phrases import in_a_row
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version, lock, service
from loudou.people.choices import NotificationCode
from loudou.people.services.notifications import notify
from loudou.pipeline.choices import CLOSED_STATES, ChangeKind, State
from loudou.pipeline.errors import (
    AmountComesFromLines,
    ClosedBeforeLastChange,
    NotClosed,
    NotOnHold,
    NotOpen,
    StageOfOtherProcess,
)
from loudou.pipeline.models import (
    CriterionCheck,
    Opportunity,
    SalesProcess,
    Stage,
    StageChange,
    StageCriterion,
)
from loudou.pipeline.services import criteria, evidence, history, references
from loudou.pipeline.services.creation import refuse_negative
from loudou.pipeline.services.drafts import MoveResult, Unmet
from loudou.pipeline.services.holding import hold_stage
from loudou.pipeline.services.opportunities import let_see_customer, open_for_edit, refuse_closed
from loudou.pipeline.services.valuing import Books, settle_amount


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
    opportunity = lock(Opportunity.objects.visible_to(actor).select_related("process"), opportunity_id)
    if opportunity.stage_id == stage_id and opportunity.is_open:
        return MoveResult(opportunity, None)  # a second click: it is already there
    check_version(opportunity, version)
    _refuse_unless_open(opportunity)
    stages = list(opportunity.process.stages.order_by("position"))
    here, there = _stage(stages, opportunity.stage_id, opportunity), _stage(stages, stage_id, opportunity)
    reason = criteria.check_waiver(actor, waiver)
    unmet = _unmet(opportunity, criteria.stages_left(stages, here, there))
    criteria.refuse_unmet(opportunity.process, here, unmet, reason)
    hold_stage(there, opportunity.process.label)
    opportunity.stage = there
    change = _enter_stage(
        actor,
        opportunity,
        history.kind_of_move(here, there),
        at,
        from_stage_id=here.pk,
        note=move_note(note, unmet, reason),
    )
    opportunity.save_changes("stage", "stage_entered_at")
    return MoveResult(opportunity, change, unmet)


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
    """Continue an open opportunity in another sales process, at its first stage unless one is named.

    Raises NotOpen, InvalidInput (at `process`), StageOfOtherProcess, StaleWrite.
    """
    opportunity = open_for_edit(actor, opportunity_id, version)
    if opportunity.process_id == process_id:
        return MoveResult(opportunity, None)
    _refuse_unless_open(opportunity)
    process = SalesProcess.objects.filter(pk=process_id, is_active=True).first()
    if process is None:
        raise references.missing("process")
    stages = list(process.stages.order_by("position"))
    before = opportunity.stage_id
    opportunity.process = process
    opportunity.stage = stages[0] if stage_id is None else _stage(stages, stage_id, opportunity)
    hold_stage(opportunity.stage, process.label)
    change = _enter_stage(actor, opportunity, ChangeKind.SWITCHED, at, from_stage_id=before, note=note)
    opportunity.save_changes("process", "stage", "stage_entered_at")
    return MoveResult(opportunity, change)


@service("pipeline.change")
def win_opportunity(
    actor: Actor,
    opportunity_id: int,
    *,
    at: dt.datetime,
    closed_on: dt.date | None = None,
    amount: Decimal | None = None,
    contract_reference: str = "",
    note: str = "",
    waiver: str = "",
    version: int | None = None,
) -> MoveResult:
    """Close as won on a day (today unless told); the amount is frozen at that day's exchange rate.

    `amount`, in the sale's currency, is what was agreed where that differs from what was hoped for; the sum of product
    lines stays what it is. Without a contract number the sale takes that of the contract drafted from it. Exit criteria
    of the stage apply as for a move. Raises AlreadyClosed, CriteriaUnmet, AmountComesFromLines, InvalidInput,
    DateInFuture, ClosedBeforeLastChange, StaleWrite.
    """
    opportunity = lock(Opportunity.objects.visible_to(actor).select_related("process", "stage"), opportunity_id)
    check_version(opportunity, version)
    refuse_closed(opportunity)
    reason = criteria.check_waiver(actor, waiver)
    unmet = _unmet(opportunity, [opportunity.stage])
    criteria.refuse_unmet(opportunity.process, opportunity.stage, unmet, reason)
    if amount is not None and amount != opportunity.amount:
        _agree_on(opportunity, amount)
    if contract_reference:
        opportunity.contract_reference = contract_reference.strip()
    change = _close(actor, opportunity, State.WON, at, closed_on, note=note, remark=move_note("", unmet, reason))
    return MoveResult(opportunity, change, unmet)


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
    """Close as lost, with the reason and, when known, the competitor who won.

    Raises AlreadyClosed, InvalidInput, DateInFuture, ClosedBeforeLastChange, StaleWrite.
    """
    references.check_loss_reason(loss_reason_id)
    if lost_to_id is not None:
        references.check_competitors([lost_to_id], field="lost_to")
    opportunity = open_for_edit(actor, opportunity_id, version)
    refuse_closed(opportunity)
    opportunity.loss_reason_id, opportunity.lost_to_id = loss_reason_id, lost_to_id
    return MoveResult(opportunity, _close(actor, opportunity, State.LOST, at, closed_on, note=note))


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
    """Close as dropped: nobody won it, we stopped working on it.

    Raises AlreadyClosed, InvalidInput, DateInFuture, ClosedBeforeLastChange, StaleWrite.
    """
    references.check_loss_reason(loss_reason_id)
    opportunity = open_for_edit(actor, opportunity_id, version)
    refuse_closed(opportunity)
    opportunity.loss_reason_id = loss_reason_id
    return MoveResult(opportunity, _close(actor, opportunity, State.DROPPED, at, closed_on, note=note))


@service("pipeline.change")
def hold_opportunity(
    actor: Actor, opportunity_id: int, *, at: dt.datetime, note: str = "", version: int | None = None
) -> MoveResult:
    """Put on hold what is open: it keeps its stage but leaves funnel and forecast. Raises NotOpen, StaleWrite."""
    opportunity = open_for_edit(actor, opportunity_id, version)
    _refuse_unless_open(opportunity)
    opportunity.state = State.ON_HOLD
    when = history.not_before_history([opportunity.pk], at)
    change = history.row(opportunity, ChangeKind.HELD, at=when, actor=actor, from_state=State.OPEN, note=note)
    opportunity.save_changes("state")
    change.save(force_insert=True)
    evidence.report(actor, [opportunity], at=at)
    return MoveResult(opportunity, change)


@service("pipeline.change")
def resume_opportunity(
    actor: Actor, opportunity_id: int, *, at: dt.datetime, note: str = "", version: int | None = None
) -> MoveResult:
    """Work again on what was on hold; its time in the stage starts anew. Raises NotOnHold, StaleWrite."""
    opportunity = open_for_edit(actor, opportunity_id, version)
    if opportunity.state != State.ON_HOLD:
        raise NotOnHold(subject=opportunity.subject)
    return MoveResult(opportunity, _open_again(actor, opportunity, None, at, note))


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
    """Open a closed opportunity again, in the stage it was closed in unless another is named.

    Reason, winner and note of the outcome are cleared; the history keeps that it was closed, and when.
    Raises NotClosed, StageOfOtherProcess, StaleWrite.
    """
    opportunity = open_for_edit(actor, opportunity_id, version)
    if not opportunity.is_closed:
        raise NotClosed(subject=opportunity.subject)
    return MoveResult(opportunity, _open_again(actor, opportunity, stage_id, at, note))


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
    """Give an opportunity to another owner, who is told and can see its customer from then on.

    Raises CannotSell, InvalidInput (at `owner`), StaleWrite.
    """
    opportunity = open_for_edit(actor, opportunity_id, version)
    if opportunity.owner_id == owner_id:
        return opportunity
    references.sellers([owner_id], actor=actor)
    opportunity.owner_id = owner_id
    when = history.not_before_history([opportunity.pk], at)
    opportunity.save_changes("owner")
    history.row(opportunity, ChangeKind.REVISED, at=when, actor=actor, note=note).save(force_insert=True)
    let_see_customer(opportunity, [owner_id])
    code = NotificationCode.OPPORTUNITY_GIVEN
    notify(actor, [owner_id], code, at=at, record_id=opportunity.pk, subject=opportunity.subject)
    return opportunity


@service("pipeline.change")
def meet_criterion(
    actor: Actor, opportunity_id: int, *, criterion_id: int, at: dt.datetime, evidence: str = ""
) -> CriterionCheck:
    """Record that an exit criterion is met, on what evidence; again with other evidence, it is kept up to date.

    Raises InvalidInput (at `evidence`, when it is asked for; at `criterion`, when it is of another process).
    """
    opportunity = open_for_edit(actor, opportunity_id, None)
    criterion = _criterion(opportunity, criterion_id)
    proof = evidence.strip()
    if criterion.needs_evidence and not proof:
        raise InvalidInput({"evidence": [_("Say what shows that “%(name)s” is met.") % {"name": criterion.label}]})
    check = CriterionCheck.objects.filter(opportunity=opportunity, criterion=criterion).first()
    if check is not None and check.evidence == proof:
        return check
    check = check or CriterionCheck(opportunity=opportunity, criterion=criterion)
    check.evidence, check.met_at, check.met_by_id = proof, at, actor.pk
    if refusal := clean_row(check):
        raise refusal
    check.save()
    opportunity.save_changes()
    return check


@service("pipeline.change")
def unmeet_criterion(actor: Actor, opportunity_id: int, *, criterion_id: int) -> Opportunity:
    """Take back that an exit criterion is met. Raises NotVisible."""
    opportunity = open_for_edit(actor, opportunity_id, None)
    removed, _by_model = CriterionCheck.objects.filter(opportunity=opportunity, criterion_id=criterion_id).delete()
    if removed:
        opportunity.save_changes()
    return opportunity


def _refuse_unless_open(opportunity: Opportunity) -> None:
    if not opportunity.is_open:
        raise NotOpen(subject=opportunity.subject, state=opportunity.get_state_display())


def _stage(stages: list[Stage], stage_id: int, opportunity: Opportunity) -> Stage:
    for stage in stages:
        if stage.pk == stage_id:
            return stage
    raise StageOfOtherProcess(process=opportunity.process.label)


def _criterion(opportunity: Opportunity, criterion_id: int) -> StageCriterion:
    found = StageCriterion.objects.filter(pk=criterion_id, stage__process_id=opportunity.process_id).first()
    if found is None:
        raise references.missing("criterion")
    return found


def _unmet(opportunity: Opportunity, stages: list[Stage]) -> list[Unmet]:
    return criteria.Requirements(stages, [opportunity.pk]).unmet(opportunity, stages) if stages else []


def move_note(note: str, unmet: list[Unmet], waiver: str) -> str:
    """Return the note for the history: what was said, why criteria were waived, and what was missing."""
    parts = [note.strip()]
    if waiver:
        parts.append(_("Waived: %(reason)s") % {"reason": waiver})
    if unmet:
        parts.append(_("Unmet: %(names)s") % {"names": in_a_row(item.name for item in unmet)})
    return " · ".join(part for part in parts if part)


def closing_note(note: str) -> str:
    """Return a note on the outcome as it is kept. Raises InvalidInput (at `close_note`) when it is too long."""
    text = note.strip()
    if len(text) > history.NOTE_LENGTH:
        raise references.missing("close_note", _("Use at most %(count)s characters.") % {"count": history.NOTE_LENGTH})
    return text


def _enter_stage(
    actor: Actor, opportunity: Opportunity, kind: ChangeKind, at: dt.datetime, *, from_stage_id: int, note: str
) -> StageChange:
    when = history.not_before_history([opportunity.pk], at)
    opportunity.stage_entered_at = when
    change = history.row(opportunity, kind, at=when, actor=actor, from_stage_id=from_stage_id, note=note)
    change.save(force_insert=True)
    return change


def _close(
    actor: Actor,
    opportunity: Opportunity,
    state: State,
    at: dt.datetime,
    closed_on: dt.date | None,
    *,
    note: str,
    remark: str = "",
) -> StageChange:
    """Close on a day: freeze the amount at its rate and append to the history, which may not run backwards."""
    books = Books.load([opportunity.currency])
    day = closed_on or books.day(at)
    when = books.instant(day, now=at)
    newest = history.not_before_history([opportunity.pk], when)
    if books.day(newest) > day:
        raise ClosedBeforeLastChange(on=books.day(newest))
    before = opportunity.state
    opportunity.state = state
    opportunity.closed_at = newest
    opportunity.close_note = closing_note(note)
    settle_amount(opportunity, books, day)
    if refusal := clean_row(opportunity):
        raise refusal
    change = history.row(
        opportunity,
        history.KIND_OF_STATE[state],
        at=newest,
        actor=actor,
        from_state=before,
        note=" · ".join(part for part in (note.strip(), remark) if part),
    )
    opportunity.save_changes(
        "state", "closed_at", "close_note", "amount", "amount_base", "contract_reference", "loss_reason", "lost_to"
    )
    change.save(force_insert=True)
    evidence.report(actor, [opportunity], at=at)
    return change


def _agree_on(opportunity: Opportunity, amount: Decimal) -> None:
    """Put the amount that was agreed on a sale without product lines. Raises AmountComesFromLines, InvalidInput."""
    if opportunity.lines.exists():
        raise AmountComesFromLines
    opportunity.amount = amount
    refuse_negative(opportunity)


def _open_again(
    actor: Actor, opportunity: Opportunity, stage_id: int | None, at: dt.datetime, note: str
) -> StageChange:
    """Make it open: value it at today's rate, in a stage that is still in use, and clear the outcome."""
    before_state, before_stage = opportunity.state, opportunity.stage_id
    if stage_id is not None or opportunity.stage.merged_into_id is not None:
        stages = list(opportunity.process.stages.order_by("position"))
        opportunity.stage = _stage(stages, stage_id or in_use(opportunity.stage).pk, opportunity)
    hold_stage(opportunity.stage, opportunity.process.label)
    opportunity.state = State.OPEN
    if before_state in CLOSED_STATES:
        opportunity.closed_at = None
        opportunity.loss_reason = None
        opportunity.lost_to = None
        opportunity.close_note = ""
        books = Books.load([opportunity.currency])
        settle_amount(opportunity, books, books.day(at))
    when = history.not_before_history([opportunity.pk], at)
    opportunity.stage_entered_at = when
    change = history.row(
        opportunity,
        ChangeKind.REOPENED,
        at=when,
        actor=actor,
        from_stage_id=before_stage,
        from_state=before_state,
        note=note.strip(),
    )
    opportunity.save_changes(
        "state", "stage", "stage_entered_at", "closed_at", "loss_reason", "lost_to", "close_note", "amount_base"
    )
    change.save(force_insert=True)
    evidence.report(actor, [opportunity], at=at)
    return change


def in_use(stage: Stage) -> Stage:
    """Follow merges until a stage that is still in use."""
    while stage.merged_into_id is not None:
        stage = Stage.with_merged.get(pk=stage.merged_into_id)
    return stage
