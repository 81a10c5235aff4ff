"""Input tables: every fault is named with its column, its count and the rows; sound rows pass; huge ones are quick."""

import datetime as dt
import time

import duckdb
import pyarrow as pa
import pytest

from funnelstats.schemas import TABLES, select_all
from funnelstats.validation import InvalidRows, require, validate, validate_arrow

DAY = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def engine():
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in TABLES:
            sound = select_all(name, (), source="(SELECT 1) WHERE FALSE")
            connection.execute(f"CREATE TABLE {name} AS {sound}")
        connection.execute("INSERT INTO stages (stage_id, ordinal) VALUES (1, 1), (2, 2)")
        yield connection


def add(engine, table, *rows):
    for row in rows:
        marks = ", ".join("?" for _ in row)
        engine.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def opportunity(number, **changes):
    return {"opportunity_id": number, "created_at": DAY, "outcome": "open", "amount": 10, "stage_id": 1} | changes


def event(number, seq=1, **changes):
    given = {"opportunity_id": number, "seq": seq, "happened_at": DAY, "stage_id": 1, "state": "open"}
    return given | changes


def found(engine, *tables):
    return {(f.code, f.table, f.column): (f.count, f.sample) for f in validate(engine, {t: t for t in tables} or None)}


def test_sound_rows_have_no_findings(engine):
    add(engine, "opportunities", opportunity(1), opportunity(2, outcome="won", closed_at=DAY, amount=None))
    add(engine, "stage_events", event(1), event(2), event(2, 2, state="won"))
    assert validate(engine) == []


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"created_at": None}, "null_not_allowed", "created_at"),
        ({"outcome": None}, "null_not_allowed", "outcome"),
        ({"outcome": "abandoned"}, "unknown_word", "outcome"),
        ({"amount": -1}, "negative", "amount"),
        ({"outcome": "won"}, "closed_at_missing", "closed_at"),
        ({"closed_at": DAY}, "open_yet_closed", "closed_at"),
        ({"outcome": "lost", "closed_at": DAY - dt.timedelta(days=1)}, "closed_before_created", "closed_at"),
        ({"probability": 1.5}, "too_large", "probability"),
        ({"stage_id": 77}, "unknown_stage", "stage_id"),
        (
            {"outcome": "won", "closed_at": DAY, "observed_from": DAY + dt.timedelta(days=1)},
            "observed_after_close",
            "observed_from",
        ),
    ],
)
def test_each_fault_of_an_opportunity_is_named(engine, changes, code, column):
    add(engine, "opportunities", opportunity(1), opportunity(7, **changes), opportunity(9, **changes))
    assert found(engine) == {(code, "opportunities", column): (2, (7, 9))}


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (event(5), "unknown_opportunity", "opportunity_id"),
        (event(1, 2, stage_id=9), "unknown_stage", "stage_id"),
        (event(1, 2, happened_at=DAY - dt.timedelta(hours=1)), "event_before_creation", "happened_at"),
        (event(1, 2, recorded_at=DAY - dt.timedelta(hours=1)), "recorded_before_happened", "recorded_at"),
        (event(1, 2, state="won"), "outcome_disagrees", "state"),
        (event(1, 1), "duplicate_key", "opportunity_id"),
    ],
)
def test_each_fault_of_the_history_is_named_with_its_event(engine, row, code, column):
    add(engine, "opportunities", opportunity(1))
    add(engine, "stage_events", event(1), row)
    key = (row["opportunity_id"], row["happened_at"], row["seq"])
    assert found(engine) == {(code, "stage_events", column): (1, (key,))}


def test_a_key_that_occurs_twice_is_counted_once(engine):
    add(engine, "opportunities", *(opportunity(n) for n in (1, 2, 2, 3, 3, 3)))
    assert found(engine) == {("duplicate_key", "opportunities", "opportunity_id"): (2, (2, 3))}


def test_amounts_in_several_currencies_are_found(engine):
    add(
        engine, "opportunities", *(opportunity(n, currency=c) for n, c in enumerate(["CNY", "CNY", "EUR", "USD", None]))
    )
    assert found(engine) == {("currency_mix", "opportunities", "currency"): (2, ("CNY", "EUR", "USD"))}


def test_the_ledgers_are_checked_too(engine):
    add(engine, "instalments", {"instalment_id": 1, "customer_id": 1, "amount": 5, "due_on": DAY.date()})
    late = {"instalment_id": 2, "customer_id": 1, "amount": 5, "due_on": DAY.date(), "issued_on": dt.date(2026, 4, 1)}
    add(engine, "instalments", late)
    add(engine, "payments", {"payment_id": 8, "customer_id": 1, "instalment_id": 3, "amount": 5, "paid_on": DAY.date()})
    add(engine, "activities", {"activity_id": 4, "happened_at": DAY, "hours": -2})
    assert found(engine) == {
        ("due_before_issued", "instalments", "due_on"): (1, (2,)),
        ("unknown_instalment", "payments", "instalment_id"): (1, (8,)),
        ("negative", "activities", "hours"): (1, (4,)),
    }


def test_columns_that_are_missing_or_of_another_type_are_named_and_the_rest_is_still_checked():
    table = pa.table({"opportunity_id": [1, 1], "created_at": ["yesterday", "today"], "amount": [1.5, -2.0]})
    findings = {(f.code, f.column): (f.count, f.sample, f.severity) for f in validate_arrow({"opportunities": table})}
    assert findings == {
        ("missing_column", "outcome"): (0, (), "error"),
        ("missing_column", "closed_at"): (0, (), "error"),
        ("wrong_type", "created_at"): (0, ("VARCHAR",), "error"),
        ("inexact_amount", "amount"): (0, ("DOUBLE",), "warning"),
        ("negative", "amount"): (1, (1,), "error"),
        ("duplicate_key", "opportunity_id"): (1, (1,), "error"),
    }


def test_errors_stop_and_warnings_pass(engine):
    add(engine, "opportunities", opportunity(3, amount=-1))
    with pytest.raises(InvalidRows, match=r"opportunities.amount: less than 0 \(negative, 1 rows: 3\)"):
        require(validate(engine))
    ids = pa.table({"stage_id": [1], "ordinal": [1], "prior_rate": [0.5]})
    require(validate_arrow({"stages": ids}))


def test_an_absent_optional_column_is_written_as_null():
    select = select_all("stages", {"stage_id", "ordinal"}, source="my_stages", dialect="postgres")
    assert select == (
        "SELECT stage_id, CAST(NULL AS BIGINT) AS process_id, ordinal, CAST(NULL AS DOUBLE PRECISION) AS prior_rate"
        " FROM my_stages"
    )


def test_every_column_says_what_it_holds_and_keys_exist():
    for table in TABLES.values():
        assert all(column.about for column in table.columns)
        assert [table.column(name).name for name in table.key] == list(table.key)
        assert {rule.column for rule in table.rules} <= {column.name for column in table.columns}
        for reference in table.references:
            assert TABLES[reference.target[0]].column(reference.target[1])
    with pytest.raises(KeyError, match="no column"):
        TABLES["stages"].column("colour")


def test_half_a_million_rows_take_moments(engine):
    engine.execute(
        "INSERT INTO opportunities (opportunity_id, created_at, outcome, closed_at, amount, stage_id)"
        " SELECT i, '2026-03-01 00:00+00', 'won', '2026-03-05 00:00+00', 100, 1 FROM range(100000) AS t(i)"
    )
    engine.execute(
        "INSERT INTO stage_events (opportunity_id, seq, happened_at, stage_id, state) SELECT i // 4, i % 4,"
        " '2026-03-05 00:00+00', 1, CASE WHEN i % 4 = 3 THEN 'won' ELSE 'open' END FROM range(400000) AS t(i)"
    )
    began = time.perf_counter()
    assert validate(engine) == []
    assert time.perf_counter() - began < 5
