"""Cells as people of both languages write them."""

import datetime as dt
from decimal import Decimal

import pytest

from loudou.exchange.choices import DateOrder, DecimalMark
from loudou.exchange.values.dates import read_date, read_moment
from loudou.exchange.values.numbers import read_currency, read_integer, read_money, read_share
from loudou.exchange.values.texts import closest, read_list, read_truth, same
from loudou.exchange.values.unreadable import Unreadable


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", dt.date(2026, 3, 1)),
        ("2026/3/1", dt.date(2026, 3, 1)),
        ("2026年3月1日", dt.date(2026, 3, 1)),
        ("２０２６-03-01", dt.date(2026, 3, 1)),
        ("20260301", dt.date(2026, 3, 1)),
        ("10/20/2022", dt.date(2022, 10, 20)),
        ("45000", dt.date(2023, 3, 15)),
        ("1 Mar 2026", dt.date(2026, 3, 1)),
        ("Mar 1, 2026", dt.date(2026, 3, 1)),
        ("2020-12-30 3:15:52", dt.date(2020, 12, 30)),
        ("2026-03-01T23:30:00Z", dt.date(2026, 3, 2)),
        ("201809231225", dt.date(2018, 9, 23)),
        ("1/2/70", dt.date(1970, 1, 2)),
        ("1/2/26", dt.date(2026, 1, 2)),
    ],
)
def test_dates_are_read_as_written(text, day):
    assert read_date(text, DateOrder.MDY, "Asia/Shanghai") == day


def test_the_order_of_day_and_month_is_what_was_chosen():
    assert read_date("03/04/2026", DateOrder.MDY) == dt.date(2026, 3, 4)
    assert read_date("03/04/2026", DateOrder.DMY) == dt.date(2026, 4, 3)


@pytest.mark.parametrize("text", ["2026-13-01", "30/02/2026", "soon", "99", "0000-00-00", "31.12.26"])
def test_what_is_no_date_says_so(text):
    with pytest.raises(Unreadable, match="is not a date"):
        read_date(text, DateOrder.MDY)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1,234.56", "1234.56", ""),
        ("￥1,200", "1200", ""),
        ("US$ 3.5M", "3500000", "USD"),
        ("1.5万", "15000", ""),
        ("12万元", "120000", ""),
        ("2亿", "200000000", ""),
        ("（500）", "-500", ""),
        ("CNY 500", "500", "CNY"),
        ("500 EUR", "500", "EUR"),
        ("１２３", "123", ""),
        ("1 234,50", "1234.50", ""),
    ],
)
def test_amounts_are_read_with_their_currency(text, amount, currency):
    mark = DecimalMark.COMMA if text == "1 234,50" else DecimalMark.POINT
    assert read_money(text, mark) == (Decimal(amount), currency)


@pytest.mark.parametrize("text", ["abc", "1,23", "12%", "", "--", "1.2.3", "9" * 80, "NaN", "Infinity"])
def test_what_is_no_number_says_so(text):
    with pytest.raises(Unreadable, match="is not a number"):
        read_money(text)


def test_shares_are_shares():
    assert read_share("30%") == read_share("0.3") == read_share("30") == Decimal("0.3")
    with pytest.raises(Unreadable):
        read_share("1000")


def test_whole_numbers_and_currencies():
    assert read_integer("1,200") == 1200
    assert read_currency("人民币") == read_currency("cny") == "CNY"
    for reader, text in ((read_integer, "1.5"), (read_currency, "XXQ")):
        with pytest.raises(Unreadable):
            reader(text)


def test_truths_in_both_languages():
    assert read_truth("是") and read_truth("Yes") and read_truth("1")
    assert not read_truth("否") and not read_truth("FALSE")
    with pytest.raises(Unreadable):
        read_truth("perhaps")


def test_lists_lose_blanks_and_repetitions():
    assert read_list("a; b、 c，a\nd") == ["a", "b", "c", "d"]


def test_names_are_the_same_whatever_their_width_case_and_blanks():
    assert same("  Darcel   Schlecht ") == same("darcel schlecht")
    assert same("华信（苏州）") == same("华信(苏州)")


def test_what_resembles_is_suggested_and_what_does_not_is_not():
    assert closest("GTXPro", ["GTX Pro", "GTX Plus Pro", "MG Special"]) == "GTX Pro"
    assert closest("Something else", ["GTX Pro"]) is None


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-03-31T20:00:00Z", "", "2026-04-01"),
        ("2026-03-31 20:00", "", "2026-03-31"),
        ("2026-03-31 20:00", "America/New_York", "2026-04-01"),
        ("2026-03-31 00:00:00", "America/New_York", "2026-03-31"),
        ("1774987200000", "", "2026-04-01"),
    ],
)
def test_a_time_of_another_zone_may_lie_on_another_day(text, zone, day):
    assert read_date(text, "ymd", "Asia/Shanghai", zone).isoformat() == day


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-31 09:30", "2026-03-31T01:30:00+00:00"),
        ("2026-03-31", "2026-03-31T04:00:00+00:00"),
        ("2026-03-31T09:30:00+01:00", "2026-03-31T08:30:00+00:00"),
        ("2019-10-22 19:17:37.819", "2019-10-22T11:17:37+00:00"),
        ("1571771857819", "2019-10-22T19:17:37+00:00"),
    ],
)
def test_instants(text, instant):
    assert read_moment(text, "ymd", "Asia/Shanghai").astimezone(dt.UTC).isoformat() == instant
