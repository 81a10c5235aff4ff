"""Tabs over the list that are there before anybody saves a view, and the column that says what changed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from loudou.core import clock
from loudou.people.models import User
from loudou.pipeline.models import Opportunity, Stage
from loudou.pipeline.services import moves
from loudou.pipeline.services import opportunities as services

ClientOf = Any
Make = Callable[..., Opportunity]
TAB = re.compile(r'<a class="view-tab" href="([^"]+)"( aria-current="page")?>([^<]+)</a>')


def tabs(html: str) -> dict[str, tuple[str, bool]]:
    return {label: (url.replace("&amp;", "&"), bool(current)) for url, current, label in TAB.findall(html)}


def text(answer: Any) -> str:
    return answer.content.decode()


def test_every_tab_opens_its_rows_and_is_then_the_current_one(client: ClientOf, owner: User, deal: Opportunity) -> None:
    shown = tabs(text(client.as_(owner).get("/pipeline/")))
    assert list(shown) == [
        "All", "Mine", "Starred", "Next step overdue", "No next step", "Signing this month", "Stuck",
        "Changed since yesterday", "Won",
    ]  # fmt: skip
    assert [label for label, (_url, current) in shown.items() if current] == ["All"]
    for label, (url, _current) in shown.items():
        answer = client.as_(owner).get(url)
        assert answer.status_code == 200
        assert [name for name, (_url, current) in tabs(text(answer)).items() if current] == [label]


def test_a_tab_keeps_the_kind_of_view(client: ClientOf, owner: User, deal: Opportunity) -> None:
    assert tabs(text(client.as_(owner).get("/pipeline/board/")))["Mine"] == ("/pipeline/board/?scene=mine", False)
    narrowed = tabs(text(client.as_(owner).get("/pipeline/?scene=mine&sort=-amount&q=press")))
    assert not any(current for _url, current in narrowed.values())
    assert tabs(text(client.as_(owner).get("/pipeline/?scene=mine&sort=-amount&page=1")))["Mine"][1]


def test_what_changed_since_yesterday_is_told(
    client: ClientOf, owner: User, make: Make, stages: list[Stage], frozen: Any
) -> None:
    row = make(subject="Two <presses>", amount=Decimal(100), stage_id=stages[0].pk)
    make(subject="Left alone")
    frozen.move_to(dt.datetime(2026, 6, 25, 8, tzinfo=dt.UTC))
    moves.move_opportunity(owner, row.pk, stage_id=stages[1].pk, at=clock.now())
    services.update_opportunity(owner, row.pk, changes={"amount": Decimal(120)}, at=clock.now())
    fresh = make(subject="Brand new")
    moves.move_opportunity(owner, fresh.pk, stage_id=stages[1].pk, at=clock.now())

    url, _current = tabs(text(client.as_(owner).get("/pipeline/")))["Changed since yesterday"]
    page = text(client.as_(owner).get(url))
    assert f"Stage: {stages[0].label} → {stages[1].label}<br>Amount: CN¥100 → CN¥120" in page
    assert "Left alone" not in page
    assert page.count("data-row=") == 2
