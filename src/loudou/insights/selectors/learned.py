"""Questions to stored statistics. They are figures about the company as a whole, without anybody's rows in them."""

from __future__ import annotations

from loudou.core import kept
from loudou.insights.models import LearnedProcess, LearnedStage


def learned_stages() -> dict[int, LearnedStage]:
    """What was learned about each stage, by stage id; empty before the first round of learning."""
    return {row.stage_id: row for row in kept.rows_of(LearnedStage)}


def learned_processes() -> dict[int, LearnedProcess]:
    """What was learned about each process, by process id; empty before the first round of learning."""
    return {row.process_id: row for row in kept.rows_of(LearnedProcess)}
