"""Setting up sales processes, their stages and exit criteria.

Each verb locks the process first, so that two administrators cannot break the rule of three to seven stages together;
the database checks the same rule once more when the transaction ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from loudou.catalog.models import ProductLine
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.refusals import NotVisible
from loudou.core.verbs import check_version, lock, lock_all, service, validate
from loudou.pipeline.choices import State
from loudou.pipeline.errors import NamedTwice, StageCountOutOfRange, StageInUse, StageOfOtherProcess
from loudou.pipeline.models import Opportunity, SalesProcess, Stage, StageChange, StageCriterion
from loudou.pipeline.models.process import FEWEST_STAGES, MOST_STAGES
from loudou.pipeline.services import history, references
from loudou.pipeline.services.drafts import CriterionDraft, ProcessDraft, StageDraft

PROCESS_FIELDS = frozenset(
    {"name", "name_zh", "description", "customer_kinds", "product_line_id", "key_action", "criteria_mode", "position",
     "is_default", "is_active"}
)  # fmt: skip
STAGE_FIELDS = frozenset(
    {"name", "name_zh", "prior_win_rate", "expected_days", "required_fields", "colour", "is_folded"}
)


@service("pipeline.configure")
def create_process(actor: Actor, *, draft: ProcessDraft) -> SalesProcess:
    """Create a process with its stages. Raises StageCountOutOfRange, NamedTwice, InvalidInput."""
    _check_count(len(draft.stages))
    _refuse_same_names(stage.name for stage in draft.stages)
    last = SalesProcess.objects.aggregate(last=Max("position"))["last"] or 0
    process = SalesProcess(
        name=draft.name.strip(),
        name_zh=draft.name_zh.strip(),
        description=draft.description,
        customer_kinds=list(draft.customer_kinds),
        product_line_id=_product_line(draft.product_line_id),
        key_action=draft.key_action,
        criteria_mode=draft.criteria_mode,
        position=last + 1,
    )
    validate(process)
    process.save()
    for position, stage in enumerate(draft.stages, start=1):
        _insert_stage(process, stage, position)
    if draft.is_default:
        _make_default(process)
        process.save_changes("is_default")
    return process


@service("pipeline.configure")
def update_process(
    actor: Actor, process_id: int, *, changes: Mapping[str, Any], version: int | None = None
) -> SalesProcess:
    """Change names, description, what it is for, criteria mode, default, active.

    Raises StaleWrite and InvalidInput; the default process is replaced by choosing another, never by switching it off.
    """
    process = _lock_process(process_id, version)
    changed = _changed(process, changes, PROCESS_FIELDS)
    if not changed:
        return process
    if "product_line_id" in changed:
        _product_line(changes["product_line_id"])
    was_default = process.is_default
    for name in changed:
        setattr(process, name, changes[name])
    if was_default and not (process.is_default and process.is_active):
        raise references.missing("is_default", _("Choose another process for new opportunities first."))
    if process.is_default and not process.is_active:
        raise references.missing("is_active", _("The process for new opportunities must be active."))
    if process.is_default and not was_default:
        _make_default(process)
    validate(process)
    process.save_changes(*changed)
    return process


@service("pipeline.configure")
def add_stage(actor: Actor, process_id: int, *, draft: StageDraft, position: int | None = None) -> Stage:
    """Add a stage, at the end unless a position (1 = first) is named. Raises StageCountOutOfRange, NamedTwice."""
    process = _lock_process(process_id, None)
    stages = _stages(process)
    _check_count(len(stages) + 1)
    _refuse_same_names([draft.name, *(stage.name for stage in stages)])
    stage = _insert_stage(process, draft, MOST_STAGES + 1 + _merged_count(process))
    place = len(stages) if position is None else min(max(position - 1, 0), len(stages))
    stages.insert(place, stage)
    _number(stages)
    process.save_changes()
    return stage


@service("pipeline.configure")
def update_stage(actor: Actor, stage_id: int, *, changes: Mapping[str, Any], version: int | None = None) -> Stage:
    """Change names, prior win rate, expected days, required fields, colour or folding of a stage.

    Raises NotVisible, StaleWrite, NamedTwice, InvalidInput.
    """
    stage = lock(Stage.objects.all(), stage_id)
    check_version(stage, version)
    changed = _changed(stage, changes, STAGE_FIELDS)
    if not changed:
        return stage
    for name in changed:
        setattr(stage, name, changes[name])
    _refuse_same_names(
        [
            stage.name,
            *Stage.objects.filter(process_id=stage.process_id).exclude(pk=stage.pk).values_list("name", flat=True),
        ]
    )
    validate(stage)
    stage.save_changes(*changed)
    return stage


@service("pipeline.configure")
def reorder_stages(
    actor: Actor, process_id: int, *, stage_ids: Sequence[int], version: int | None = None
) -> SalesProcess:
    """Put the stages into this order; the ids must be exactly those of the process. Raises StageOfOtherProcess."""
    process = _lock_process(process_id, version)
    stages = {stage.pk: stage for stage in _stages(process)}
    if len(stage_ids) != len(stages) or set(stage_ids) != set(stages):
        raise StageOfOtherProcess(process=process.label)
    if _number([stages[pk] for pk in stage_ids]):
        process.save_changes()
    return process


@service("pipeline.configure")
def remove_stage(actor: Actor, stage_id: int, *, at: dt.datetime, merge_into_id: int | None = None) -> SalesProcess:
    """Remove a stage. One that was ever used is merged into another: its open opportunities move there.

    The removed stage stays on record, out of sight, for the history that speaks of it.
    Raises NotVisible, StageInUse, StageCountOutOfRange, StageOfOtherProcess.
    """
    process_id = Stage.objects.filter(pk=stage_id).values_list("process_id", flat=True).first()
    process = _lock_process(process_id, None)
    # Opportunities before stages, like every move does, so that the two never wait for each other.
    lock_all(Opportunity.objects.all(), _waiting_in(stage_id).values_list("pk", flat=True))
    stage = Stage.objects.select_for_update().filter(process=process, pk=stage_id).first()
    if stage is None:
        raise NotVisible
    rest = [other for other in _stages(process) if other.pk != stage.pk]
    _check_count(len(rest))
    if not _was_used(stage):
        stage.delete()
    else:
        into = next((other for other in rest if other.pk == merge_into_id), None)
        if merge_into_id is None:
            raise StageInUse(stage=stage.label)
        if into is None:
            raise StageOfOtherProcess(process=process.label)
        _move_everything(actor, stage, into, at)
        stage.position = MOST_STAGES + 1 + _merged_count(process)
        stage.merged_into = into
        stage.save_changes("position", "merged_into")
    _number(rest)
    process.save_changes()
    return process


@service("pipeline.configure")
def set_criteria(
    actor: Actor, stage_id: int, *, criteria: Sequence[CriterionDraft], version: int | None = None
) -> Stage:
    """Replace the exit criteria of a stage; those with an id are kept with their checks.

    Raises NotVisible, StaleWrite, NamedTwice, InvalidInput (at `criteria`).
    """
    stage = lock(Stage.objects.all(), stage_id)
    check_version(stage, version)
    _refuse_same_names(criterion.name for criterion in criteria)
    present = {criterion.pk: criterion for criterion in StageCriterion.objects.filter(stage=stage)}
    kept = {criterion.id for criterion in criteria if criterion.id is not None}
    if kept - set(present):
        raise references.missing("criteria")
    rows = [
        _criterion(present.get(draft.id) if draft.id else None, stage, draft, position)
        for position, draft in enumerate(criteria, start=1)
    ]
    StageCriterion.objects.filter(stage=stage).exclude(pk__in=kept).delete()
    StageCriterion.objects.bulk_update(
        [row for row in rows if row.pk], ["name", "name_zh", "needs_evidence", "position"]
    )
    StageCriterion.objects.bulk_create([row for row in rows if not row.pk])
    stage.save_changes()
    return stage


def _lock_process(process_id: int | None, version: int | None) -> SalesProcess:
    process = lock(SalesProcess.objects.all(), process_id)
    check_version(process, version)
    return process


def _stages(process: SalesProcess) -> list[Stage]:
    return lock_in_order(Stage.objects.filter(process=process))


def lock_in_order(stages: QuerySet[Stage]) -> list[Stage]:
    """Lock stages in primary-key order and return them in the order of the process."""
    return sorted(lock_all(stages, stages.values_list("pk", flat=True)), key=lambda stage: stage.position)


def _merged_count(process: SalesProcess) -> int:
    return Stage.with_merged.filter(process=process, merged_into__isnull=False).count()


def _check_count(count: int) -> None:
    if not FEWEST_STAGES <= count <= MOST_STAGES:
        raise StageCountOutOfRange(count=count)


def _refuse_same_names(names: Any) -> None:
    seen: set[str] = set()
    for name in names:
        key = name.strip().casefold()
        if key in seen:
            raise NamedTwice(name=name.strip())
        seen.add(key)


def _changed(row: Any, changes: Mapping[str, Any], editable: frozenset[str]) -> set[str]:
    if unknown := set(changes) - editable:
        raise TypeError(f"cannot be changed here: {sorted(unknown)}")
    return {name for name, value in changes.items() if getattr(row, name) != value}


def _product_line(product_line_id: int | None) -> int | None:
    if product_line_id is not None and not references.known_ids(ProductLine.objects.all(), [product_line_id]):
        raise references.missing("product_line")
    return product_line_id


def _make_default(process: SalesProcess) -> None:
    """Take the place of the present default process, in the same transaction."""
    for other in lock_all(
        SalesProcess.objects.all(),
        SalesProcess.objects.filter(is_default=True).exclude(pk=process.pk).values_list("pk", flat=True),
    ):
        other.is_default = False
        other.save_changes("is_default")
    process.is_default = True


def _insert_stage(process: SalesProcess, draft: StageDraft, position: int) -> Stage:
    stage = Stage(
        process=process,
        position=position,
        name=draft.name.strip(),
        name_zh=draft.name_zh.strip(),
        prior_win_rate=draft.prior_win_rate,
        expected_days=draft.expected_days,
        required_fields=list(draft.required_fields),
        colour=draft.colour,
        is_folded=draft.is_folded,
    )
    validate(stage)
    stage.save()
    _refuse_same_names(criterion.name for criterion in draft.criteria)
    StageCriterion.objects.bulk_create(
        _criterion(None, stage, criterion, order) for order, criterion in enumerate(draft.criteria, start=1)
    )
    return stage


def _criterion(row: StageCriterion | None, stage: Stage, draft: CriterionDraft, position: int) -> StageCriterion:
    criterion = row or StageCriterion(stage=stage)
    criterion.name, criterion.name_zh = draft.name.strip(), draft.name_zh.strip()
    criterion.needs_evidence, criterion.position = draft.needs_evidence, position
    if refusal := clean_row(criterion):
        raise references.missing("criteria", " ".join(s for texts in refusal.errors.values() for s in texts))
    return criterion


def _number(stages: Sequence[Stage]) -> bool:
    """Give the stages the positions 1, 2, 3 …; tell whether any changed. The uniqueness is checked at commit."""
    moved = [(stage, position) for position, stage in enumerate(stages, start=1) if stage.position != position]
    for stage, position in moved:
        stage.position = position
        stage.save_changes("position")
    return bool(moved)


def _was_used(stage: Stage) -> bool:
    """Tell whether any opportunity or any history speaks of the stage."""
    return (
        Opportunity.objects.filter(stage=stage).exists()
        or StageChange.objects.filter(Q(to_stage=stage) | Q(from_stage=stage)).exists()
        or Stage.with_merged.filter(merged_into=stage).exists()
    )


def _waiting_in(stage_id: int) -> QuerySet[Opportunity]:
    return Opportunity.objects.filter(stage_id=stage_id, state__in=(State.OPEN, State.ON_HOLD))


def _move_everything(actor: Actor, stage: Stage, into: Stage, at: dt.datetime) -> None:
    """Move what is open or on hold into the stage that takes over, with a row of history each."""
    rows = lock_all(Opportunity.objects.all(), _waiting_in(stage.pk).values_list("pk", flat=True))
    if not rows:
        return
    when = history.not_before_history([row.pk for row in rows], at)
    kind = history.kind_of_move(stage, into)
    note = _("%(stage)s was merged into %(into)s") % {"stage": stage.label, "into": into.label}
    Opportunity.objects.filter(pk__in=[row.pk for row in rows]).update(
        stage=into, stage_entered_at=when, version=F("version") + 1, updated_at=at
    )
    changes = []
    for row in rows:
        row.stage = into
        changes.append(history.row(row, kind, at=when, actor=actor, from_stage_id=stage.pk, note=note))
    StageChange.objects.bulk_create(changes, batch_size=1000)
