"""An export as the tables that `funnelstats` asks for.

An export tells how a deal stands today, not how it came there. So a deal has one stage here, from its opening to its
close, and times in stage are times since opening. What is only known today (an open deal's expected date) is recorded
today, so that a forecast of the past does not know it. Where lost deals have no amount, an amount appears with the win,
and is not known before it in the past either. With a history of stages beside it, `past` tells the way there instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from funnelstats.queries import Engine
from loudou.analyze.deals import Deals
from loudou.analyze.past import make_past

STAGE = 1
ALL = 1
"""The one segment that holds all deals."""

_KNOWN_FOR_LOST = 0.5
_OPPORTUNITIES = """
CREATE OR REPLACE VIEW opportunities AS
SELECT place AS opportunity_id, CAST(opened_on AS TIMESTAMPTZ) AS created_at,
       CAST(NULL AS TIMESTAMPTZ) AS observed_from, CAST(closed_on AS TIMESTAMPTZ) AS closed_at,
       outcome, CAST(NULL AS DOUBLE) AS amount, 1 AS stage_id,
       owner AS owner_id, team AS team_id, customer AS customer_id, product AS product_id, source AS source_id, kind
FROM deals
WHERE opened_on IS NOT NULL AND opened_on <= $as_of
      AND (outcome = 'open' OR (closed_on >= opened_on AND closed_on <= $as_of))
"""
_STAGE_EVENTS = """
CREATE OR REPLACE TABLE stage_events AS
SELECT opportunity_id, 0 AS seq, created_at AS happened_at, CAST(NULL AS TIMESTAMPTZ) AS recorded_at,
       stage_id, 'open' AS state,
       CASE WHEN deals.amount > 0 AND (deals.outcome = 'open' OR $is_known) THEN deals.amount END AS amount,
       CAST(NULL AS DATE) AS expected_on, owner_id, CAST(NULL AS DOUBLE) AS probability
FROM opportunities JOIN deals ON deals.place = opportunity_id
UNION ALL
SELECT opportunity_id, 2, closed_at, NULL, stage_id, opportunities.outcome,
       CASE WHEN deals.amount > 0 THEN deals.amount END, NULL, owner_id, NULL
FROM opportunities JOIN deals ON deals.place = opportunity_id
WHERE opportunities.outcome <> 'open'
UNION ALL
SELECT opportunity_id, 1, CAST($as_of AS TIMESTAMPTZ), NULL, stage_id, 'open',
       CASE WHEN deals.amount > 0 THEN deals.amount END, deals.expected_on, owner_id, NULL
FROM opportunities JOIN deals ON deals.place = opportunity_id
WHERE opportunities.outcome = 'open' AND deals.expected_on IS NOT NULL
"""


def engine_of(deals: Deals) -> Engine:
    """Return the library's engine over the deals whose time is known, all in one segment; asked as of `moment`."""
    literal = f"DATE '{deals.as_of}'"
    deals.engine.execute(_OPPORTUNITIES.replace("$as_of", literal))
    is_known = _amounts_are_known_early(deals)
    if deals.moves is not None:
        make_past(deals, amounts_are_known=is_known)
        stages = "stages"
    else:
        statement = _STAGE_EVENTS.replace("$as_of", literal).replace("$is_known", "TRUE" if is_known else "FALSE")
        deals.engine.execute(statement)
        stages = f"SELECT {STAGE} AS stage_id, CAST(NULL AS INTEGER) AS process_id, 1 AS ordinal"

    def run(statement: str, given: Mapping[str, Any]) -> Any:
        return deals.engine.execute(statement, given or None).fetchall()

    tables = {name: name for name in ("opportunities", "stage_events")}
    return Engine("duckdb", run, {**tables, "stages": stages}).segmented(str(ALL))


def moment(deals: Deals) -> dt.datetime:
    """Return the end of the last day of the file, which is the beginning of the next one."""
    return dt.datetime.combine(deals.as_of + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)


def _amounts_are_known_early(deals: Deals) -> bool:
    """Whether lost deals have amounts as won ones have: then an amount does not come with the win alone."""
    [(won, lost)] = deals.engine.execute(
        "SELECT avg(CAST(coalesce(amount, 0) > 0 AS INTEGER)) FILTER (WHERE outcome = 'won'),"
        " avg(CAST(coalesce(amount, 0) > 0 AS INTEGER)) FILTER (WHERE outcome = 'lost') FROM deals"
    ).fetchall()
    return bool(won and lost and lost >= _KNOWN_FOR_LOST * won)
