"""Keeping a stage from being removed while something moves into it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from loudou.pipeline.errors import StageOfOtherProcess
from loudou.pipeline.models import Stage

_HOLD = """
    SELECT id FROM pipeline_stage WHERE id = ANY(%s) AND merged_into_id IS NULL ORDER BY id FOR KEY SHARE
"""


def hold_stages(stage_ids: Iterable[int]) -> set[int]:
    """Keep stages from being removed until the transaction ends, and return those that are still in use.

    Any number of transactions can hold a stage together; only `processes.remove_stage`, which locks it outright,
    waits for them and makes them wait. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [sorted(set(stage_ids))])
        return {row[0] for row in cursor.fetchall()}


def hold_stage(stage: Stage, process_name: str) -> None:
    """Keep one stage; refuse when it was removed in the meantime. Raises StageOfOtherProcess."""
    if not hold_stages([stage.pk]):
        raise StageOfOtherProcess(process=process_name)
