"""How fields of opportunities change, one or many: checked one by one, written together, each with its history.

`Known` reads everything a batch of changes refers to, with a constant number of statements.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loudou.core.actors import Actor
from loudou.core.bulk import Outcome, RowUpdate, clean_row, write_rows
from loudou.core.copying import copy_rows, update_rows
from loudou.core.money import check_currency
from loudou.core.refusals import BusinessRefusal, InvalidInput, NotVisible
from loudou.core.verbs import check_version, lock_all
from loudou.customers.models import Customer
from loudou.customers.services.sharing import let_see
from loudou.people.models import User
from loudou.pipeline.choices import ChangeKind
from loudou.pipeline.errors import AlreadyClosed, AmountComesFromLines
from loudou.pipeline.models import Competitor, LossReason, Opportunity, OpportunityLine, OpportunityMember
from loudou.pipeline.services import creation, evidence, history, references
from loudou.pipeline.services.drafts import OpportunityChanges
from loudou.pipeline.services.valuing import Books, line_amount, settle_amount, total

EDITABLE = frozenset(OpportunityChanges.__annotations__)
FROZEN_WHEN_CLOSED = frozenset({"amount", "currency", "opened_on", "expected_on", "probability"})
VALUED = frozenset({"amount", "currency", "opened_on", "budget_confirmed_on"})
"""Fields that are judged by the company's calendar and rates."""


@dataclass
class Known:
    """What a batch of changes refers to; read with at most one statement per kind, and none for what is not named."""

    actor: Actor
    at: dt.datetime
    books: Books | None
    customers: Mapping[int, Customer]
    users: Mapping[int, User]
    reasons: set[int]
    competitors: set[int]
    lines: Mapping[int, list[OpportunityLine]]

    @classmethod
    def load(
        cls, actor: Actor, changed: Mapping[int, Mapping[str, Any]], rows: Mapping[int, Opportunity], at: dt.datetime
    ) -> Known:
        """Read it all; `changed` holds the fields that differ, by opportunity."""

        def named(field: str) -> set[int]:
            return {each[field] for each in changed.values() if each.get(field) is not None}

        valued = [pk for pk, each in changed.items() if VALUED & each.keys()]
        priced = [pk for pk in valued if changed[pk].keys() & {"amount", "currency"}]
        currencies = {changed[pk].get("currency", rows[pk].currency) for pk in valued}
        lines: dict[int, list[OpportunityLine]] = {}
        for line in OpportunityLine.objects.filter(opportunity_id__in=priced) if priced else ():
            lines.setdefault(line.opportunity_id, []).append(line)
        return cls(
            actor=actor,
            at=at,
            books=Books.load(currencies) if valued else None,
            customers=references.visible_customers(actor, named("customer_id")),
            users=references.users(named("owner_id"), actor=actor),
            reasons=references.known_ids(LossReason.objects.all(), named("loss_reason_id")),
            competitors=references.known_ids(Competitor.objects.all(), named("lost_to_id")),
            lines=lines,
        )


def update(actor: Actor, updates: Sequence[RowUpdate], *, at: dt.datetime) -> list[Outcome[Opportunity]]:
    """Change what can be changed, and say of the rest why not; outcomes in the order of the updates."""
    if unknown := {name for update in updates for name in update.changes} - EDITABLE:
        raise TypeError(f"not fields of an opportunity that can be changed here: {sorted(unknown)}")
    rows = {row.pk: row for row in lock_all(Opportunity.objects.visible_to(actor), [each.pk for each in updates])}
    refusals: dict[int, BusinessRefusal] = {}
    changed: dict[int, dict[str, Any]] = {}
    for update in updates:
        try:
            changed[update.pk] = _differing(rows.get(update.pk), update)
        except BusinessRefusal as refusal:
            refusals[update.pk] = refusal
    known = Known.load(actor, changed, rows, at)
    written: dict[int, set[str]] = {}
    for pk, values in changed.items():
        if not values:
            continue
        try:
            written[pk] = _apply(rows[pk], values, known)
        except BusinessRefusal as refusal:
            refusals[pk] = refusal
    refusals |= _write(written, rows, known)
    return [Outcome(refusal=refusals[u.pk]) if u.pk in refusals else Outcome(row=rows[u.pk]) for u in updates]


def _differing(row: Opportunity | None, update: RowUpdate) -> dict[str, Any]:
    """The new values that are not there already. Raises NotVisible, StaleWrite, UnknownCurrency, AlreadyClosed."""
    if row is None:
        raise NotVisible
    check_version(row, update.version)
    given = dict(update.changes)
    if isinstance(given.get("subject"), str):
        given["subject"] = given["subject"].strip()
    if "currency" in given:
        given["currency"] = check_currency(given["currency"])
    changed = {name: value for name, value in given.items() if getattr(row, name) != value}
    if row.is_closed and changed.keys() & FROZEN_WHEN_CLOSED:
        raise AlreadyClosed(subject=row.subject, state=row.get_state_display())
    return changed


def _apply(row: Opportunity, values: Mapping[str, Any], known: Known) -> set[str]:
    """Put checked values on the row; return the fields to be written. Raises the refusal that applies."""
    _check_references(row, values, known)
    for name, value in values.items():
        setattr(row, name, value)
    if refusal := clean_row(row):
        raise refusal
    creation.refuse_negative(row)
    return {*values, *(_settle(row, values, known) if values.keys() & VALUED else ())}


def _check_references(row: Opportunity, values: Mapping[str, Any], known: Known) -> None:
    """Check only what is changed: what is there already may stay."""
    if values.get("customer_id") is not None and values["customer_id"] not in known.customers:
        raise references.missing("customer")
    if "owner_id" in values:
        if values["owner_id"] is None:
            raise InvalidInput({"owner": [references.OWNER_NEEDED]})
        references.check_owner_choice(known.actor, values["owner_id"], present=row.owner_id)
        if (owner := known.users.get(values["owner_id"])) is None:
            raise references.missing("owner")
        references.refuse_unless_seller(owner)
    if values.get("loss_reason_id") is not None and values["loss_reason_id"] not in known.reasons:
        raise references.missing("loss_reason")
    if values.get("lost_to_id") is not None and values["lost_to_id"] not in known.competitors:
        raise references.missing("lost_to")


def _settle(row: Opportunity, values: Mapping[str, Any], known: Known) -> set[str]:
    """Keep amount, lines and base amount in step; return the further fields that changed."""
    assert known.books is not None  # noqa: S101 - for the type checker: read when anything valued changes
    for day in ("opened_on", "budget_confirmed_on"):
        known.books.refuse_future(values.get(day), now=known.at)
    if not values.keys() & {"amount", "currency"}:
        return set()
    if lines := known.lines.get(row.pk, []):
        if "amount" in values:
            raise AmountComesFromLines
        for line in lines:
            line.amount = line_amount(line, row.currency)
        row.amount = total(lines)
    settle_amount(row, known.books, known.books.day(known.at))
    return {"amount", "amount_base"}


def _write(
    written: Mapping[int, set[str]], rows: Mapping[int, Opportunity], known: Known
) -> dict[int, BusinessRefusal]:
    """Write the changed rows, the history they call for, and let new owners see their customers; refusals by id."""
    changing = [rows[pk] for pk in written]
    if not changing:
        return {}
    for row in changing:
        row.version += 1
        row.updated_at = known.at
    names = {*set().union(*written.values()), "version", "updated_at"}
    broken = write_rows(changing, lambda part: update_rows(part, names))
    refused: dict[int, BusinessRefusal] = {changing[place].pk: refusal for place, refusal in broken.items()}
    stored = {pk: fields for pk, fields in written.items() if pk not in refused}
    repriced = [line for pk, each in known.lines.items() if "currency" in stored.get(pk, ()) for line in each]
    if repriced:
        update_rows(repriced, {"amount"})
    _record([rows[pk] for pk, fields in stored.items() if fields & set(history.RECORDED)], known)
    evidence.report(known.actor, [rows[pk] for pk, names in stored.items() if names & evidence.PROVES], at=known.at)
    _let_see({pk: fields for pk, fields in stored.items() if fields & {"customer_id", "owner_id"}}, rows)
    return refused


def _record(rows: Sequence[Opportunity], known: Known) -> None:
    if rows:
        when = history.not_before_history([row.pk for row in rows], known.at)
        copy_rows([history.row(row, ChangeKind.REVISED, at=when, actor=known.actor) for row in rows])


def _let_see(stored: Mapping[int, Iterable[str]], rows: Mapping[int, Opportunity]) -> None:
    """Of a new customer the owner and the team become members, of an old one a new owner; its own owner needs not."""
    visitors = {(pk, rows[pk].owner_id) for pk in stored}
    moved = [pk for pk, fields in stored.items() if "customer_id" in fields]
    if moved:
        visitors |= set(
            OpportunityMember.objects.filter(opportunity_id__in=moved).values_list("opportunity_id", "user_id")
        )
    pairs = {
        (rows[pk].customer_id, user) for pk, user in visitors if rows[pk].customer_id is not None and user is not None
    }
    if pairs:
        owners = dict(Customer.objects.filter(pk__in={pk for pk, _user in pairs}).values_list("pk", "owner_id"))
        let_see((customer, user) for customer, user in pairs if customer is not None and owners.get(customer) != user)
