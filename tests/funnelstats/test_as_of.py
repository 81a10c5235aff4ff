"""The past as it was: what is read back as of a moment is what a snapshot taken then would have stored."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.funnelstats.question import ask

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
# (deal, happened on day, recorded so many days later, stage, state, amount)
events = st.lists(
    st.tuples(
        st.integers(1, 3), st.integers(0, 9), st.integers(0, 5), st.integers(1, 3),
        st.sampled_from(["open", "open", "open", "on_hold", "won", "lost"]), st.integers(1, 9),
    ),
    min_size=1,
    max_size=15,
)  # fmt: skip


def known(rows, moment):
    """What the tables, holding these rows, say of each deal as of a moment."""
    at = START + moment * DAY
    return ask(
        "last_known",
        {
            "stage_events(opportunity_id INT, seq INT, happened_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ, stage_id INT,"
            " state TEXT, amount INT, expected_on DATE, owner_id INT, probability DOUBLE)": rows,
            "opportunities(opportunity_id INT, observed_from TIMESTAMPTZ, amount INT)": [],
        },
        as_of=at,
        known_at=at,
    )


@settings(deadline=None, max_examples=25)
@given(events, st.integers(0, 15))
def test_a_rebuilt_moment_is_the_snapshot_of_then(given_events, moment):
    rows = [
        (deal, seq, START + day * DAY, START + (day + late) * DAY, stage, state, amount, None, None, None)
        for seq, (deal, day, late, stage, state, amount) in enumerate(given_events)
    ]
    there = [row for row in rows if row[3] <= START + moment * DAY]
    rebuilt = known(rows, moment)
    assert sorted(rebuilt, key=lambda one: one["opportunity_id"]) == sorted(
        known(there, moment), key=lambda one: one["opportunity_id"]
    )
    latest = {}
    for row in sorted(there, key=lambda row: (row[2], row[1])):
        latest[row[0]] = (row[4], row[5], row[6])
    assert {one["opportunity_id"]: (one["stage_id"], one["state"], one["amount"]) for one in rebuilt} == latest
