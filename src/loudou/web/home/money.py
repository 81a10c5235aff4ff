"""The start page of whoever works with money: what is overdue, what is not allocated, what to invoice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.contracts.models import Contract, Instalment, Receipt
from loudou.contracts.selectors import duties
from loudou.core.actors import Actor

MANY, FEW = 12, 4


@dataclass(frozen=True, slots=True)
class MoneyTile:
    """A number of the start page: a field of `MoneyCounts`, the list that shows its rows, and its filters."""

    name: str
    label: str | Promise
    url_name: str
    query: str
    icon: str
    formula: str | Promise
    warns: bool = False

    def address(self, today: dt.date) -> str:
        """Where exactly its rows are shown."""
        return f"{reverse(self.url_name)}?{self.query.format(today=today, soon=today + duties.SOON)}"


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One thing to do: what, whose, when it was or is due, how much, and where to do it."""

    what: str
    whose: str
    on: dt.date | None
    amount: Decimal
    currency: str
    url: str


@dataclass(frozen=True, slots=True)
class MoneySection:
    """Things to do of one kind, with the address of all of them and what to say when there are none."""

    label: str | Promise
    rows: Sequence[MoneyRow]
    url: str
    nothing: str | Promise


TILES = (
    MoneyTile(
        "overdue", _("Overdue"), "ledger:instalment_list", "overdue=true", "clock-exclamation",
        _("Instalments that are not paid in full and were due before today."), warns=True,
    ),
    MoneyTile(
        "due_soon", _("Due within a week"), "ledger:instalment_list", "due_from={today}&due_until={soon}",
        "calendar-week", _("Instalments that are not paid in full and fall due from today on, within seven days."),
    ),
    MoneyTile(
        "unallocated", _("Money not allocated"), "ledger:receipt_list", "with_advance=true", "calendar-question",
        _("Receipts of which something is put on no instalment and was not paid back."), warns=True,
    ),
    MoneyTile(
        "bills_due", _("Bills that mature"), "ledger:receipt_list", "matures_until={soon}", "calendar-event",
        _("Bills of exchange that mature within seven days, or should have, and are not money yet."),
    ),
    MoneyTile(
        "to_invoice", _("To invoice"), "contracts:list", "to_invoice=true", "file-text",
        _("Contracts of which more is delivered than invoiced."), warns=True,
    ),
)  # fmt: skip


def money_facts(user: Actor, *, today: dt.date) -> dict[str, Any]:
    """Everything that the start page shows of money; seven statements."""
    counts = duties.money_counts(user, today=today)
    address = {tile.name: tile.address(today) for tile in TILES}
    overdue = duties.longest_overdue(user, today=today, most=MANY)
    return {
        "tiles": [(tile, getattr(counts, tile.name), address[tile.name]) for tile in TILES],
        "overdue": [_of_instalment(row) for row in overdue],
        "overdue_url": address["overdue"],
        "money_sections": (
            MoneySection(
                _("Money not allocated"),
                [_of_receipt(row, row.received_on) for row in duties.oldest_advances(user, most=FEW)],
                address["unallocated"],
                _("All money is put on instalments."),
            ),
            MoneySection(
                _("To invoice"),
                [_of_contract(row) for row in duties.longest_not_invoiced(user, most=FEW)],
                address["to_invoice"],
                _("Everything that is delivered is invoiced."),
            ),
            MoneySection(
                _("Bills that mature"),
                [_of_receipt(row, row.matures_on) for row in duties.next_bills(user, today=today, most=FEW)],
                address["bills_due"],
                _("No bill of exchange matures within a week."),
            ),
        ),
    }


def _of_instalment(row: Instalment) -> MoneyRow:
    what = f"{row.contract.number} · {row.label}"
    url = reverse("contracts:contract", args=[row.contract_id])
    return MoneyRow(what, str(row.customer), row.due_on, row.open_amount, row.currency, url)


def _of_receipt(row: Receipt, on: dt.date | None) -> MoneyRow:
    amount = row.available if row.is_cash else row.amount
    return MoneyRow(row.number, str(row.customer), on, amount, row.currency, reverse("ledger:receipt", args=[row.pk]))


def _of_contract(row: Contract) -> MoneyRow:
    url = reverse("contracts:contract", args=[row.pk])
    return MoneyRow(str(row), str(row.customer), row.delivered_on, row.amount, row.currency, url)
