"""The same seed tells the same story, in both languages; another seed tells another."""

from __future__ import annotations

import datetime as dt
from itertools import zip_longest

import pytest

from loudou.demo.building import DemoCompany
from loudou.pipeline import defaults
from loudou.pipeline.models import LossReason, SalesProcess, Stage, StageCriterion

from .conftest import TODAY


@pytest.fixture(autouse=True)
def _processes(db):
    defaults.install(SalesProcess, Stage, StageCriterion, LossReason)


def plot(company):
    return [
        (sale.opened_at, sale.owner.user_id, sale.client.id, sale.amount, [(act.at, act.verb) for act in sale.acts])
        for sale in company.story().sales
    ]


def test_the_same_seed_tells_the_same_story():
    assert plot(DemoCompany("zh", 7, TODAY)) == plot(DemoCompany("zh", 7, TODAY))


def test_another_seed_tells_another_story():
    assert plot(DemoCompany("zh", 7, TODAY)) != plot(DemoCompany("zh", 8, TODAY))


def test_the_english_twin_is_the_same_company_in_english():
    chinese, english = DemoCompany("zh", 7, TODAY), DemoCompany("en", 7, TODAY)
    assert plot(chinese) == plot(english)
    for here, there in zip_longest(chinese.market.customers, english.market.customers):
        assert here["credit_code"] == there["credit_code"]
        assert any("\u4e00" <= character <= "\u9fff" for character in here["name"])
        assert not any("\u4e00" <= character <= "\u9fff" for character in there["name"] + there["short_name"])


def test_people_abroad_are_the_same_people_in_both_tellings():
    chinese, english = DemoCompany("zh", 7, TODAY).market, DemoCompany("en", 7, TODAY).market
    here, there = (
        {row["emails"][0].split("@")[0]: row["name"] for row in told.contacts} for told in (chinese, english)
    )
    assert here.keys() == there.keys()
    assert here["javier.garcia"] == "哈维尔·加西亚"
    assert there["javier.garcia"] == "Javier García"


def test_units_fit_any_number_in_both_tellings():
    units = [{product["unit"] for product in DemoCompany(locale, 7, TODAY).market.products} for locale in ("zh", "en")]
    assert units == [{"台", "套", "年", "项"}, {"ea.", "yr."}]


@pytest.mark.parametrize("today", [dt.date(2028, 2, 29), dt.date(2025, 1, 1), dt.date(2026, 12, 31)])
def test_it_can_end_on_any_day(today):
    sales = DemoCompany("zh", 7, today).story().sales
    assert 1_500 <= len(sales) <= 2_600
    assert max(sale.opened_at for sale in sales).date() < today
