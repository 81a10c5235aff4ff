"""The six views: the same filters, bounded statements, figures that open their rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.conftest import ClientOf

from loudou.core import clock, kept
from loudou.customers.models import Customer
from loudou.insights.models import LearnedStage
from loudou.people.models import User
from loudou.pipeline import selectors
from loudou.pipeline.models import LossReason, Opportunity, Stage
from loudou.pipeline.services import moves
from loudou.pipeline.services import opportunities as services
from loudou.web.pipeline.columns import COLUMNS

Make = Callable[..., Opportunity]
VIEWS = ("", "/board", "/funnel", "/calendar", "/forecast", "/distribution")
MOST_STATEMENTS = 12


def text(response: Any) -> str:
    assert response.status_code == 200
    return unescape(response.content.decode())


def statements(client: ClientOf, address: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return [
        query["sql"] for query in captured.captured_queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_owner_sees_the_deal_and_a_stranger_does_not(
    client: ClientOf, owner: User, stranger: User, finance: User, make: Make, frozen: Any, view: str
) -> None:
    make(subject="Two presses", amount=Decimal(4321), expected_on=dt.date(2026, 6, 20), likelihood="chance")
    own = text(client.as_(owner).get(f"/pipeline{view}/"))
    other = text(client.as_(stranger).get(f"/pipeline{view}/"))
    assert ("Two presses" in own) or ("4,321" in own)
    assert "Two presses" not in other and "4,321" not in other
    assert client.as_(finance).get(f"/pipeline{view}/").status_code == 403


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_keeps_the_filters_for_the_others(
    client: ClientOf, owner: User, deal: Opportunity, view: str
) -> None:
    page = text(client.as_(owner).get(f"/pipeline{view}/?q=presses&priority=2&months=6"))
    links = re.findall(r'<a href="(/pipeline[^"]*)" data-view-link', page)
    assert links == [f"/pipeline{other}/?q=presses&priority=2" for other in VIEWS]


@pytest.mark.parametrize(
    "address",
    [*(f"/pipeline{view}/" for view in VIEWS),
     *(f"/pipeline/distribution/?by={tab}" for tab in ("stage", "owner", "expected", "opened", "state")),
     "/pipeline/?q=press&state=all", "/pipeline/board/?scene=team&stuck=true",
     "/pipeline/?cols=subject,weighted,days,process,owner", "/pipeline/?country=CN&city=Jinan&loss_reason=none"],
)  # fmt: skip
def test_statements_are_few_and_do_not_grow_with_rows(
    client: ClientOf,
    owner: User,
    manager: User,
    make: Make,
    stages: list[Stage],
    reason: LossReason,
    at: dt.datetime,
    address: str,
) -> None:
    def fill() -> None:
        for number in range(6):
            customer = Customer.objects.create(name=f"Customer {Customer.objects.count()}", owner=owner)
            row = make(
                customer_id=customer.pk,
                amount=Decimal(10),
                stage_id=stages[number % 5].pk,
                expected_on=dt.date(2026, 6, 1 + number),
            )
            if number == 5:
                moves.lose_opportunity(owner, row.pk, loss_reason_id=reason.pk, at=at)

    for reader in (owner, manager):
        fill()
        signed_in = client.as_(reader)
        signed_in.get(address)
        before = statements(signed_in, address)
        fill()
        after = statements(signed_in, address)
        assert len(after) <= len(before), "\n".join(after)
        kept.forget()  # as in the first request of a process
        cold = statements(signed_in, address)
        assert len(cold) <= MOST_STATEMENTS, "\n".join(cold)


def test_the_opportunity_page_does_not_grow_with_its_history(
    client: ClientOf, owner: User, deal: Opportunity, stages: list[Stage], at: dt.datetime
) -> None:
    signed_in = client.as_(owner)
    address = f"/pipeline/{deal.pk}/"
    signed_in.get(address)
    before = statements(signed_in, address)
    for number in range(1, 5):
        moves.move_opportunity(owner, deal.pk, stage_id=stages[number].pk, at=at + dt.timedelta(days=number))
    after = statements(signed_in, address)
    assert len(after) <= len(before) + 1
    kept.forget()
    cold = statements(signed_in, address)
    assert len(cold) <= MOST_STATEMENTS, "\n".join(cold)


def test_the_history_says_which_figure_changed_from_what_to_what(
    client: ClientOf, owner: User, deal: Opportunity, at: dt.datetime
) -> None:
    services.update_opportunity(
        owner, deal.pk, changes={"amount": Decimal(765), "expected_on": dt.date(2026, 9, 30)}, at=at
    )
    page = text(client.as_(owner).get(f"/pipeline/{deal.pk}/"))
    assert "Amount, date or owner changed" not in page
    assert "Changed: Amount, Expected" in page
    assert "Amount: CN¥1,000 → CN¥765<br>Expected: – → 30 Sep 2026" in page
    owner.language = "zh-hans"
    owner.save()
    page = text(client.as_(owner).get(f"/pipeline/{deal.pk}/"))
    assert "变更：金额、预计签约" in page
    assert "金额：¥1,000 → ¥765<br>" in page


def test_a_figure_of_the_funnel_opens_exactly_its_rows(
    client: ClientOf, owner: User, make: Make, stages: list[Stage], reason: LossReason, at: dt.datetime
) -> None:
    inside = [make(subject=f"inside {number}", stage_id=stages[1].pk) for number in range(3)]
    make(subject="elsewhere", stage_id=stages[0].pk)
    lost = make(subject="gone", stage_id=stages[1].pk)
    moves.lose_opportunity(owner, lost.pk, loss_reason_id=reason.pk, at=at)
    signed_in = client.as_(owner)
    funnel = text(signed_in.get("/pipeline/funnel/"))
    address = re.search(rf'<a href="(/pipeline/\?[^"]*stage={stages[1].pk}[^"]*)" aria-label="[^"]*: 3"', funnel)
    assert address is not None
    rows = text(signed_in.get(address[1]))
    assert all(row.subject in rows for row in inside)
    assert "elsewhere" not in rows and "gone" not in rows
    assert "not conversion rates" in funnel


def test_the_funnel_of_a_day_opens_what_was_there_then_and_says_what_became_of_it(
    client: ClientOf, owner: User, make: Make, stages: list[Stage], reason: LossReason, at: dt.datetime
) -> None:
    later = at + dt.timedelta(days=9)
    gone, moved = make(subject="gone", amount=Decimal(70)), make(subject="moved")
    moves.lose_opportunity(owner, gone.pk, loss_reason_id=reason.pk, at=later)
    moves.move_opportunity(owner, moved.pk, stage_id=stages[1].pk, at=later)
    signed_in = client.as_(owner)
    day = timezone.localdate(at)
    now = text(signed_in.get("/pipeline/funnel/"))
    assert "Current funnel of 1 open" in now and "A week ago" in now
    page = text(signed_in.get(f"/pipeline/funnel/?open_on={day}"))
    assert "Funnel of 2 opportunities that were open at the end of" in page and "Current funnel of" not in page
    address = re.search(rf'<a href="(/pipeline/\?[^"]*stage_then={stages[0].pk}[^"]*)" aria-label="[^"]*: 2"', page)
    assert address is not None
    rows = text(signed_in.get(unescape(address[1])))
    assert rows.count("<tr data-row=") == 2
    assert "State: Open → Lost" in rows
    assert f"Stage: {stages[0].label} → {stages[1].label}" in rows
    owner.language = "zh-hans"
    owner.save()
    assert "结束时" in text(client.as_(owner).get(f"/pipeline/funnel/?open_on={day}"))


def test_each_lane_of_the_forecast_opens_its_rows(client: ClientOf, owner: User, make: Make, frozen: Any) -> None:
    days = {"late": dt.date(2026, 6, 14), "june": dt.date(2026, 6, 30), "far": dt.date(2027, 3, 1), "undated": None}
    for subject, day in days.items():
        make(subject=f"deal {subject}", expected_on=day)
    signed_in = client.as_(owner)
    page = text(signed_in.get("/pipeline/forecast/"))
    for address in re.findall(r'<p class="lane-sums"><a href="([^"]+)" class="lane-count">1</a>', page):
        rows = text(signed_in.get(address))
        assert sum(f"deal {subject}" in rows for subject in days) >= 1
        assert len(re.findall(r"<tr data-row=", rows)) == 1


def test_a_bar_of_a_distribution_opens_its_rows(client: ClientOf, owner: User, make: Make) -> None:
    make(subject="a chance", likelihood="chance")
    make(subject="without a kind")
    signed_in = client.as_(owner)
    page = text(signed_in.get("/pipeline/distribution/"))
    address = re.search(r'<a href="([^"]*likelihood=none[^"]*)">Not set', page)
    assert address is not None
    rows = text(signed_in.get(address[1]))
    assert "without a kind" in rows and "a chance" not in rows


def test_other_states_are_shown_by_the_list_alone(
    client: ClientOf, owner: User, deal: Opportunity, reason: LossReason, at: dt.datetime
) -> None:
    moves.lose_opportunity(owner, deal.pk, loss_reason_id=reason.pk, at=at)
    signed_in = client.as_(owner)
    assert "Two presses" in text(signed_in.get("/pipeline/?state=lost"))
    board = text(signed_in.get("/pipeline/board/?state=lost"))
    assert "Only open opportunities are shown here" in board and "Two presses" not in board


def test_who_asks_why_sales_were_lost_is_shown_lost_ones(
    client: ClientOf, owner: User, stranger: User, deal: Opportunity, make: Make, reason: LossReason, at: dt.datetime
) -> None:
    make(subject="Still open")
    moves.lose_opportunity(owner, deal.pk, loss_reason_id=reason.pk, at=at)
    shown = text(client.as_(owner).get(f"/pipeline/?loss_reason={reason.pk}"))
    assert "Two presses" in shown and "Still open" not in shown
    assert "Two presses" not in text(client.as_(owner).get("/pipeline/?loss_reason=none"))
    assert "Still open" in text(client.as_(owner).get("/pipeline/?loss_reason=none&state=open"))
    assert "Two presses" not in text(client.as_(stranger).get(f"/pipeline/?loss_reason={reason.pk}"))


def test_places_are_offered_as_the_reader_s_customers_have_them(
    client: ClientOf, owner: User, stranger: User, deal: Opportunity, customer: Customer
) -> None:
    Customer.objects.filter(pk=customer.pk).update(province="Hebei")
    menu = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "filters-more"}
    offered = 'name="province" value="Hebei"'
    assert offered in text(client.as_(owner).get("/pipeline/", **menu))
    assert offered not in text(client.as_(stranger).get("/pipeline/", **menu))
    assert "Two presses" in text(client.as_(owner).get("/pipeline/?province=Hebei"))
    nowhere = text(client.as_(owner).get("/pipeline/?province=Atlantis"))
    assert "Two presses" not in nowhere and "Atlantis" in nowhere


def test_every_column_reads_the_fields_it_is_made_from_and_no_others(
    client: ClientOf, owner: User, executive: User, make: Make, reason: LossReason, at: dt.datetime, frozen: Any
) -> None:
    gone = make(amount=Decimal(1000), probability=Decimal("0.5"), next_step="Call", next_step_on=dt.date(2026, 6, 1))
    moves.lose_opportunity(owner, gone.pk, loss_reason_id=reason.pk, at=at)
    make(amount=Decimal(1000), probability=Decimal("0.5"), likelihood="chance", expected_on=dt.date(2026, 6, 1))
    signed_in = client.as_(executive)
    for column in COLUMNS:
        asked = statements(signed_in, f"/pipeline/?state=all&cols={column.name}")
        assert not [sql for sql in asked if "LIMIT 21" in sql and 'FROM "pipeline_opportunity"' in sql], column.name
        (rows,) = [sql for sql in asked if "is_starred" in sql]
        assert "close_note" not in rows and "cash_to_cash_days" not in rows
    everything = ",".join(column.name for column in COLUMNS)
    with CaptureQueriesContext(connection) as captured:
        file = b"".join(signed_in.get(f"/pipeline/?state=all&export=csv&cols={everything}").streaming_content)
    assert file.count(b"\n") == 3
    assert not [
        query for query in captured.captured_queries if "LIMIT 21" in query["sql"] and "pipeline_opp" in query["sql"]
    ]


def test_a_search_that_finds_much_says_so_and_adds_it_up_when_asked(
    client: ClientOf, executive: User, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "MOST_FOUND", 25)
    for number in range(27):
        make(subject=f"Press {number}", amount=Decimal(1000))
    signed_in = client.as_(executive)
    address = "/pipeline/?q=press&state=all&per=25"
    page = text(signed_in.get(address))
    assert "1–25 of 25+" in page and "More than 25 rows." in page and "27,000" not in page
    more = re.search(r'<a href="([^"]*totals=all[^"]*)"[^>]*>Add them all up</a>', page)
    assert more is not None
    page = text(signed_in.get(more[1]))
    assert "1–25 of 27" in page and "Total of 27" in page and "27,000" in page and "Add them all up" not in page
    assert text(signed_in.get(f"{more[1]}&page=2")).count("<tr data-row") == 2


def test_the_list_names_count_sum_and_weighted_sum(client: ClientOf, owner: User, make: Make) -> None:
    make(amount=Decimal(1000), probability=Decimal("0.5"))
    make(amount=Decimal(3000), probability=Decimal("0.25"))
    page = text(client.as_(owner).get("/pipeline/"))
    assert "Total of 2, as of " in page
    assert "4,000" in page and "weighted CN¥1,250" in page


def test_cards_are_escaped(client: ClientOf, owner: User, make: Make) -> None:
    customer = Customer.objects.create(name='"><script>alert(2)</script>', owner=owner)
    make(subject="<script>alert(1)</script>", customer_id=customer.pk)
    for view in ("/board", "/forecast", "/calendar", ""):
        page = client.as_(owner).get(f"/pipeline{view}/").content.decode()
        assert "<script>alert" not in page


def test_more_cards_of_a_column(
    client: ClientOf, owner: User, make: Make, stages: list[Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        make(subject=f"deal {number}", expected_on=dt.date(2026, 7, 1 + number))
    page = text(client.as_(owner).get(f"/pipeline/board/{stages[0].pk}/more/?after=3"))
    assert re.findall(r">(deal \d)</a>", page) == ["deal 3", "deal 4"]
    assert client.as_(owner).get(f"/pipeline/board/{stages[0].pk}/more/?after=x").status_code == 404


def test_the_export_has_exactly_the_filtered_rows(client: ClientOf, owner: User, make: Make) -> None:
    make(subject="=SUM(A1)", amount=Decimal("12.5"))
    make(subject="Other", priority=3)
    response = client.as_(owner).get("/pipeline/?export=csv&priority=2&cols=subject,amount,stage,weighted")
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    lines = content.strip().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("'=SUM(A1),12.5")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("view", VIEWS)
def test_views_speak_both_languages(client: ClientOf, owner: User, deal: Opportunity, view: str, language: str) -> None:
    User.objects.filter(pk=owner.pk).update(language=language)
    page = text(client.as_(User.objects.get(pk=owner.pk)).get(f"/pipeline{view}/"))
    assert ("看板" in page) == (language == "zh-hans")
    assert ("Forecast" in page) == (language == "en")


def test_nonsense_in_the_address_is_no_error(client: ClientOf, owner: User, deal: Opportunity) -> None:
    for query in (
        "stage=abc",
        "owner=99999999999999999999",
        "month=2026-99",
        "months=999",
        "expected_from=x",
        "amount_from=-1",
        "by=x&measure=y",
        "loss_reason=x&country=nowhere",
    ):
        for view in VIEWS:
            assert client.as_(owner).get(f"/pipeline{view}/?{query}").status_code == 200, (view, query)


@pytest.mark.parametrize("view", ["/board", "/forecast"])
def test_a_card_wears_the_star_of_its_reader_alone(
    client: ClientOf, owner: User, manager: User, deal: Opportunity, view: str
) -> None:
    services.star_opportunity(owner, deal.pk)
    assert "You follow this" in text(client.as_(owner).get(f"/pipeline{view}/"))
    seen = text(client.as_(manager).get(f"/pipeline{view}/"))
    assert deal.subject in seen and "You follow this" not in seen


def test_what_history_says_stands_beside_what_was_expected(
    client: ClientOf, administrator: User, owner: User, make: Make, stages: list[Stage], frozen: Any
) -> None:
    make(subject="Two presses")
    LearnedStage.objects.create(
        stage=stages[0], as_of=clock.now(), sample=1833, won=200, lost=900, stays=1833, stays_finished=1700,
        win_rate=0.3, low=0.28, high=0.32, undecided=0.1, horizon_days=365, median_days=20, p80_days=40,
    )  # fmt: skip
    told = re.compile(r"30%\s*<small[^>]*>28%–32% · n = 1,833</small>")
    for reader, address in (
        (administrator, "/settings/processes/"),
        (administrator, f"/settings/processes/{stages[0].process_id}/"),
        (owner, "/pipeline/funnel/"),
        (owner, "/pipeline/?cols=subject,prior_win_rate,learned_win_rate"),
    ):
        page = text(client.as_(reader).get(address))
        assert "10%" in page and told.search(page), address
