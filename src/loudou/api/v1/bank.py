"""Bank statements: movements are read in once, proposed to customers, and posted when somebody confirms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field, field_validator

from loudou.api.operations import Caller, operation
from loudou.api.paging import BY_ID, PageQuery, page
from loudou.api.schemas import Currency, Exact, Given, Id, Line, Ref, Shown
from loudou.api.v1.contract_bodies import Positive, Reference, Remark
from loudou.api.v1.contract_shapes import ContractRef
from loudou.api.v1.ledger_bodies import Parts, parts_of
from loudou.contracts.choices import LineState
from loudou.contracts.models import StatementLine
from loudou.contracts.selectors.bank_matching import Proposal, bank_lines, get_bank_line, proposals, statement_rows
from loudou.contracts.services import bank_statements
from loudou.contracts.services.ledger_drafts import BankRow, LinePart
from loudou.core import clock

router = Router(tags=["Bank statements"])
MOST_MOVEMENTS = 1000
MOST_PARTS = 50


class StatementOut(Shown):
    """A bank statement that was read in."""

    id: int
    account: str
    name: str
    currency: str
    imported_at: dt.datetime
    imported_by: Ref | None


class StatementPage(Shown):
    """A page of statements; `next` is the cursor of the next one."""

    items: list[StatementOut]
    next: str | None


class ReadInOut(Shown):
    """The statement, how many movements are new, and how many were known from an overlapping one."""

    statement: StatementOut
    added: int
    repeated: int


class PostingOut(Shown):
    """A receipt that was made from a movement, or a bill that it honoured."""

    receipt_id: int
    number: str
    amount: Exact


class BankLineOut(Shown):
    """A movement as the bank says it; negative when money left. `to_post` is what is still to be decided."""

    id: int
    statement_id: int
    account: str
    booked_on: dt.date
    amount: Exact
    currency: str
    payer: str
    payer_account: str
    remittance: str
    reference: str
    state: LineState
    to_post: Exact
    dismissal: str
    postings: list[PostingOut]

    @field_validator("postings", mode="before")
    @classmethod
    def _all(cls, value: Any) -> Any:
        if not hasattr(value, "all"):
            return value
        return [
            {"receipt_id": row.receipt_id, "number": row.receipt.number, "amount": row.amount} for row in value.all()
        ]


class BankLinePage(Shown):
    """A page of movements; `next` is the cursor of the next one."""

    items: list[BankLineOut]
    next: str | None


class ProposalReasonOut(Shown):
    """Why a proposal is made: a stable code, its points, a sentence."""

    code: str
    points: int
    sentence: str


class ProposalOut(Shown):
    """Whose money a movement may be, with a score of 0 to 100. Nothing is posted by a score."""

    score: int
    customer: Ref
    contract: ContractRef | None
    instalment_id: int | None
    bill_id: int | None = Field(description="A bill of exchange whose money this may be.")
    reasons: list[ProposalReasonOut]


class ProposalList(Shown):
    """The best proposals for a movement, the best first."""

    items: list[ProposalOut]


class StatementQuery(PageQuery):
    """How to list statements."""

    sort: Literal["id", "-id"] = "-id"


class BankLineQuery(PageQuery):
    """Which movements. Dates are inclusive."""

    to_match: bool = Field(False, description="Only money that came in and waits for a decision.")
    state: LineState | None = None
    statement: Id | None = None
    booked_from: dt.date | None = None
    booked_until: dt.date | None = None
    sort: Literal["id", "-id"] = "-id"


class MovementIn(Given):
    """One movement as the bank says it; negative when money left the account."""

    booked_on: dt.date
    amount: Annotated[Decimal, Field(max_digits=19, decimal_places=4)]
    payer: Line = ""
    payer_account: Reference = ""
    remittance: Remark = ""
    reference: Reference = ""


class StatementIn(Given):
    """A statement of one of our accounts; movements that are known already are left out."""

    account: Annotated[str, Field(min_length=1, max_length=100)]
    name: Line = ""
    currency: Currency
    rows: Annotated[list[MovementIn], Field(min_length=1, max_length=MOST_MOVEMENTS)]


class LinePartIn(Given):
    """Whose money a movement, or a part of it, is; without an amount all that is left.

    `receipt_id` names a bill of exchange: then nothing new is posted, the bill is honoured.
    """

    customer_id: Id | None = None
    amount: Positive | None = None
    contract_id: Id | None = None
    parts: Parts = []
    allocate: bool = True
    receipt_id: Id | None = None


class ConfirmationIn(Given):
    """What somebody decided about a movement: one part, or several for several customers or contracts."""

    parts: Annotated[list[LinePartIn], Field(min_length=1, max_length=MOST_PARTS)]


class DismissalIn(Given):
    """Why a movement is no customer's payment."""

    reason: Annotated[str, Field(min_length=1, max_length=255)]


@operation(router, "GET", "/bank-statements", permission="contracts.post_receipt", answers=StatementPage)
def list_bank_statements(request: Caller, query: Query[StatementQuery]) -> Any:
    """List the statements that were read in."""
    items, following = page(statement_rows(request.user), query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(router, "POST", "/bank-statements", permission="contracts.post_receipt", answers=ReadInOut, status=201)
def read_in_bank_statement(request: Caller, body: StatementIn) -> Any:
    """Keep the movements of a statement; nothing is posted yet."""
    return bank_statements.read_in_statement(
        request.user,
        account=body.account,
        name=body.name,
        currency=body.currency,
        rows=[BankRow(**row.model_dump()) for row in body.rows],
        at=clock.now(),
    )


@operation(router, "GET", "/bank-lines", permission="contracts.post_receipt", answers=BankLinePage)
def list_bank_lines(request: Caller, query: Query[BankLineQuery]) -> Any:
    """List movements with the receipts that were made from them."""
    rows = bank_lines(request.user)
    if query.to_match:
        rows = rows.to_match()
    wanted = {
        "state": query.state,
        "statement": query.statement,
        "booked_on__gte": query.booked_from,
        "booked_on__lte": query.booked_until,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    items, following = page(rows, query=query, sorts=BY_ID, sort=query.sort)
    return {"items": items, "next": following}


@operation(
    router,
    "GET",
    "/bank-lines/{int:line_id}/proposals",
    permission="contracts.post_receipt",
    answers=ProposalList,
)
def list_proposals(request: Caller, line_id: int) -> Any:
    """Propose whose money a movement may be, with the reasons."""
    line = get_bank_line(request.user, line_id)
    return {"items": _proposed(proposals(request.user, [line]).get(line.pk, []))}


@operation(
    router, "POST", "/bank-lines/{int:line_id}/confirm", permission="contracts.post_receipt", answers=BankLineOut
)
def confirm_bank_line(request: Caller, line_id: int, body: ConfirmationIn) -> Any:
    """Post what was decided about a movement; twice is refused, never posted twice."""
    parts = [LinePart(**part.model_dump(exclude={"parts"}), parts=parts_of(part.parts)) for part in body.parts]
    bank_statements.confirm_line(request.user, line_id, parts=parts, at=clock.now())
    return get_bank_line(request.user, line_id)


@operation(
    router, "POST", "/bank-lines/{int:line_id}/dismiss", permission="contracts.post_receipt", answers=BankLineOut
)
def dismiss_bank_line(request: Caller, line_id: int, body: DismissalIn) -> Any:
    """Say that a movement, or what is left of it, is no customer's payment."""
    bank_statements.dismiss_line(request.user, line_id, reason=body.reason)
    return get_bank_line(request.user, line_id)


@operation(
    router, "POST", "/bank-lines/{int:line_id}/take-up", permission="contracts.post_receipt", answers=BankLineOut
)
def take_up_bank_line(request: Caller, line_id: int) -> StatementLine:
    """Take a dismissed movement up again."""
    bank_statements.take_up_line(request.user, line_id)
    return get_bank_line(request.user, line_id)


def _proposed(found: Sequence[Proposal]) -> list[dict[str, Any]]:
    return [
        {
            "score": proposal.score,
            "customer": proposal.customer,
            "contract": proposal.contract,
            "instalment_id": proposal.instalment.pk if proposal.instalment else None,
            "bill_id": proposal.bill.pk if proposal.bill else None,
            "reasons": [
                {"code": reason.code, "points": reason.points, "sentence": str(reason)} for reason in proposal.reasons
            ],
        }
        for proposal in found
    ]
