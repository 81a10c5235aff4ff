"""Opportunities, with outcome and dates, so that history exists from the first day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from loudou.core.bulk import Outcome, RowUpdate
from loudou.core.refusals import BusinessRefusal
from loudou.exchange.services.kinds.base import Memory, Writer
from loudou.exchange.services.kinds.outcomes import bring_to
from loudou.exchange.services.kinds.pricing import price_lines
from loudou.exchange.services.kinds.stages import find_stage
from loudou.exchange.services.parsing import Parsed, money
from loudou.exchange.targets import Target
from loudou.pipeline.choices import CLOSED_STATES, State
from loudou.pipeline.models import Opportunity, Stage
from loudou.pipeline.services.drafts import LineDraft, MemberDraft, OpportunityDraft
from loudou.pipeline.services.opportunities import (
    create_opportunities,
    set_competitors,
    set_contacts,
    set_lines,
    set_members,
    update_opportunities,
    update_opportunity,
)
from loudou.pipeline.services.taking_back import Remembered, remember, take_back

_KEY = "\u0000"
BESIDE = frozenset({"stage_id", "state", "closed_on", "lines", "contacts", "members", "competitors"})
"""Changes that are not fields: other verbs make them."""


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
        price_lines(self.context, batch)
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

    def missing(self, parsed: Parsed) -> list[Target]:
        """A subject, when neither the file nor product, customer and id make one."""
        return [] if parsed.text("subject") else [self.context.parser.kind.target("subject")]

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
        """Opportunities with their lines, and with the people and competitors that the file names."""
        codes = {*self.context.parser.job.mapping.values(), *self.context.parser.defaults}
        wanted = {"contacts": "people", "members": "members", "competitors": "competitors"}
        beside = [name for code, name in wanted.items() if code in codes]
        return self.visible().prefetch_related("lines", *beside).in_bulk(list(ids))

    def beside(self, parsed: Parsed, known: Any) -> dict[str, Any]:
        """Stage, outcome, lines and people that differ from what is there; other verbs change them."""
        values, different = parsed.values, _newcomers(parsed.values, known)
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
        """Change fields of many together; one that moves or gets lines goes by its own verbs, all or nothing."""
        alone = {update.pk for update in updates if BESIDE & update.changes.keys()}
        together = [RowUpdate(u.pk, _fields(u.changes), u.version) for u in updates if u.pk not in alone]
        done = dict(
            zip(
                [u.pk for u in together],
                update_opportunities(self.context.actor, together, at=self.context.at),
                strict=True,
            )
        )
        return [done[update.pk] if update.pk in done else self._update_alone(update) for update in updates]

    def _update_alone(self, update: RowUpdate) -> Outcome[Any]:
        try:
            with transaction.atomic():
                return Outcome(row=self._update(update))
        except BusinessRefusal as refusal:
            return Outcome(refusal=refusal)

    def remember(self, found: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """The whole opportunity with its lines, since an update may move and close it."""
        memories = remember([known.pk for known, _changes in found])
        return [memories[known.pk] for known, _changes in found]

    def restore(self, memories: Sequence[Memory]) -> list[Outcome[Any]]:
        """Put back columns, lines and history."""
        remembered = [Remembered(memory.pk, memory.version, memory.before) for memory in memories]
        return [*take_back(self.context.actor, remembered, at=self.context.at)] if remembered else []

    def _update(self, update: RowUpdate) -> Opportunity:
        actor, at, changes = self.context.actor, self.context.at, update.changes
        opportunity = update_opportunity(actor, update.pk, changes=_fields(changes), at=at)
        if lines := changes.get("lines"):
            opportunity = set_lines(actor, update.pk, lines=lines, at=at)
        if contacts := changes.get("contacts"):
            opportunity = set_contacts(actor, update.pk, contact_ids=contacts)
        if members := changes.get("members"):
            opportunity = set_members(actor, update.pk, members=members)
        if competitors := changes.get("competitors"):
            opportunity = set_competitors(actor, update.pk, competitor_ids=competitors)
        return bring_to(
            actor,
            opportunity,
            stage_id=changes.get("stage_id"),
            state=changes.get("state"),
            closed_on=changes.get("closed_on"),
            at=at,
        )


def _fields(changes: Mapping[str, Any]) -> Any:
    """The changes of fields; an opening day is never cleared."""
    return {
        column: value
        for column, value in changes.items()
        if column not in BESIDE and (value is not None or column != "opened_on")
    }


def _newcomers(values: Mapping[str, Any], known: Opportunity) -> dict[str, Any]:
    """Contacts, colleagues and competitors of the file who are not in the sale yet, with those who are."""
    found: dict[str, Any] = {}
    if "contacts" in values:
        found["contacts"] = _joining(values["contacts"], [each.contact_id for each in known.people.all()])
    if "competitors" in values:
        found["competitors"] = _joining(values["competitors"], [each.pk for each in known.competitors.all()])
    if "members" in values:
        present = {each.user_id: each.split for each in known.members.all()}
        joined = _joining(values["members"], list(present))
        found["members"] = [MemberDraft(pk, present.get(pk, Decimal(0))) for pk in joined]
    return {name: each for name, each in found.items() if each}


def _joining(named: Sequence[int], present: Sequence[int]) -> list[int]:
    """Those present and those named, when somebody named is not there yet; an import takes nobody away."""
    return [*present, *(pk for pk in dict.fromkeys(named) if pk not in present)] if set(named) - set(present) else []


def _has(opportunity: Opportunity, lines: Sequence[LineDraft]) -> bool:
    present = [
        (each.product_id, each.quantity, each.unit_price, each.discount_rate) for each in opportunity.lines.all()
    ]
    return present == [(line.product_id, line.quantity, line.unit_price, line.discount_rate) for line in lines]
