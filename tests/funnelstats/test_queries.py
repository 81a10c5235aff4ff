"""The SQL halves: the same rows on DuckDB and PostgreSQL, and every awkward history counted as it should be."""

import datetime as dt

import duckdb
import pytest
from django.db import connection

from funnelstats import queries

JANUARY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def day(number):
    return JANUARY + dt.timedelta(days=number)


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
]
EVENTS = [(o, number, day(d), stage, state) for number, (o, d, stage, state) in enumerate(HISTORY)]

OUTCOMES = {
    (1, 10): (0, 1, 0),
    (1, 20): (1, 0, 0),
    (1, 30): (0, 1, 0),
    (1, 50): (1, 0, 0),
    (1, 51): (0, 0, 1),
    (1, 151): (0, 0, 2),
    (2, 10): (1, 0, 0),
    (3, 25): (0, 1, 0),
}
SOJOURNS = {
    (1, 7): (1, 0),
    (1, 9): (1, 0),
    (1, 10): (1, 0),
    (1, 40): (1, 0),
    (1, 61): (0, 1),
    (1, 151): (0, 1),
    (2, 10): (1, 0),
    (3, 21): (1, 0),
}


def on_duckdb(name):
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'")
    engine.execute(
        "CREATE TABLE stage_events (opportunity_id INT, seq INT, happened_at TIMESTAMPTZ, stage_id INT, state TEXT)"
    )
    engine.executemany("INSERT INTO stage_events VALUES (?, ?, ?, ?, ?)", EVENTS)
    return engine.execute(queries.render(name, dialect="duckdb"), {"as_of": AS_OF}).fetchall()


def on_postgresql(name):
    table = "SELECT * FROM events_of_this_test"
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS events_of_this_test"
            " (opportunity_id int, seq int, happened_at timestamptz, stage_id int, state text) ON COMMIT DROP"
        )
        cursor.execute("TRUNCATE events_of_this_test")
        cursor.executemany("INSERT INTO events_of_this_test VALUES (%s, %s, %s, %s, %s)", EVENTS)
        cursor.execute(queries.render(name, dialect="postgres", tables={"stage_events": table}), {"as_of": AS_OF})
        return cursor.fetchall()


ENGINES = pytest.mark.parametrize("run", [on_duckdb, on_postgresql])


@ENGINES
def test_outcomes_since_first_entry(run, db):
    assert {(stage, days): tuple(counts) for stage, days, *counts in run("stage_outcomes")} == OUTCOMES


@ENGINES
def test_time_in_each_stage(run, db):
    assert {(stage, days): tuple(counts) for stage, days, *counts in run("stage_sojourns")} == SOJOURNS
