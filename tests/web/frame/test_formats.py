"""How money is written: the same for every amount, in both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from loudou.web.frame import formats


@pytest.mark.parametrize(
    ("amount", "currency", "english", "chinese"),
    [
        ("0", "CNY", "CN¥0", "¥0"),
        ("0.0000", "CNY", "CN¥0", "¥0"),
        ("450", "CNY", "CN¥450", "¥450"),
        ("423600.00", "CNY", "CN¥423,600", "¥423,600"),
        ("0.5", "CNY", "CN¥0.50", "¥0.50"),
        ("-12", "USD", "-$12", "-US$12"),
        ("138758.2", "USD", "$138,758.20", "US$138,758.20"),
        ("1200", "JPY", "¥1,200", "JP¥1,200"),
    ],
)
def test_decimals_are_written_where_there_is_a_fraction(amount: str, currency: str, english: str, chinese: str) -> None:
    for language, written in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            assert formats.money(Decimal(amount), currency) == written
