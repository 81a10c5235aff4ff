"""What a statement of account says, in one language: plain texts, ready to be laid out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from loudou.contracts.capital_amounts import capital_amount
from loudou.contracts.papers import FONTS, PAGE_WORDS, number_with_cents
from loudou.contracts.selectors.account import Account, Move
from loudou.contracts.wording import amount as money_text
from loudou.contracts.wording import day as day_text
from loudou.contracts.wording import short_day
from loudou.core.models import Company
from loudou.core.money import Money
from loudou.customers.models import Customer

MOVES: Mapping[Move, Promise] = {
    Move.INVOICE: gettext_lazy("Invoice"),
    Move.RED_INVOICE: gettext_lazy("Red invoice"),
    Move.RECEIPT: pgettext_lazy("statement of account", "Payment"),
    Move.RECEIPT_REVERSED: gettext_lazy("Payment reversed"),
    Move.REFUND: gettext_lazy("Refund"),
    Move.REFUND_REVERSED: gettext_lazy("Refund reversed"),
}


@dataclass(frozen=True, slots=True)
class AccountPaper:
    """Everything a statement of account says."""

    language: str
    fonts: str
    page_words: tuple[str, str, str]
    footer: str
    ours: str
    customer: str
    credit_code: str
    registration_number: str
    span: str
    made_on: str
    bank: str
    accounts: tuple[dict[str, Any], ...]


def account_paper(
    ours: Company, customer: Customer, accounts: Sequence[Account], *, since: dt.date, until: dt.date,
    today: dt.date, language: str,
) -> AccountPaper:  # fmt: skip
    """Put the accounts of a customer into words. No statement."""
    chinese = language.startswith("zh")
    with override(language):
        facts = {"since": day_text(since, language), "until": day_text(until, language)}
        bank = " ".join(part for part in (ours.bank_name, ours.bank_account) if part)
        return AccountPaper(
            language="zh-Hans" if chinese else "en",
            fonts=FONTS["zh" if chinese else "en"],
            page_words=PAGE_WORDS["zh" if chinese else "en"],
            footer=" · ".join((_("Statement of account"), customer.name)),
            ours=ours.name,
            customer=customer.name,
            credit_code=customer.credit_code,
            registration_number="" if customer.credit_code else customer.registration_number,
            span=_("%(since)s to %(until)s") % facts,
            made_on=day_text(today, language),
            bank=bank,
            accounts=tuple(_account(each, language) for each in accounts),
        )


def _account(account: Account, language: str) -> dict[str, Any]:
    currency, chinese = account.currency, language.startswith("zh")

    def cents(value: Decimal) -> str:
        return number_with_cents(value, currency)

    return {
        "currency": currency,
        "opening": cents(account.opening),
        "lines": [
            {
                "on": short_day(line.on, language),
                "what": str(MOVES[line.move]),
                "number": line.number,
                "contract": line.contract,
                "charge": cents(line.amount) if line.amount > 0 else "",
                "credit": cents(-line.amount) if line.amount < 0 else "",
                "balance": cents(line.balance),
            }
            for line in account.lines
        ],
        "charged": cents(account.charged),
        "credited": cents(account.credited),
        "closing": cents(account.closing),
        "sentence": _sentence(account, language),
        "in_words": capital_amount(Money(abs(account.closing), currency)) if chinese and account.closing else "",
        "due": [
            {
                "on": short_day(row.due_on, language),
                "contract": row.contract_number or row.contract_title,  # type: ignore[attr-defined]  # annotated
                "name": row.label,
                "amount": cents(row.open_amount),
            }
            for row in account.due
        ],
        "due_amount": cents(account.due_amount),
    }


def _sentence(account: Account, language: str) -> str:
    """Who owes whom at the end."""
    amount = money_text(Money(abs(account.closing), account.currency), language)
    if account.closing > 0:
        return _("In our favour: %(amount)s") % {"amount": amount}
    if account.closing < 0:
        return _("In your favour: %(amount)s") % {"amount": amount}
    return _("The account is settled.")
