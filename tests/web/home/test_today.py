"""The start page: every number opens exactly its rows, at a pinned cost, for everybody."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from loudou.people.choices import Role
from loudou.pipeline import selectors
from loudou.pipeline.models import Opportunity, Stage
from loudou.pipeline.selectors import work
from loudou.web.home.views import COUNTS
from loudou.web.pipeline.filters import OpportunityFilter


@pytest.fixture
def deals(owner, today, now):
    """Opportunities of the owner: one for each day around today, some without a step, one closed."""
    stage = Stage.objects.order_by("process__position", "position").first()
    facts = {
        "process": stage.process, "stage": stage, "owner": owner, "opened_on": today, "stage_entered_at": now,
        "currency": "CNY", "amount": Decimal(1000), "amount_base": Decimal(1000),
    }  # fmt: skip
    rows = []
    for days in range(-3, 9):
        day = today + dt.timedelta(days=days)
        rows.append(Opportunity(subject=f"Step {days}", next_step="Call", next_step_on=day, expected_on=day, **facts))
    rows += [Opportunity(subject=f"Idle {n}", **facts) for n in range(2)]
    rows.append(Opportunity(subject="Whale", **{**facts, "amount": Decimal(9000), "amount_base": Decimal(9000)}))
    rows.append(Opportunity(subject="Gone", state="won", closed_at=now, next_step_on=today, expected_on=today, **facts))
    return Opportunity.objects.bulk_create(rows)


@pytest.mark.parametrize("tile", COUNTS, ids=lambda tile: tile.name)
def test_a_number_opens_exactly_its_rows(rf, frozen, owner, deals, today, tile):
    request = rf.get("/")
    request.user = owner
    request.company = type("Company", (), {"fiscal_year_start_month": 1})
    filters = OpportunityFilter(QueryDict(tile.query), request=request)
    listed = filters.filter_queryset(selectors.visible_opportunities(owner))
    counted = getattr(work.work_counts(owner, today=today), tile.name)
    assert counted == listed.count()
    assert counted > 0


def test_a_rep_sees_own_steps_in_order_and_nobody_elses(client, frozen, owner, stranger, deals):
    text = client.as_(owner).get("/").content.decode()
    assert text.index("Step -3") < text.index("Step 0") < text.index("Step 2")
    assert "Gone" not in text.split("steps-title")[1].split("</section>")[0]
    assert "Step" not in re.sub(r"[Nn]ext [Ss]teps?", "", client.as_(stranger).get("/").content.decode()).replace(
        "next step", ""
    )


def test_in_chinese_a_passed_date_is_told_with_blanks_around_the_number(client, frozen, owner, deals):
    owner.language = "zh-hans"
    owner.save()
    text = client.as_(owner).get("/").content.decode()
    assert "预计签约：3 天前" in text
    assert "预计签约：昨天" in text


def test_a_leader_sees_the_funnel_of_the_team(client, frozen, manager, deals):
    text = client.as_(manager).get("/").content.decode()
    assert "Open funnel" in text and "Largest open" in text and "Whale" in text


def test_a_company_without_sales_is_told_where_to_begin(client, frozen, make_user, db):
    page = client.as_(make_user("root", Role.ADMINISTRATOR)).get("/")
    assert [str(step.label) for step in page.context["first_steps"]] == [
        "Sales processes",
        "New user",
        "Import a file",
        "New customer",
    ]
    page = client.as_(make_user("eve", Role.EXECUTIVE)).get("/")
    assert page.context["first_steps"] == []


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_start_page_within_twelve_statements(client, frozen, make_user, deals, role):
    signed_in = client.as_(make_user(f"a{role}", role))
    signed_in.get("/")
    with CaptureQueriesContext(connection) as counted:
        answer = signed_in.get("/")
    assert answer.status_code == 200 and len(counted) <= 12


def test_tiles_link_to_the_list(client, frozen, owner, deals):
    links = re.findall(r'class="card tile[^"]*" href="([^"]+)"', client.as_(owner).get("/").content.decode())
    assert len(links) == len(COUNTS)
    for link in links:
        answer = client.as_(owner).get(link.replace("&amp;", "&"))
        assert answer.status_code == 200 and urlsplit(link).path == "/pipeline/"
