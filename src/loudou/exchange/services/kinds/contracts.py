"""Contracts and orders of the past and present, with their lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, cast

from django.utils.translation import gettext as _

from loudou.contracts.choices import ContractKind, Party
from loudou.contracts.models import Contract
from loudou.contracts.services.bringing import each
from loudou.contracts.services.drafting import draft_contracts
from loudou.contracts.services.drafts import ActDraft, ContractChanges, ContractDraft, LineDraft, SignedPast, TermsFacts
from loudou.contracts.services.editing import update_contract
from loudou.contracts.services.taking_back import take_back_contracts
from loudou.core.bulk import Outcome, RowUpdate
from loudou.core.money import round_money
from loudou.customers.models import Customer
from loudou.exchange.choices import ContractStanding, Mode
from loudou.exchange.errors import ContractSaysOtherwise
from loudou.exchange.models import ImportRow
from loudou.exchange.services.kinds.base import Writer
from loudou.exchange.services.parsing import Parsed, money
from loudou.exchange.services.parties import take_customer
from loudou.exchange.targets import Target
from loudou.people.permissions import granted

ENDED = (ContractStanding.COMPLETED, ContractStanding.TERMINATED)
_LINE = ("product", "description", "unit_price", "quantity")
ONE = Decimal(1)
PRICE_STEP = Decimal("0.0001")


class ContractWriter(Writer):
    """Drafts contracts, and lets those that were signed pass through their life on the days it happened."""

    model = Contract
    batch = 100
    plain = ("title", "customer_reference", "notes", "external_id")
    ids = MappingProxyType({"owner": "owner_id", "opportunity": "opportunity_id", "customer": "customer_id"})

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Find out where each contract stands, what it comes to, and what its rows lack."""
        known = self._known_ones(batch)
        for head in batch:
            values = head.values
            take_customer(head)
            if head.row.number in known:
                values["is_known"] = True
                continue
            currencies = {named for part in head.parts for code in ("amount", "unit_price")
                          if (named := money(part, code)[1])}  # fmt: skip
            values.setdefault("currency", next(iter(currencies), self.context.parser.currency))
            if currencies - {values["currency"]}:
                head.problems.append(_("The row names amounts in several currencies."))
            values["standing"] = ContractStanding(values.get("standing") or self._standing(head))
            self._check_days(head)
            values["lines"] = self._lines(head)
            values["agreed"] = money(head, "amount")[0] if self._has_lines(head) else None

    def _known_ones(self, batch: Sequence[Parsed]) -> dict[int, int]:
        """Rows about contracts that are there, when the import may change these: they need not say everything again."""
        if self.context.parser.job.mode == Mode.CREATE:
            return {}
        return self.match(batch, self.context.parser.kind.keys)

    @staticmethod
    def _standing(head: Parsed) -> ContractStanding:
        if "ended_on" in head.values:
            return ContractStanding.COMPLETED
        return ContractStanding.SIGNED if "signed_on" in head.values else ContractStanding.DRAFT

    def _check_days(self, head: Parsed) -> None:
        standing, labels = head.values["standing"], self.labels()
        needed = [] if standing == ContractStanding.DRAFT else ["number", "signed_on"]
        needed += ["ended_on"] if standing in ENDED else []
        head.problems += [
            _("%(field)s is missing, but the contract is “%(status)s”.")
            % {"field": labels[code], "status": standing.label}
            for code in needed
            if code not in head.values
        ]

    @staticmethod
    def _has_lines(head: Parsed) -> bool:
        return any(code in part.values or code in part.named for part in head.parts for code in _LINE)

    def _lines(self, head: Parsed) -> list[LineDraft]:
        """The rows as lines; a contract without any is one line with its whole amount."""
        amount = money(head, "amount")[0]
        if not self._has_lines(head):
            if amount is None and not head.problems:
                head.problems.append(_("%(field)s is missing.") % {"field": self.labels()["amount"]})
            if amount is None:
                return []
            whole = LineDraft(ONE, amount, description=self._title(head), tax_rate=head.values.get("tax_rate"))
            return [whole]
        return [self._line(head, part, amount if len(head.parts) == 1 else None) for part in head.parts]

    def _line(self, head: Parsed, part: Parsed, amount: Decimal | None) -> LineDraft:
        values, quantity = part.values, part.values.get("quantity", ONE)
        price, _named = money(part, "unit_price")
        if price is None and amount is not None and quantity > 0:
            price = (amount / quantity).quantize(PRICE_STEP)
            if round_money(price * quantity, head.values["currency"]) != amount:
                price = None
        if price is None and not part.problems:
            part.problems.append(_("%(field)s is missing.") % {"field": self.labels()["unit_price"]})
        return LineDraft(
            quantity,
            price or Decimal(0),
            description=part.text("description") or ("" if "product" in values else self._title(head)),
            product_id=values.get("product"),
            specification=part.text("specification"),
            unit=part.text("unit"),
            discount_rate=values.get("discount_rate", Decimal(0)),
            tax_rate=values.get("tax_rate"),
            due_on=values.get("line_due_on"),
        )

    @staticmethod
    def _title(head: Parsed) -> str:
        names = (head.text("title"), head.text("description"), *head.named.get("product", [])[:1], head.text("number"))
        return next((name for name in names if name), "")[:255]

    def find(self, key: str, batch: Sequence[Parsed]) -> Iterable[tuple[str, int]]:
        """By number or by id of another system."""
        texts = [text for parsed in batch for text in self.key_texts(parsed, key)]
        rows = self.visible().exclude(**{key: ""}).filter(**{f"{key}__in": texts})
        return [(text, pk) for pk, text in rows.values_list("pk", key)]

    def missing(self, parsed: Parsed) -> list[Target]:
        """A customer."""
        return [] if "customer" in parsed.values else [self.context.parser.kind.target("customer")]

    def create(self, batch: Sequence[Parsed]) -> list[Outcome[Any]]:
        """Draft them, and let the signed ones be signed and ended when that was."""
        owners = self._owners_of_customers(batch)
        drafts = [self._draft(head, owners) for head in batch]
        return [*draft_contracts(self.context.actor, drafts, at=self.context.at)]

    def _owners_of_customers(self, batch: Sequence[Parsed]) -> dict[int, int]:
        """Owners of the customers who can own contracts, for rows that name nobody."""
        if not self.context.actor.has_permission("contracts.assign"):
            return {}
        ids = {head.values["customer"] for head in batch if "owner" not in head.values}
        rows = Customer.objects.filter(pk__in=ids, owner__is_active=True).values_list("pk", "owner", "owner__roles")
        return {pk: owner for pk, owner, roles in rows if owner is not None and "contracts.view" in granted(roles)}

    def _draft(self, head: Parsed, owners: dict[int, int]) -> ContractDraft:
        values = head.values
        standing: ContractStanding = values["standing"]
        return ContractDraft(
            title=self._title(head),
            customer_id=values["customer"],
            kind=ContractKind(values.get("contract_kind", ContractKind.GOODS)),
            currency=values["currency"],
            tax_included=values.get("tax_included", True) if self._has_lines(head) else True,
            lines=values["lines"],
            clauses=None if standing == ContractStanding.DRAFT else (),
            terms=self._terms(head),
            opportunity_id=values.get("opportunity"),
            owner_id=values.get("owner", owners.get(values["customer"])),
            number=head.text("number"),
            customer_reference=head.text("customer_reference"),
            drafted_on=values.get("drafted_on"),
            notes=head.text("notes"),
            external_id=head.text("external_id"),
            past=_past(head, standing) if standing != ContractStanding.DRAFT else None,
            agreed_amount=values["agreed"],
        )

    @staticmethod
    def _terms(head: Parsed) -> TermsFacts:
        terms = TermsFacts()
        if "effective_on" in head.values:
            terms["effective_on"] = head.values["effective_on"]
        if "expires_on" in head.values:
            terms["expires_on"] = head.values["expires_on"]
        return terms

    def changes(self, parsed: Parsed) -> dict[str, Any]:
        """What describes the contract."""
        changed = super().changes(parsed)
        if "contract_kind" in parsed.values:
            changed["kind"] = parsed.values["contract_kind"]
        return changed

    def beside(self, parsed: Parsed, known: Any) -> dict[str, Any]:
        """What the row says otherwise than the contract and an import never changes."""
        return {"settled": said} if (said := self._settled(parsed, known)) else {}

    def _settled(self, parsed: Parsed, known: Contract) -> list[str]:
        """Labels of what was agreed or happened, where the row says something else than the contract."""
        values, labels = parsed.values, self.labels()
        amount, named = money(parsed, "amount")
        has_lines = self._has_lines(parsed) and len(parsed.parts) > 1
        told = {
            "signed_on": (values.get("signed_on"), known.signed_on),
            "ended_on": (values.get("ended_on"), known.ended_on),
            "amount": (None if has_lines else amount, known.amount),
            "currency": (values.get("currency") or named or None, known.currency),
            "number": (values.get("number"), known.number),
        }
        return [labels[code] for code, (said, present) in told.items() if said is not None and said != present]

    def update(self, updates: Sequence[RowUpdate]) -> list[Outcome[Any]]:
        """Change what describes contracts. Each is refused alone: what was agreed or happened is not changed by a file,
        and what is part of an offer only in a draft.
        """
        return [*each(updates, self._change)]

    def _change(self, update: RowUpdate) -> Contract:
        changes = dict(update.changes)
        if settled := changes.pop("settled", None):
            raise ContractSaysOtherwise(fields=", ".join(settled))
        given = cast(ContractChanges, changes)
        return update_contract(self.context.actor, update.pk, changes=given, version=update.version)

    def take_away(self, rows: Sequence[ImportRow]) -> list[str]:
        """Those on which nothing rests go, with all that belongs to them."""
        left = {row.target_id: row.version_left or 0 for row in rows if row.target_id is not None}
        kept = take_back_contracts(self.context.actor, left, at=self.context.at)
        return [kept.get(row.target_id or 0, "") for row in rows]


def _past(head: Parsed, standing: ContractStanding) -> SignedPast:
    values = head.values
    signed = ActDraft(values["signed_on"], Party.CUSTOMER, head.text("signatory"))
    note = head.text("end_note") or _("Brought along by an import")
    ended_on: dt.date | None = values.get("ended_on")
    ended = ActDraft(ended_on, note=note) if ended_on is not None else None
    return SignedPast(
        signed,
        began=ActDraft(signed.on) if standing == ContractStanding.PERFORMING else None,
        completed=ended if standing == ContractStanding.COMPLETED else None,
        terminated=ended if standing == ContractStanding.TERMINATED else None,
    )
