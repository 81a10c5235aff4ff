"""Turning sales into rows: the same rows that the pipeline's services would have written act by act.

A test replays sales through the real services and compares; `loudou check` proves the caches.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from loudou.core.money import Money
from loudou.core.rates import RateTable
from loudou.demo import calendar
from loudou.demo.sale import Act, Sale, Verb
from loudou.pipeline.choices import ChangeKind, State

_CLOSED = {Verb.WIN: State.WON, Verb.LOSE: State.LOST, Verb.DROP: State.DROPPED}


_KEPT = ("amount", "currency", "amount_base", "expected_on", "probability", "owner_id")
"""What each row of the history repeats from the opportunity."""


@dataclass(slots=True)
class Entries:
    """Rows of one or many sales, by table."""

    opportunities: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    competitors: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)


class Ledger:
    """Writes sales down, one after another."""

    def __init__(self, rates: RateTable, *, today: dt.date) -> None:
        self.rates, self.today = rates, today
        self.entries = Entries()
        self.wins: dict[int, int] = {}

    def write(self, sales: Iterable[Sale]) -> Entries:
        """Return the rows of all sales: opportunities in the order of opening, history in the order of time."""
        for pk, sale in enumerate(sales, start=1):
            _Account(self, pk, sale).settle()
        self._number_contracts()
        made = self.entries
        made.changes.sort(key=lambda row: (row["at"], row["opportunity_id"]))
        made.checks.sort(key=lambda row: (row["met_at"], row["opportunity_id"]))
        for rows in (made.changes, made.lines, made.members, made.contacts, made.competitors, made.checks):
            for pk, row in enumerate(rows, start=1):
                row["id"] = pk
        return made

    def _number_contracts(self) -> None:
        """Contracts are numbered within their year, in the order in which they were signed."""
        won = [row for row in self.entries.opportunities if row["state"] == State.WON]
        for row in sorted(won, key=lambda row: row["closed_at"]):
            year = row["closed_at"].astimezone(calendar.TIME_ZONE).year
            self.wins[year] = self.wins.get(year, 0) + 1
            row["contract_reference"] = f"LC-{year}-{self.wins[year]:04d}"


class _Account:
    """One sale's present state while its acts are gone through."""

    def __init__(self, ledger: Ledger, pk: int, sale: Sale) -> None:
        self.ledger, self.pk, self.sale = ledger, pk, sale
        self.positions = {stage.id: number for number, stage in enumerate(sale.process.stages)}
        self.row: dict[str, Any] = {
            "id": pk, "subject": sale.subject, "customer_id": sale.client.id, "process_id": sale.process.id,
            "stage_id": sale.process.stages[0].id, "state": State.OPEN, "amount": sale.amount,
            "currency": sale.currency, "opened_on": sale.opened_at.astimezone(calendar.TIME_ZONE).date(),
            "expected_on": sale.expected_on, "probability": sale.probability, "owner_id": sale.owner.user_id,
            "purchase_kind": sale.purchase_kind, "stage_entered_at": sale.opened_at, "closed_at": None,
            "created_at": sale.opened_at, "version": 1, **sale.facts,
        }  # fmt: skip
        self.lines = sale.lines

    def settle(self) -> None:
        """Go through the acts and hand the rows over."""
        made, sale = self.ledger.entries, self.sale
        last = sale.opened_at
        self._value(sale.opened_at)
        self._change(ChangeKind.CREATED, sale.opened_at, sale.owner.user_id, from_state="", from_stage=None)
        for act in sale.acts:
            self._do(act)
            last = act.at
        self.row["updated_at"] = last
        if self.row["state"] in (State.OPEN, State.ON_HOLD):
            self._value(dt.datetime.combine(self.ledger.today, dt.time(), tzinfo=calendar.TIME_ZONE))
        made.opportunities.append(self.row)
        for position, line in enumerate(self.lines, start=1):
            made.lines.append({
                "opportunity_id": self.pk, **line._asdict(), "amount": line.amount(sale.currency), "position": position,
            })  # fmt: skip
        for user_id, split in sale.members:
            made.members.append({"opportunity_id": self.pk, "user_id": user_id, "split": split})
        for contact_id in sale.contact_ids:
            made.contacts.append({"opportunity_id": self.pk, "contact_id": contact_id})
        for competitor_id in sale.competitor_ids:
            made.competitors.append({"opportunity_id": self.pk, "competitor_id": competitor_id})

    def _do(self, act: Act) -> None:
        row, facts = self.row, act.facts
        before = {"from_state": row["state"], "from_stage": row["stage_id"]}
        note = facts.get("note", "")
        match act.verb:
            case Verb.MEET:
                self._meet(act)
                return
            case Verb.MOVE:
                kind = self._kind_of_move(facts["stage_id"])
                row |= {"stage_id": facts["stage_id"], "stage_entered_at": act.at}
            case Verb.UPDATE:
                if all(row[name] == value for name, value in facts["changes"].items()):
                    return
                row |= facts["changes"]
                kind = ChangeKind.REVISED
                if "amount" in facts["changes"]:
                    self._value(act.at)
            case Verb.SET_LINES:
                kind = ChangeKind.REVISED
                self.lines = facts["lines"]
                row["amount"] = sum((line.amount(self.sale.currency) for line in self.lines), Decimal(0))
                self._value(act.at)
            case Verb.ASSIGN:
                kind = ChangeKind.REVISED
                row["owner_id"] = facts["owner_id"]
            case Verb.HOLD:
                kind = ChangeKind.HELD
                row["state"] = State.ON_HOLD
            case Verb.RESUME:
                kind = ChangeKind.REOPENED
                row |= {"state": State.OPEN, "stage_entered_at": act.at}
            case Verb.REOPEN:
                kind = ChangeKind.REOPENED
                row |= {
                    "state": State.OPEN, "stage_entered_at": act.at, "closed_at": None, "loss_reason_id": None,
                    "lost_to_id": None, "close_note": "",
                }  # fmt: skip
                self._value(act.at)
            case Verb.WIN | Verb.LOSE | Verb.DROP:
                row |= {"state": _CLOSED[act.verb], "closed_at": act.at, "close_note": note}
                row |= {name: facts[name] for name in ("loss_reason_id", "lost_to_id") if name in facts}
                kind = ChangeKind(row["state"])
                self._value(act.at)
        row["version"] += 1
        self._change(kind, act.at, act.actor_id, **before, note=note)

    def _kind_of_move(self, stage_id: int) -> ChangeKind:
        here, there = self.positions[self.row["stage_id"]], self.positions[stage_id]
        if there < here:
            return ChangeKind.MOVED_BACK
        return ChangeKind.ADVANCED if there == here + 1 else ChangeKind.SKIPPED

    def _value(self, at: dt.datetime) -> None:
        """Bring the base amount to the rate of a day."""
        amount = self.row["amount"]
        on = at.astimezone(calendar.TIME_ZONE).date()
        self.row["amount_base"] = (
            None if amount is None else self.ledger.rates.to_base(Money(amount, self.sale.currency), on)
        )

    def _change(
        self,
        kind: ChangeKind,
        at: dt.datetime,
        actor_id: int,
        *,
        from_state: str,
        from_stage: int | None,
        note: str = "",
    ) -> None:
        row = self.row
        self.ledger.entries.changes.append({
            "opportunity_id": self.pk, "kind": kind, "from_stage_id": from_stage, "to_stage_id": row["stage_id"],
            "from_state": from_state, "to_state": row["state"], "at": at, "recorded_at": at, "actor_id": actor_id,
            "note": note,
            **{name: row[name] for name in _KEPT},
        })  # fmt: skip

    def _meet(self, act: Act) -> None:
        self.ledger.entries.checks.append({
            "opportunity_id": self.pk, "criterion_id": act.facts["criterion_id"], "evidence": act.facts["evidence"],
            "met_at": act.at, "met_by_id": act.actor_id,
        })  # fmt: skip
        self.row["version"] += 1
