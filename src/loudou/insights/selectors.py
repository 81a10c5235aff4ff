"""Questions to stored statistics. They are figures about the company as a whole, without anybody's rows in them."""

from __future__ import annotations

from loudou.insights.models import LearnedProcess, LearnedStage


def learned_stages(process_id: int) -> dict[int, LearnedStage]:
    """What was learned about each stage of a process, by stage id; empty before the first round of learning."""
    return {row.stage_id: row for row in LearnedStage.objects.filter(stage__process_id=process_id)}


def learned_process(process_id: int) -> LearnedProcess | None:
    """What was learned about a process; None before the first round of learning."""
    return LearnedProcess.objects.filter(process_id=process_id).first()
