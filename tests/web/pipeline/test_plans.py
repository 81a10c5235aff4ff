"""How the database answers the six views: by index, never by reading all opportunities that ever were."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.conftest import ClientOf

from loudou.customers.models import Customer
from loudou.people.models import User
from loudou.pipeline.models import Stage

PAST = 6_000
VIEWS = ("", "/board", "/funnel", "/calendar", "/forecast", "/distribution")
A_LONG_PAST = """
    INSERT INTO pipeline_opportunity (
        subject, customer_id, owner_id, process_id, stage_id, state, currency, opened_on, source, priority, likelihood,
        visibility, reach_kind, purchase_kind, next_step, stage_entered_at, closed_at, close_note, contract_reference,
        notes, external_id, created_at, updated_at, version, amount, amount_base, expected_on, search_text)
    SELECT 'Delivery ' || i, %s, %s, %s, %s, CASE WHEN i %% 40 = 0 THEN 'open' ELSE 'lost' END, 'CNY', '2026-01-01',
           '', 1 + i %% 3, '', '', '', '', '', now(), CASE WHEN i %% 40 = 0 THEN NULL ELSE now() END, '', '', '', '',
           now(), now() - i * interval '1 minute', 1, i, i, '2026-06-15'::date - i %% 900, ''
    FROM generate_series(1, %s) AS i
"""


@pytest.fixture
def long_past(owner: User, stages: list[Stage]) -> None:
    """A past in which one sale of very many is to a customer of a rare name."""
    common, rare = (Customer.objects.create(name=name, owner=owner) for name in ("Hengda Steel", "Zeppelin Works"))
    with connection.cursor() as cursor:
        values = [owner.pk, stages[0].process_id, stages[0].pk]
        cursor.execute(A_LONG_PAST, [common.pk, *values, PAST])
        cursor.execute(A_LONG_PAST, [rare.pk, *values, 40])
        cursor.execute("SELECT gin_clean_pending_list('opportunity_search')")
        cursor.execute("ANALYZE pipeline_opportunity, customers_customer")


def plans(client: ClientOf, address: str) -> list[str]:
    """The plans of the statements with which a page reads opportunities."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    statements = [query["sql"] for query in captured if 'FROM "pipeline_opportunity"' in query["sql"]]
    found = []
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"EXPLAIN {statement}")
            found.append("\n".join([statement, *(line for (line,) in cursor.fetchall())]))
    return found


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("words", ["zeppelin", "works+6001"])
def test_a_text_search_is_answered_by_its_index_for_those_who_see_everything(
    client: ClientOf, executive: User, long_past: None, view: str, words: str
) -> None:
    found = plans(client.as_(executive), f"/pipeline{view}/?q={words}&state=all&priority=3")
    assert found and all("search_text" in plan for plan in found)
    assert [plan for plan in found if "Seq Scan on pipeline_opportunity" in plan] == []
    counted = [plan for plan in found if "SUM(" in plan]
    assert all("opportunity_search" in plan or "opportunity_open" in plan for plan in counted)


@pytest.mark.parametrize("view", ["", "/board", "/funnel", "/calendar", "/forecast"])
def test_the_closed_past_is_not_read_for_what_is_open(
    client: ClientOf, executive: User, long_past: None, view: str
) -> None:
    found = plans(client.as_(executive), f"/pipeline{view}/")
    assert found and [plan for plan in found if "Seq Scan on pipeline_opportunity" in plan] == []


@pytest.mark.parametrize(
    "sort",
    [
        "amount",
        "-amount",
        "updated_at",
        "-updated_at",
        "subject",
        "-subject",
        "expected_on",
        "-expected_on",
        "opened_on",
    ],
)
def test_a_list_of_all_states_is_read_in_the_order_of_an_index(
    client: ClientOf, executive: User, long_past: None, sort: str
) -> None:
    page = [plan for plan in plans(client.as_(executive), f"/pipeline/?state=all&sort={sort}") if "SUM(" not in plan]
    assert page and [plan for plan in page if "Seq Scan on pipeline_opportunity" in plan] == []


@pytest.mark.parametrize("sort", ["customer", "-owner", "priority"])
def test_an_order_without_an_index_sorts_keys_and_not_whole_rows(
    client: ClientOf, executive: User, long_past: None, sort: str
) -> None:
    found = [plan for plan in plans(client.as_(executive), f"/pipeline/?state=all&sort={sort}") if "SUM(" not in plan]
    keys, page = (plan.split(" FROM ")[0] for plan in found)
    assert keys == 'SELECT "pipeline_opportunity"."id" AS "pk"'
    assert "subject" in page and " ORDER BY " in found[1] and "Seq Scan on pipeline_opportunity" not in found[1]


@pytest.mark.parametrize("column", ["expected", "opened"])
def test_a_month_of_the_past_is_found_by_an_index(
    client: ClientOf, executive: User, long_past: None, column: str
) -> None:
    address = f"/pipeline/?state=all&{column}_from=2024-05-01&{column}_until=2024-05-07"
    found = plans(client.as_(executive), address)
    assert found and [plan for plan in found if "Seq Scan on pipeline_opportunity" in plan] == []


@pytest.mark.parametrize("column", ["expected", "opened"])
def test_a_period_is_listed_in_the_order_of_its_date_which_is_that_of_its_index(
    client: ClientOf, executive: User, long_past: None, column: str
) -> None:
    address = f"/pipeline/?state=all&{column}_from=2023-01-01&{column}_until=2026-12-31"
    [page] = [plan for plan in plans(client.as_(executive), address) if "SUM(" not in plan]
    assert f'ORDER BY "pipeline_opportunity"."{column}_on" DESC, "pipeline_opportunity"."id" DESC' in page
    assert f"opportunity_{column}" in page and "Sort" not in page
    asked = [plan for plan in plans(client.as_(executive), f"{address}&sort=subject") if "SUM(" not in plan]
    assert 'ORDER BY "pipeline_opportunity"."subject" ASC' in asked[0]
