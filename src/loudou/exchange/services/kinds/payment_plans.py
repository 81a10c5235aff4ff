"""Payment plans: the rows of a contract are the instalments of its plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from loudou.contracts.choices import BEFORE_SIGNING, DueBasis, PlanState
from loudou.contracts.models import Contract, Instalment
from loudou.contracts.services.bringing import PlanDraft, bring_plans
from loudou.contracts.services.ledger_drafts import InstalmentDraft
from loudou.contracts.services.taking_back import take_back_plans
from loudou.core.bulk import Outcome, RowUpdate
from loudou.exchange.services.kinds.base import Memory, Writer, as_json
from loudou.exchange.services.parsing import Parsed, money
from loudou.exchange.services.parties import agree_on_currency, contracts_named


class PaymentPlanWriter(Writer):
    """Hands the instalments of each contract to the ledger, in their order."""

    model = Contract
    batch = 100

    def prepare(self, batch: Sequence[Parsed]) -> None:
        """Put the instalments in order and say what each lacks."""
        contracts = contracts_named(self.context.actor, batch)
        for head in batch:
            if "contract" not in head.values and "contract" not in head.named:
                head.problems.append(_("%(field)s is missing.") % {"field": self.labels()["contract"]})
            contract = contracts.get(head.values.get("contract", 0))
            ordered = sorted(head.parts, key=lambda part: (part.values.get("position", 0), part.row.number))
            for place, part in enumerate(ordered, start=1):
                _amount, named = money(part, "amount")
                agree_on_currency(part, contract, named, self.context.parser.currency)
                part.values["instalment"] = self._instalment(part, place)
            head.values["plan"] = [part.values["instalment"] for part in ordered]

    def _instalment(self, part: Parsed, place: int) -> InstalmentDraft:
        values, labels = part.values, self.labels()
        amount = money(part, "amount")[0]
        if amount is None and "share" not in values and not part.problems:
            part.problems.append(_("%(field)s is missing.") % {"field": f"{labels['amount']} / {labels['share']}"})
        due = values.get("due_on")
        basis = DueBasis.DATE if due is not None else DueBasis(values.get("basis", DueBasis.DATE))
        if due is None and basis == DueBasis.DATE:
            part.problems.append(_("%(field)s is missing.") % {"field": f"{labels['due_on']} / {labels['basis']}"})
        months, days = (max(int(values.get(code, 0)), 0) for code in ("offset_months", "offset_days"))
        return InstalmentDraft(
            name=part.text("name") or _("Instalment %(number)s") % {"number": place},
            basis=basis,
            share=None if amount is not None else values.get("share"),
            amount=amount,
            on=due,
            offset_months=0 if due is not None else months,
            offset_days=0 if due is not None else days,
            is_retention=values.get("is_retention", False),
        )

    def match(self, batch: Sequence[Parsed], keys: Iterable[str]) -> dict[int, int]:
        """The contract the rows name."""
        return {parsed.row.number: parsed.values["contract"] for parsed in batch if "contract" in parsed.values}

    def key_texts(self, parsed: Parsed, key: str) -> list[str]:
        """The contract as found, so that its number and its id in another system are one; else as it is written."""
        found = parsed.values.get("contract")
        return [str(found)] if found is not None else parsed.named.get("contract", [])

    def known(self, ids: Iterable[int]) -> dict[int, Any]:
        """Contracts, each with the instalments of its plan as `plan_rows`."""
        contracts = self.visible().in_bulk(list(ids))
        plans: dict[int, list[Instalment]] = {pk: [] for pk in contracts}
        drafts = {pk for pk, row in contracts.items() if row.state in BEFORE_SIGNING}
        for part in Instalment.objects.filter(contract_id__in=contracts).select_related("plan").order_by("position"):
            wanted = PlanState.DRAFT if part.contract_id in drafts else PlanState.IN_FORCE
            if part.plan.state == wanted:
                plans[part.contract_id].append(part)
        for pk, row in contracts.items():
            row.plan_rows = plans[pk]
        return contracts

    def changes(self, parsed: Parsed) -> dict[str, Any]:
        """No field of the contract."""
        return {}

    def beside(self, parsed: Parsed, known: Any) -> dict[str, Any]:
        """The plan, unless the contract has this one."""
        plan: list[InstalmentDraft] = parsed.values["plan"]
        return {} if _is_this(plan, known.plan_rows) else {"plan": plan}

    def update(self, updates: Sequence[RowUpdate]) -> list[Outcome[Any]]:
        """Give the contracts their plans."""
        drafts = [PlanDraft(update.pk, update.changes["plan"]) for update in updates]
        return [*bring_plans(self.context.actor, drafts, at=self.context.at)]

    def has_changed(self, row: Any, before: int) -> bool:
        """Another plan does not touch the contract's own row."""
        return True

    def remember(self, found: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """The plan that there is."""
        return [{"plan": [_as_told(row) for row in known.plan_rows]} for known, _changes in found]

    def restore(self, memories: Sequence[Memory]) -> list[Outcome[Any]]:
        """Give the contracts their former plans back."""
        before = {memory.pk: [_as_draft(told) for told in memory.before["plan"]] for memory in memories}
        refused = take_back_plans(self.context.actor, before, at=self.context.at)
        rows = Contract.objects.in_bulk(list(before))
        return [
            Outcome(refusal=refused[memory.pk]) if memory.pk in refused else Outcome(row=rows[memory.pk])
            for memory in memories
        ]


def _is_this(plan: Sequence[InstalmentDraft], rows: Sequence[Instalment]) -> bool:
    """Whether a plan says the same as the one there is; a share or an amount that is not given counts as equal."""
    if len(plan) != len(rows):
        return False
    return all(
        (draft.basis, draft.on, draft.offset_months, draft.offset_days, draft.is_retention)
        == (row.basis, row.fixed_on, row.offset_months, row.offset_days, row.is_retention)
        and draft.name in (row.name, row.name_zh)
        and (draft.amount == row.amount if draft.share is None else draft.share == row.share)
        for draft, row in zip(plan, rows, strict=True)
    )


def _as_told(row: Instalment) -> dict[str, Any]:
    by_share = row.share is not None
    draft = InstalmentDraft(
        name=row.name,
        name_zh=row.name_zh,
        basis=DueBasis(row.basis),
        share=row.share if by_share else None,
        amount=None if by_share else row.amount,
        on=row.fixed_on,
        offset_months=row.offset_months,
        offset_days=row.offset_days,
        is_retention=row.is_retention,
    )
    return {name: as_json(value) for name, value in asdict(draft).items()}


def _as_draft(told: Mapping[str, Any]) -> InstalmentDraft:
    facts = dict(told)
    for name in ("share", "amount"):
        facts[name] = None if facts[name] is None else Decimal(facts[name])
    field: Any = Instalment._meta.get_field("fixed_on")
    return InstalmentDraft(**{**facts, "basis": DueBasis(facts["basis"]), "on": field.to_python(facts["on"])})
