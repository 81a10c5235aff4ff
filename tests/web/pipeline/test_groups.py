"""The list in groups: exact counts and sums, the rows of each group and no others, few statements."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.conftest import ClientOf

from loudou.core import kept
from loudou.customers.models import Customer
from loudou.people.models import Membership, Team, User
from loudou.pipeline import selectors
from loudou.pipeline.models import LossReason, Opportunity, Stage
from loudou.pipeline.selectors import GROUPINGS, Volume
from loudou.pipeline.services import moves
from loudou.web.pipeline.grouping import GROUPING_LABELS

Make = Callable[..., Opportunity]
MOST_STATEMENTS = 12
HEAD = re.compile(
    r'hx-get="([^"]+part=rows)".*?<a class="group-name" href="([^"]+)"[^>]*>([^<]*)</a>'
    r'<span class="group-count">([^<]*)</span><span class="group-sum numeric">([^<]*)</span>'
)


def text(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def groups(client: ClientOf, address: str) -> list[tuple[str, str, str]]:
    """Label, number and sum of each group, after proving that its addresses have as many rows."""
    found = []
    for part, url, label, count, total in HEAD.findall(text(client.get(address))):
        number = int(count.split()[0])
        whole, few = text(client.get(unescape(url))), text(client.get(unescape(part)))
        assert f'role="status">{count}\n' in whole, (label, url)
        assert whole.count("<tr data-row=") == number
        assert few.count("<tr data-row=") == min(number, 10)
        found.append((unescape(label), count, total))
    return found


@pytest.fixture
def sales(
    make: Make, customer: Customer, owner: User, colleague: User, dollars: None, stages: list[Stage],
    reason: LossReason, at: dt.datetime,
) -> None:  # fmt: skip
    """Two open sales of the owner, one of them in dollars, one of a colleague, and one that was lost."""
    Customer.objects.filter(pk=customer.pk).update(country="CN", city="Tangshan")
    make(subject="A", customer_id=customer.pk, amount=Decimal(1000), expected_on=dt.date(2026, 6, 20), source="Fair")
    make(subject="B", amount=Decimal(100), currency="USD", stage_id=stages[1].pk, expected_on=dt.date(2026, 7, 1))
    make(colleague, subject="C", amount=Decimal(5000))
    lost = make(subject="D", amount=Decimal(300))
    moves.lose_opportunity(owner, lost.pk, loss_reason_id=reason.pk, at=at)


def test_each_group_has_its_count_its_sum_in_base_currency_and_leads_to_its_rows(
    client: ClientOf, manager: User, owner: User, colleague: User, sales: None, stages: list[Stage]
) -> None:
    reader = client.as_(manager)
    assert groups(reader, "/pipeline/?group=owner") == [
        (str(colleague), "1 row", "CN¥5,000"), (str(owner), "2 rows", "CN¥1,720"),
    ]  # fmt: skip
    assert groups(reader, "/pipeline/?group=country") == [
        ("CN", "1 row", "CN¥1,000"), ("Not set", "2 rows", "CN¥5,720"),
    ]  # fmt: skip
    assert groups(reader, "/pipeline/?group=city")[0] == ("Tangshan", "1 row", "CN¥1,000")
    assert groups(reader, "/pipeline/?group=source")[0] == ("Fair", "1 row", "CN¥1,000")
    assert groups(reader, "/pipeline/?group=stage") == [
        (f"Standard sale: {stages[0].label}", "2 rows", "CN¥6,000"),
        (f"Standard sale: {stages[1].label}", "1 row", "CN¥720"),
    ]  # fmt: skip
    assert groups(reader, "/pipeline/?group=expected_month") == [
        ("2026-06", "1 row", "CN¥1,000"), ("2026-07", "1 row", "CN¥720"), ("No date", "1 row", "CN¥5,000"),
    ]  # fmt: skip
    assert groups(reader, "/pipeline/?group=created_month") == [("2026-06", "3 rows", "CN¥6,720")]


def test_groups_of_every_state(client: ClientOf, manager: User, sales: None, reason: LossReason) -> None:
    reader = client.as_(manager)
    assert groups(reader, "/pipeline/?state=all&group=loss_reason") == [
        (reason.label, "1 row", "CN¥300"), ("Not set", "3 rows", "CN¥6,720"),
    ]  # fmt: skip
    assert groups(reader, "/pipeline/?state=all&group=closed_month") == [
        ("2026-06", "1 row", "CN¥300"), ("Not closed", "3 rows", "CN¥6,720"),
    ]  # fmt: skip
    assert groups(reader, "/pipeline/?group=loss_reason") == [("Not set", "3 rows", "CN¥6,720")]


def test_a_month_is_no_wider_than_the_days_that_are_asked_for(client: ClientOf, manager: User, sales: None) -> None:
    found = groups(client.as_(manager), "/pipeline/?group=expected_month&expected_from=2026-06-25")
    assert found == [("2026-07", "1 row", "CN¥720")]


def test_a_team_has_the_rows_of_its_people_and_whoever_is_in_two_counts_once(
    client: ClientOf, manager: User, owner: User, colleague: User, sales: None
) -> None:
    Membership.objects.filter(user__in=(owner, colleague)).delete()
    first, second = Team.objects.create(name="First team"), Team.objects.create(name="Second team")
    for team, day in (first, 1), (second, 2):
        Membership.objects.create(user=owner, team=team, started_on=dt.date(2026, 1, day))
    rows = selectors.visible_opportunities(owner)
    assert set(selectors.team_of_each([owner.pk, colleague.pk], today=dt.date(2026, 6, 15)).values()) == {first}
    assert selectors.team_of_each([owner.pk], today=dt.date(2025, 12, 31)) == {}
    assert rows.count() == 3
    assert groups(client.as_(owner), "/pipeline/?group=team") == [("First team", "2 rows", "CN¥1,720")]
    Membership.objects.filter(user=owner).delete()
    assert groups(client.as_(owner), "/pipeline/?group=team") == [("No team", "2 rows", "CN¥1,720")]


def test_groups_hold_what_their_reader_may_see(
    client: ClientOf, owner: User, stranger: User, finance: User, sales: None
) -> None:
    assert groups(client.as_(owner), "/pipeline/?group=owner") == [(str(owner), "2 rows", "CN¥1,720")]
    assert groups(client.as_(stranger), "/pipeline/?group=owner") == []
    assert client.as_(finance).get("/pipeline/?group=owner").status_code == 403
    assert client.as_(finance).get(f"/pipeline/?owner={owner.pk}&part=rows").status_code == 403


def test_the_group_of_somebody_who_has_left_leads_to_their_rows(
    client: ClientOf, manager: User, owner: User, colleague: User, sales: None
) -> None:
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    assert groups(client.as_(manager), "/pipeline/?group=owner&state=all") == [
        (str(colleague), "1 row", "CN¥5,000"), (str(owner), "3 rows", "CN¥2,020"),
    ]  # fmt: skip


def test_an_opened_group_shows_ten_rows_and_the_way_to_all(client: ClientOf, owner: User, make: Make) -> None:
    for number in range(12):
        make(subject=f"Sale {number:02}", amount=Decimal(1))
    part, url, *_rest = HEAD.findall(text(client.as_(owner).get("/pipeline/?group=owner")))[0]
    rows = text(client.as_(owner).get(unescape(part)))
    assert rows.count("<tr data-row=") == 10
    assert f'href="{url}"' in rows and "Show all 12" in rows


@pytest.mark.parametrize("most", [2, 3])
def test_more_rows_than_are_summed_are_not_grouped_and_it_is_said(
    client: ClientOf, owner: User, sales: None, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(selectors, "MOST_SUMMED", most)
    page = text(client.as_(owner).get("/pipeline/?state=all&group=owner"))
    assert ("More rows than are summed: narrow the filters to see groups." in page) == (most == 2)
    assert bool(HEAD.findall(page)) == (most == 3)
    assert HEAD.findall(text(client.as_(owner).get("/pipeline/?group=owner")))  # open rows are always summed


def test_groups_add_up_to_the_totals_and_closed_rows_weigh_nothing(owner: User, sales: None) -> None:
    rates = selectors.SalesSetup.load().win_rates
    rows = selectors.visible_opportunities(owner)
    whole = selectors.listed_volume(rows, win_rates=rates, only_open=False)
    assert whole is not None and whole.count == 3
    for grouping in GROUPINGS:
        found = selectors.group_volumes(rows, grouping, win_rates=rates, only_open=False, most=3)
        assert found is not None and selectors.total(found) == whole, grouping
    by_reason = selectors.group_volumes(rows, "loss_reason", win_rates=rates, only_open=False, most=3)
    assert by_reason is not None and Volume(1, Decimal(300)) in by_reason.values()


@pytest.mark.parametrize("grouping", GROUPING_LABELS)
def test_statements_do_not_grow_with_groups(
    client: ClientOf, manager: User, owner: User, make: Make, grouping: str
) -> None:
    def fill() -> None:
        for number in range(3):
            name = f"Customer {Customer.objects.count()}"
            customer = Customer.objects.create(name=name, owner=owner, country=name, city=name)
            make(customer_id=customer.pk, amount=Decimal(10), source=name, expected_on=dt.date(2026, 6 + number, 1))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert reader.get(f"/pipeline/?state=all&group={grouping}").status_code == 200
        return len([each for each in captured.captured_queries if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))])

    reader = client.as_(manager)
    fill()
    statements()
    before = statements()
    fill()
    assert statements() <= before
    kept.forget()
    assert statements() <= MOST_STATEMENTS


@pytest.mark.parametrize("grouping", GROUPING_LABELS)
def test_the_file_of_a_grouped_list_runs_group_by_group(
    client: ClientOf, manager: User, sales: None, grouping: str
) -> None:
    assert list(GROUPINGS) == list(GROUPING_LABELS)
    answer = client.as_(manager).get(f"/pipeline/?state=all&group={grouping}&export=csv&cols=owner,source,expected_on")
    rows = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))[1:]
    assert {row[0] for row in rows} == {"A", "B", "C", "D"}
    subjects = "".join(row[0] for row in rows)
    if grouping == "expected_month":
        assert subjects[:2] == "AB"
    if grouping == "owner":
        assert subjects[0] == "C"


def test_a_view_keeps_the_grouping_and_nonsense_is_none(client: ClientOf, owner: User, sales: None) -> None:
    page = text(client.as_(owner).get("/pipeline/?group=owner&scene=mine"))
    assert '<input type="hidden" name="group" value="owner">' in page
    assert 'href="/pipeline/board/?group=owner&amp;scene=mine"' in page
    assert "data-row=" in text(client.as_(owner).get("/pipeline/?group=x"))
    assert "Nothing matches these filters" in text(client.as_(owner).get("/pipeline/?group=owner&q=nothing"))
    assert "No opportunities yet" not in page


def test_groups_speak_chinese(client: ClientOf, owner: User, sales: None) -> None:
    owner.language = "zh-hans"
    owner.save(update_fields=["language"])
    page = text(client.as_(owner).get("/pipeline/?group=country"))
    assert "分组" in page and "未设置" in page
