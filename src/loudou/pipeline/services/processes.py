"""Setting up sales processes, their stages and exit criteria."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.pipeline.models import SalesProcess, Stage
from loudou.pipeline.services.drafts import CriterionDraft, ProcessDraft, StageDraft


@service("pipeline.configure")
def create_process(actor: Actor, *, draft: ProcessDraft) -> SalesProcess:
    """Create a process with its stages. Raises StageCountOutOfRange, InvalidInput."""
    raise NotImplementedError


@service("pipeline.configure")
def update_process(
    actor: Actor, process_id: int, *, changes: Mapping[str, Any], version: int | None = None
) -> SalesProcess:
    """Change names, description, what it is for, criteria mode, default, active. The default one stays active."""
    raise NotImplementedError


@service("pipeline.configure")
def add_stage(actor: Actor, process_id: int, *, draft: StageDraft, position: int | None = None) -> Stage:
    """Add a stage, at the end unless a position (1 = first) is named. Raises StageCountOutOfRange."""
    raise NotImplementedError


@service("pipeline.configure")
def update_stage(actor: Actor, stage_id: int, *, changes: Mapping[str, Any], version: int | None = None) -> Stage:
    """Change names, prior win rate, expected days, required fields, colour or folding of a stage."""
    raise NotImplementedError


@service("pipeline.configure")
def reorder_stages(
    actor: Actor, process_id: int, *, stage_ids: Sequence[int], version: int | None = None
) -> SalesProcess:
    """Put the stages into this order; the ids must be exactly those of the process."""
    raise NotImplementedError


@service("pipeline.configure")
def remove_stage(actor: Actor, stage_id: int, *, at: dt.datetime, merge_into_id: int | None = None) -> SalesProcess:
    """Remove a stage. One that was ever used is merged into another: its open opportunities move there.

    The removed stage stays on record, out of sight, for the history that speaks of it.
    Raises StageInUse, StageCountOutOfRange, StageOfOtherProcess.
    """
    raise NotImplementedError


@service("pipeline.configure")
def set_criteria(
    actor: Actor, stage_id: int, *, criteria: Sequence[CriterionDraft], version: int | None = None
) -> Stage:
    """Replace the exit criteria of a stage; those with an id are kept with their checks."""
    raise NotImplementedError
