"""Numbers as people write them: thousands, currency signs, 万 and 亿, full width, per cent, brackets for minus."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from loudou.core.money import currency_codes
from loudou.exchange.choices import DecimalMark
from loudou.exchange.values.unreadable import Unreadable

SIGNS = {
    "US$": "USD", "HK$": "HKD", "NT$": "TWD", "A$": "AUD", "S$": "SGD", "€": "EUR", "£": "GBP", "₩": "KRW",
    "₹": "INR", "₽": "RUB", "₫": "VND", "RMB": "CNY", "人民币": "CNY", "美元": "USD", "欧元": "EUR", "港币": "HKD",
    "港元": "HKD", "日元": "JPY", "英镑": "GBP",
}  # fmt: skip
"""Signs that name one currency; the bare ¥ and $ do not, so they are read as the import's own currency."""

UNITS = {
    "亿元": 10**8, "万元": 10**4, "千元": 1000, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万": 10**4, "億": 10**8,
    "萬": 10**4, "千": 1000, "元": 1, "bn": 10**9, "mio": 10**6, "m": 10**6, "k": 1000, "b": 10**9,
}  # fmt: skip
_BARE_SIGNS = re.compile(r"[¥￥$]")
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_LONGEST = 60


def read_number(text: str, mark: str = DecimalMark.POINT) -> Decimal:
    """Read a number. Raises Unreadable."""
    return read_money(text, mark)[0]


def read_money(text: str, mark: str = DecimalMark.POINT) -> tuple[Decimal, str]:
    """Read an amount, and the currency when the cell names one ('' otherwise). Raises Unreadable."""
    if _PLAIN.fullmatch(text) and mark == DecimalMark.POINT and len(text) <= _LONGEST:
        return Decimal(text), ""
    rest = unicodedata.normalize("NFKC", text).strip()
    if not rest or len(rest) > _LONGEST:
        raise _unreadable(text)
    negative = rest.startswith("(") and rest.endswith(")")
    rest = rest.strip("()")
    rest, currency = _take_currency(rest)
    rest, factor = _take_unit(rest)
    digits = rest.replace(" ", "").replace("\u00a0", "").replace("'", "").replace("’", "")
    digits = digits.replace(".", "").replace(",", ".") if mark == DecimalMark.COMMA else _without_thousands(digits)
    if not _PLAIN.fullmatch(digits):
        raise _unreadable(text)
    try:
        value = Decimal(digits) * factor
    except InvalidOperation as error:
        raise _unreadable(text) from error
    return (-value if negative else value), currency


def read_share(text: str, mark: str = DecimalMark.POINT) -> Decimal:
    """Read a share: 0.3, 30% and 30 are the same. Raises Unreadable."""
    plain = unicodedata.normalize("NFKC", text).strip()
    percent = plain.endswith("%")
    value = read_number(plain.rstrip("%"), mark)
    share = value / 100 if percent or value > 1 else value
    if not 0 <= share <= 1:
        raise Unreadable(_("“%(text)s” is not a share between 0 and 100 %%.") % {"text": text[:60]})
    return share


def read_integer(text: str, mark: str = DecimalMark.POINT) -> int:
    """Read a whole number. Raises Unreadable."""
    value = read_number(text, mark)
    if value != value.to_integral():
        raise Unreadable(_("“%(text)s” is not a whole number.") % {"text": text[:60]})
    return int(value)


def read_currency(text: str) -> str:
    """Read a currency: its code, its sign or its Chinese name. Raises Unreadable."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    code = SIGNS.get(plain, plain)
    if code not in currency_codes():
        raise Unreadable(
            _("“%(text)s” is not a currency. Use three letters, such as CNY, USD or EUR.") % {"text": text[:60]}
        )
    return code


def _take_currency(text: str) -> tuple[str, str]:
    upper = text.upper()
    for sign, code in SIGNS.items():
        if sign in upper:
            at = upper.index(sign)
            return (text[:at] + text[at + len(sign) :]).strip(), code
    for part in (upper[:3], upper[-3:]):
        if part in currency_codes():
            return (text[3:] if upper.startswith(part) else text[:-3]).strip(), part
    return _BARE_SIGNS.sub("", text).strip(), ""


def _take_unit(text: str) -> tuple[str, int]:
    lowered = text.lower()
    for unit, factor in UNITS.items():
        if lowered.endswith(unit):
            return text[: -len(unit)].strip(), factor
    return text, 1


def _without_thousands(digits: str) -> str:
    """Drop commas before groups of three (or four, as some Chinese tables have them); others stay, and fail."""
    return digits.replace(",", "") if re.fullmatch(r"[+-]?\d{1,4}(,\d{3,4})+(\.\d+)?", digits) else digits


def _unreadable(text: str) -> Unreadable:
    return Unreadable(_("“%(text)s” is not a number.") % {"text": text[:60]})
