"""The bulk-written rows are those that the real services write when the same acts are done one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from loudou.core.actors import SYSTEM
from loudou.core.rates import RateTable
from loudou.core.scoping import EVERYTHING, Reach
from loudou.demo.building import DemoCompany
from loudou.demo.ledger import Ledger
from loudou.demo.sale import Act, Sale, Verb
from loudou.people.models import User
from loudou.pipeline.choices import ChangeKind
from loudou.pipeline.models import CriterionCheck, Opportunity, OpportunityLine, StageChange
from loudou.pipeline.services import moves, opportunities, rates
from loudou.pipeline.services.drafts import LineDraft, MemberDraft, OpportunityDraft

from .conftest import TODAY

OPPORTUNITY_COLUMNS = (
    "subject", "customer_id", "process_id", "stage_id", "state", "amount", "currency", "amount_base", "opened_on",
    "expected_on", "probability", "source", "owner_id", "priority", "likelihood", "visibility", "reach_kind",
    "purchase_kind", "stage_entered_at", "closed_at", "loss_reason_id", "lost_to_id", "close_note",
    "contract_reference", "version",
)  # fmt: skip
CHANGE_COLUMNS = (
    "kind", "from_stage_id", "to_stage_id", "from_state", "to_state", "amount", "currency", "amount_base",
    "expected_on", "probability", "owner_id", "at", "actor_id",
)  # fmt: skip
NOTED = (ChangeKind.LOST, ChangeKind.DROPPED, ChangeKind.HELD, ChangeKind.REOPENED, ChangeKind.REVISED)
"""Kinds whose note the services leave as it was given; to the others they add what was unmet."""


@dataclass(frozen=True)
class Anybody:
    """A colleague whom nothing stops: who may do what is tested elsewhere."""

    pk: int

    def has_permission(self, verb: str) -> bool:
        return True

    def reach(self, label: str) -> Reach:
        return EVERYTHING


def sample(sales: list[Sale]) -> list[Sale]:
    """Every sixtieth sale, and four that contain each rarer act."""
    chosen = sales[::60]
    for verb in (Verb.HOLD, Verb.RESUME, Verb.REOPEN, Verb.ASSIGN, Verb.SET_LINES, Verb.DROP, Verb.WIN):
        chosen += [sale for sale in sales if any(act.verb == verb for act in sale.acts)][:4]
    chosen += [sale for sale in sales if sale.currency == "EUR"][:4]
    return list({id(sale): sale for sale in chosen}.values())


def create(sale: Sale) -> int:
    draft = OpportunityDraft(
        subject=sale.subject,
        customer_id=sale.client.id,
        process_id=sale.process.id,
        amount=sale.amount,
        currency=sale.currency,
        lines=[LineDraft(**line._asdict()) for line in sale.lines],
        expected_on=sale.expected_on,
        probability=sale.probability,
        owner_id=sale.owner.user_id,
        members=[MemberDraft(user_id, split) for user_id, split in sale.members],
        contact_ids=sale.contact_ids,
        competitor_ids=sale.competitor_ids,
        purchase_kind=sale.purchase_kind,
        **sale.facts,
    )
    actor = Anybody(sale.owner.user_id)
    return opportunities.create_opportunity(actor, draft=draft, at=sale.opened_at).pk


SERVICES: dict[Verb, Any] = {
    Verb.MOVE: moves.move_opportunity,
    Verb.UPDATE: opportunities.update_opportunity,
    Verb.SET_LINES: opportunities.set_lines,
    Verb.WIN: moves.win_opportunity,
    Verb.LOSE: moves.lose_opportunity,
    Verb.DROP: moves.drop_opportunity,
    Verb.HOLD: moves.hold_opportunity,
    Verb.RESUME: moves.resume_opportunity,
    Verb.REOPEN: moves.reopen_opportunity,
    Verb.ASSIGN: moves.assign_opportunity,
    Verb.MEET: moves.meet_criterion,
}


def do(pk: int, act: Act, contract: str) -> None:
    facts = dict(act.facts)
    if act.verb == Verb.SET_LINES:
        facts["lines"] = [LineDraft(**line._asdict()) for line in facts["lines"]]
    if act.verb == Verb.WIN:
        facts["contract_reference"] = contract
    SERVICES[act.verb](Anybody(act.actor_id), pk, at=act.at, **facts)


@pytest.mark.slow
def test_services_write_the_same_rows(db):
    company = DemoCompany("zh", 11, TODAY)
    company.people_and_catalog()
    story = company.story()
    company.customers(story)
    User.objects.update(is_active=True)  # whoever has left was there at the time
    chosen = sample(story.sales)
    written = Ledger(RateTable.load(), today=TODAY).write(chosen)
    by_sale: dict[int, list[dict[str, Any]]] = {}
    for change in written.changes:
        by_sale.setdefault(change["opportunity_id"], []).append(change)

    replayed = []
    for sale, row in zip(chosen, written.opportunities, strict=True):
        pk = create(sale)
        for act in sale.acts:
            do(pk, act, row["contract_reference"] if row.get("contract_reference") else "")
        replayed.append(pk)
    rates.revalue_open_opportunities(SYSTEM, today=TODAY)

    for pk, row in zip(replayed, written.opportunities, strict=True):
        ours = {"contract_reference": "", "close_note": "", "loss_reason_id": None, "lost_to_id": None} | row
        theirs = Opportunity.objects.values(*OPPORTUNITY_COLUMNS).get(pk=pk)
        assert {name: ours[name] for name in OPPORTUNITY_COLUMNS} == theirs
        history = list(
            StageChange.objects.filter(opportunity_id=pk).order_by("at", "id").values(*CHANGE_COLUMNS, "note")
        )
        mine = by_sale[row["id"]]
        assert [[change[name] for name in CHANGE_COLUMNS] for change in mine] == [
            [change[name] for name in CHANGE_COLUMNS] for change in history
        ]
        assert [c["note"] for c in mine if c["kind"] in NOTED] == [c["note"] for c in history if c["kind"] in NOTED]
        lines = [line for line in written.lines if line["opportunity_id"] == row["id"]]
        assert [line["amount"] for line in lines] == list(
            OpportunityLine.objects.filter(opportunity_id=pk).values_list("amount", flat=True)
        )
        assert sum(check["opportunity_id"] == row["id"] for check in written.checks) == (
            CriterionCheck.objects.filter(opportunity_id=pk).count()
        )
