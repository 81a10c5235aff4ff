"""The statistics of a sales funnel: pure, explained, and the same on every engine.

*Reduce on the engine, infer in memory.* A question has two halves: SQL that reduces rows to small sufficient
statistics (kept in `sql/`, written once, transpiled for the engine at hand), and Python that infers from those.
Results are frozen values that carry their sample size and interval; "not enough history" is a result, not zero.
Nothing here reads a clock, a file or a connection of its own.
"""

from funnelstats.durations import Duration, duration, stage_durations
from funnelstats.survival import CompetingRisks, competing_risks
from funnelstats.winrates import WinRate, stage_win_rates, win_rate

__all__ = [
    "CompetingRisks",
    "Duration",
    "WinRate",
    "competing_risks",
    "duration",
    "stage_durations",
    "stage_win_rates",
    "win_rate",
]
