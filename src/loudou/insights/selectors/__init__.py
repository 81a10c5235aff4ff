"""Questions to statistics."""

from loudou.insights.selectors.learned import learned_processes, learned_stages

__all__ = ["learned_processes", "learned_stages"]
