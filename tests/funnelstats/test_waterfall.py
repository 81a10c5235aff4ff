"""The waterfall closes for the worked quarter and for every random pair of snapshots."""

import datetime as dt
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from funnelstats import queries
from funnelstats.waterfall import PARTS, DoesNotClose, waterfall, waterfalls

MONDAY = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
FRIDAY = dt.datetime(2026, 3, 27, tzinfo=dt.UTC)
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
    "moved_in": 0,
    "moved_out": 0,
    "fx": 0,
}

snapshot = st.dictionaries(
    st.integers(1, 12),
    st.tuples(
        st.decimals(0, 1000, places=2),
        st.dates(dt.date(2025, 11, 1), dt.date(2026, 6, 1)) | st.none(),
        st.sampled_from(["open", "on_hold", "won", "lost"]),
        st.sampled_from(["anna", "ben"]),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def engine():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE TABLE snapshots (taken_at TIMESTAMPTZ, opportunity_id INT, amount DECIMAL(18, 2), expected_on DATE,"
        " state TEXT, slice TEXT, original_amount DECIMAL(18, 2), original_currency TEXT)"
    )
    return connection


def walk(engine, earlier, later):
    found = sliced(engine, [(*row, "all") for row in earlier], [(*row, "all") for row in later])
    return found.get("all") or waterfall([])


def sliced(engine, earlier, later):
    """Waterfalls of rows (opportunity, amount, expected, state, slice[, original amount, its currency])."""
    engine.execute("DELETE FROM snapshots")
    rows = [(MONDAY, *row, None, None)[:8] for row in earlier] + [(FRIDAY, *row, None, None)[:8] for row in later]
    if rows:
        engine.executemany("INSERT INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    moments = {"earlier": MONDAY, "later": FRIDAY}
    return waterfalls(engine.execute(queries.render("waterfall", dialect="duckdb"), QUARTER | moments).fetchall())


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
    def inside(owners):
        return sum(
            (
                amount
                for amount, expected_on, state, owner in later.values()
                if state in {"open", "on_hold"}
                and expected_on
                and owner in owners
                and QUARTER["period_start"] <= expected_on < QUARTER["period_end"]
            ),
            Decimal(0),
        )

    whole = walk(engine, [(k, *v[:3]) for k, v in earlier.items()], [(k, *v[:3]) for k, v in later.items()])
    reps = sliced(engine, [(k, *v) for k, v in earlier.items()], [(k, *v) for k, v in later.items()])
    assert whole.closing.amount == inside({"anna", "ben"})
    assert {owner: found.closing.amount for owner, found in reps.items()} == {owner: inside({owner}) for owner in reps}
    for place, part in enumerate(whole.parts):
        over_reps = sum((found.parts[place].amount for found in reps.values()), Decimal(0))
        if part.part not in {"moved_in", "moved_out"}:
            assert over_reps == part.amount
    moved = [p.amount for found in reps.values() for p in found.parts if p.part.startswith("moved")]
    assert sum(moved, Decimal(0)) == 0


def parts(found):
    return {step.part: step.amount for step in found.parts if step.amount}


def test_a_deal_that_changes_hands_is_settled_by_the_old_owner_and_closed_by_the_new(engine):
    found = sliced(engine, [(1, 100, d("02-10"), "open", "anna")], [(1, 120, d("02-10"), "won", "ben")])
    assert parts(found["anna"]) == {"increased": 20, "moved_out": -120}
    assert parts(found["ben"]) == {"moved_in": 120, "won": -120}
    assert (found["anna"].opening.amount, found["anna"].closing.amount, found["ben"].closing.amount) == (100, 0, 0)


def test_exchange_rates_have_a_line_of_their_own(engine):
    """200 USD at 7 become 250 USD at 8: 350 more by the deal at the old rate, 250 by the rate."""
    found = sliced(
        engine,
        [(1, 1400, d("02-10"), "open", "all", 200, "USD"), (2, 700, d("02-10"), "open", "all", 100, "USD")],
        [(1, 2000, d("02-10"), "open", "all", 250, "USD"), (2, 800, d("02-10"), "won", "all", 100, "USD")],
    )["all"]
    assert parts(found) == {"increased": 350, "won": -700, "fx": 250}
    assert (found.opening.amount, found.closing.amount) == (2100, 2000)


def test_rows_that_do_not_add_up_are_refused():
    with pytest.raises(DoesNotClose):
        waterfall([("opening", 1, Decimal(10)), ("closing", 1, Decimal(11))])
    with pytest.raises(DoesNotClose, match="unknown"):
        waterfall([("mystery", 1, Decimal(10))])
    assert len(PARTS) == 12
