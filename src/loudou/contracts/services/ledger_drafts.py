"""What callers hand to the services of the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from loudou.contracts.choices import BillStep, DueBasis, InvoiceKind, ReceiptKind


@dataclass(frozen=True, slots=True)
class InstalmentDraft:
    """A part of a plan: a `share` (0 to 1) of the contract's total, or else an `amount` in its currency.

    Due on the day `on` (basis DATE), or on the day on which `basis` happens plus months, then days. Without
    `offset_days` (None) the customer's payment days, where the instalment waits for a delivery, an acceptance or an
    invoice, names no months and is not retention money; else none. Without `name_zh` readers of Chinese see the one
    name too.
    """

    name: str
    basis: DueBasis
    share: Decimal | None = None
    amount: Decimal | None = None
    on: dt.date | None = None
    offset_months: int = 0
    offset_days: int | None = None
    is_retention: bool = False
    name_zh: str = ""


@dataclass(frozen=True, slots=True)
class TemplateInstalmentDraft:
    """One instalment of a template; its share is its weight in the sum of all weights.

    With `on_terms` the payment days agreed with the customer come first, and `offset_days` counts where there are none.
    """

    name: str
    weight: Decimal
    basis: DueBasis
    name_zh: str = ""
    offset_months: int = 0
    offset_days: int = 0
    is_retention: bool = False
    on_terms: bool = False


@dataclass(frozen=True, slots=True)
class PlanTemplateDraft:
    """A template of a payment plan."""

    name: str
    instalments: Sequence[TemplateInstalmentDraft]
    name_zh: str = ""
    is_default: bool = False
    is_active: bool = True
    position: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a receipt for one instalment, in the receipt's currency."""

    instalment_id: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ContractPart:
    """So much of a receipt for one contract, in the receipt's currency: its oldest due instalments are paid first."""

    contract_id: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ReceiptDraft:
    """Money that came in. `contract_id` is the contract that the payer named, `currency` '' the base currency.

    `parts` allocates by hand, `contract_parts` to contracts; without them and with `allocate` the oldest due
    instalments of the contract, or of the customer when no contract is named, are paid first. What is left is an
    advance. `key` makes a repetition harmless: the receipt that was posted with it is returned. A bill needs
    `matures_on`; `cash_on` is for history brought along: the day on which it was honoured.
    """

    customer_id: int
    amount: Decimal
    received_on: dt.date
    kind: ReceiptKind = ReceiptKind.TRANSFER
    currency: str = ""
    contract_id: int | None = None
    parts: Sequence[Part] = ()
    contract_parts: Sequence[ContractPart] = ()
    allocate: bool = True
    number: str = ""
    payer: str = ""
    account: str = ""
    bank_reference: str = ""
    bill_number: str = ""
    drawee: str = ""
    matures_on: dt.date | None = None
    cash_on: dt.date | None = None
    note: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class BillOutcome:
    """What became of a bill of exchange on a day."""

    step: BillStep
    on: dt.date
    note: str = ""


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """Money of a receipt that is paid back, in the receipt's currency. `key` makes a repetition harmless.

    `number` is for refunds that are brought along; others get theirs from the series.
    """

    receipt_id: int
    amount: Decimal
    refunded_on: dt.date
    reason: str
    bank_reference: str = ""
    number: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceLineDraft:
    """What is billed of a contract line: its gross `amount` in the contract's currency; None bills what is left.

    Without `tax_rate` and `description` those of the version in force.
    """

    line_id: int
    amount: Decimal | None = None
    tax_rate: Decimal | None = None
    quantity: Decimal | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """A blue invoice against lines of one contract; without lines everything that is not invoiced yet.

    With an `amount` (tax included) and no lines so much is billed, the lines of the contract in their order.

    Without a number the series gives one; without a title the customer's name and credit code are used.
    """

    contract_id: int
    issued_on: dt.date
    kind: InvoiceKind = InvoiceKind.SPECIAL
    lines: Sequence[InvoiceLineDraft] = ()
    amount: Decimal | None = None
    tax_rate: Decimal | None = None
    number: str = ""
    title: str = ""
    tax_number: str = ""
    note: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class RedLineDraft:
    """How much (gross, positive) a red invoice takes back of a line of the blue one; None: all that is left."""

    invoice_line_id: int
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RedInvoiceDraft:
    """A red invoice that takes back a blue one: the given lines, or without lines all that is left of it.

    With an `amount` (positive) and no lines so much is taken back, the lines of the blue one in their order.
    """

    invoice_id: int
    issued_on: dt.date
    reason: str
    lines: Sequence[RedLineDraft] = ()
    amount: Decimal | None = None
    number: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class BankRow:
    """One movement as a bank's file says it; negative when money left the account."""

    booked_on: dt.date
    amount: Decimal
    payer: str = ""
    payer_account: str = ""
    remittance: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class LinePart:
    """What a person decides about a bank line, or a part of it: whose money it is and what it pays.

    `receipt_id` names a bill of exchange whose money this is; then nothing new is posted, the bill is honoured.
    """

    customer_id: int | None = None
    amount: Decimal | None = None
    contract_id: int | None = None
    parts: Sequence[Part] = ()
    allocate: bool = True
    receipt_id: int | None = None
