"""Whose money a bank line is: proposals with a score and its reasons. Nothing is posted by a score.

Points are added up and capped at 100 (see docs/algorithms/bank-matching.md); a person confirms.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.contracts.accounts import account_key
from loudou.contracts.choices import LineState
from loudou.contracts.models import (
    BankStatement,
    Contract,
    Instalment,
    Invoice,
    Receipt,
    StatementLine,
    StatementPosting,
)
from loudou.contracts.models.bank import StatementLineQuerySet, StatementQuerySet
from loudou.core.actors import Actor
from loudou.customers.models import Customer
from loudou.customers.selectors import customers_by

POINTS: Mapping[str, int] = {
    "contract_number": 45,
    "invoice_number": 40,
    "payer_account": 35,
    "payer_name": 30,
    "payer_short_name": 20,
    "exact_instalment": 25,
    "exact_due": 20,
    "exact_bill": 30,
    "near_due_day": 10,
}
REASONS: Mapping[str, Promise] = {
    "contract_number": _("The text names the contract."),
    "invoice_number": _("The text names an invoice of the contract."),
    "payer_account": _("The customer paid from this account before."),
    "payer_name": _("The payer has the customer's name."),
    "payer_short_name": _("The payer has a short or other name of the customer."),
    "exact_instalment": _("An open instalment is over exactly this amount."),
    "exact_due": _("What is due is exactly this amount."),
    "exact_bill": _("A bill of exchange over this amount has matured."),
    "near_due_day": _("The due day is near."),
}
MOST = 5
"""Proposals shown for a line."""
COMMON = 20
"""Instalments of one amount beyond which the amount alone says nothing."""
NEAR = dt.timedelta(days=15)
BILL_NEAR = dt.timedelta(days=10)
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-/_.]{3,58}[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a proposal is made: a code, its points and a sentence."""

    code: str

    @property
    def points(self) -> int:
        """What it adds to the score."""
        return POINTS[self.code]

    def __str__(self) -> str:
        return str(REASONS[self.code])


@dataclass(frozen=True, slots=True)
class Proposal:
    """Whose money a line may be: a customer, perhaps a contract and an instalment, or a bill that was honoured."""

    customer: Customer
    contract: Contract | None
    instalment: Instalment | None
    bill: Receipt | None
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        """0 to 100."""
        return min(sum(reason.points for reason in self.reasons), 100)


@dataclass
class _Clues:
    """What is known about one line: reasons by customer and contract."""

    by_customer: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_contract: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    instalments: dict[int, list[Instalment]] = field(default_factory=lambda: defaultdict(list))
    bills: dict[int, Receipt] = field(default_factory=dict)


def statement_rows(actor: Actor) -> StatementQuerySet:
    """Bank statements, the latest first."""
    return BankStatement.objects.visible_to(actor).select_related("imported_by")


def bank_lines(actor: Actor) -> StatementLineQuerySet:
    """Lines of bank statements, for lists; `.to_match()` narrows to what a person has to decide."""
    return StatementLine.objects.visible_to(actor).select_related("statement").prefetch_related("postings__receipt")


def known_identities(actor: Actor, lines: Sequence[StatementLine]) -> set[str]:
    """Identities of those unsaved lines, all of one account, whose movement an earlier file brought."""
    if not lines:
        return set()
    # As one array: a hundred thousand parameters of their own take longer to write down than to look up.
    wanted = RawSQL("SELECT unnest(%s::text[])", [[line.identity for line in lines]])
    rows = StatementLine.objects.visible_to(actor).filter(account=lines[0].account, identity__in=wanted)
    return set(rows.values_list("identity", flat=True))


def latest_statement(actor: Actor, account: str) -> int:
    """Number of the last statement read in of an account, 0 without any: what is known of it changes with it alone."""
    rows = BankStatement.objects.visible_to(actor).filter(account=account).order_by("-pk")
    return rows.values_list("pk", flat=True).first() or 0


def known_accounts(actor: Actor) -> dict[str, str]:
    """Our accounts of which statements were read in, by name, with the currency of the latest."""
    rows = BankStatement.objects.visible_to(actor).order_by("account", "-pk").distinct("account")
    return dict(rows.values_list("account", "currency"))


def spelling_of(actor: Actor, account: str) -> str:
    """How an account is written here: as in its first statement, whatever spelling is asked for; a new one as given."""
    wanted = account_key(account)
    known = BankStatement.objects.visible_to(actor).order_by("account").distinct("account")
    spellings = [name for name in known.values_list("account", flat=True) if account_key(name) == wanted]
    return spellings[0] if spellings else account


def get_bank_line(actor: Actor, line_id: int) -> StatementLine:
    """One line with the receipts made from it. Raises NotVisible."""
    return bank_lines(actor).get_visible(actor, line_id)


def proposals(actor: Actor, lines: Sequence[StatementLine]) -> dict[int, list[Proposal]]:
    """Return the best proposals for each line by its id, the best first; eleven statements at most for all lines."""
    asked = [line for line in lines if line.amount > 0 and line.state in (LineState.OPEN, LineState.PARTLY)]
    if not asked:
        return {}
    clues = {line.pk: _Clues() for line in asked}
    _by_numbers(actor, asked, clues)
    _by_payer(actor, asked, clues)
    _by_amount(actor, asked, clues)
    return {line.pk: list(_ranked(line, clues[line.pk], names)) for names in [_Named(actor, clues)] for line in asked}


def numbers_in(text: str) -> set[str]:
    """Runs of letters and digits in a text that may be numbers of contracts or invoices, as written."""
    return {found for found in _NUMBER.findall(text) if any(sign.isdigit() for sign in found)}


def _by_numbers(actor: Actor, lines: Iterable[StatementLine], clues: Mapping[int, _Clues]) -> None:
    named = {line.pk: numbers_in(line.remittance) for line in lines}
    # Banks write in capitals what somebody typed in small letters; both spellings are looked up by the index.
    wanted = {spelling for numbers in named.values() for number in numbers for spelling in (number, number.upper())}
    if not wanted:
        return
    contracts = Contract.objects.visible_to(actor).filter(number__in=wanted)
    by_number = {number.upper(): (pk, "contract_number") for number, pk in contracts.values_list("number", "pk")}
    invoices = Invoice.objects.visible_to(actor).filter(number__in=wanted)
    for number, pk in invoices.values_list("number", "contract_id"):
        by_number.setdefault(number.upper(), (pk, "invoice_number"))
    for line_id, numbers in named.items():
        for contract_id, code in (by_number[n.upper()] for n in numbers if n.upper() in by_number):
            clues[line_id].by_contract[contract_id].add(code)


def _by_payer(actor: Actor, lines: Sequence[StatementLine], clues: Mapping[int, _Clues]) -> None:
    payers = {line.payer for line in lines if line.payer}
    by_name = customers_by(actor, "name", payers)
    by_short = customers_by(actor, "short_name", payers)
    aliased = Customer.objects.visible_to(actor).filter(aliases__overlap=sorted(payers)).values_list("pk", "aliases")
    by_alias = {alias: pk for pk, aliases in (aliased if payers else ()) for alias in aliases}
    accounts = {line.payer_account for line in lines if line.payer_account}
    past = StatementPosting.objects.filter(line__payer_account__in=accounts, receipt__reversed=0)
    by_account = defaultdict(set)
    for account, pk in past.values_list("line__payer_account", "receipt__customer_id").distinct() if accounts else ():
        by_account[account].add(pk)
    for line in lines:
        found = clues[line.pk].by_customer
        for pk in by_account.get(line.payer_account, ()):
            found[pk].add("payer_account")
        for pk in by_name.get(line.payer, ()):
            found[pk].add("payer_name")
        others = [*by_short.get(line.payer, ()), *([by_alias[line.payer]] if line.payer in by_alias else [])]
        for pk in others:
            if "payer_name" not in found[pk]:
                found[pk].add("payer_short_name")


def _by_amount(actor: Actor, lines: Sequence[StatementLine], clues: Mapping[int, _Clues]) -> None:
    """Open instalments and bills over exactly the amount, and customers whose due amounts add up to it."""
    amounts = {line.to_post for line in lines}
    exact = defaultdict(list)
    rows = Instalment.objects.visible_to(actor).open().filter(open_amount__in=amounts)
    for row in rows.order_by("due_on", "pk")[: COMMON * len(lines)]:
        exact[row.open_amount, row.currency].append(row)
    bills = defaultdict(list)
    for bill in Receipt.objects.visible_to(actor).bills().filter(amount__in=amounts):
        bills[bill.amount, bill.currency].append(bill)
    for line in lines:
        found = clues[line.pk]
        same = exact[line.to_post, line.currency]
        for row in same:
            known = row.customer_id in found.by_customer or row.contract_id in found.by_contract
            if known or len(same) <= COMMON:
                found.instalments[row.customer_id].append(row)
        for bill in bills[line.to_post, line.currency]:
            if bill.matures_on and abs(line.booked_on - bill.matures_on) <= BILL_NEAR:
                found.bills[bill.customer_id] = bill
    _by_due_sum(actor, lines, clues)


def _by_due_sum(actor: Actor, lines: Sequence[StatementLine], clues: Mapping[int, _Clues]) -> None:
    wanted = {pk for line in lines for pk in clues[line.pk].by_customer}
    if not wanted:
        return
    latest = max(line.booked_on for line in lines)
    due = Instalment.objects.visible_to(actor).open().filter(customer_id__in=wanted, due_on__lte=latest)
    rows = list(due.values_list("customer_id", "currency", "due_on", "open_amount"))
    for line in lines:
        sums: dict[int, Decimal] = defaultdict(Decimal)
        for pk, currency, due_on, amount in rows:
            if currency == line.currency and due_on is not None and due_on <= line.booked_on:
                sums[pk] += amount
        for pk, codes in clues[line.pk].by_customer.items():
            if sums.get(pk) == line.to_post:
                codes.add("exact_due")


class _Named:
    """Customers and contracts that the clues speak of, read with two statements."""

    def __init__(self, actor: Actor, clues: Mapping[int, _Clues]) -> None:
        contract_ids = {pk for one in clues.values() for pk in one.by_contract}
        contract_ids |= {row.contract_id for one in clues.values() for rows in one.instalments.values() for row in rows}
        self.contracts = Contract.objects.visible_to(actor).defer("search_text").in_bulk(contract_ids)
        customer_ids = {pk for one in clues.values() for pk in (*one.by_customer, *one.instalments, *one.bills)}
        customer_ids |= {contract.customer_id for contract in self.contracts.values()}
        self.customers = Customer.objects.visible_to(actor).defer("search_text", "name_key").in_bulk(customer_ids)


def _ranked(line: StatementLine, clues: _Clues, named: _Named) -> Iterator[Proposal]:
    found = [one for pk in _customers_of(clues, named) if (one := _best_for(pk, line, clues, named)) is not None]
    yield from sorted(found, key=lambda one: (-one.score, one.customer.pk))[:MOST]


def _customers_of(clues: _Clues, named: _Named) -> set[int]:
    of_contracts = {named.contracts[pk].customer_id for pk in clues.by_contract if pk in named.contracts}
    return {*clues.by_customer, *clues.instalments, *clues.bills, *of_contracts}


def _best_for(customer_id: int, line: StatementLine, clues: _Clues, named: _Named) -> Proposal | None:
    """Put the clues about one customer together: its named contract, the instalment that fits best, or its bill."""
    customer = named.customers.get(customer_id)
    if customer is None:
        return None
    codes = set(clues.by_customer.get(customer_id, ()))
    contracts = [pk for pk in clues.by_contract if pk in named.contracts]
    contract = next((named.contracts[pk] for pk in contracts if named.contracts[pk].customer_id == customer_id), None)
    if contract is not None:
        codes |= clues.by_contract[contract.pk]
    bill = clues.bills.get(customer_id)
    if bill is not None:
        codes.add("exact_bill")
        return Proposal(customer, contract, None, bill, _reasons(codes))
    rows = [row for row in clues.instalments.get(customer_id, ()) if contract is None or row.contract_id == contract.pk]
    instalment = min(rows, key=lambda row: _distance(row, line), default=None)
    if instalment is not None:
        codes.add("exact_instalment")
        if _distance(instalment, line) <= NEAR:
            codes.add("near_due_day")
        contract = contract or named.contracts.get(instalment.contract_id)
    return Proposal(customer, contract, instalment, None, _reasons(codes)) if codes else None


def _distance(row: Instalment, line: StatementLine) -> dt.timedelta:
    return abs(row.due_on - line.booked_on) if row.due_on else dt.timedelta.max


def _reasons(codes: Iterable[str]) -> tuple[Reason, ...]:
    return tuple(Reason(code) for code in POINTS if code in set(codes))
