"""Numbers, money, dates in the language and taste of the reader."""

from __future__ import annotations

import datetime as dt
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape
from typing import Any

from babel import Locale
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from loudou.core.days import written

use_wan: ContextVar[bool] = ContextVar("use_wan", default=False)
"""Whether the reader wants large amounts in 万 and 亿; the request middleware sets it."""

WAN, YI = Decimal(10_000), Decimal(100_000_000)


@lru_cache(maxsize=4)
def _locale(language: str) -> Locale:
    return Locale.parse("zh_Hans_CN" if language.startswith("zh") else "en")


def locale() -> Locale:
    """Babel's locale for the active language."""
    return _locale(get_language() or "en")


def money(amount: Decimal | int | None, currency: str, *, whole: bool | None = None) -> str:
    """Money such as CN¥1,234.50, or ¥123.5万 for readers who like that.

    Decimals are written where there is a fraction, so that ¥0 and ¥1,450 look alike; `whole` forces either way. None
    is ''.
    """
    if amount is None:
        return ""
    amount = Decimal(amount)
    if use_wan.get() and abs(amount) >= WAN:
        unit, sign = (YI, "亿") if abs(amount) >= YI else (WAN, "万")
        digits = (amount / unit).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        return (
            f"{get_currency_symbol(currency, locale())}{format_decimal(digits.normalize(), '#,##0.##', locale())}{sign}"
        )
    if whole is None:
        whole = amount == amount.to_integral_value()
    before, after, places = _money_frame(currency, locale())
    digits = amount.quantize(Decimal(1) if whole else Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{'-' if digits < 0 else ''}{before}{abs(digits):,f}{after}"


@lru_cache(maxsize=512)
def _money_frame(currency: str, locale: Locale) -> tuple[str, str, int]:
    """What stands before and after the digits, and how many decimals; both languages group thousands by commas."""
    zero = format_currency(Decimal(0), currency, locale=locale)
    first, last = zero.index("0"), zero.rindex("0") + 1
    _whole, _point, decimals = zero[first:last].partition(".")
    return zero[:first], zero[last:], len(decimals)


def number(value: Any) -> str:
    """A number with grouped thousands; None is ''."""
    return "" if value is None else _number(value, locale())


@lru_cache(maxsize=4096)
def _number(value: Any, locale: Locale) -> str:
    return str(format_decimal(value, locale=locale))


def percent(share: Any, digits: int = 0) -> str:
    """A share between 0 and 1 as per cent; None is ''."""
    return (
        "" if share is None else format_percent(share, "#,##0" + ("." + "0" * digits if digits else "") + "%", locale())
    )


def rate(share: Decimal | None) -> str:
    """A share that was agreed, as per cent with the decimals it has: 13%, 7.5%; None is ''."""
    return "" if share is None else percent(share, max(0, -int(share.normalize().as_tuple().exponent) - 2))


def date(value: dt.date | dt.datetime | None) -> str:
    """A day, as people of the language write it; None is ''."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date()
    return written(value)


def moment(value: dt.datetime | None) -> str:
    """A day and time in the active time zone; None is ''."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{date(local)} {local:%H:%M}"


def days(value: int | None) -> str:
    """A number of days with its unit."""
    return "" if value is None else ngettext("%(count)s day", "%(count)s days", value) % {"count": number(value)}


def relative_days(day: dt.date | None, *, today: dt.date) -> str:
    """How far a day lies from today: today, tomorrow, 3 days ago. None is ''."""
    if day is None:
        return ""
    if isinstance(day, dt.datetime):
        day = timezone.localtime(day).date()
    away = (day - today).days
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if away in near:
        return near[away]
    if away > 0:
        return ngettext("in %(count)s day", "in %(count)s days", away) % {"count": number(away)}
    return ngettext("%(count)s day ago", "%(count)s days ago", -away) % {"count": number(-away)}


def yes_no(value: Any) -> str:
    """Yes or no, in words."""
    return _("Yes") if value else _("No")


def time_tag(value: dt.date | dt.datetime, text: str) -> SafeString:
    """Wrap a written date in the element that machines and readers of screens understand."""
    return mark_safe(f'<time datetime="{value.isoformat()}">{escape(text)}</time>')  # noqa: S308 - escaped
