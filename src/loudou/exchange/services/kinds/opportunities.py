"""Opportunities, with outcome and dates, so that history exists from the first day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from loudou.catalog.models import Product
from loudou.core.bulk import Outcome, RowUpdate
from loudou.core.refusals import BusinessRefusal
from loudou.core.verbs import lock_all
from loudou.exchange.services.kinds.base import Memory, Writer
from loudou.exchange.services.kinds.outcomes import bring_to
from loudou.exchange.services.kinds.stages import find_stage
from loudou.exchange.services.parsing import Parsed, money
from loudou.pipeline.choices import CLOSED_STATES, State
from loudou.pipeline.models import Opportunity, Stage
from loudou.pipeline.services.drafts import LineDraft, MemberDraft, OpportunityDraft
from loudou.pipeline.services.opportunities import create_opportunities, set_lines, update_opportunity
from loudou.pipeline.services.taking_back import Remembered, remember, take_back

_KEY = "\u0000"
_PRICE_PLACES = Decimal("0.0001")
_ROUNDING = Decimal("0.01")


class OpportunityWriter(Writer):
    """Writes opportunities through the services of the pipeline."""

    model = Opportunity
    plain = (
        "subject", "amount", "currency", "opened_on", "expected_on", "probability", "source", "priority", "likelihood",
        "visibility", "budget_confirmed_on", "reach_kind", "purchase_kind", "next_step", "next_step_on", "close_note",
        "contract_reference", "notes", "external_id",
    )  # fmt: skip
    belongings = frozenset(
        {
            "pipeline.stagechange",
            "pipeline.opportunityline",
            "pipeline.opportunitymember",
            "pipeline.opportunitycontact",
            "pipeline.opportunity_competitors",
            "pipeline.star",
        }
    )
    ids = {"customer": "customer_id", "owner": "owner_id", "loss_reason": "loss_reason_id", "lost_to": "lost_to_id"}

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Find stage and outcome, put dates where they belong, price products, and name what has no subject."""
        for parsed in batch:
            values = parsed.values
            for other in ("customer_key", "customer_domain"):
                if other in values:
                    values.setdefault("customer", values[other])
            self._find_stage(parsed)
            self._place_dates(parsed)
            if "priority" in values:
                values["priority"] = int(values["priority"])
            if "amount" in values:
                values["amount"], named = money(parsed, "amount")
                values.setdefault("currency", named or self.context.parser.currency)
        self._price(batch)
        self._name(batch)

    def _find_stage(self, parsed: Parsed) -> None:
        if "state" in parsed.values:
            parsed.values["state"] = State(parsed.values["state"])
        found = find_stage(self.context, parsed, "stage", parsed.values.get("process"))
        if isinstance(found, Stage):
            parsed.values["stage_id"] = found.pk
        elif found is not None:
            parsed.values.setdefault("state", found)

    def _place_dates(self, parsed: Parsed) -> None:
        """A closing date is a fact about a closed sale, and an expectation about an open one."""
        values = parsed.values
        if values.get("state", State.OPEN) in CLOSED_STATES:
            return
        closing = values.pop("closed_on", None)
        if closing is not None:
            values.setdefault("expected_on", closing)

    def _price(self, batch: Sequence[Parsed]) -> None:
        """Make a line of each row that names a product."""
        priced = {part.values["product"] for head in batch for part in head.parts if "product" in part.values}
        products = Product.objects.in_bulk(priced) if priced else {}
        for head in batch:
            for part in head.parts:
                if "product" in part.values:
                    product = products[part.values["product"]]
                    head.values.setdefault("lines", []).append(self._line(head, part, product))
                    head.values.setdefault("product_name", product.name)
                elif len(head.parts) > 1:
                    label = self.context.parser.kind.target("product").label
                    part.problems.append(_("%(field)s is missing.") % {"field": label})
            if len(head.parts) > 1 and not head.problems:
                _compare_with_lines(head)

    def _line(self, head: Parsed, part: Parsed, product: Product) -> LineDraft:
        """One line; without a price it is the line's or (alone) the sale's amount by quantity, else the list price."""
        values, facts = part.values, head.values
        quantity, discount = values.get("quantity", Decimal(1)), values.get("discount_rate", Decimal(0))
        price, named = money(part, "unit_price")
        if price is None:
            amount, named = money(part, "line_amount")
            if amount is None and len(head.parts) == 1:
                amount = facts.get("amount")
            if amount is not None and quantity > 0:
                price, discount = (amount / quantity).quantize(_PRICE_PLACES), Decimal(0)
        if price is None and product.list_price is not None:
            price = product.list_price
            facts.setdefault("currency", product.currency)
            if facts["currency"] != product.currency:
                part.problems.append(
                    _("The list price of %(product)s is in %(currency)s. Say the amount or the price.")
                    % {"product": product.name, "currency": product.currency}
                )
        facts.setdefault("currency", named or self.context.parser.currency)
        return LineDraft(product.pk, quantity, price or Decimal(0), discount)

    def _name(self, batch: Sequence[Parsed]) -> None:
        """Without a subject in the file, product and customer make one; failing those, the id of the other system."""
        for parsed in batch:
            if parsed.text("subject"):
                continue
            parts = [parsed.text("product_name"), *parsed.named.get("customer", [])[:1]]
            made = " · ".join(part for part in parts if part) or parsed.text("external_id")
            if made:
                parsed.values["subject"] = made[:255]

    @classmethod
    def key_codes(cls, key: str) -> frozenset[str]:
        """A subject at a customer is one key."""
        return frozenset({"subject", "customer", "customer_key", "customer_domain"} if "subject" in key else {key})

    def key_texts(self, parsed: Parsed, key: str) -> list[str]:
        """A subject at a customer is one key."""
        if key != "subject_of_customer":
            return super().key_texts(parsed, key)
        subject = parsed.text("subject")
        return [f"{subject}{_KEY}{parsed.values.get('customer', '')}"] if subject else []

    def find(self, key: str, batch: Sequence[Parsed]) -> Iterable[tuple[str, int]]:
        """By column, or by subject at a customer."""
        if key == "subject_of_customer":
            subjects = [parsed.text("subject") for parsed in batch]
            customers = {parsed.values["customer"] for parsed in batch if "customer" in parsed.values}
            rows = self.visible().filter(subject__in=subjects)
            rows = rows.filter(customer__in=customers) if customers else rows.filter(customer=None)
            return [(f"{s}{_KEY}{c or ''}", pk) for s, c, pk in rows.values_list("subject", "customer_id", "pk")]
        texts = [text for parsed in batch for text in self.key_texts(parsed, key)]
        rows = self.visible().exclude(**{key: ""}).filter(**{f"{key}__in": texts})
        return [(text, pk) for pk, text in rows.values_list("pk", key)]

    def create(self, batch: Sequence[Parsed]) -> list[Outcome[Any]]:
        """Create opportunities with their history."""
        drafts = []
        for parsed in batch:
            values = parsed.values
            facts = self.changes(parsed)
            facts["priority"] = facts.get("priority") or 2
            for code in ("process", "stage_id", "state", "closed_on", "lines"):
                if code in values:
                    facts["process_id" if code == "process" else code] = values[code]
            facts["members"] = tuple(MemberDraft(pk) for pk in dict.fromkeys(values.get("members", ())))
            facts["contact_ids"] = tuple(dict.fromkeys(values.get("contacts", ())))
            facts["competitor_ids"] = tuple(dict.fromkeys(values.get("competitors", ())))
            drafts.append(OpportunityDraft(**facts))
        return [*create_opportunities(self.context.actor, drafts, at=self.context.at)]

    def known(self, ids: Iterable[int]) -> dict[int, Any]:
        """Opportunities with their lines."""
        return self.visible().prefetch_related("lines").in_bulk(list(ids))

    def beside(self, parsed: Parsed, known: Any) -> dict[str, Any]:
        """Stage, outcome and lines that differ from what is there; other verbs change them."""
        values, different = parsed.values, {}
        lines: list[LineDraft] = values.get("lines", [])
        if lines and known.is_open and not _has(known, lines):
            different["lines"] = lines
        wanted = values.get("state") or (State.OPEN if "stage_id" in values else known.state)
        closed_alike = known.is_closed and wanted in CLOSED_STATES
        if not closed_alike and (wanted != known.state or values.get("stage_id", known.stage_id) != known.stage_id):
            different |= {code: values[code] for code in ("stage_id", "state", "closed_on") if code in values}
        return different

    def changes(self, parsed: Parsed) -> dict[str, Any]:
        """Fields; the amount of a sale with lines is theirs."""
        changed = super().changes(parsed)
        if "lines" in parsed.values:
            changed.pop("amount", None)
        return changed

    def update(self, updates: Sequence[RowUpdate]) -> list[Outcome[Any]]:
        """Change opportunities one by one: each change of amount, date, owner or stage leaves its own history."""
        # All of them first: each goes on to lock its customer, which somebody at a later one of these may hold.
        lock_all(self.visible(), [update.pk for update in updates])
        outcomes: list[Outcome[Any]] = []
        for update in updates:
            try:
                with transaction.atomic():
                    outcomes.append(Outcome(row=self._update(update)))
            except BusinessRefusal as refusal:
                outcomes.append(Outcome(refusal=refusal))
        return outcomes

    def remember(self, found: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """The whole opportunity with its lines, since an update may move and close it."""
        memories = remember([known.pk for known, _changes in found])
        return [memories[known.pk] for known, _changes in found]

    def restore(self, memories: Sequence[Memory]) -> list[Outcome[Any]]:
        """Put back columns, lines and history."""
        remembered = [Remembered(memory.pk, memory.version, memory.before) for memory in memories]
        return [*take_back(self.context.actor, remembered, at=self.context.at)] if remembered else []

    def _update(self, update: RowUpdate) -> Opportunity:
        actor, at = self.context.actor, self.context.at
        changes = dict(update.changes)
        beside = {code: changes.pop(code) for code in ("stage_id", "state", "closed_on", "lines") if code in changes}
        fields: Any = {column: value for column, value in changes.items() if value is not None or column != "opened_on"}
        opportunity = update_opportunity(actor, update.pk, changes=fields, at=at)
        lines: list[LineDraft] = beside.get("lines", [])
        if lines:
            opportunity = set_lines(actor, update.pk, lines=lines, at=at)
        return bring_to(
            actor,
            opportunity,
            stage_id=beside.get("stage_id"),
            state=beside.get("state"),
            closed_on=beside.get("closed_on"),
            at=at,
        )


def _has(opportunity: Opportunity, lines: Sequence[LineDraft]) -> bool:
    present = [
        (each.product_id, each.quantity, each.unit_price, each.discount_rate) for each in opportunity.lines.all()
    ]
    return present == [(line.product_id, line.quantity, line.unit_price, line.discount_rate) for line in lines]


def _compare_with_lines(head: Parsed) -> None:
    """Refuse rows whose amount of the sale is not what their lines make: one of the two is wrong."""
    lines: list[LineDraft] = head.values.get("lines", [])
    amount = head.values.get("amount")
    if amount is None or not lines:
        return
    made = sum((line.quantity * line.unit_price * (1 - line.discount_rate) for line in lines), Decimal(0))
    if abs(made - amount) > _ROUNDING * len(lines):
        head.problems.append(
            _("The lines make %(made)s, but the amount is %(amount)s. Skip the amount, or correct one of them.")
            % {"made": f"{made.quantize(_ROUNDING)}", "amount": f"{amount:f}"}
        )
