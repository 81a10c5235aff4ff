"""What a contract's paper says, in one language: plain texts, ready to be laid out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from loudou.contracts.capital_amounts import capital_amount
from loudou.contracts.choices import ContractKind, DueBasis, PlanState, VersionState
from loudou.contracts.due_words import due_words
from loudou.contracts.models import ContractVersion, Instalment, LineTerms, PaymentPlan
from loudou.contracts.selectors.clauses import written_clauses
from loudou.contracts.services.plan_drafting import lines_for_another_total, make_instalments, new_plan
from loudou.contracts.wording import amount as money_text
from loudou.contracts.wording import day, number, share
from loudou.core.money import Money

FONTS = {
    "zh": '"Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun", "Noto Sans CJK SC", serif',
    "en": '"Noto Serif", "Liberation Serif", "DejaVu Serif", "Noto Serif CJK SC", serif',
}
PAGE_WORDS = {"zh": ("第 ", " 页，共 ", " 页"), "en": ("Page ", " of ", "")}
"""What stands before, between and after the page and the number of pages."""
TENTH = Decimal("0.001")
"""Shares are written when they are round per cents; a third of a total is told by its amount."""
_CHINESE_FIGURES = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two parties as the head of the paper shows it."""

    side: str
    name: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything a contract's paper says."""

    language: str
    fonts: str
    heading: str
    title: str
    number: str
    status: str
    signed: str
    amends: str
    footer: str
    page_words: tuple[str, str, str]
    parties: tuple[Side, Side]
    price_label: str
    has_discounts: bool
    lines_heading: str
    lines: tuple[dict[str, str], ...]
    net: str
    tax: str
    amount: str
    in_words: str
    clauses: tuple[dict[str, str], ...]
    plan: tuple[dict[str, str], ...]
    has_shares: bool


def paper_of(version: ContractVersion, language: str) -> Paper:
    """Put a version of a contract into words. A handful of statements, whatever its length."""
    with override(language):
        return _paper(version, language)


def _paper(version: ContractVersion, language: str) -> Paper:
    contract, chinese = version.contract, language.startswith("zh")
    terms = list(version.terms.all())
    clauses = written_clauses(version, language)  # names the parties of a draft as well
    parties: dict[str, dict[str, Any]] = version.parties or {}
    plan = tuple(_part(row, language) for row in instalments_of(version))
    sells_services = contract.kind == ContractKind.SERVICES

    def money(value: Decimal) -> str:
        return money_text(Money(value, contract.currency), language)

    return Paper(
        language="zh-Hans" if chinese else "en",
        fonts=FONTS["zh" if chinese else "en"],
        heading=str(contract.get_kind_display()),
        title=contract.title,
        number=contract.number,
        status="" if version.state in {VersionState.IN_FORCE, VersionState.SUPERSEDED} else _status(version),
        signed=_("signed on %(day)s") % {"day": day(version.in_force_on, language)} if version.in_force_on else "",
        amends=_amends(version, language) if version.is_amendment else "",
        footer=" · ".join(part for part in (contract.number, contract.title) if part),
        page_words=PAGE_WORDS["zh" if chinese else "en"],
        parties=(
            _side(pgettext("party to a contract", "Supplier"), parties.get("seller", {})),
            _side(pgettext("party to a contract", "Customer"), parties.get("buyer", {})),
        ),
        price_label=_("Price with tax") if contract.tax_included else _("Price without tax"),
        has_discounts=any(row.discount_rate for row in terms),
        lines_heading=_("Services") if sells_services else _("Goods and services"),
        lines=tuple(_line(row, language, contract.currency, is_service=sells_services) for row in terms),
        net=money(version.net_amount),
        tax=money(version.tax_amount),
        amount=money(version.amount),
        in_words=capital_amount(Money(version.amount, contract.currency)) if chinese else "",
        clauses=tuple(
            {"number": _clause_number(place, chinese=chinese), "heading": clause.heading, "text": clause.wording.text}
            for place, clause in enumerate(clauses, start=1)
        ),
        plan=plan,
        has_shares=any(part["share"] for part in plan),
    )


def _amends(version: ContractVersion, language: str) -> str:
    facts = {"sequence": version.sequence, "day": day(version.contract.signed_on, language)}
    return _("Version %(sequence)s, amending what was signed on %(day)s") % facts


def _status(version: ContractVersion) -> str:
    return _("%(state)s, not signed") % {"state": version.get_state_display()}


def _side(label: str, facts: dict[str, Any]) -> Side:
    labels = (
        ("credit_code", _("Credit code")), ("registration_number", _("Registration number")),
        ("address", _("Address")), ("phone", _("Phone")),
        ("representative", _("Represented by")), ("bank_name", _("Bank")), ("bank_account", _("Account")),
    )  # fmt: skip
    shown = tuple((text, str(facts[name])) for name, text in labels if facts.get(name))
    return Side(label, str(facts.get("name", "")), shown)


def _line(row: LineTerms, language: str, currency: str, *, is_service: bool) -> dict[str, str]:

    def money(value: Decimal) -> str:
        return number_with_cents(value, currency)

    details = [row.specification]
    if row.due_on:
        due = _("to be completed by %(day)s") if is_service else _("delivery due %(day)s")
        details.append(due % {"day": day(row.due_on, language)})
    return {
        "position": str(row.position),
        "description": row.description,
        "details": " · ".join(part for part in details if part),
        "quantity": number(row.quantity, language),
        "unit": row.unit,
        "price": money(row.unit_price),
        "discount": share(row.discount_rate, language) if row.discount_rate else "",
        "net": money(row.net_amount),
        "tax": money(row.tax_amount),
        "tax_rate": share(row.tax_rate, language),
        "amount": money(row.amount),
    }


def number_with_cents(value: Decimal, currency: str) -> str:
    """An amount without its currency, with the currency's decimals and more only where a price has them."""
    exact = Money(value, currency).rounded().amount
    shown = exact if exact == value else value.normalize()
    digits = max(0, -int(shown.as_tuple().exponent))
    return f"{shown:,.{digits}f}"


def _clause_number(place: int, *, chinese: bool) -> str:
    if not chinese:
        return f"{place}."
    tens, ones = divmod(place, 10)
    written = ("" if tens < 2 else _CHINESE_FIGURES[tens]) + ("十" if tens else "")  # noqa: PLR2004
    return f"第{written}{_CHINESE_FIGURES[ones] if ones or not tens else ''}条"


def instalments_of(version: ContractVersion) -> list[Instalment]:
    """The payment plan that a version goes with: its own, or the one before it, in proportion to the new total."""
    plans = PaymentPlan.objects.filter(contract_id=version.contract_id).order_by("pk")
    own = plans.filter(contract_version=version)
    plan = own.exclude(state=PlanState.REPLACED).last() or own.last()
    if plan is not None:
        return list(plan.instalments.order_by("position"))
    plan = plans.filter(contract_version__sequence__lt=version.sequence).last()
    if plan is None or plan.total == version.amount:
        return list(plan.instalments.order_by("position")) if plan else []
    contract = version.contract
    return make_instalments(new_plan(contract, version, version.amount), lines_for_another_total(plan))


def _part(row: Instalment, language: str) -> dict[str, str]:
    return {
        "position": str(row.position),
        "name": row.label,
        "share": share(row.share, language) if row.share is not None and row.share == row.share.quantize(TENTH) else "",
        "due": day(row.fixed_on, language) if row.basis == DueBasis.DATE else due_words(row),
        "amount": money_text(Money(row.amount, row.currency), language),
    }
