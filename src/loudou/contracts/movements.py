"""Rows of a bank's file as movements on our account: what makes one known again, and why a row cannot be one.

The look before a statement is read in and the reading itself ask the same functions.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from loudou.contracts.models import BankStatement, StatementLine
from loudou.contracts.services.ledger_drafts import BankRow
from loudou.core.bulk import clean_row
from loudou.core.money import round_money
from loudou.core.phrases import labelled

_SAID = frozenset({"booked_on", "amount", "reference"})


def lines_of(statement: BankStatement, rows: Sequence[BankRow]) -> list[StatementLine]:
    """Make the unsaved lines of a statement, amounts rounded to its currency.

    The same text of two rows means two movements: they are counted within the file.
    """
    seen: Counter[str] = Counter()
    lines = []
    for position, row in enumerate(rows, start=1):
        amount = round_money(row.amount, statement.currency)
        text = _text_of(row, amount)
        seen[text] += 1
        lines.append(
            StatementLine(
                statement=statement,
                account=statement.account,
                position=position,
                booked_on=row.booked_on,
                amount=amount,
                currency=statement.currency,
                payer=row.payer.strip()[:255],
                payer_account=row.payer_account.strip()[:100],
                remittance=row.remittance.strip()[:1000],
                reference=row.reference.strip(),
                identity=hashlib.sha256(f"{text}#{seen[text]}".encode()).hexdigest(),
            )
        )
    return lines


def trouble_of(line: StatementLine) -> str:
    """Why a line cannot be a movement; '' when it can. Cleans what its row says and `lines_of` did not cut to size."""
    if not line.amount:
        return _("A movement of nothing is no movement.")
    refusal = clean_row(line, only=_SAID)
    if refusal is None:
        return ""
    labels = {field.name: str(field.verbose_name) for field in line._meta.fields}
    return " ".join(labelled(labels.get(name, name), " ".join(words)) for name, words in refusal.errors.items())


def _text_of(row: BankRow, amount: Decimal) -> str:
    """What tells a movement from others: day and amount, with the bank's reference or else all that the row says.

    A reference alone does not: what banks print in that column is often a kind of voucher.
    """
    facts = [row.booked_on.isoformat(), f"{amount:f}"]
    if reference := row.reference.strip():
        return "|".join([*facts, reference])
    return "|".join([*facts, row.payer.strip(), row.payer_account.strip(), row.remittance.strip()])
