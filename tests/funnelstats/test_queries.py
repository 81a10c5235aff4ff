"""The SQL halves: every awkward history counted as it should be, and how queries are put together."""

import datetime as dt

import duckdb
import pytest
from tests.funnelstats.engine_cases import AMOUNTS, AS_OF, EVENTS, JANUARY, KNOWN, OPPORTUNITIES, PERIOD, day

from funnelstats import queries
from funnelstats.queries import Engine


@pytest.fixture
def connection():
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute(
            "CREATE TABLE stage_events (opportunity_id INT, seq INT, happened_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ,"
            " stage_id INT, state TEXT)"
        )
        engine.execute(
            "CREATE TABLE opportunities (opportunity_id INT, created_at TIMESTAMPTZ, observed_from TIMESTAMPTZ,"
            " amount DECIMAL(18, 2), stage_id INT, closed_at TIMESTAMPTZ, outcome TEXT)"
        )
        engine.execute(
            "CREATE TABLE stages AS SELECT k AS stage_id, NULL::INT AS process_id, k AS ordinal"
            " FROM range(1, 4) AS t(k)"
        )
        engine.execute("CREATE TABLE segments AS SELECT k AS opportunity_id, 'all' AS segment FROM range(1, 9) AS t(k)")
        yield engine


@pytest.fixture
def run(connection):
    connection.executemany("INSERT INTO stage_events VALUES (?, ?, ?, ?, ?, ?)", EVENTS)
    connection.executemany("INSERT INTO opportunities VALUES (?, ?, ?, ?, ?, ?, ?)", OPPORTUNITIES)
    return Engine("duckdb", lambda sql, given: connection.execute(sql, given).fetchall())


def by_two(rows):
    return {tuple(row[:2]): tuple(row[2:]) for row in rows}


def test_outcomes_since_first_entry(run):
    """won, lost, undecided, late entries by stage and days; opportunity 8 is at risk in stage 1 from day 40 on."""
    assert by_two(run.rows("stage_outcomes", **KNOWN)) == {
        (1, 10): (0, 1, 0, 0),  # first episode of 5
        (1, 20): (1, 0, 0, 0),
        (1, 30): (0, 1, 0, 0),
        (1, 40): (0, 0, 0, 1),
        (1, 50): (1, 0, 0, 0),
        (1, 51): (0, 0, 1, 0),  # second episode of 5
        (1, 90): (0, 1, 0, 0),
        (1, 151): (0, 0, 2, 0),
        (2, 10): (1, 0, 0, 0),
        (2, 25): (0, 0, 0, 1),
        (2, 75): (0, 1, 0, 0),
        (3, 25): (0, 1, 0, 0),
    }


def test_time_in_each_stage(run):
    """left, staying, late entries, entries; what 8 spent in stage 1 before it was observed says nothing."""
    assert by_two(run.rows("stage_sojourns", **KNOWN)) == {
        (1, 7): (1, 0, 0, 1),
        (1, 9): (1, 0, 0, 2),
        (1, 10): (2, 0, 0, 2),
        (1, 40): (1, 0, 0, 1),
        (1, 51): (0, 1, 0, 1),
        (1, 151): (0, 1, 0, 1),
        (2, 10): (1, 0, 0, 1),
        (2, 25): (0, 0, 1, 0),
        (2, 75): (1, 0, 0, 1),
        (3, 21): (1, 0, 0, 2),
    }


def test_conversion_fills_skipped_stages_and_forgives_moves_back(run):
    """advanced, lost, undecided, late by ordinal and days: 3 skipped stage 2, 4 was won from stage 1."""
    rows = {row[2:4]: row[4:] for row in run.rows("stage_conversions", **KNOWN)}
    assert rows == {
        (1, 5): (1, 0, 0, 0),  # 3 went on after five days, whatever it did later
        (1, 10): (1, 1, 0, 0),
        (1, 50): (1, 0, 0, 0),
        (1, 51): (0, 0, 1, 0),
        (1, 151): (0, 0, 2, 0),
        (2, 0): (2, 0, 0, 0),  # filled in: 3 and 4
        (2, 10): (1, 0, 0, 0),
        (2, 25): (0, 0, 0, 1),
        (2, 75): (0, 1, 0, 0),
        (3, 0): (2, 0, 0, 0),  # won without having stood there: 1 and 4
        (3, 25): (0, 1, 0, 0),
    }


def test_a_late_re_opening_is_an_episode_of_its_own_with_its_parent(run):
    rows = [row for row in run.rows("episodes", **KNOWN) if row[0] == 5]
    assert sorted((row[1], row[2], row[5]) for row in rows) == [(1, None, "lost"), (2, 1, "undecided")]


def test_a_re_opening_within_thirty_days_is_counted_from_the_close_not_from_later_edits(run, connection):
    again = [(9, 1, 0, 1, "open"), (9, 2, 10, 1, "lost"), (9, 3, 35, 2, "lost"), (9, 4, 45, 2, "open")]
    connection.executemany(
        "INSERT INTO stage_events VALUES (?, ?, ?, NULL, ?, ?)",
        [(o, s, day(d), g, state) for o, s, d, g, state in again],
    )
    outcomes = sorted((row[1], row[5]) for row in run.rows("episodes", **KNOWN) if row[0] == 9)
    assert outcomes == [(1, "lost"), (2, "undecided")]


def test_the_past_shows_the_outcome_that_was_true_then(run):
    """4 was lost on day 10, opened again on day 20 and won on day 50."""

    def outcome(as_of):
        return [row[5] for row in run.rows("episodes", as_of=as_of) if row[0] == 4]

    assert [outcome(day(d)) for d in (5, 15, 25, 60)] == [["undecided"], ["lost"], ["undecided"], ["won"]]


def test_what_was_recorded_late_was_not_known_before(run, connection):
    connection.execute("UPDATE stage_events SET recorded_at = ? WHERE opportunity_id = 1 AND state = 'won'", [day(70)])
    known_then = run.rows("episodes", as_of=day(30), known_at=day(30))
    known_now = run.rows("episodes", as_of=day(30))
    assert [row[5] for row in known_then if row[0] == 1] == ["undecided"]
    assert [row[5] for row in known_now if row[0] == 1] == ["won"]


def test_the_current_funnel_counts_what_is_open_and_apart_what_is_on_hold(run):
    assert run.rows("current_funnel", **KNOWN) == [(None, 1, 1, 2, AMOUNTS[5], 1, 1)]


def test_the_cohort_of_a_month(run):
    """month, process, ordinal, reached, amount, advanced, lost, undecided, won, won amount."""
    rows = [row[2:] for row in run.rows("cohort_funnel", **KNOWN) if row[0] == JANUARY.date()]
    # 8 advanced before it was observed, so that its first stage says nothing.
    assert rows == [(1, 6, 1900, 3, 1, 2, 2, 500), (2, 4, 1600, 3, 1, 0, 2, 500), (3, 3, 800, 2, 1, 0, 2, 500)]


def test_flows_between_stages_in_a_period(run):
    flows = {row[:3]: row[3] for row in run.rows("stage_flows", **KNOWN, **PERIOD)}
    assert flows == {
        (None, 1, "open"): 8,  # seven openings, one re-opening
        (1, 2, "open"): 2,
        (1, 3, "open"): 2,
        (3, 1, "open"): 1,
        (1, None, "won"): 1,
        (1, None, "lost"): 2,
        (2, None, "won"): 1,
        (3, None, "lost"): 1,
    }


def test_the_counts_behind_the_named_rates(run):
    """closed won, closed lost, created, created won, old enough, won in time; 8 is left out of those by creation."""
    [row] = run.rows("named_rates", **KNOWN, **PERIOD)
    assert row == ("all", 2, 2, 6, 2, 6, 2)


def test_a_query_that_is_kept_is_read_from_its_table(run):
    kept = run.keep("known_events", **KNOWN).keep("episodes", **KNOWN).keep("stage_visits", **KNOWN)
    assert kept.rows("stage_outcomes", **KNOWN) == run.rows("stage_outcomes", **KNOWN)
    assert "kept_episodes" in queries.render("stage_outcomes", dialect="duckdb", tables=kept.tables)


def test_segments_come_from_any_column(run):
    rows = run.segmented("CASE WHEN opportunity_id < 3 THEN 'early' END").rows("segment_outcomes", **KNOWN)
    assert rows == [("early", 20, 1, 0, 0, 0), ("early", 151, 0, 0, 1, 0)]


def test_parameters_are_those_of_all_that_is_read(run):
    assert queries.placeholders("stage_outcomes") == {"as_of", "known_at"}
    assert queries.placeholders("stage_outcomes", frozenset({"episodes", "stage_visits"})) == set()
    with pytest.raises(KeyError):
        run.rows("stage_outcomes")


def test_instants_have_no_zone_of_their_own(run, connection):
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    zoned = AS_OF.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert by_two(run.rows("stage_outcomes", as_of=zoned)) == by_two(run.rows("stage_outcomes", as_of=AS_OF))


def test_the_facts_of_open_deals_by_which_abnormal_ones_are_told(connection):
    """Skipped stage 2 on day 10, worth less and pushed; pushed again on day 20; brought forward on day 30."""
    connection.execute("ALTER TABLE stage_events ADD COLUMN amount DECIMAL(18, 2)")
    connection.execute("ALTER TABLE stage_events ADD COLUMN expected_on DATE")
    connection.executemany(
        "INSERT INTO stage_events VALUES (1, ?, ?, NULL, ?, 'open', ?, ?)",
        [
            (1, day(0), 1, 100, dt.date(2026, 4, 1)),
            (2, day(10), 3, 70, dt.date(2026, 5, 1)),
            (3, day(20), 3, 70, dt.date(2026, 6, 1)),
            (4, day(30), 3, 70, dt.date(2026, 5, 15)),
        ],
    )
    engine = Engine("duckdb", lambda sql, given: connection.execute(sql, given).fetchall())
    assert engine.rows("deal_facts", as_of=day(50)) == [(1, 3, 50, 40, 2, 70, 100, 1)]
