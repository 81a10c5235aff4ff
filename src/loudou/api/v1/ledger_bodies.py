"""What callers send about money: plans, receipts, refunds, invoices, and by what lists are narrowed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from loudou.api.paging import PageQuery
from loudou.api.schemas import Currency, Given, GivenVersion, Id, Line, Note, Short
from loudou.api.v1.contract_bodies import (
    KEY,
    MOST_INSTALMENTS,
    MOST_LINES,
    Ids,
    InstalmentIn,
    Key,
    Number,
    Positive,
    Quantity,
    Reference,
)
from loudou.contracts.choices import BillStep, DueBasis, InvoiceKind, ReceiptKind
from loudou.contracts.selectors.statistics import CASHED, By, Figure
from loudou.contracts.services.ledger_drafts import (
    BillOutcome,
    InstalmentDraft,
    InvoiceDraft,
    InvoiceLineDraft,
    Part,
    PlanTemplateDraft,
    ReceiptDraft,
    RedInvoiceDraft,
    RedLineDraft,
    RefundDraft,
    TemplateInstalmentDraft,
)
from loudou.core import clock

MOST_PARTS = 200
Instalments = Annotated[list[InstalmentIn], Field(min_length=1, max_length=MOST_INSTALMENTS)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
TaxRate = Annotated[Decimal, Field(max_digits=5, decimal_places=4, ge=0, le=1)]


class PlanIn(GivenVersion):
    """The whole payment plan; its parts add up to the contract. `version` is that of the plan, not of the contract."""

    lines: Instalments

    def drafts(self) -> list[InstalmentDraft]:
        """Return the parts as the services take them."""
        return [line.draft() for line in self.lines]


class PlanFromTemplateIn(GivenVersion):
    """The template to start from."""

    template_id: Id


class MonthlyPlanIn(GivenVersion):
    """Equal instalments, one a month from a day on."""

    months: Annotated[int, Field(ge=1, le=120)]
    first_on: dt.date


class SettlementIn(Given):
    """What a terminated contract is to be paid after all, in amounts; what was received is included. None: nothing."""

    lines: Annotated[list[InstalmentIn], Field(max_length=MOST_INSTALMENTS)]

    def drafts(self) -> list[InstalmentDraft]:
        """Return the parts as the services take them."""
        return [line.draft() for line in self.lines]


class TemplateInstalmentIn(Given):
    """An instalment of a template; with `on_terms` the customer's payment days come before `offset_days`."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    weight: Annotated[Decimal, Field(max_digits=7, decimal_places=4, gt=0)]
    basis: DueBasis
    name_zh: Short = ""
    offset_months: Annotated[int, Field(ge=0, le=240)] = 0
    offset_days: Annotated[int, Field(ge=0, le=3660)] = 0
    is_retention: bool = False
    on_terms: bool = False


class PlanTemplateIn(Given):
    """A payment plan to start from; as the default it takes the place of the present one."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    name_zh: Short = ""
    is_default: bool = False
    is_active: bool = True
    position: Annotated[int, Field(ge=0, le=1000)] = 0
    instalments: Annotated[list[TemplateInstalmentIn], Field(min_length=1, max_length=MOST_INSTALMENTS)]

    def draft(self) -> PlanTemplateDraft:
        """Return it as the services take it."""
        rows = [TemplateInstalmentDraft(**row.model_dump()) for row in self.instalments]
        return PlanTemplateDraft(**self.model_dump(exclude={"instalments", "version"}), instalments=rows)


class PlanTemplateChangesIn(PlanTemplateIn, GivenVersion):
    """A template as a whole, based on the one that was read."""


class InstalmentQuery(PageQuery):
    """Which instalments of plans in force. Dates are inclusive."""

    contract: Id | None = None
    customer: Id | None = None
    open: bool = Field(False, description="Only those that are not paid in full.")
    overdue: bool = Field(False, description="Only those that are open and whose day has passed.")
    due_from: dt.date | None = None
    due_until: dt.date | None = None
    sort: Literal["id", "-id"] = "-id"


class ReceiptQuery(PageQuery):
    """Which receipts. Dates are inclusive."""

    q: str = Field("", max_length=200, description="Words in number, payer, bank reference or number of the bill.")
    kind: ReceiptKind | None = None
    customer: Id | None = None
    contract: Id | None = None
    with_advance: bool | None = Field(None, description="Whether money of it pays nothing yet.")
    bills_until: dt.date | None = Field(None, description="Only open bills of exchange that mature until this day.")
    received_from: dt.date | None = None
    received_until: dt.date | None = None
    bank_reference: Reference = ""
    sort: Literal["id", "-id"] = "-id"


class PartIn(Given):
    """So much for one instalment, in the receipt's currency."""

    instalment_id: Id
    amount: Positive


Parts = Annotated[list[PartIn], Field(max_length=MOST_PARTS)]


class ReceiptIn(Given):
    """Money that came in.

    `parts` allocates by hand; without them and with `allocate` the oldest due instalments of the contract, or of the
    customer when no contract is named, are paid first. What is left is an advance. A bill needs `matures_on`. `key` is
    a reference of your own: a second posting with it answers with the first, however late it comes.
    """

    customer_id: Id
    amount: Positive
    received_on: dt.date | None = Field(None, description="Today unless told.")
    kind: ReceiptKind = ReceiptKind.TRANSFER
    currency: Currency | Literal[""] = Field("", description="ISO 4217; the base currency when empty.")
    contract_id: Id | None = Field(None, description="The contract that the payer named.")
    parts: Parts = Field([], description="Which instalments are paid, by hand.")
    allocate: bool = Field(True, description="Pay the oldest due instalments when no parts are named.")
    number: Number = Field("", description="For history: the number it had; otherwise the series gives one.")
    payer: Line = ""
    account: Reference = ""
    bank_reference: Reference = ""
    bill_number: Number = ""
    drawee: Line = ""
    matures_on: dt.date | None = Field(None, description="Of a bill of exchange, and of nothing else.")
    cash_on: dt.date | None = Field(None, description="For history: the day on which the bill was honoured.")
    note: Note = ""
    key: Key = Field("", description=KEY)

    def draft(self) -> ReceiptDraft:
        """Return it as the services take it."""
        given = self.model_dump(exclude={"parts", "received_on"})
        return ReceiptDraft(**given, parts=parts_of(self.parts), received_on=self.received_on or clock.today())


class AllocationIn(Given):
    """Put what is left on these instalments, or without `parts` on the oldest due ones, perhaps of one contract."""

    parts: Parts = []
    contract_id: Id | None = None


class UndoIn(Given):
    """Why an allocation is taken back."""

    reason: Note = ""


class BillOutcomeIn(Given):
    """What became of a bill of exchange."""

    step: BillStep
    on: dt.date | None = None
    note: Note = ""

    def outcome(self) -> BillOutcome:
        """Return it as the services take it."""
        return BillOutcome(self.step, self.on or clock.today(), self.note)


class RefundIn(Given):
    """Money that is paid back, in the receipt's currency; `key` makes a repetition harmless."""

    amount: Positive
    reason: Reason
    refunded_on: dt.date | None = None
    bank_reference: Reference = ""
    key: Key = Field("", description=KEY)

    def draft(self, receipt_id: int) -> RefundDraft:
        """Return it as the services take it."""
        given = self.model_dump() | {"refunded_on": self.refunded_on or clock.today()}
        return RefundDraft(receipt_id=receipt_id, **given)


class ReversalIn(Given):
    """That a receipt or refund was a mistake, or bounced, and on which day it is taken back."""

    reason: Reason
    on: dt.date | None = None

    def facts(self) -> dict[str, Any]:
        """Return what the services take."""
        return {"reason": self.reason, "on": self.on or clock.today(), "at": clock.now()}


class InvoiceQuery(PageQuery):
    """Which invoices. Dates are inclusive."""

    q: str = Field("", max_length=200, description="Words in number, title or tax number.")
    kind: InvoiceKind | None = None
    red: bool | None = Field(None, description="Only red ones, or only blue ones.")
    customer: Id | None = None
    contract: Id | None = None
    issued_from: dt.date | None = None
    issued_until: dt.date | None = None
    sort: Literal["id", "-id"] = "-id"


class InvoiceLineIn(Given):
    """What is billed of a contract line: its amount with tax; null bills what is left."""

    line_id: Id
    amount: Positive | None = None
    tax_rate: TaxRate | None = None
    quantity: Quantity | None = None
    description: Line = ""


class InvoiceIn(Given):
    """A blue invoice; without lines everything that is not invoiced yet, without a title to the customer."""

    issued_on: dt.date | None = None
    kind: InvoiceKind = InvoiceKind.SPECIAL
    lines: Annotated[list[InvoiceLineIn], Field(max_length=MOST_LINES)] = []
    number: Number = ""
    title: Line = ""
    tax_number: Annotated[str, Field(max_length=40)] = ""
    note: Note = ""
    key: Key = Field("", description=KEY)

    def draft(self, contract_id: int) -> InvoiceDraft:
        """Return it as the services take it."""
        lines = [InvoiceLineDraft(**line.model_dump()) for line in self.lines]
        given = self.model_dump(exclude={"lines", "issued_on"})
        return InvoiceDraft(contract_id, self.issued_on or clock.today(), lines=lines, **given)


class RedLineIn(Given):
    """How much (with tax, positive) is taken back of a line of the blue invoice; null: all that is left."""

    invoice_line_id: Id
    amount: Positive | None = None


class RedInvoiceIn(Given):
    """A red invoice that takes back the blue one: these lines, or without lines all that is left of it."""

    reason: Reason
    issued_on: dt.date | None = None
    lines: Annotated[list[RedLineIn], Field(max_length=MOST_LINES)] = []
    number: Number = ""
    key: Key = Field("", description=KEY)

    def draft(self, invoice_id: int) -> RedInvoiceDraft:
        """Return it as the services take it."""
        lines = [RedLineDraft(line.invoice_line_id, line.amount) for line in self.lines]
        given = self.model_dump(exclude={"lines", "issued_on"})
        return RedInvoiceDraft(invoice_id=invoice_id, issued_on=self.issued_on or clock.today(), lines=lines, **given)


class DifferenceQuery(PageQuery):
    """Which exchange differences."""

    contract: Id | None = None
    customer: Id | None = None
    on_from: dt.date | None = None
    on_until: dt.date | None = None
    sort: Literal["id", "-id"] = "-id"


FigureName = Literal[
    "ordered", "delivered", "invoiced", "received", "in_bills", "open", "overdue", "retention", "undated", "advance"
]


class FigureRowQuery(PageQuery):
    """Of which figure, now or as of the end of a past day."""

    figure: FigureName
    on: dt.date | None = None


class AsOfQuery(Given):
    """As of the end of a past day; today when empty."""

    on: dt.date | None = None


class AccountQuery(Given):
    """The days of a statement of account, both included: this month until today unless told."""

    since: dt.date | None = None
    until: dt.date | None = None


class SpanQuery(Given):
    """The days that flows count within, both included (this year until today unless told), and whose."""

    since: dt.date | None = None
    until: dt.date | None = None
    by: By = By.MONTH
    owner: Ids = []
    customer: Ids = []


class MovementQuery(SpanQuery):
    """Which figure of which group; `key` as the group has it, empty for the group without one.

    `cashed` is the money that the days from signing to cash are weighted by. `whole`: of all groups.
    """

    # One list of words: of a union, each branch would be refused at a field of its own.
    figure: Literal[(*Figure.values, CASHED)]  # type: ignore[valid-type]
    whole: bool = False
    key: Annotated[str, Field(max_length=40)] = ""
    start: Annotated[int, Field(ge=0, le=10**9)] = 0


def parts_of(parts: list[PartIn]) -> list[Part]:
    """Return parts as the services take them."""
    return [Part(part.instalment_id, part.amount) for part in parts]
