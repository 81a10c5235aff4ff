"""A funnel of many opportunities: all win rates, cycle, conversion, funnels and a quarter's forecast, beside peers.

Peers need each segment's rows (days, outcome) as arrays, which our queries make for them, and then estimate curves
alone: statsmodels the incidence of winning, lifelines the time in a stage. Named rates, pooling, funnels and forecasts
they do not have.
"""

from __future__ import annotations

import datetime as dt
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from funnelstats.conversion import conversions
from funnelstats.durations import sales_cycle, stage_durations
from funnelstats.forecast import foretell, prospect, read_histories
from funnelstats.funnels import cohort_funnel, current_funnel
from funnelstats.named_rates import named_rates
from funnelstats.queries import Engine
from funnelstats.segments import segment_rates
from funnelstats.winrates import WinRate, stage_win_rates

END = dt.date(2026, 1, 1)
AS_OF = dt.datetime(2025, 11, 15, tzinfo=dt.UTC)
QUARTER = (dt.date(2025, 10, 1), END)
MEMORY = "8GB"
SEGMENTS = ("owner_id", "product_id", "source_id")

MAKE = (Path(__file__).parent / "funnel.sql").read_text()


def make(path: str, opportunities: int) -> int:
    """Write opportunities with their stage events into a database file; return how many events there are."""
    with _connect(path) as connection:
        connection.execute("SELECT setseed(0.5)")
        for statement in MAKE.split(";")[:-1]:
            connection.execute(statement, {"opportunities": opportunities} if "$opp" in statement else None)
        [(events,)] = connection.execute("SELECT count(*) FROM stage_events").fetchall()
        return int(events)


def ours(path: str) -> tuple[float, dict[str, Any]]:
    """All figures by the library. Seconds, and what each part took, with the win rate and cycle of each stage."""
    parts: dict[str, float] = {}
    with _connect(path) as connection:
        engine = _engine(connection)
        began, processor = time.perf_counter(), time.process_time()

        def part(name: str, work: Callable[[], Any]) -> Any:
            since = time.perf_counter()
            answer = work()
            parts[name] = time.perf_counter() - since
            return answer

        def histories() -> Engine:
            kept = engine
            for shared in ("known_events", "episodes", "stage_visits", "last_known"):
                kept = kept.keep(shared, as_of=AS_OF, known_at=AS_OF)
            return kept

        kept = part("histories", histories)
        rates = part("stage win rates", lambda: stage_win_rates(kept.rows("stage_outcomes", as_of=AS_OF)))
        part("win rates by rep, product, source", lambda: _by_segment(kept))
        part("named rates", lambda: _named(kept))
        cycle = part(
            "cycle", lambda: sales_cycle(row[1:] for row in kept.segmented("1").rows("segment_outcomes", as_of=AS_OF))
        )
        stays = part("time in stage", lambda: stage_durations(kept.rows("stage_sojourns", as_of=AS_OF)))
        part("funnels", lambda: _funnels(kept, rates))
        forecast = part("forecast", lambda: _forecast(kept))
        seconds, processor = time.perf_counter() - began, time.process_time() - processor
    return seconds, {
        "parts": parts,
        "processor": processor,
        "rates": {str(stage): rate.value for stage, rate in rates.items()},
        "horizons": {str(stage): rate.horizon_days for stage, rate in rates.items()},
        "stays": {str(stage): stay.median for stage, stay in stays.items()},
        "cycle": cycle.to_win.median,
        "forecast": [forecast.quantile(share) for share in (0.1, 0.5, 0.9)],
    }


def _by_segment(kept: Engine) -> None:
    for column in SEGMENTS:
        segment_rates(kept.segmented(column).rows("segment_outcomes", as_of=AS_OF), as_of=AS_OF)


def _named(kept: Engine) -> None:
    rows = kept.segmented("owner_id").rows(
        "named_rates", as_of=AS_OF, period_start=QUARTER[0], period_end=QUARTER[1], within_days=90
    )
    named_rates(rows, within_days=90)


def _funnels(kept: Engine, rates: dict[Any, WinRate]) -> None:
    reached = kept.keep("reached_stages", as_of=AS_OF)
    steps = conversions(reached.segmented("1").rows("stage_conversions", as_of=AS_OF))
    cohort_funnel(reached.rows("cohort_funnel", as_of=AS_OF))
    by_process = {process: found for (_segment, process), found in steps.items()}
    current_funnel(kept.rows("current_funnel", as_of=AS_OF), win_rates=rates, conversions=by_process)


def _forecast(kept: Engine) -> Any:
    day = AS_OF.date()
    [history] = read_histories(kept.segmented("1"), day).values()
    return foretell(prospect(history, *QUARTER, as_of=day))


def peers(path: str) -> tuple[float, dict[str, Any]]:
    """The incidence of winning by stage and segment with statsmodels, time in stage with lifelines.

    Seconds with what makes the arrays; `estimation` is without.
    """
    import lifelines
    from statsmodels.duration.survfunc import CumIncidenceRight

    prepared = time.perf_counter()
    with _connect(path) as connection:
        engine = _engine(connection)
        for shared in ("known_events", "episodes", "stage_visits"):
            engine = engine.keep(shared, as_of=AS_OF, known_at=AS_OF)
        by_stage, stays = _columns(connection, _BY_STAGE), _columns(connection, _STAYS)
        groups = [_columns(connection, _BY_SEGMENT.format(column=column)) for column in SEGMENTS]
    began = time.perf_counter()
    curves, medians = {}, {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for stage, days, outcome in _parts(*by_stage):
            found = CumIncidenceRight(days, outcome)
            curves[str(stage)] = (found.times.tolist(), found.cinc[0].tolist())
        for group in groups:
            for _segment, days, outcome in _parts(*group):
                CumIncidenceRight(days, outcome)
        for stage, days, left in _parts(*stays):
            medians[str(stage)] = float(lifelines.KaplanMeierFitter().fit(days, left).median_survival_time_)
    ended = time.perf_counter()
    return ended - prepared, {"curves": curves, "stays": medians, "estimation": ended - began}


def apart_by(ours_found: dict[str, Any], peers_found: dict[str, Any]) -> float:
    """Largest difference of a stage's win rate, read at our horizon. Raises AssertionError for other medians."""
    if ours_found["stays"] != peers_found["stays"]:
        raise AssertionError(f"the medians differ: {ours_found['stays']} and {peers_found['stays']}")
    differences = []
    for stage, rate in ours_found["rates"].items():
        times, won = peers_found["curves"][stage]
        place = int(np.searchsorted(times, ours_found["horizons"][stage], side="right")) - 1
        differences.append(abs(rate - won[place]))
    return float(max(differences))


_BY_STAGE = """
SELECT v.stage_id, CAST(floor((e.ended_at - v.entered_at) / 86400) AS INTEGER),
       CASE outcome WHEN 'won' THEN 1 WHEN 'lost' THEN 2 ELSE 0 END
FROM kept_stage_visits AS v JOIN kept_episodes AS e USING (opportunity_id, episode) ORDER BY 1
"""
_BY_SEGMENT = """
SELECT o.{column}, CAST(floor((e.ended_at - e.opened_at) / 86400) AS INTEGER),
       CASE outcome WHEN 'won' THEN 1 WHEN 'lost' THEN 2 ELSE 0 END
FROM kept_episodes AS e JOIN opportunities AS o USING (opportunity_id) ORDER BY 1
"""
_STAYS = "SELECT stage_id, CAST(floor(seconds / 86400) AS INTEGER), 1 - is_there FROM kept_stage_visits ORDER BY 1"


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> list[np.ndarray]:
    return list(connection.execute(query).fetchnumpy().values())


def _parts(segment: np.ndarray, days: np.ndarray, outcome: np.ndarray) -> list[tuple[Any, np.ndarray, np.ndarray]]:
    names, starts = np.unique(segment, return_index=True)
    return list(zip(names, np.split(days, starts[1:]), np.split(outcome, starts[1:]), strict=True))


def _connect(path: str) -> duckdb.DuckDBPyConnection:
    spill = str(Path(path).parent)
    connection = duckdb.connect(
        path,
        config={
            "threads": 2,
            "memory_limit": MEMORY,
            "temp_directory": spill,
            "preserve_insertion_order": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    return connection


def _engine(connection: duckdb.DuckDBPyConnection) -> Engine:
    def run(statement: str, given: Any) -> Any:
        return connection.execute(statement, given or None).fetchall()

    return Engine("duckdb", run, {name: name for name in ("stage_events", "opportunities", "stages")})
