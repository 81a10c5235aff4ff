"""Learning from the stage history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from funnelstats.durations import Duration, stage_durations
from funnelstats.queries import Engine
from funnelstats.winrates import WinRate, stage_win_rates
from loudou.core.actors import Actor
from loudou.core.verbs import service
from loudou.insights.models import LearnedProcess, LearnedStage
from loudou.pipeline.models import SalesProcess, Stage

# Dropped is a way of not winning. Revisions change neither stage nor state; their rows do no harm.
_EVENTS = """
    SELECT opportunity_id, change.id AS seq, at AS happened_at, recorded_at, to_stage_id AS stage_id,
           CASE to_state WHEN 'dropped' THEN 'lost' ELSE to_state END AS state
    FROM pipeline_stagechange AS change
"""
# The same with the process in the place of the stage: its one "stage" lasts from opening to closing.
_EVENTS_BY_PROCESS = """
    SELECT opportunity_id, change.id AS seq, at AS happened_at, recorded_at, stage.process_id AS stage_id,
           CASE to_state WHEN 'dropped' THEN 'lost' ELSE to_state END AS state
    FROM pipeline_stagechange AS change JOIN pipeline_stage AS stage ON stage.id = change.to_stage_id
"""
# Imports bring the past of the won and the lost alike: nothing is observed only from the middle of its life.
_SEEN_FROM_THE_START = "SELECT CAST(NULL AS bigint) AS opportunity_id, CAST(NULL AS bigint) AS watched_from WHERE FALSE"


@dataclass(frozen=True, slots=True)
class Learning:
    """What one round of learning found: how many stages and processes have enough history, of how many."""

    as_of: dt.datetime
    stages: int
    stages_with_rate: int
    processes: int
    processes_with_rate: int


@service("insights.refresh")
def learn_from_history(actor: Actor, *, at: dt.datetime) -> Learning:
    """Recompute win rates, time in stage and sales cycle of every stage and process as of a moment, and store them.

    Two passes over the stage history in the database; what comes back is a few thousand counts. Running it twice
    gives the same result.
    """
    with connection.cursor() as cursor:
        # Two rounds at once would only waste work: the second waits and then finds nothing else to do.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('loudou.insights.learning'))")
    stages_engine, processes_engine = _engine(_EVENTS), _engine(_EVENTS_BY_PROCESS)
    stage_rates = stage_win_rates(stages_engine.rows("stage_outcomes", as_of=at), as_of=at)
    stage_times = stage_durations(stages_engine.rows("stage_sojourns", as_of=at), as_of=at)
    process_rates = stage_win_rates(processes_engine.rows("stage_outcomes", as_of=at), as_of=at)
    cycles = stage_durations(processes_engine.rows("stage_sojourns", as_of=at), as_of=at)
    stage_ids = list(Stage.objects.order_by("pk").values_list("pk", flat=True))
    process_ids = list(SalesProcess.objects.order_by("pk").values_list("pk", flat=True))
    stages = [LearnedStage(stage_id=pk, **_figures(pk, stage_rates, stage_times, at)) for pk in stage_ids]
    processes = [LearnedProcess(process_id=pk, **_figures(pk, process_rates, cycles, at)) for pk in process_ids]
    LearnedStage.objects.all().delete()
    LearnedProcess.objects.all().delete()
    LearnedStage.objects.bulk_create(stages)
    LearnedProcess.objects.bulk_create(processes)
    return Learning(
        as_of=at,
        stages=len(stages),
        stages_with_rate=sum(row.win_rate is not None for row in stages),
        processes=len(processes),
        processes_with_rate=sum(row.win_rate is not None for row in processes),
    )


def _engine(events: str) -> Engine:
    return Engine("postgres", _run, {"stage_events": events, "late_watched": _SEEN_FROM_THE_START})


def _run(statement: str, parameters: Mapping[str, Any]) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
        return rows


def _figures(pk: int, rates: Mapping[Any, WinRate], times: Mapping[Any, Duration], at: dt.datetime) -> dict[str, Any]:
    rate = rates.get(pk) or WinRate(None, None, None, 0, 0, 0, None, None)
    time = times.get(pk) or Duration(None, None, 0, 0)
    return {
        "as_of": at,
        "sample": rate.n,
        "won": rate.won,
        "lost": rate.lost,
        "win_rate": rate.value,
        "low": rate.low,
        "high": rate.high,
        "undecided": rate.undecided,
        "horizon_days": rate.horizon_days,
        "median_days": time.median,
        "p80_days": time.p80,
        "stays": time.n,
        "stays_finished": time.finished,
    }
