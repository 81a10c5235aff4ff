"""Conversion through stages, cohorts of entry, the funnel of now, flows: hand-worked, and identities."""

import datetime as dt
import itertools
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from funnelstats.conversion import conversion, conversions
from funnelstats.funnels import cohort_funnel, current_funnel, flows
from funnelstats.named_rates import Rate, named_rates
from funnelstats.queries import Engine
from funnelstats.schemas import select_all
from funnelstats.winrates import stage_win_rates
from funnelstats.zombies import zombies

JANUARY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
AS_OF = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
STAGES = 4

# One opportunity as (stage, day) visits, then its end; days ascend, stages need not.
path = st.tuples(
    st.lists(st.tuples(st.integers(1, STAGES), st.integers(0, 9)), min_size=1, max_size=5),
    st.sampled_from(["won", "lost", "open"]),
    st.integers(0, 9),
)


def engine_of(paths):
    """An engine over opportunities that walk these paths, each opened on the first of January."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    events, opportunities = [], []
    for number, (visits, end, last) in enumerate(paths, start=1):
        today = 0
        for seq, (stage, days) in enumerate(visits):
            today += days if seq else 0
            events.append((number, seq, JANUARY + dt.timedelta(days=today), stage, "open"))
        if end != "open":
            events.append((number, len(visits), JANUARY + dt.timedelta(days=today + last), visits[-1][0], end))
        opportunities.append((number, JANUARY, end, Decimal(100)))
    connection.execute(
        "CREATE TABLE e (opportunity_id INT, seq INT, happened_at TIMESTAMPTZ, stage_id INT, state TEXT)"
    )
    connection.execute(
        "CREATE TABLE o (opportunity_id INT, created_at TIMESTAMPTZ, outcome TEXT, amount DECIMAL(18, 2))"
    )
    connection.executemany("INSERT INTO e VALUES (?, ?, ?, ?, ?)", events)
    connection.executemany("INSERT INTO o VALUES (?, ?, ?, ?)", opportunities)
    connection.execute(
        f"CREATE TABLE stages AS SELECT k AS stage_id, 1 AS process_id, k AS ordinal"
        f" FROM range(1, {STAGES + 1}) AS t(k)"
    )
    columns = {"opportunity_id", "seq", "happened_at", "stage_id", "state", "created_at", "outcome", "amount"}
    tables = {
        "stage_events": select_all("stage_events", columns - {"amount"}, source="e"),
        "opportunities": select_all("opportunities", columns - {"stage_id"}, source="o"),
    }
    engine = Engine("duckdb", lambda sql, given: connection.execute(sql, given).fetchall(), tables)
    return engine.segmented("CAST(1 AS INTEGER)")


STRAIGHT_WIN = ([(1, 0), (2, 5), (3, 5), (4, 5)], "won", 5)
LOST_IN_TWO = ([(1, 0), (2, 5)], "lost", 5)
SKIPPED_TO_THREE = ([(1, 0), (3, 5)], "lost", 5)
CAME_BACK = ([(1, 0), (3, 5), (1, 1)], "lost", 5)
WON_AT_ONCE = ([(1, 0)], "won", 5)
STILL_IN_ONE = ([(1, 0)], "open", 0)
HISTORY = [STRAIGHT_WIN] * 10 + [LOST_IN_TWO] * 20 + [SKIPPED_TO_THREE] * 10 + [CAME_BACK] * 5 + [WON_AT_ONCE] * 5


def test_conversion_of_a_worked_history():
    """50 deals, all decided: 50 pass stage 1, 30 of 50 stage 2, 15 of 30 stage 3, all 15 stage 4."""
    [found] = conversions(engine_of(HISTORY).rows("stage_conversions", as_of=AS_OF), as_of=AS_OF).values()
    assert [(s.ordinal, s.onward.n, s.onward.won, s.onward.lost) for s in found.steps] == [
        (1, 50, 50, 0),
        (2, 50, 30, 20),
        (3, 30, 15, 15),
        (4, 15, 15, 0),
    ]
    assert [s.onward.value for s in found.steps] == [1, pytest.approx(0.6), pytest.approx(0.5), None]
    assert [s.overall for s in found.steps] == [1, 1, pytest.approx(0.6), pytest.approx(0.3)]
    assert found.to_win.overall is None  # fifteen deals are too few to say what share passes the last stage
    assert found.steps[2].overall_low < 0.6 < found.steps[2].overall_high
    assert (found.steps[0].overall_low, found.steps[0].overall_high, found.as_of) == (1, 1, AS_OF)


def test_those_on_their_way_are_not_lost():
    rows = engine_of(HISTORY + [STILL_IN_ONE] * 50).rows("stage_conversions", as_of=AS_OF)
    [found] = conversions(rows).values()
    assert (found.steps[0].onward.value, found.steps[0].onward.undecided) == (pytest.approx(0.5), pytest.approx(0.5))
    assert found.steps[1].overall == pytest.approx(0.5)


def test_the_interval_of_a_product_grows_with_every_step():
    table = [(5, 60, 40, 0, 0)]
    found = conversion([(1, table), (2, table), (3, table)])
    widths = [(s.overall_high - s.overall_low) / s.overall for s in (*found.steps[1:], found.to_win)]
    assert found.to_win.overall == pytest.approx(0.216)
    assert widths == sorted(widths)
    assert conversion([]).to_win.overall is None


def test_the_cohort_of_a_quarter_adds_its_months_up():
    rows = [
        (dt.date(2026, 1, 1), 1, 1, 10, Decimal(100), 6, 2, 2, 3, Decimal(30)),
        (dt.date(2026, 1, 1), 1, 2, 6, Decimal(60), 3, 3, 0, 3, Decimal(30)),
        (dt.date(2026, 3, 1), 1, 1, 10, Decimal(200), 4, 6, 0, 1, Decimal(50)),
        (dt.date(2026, 4, 1), 1, 1, 5, Decimal(50), 0, 5, 0, 0, Decimal(0)),
    ]
    first, second = cohort_funnel(rows, grain="quarter", as_of=AS_OF)
    assert (first.begins_on, first.won.hits, first.won.n, first.won_amount) == (dt.date(2026, 1, 1), 4, 20, 80)
    assert [(s.reached, s.amount, s.step.value, s.overall.value) for s in first.stages] == [
        (20, 300, 0.5, 1),
        (6, 60, 0.5, 0.3),
    ]
    assert (first.is_settled, second.is_settled) == (False, True)
    assert second.begins_on == dt.date(2026, 4, 1)
    assert [c.begins_on for c in cohort_funnel(rows, grain="year")] == [dt.date(2026, 1, 1)]
    assert len(cohort_funnel(rows)) == 3


def test_the_current_funnel_holds_only_what_is_open_with_what_history_taught():
    engine = engine_of(HISTORY + [STILL_IN_ONE] * 50)
    rates = stage_win_rates(engine.rows("stage_outcomes", as_of=AS_OF))
    [learned] = conversions(engine.rows("stage_conversions", as_of=AS_OF)).values()
    rows = engine.rows("current_funnel", as_of=AS_OF)
    funnel = current_funnel(rows, win_rates=rates, conversions={1: learned}, as_of=AS_OF)[1]
    [stage] = funnel.stages
    assert (stage.ordinal, stage.opportunities, stage.amount, stage.on_hold) == (1, 50, 5000, 0)
    assert stage.win_rate.value == pytest.approx(0.15)
    assert stage.step.onward.value == pytest.approx(0.5)
    assert current_funnel(rows, win_rates={}, conversions={})[1].stages[0].win_rate is None


def test_flows_are_listed_by_size():
    period = {"period_start": JANUARY, "period_end": AS_OF}
    found = flows(engine_of(HISTORY).rows("stage_flows", as_of=AS_OF, **period))
    assert [(f.source, f.target, f.outcome, f.moves) for f in found[:3]] == [
        (None, 1, "open", 50),
        (1, 2, "open", 30),
        (2, None, "lost", 20),
    ]
    assert sum(f.moves for f in found if f.outcome == "won") == 15
    assert found[0].amount == 5000


@settings(deadline=None, max_examples=25)
@given(st.lists(path, min_size=1, max_size=12))
def test_what_reaches_a_stage_is_what_came_further_from_the_one_before(paths):
    """Who advanced from a stage is exactly who reached the next; what goes in comes out or stays."""
    stages = cohort_funnel(engine_of(paths).rows("cohort_funnel", as_of=AS_OF))[0].stages
    assert stages[0].reached == len(paths)
    for stage, after in itertools.pairwise(stages):
        assert stage.advanced == after.reached
    for stage in stages:
        assert stage.reached == stage.advanced + stage.lost + stage.undecided


def test_three_plain_rates_answer_three_questions():
    """A published example: 3 won, 7 lost, 90 open; closed says 30 %, created says 3 %."""
    [(_, rates)] = named_rates([("all", 3, 7, 100, 3, 40, 2)], within_days=90, as_of=AS_OF).items()
    assert (rates.closed.value, rates.created.value, rates.in_time.value) == (0.3, 0.03, 0.05)
    assert (rates.closed.n, rates.created.n, rates.in_time.n, rates.within_days) == (10, 100, 40, 90)
    assert rates.closed.low < 0.3 < rates.closed.high
    theirs = proportion_confint(3, 10, alpha=0.1, method="jeffreys")
    assert (rates.closed.low, rates.closed.high) == pytest.approx(theirs)


def test_nothing_counted_is_no_rate():
    assert (Rate(0, 0).value, Rate(0, 0).low, Rate(0, 0).high) == (None, None, None)
    assert (Rate(0, 5).low, Rate(5, 5).high) == (0, 1)


def test_deals_open_longer_than_nearly_all_wins_took_are_flagged():
    rows = [(10, 30, 10, 0), (40, 30, 20, 0), (30, 0, 0, 20), (400, 0, 0, 40)]
    found = zombies(rows, as_of=AS_OF)
    assert (found.limit_days, found.count, found.share) == (40, 40, pytest.approx(2 / 3))
    assert found.if_lost.value <= found.official.value < found.if_left_out.value
    assert found.if_lost.lost == 70
    assert zombies([(10, 5, 5, 30)]).limit_days is None
    assert zombies([]).share is None
