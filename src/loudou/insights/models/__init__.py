"""Stored results."""

from loudou.insights.models.learned import LearnedProcess, LearnedStage

__all__ = ["LearnedProcess", "LearnedStage"]
