"""Tiers, ABC, scores and the whale curve over many transactions: ours, hand-written SQL, and pandas."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Any

import duckdb

from funnelstats import queries

TODAY = dt.date(2026, 6, 30)
MEMORY = "12GB"

MAKE = """
CREATE TABLE transactions AS
SELECT CAST(floor(pow(random(), 2) * $customers) AS INTEGER) AS customer_id,
       DATE '2024-07-01' + CAST(floor(random() * 730) AS INTEGER) AS happened_on,
       CAST(floor(exp(random() * 6)) AS INTEGER) AS amount,
       CAST(floor(exp(random() * 5)) - 40 AS INTEGER) AS margin
FROM range($transactions)
"""

BY_HAND = (Path(__file__).parent / "by_hand.sql").read_text()

ANSWER = (
    "SELECT k, count(*), sum(m) FROM abc GROUP BY k ORDER BY k",
    "SELECT k, count(*), sum(m) FROM tiers GROUP BY k ORDER BY k",
    "SELECT sum(r), sum(f), sum(m), count(*) FROM rfm",
    "SELECT * FROM whale",
)


def make(path: str, customers: int, transactions: int) -> None:
    """Write the transactions into a database file: skewed customers, skewed amounts, some of them at a loss."""
    with _engine(path) as engine:
        engine.execute("SELECT setseed(0.5)")
        engine.execute(MAKE, {"customers": customers, "transactions": transactions})


def ours(path: str) -> tuple[float, list[Any]]:
    """The library's queries, each result kept as a table. Seconds, and a digest of the answers."""
    with _engine(path) as engine:
        began = time.perf_counter()

        def keep(table: str, name: str, given: dict[str, str], **parameters: Any) -> None:
            query = queries.render(name, dialect="duckdb", tables=given)
            engine.execute(f"CREATE TEMP TABLE {table} AS {query}", parameters or None)

        keep("purchases", "purchases", {}, as_of=TODAY)
        by_amount = {"customers": "SELECT customer_id, amount AS value FROM purchases"}
        by_margin = {"customers": "SELECT customer_id, margin AS value FROM purchases"}
        scored = {"purchases": "SELECT customer_id, first_on, last_on, orders, amount AS value FROM purchases_kept"}
        keep("abc_kept", "abc", by_amount, first=0.7, second=0.9)
        keep("tiers_kept", "ranked_shares", by_amount, first=0.2, second=0.5)
        engine.execute("ALTER TABLE purchases RENAME TO purchases_kept")
        keep("rfm_kept", "rfm", scored, as_of=TODAY, new_days=90)
        by_margin = {"customers": "SELECT customer_id, margin AS value FROM purchases_kept"}
        keep("whale", "whale_summary", by_margin, best=0.2, worst=0.3)
        seconds = time.perf_counter() - began
        engine.execute("CREATE TEMP VIEW abc AS SELECT class AS k, value AS m FROM abc_kept WHERE class <> 'N'")
        engine.execute("CREATE TEMP VIEW tiers AS SELECT left(tier, 1) AS k, value AS m FROM tiers_kept")
        engine.execute("CREATE TEMP VIEW rfm AS SELECT recency AS r, frequency AS f, money AS m FROM rfm_kept")
        return seconds, _digest(engine)


def by_hand(path: str) -> tuple[float, list[Any]]:
    """The hand-written SQL for the same answers."""
    with _engine(path) as engine:
        began = time.perf_counter()
        engine.execute(BY_HAND)
        seconds = time.perf_counter() - began
        return seconds, _digest(engine)


def pandas(path: str) -> tuple[float, list[Any]]:
    """The same answers with pandas, from a frame that is in memory already."""
    import pandas as pd

    with _engine(path) as engine:
        sold = engine.execute("SELECT * FROM transactions").df()
    began = time.perf_counter()
    days = sold.groupby(["customer_id", "happened_on"], as_index=False)[["amount", "margin"]].sum()
    bought = days[days.amount > 0].groupby("customer_id").happened_on.agg(["min", "max", "count"])
    customers = days.groupby("customer_id")[["amount", "margin"]].sum().join(bought)
    ranked = customers.reset_index().sort_values(["amount", "customer_id"], ascending=[False, True])
    positive = ranked[ranked.amount > 0]
    before = positive.amount.cumsum() - positive.amount
    total = positive.amount.sum()
    abc = pd.cut(before / total, [-1, 0.7, 0.9, 2], labels=["A", "B", "C"], right=False)
    place = pd.Series(range(1, len(ranked) + 1), index=ranked.index)
    tiers = pd.cut(place / len(ranked), [0, 0.2, 0.5, 1], labels=["s", "i", "g"])
    now = pd.Timestamp(TODAY)
    known = customers[customers["count"] > 0]
    tenure = (now - known["min"]).dt.days
    scored = known[tenure >= 90]
    recency = (now - scored["max"]).dt.days
    yearly = scored["count"] * 365.0 / tenure[tenure >= 90].clip(lower=1)
    scores = [
        5 - sum((recency > limit).astype(int) for limit in recency.quantile([0.2, 0.4, 0.6, 0.8])),
        *(
            1 + sum((column >= limit).astype(int) for limit in column.quantile([0.2, 0.4, 0.6, 0.8]))
            for column in (yearly, scored.amount)
        ),
    ]
    profit = customers.reset_index().sort_values(["margin", "customer_id"], ascending=[False, True]).margin
    whale = (len(profit), profit.sum(), profit[profit > 0].sum(), profit.cumsum().max())
    seconds = time.perf_counter() - began
    return seconds, [
        abc.value_counts().to_dict(),
        tiers.value_counts().to_dict(),
        [int(s.sum()) for s in scores],
        whale,
    ]


def _engine(path: str) -> duckdb.DuckDBPyConnection:
    spill = str(Path(path).parent)
    engine = duckdb.connect(path, config={"threads": 2, "memory_limit": MEMORY, "temp_directory": spill})
    engine.execute("SET enable_progress_bar = false")
    return engine


def _digest(engine: duckdb.DuckDBPyConnection) -> list[Any]:
    """The answers in a few numbers, to see that they are the same."""
    rows = [tuple(row) for query in ANSWER for row in engine.execute(query).fetchall()]
    return [tuple(int(v) if isinstance(v, int | float) or hasattr(v, "as_tuple") else v for v in row) for row in rows]
