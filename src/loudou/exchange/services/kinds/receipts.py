"""Receipts, allocated as the file says or to the oldest open instalments, and refunds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from loudou.contracts.accounts import account_key
from loudou.contracts.choices import ReceiptKind
from loudou.contracts.models import Contract, Receipt, Refund
from loudou.contracts.models.receipt import ReceiptQuerySet
from loudou.contracts.services.bringing import bring_refunds
from loudou.contracts.services.ledger_drafts import ContractPart, Part, ReceiptDraft, RefundDraft
from loudou.contracts.services.receipts import post_receipts
from loudou.contracts.services.taking_back import take_back_receipts, take_back_refunds
from loudou.core.bulk import Outcome
from loudou.core.refusals import InvalidInput
from loudou.exchange.choices import PaymentForm
from loudou.exchange.models import ImportRow
from loudou.exchange.services.kinds.base import Made, Writer
from loudou.exchange.services.kinds.instalments import PlansInForce
from loudou.exchange.services.kinds.repeats import occurrences, same_facts
from loudou.exchange.services.parsing import Parsed, money
from loudou.exchange.services.parties import agree_on_customer, contracts_named
from loudou.exchange.targets import Target

_APART = "\u0000"
_REFUND = f"{_APART}refund"
_OWN = ("payer", "bank_reference", "bill_number", "drawee", "matures_on", "cash_on", "note")
FACTS = (
    "customer",
    "contract",
    "received_on",
    "paid",
    "currency",
    "form",
    "instalment",
    "part_amount",
    "our_account",
    *_OWN,
)
"""What makes two payments without a number the same one."""


class ReceiptWriter(Writer):
    """Posts receipts and refunds through the services of the ledger."""

    model = Receipt
    takes_back = "refund_of"

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Tell receipts from refunds, find whose money it is, and what it is put on."""
        contracts = contracts_named(self.context.actor, batch)
        plans = PlansInForce(contracts)
        repeats = occurrences(self.context.parser.job.pk, [head.row.number for head in batch])
        for head in batch:
            values = head.values
            agree_on_customer(head, contracts)
            amount, named = money(head, "amount")
            values.setdefault("currency", named or self._currency(head, contracts))
            values["form"] = self._form(head, is_negative=amount is not None and amount < 0)
            values["paid"] = abs(amount) if amount is not None else None
            if values["form"] != PaymentForm.REFUND:
                self._read_parts(head, plans)
            if not (head.text("number") or head.text("bank_reference")):
                values["same_payment"] = same_facts(values, FACTS, nth=repeats.get(head.row.number, 1))

    def _currency(self, head: Parsed, contracts: Mapping[int, Contract]) -> str:
        contract = contracts.get(head.values.get("contract", 0))
        return contract.currency if contract is not None and len(head.parts) == 1 else self.context.parser.currency

    @staticmethod
    def _form(head: Parsed, *, is_negative: bool) -> PaymentForm:
        if is_negative or "refund_of" in head.values:
            return PaymentForm.REFUND
        otherwise = PaymentForm.BILL if "matures_on" in head.values else PaymentForm.TRANSFER
        return PaymentForm(head.values.get("form", otherwise))

    def _read_parts(self, head: Parsed, plans: PlansInForce) -> None:
        """What the rows of a receipt put on contracts and instalments; a single row may just name a contract."""
        values = head.values
        values["parts"], values["contract_parts"] = [], []
        if len(head.parts) == 1 and (not {"instalment", "part_amount"} & values.keys() or head.problems):
            return
        labels = self.labels()
        for part in head.parts:
            amount = money(part, "part_amount")[0]
            if amount is None and len(head.parts) == 1:
                amount = values["paid"]
            if amount is None or "contract" not in part.values:
                lacking = "part_amount" if amount is None else "contract"
                if lacking not in part.named:
                    part.problems.append(_("%(field)s is missing.") % {"field": labels[lacking]})
                continue
            contract_id = part.values["contract"]
            if not (named := part.text("instalment")):
                values["contract_parts"].append(ContractPart(contract_id, amount))
            elif (found := plans.find(contract_id, named)) is not None:
                values["parts"].append(Part(found, amount))
            else:
                part.problems.append(
                    _("%(field)s: the payment plan has no instalment “%(name)s”, or several.")
                    % {"field": labels["instalment"], "name": named}
                )

    def _receipts(self) -> ReceiptQuerySet:
        return Receipt.objects.visible_to(self.context.actor)

    @classmethod
    def key_codes(cls, key: str) -> frozenset[str]:
        """Payments without a number stand alone."""
        return frozenset() if key == "same_payment" else frozenset({key})

    def key_texts(self, parsed: Parsed, key: str) -> list[str]:
        """A refund has numbers of its own, and a bank reference counts within an account."""
        text = parsed.text(key)
        if not text:
            return []
        if key == "bank_reference":
            text = f"{account_key(parsed.text('our_account'))}{_APART}{text}"
        return [f"{text}{_REFUND}" if parsed.values.get("form") == PaymentForm.REFUND else text]

    def find(self, key: str, batch: Sequence[Parsed]) -> Iterable[tuple[str, int]]:
        """Known receipts, and the receipts of known refunds."""
        column = "key" if key == "same_payment" else key
        texts = [parsed.text(key) for parsed in batch]
        receipts = self._receipts().filter(**{f"{column}__in": texts}).exclude(**{column: ""})
        refunds = Refund.objects.visible_to(self.context.actor).filter(**{f"{column}__in": texts})
        if key == "bank_reference":
            found = [
                (f"{account_key(a)}{_APART}{r}", pk)
                for a, r, pk in receipts.standing().values_list("account", column, "pk")
            ]
            back = refunds.filter(is_reversed=False).values_list("receipt__account", column, "receipt_id")
            return [*found, *((f"{account_key(a)}{_APART}{r}{_REFUND}", pk) for a, r, pk in back)]
        found = list(receipts.values_list(column, "pk"))
        return [*found, *((f"{text}{_REFUND}", pk) for text, pk in refunds.values_list(column, "receipt_id"))]

    def missing(self, parsed: Parsed) -> list[Target]:
        """Customer (or a contract that tells it), day and amount; a refund finds its customer by its receipt."""
        found = super().missing(parsed)
        needs_customer = parsed.values.get("form") != PaymentForm.REFUND or "refund_of" not in parsed.values
        if needs_customer and "customer" not in parsed.values:
            found.append(self.context.parser.kind.target("customer"))
        return found

    def create(self, batch: Sequence[Parsed]) -> list[Outcome[Any]]:
        """Post the receipts together in the order of their days, then the refunds, which may be of one of them."""
        actor, at = self.context.actor, self.context.at
        outcomes: dict[int, Outcome[Any]] = {}
        in_time = sorted(batch, key=lambda head: (head.values["received_on"], head.row.number))
        money_in = [head for head in in_time if head.values["form"] != PaymentForm.REFUND]
        posted = post_receipts(actor, [self._receipt(head) for head in money_in], at=at, brings_history=True)
        outcomes |= {head.row.number: outcome for head, outcome in zip(money_in, posted, strict=True)}
        paid_back = [head for head in in_time if head.values["form"] == PaymentForm.REFUND]
        known = self._receipts_by_number(paid_back)
        for head in paid_back:
            outcomes[head.row.number] = self._pay_back(head, known)
        return [outcomes[head.row.number] for head in batch]

    def _receipt(self, head: Parsed) -> ReceiptDraft:
        values = head.values
        parts, by_contract = values["parts"], values["contract_parts"]
        contracts = {part.values["contract"] for part in head.parts if "contract" in part.values}
        form = values["form"]
        return ReceiptDraft(
            customer_id=values["customer"],
            amount=values["paid"],
            received_on=values["received_on"],
            kind=ReceiptKind(form.value),
            currency=values["currency"],
            contract_id=next(iter(contracts)) if len(contracts) == 1 else None,
            parts=parts,
            contract_parts=by_contract,
            allocate=values.get("allocate", True),
            number=head.text("number") or self._number(head),
            key=head.text("same_payment"),
            account=head.text("our_account"),
            **{name: values[name] for name in _OWN if name in values},
        )

    def _number(self, head: Parsed) -> str:
        """A number for what has none: those of our series are for what is posted here, and leave no gap when undone."""
        return f"I{self.context.parser.job.pk}-{head.row.number}"

    def _receipts_by_number(self, batch: Sequence[Parsed]) -> dict[str, Receipt]:
        numbers = {head.text("refund_of") for head in batch} - {""}
        return {row.number: row for row in self._receipts().filter(number__in=numbers)} if numbers else {}

    def _pay_back(self, head: Parsed, known: Mapping[str, Receipt]) -> Outcome[Any]:
        number = head.text("refund_of")
        receipt = known.get(number) if number else self._fitting(head)
        if receipt is None and self.was_tried(number):
            return Outcome(row=Refund())
        if receipt is None and not number and self.waits_for_run(head, "contract", "customer"):
            return Outcome(row=Refund())
        if receipt is None:
            return Outcome(refusal=InvalidInput({"refund_of": [_no_receipt(number)]}))
        draft = RefundDraft(
            receipt_id=receipt.pk,
            amount=head.values["paid"],
            refunded_on=head.values["received_on"],
            reason=head.text("note") or _("Brought along by an import"),
            bank_reference=head.text("bank_reference"),
            number=head.text("number") or self._number(head),
            key=head.text("same_payment"),
        )
        return bring_refunds(self.context.actor, [draft], at=self.context.at)[0]

    def _fitting(self, head: Parsed) -> Receipt | None:
        """The newest receipt of the customer, or of the contract, that the money can be of."""
        values = head.values
        rows = (
            self._receipts()
            .standing()
            .filter(
                customer_id=values["customer"],
                currency=values["currency"],
                received_on__lte=values["received_on"],
                amount__gte=F("refunded") + values["paid"],
            )
        )
        if "contract" in values:
            rows = rows.filter(contract_id=values["contract"])
        found: Receipt | None = rows.order_by("-received_on", "-pk").first()
        return found

    def made(self, row: Any) -> Made:
        """A refund leads to its receipt, and is undone before it."""
        if isinstance(row, Refund):
            return Made(row.receipt_id, before={"refund": row.pk})
        return Made(row.pk)

    def take_away(self, rows: Sequence[ImportRow]) -> list[str]:
        """What nobody has built on goes; the rest stays and says why."""
        refunds = {row.pk: row.before["refund"] for row in rows if row.before}
        receipts = {row.pk: row.target_id for row in rows if not row.before and row.target_id}
        actor, at = self.context.actor, self.context.at
        kept_refunds = take_back_refunds(actor, set(refunds.values()), at=at) if refunds else {}
        kept_receipts = take_back_receipts(actor, set(receipts.values()), at=at) if receipts else {}
        return [
            kept_refunds.get(refunds[row.pk], "") if row.pk in refunds else kept_receipts.get(receipts[row.pk], "")
            for row in rows
        ]


def _no_receipt(number: str) -> str:
    if number:
        return _("There is no receipt “%(number)s” that the money could be of.") % {"number": number}
    return _("No receipt of the customer is large enough for this refund. Name the receipt it is of.")
