"""A real export in which agents, products and accounts make no difference, but age and the end of a quarter do."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from funnelstats.evidence import corrected, difference
from funnelstats.queries import Engine, render
from funnelstats.segments import segment_rates
from funnelstats.winrates import win_rate
from funnelstats.zombies import zombies

SALES = Path(__file__).resolve().parents[3] / "shared" / "data" / "maven" / "sales_pipeline.csv"
AS_OF = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)

pytestmark = pytest.mark.skipif(
    not SALES.exists(), reason="the real files are not beside the checkout (../shared/data)"
)


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            """
            CREATE TABLE opportunities AS
            SELECT opportunity_id, CAST(engage_date AS TIMESTAMPTZ) AS created_at,
                   CAST(NULL AS TIMESTAMPTZ) AS observed_from,
                   CASE WHEN deal_stage IN ('Won', 'Lost') THEN CAST(close_date AS TIMESTAMPTZ) END AS closed_at,
                   CASE deal_stage WHEN 'Won' THEN 'won' WHEN 'Lost' THEN 'lost' ELSE 'open' END AS outcome,
                   1 AS stage_id, sales_agent AS agent, replace(product, 'GTXPro', 'GTX Pro') AS product, account
            FROM read_csv(?) WHERE engage_date IS NOT NULL
            """,
            [str(SALES)],
        )
        connection.execute(f"CREATE TABLE stage_events AS {render('opening_and_close', dialect='duckdb')}")
        engine = Engine("duckdb", lambda sql, given: connection.execute(sql, given).fetchall())
        yield engine.keep("known_events", as_of=AS_OF).keep("episodes", as_of=AS_OF)


def closed(engine, column):
    rows = engine.run(
        f"SELECT {column}, count(*) FILTER (WHERE outcome = 'won'), count(*) FROM opportunities"
        " WHERE outcome <> 'open' GROUP BY 1",
        {},
    )
    return difference({group: (won, n) for group, won, n in rows})


def test_agents_products_and_accounts_are_not_ranked(engine):
    found = {
        column: segment_rates(engine.segmented(column).rows("segment_outcomes", as_of=AS_OF), as_of=AS_OF)
        for column in ("agent", "product", "account")
    }
    assert {column: len(rates.rows) for column, rates in found.items()} == {"agent": 30, "product": 7, "account": 85}
    answers = corrected({column: rates.difference for column, rates in found.items()})
    assert {column: one.evidence for column, one in answers.items()} == dict.fromkeys(found, "none")
    assert found["agent"].zombie_difference.evidence == "clear"  # some never close what they have lost
    pooled = [line.pooled for line in found["agent"].rows]
    assert max(p.value for p in pooled) - min(p.value for p in pooled) < 0.06
    assert all(0.05 < p.above_median < 0.95 for p in pooled)


def test_age_and_the_end_of_the_quarter_do_make_a_difference(engine):
    assert closed(engine, "least(date_diff('day', created_at, closed_at) // 30, 4)").evidence == "clear"
    assert closed(engine, "(month(closed_at) - 1) % 3").evidence == "clear"


def test_deals_that_were_forgotten_are_counted_apart(engine):
    found = zombies(row[1:] for row in engine.segmented("1").rows("segment_outcomes", as_of=AS_OF))
    assert (found.limit_days, found.count, found.share) == (131, 1329, pytest.approx(0.836, abs=1e-3))
    assert found.if_lost.value <= found.official.value < found.if_left_out.value
    assert found.if_left_out.value == pytest.approx(found.official.closed, abs=0.01)


def test_the_official_rate_counts_the_undecided(engine):
    rate = win_rate(row[1:] for row in engine.segmented("1").rows("segment_outcomes", as_of=AS_OF))
    assert (rate.won, rate.lost, rate.n) == (4238, 2473, 8300)
    assert rate.closed == pytest.approx(0.6315, abs=1e-4)
    assert rate.low < rate.value < rate.high < rate.closed
