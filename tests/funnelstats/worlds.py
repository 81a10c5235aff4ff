"""Simulated companies in a database: what several tests of estimates start from."""

import datetime as dt

import duckdb
import numpy as np
import pyarrow as pa

from funnelstats.queries import Engine
from funnelstats.schemas import TABLES, select_all
from funnelstats.simulation import draw_company, simulate, tables

START = dt.date(2022, 1, 1)


def companies(number, *, seed, **options):
    random = np.random.default_rng(seed)
    return [draw_company(random, **options) for _ in range(number)]


def engine_of(world, *, as_of=None):
    """Engine over a world's tables in memory, each company a process of its own and a segment."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1; SET TimeZone = 'UTC'")
    given = {}
    for name, columns in tables(world, as_of=as_of).items():
        connection.register("given", pa.table(dict(columns)))
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        connection.unregister("given")
        extra = [column for column in columns if column not in {one.name for one in TABLES[name].columns}]
        present = [column for column in columns if column not in extra]
        given[name] = select_all(name, present, source=name)
    given["customer_orders"] = "SELECT segment, customer_id, happened_on, amount, is_repeat FROM transactions"
    run = lambda statement, values: connection.execute(statement, values).fetchall()  # noqa: E731
    return Engine("duckdb", run, tables=given).segmented("process_id")


def world_of(number, *, days, seed, **options):
    return simulate(companies(number, seed=seed, **options), start=START, days=days, seed=seed + 1)
