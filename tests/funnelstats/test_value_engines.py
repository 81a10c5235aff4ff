"""The questions about customers and money: DuckDB and PostgreSQL give the same rows for the same rows."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.db import connection
from tests.funnelstats.question import ask

from funnelstats import queries

TODAY = dt.date(2026, 6, 15)
CHANCE = random.Random(5)


def rows(count, *columns):
    """Rows of an id and what each column's function makes."""
    return [(number, *(column() for column in columns)) for number in range(count)]


def money():
    return Decimal(CHANCE.randrange(-20_000, 100_000)) / 100


def day():
    return TODAY - dt.timedelta(days=CHANCE.randrange(-20, 700))


def cost():
    return abs(money())


def one_of(*words):
    return lambda: CHANCE.choice(words)


def instant():
    return dt.datetime(2026, 3, 1 + CHANCE.randrange(20), tzinfo=dt.UTC)


member = one_of("a", "b", "c")
DAYS = [day() for _ in range(60)]

MONEY = "NUMERIC(18, 2)"
CUSTOMERS = f"customers(customer_id INT, value {MONEY})"
TRANSACTIONS = f"transactions(customer_id INT, happened_on DATE, amount {MONEY}, margin {MONEY})"
PURCHASES = f"purchases(customer_id INT, first_on DATE, last_on DATE, orders INT, value {MONEY})"
SCORED = f"customers(customer_id INT, volume {MONEY}, credit INT, project_size {MONEY})"
PLACED = f"customers(customer_id INT, across {MONEY}, up {MONEY}, value {MONEY}, effort {MONEY})"
PEERS = f"customers(customer_id INT, value {MONEY}, peer TEXT, loss_chance DOUBLE PRECISION)"
COLLECTED = f"customers(customer_id INT, collected {MONEY}, expected {MONEY})"
EFFORTS = f"efforts(customer_id INT, hours {MONEY}, cost {MONEY})"
WORTHS = f"worth(customer_id INT, contribution {MONEY}, is_key BOOLEAN)"
ACTIVITIES = (
    f"activities(number INT, member TEXT, happened_at TIMESTAMPTZ, kind TEXT, state TEXT, hours {MONEY}, cost {MONEY})"
)
COSTS = f"costs(number INT, source_id TEXT, amount {MONEY})"
DEALS = f"opportunities(deal INT, source_id TEXT, outcome TEXT, amount {MONEY}, collected {MONEY}, margin {MONEY})"
FLOWS = f"flows(number INT, source_id TEXT, happened_on DATE, cost {MONEY}, margin {MONEY})"
INSTALMENTS = f"instalments(instalment_id INT, member TEXT, issued_on DATE, due_on DATE, amount {MONEY})"
PAYMENTS = f"payments(number INT, instalment_id INT, paid_on DATE, amount {MONEY})"

SALES = [(CHANCE.randrange(30), day(), money(), money()) for _ in range(300)]
BOUGHT = [(n, TODAY - dt.timedelta(days=400 - n), TODAY - dt.timedelta(days=3 * n), n % 7, money()) for n in range(60)]
WORTH = rows(60, money)
WORK = rows(50, member, instant, one_of("visit", "call"), one_of("done", "planned", None), money, money)
OWED = [(n, member(), due - dt.timedelta(days=30) if n % 3 else None, due, money()) for n, due in enumerate(DAYS)]
LIMITS = {"across_low": 100, "across_high": 500, "up_low": 300, "up_high": 600}
WEIGHTS = {"volume_weight": 2.0, "credit_weight": 1.0, "project_weight": 1.0}
SINCE = {"since": dt.datetime(2026, 3, 5, tzinfo=dt.UTC), "until": dt.datetime(2026, 3, 15, tzinfo=dt.UTC)}

QUESTIONS = {
    "abc": ({CUSTOMERS: WORTH}, {"first": 0.7, "second": 0.9}),
    "ranked_shares": ({CUSTOMERS: WORTH}, {"first": 0.2, "second": 0.5}),
    "whale_summary": ({CUSTOMERS: WORTH}, {"best": 0.2, "worst": 0.3}),
    "whale_curve": ({CUSTOMERS: WORTH}, {"points": 9}),
    "purchases": ({TRANSACTIONS: SALES}, {"as_of": TODAY}),
    "cohorts": ({TRANSACTIONS: SALES}, {"as_of": TODAY}),
    "rfm": ({PURCHASES: BOUGHT}, {"as_of": TODAY, "new_days": 90}),
    "repeat_histories": ({PURCHASES: BOUGHT}, {"as_of": TODAY, "grain": 7}),
    "weighted_score": ({SCORED: rows(40, money, one_of(1, 2, 3), money)}, WEIGHTS),
    "grid": ({PLACED: rows(40, money, money, money, cost)}, LIMITS),
    "growth_kinds": ({PEERS: rows(80, money, member, one_of(None, 0.9))}, {"loss_chance": 0.8}),
    "key_customers": ({COLLECTED: rows(50, money, cost)}, {"share": 0.8}),
    "effort": ({EFFORTS: rows(20, cost, cost), WORTHS: rows(30, money, one_of(True, False))}, {"ratio": 2}),
    "effort_groups": ({ACTIVITIES: WORK}, SINCE),
    "sources": (
        {
            COSTS: rows(10, member, cost),
            DEALS: rows(40, one_of("a", "d", None), one_of("won", "lost", "open"), money, money, money),
        },
        {},
    ),
    "source_payback": ({FLOWS: rows(40, member, day, cost, cost)}, {}),
    "days_to_pay": (
        {INSTALMENTS: OWED, PAYMENTS: rows(60, lambda: CHANCE.randrange(60), day, cost)},
        {"as_of": TODAY},
    ),
}


def on_postgresql(name, tables, parameters):
    with connection.cursor() as cursor:
        for definition, content in tables.items():
            cursor.execute(f"CREATE TEMP TABLE {definition}")
            marks = ", ".join(["%s"] * len(content[0]))
            cursor.executemany(f"INSERT INTO {definition.partition('(')[0]} VALUES ({marks})", content)
        held = {definition.partition("(")[0]: definition.partition("(")[0] for definition in tables}
        cursor.execute(queries.render(name, dialect="postgres", tables=held), parameters or None)
        found = cursor.fetchall()
        for definition in tables:
            cursor.execute(f"DROP TABLE {definition.partition('(')[0]}")
    return found


def plain(value):
    """Numbers as floats of nine digits: engines choose their own types."""
    return round(float(value), 6) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value


def sorted_rows(found):
    return sorted((tuple(plain(value) for value in row) for row in found), key=repr)


@pytest.mark.parametrize("name", QUESTIONS)
def test_both_engines_agree(name, db):
    tables, parameters = QUESTIONS[name]
    expected = [tuple(row.values()) for row in ask(name, tables, **parameters)]
    assert expected
    assert sorted_rows(on_postgresql(name, tables, parameters)) == sorted_rows(expected)
