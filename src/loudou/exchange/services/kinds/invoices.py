"""Invoices, blue and red, against the lines of contracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from loudou.contracts.choices import InvoiceKind
from loudou.contracts.models import Invoice, InvoiceLine, LineTerms
from loudou.contracts.services.bringing import bring_invoices
from loudou.contracts.services.ledger_drafts import InvoiceDraft, InvoiceLineDraft, RedInvoiceDraft, RedLineDraft
from loudou.contracts.services.taking_back import take_back_invoices
from loudou.core.bulk import Outcome
from loudou.core.refusals import InvalidInput
from loudou.exchange.models import ImportRow
from loudou.exchange.services.kinds.base import Made, Writer
from loudou.exchange.services.parsing import Parsed, money
from loudou.exchange.services.parties import agree_on_currency, contracts_named
from loudou.exchange.values.texts import same

Lines = Mapping[int, list[tuple[int, int, str]]]
"""Of each contract its lines: id, number, description."""


class InvoiceWriter(Writer):
    """Posts invoices through the services of the ledger, in the order of their days."""

    model = Invoice
    takes_back = "corrects"
    batch = 100

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Tell blue from red, and find the lines of the contracts that rows name."""
        contracts = contracts_named(self.context.actor, batch)
        lines = _lines_in_force(contracts)
        for head in batch:
            values = head.values
            amounts = [money(part, "amount") for part in head.parts]
            agree_on_currency(
                head, contracts.get(values.get("contract", 0)), amounts[0][1], self.context.parser.currency
            )
            values["is_red"] = "corrects" in values or any(amount is not None and amount < 0 for amount, _c in amounts)
            for part, (amount, _named) in zip(head.parts, amounts, strict=True):
                part.values["billed"] = None if amount is None else abs(amount)
                self._find_line(part, lines.get(values.get("contract", 0), []), alone=len(head.parts) == 1)

    def _find_line(self, part: Parsed, lines: list[tuple[int, int, str]], *, alone: bool) -> None:
        named, label = part.text("line"), self.labels()["line"]
        if not named:
            if not alone:
                part.problems.append(_("%(field)s is missing.") % {"field": label})
            return
        found = [pk for pk, number, _text in lines if str(number) == named]
        found = found or [pk for pk, _number, text in lines if same(text) == same(named)]
        if len(found) == 1:
            part.values["line_id"] = found[0]
        elif "contract" in part.values:
            part.problems.append(
                _("%(field)s: the contract has no line “%(name)s”, or several.") % {"field": label, "name": named}
            )

    def find(self, key: str, batch: Sequence[Parsed]) -> Iterable[tuple[str, int]]:
        """By number."""
        rows = self.visible().filter(number__in=[parsed.text("number") for parsed in batch])
        return [(number, pk) for pk, number in rows.values_list("pk", "number")]

    def create(self, batch: Sequence[Parsed]) -> list[Outcome[Any]]:
        """Post them as they were issued: a red one frees what the next blue one bills. One that names a blue one of
        the same day further down in the file comes after it.
        """
        outcomes: dict[int, Outcome[Any]] = {}
        in_time = sorted(batch, key=lambda head: (head.values["issued_on"], head.row.number))
        ahead = {head.text("number") for head in in_time}
        waiting: list[Parsed] = []
        for head in in_time:
            ahead.discard(head.text("number"))
            if head.text("corrects") in ahead:
                waiting.append(head)
            else:
                outcomes[head.row.number] = self._post(head)
        outcomes |= {head.row.number: self._post(head) for head in waiting}
        return [outcomes[head.row.number] for head in batch]

    def _post(self, head: Parsed) -> Outcome[Any]:
        if head.values["is_red"]:
            return self._take_back(head)
        return bring_invoices(self.context.actor, [_blue(head)], at=self.context.at)[0]

    def _take_back(self, head: Parsed) -> Outcome[Any]:
        number = head.text("corrects")
        blue = self._blue_one(head, number)
        if blue is None and self.was_tried(number):
            return Outcome(row=Invoice(corrects_id=0))
        if blue is None and not number and self.waits_for_run(head, "contract"):
            return Outcome(row=Invoice(corrects_id=0))
        if blue is None:
            return Outcome(refusal=InvalidInput({"corrects": [_no_blue(number)]}))
        return bring_invoices(self.context.actor, [_red(head, blue)], at=self.context.at)[0]

    def _blue_one(self, head: Parsed, number: str) -> Invoice | None:
        """The invoice that is named; without a name the only one of the contract that comes to the same amount."""
        rows = Invoice.objects.visible_to(self.context.actor).blue().filter(contract_id=head.values["contract"])
        if number:
            found: Invoice | None = rows.filter(number=number).first()
            return found
        amount = sum((part.values["billed"] or Decimal(0) for part in head.parts), Decimal(0))
        fitting = list(rows.filter(amount=amount, red_ones__isnull=True, issued_on__lte=head.values["issued_on"])[:2])
        return fitting[0] if len(fitting) == 1 else None

    def made(self, row: Any) -> Made:
        """A red one is undone before the blue one it names."""
        return Made(row.pk, before={"red": True} if row.is_red else None)

    def take_away(self, rows: Sequence[ImportRow]) -> list[str]:
        """Those that nothing rests on go."""
        ids = {row.target_id for row in rows if row.target_id is not None}
        kept = take_back_invoices(self.context.actor, ids, at=self.context.at)
        return [kept.get(row.target_id or 0, "") for row in rows]


def _lines_in_force(contracts: Mapping[int, Any]) -> Lines:
    versions = {row.version_in_force_id: pk for pk, row in contracts.items() if row.version_in_force_id is not None}
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    rows = LineTerms.objects.filter(version_id__in=versions).order_by("version_id", "position")
    for version, line, number, text in rows.values_list("version_id", "line_id", "line__number", "description"):
        found[versions[version]].append((line, number, text))
    return found


def _blue(head: Parsed) -> InvoiceDraft:
    values = head.values
    has_lines = any("line_id" in part.values for part in head.parts)
    return InvoiceDraft(
        contract_id=values["contract"],
        issued_on=values["issued_on"],
        kind=InvoiceKind(values.get("invoice_kind", InvoiceKind.SPECIAL)),
        lines=[
            InvoiceLineDraft(part.values["line_id"], part.values["billed"], part.values.get("tax_rate"))
            for part in head.parts
        ]
        if has_lines
        else (),
        amount=None if has_lines else values["billed"],
        tax_rate=values.get("tax_rate"),
        number=head.text("number"),
        title=head.text("title"),
        tax_number=head.text("tax_number"),
        note=head.text("note"),
    )


def _red(head: Parsed, blue: Invoice) -> RedInvoiceDraft:
    values = head.values
    by_line = dict(InvoiceLine.objects.filter(invoice=blue).values_list("line_id", "pk"))
    lines = [
        RedLineDraft(by_line.get(part.values["line_id"], 0), part.values["billed"])
        for part in head.parts
        if "line_id" in part.values
    ]
    return RedInvoiceDraft(
        blue.pk,
        values["issued_on"],
        head.text("note") or _("Brought along by an import"),
        lines=lines,
        amount=None if lines else values["billed"],
        number=head.text("number"),
    )


def _no_blue(number: str) -> str:
    if number:
        return _("The contract has no blue invoice “%(number)s”.") % {"number": number}
    return _("No blue invoice of the contract, or more than one, comes to this amount. Name the invoice it takes back.")
