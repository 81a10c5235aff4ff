"""Amounts in the Chinese capital numerals that contracts and cheques are written in: 人民币壹仟壹佰叁拾元整."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import get_currency_name

from loudou.core.money import Money

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_PARTS = "角分厘"


def capital_amount(money: Money) -> str:
    """Write an amount, rounded to its currency's smallest unit, in capital numerals with the currency's name.

    As the rules for payment documents ask: zeros between figures are written once, zeros at the end are not; what ends
    with yuan or jiao closes with 整. A negative amount begins with 负.
    """
    rounded = money.rounded().amount
    whole, parts = divmod(abs(rounded), 1)
    sign = "负" if rounded < 0 else ""
    name = get_currency_name(money.currency, locale="zh_Hans")
    return f"{name}{sign}{_join(int(whole), _fraction(parts))}"


def _join(whole: int, fraction: str) -> str:
    if not fraction:
        return f"{_integer(whole) or _DIGITS[0]}元整"
    ending = fraction if fraction[-1] in "分厘" else f"{fraction}整"
    if not whole:
        return ending.lstrip(_DIGITS[0])
    return f"{_integer(whole)}元{ending}"


def _fraction(parts: Decimal) -> str:
    """Jiao, fen and li; a zero before the first of them is written, those after the last are not."""
    digits = f"{parts:f}".partition(".")[2].rstrip("0")
    written = ""
    for digit, unit in zip(digits, _PARTS, strict=False):
        if digit != "0":
            written += _DIGITS[int(digit)] + unit
        elif not written.endswith(_DIGITS[0]):
            written += _DIGITS[0]
    return written


def _integer(number: int) -> str:
    """The whole part in groups of four figures; empty for zero."""
    written, zero = "", False
    for place, digit in zip(range(len(str(number)) - 1, -1, -1), str(number), strict=True):
        if digit != "0":
            written += (_DIGITS[0] if zero and written else "") + _DIGITS[int(digit)] + _PLACES[place % 4]
            zero = False
        else:
            zero = True
        if place % 4 == 0 and number // 10**place % 10**4:
            written += _group(number, place // 4)
    return written


def _group(number: int, group: int) -> str:
    """The unit of a group of four figures; ten thousand times a hundred million names the 亿 once, at its end."""
    if group == 3:  # noqa: PLR2004 - the fourth group, the last that an amount can have
        return "万" if number // 10**8 % 10**4 else "万亿"
    return ("", "万", "亿")[group]
