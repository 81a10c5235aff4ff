"""Days that are one click away in the forms that ask for one."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from loudou.people.models import User
from loudou.pipeline.models import Opportunity
from loudou.web.pipeline.quick_days import days_soon, ends_of_months

OFFERED = re.compile(r'data-puts="(\w+)" data-value="([\d-]+)"')


def test_a_next_step_is_not_put_on_a_weekend() -> None:
    friday = dt.date(2026, 6, 19)
    assert [choice.day for choice in days_soon(friday)] == [
        dt.date(2026, 6, 22), dt.date(2026, 6, 22), dt.date(2026, 6, 26), dt.date(2026, 7, 3), dt.date(2026, 7, 20),
    ]  # fmt: skip


def test_a_signing_is_expected_at_the_end_of_a_month() -> None:
    assert [choice.day for choice in ends_of_months(dt.date(2026, 11, 30))] == [
        dt.date(2026, 11, 30), dt.date(2026, 12, 31), dt.date(2027, 1, 31), dt.date(2027, 5, 31),
    ]  # fmt: skip


def test_both_forms_offer_days(client: Any, owner: User, deal: Opportunity, frozen: Any, today: dt.date) -> None:
    for form, field, days in (
        ("next-step", "next_step_on", days_soon(today)),
        ("date", "expected_on", ends_of_months(today)),
    ):
        page = client.as_(owner).get(f"/pipeline/{deal.pk}/{form}").content.decode()
        assert OFFERED.findall(page) == [(field, choice.day.isoformat()) for choice in days]


def test_what_comes_next_stands_first_on_the_page(client: Any, owner: User, deal: Opportunity) -> None:
    page = client.as_(owner).get(f"/pipeline/{deal.pk}").content.decode()
    assert page.index('class="deal-main"') < page.index("Nothing is planned") < page.index("Missing for the next stage")
