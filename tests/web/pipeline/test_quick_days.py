"""Days that are one click away in the forms that ask for one."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from loudou.people.models import User
from loudou.pipeline.models import Opportunity
from loudou.pipeline.services.opportunities import set_next_step
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
        page = client.as_(owner).get(f"/pipeline/{deal.pk}/{form}/").content.decode()
        assert OFFERED.findall(page) == [(field, choice.day.isoformat()) for choice in days]


def test_what_comes_next_stands_first_on_the_page(client: Any, owner: User, deal: Opportunity) -> None:
    page = client.as_(owner).get(f"/pipeline/{deal.pk}/").content.decode()
    assert page.index('class="deal-main"') < page.index("Nothing is planned") < page.index("Missing for the next stage")


def test_what_happened_and_what_comes_next_are_one_form(
    client: Any, owner: User, deal: Opportunity, frozen: Any, today: dt.date
) -> None:
    page = client.as_(owner).get(f"/pipeline/{deal.pk}/").content.decode()
    assert f'href="/pipeline/{deal.pk}/log/"' in page
    due = days_soon(today)[2].day.isoformat()
    said = {"text": "Wants an <offer>", "next_step": "Send it", "next_step_on": due}
    answer = client.as_(owner).post(f"/pipeline/{deal.pk}/log/", said)
    assert answer.headers["Location"] == f"/pipeline/{deal.pk}/"
    page = client.as_(owner).get(f"/pipeline/{deal.pk}/").content.decode()
    assert f"{today.isoformat()} {owner.name}: Wants an &lt;offer&gt;" in page
    deal.refresh_from_db()
    assert (deal.next_step, deal.next_step_on) == ("Send it", dt.date.fromisoformat(due))


def test_saying_nothing_is_refused_and_nothing_is_lost(client: Any, owner: User, deal: Opportunity) -> None:
    answer = client.as_(owner).post(f"/pipeline/{deal.pk}/log/", {"text": "", "next_step": "Send it"})
    assert answer.status_code == 422 and 'value="Send it"' in answer.content.decode()
    deal.refresh_from_db()
    assert (deal.notes, deal.next_step) == ("", "")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Nothing is planned for this day: say what the next step is, or empty the day."),
        ("zh-hans", "这一天没有安排：请填写下一步，或清空日期。"),
    ],
)
def test_a_day_without_a_step_is_refused_at_the_field_and_nothing_is_lost(
    client: Any, owner: User, deal: Opportunity, language: str, sentence: str
) -> None:
    User.objects.filter(pk=owner.pk).update(language=language)
    owner.refresh_from_db()
    given = {"text": "Wants an offer", "next_step": "", "next_step_on": "2026-06-23"}
    for form in ("log", "next-step"):
        answer = client.as_(owner).post(f"/pipeline/{deal.pk}/{form}/", given)
        page = answer.content.decode()
        assert answer.status_code == 422 and 'value="2026-06-23"' in page
        assert sentence in page[page.index('next_step_on_error">') :][:300]
    assert "Wants an offer" in client.as_(owner).post(f"/pipeline/{deal.pk}/log/", given).content.decode()
    deal.refresh_from_db()
    assert (deal.notes, deal.next_step, deal.next_step_on, deal.version) == ("", "", None, 1)


def test_in_the_list_a_day_asks_for_a_step_and_an_emptied_step_takes_its_day_along(
    client: Any, owner: User, deal: Opportunity
) -> None:
    cell = f"/pipeline/{deal.pk}/cell"
    answer = client.as_(owner).post(f"{cell}/next_step_on/", {"next_step_on": "2026-06-23", "version": 1})
    assert answer.status_code == 422 and "Nothing is planned for this day" in answer.content.decode()
    set_next_step(owner, deal.pk, next_step="Call", next_step_on=dt.date(2026, 6, 23))
    assert client.as_(owner).post(f"{cell}/next_step/", {"next_step": "", "version": 2}).status_code == 200
    deal.refresh_from_db()
    assert (deal.next_step, deal.next_step_on) == ("", None)
