"""Where the columns of a bank's file can go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from loudou.exchange.targets.synonyms import propose_columns
from loudou.exchange.targets.target import Target, ValueType

V = ValueType
ROWS = "bank_lines"
"""Section of the synonyms."""

BANK_TARGETS: tuple[Target, ...] = (
    Target("booked_on", _("Date"), V.DATE),
    Target("amount", _("Amount"), V.MONEY),
    Target("credit", _("Money in"), V.MONEY),
    Target("debit", _("Money out"), V.MONEY),
    Target("direction", _("In or out, of the amount beside it"), V.CHOICE),
    Target("payer", _("Payer"), length=255),
    Target("payer_account", _("Payer's account"), length=100),
    Target("remittance", _("Remittance text"), V.LIST),
    Target("reference", _("Bank reference"), length=100),
    Target("currency", _("Currency"), V.CURRENCY),
)
MANY = frozenset(target.code for target in BANK_TARGETS if target.takes_many)
CODES = frozenset(target.code for target in BANK_TARGETS)
FEWEST = 2
"""Known headings that make a row the heading of a table."""

IN = frozenset({"贷", "贷方", "贷方发生", "收", "收入", "转入", "来账", "入账", "c", "cr", "credit", "in", "crdt", "+"})
OUT = frozenset({"借", "借方", "借方发生", "支", "支出", "付", "转出", "往账", "d", "dr", "debit", "out", "dbit", "-"})
"""Words of banks for money that came and money that went, as `same` writes them."""


def propose_bank_columns(headers: Sequence[str]) -> dict[int, str]:
    """Column -> target by headings that are known in English and Chinese."""
    return propose_columns(ROWS, BANK_TARGETS, headers)


def lacks(codes: Iterable[str]) -> bool:
    """Whether these targets do not say when, or how much."""
    chosen = set(codes)
    return "booked_on" not in chosen or not chosen & {"amount", "credit", "debit"}


def label_of(code: str) -> str:
    """What people call a target."""
    return str(next(target.label for target in BANK_TARGETS if target.code == code))
