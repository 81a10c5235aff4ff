"""One small input for every query, on which DuckDB, PostgreSQL and Spark have to say the same.

A new file in `funnelstats/sql` needs a case here: input tables as (columns with DuckDB's types, rows), and parameters.
The questions about customers and money have theirs in `test_value_engines`.
"""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.funnelstats.test_value_engines import QUESTIONS

JANUARY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
FOREVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def day(number, *, seconds=0):
    return JANUARY + dt.timedelta(days=number, seconds=seconds)


@dataclass(frozen=True)
class Case:
    """Input tables of one query: {name: (columns, rows)}, and its parameters."""

    tables: dict[str, tuple[str, list[tuple[Any, ...]]]]
    parameters: dict[str, Any] = field(default_factory=dict)


HISTORY = [
    # opportunity, day, stage, state
    (1, 0, 1, "open"),  # straight through: 10 days in stage 1, 10 in stage 2, won
    (1, 10, 2, "open"),
    (1, 20, 2, "won"),
    (2, 0, 1, "open"),  # still there after 151 days
    (3, 0, 1, "open"),  # skips stage 2, goes back to 1, is lost from 3
    (3, 5, 3, "open"),
    (3, 8, 1, "open"),
    (3, 12, 3, "open"),
    (3, 30, 3, "lost"),
    (4, 0, 1, "open"),  # lost, opened again within a month: the loss is void
    (4, 10, 1, "lost"),
    (4, 20, 1, "open"),
    (4, 50, 1, "won"),
    (5, 0, 1, "open"),  # lost, opened again after three months: a new episode
    (5, 10, 1, "lost"),
    (5, 100, 1, "open"),
    (6, 0, 1, "open"),  # on hold: undecided, and not in a stage meanwhile
    (6, 7, 1, "on_hold"),
    (7, 200, 1, "open"),  # not known yet at the moment asked about
    (8, 0, 1, "open"),  # taken over on day 40: at risk only from then on
    (8, 15, 2, "open"),
    (8, 90, 2, "lost"),
]
EVENTS = [(o, number, day(d), None, stage, state) for number, (o, d, stage, state) in enumerate(HISTORY)]
AMOUNTS = {number: Decimal(100 * number) for number in range(1, 9)} | {2: None}
CLOSED = {1: (day(20), "won"), 3: (day(30), "lost"), 4: (day(50), "won"), 8: (day(90), "lost")}
OPPORTUNITIES = [
    (number, day(0), day(40) if number == 8 else None, AMOUNTS[number], 1, *CLOSED.get(number, (None, "open")))
    for number in range(1, 9)
]

HISTORY_TABLES = {
    "stage_events": (
        "opportunity_id BIGINT, seq INTEGER, happened_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ, stage_id INTEGER,"
        " state VARCHAR",
        EVENTS,
    ),
    "opportunities": (
        "opportunity_id BIGINT, created_at TIMESTAMPTZ, observed_from TIMESTAMPTZ, amount DECIMAL(19, 4),"
        " stage_id INTEGER, closed_at TIMESTAMPTZ, outcome VARCHAR",
        OPPORTUNITIES,
    ),
    "stages": ("stage_id INTEGER, process_id BIGINT, ordinal INTEGER", [(1, None, 1), (2, None, 2), (3, None, 3)]),
    "segments": (
        "opportunity_id BIGINT, segment VARCHAR",
        [(number, "east" if number % 2 else "west") for number in range(1, 8)] + [(8, None)],
    ),
}
RICH_EVENTS = [
    (
        *event,
        Decimal(100 * event[0] + event[1]) if event[0] != 2 else None,
        dt.date(2026, 6, 1 + event[0]),
        event[0] % 3,
        0.5,
    )
    for event in EVENTS
]
RICH_TABLES = HISTORY_TABLES | {
    "stage_events": (
        HISTORY_TABLES["stage_events"][0]
        + ", amount DECIMAL(19, 4), expected_on DATE, owner_id BIGINT, probability DOUBLE",
        RICH_EVENTS,
    ),
}
CUSTOMERS = {1: 1, 2: 1, 3: 2, 4: 2, 5: 1, 6: None, 7: 2, 8: 2}
SNAPSHOT_TABLES = {
    "opportunities": (
        "opportunity_id BIGINT, customer_id BIGINT",
        list(CUSTOMERS.items()),
    ),
    "activities": (
        "opportunity_id BIGINT, happened_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ, state VARCHAR",
        [(1, day(5), None, "done"), (2, day(6), day(40), None), (2, day(7), None, "cancelled")],
    ),
    "moments": ("snapshot BIGINT", [(int(day(number).timestamp()),) for number in (7, 28, 56, 110)]),
}
ORDERS = {
    "customer_orders": (
        "segment VARCHAR, customer_id BIGINT, happened_on DATE, amount DECIMAL(19, 4), is_repeat BOOLEAN",
        [
            ("east", 1, dt.date(2026, 1, 5), Decimal(300), False),
            ("east", 1, dt.date(2026, 2, 5), Decimal(310), True),
            ("east", 2, dt.date(2026, 2, 5), Decimal(90), True),
            ("west", 3, dt.date(2026, 3, 1), Decimal(-20), True),
            ("west", 3, dt.date(2026, 7, 1), Decimal(50), True),  # not known yet
        ],
    )
}
KNOWN = {"as_of": AS_OF, "known_at": FOREVER}
PERIOD = {"period_start": JANUARY, "period_end": day(90), "within_days": 60}

CASES = (
    {
        name: Case(HISTORY_TABLES, KNOWN | PERIOD)
        for name in (
            "cohort_funnel",
            "current_funnel",
            "episodes",
            "known_events",
            "late_watched",
            "named_rates",
            "opening_and_close",
            "reached_stages",
            "segment_outcomes",
            "stage_cohort_outcomes",
            "stage_conversions",
            "stage_flows",
            "stage_outcomes",
            "stage_sojourns",
            "stage_visits",
        )
    }
    | {
        name: Case(RICH_TABLES, KNOWN | {"since": JANUARY})
        for name in (
            "amount_revisions",
            "daily_flow",
            "deal_facts",
            "decided_amounts",
            "last_known",
            "open_deals",
            "stage_landmarks",
        )
    }
    | {
        name: Case(
            RICH_TABLES | SNAPSHOT_TABLES,
            {"below": "g", "known_at": day(120), "horizon_days": 30, "as_of": AS_OF},
        )
        for name in (
            "deal_snapshots",
            "history_size",
            "owner_pasts",
            "past_closings",
            "sampled_events",
            "snapshot_states",
            "usual_amounts",
        )
    }
    | {
        "order_amounts": Case(ORDERS, {"as_of": AS_OF, "since": JANUARY}),
        "order_flow": Case(ORDERS, {"as_of": AS_OF}),
    }
    | {
        "aging": Case(
            {
                "open_items": (
                    "customer_id BIGINT, due_on DATE, amount DECIMAL(19, 4)",
                    [(c, dt.date(2026, m, 5), Decimal(c * m)) for c in (1, 2) for m in range(1, 9)]
                    + [(1, dt.date(2026, 1, 1), Decimal(-7))],
                )
            },
            {"as_of": dt.date(2026, 6, 1)},
        ),
        "waterfall": Case(
            {
                "snapshots": (
                    "taken_at TIMESTAMPTZ, opportunity_id BIGINT, amount DECIMAL(19, 4), expected_on DATE,"
                    " state VARCHAR, slice VARCHAR, original_amount DECIMAL(19, 4), original_currency VARCHAR",
                    [
                        (JANUARY, 1, Decimal(100), dt.date(2026, 2, 10), "open", "a", None, None),
                        (AS_OF, 1, Decimal("120.25"), dt.date(2026, 2, 10), "won", "b", None, None),
                        (JANUARY, 2, Decimal(50), dt.date(2026, 5, 10), "open", "a", None, None),
                        (AS_OF, 2, Decimal(40), dt.date(2026, 3, 10), "on_hold", "a", None, None),
                        (JANUARY, 3, Decimal(70), dt.date(2026, 3, 10), "open", "b", None, None),
                        (AS_OF, 4, Decimal(30), dt.date(2026, 3, 10), "lost", "b", None, None),
                        (JANUARY, 5, Decimal(1400), dt.date(2026, 3, 10), "open", "b", Decimal(200), "USD"),
                        (AS_OF, 5, Decimal(2000), dt.date(2026, 3, 10), "open", "b", Decimal(250), "USD"),
                    ],
                )
            },
            {
                "earlier": JANUARY,
                "later": AS_OF,
                "period_start": dt.date(2026, 1, 1),
                "period_end": dt.date(2026, 4, 1),
            },
        ),
    }
)
CASES |= {
    name: Case({d.partition("(")[0]: (d.partition("(")[2][:-1], rows) for d, rows in tables.items()}, given)
    for name, (tables, given) in QUESTIONS.items()
}
