"""As-of rows by hand: what could be known of a deal at a moment, what became of it, and every planted leak refused."""

import dataclasses
import datetime as dt

import duckdb
import numpy as np
import pytest

from funnelstats.ladder.leakage import AFTER_THE_CLOSE, FEATURES, LeakFound, refuse_future, refuse_split, verify
from funnelstats.ladder.rows import DAY, LOST, OPEN, UNKNOWN, WON, known_by, moments_between, read_rows
from funnelstats.queries import Engine

JANUARY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOW = JANUARY + dt.timedelta(days=200)


def day(number):
    return JANUARY + dt.timedelta(days=number)


def second(number):
    return int(day(number).timestamp())


# opportunity, day, recorded on day, stage, state, amount, expected on day, owner
EVENTS = [
    (1, 0, 0, 1, "open", 100, 60, 7),
    (1, 10, 10, 2, "open", 100, 60, 7),
    (1, 20, 20, 1, "open", 120, 80, 7),  # back, worth more, pushed
    (1, 30, 30, 3, "open", 120, 70, 7),  # skips the second, pulled in
    (1, 50, 50, 3, "won", 150, 70, 7),
    (2, 5, 5, 1, "open", 400, 90, 7),
    (2, 40, 60, 1, "lost", 400, 90, 7),  # lost on day 40, written down on day 60
    (3, 8, 8, 1, "open", None, None, 8),
    (3, 15, 15, 1, "lost", None, None, 8),
    (3, 25, 25, 2, "open", None, None, 8),  # opened again
    (4, 0, 35, 1, "open", 900, 50, 8),  # entered on day 35, when it was nearly won
    (4, 34, 35, 3, "open", 900, 50, 8),
    (4, 36, 36, 3, "won", 900, 50, 8),
    (5, 58, 58, 1, "open", 200, 190, 7),
]
CUSTOMERS = {1: 1, 2: 1, 3: 2, 4: 2, 5: 1}
ACTIVITIES = [(1, 12, 12), (1, 22, 22), (1, 26, 44), (1, 27, 27), (2, 10, 10)]


@pytest.fixture
def engine():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
    connection.execute(
        "CREATE TABLE stage_events (opportunity_id INT, seq INT, happened_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ,"
        " stage_id INT, state TEXT, amount DECIMAL(19, 4), expected_on DATE, owner_id INT, probability DOUBLE)"
    )
    for number, (deal, on, known, stage, state, amount, expected, owner) in enumerate(EVENTS):
        due = None if expected is None else day(expected).date()
        row = [deal, number, day(on), day(known), stage, state, amount, due, owner, 0.5]
        connection.execute("INSERT INTO stage_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    connection.execute("CREATE TABLE stages (stage_id INT, process_id INT, ordinal INT)")
    connection.execute("INSERT INTO stages VALUES (1, 1, 1), (2, 1, 2), (3, 1, 3), (4, 1, 4)")
    connection.execute("CREATE TABLE opportunities (opportunity_id INT, customer_id INT)")
    connection.executemany("INSERT INTO opportunities VALUES (?, ?)", list(CUSTOMERS.items()))
    connection.execute(
        "CREATE TABLE activities (opportunity_id INT, happened_at TIMESTAMPTZ, recorded_at TIMESTAMPTZ, state TEXT)"
    )
    for deal, on, known in ACTIVITIES:
        connection.execute("INSERT INTO activities VALUES (?, ?, ?, 'done')", [deal, day(on), day(known)])
    return Engine(
        "duckdb",
        lambda statement, values: connection.execute(statement, values).fetchall(),
        tables={"activities": "activities"},
    )


def rows_at(engine, *days, horizon=30, known=NOW):
    return read_rows(engine, [second(one) for one in days], horizon_days=horizon, known_at=known)


def one(rows, deal):
    """Features and outcome of one deal of one moment."""
    place = [rows.opportunities[number] for number in rows.deal].index(deal)
    return {name: column[place] for name, column in rows.features.items()}, int(rows.outcome[place])


def test_a_row_says_what_was_known_at_its_moment(engine):
    found, outcome = one(rows_at(engine, 33), 1)
    assert outcome == WON
    assert found["stage"] == 3 / 4
    assert (found["age"], found["days_in_stage"]) == (33, 3)
    assert (found["moves"], found["back_moves"], found["skips"], found["pushes"]) == (2, 1, 1, 1)
    assert found["days_to_expected"] == 70 - 33
    assert found["amount_change"] == pytest.approx(np.log(120 / 100))
    # Opened with an amount by day 33 were 1 and 2, for 100 and 400.
    assert found["amount"] == pytest.approx(np.log(120) - np.log(100 * 400) / 2)
    assert found["days_to_quarter_end"] == 90 - 33
    # Of the activities of the last 28 days, that of day 26 was written down on day 44 only.
    assert found["activities"] == 3


def test_pasts_count_what_was_closed_and_known_without_the_deal_itself(engine):
    # On day 57: 3 lost (day 15), 4 won (36), 1 won (50); that 2 was lost is not known before day 60.
    found, _ = one(rows_at(engine, 59), 5)
    everybody = (2 + 1) / (3 + 2)
    assert found["owner_rate"] == pytest.approx((1 + 20 * everybody) / (1 + 20))
    assert found["customer_rate"] == pytest.approx((1 + 20 * everybody) / (1 + 20))
    later, _ = one(rows_at(engine, 61), 5)
    everybody = (2 + 1) / (4 + 2)
    assert later["owner_rate"] == pytest.approx((1 + 20 * everybody) / (2 + 20))
    # Deal 3 was lost once by its owner: that does not count for itself, and no other of the owner is known on day 30.
    again, _ = one(rows_at(engine, 30), 3)
    assert again["owner_rate"] == pytest.approx((0 + 20 * (1 / 3)) / 20)


def test_a_deal_counts_as_open_until_its_close_is_known(engine):
    assert one(rows_at(engine, 45), 2)[1] == LOST
    with pytest.raises(ValueError, match="not in list"):
        one(rows_at(engine, 61), 2)
    # Deal 4 was not in the system before day 35, whatever it says of itself.
    assert 4 not in [rows_at(engine, 33).opportunities[deal] for deal in rows_at(engine, 33).deal]


def test_the_outcome_is_the_state_at_the_end_of_the_horizon(engine):
    assert one(rows_at(engine, 12), 1)[1] == OPEN  # won on day 50, not within 30 days
    assert one(rows_at(engine, 12, horizon=40), 1)[1] == WON
    assert one(rows_at(engine, 12), 3)[1] == OPEN  # lost, and opened again
    assert one(rows_at(engine, 12, horizon=10), 3)[1] == LOST
    assert one(rows_at(engine, 190), 5)[1] == UNKNOWN  # the horizon is not over


def test_outcomes_at_an_origin_are_those_on_record_then(engine):
    rows = rows_at(engine, 20)
    two = [rows.opportunities[deal] for deal in rows.deal].index(2)
    assert rows.outcome[two] == LOST
    assert rows.labels(second(59))[two] == OPEN
    assert rows.labels(second(60))[two] == LOST


def test_every_deal_weighs_one(engine):
    rows = rows_at(engine, 0, 7, 14, 21, 28, 35)
    sums = np.bincount(rows.deal, rows.weights)
    assert sums[sums > 0] == pytest.approx(np.ones(np.count_nonzero(sums)))


def test_a_sample_is_the_same_opportunities_at_every_moment(engine):
    half = read_rows(engine, [second(9), second(28)], horizon_days=30, known_at=NOW, below="d")
    everything = rows_at(engine, 9, 28)
    kept = {half.opportunities[deal] for deal in half.deal}
    assert 0 < len(kept) < 3
    assert [half.opportunities[d] for d in half.deal] == [
        name for name in (everything.opportunities[d] for d in everything.deal) if name in kept
    ]


def test_moments_end_with_the_one_asked_for():
    assert moments_between(0, 20 * DAY) == [6 * DAY, 13 * DAY, 20 * DAY]


def check(engine, *days):
    """Everything that training checks of rows."""
    rows = rows_at(engine, *days)
    refuse_future(rows)

    def rebuilt(moment):
        at = dt.datetime.fromtimestamp(moment, tz=dt.UTC)
        return read_rows(known_by(clean(engine), at), [moment], horizon_days=30, known_at=at)

    verify(rows, rebuilt, [second(one) for one in days])


def clean(engine):
    """The engine without what a test planted."""
    return dataclasses.replace(engine, tables={"activities": "activities"})


def planted(engine, **tables):
    return dataclasses.replace(engine, tables={**engine.tables, **tables})


def test_honest_rows_pass(engine):
    check(engine, 9, 33, 45, 59, 61)


@pytest.mark.parametrize("name", sorted(AFTER_THE_CLOSE))
def test_figures_from_after_the_close_are_refused_as_features(engine, name):
    rows = rows_at(engine, 33)
    telling = dataclasses.replace(rows, features={**rows.features, name: np.zeros(len(rows))})
    with pytest.raises(LeakFound, match=f"only known after the close.*{name}"):
        refuse_future(telling)


def test_a_feature_that_nobody_checked_is_refused(engine):
    rows = rows_at(engine, 33)
    with pytest.raises(LeakFound, match="not among the checked features: weather"):
        refuse_future(dataclasses.replace(rows, features={**rows.features, "weather": np.zeros(len(rows))}))
    assert set(rows.features) == set(FEATURES)


LAST = "max_by({column}, happened_at) OVER (PARTITION BY opportunity_id) AS {column}"


@pytest.mark.parametrize(
    ("feature", "column"),
    [("amount", "amount"), ("days_to_expected", "expected_on")],
)
def test_a_final_value_in_the_place_of_the_one_of_then_is_found(engine, feature, column):
    leak = planted(engine, stage_events=f"SELECT * REPLACE ({LAST.format(column=column)}) FROM stage_events")
    with pytest.raises(LeakFound, match=f"{feature}|pushes"):
        check(leak, 12)


def test_the_stage_at_the_close_is_found(engine):
    with pytest.raises(LeakFound, match="stage"):
        check(
            planted(engine, stage_events=f"SELECT * REPLACE ({LAST.format(column='stage_id')}) FROM stage_events"), 12
        )


def test_activities_that_were_written_down_later_are_found(engine):
    early = "SELECT * REPLACE (happened_at AS recorded_at) FROM activities"
    with pytest.raises(LeakFound, match="activities of 1"):
        check(planted(engine, activities=early), 33)


def test_a_past_that_counts_the_deal_itself_or_later_ones_is_found(engine):
    """The owner's rate over all closes ever, the target's own among them."""
    ever = (
        "SELECT moments.snapshot, past_closings.owner_id, sum(past_closings.won) AS won, count(*) AS closed,"
        " max(past_closings.known) AS known FROM past_closings CROSS JOIN moments GROUP BY ALL"
    )
    with pytest.raises(LeakFound, match="owner's or customer's past"):
        check(with_query(engine, "owner_pasts", ever), 33)
    hidden = ever.replace("max(past_closings.known)", "0")
    with pytest.raises(LeakFound, match="owner_rate"):
        check(with_query(engine, "owner_pasts", hidden), 33)


def with_query(engine, name, select):
    """Replace one part of the query by a SELECT over other parts."""

    class Planted(Engine):
        def keep(self, part, **parameters):
            if part != name:
                return Planted(**fields(Engine.keep(self, part, **parameters)))
            self.run(f"CREATE OR REPLACE TEMP TABLE planted AS {resolved(self, select)}", {})
            return Planted(self.dialect, self.run, {**self.tables, name: "planted"})

    def fields(made):
        return {"dialect": made.dialect, "run": made.run, "tables": made.tables}

    def resolved(made, text):
        for table in ("past_closings", "moments"):
            given = made.tables[table] if " " not in made.tables[table] else f"({made.tables[table]})"
            text = text.replace(
                f"FROM {table}", f"FROM ({given}) AS {table}" if " " in given else f"FROM {given} AS {table}"
            )
            text = text.replace(
                f"JOIN {table}", f"JOIN ({given}) AS {table}" if " " in given else f"JOIN {given} AS {table}"
            )
        return text

    return Planted(**fields(engine))


def test_rows_written_by_an_automation_at_the_close_are_not_there_before(engine):
    """Deal 4 was entered with its whole story on the eve of its win: nobody knew of it before."""
    early = planted(engine, stage_events="SELECT * REPLACE (happened_at AS recorded_at) FROM stage_events")
    with pytest.raises(LeakFound, match="whether 4 was open"):
        check(early, 33)


def test_a_split_with_a_deal_on_both_sides_is_refused(engine):
    train, test = rows_at(engine, 9), rows_at(engine, 45)
    with pytest.raises(LeakFound, match="deals are on both sides"):
        refuse_split(
            train, dataclasses.replace(test, opportunities=train.opportunities, deal=test.deal * 0), origin=second(40)
        )


def test_a_split_without_its_embargo_is_refused(engine):
    train, test = rows_at(engine, 9), rows_at(engine, 45)
    with pytest.raises(LeakFound, match="ends after the origin"):
        refuse_split(train, test.where(test.deal < 0), origin=second(30))
    with pytest.raises(LeakFound, match="before the origin"):
        refuse_split(train.where(train.deal < 0), test, origin=second(50))
    with pytest.raises(LeakFound, match="no outcome yet"):
        refuse_split(train.where(train.deal < 0), rows_at(engine, 190), origin=second(50))


def test_a_deal_twice_in_one_snapshot_is_refused(engine):
    rows = rows_at(engine, 9)
    with pytest.raises(LeakFound, match="twice in one snapshot"):
        refuse_future(rows.where(np.array([0, 0])))


def test_a_figure_from_a_later_record_is_refused(engine):
    rows = rows_at(engine, 9)
    with pytest.raises(LeakFound, match="its own figures"):
        refuse_future(dataclasses.replace(rows, known=rows.snapshot + 1))
