"""The words of a contract: names in curly braces in its clauses stand for facts of the contract.

A clause may say "delivered by {performance_until} to {performance_place}". What is not known yet is left as a blank to
be filled in by hand; a main clause with such a blank counts as missing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.contracts.capital_amounts import capital_amount
from loudou.contracts.models import ContractVersion
from loudou.core.money import Money

BLANK = "＿＿＿＿"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}


def locale_of(language: str) -> str:
    """Return the locale that documents in a language are written in."""
    return _LOCALES["zh" if language.startswith("zh") else "en"]


def day(on: dt.date | None, language: str) -> str:
    """Write a day out: 15 June 2026, 2026年6月15日; nothing when there is none."""
    return format_date(on, "long", locale=locale_of(language)) if on else ""


def short_day(on: dt.date | None, language: str) -> str:
    """Write a day short, for columns: 15 Jun 2026, 2026-06-15; nothing when there is none."""
    pattern = "yyyy-MM-dd" if language.startswith("zh") else "d MMM yyyy"
    return format_date(on, pattern, locale=locale_of(language)) if on else ""


def amount(money: Money, language: str) -> str:
    """Write an amount with its currency's sign, as many decimals as the currency has."""
    return format_currency(money.amount, money.currency, locale=locale_of(language))


def share(value: Decimal, language: str) -> str:
    """Write a share as per cent, with the decimals it needs: 13%, 0.05%."""
    digits = max(0, -int(value.normalize().as_tuple().exponent) - 2)
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return format_percent(value, pattern, locale=locale_of(language))


def number(value: Decimal | int, language: str) -> str:
    """Write a number with the decimals it has."""
    return format_decimal(value, "#,##0.######", locale=locale_of(language))


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A name that clauses may use: what it stands for, and how to read it ('' where it is not known)."""

    label: Promise
    read: Callable[[ContractVersion, str], str]


def _total(version: ContractVersion) -> Money:
    return Money(version.amount, version.contract.currency)


def _party(side: str) -> Callable[[ContractVersion, str], str]:
    return lambda version, language: str((version.parties or {}).get(side, {}).get("name", ""))


def _text(name: str) -> Callable[[ContractVersion, str], str]:
    return lambda version, language: str(getattr(version, name))


def _day(name: str) -> Callable[[ContractVersion, str], str]:
    return lambda version, language: day(getattr(version, name), language)


def _number(name: str) -> Callable[[ContractVersion, str], str]:
    def read(version: ContractVersion, language: str) -> str:
        value = getattr(version, name)
        return "" if value is None else number(value, language)

    return read


PLACEHOLDERS: Mapping[str, Placeholder] = {
    "seller": Placeholder(_("our company's name"), _party("seller")),
    "buyer": Placeholder(_("the customer's name"), _party("buyer")),
    "title": Placeholder(_("title of the contract"), lambda version, language: version.contract.title),
    "number": Placeholder(_("contract number"), lambda version, language: version.contract.number),
    "customer_reference": Placeholder(
        _("customer's order number"), lambda version, language: version.contract.customer_reference
    ),
    "amount": Placeholder(_("amount"), lambda version, language: amount(_total(version), language)),
    "amount_in_words": Placeholder(
        _("amount in capital numerals"), lambda version, language: capital_amount(_total(version))
    ),
    "net_amount": Placeholder(
        _("amount without tax"),
        lambda version, language: amount(Money(version.net_amount, version.contract.currency), language),
    ),
    "tax_amount": Placeholder(
        _("tax"), lambda version, language: amount(Money(version.tax_amount, version.contract.currency), language)
    ),
    "performance_from": Placeholder(_("performance from"), _day("performance_from")),
    "performance_until": Placeholder(_("performance until"), _day("performance_until")),
    "performance_place": Placeholder(_("place of performance"), _text("performance_place")),
    "performance_manner": Placeholder(_("manner of performance"), _text("performance_manner")),
    "quality_standard": Placeholder(_("quality standard"), _text("quality_standard")),
    "acceptance_days": Placeholder(_("days for acceptance"), _number("acceptance_days")),
    "warranty_months": Placeholder(_("months of warranty"), _number("warranty_months")),
    "penalty_rate": Placeholder(
        _("penalty for each day of delay"),
        lambda version, language: "" if version.penalty_rate is None else share(version.penalty_rate, language),
    ),
    "dispute_venue": Placeholder(_("court or arbitration body"), _text("dispute_venue")),
    "effective_on": Placeholder(_("in effect from"), _day("effective_on")),
    "expires_on": Placeholder(_("expires"), _day("expires_on")),
}
"""Every name that a clause may use. `version.parties` must be there: see `selectors.parties`."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text with its facts filled in, and the names of those that are not known (left as blanks)."""

    text: str
    unknown: tuple[str, ...] = ()


def fill(text: str, version: ContractVersion, language: str) -> Wording:
    """Put the facts of a version into a text."""
    unknown: list[str] = []

    def replace(found: re.Match[str]) -> str:
        name = found[1]
        value = PLACEHOLDERS[name].read(version, language) if name in PLACEHOLDERS else ""
        if not value and name not in unknown:
            unknown.append(name)
        return value or BLANK

    return Wording(_PLACEHOLDER.sub(replace, text), tuple(unknown))


def unknown_names(text: str) -> list[str]:
    """Names in curly braces that stand for nothing, in order."""
    return [name for name in dict.fromkeys(_PLACEHOLDER.findall(text)) if name not in PLACEHOLDERS]
