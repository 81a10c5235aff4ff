"""What a history of stages adds: the win rate of each stage, the time in it, and who comes further (`funnelstats`)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from funnelstats.conversion import Conversion, Step, conversions
from funnelstats.durations import Duration, stage_durations
from funnelstats.queries import Engine
from funnelstats.winrates import WinRate, stage_win_rates
from loudou.analyze.deals import Deals
from loudou.analyze.past import UNKNOWN
from loudou.analyze.tables import moment


@dataclass(frozen=True, slots=True)
class StageHistory:
    """One stage: how many deals came into it, and what became of them.

    `win_rate` is of those that stood in it, from their first entry; `time` in days, all stays of a deal together;
    `step` the share that comes further (skipped stages count as reached). None where nothing is known of it.
    """

    process: str | None
    name: str
    ordinal: int
    win_rate: WinRate
    time: Duration
    step: Step | None


@dataclass(frozen=True, slots=True)
class Stages:
    """All stages, by process and in order; `to_win` by process: the share of all that gets through every stage."""

    rows: tuple[StageHistory, ...]
    to_win: Mapping[str | None, Step]
    win_rates: Mapping[Hashable, WinRate] = field(default_factory=dict)
    times: Mapping[Hashable, Duration] = field(default_factory=dict)


def stages(deals: Deals, engine: Engine) -> Stages | None:
    """Ask the history about every stage; None where there is no history.

    Also makes the table `history_facts`: what it says of each open deal (`deal_facts.sql`), for the rules.
    """
    if deals.moves is None:
        return None
    at = moment(deals)
    engine = engine.keep("stage_visits", as_of=at)
    rates = stage_win_rates(engine.rows("stage_outcomes", as_of=at), as_of=deals.as_of)
    times = stage_durations(engine.rows("stage_sojourns", as_of=at), as_of=deals.as_of)
    found = conversions(engine.rows("stage_conversions", as_of=at), as_of=deals.as_of)
    by_process: dict[str | None, Conversion] = {process: one for (_all, process), one in found.items()}  # type: ignore[misc]
    engine.keep("deal_facts", as_of=at)
    deals.engine.execute("CREATE OR REPLACE TABLE history_facts AS SELECT * FROM kept_deal_facts")
    nothing, never = WinRate(None, None, None, 0, 0, 0, None, None), Duration(None, None, 0, 0)
    rows = []
    for stage, process, name, ordinal in deals.engine.execute(
        "SELECT stage_id, process_id, name, ordinal FROM stages ORDER BY process_id NULLS FIRST, ordinal"
    ).fetchall():
        steps = by_process[process].steps if process in by_process else ()
        step = next((one for one in steps if one.ordinal == ordinal), None)
        rows.append(StageHistory(process, name, ordinal, rates.get(stage, nothing), times.get(stage, never), step))
    known = {process: one.to_win for process, one in by_process.items()}
    return Stages(
        tuple(rows),
        known,
        {stage: rate for stage, rate in rates.items() if stage != UNKNOWN},
        {stage: time for stage, time in times.items() if stage != UNKNOWN},
    )
