"""Days are written one way in columns, sentences and templates."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template
from django.utils.translation import override

from loudou.core.days import written
from loudou.core.errors import ExchangeRateMissing
from loudou.customers.phases import Reason
from loudou.web.frame import formats

DAY = dt.date(2026, 1, 7)


@pytest.mark.parametrize(("language", "text"), [("en", "7 Jan 2026"), ("zh-hans", "2026-01-07")])
def test_columns_sentences_and_templates_write_a_day_alike(language, text):
    with override(language):
        assert written(DAY) == text
        assert formats.date(DAY) == text
        assert Template("{{ day }}").render(Context({"day": DAY})) == text
        assert text in str(ExchangeRateMissing(currency="USD", on=DAY))
        assert (
            str(Reason("since", "since %(day)s, %(count)s", facts=(("day", DAY), ("count", 3)))) == f"since {text}, 3"
        )


def test_a_refusal_keeps_the_day_itself_until_somebody_reads_it():
    refusal = ExchangeRateMissing(currency="USD", on=DAY)
    assert refusal.facts["on"] == DAY
    with override("en"):
        english = str(refusal)
    with override("zh-hans"):
        assert str(refusal) != english


@pytest.mark.parametrize(("language", "text"), [("en", "Wednesday, 7 Jan 2026"), ("zh-hans", "2026-01-07 星期三")])
def test_today_is_said_with_its_weekday(language, text):
    with override(language):
        assert Template("{% load loudou %}{% today_in_words day %}").render(Context({"day": DAY})) == text
