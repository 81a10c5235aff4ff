"""Every query says the same on DuckDB, on PostgreSQL and on Spark."""

import datetime as dt
import os
import re
import shutil
from decimal import Decimal

import duckdb
import pytest
import sqlglot
from django.db import connection
from tests.funnelstats.engine_cases import CASES

from funnelstats import queries


def create(name, columns, rows, dialect):
    """Statement that makes a table (a view in Spark) of literal rows."""
    split = [one.strip().partition(" ") for one in re.split(r",(?![^(]*\))", columns)]
    values = ", ".join(f"({', '.join(sqlglot.exp.convert(v).sql('duckdb') for v in row)})" for row in rows)
    typed = ", ".join(f"CAST({n} AS {t}) AS {n}" for n, _, t in split)
    kind = "TEMP VIEW" if dialect == "spark" else "TEMP TABLE"
    statement = (
        f"CREATE {kind} {name} AS SELECT {typed} FROM (VALUES {values}) AS given({', '.join(n for n, _, _ in split)})"
    )
    [written] = sqlglot.transpile(statement, read="duckdb", write=dialect)
    return written


def on_duckdb(name, case):
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for table, (columns, rows) in case.tables.items():
            engine.execute(create(table, columns, rows, "duckdb"))
        return engine.execute(
            queries.render(name, dialect="duckdb", tables=held(case)), parameters(name, case)
        ).fetchall()


def on_postgresql(name, case):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        for table, (columns, rows) in case.tables.items():
            cursor.execute(create(f"case_{table}", columns, rows, "postgres"))
        tables = {table: f"SELECT * FROM case_{table}" for table in case.tables}
        cursor.execute(queries.render(name, dialect="postgres", tables=tables), parameters(name, case))
        return cursor.fetchall()


def on_spark(spark, name, case):
    for table, (columns, rows) in case.tables.items():
        spark.sql(create(table, columns, rows, "spark").replace("CREATE", "CREATE OR REPLACE", 1))
    found = spark.sql(queries.render(name, dialect="spark", tables=held(case)), args=parameters(name, case))
    return [tuple(row) for row in found.collect()]


def parameters(name, case):
    return {one: case.parameters[one] for one in queries.placeholders(name, frozenset(case.tables))}


def held(case):
    return {table: table for table in case.tables}


def comparable(rows):
    """The same figures whatever type an engine gives them, in one order."""

    def plain(value):
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int | float | Decimal):
            return round(float(value), 6)
        if isinstance(value, dt.datetime):
            return value.astimezone(dt.UTC).isoformat() if value.tzinfo else value.replace(tzinfo=dt.UTC).isoformat()
        return value

    return sorted((tuple(plain(value) for value in row) for row in rows), key=repr)


@pytest.fixture(scope="module")
def spark():
    """One session for all queries."""
    pyspark = pytest.importorskip("pyspark", reason="Spark's answers are not compared: install requirements-spark.txt")
    if not shutil.which("java"):
        pytest.skip("Spark's answers are not compared: there is no Java")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["TZ"] = "UTC"
    builder = pyspark.sql.SparkSession.builder.master("local[2]").appName("funnelstats")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.sql.ansi.enabled": "true",
        # A handful of rows is interpreted sooner than compiled.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def test_every_query_has_a_case():
    assert sorted(CASES) == queries.names()


@pytest.mark.parametrize("name", CASES)
def test_postgresql_says_the_same_as_duckdb(name, db):
    found = comparable(on_duckdb(name, CASES[name]))
    assert found
    assert comparable(on_postgresql(name, CASES[name])) == found


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_spark_says_the_same_as_duckdb(name, spark):
    assert comparable(on_spark(spark, name, CASES[name])) == comparable(on_duckdb(name, CASES[name]))
