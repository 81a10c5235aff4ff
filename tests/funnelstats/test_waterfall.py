"""The waterfall closes for the worked quarter and for every random pair of snapshots."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelstats import queries
from funnelstats.waterfall import PARTS, DoesNotClose, waterfall

QUARTER = {"period_start": dt.date(2026, 1, 1), "period_end": dt.date(2026, 4, 1)}


def d(text):
    return dt.date.fromisoformat(f"2026-{text}")


EARLIER = [
    (1, 100, d("02-10"), "open"),
    (2, 200, d("03-01"), "open"),
    (3, 300, d("03-15"), "open"),
    (4, 400, d("05-01"), "open"),
    (5, 50, d("02-20"), "open"),
    (6, 80, d("03-30"), "open"),
    (10, 70, d("02-01"), "lost"),
]
LATER = [
    (1, 120, d("02-10"), "won"),
    (2, 200, d("03-01"), "lost"),
    (3, 300, d("04-20"), "open"),
    (4, 450, d("03-20"), "open"),
    (5, 65, d("02-20"), "open"),
    (6, 60, d("03-30"), "open"),
    (7, 90, d("03-10"), "open"),
    (8, 30, d("02-15"), "won"),
    (9, 500, d("06-01"), "open"),
    (10, 70, d("03-05"), "open"),
]
WORKED = {
    "new": 120,
    "pulled_in": 400,
    "reopened": 70,
    "increased": 85,
    "decreased": -20,
    "won": -150,
    "lost": -200,
    "slipped": -300,
    "removed": 0,
}

snapshot = st.dictionaries(
    st.integers(1, 12),
    st.tuples(
        st.decimals(0, 1000, places=2),
        st.dates(dt.date(2025, 11, 1), dt.date(2026, 6, 1)) | st.none(),
        st.sampled_from(["open", "won", "lost"]),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def engine():
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE snapshots (moment INT, opportunity_id INT, amount DECIMAL(18, 2), expected_on DATE, state TEXT)"
    )
    return connection


def walk(engine, earlier, later):
    engine.execute("DELETE FROM snapshots")
    rows = [(0, *row) for row in earlier] + [(1, *row) for row in later]
    if rows:
        engine.executemany("INSERT INTO snapshots VALUES (?, ?, ?, ?, ?)", rows)
    return waterfall(engine.execute(queries.render("waterfall", dialect="duckdb"), QUARTER).fetchall())


def test_the_worked_quarter(engine):
    found = walk(engine, EARLIER, LATER)
    assert found.opening.amount == 730
    assert {step.part: step.amount for step in found.parts} == WORKED
    assert found.closing.amount == 735
    assert found.closing.opportunities == 5


def test_a_removed_opportunity_leaves_at_its_old_amount(engine):
    found = walk(engine, [(1, 100, d("02-10"), "open")], [])
    assert {step.part: step.amount for step in found.parts if step.amount} == {"removed": -100}


@settings(deadline=None, max_examples=150)
@given(earlier=snapshot, later=snapshot)
def test_every_pair_of_snapshots_closes_to_the_cent(engine, earlier, later):
    found = walk(engine, [(k, *v) for k, v in earlier.items()], [(k, *v) for k, v in later.items()])
    inside = [
        amount
        for amount, expected_on, state in later.values()
        if state == "open" and expected_on and QUARTER["period_start"] <= expected_on < QUARTER["period_end"]
    ]
    assert found.closing.amount == sum(inside, Decimal(0))


def test_rows_that_do_not_add_up_are_refused():
    with pytest.raises(DoesNotClose):
        waterfall([("opening", 1, Decimal(10)), ("closing", 1, Decimal(11))])
    with pytest.raises(DoesNotClose, match="unknown"):
        waterfall([("mystery", 1, Decimal(10))])
    assert len(PARTS) == 9
