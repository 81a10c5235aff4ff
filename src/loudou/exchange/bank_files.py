"""A bank's file of movements: its columns found by their headings in English and Chinese, its rows read.

Banks write either one signed amount or two columns, money in and money out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from loudou.contracts.services.ledger_drafts import BankRow
from loudou.core.refusals import BusinessRefusal
from loudou.exchange.choices import DateOrder
from loudou.exchange.reading import tables
from loudou.exchange.values.dates import read_date
from loudou.exchange.values.numbers import read_number
from loudou.exchange.values.texts import letters
from loudou.exchange.values.unreadable import Unreadable

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "booked_on": (
        "date", "booking date", "booked", "transaction date", "value date", "交易日期", "记账日期", "交易时间", "日期",
        "入账日期",
    ),
    "amount": ("amount", "transaction amount", "金额", "交易金额", "发生额"),
    "credit": ("credit", "money in", "credit amount", "deposit", "收入", "贷方发生额", "贷方金额", "收入金额", "存入"),
    "debit": ("debit", "money out", "debit amount", "withdrawal", "支出", "借方发生额", "借方金额", "支出金额", "取出"),
    "payer": (
        "payer", "counterparty", "counterparty name", "name", "对方户名", "对方名称", "付款人", "付款人名称",
        "对方单位",
    ),
    "payer_account": ("payer account", "counterparty account", "iban", "对方账号", "对方账户", "付款人账号"),
    "remittance": (
        "remittance", "remittance information", "description", "purpose", "details", "reference text", "memo",
        "摘要", "用途", "附言", "备注",
    ),
    "reference": (
        "reference", "bank reference", "transaction id", "serial number", "交易流水号", "流水号", "凭证号", "交易编号",
    ),
}  # fmt: skip
MOST_NAMED = 5


class BankColumnsMissing(BusinessRefusal):
    """The file has no column that says when, or how much."""

    code = "bank_columns_missing"
    message = _(
        "The file needs a column for the date and one for the amount (or money in and money out). Name them under "
        "“Columns of the file”. Columns found: %(columns)s."
    )
    status = 422


class BankHeadingUnknown(BusinessRefusal):
    """A heading was named by hand that the file does not have."""

    code = "bank_heading_unknown"
    message = _("The file has no column “%(heading)s”. Columns found: %(columns)s.")
    status = 422


class BankRowsUnreadable(BusinessRefusal):
    """Rows whose date or amount cannot be read; nothing was read in."""

    code = "bank_rows_unreadable"
    message = _("Nothing was read in: %(rows)s. Mend these rows and read the file in again.")
    status = 422


def read_bank_file(path: Path, *, name: str, headings: Mapping[str, str] | None = None) -> list[BankRow]:
    """Read all movements; `headings` names columns by hand (field -> heading), before what is found by itself.

    Raises what reading a file raises, BankHeadingUnknown, BankColumnsMissing, BankRowsUnreadable.
    """
    table = tables.inspect(path, name=name)
    headers = table.headers()
    columns = find_bank_columns(headers) | _named_columns(headers, headings or {})
    if "booked_on" not in columns or not {"amount", "credit"} & set(columns):
        raise BankColumnsMissing(columns=", ".join(headers) or "–")
    rows: list[BankRow] = []
    bad: list[str] = []
    for line in table.rows():
        cells = {field: line.cells[at].strip() if at < len(line.cells) else "" for field, at in columns.items()}
        if not any(cells.values()):
            continue
        try:
            rows.append(_row(cells))
        except Unreadable as reason:
            bad.append(_("row %(number)s (%(reason)s)") % {"number": line.number, "reason": reason})
    if bad:
        shown = bad[:MOST_NAMED]
        more = [_("and %(count)s more") % {"count": len(bad) - MOST_NAMED}] if len(bad) > MOST_NAMED else []
        raise BankRowsUnreadable(rows="; ".join([*shown, *more]))
    return rows


def find_bank_columns(headers: Sequence[str]) -> dict[str, int]:
    """Field -> column by the headings; the first column wins."""
    known = {letters(word): field for field, words in HEADINGS.items() for word in words}
    found: dict[str, int] = {}
    for column, header in enumerate(headers):
        field = known.get(letters(header))
        if field is not None:
            found.setdefault(field, column)
    return found


def _named_columns(headers: Sequence[str], headings: Mapping[str, str]) -> dict[str, int]:
    places = {letters(header): column for column, header in reversed(list(enumerate(headers)))}
    named = {}
    for field, heading in headings.items():
        if letters(heading) not in places:
            raise BankHeadingUnknown(heading=heading, columns=", ".join(headers) or "–")
        named[field] = places[letters(heading)]
    return named


def _row(cells: Mapping[str, str]) -> BankRow:
    return BankRow(
        booked_on=read_date(cells["booked_on"].split(" ")[0], DateOrder.YMD),
        amount=_amount(cells),
        payer=cells.get("payer", ""),
        payer_account=cells.get("payer_account", ""),
        remittance=cells.get("remittance", ""),
        reference=cells.get("reference", ""),
    )


def _amount(cells: Mapping[str, str]) -> Decimal:
    """The signed amount, or money in less money out."""
    if cells.get("amount"):
        return read_number(cells["amount"])
    came, went = (read_number(cells[side]) if cells.get(side) else Decimal(0) for side in ("credit", "debit"))
    return came - abs(went)
