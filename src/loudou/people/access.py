"""How far each role sees: the one table, for pages, API, exports, search, counts and charts alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.core.scoping import EVERYTHING, NOTHING, Reach
from loudou.people.choices import Role, Scope

if TYPE_CHECKING:
    from loudou.people.models import User

CUSTOMER_SIDE = ("customers.customer", "customers.contact", "privacy.personaldatarequest")
SALES_SIDE = ("pipeline.opportunity",)
CONTRACT_SIDE = (
    "contracts.contract",
    "contracts.paymentplan",
    "contracts.instalment",
    "contracts.receipt",
    "contracts.refund",
    "contracts.reversal",
    "contracts.invoice",
    "contracts.exchangedifference",
)
BANK_SIDE = (
    "contracts.bankstatement",
    "contracts.statementline",
    "exchange.statementfile",
    "exchange.accountformat",
)

HANDOVERS = ("handover.handover", "handover.handoverplan")
PEOPLE_SIDE = ("people.user", "people.team")
CATALOG_SIDE = ("catalog.product", "catalog.productline")
PLAYBOOK_SIDE = ("playbook.card", "playbook.readinglist")
READING_SIDE = ("playbook.attempt",)
AUDIT = ("people.auditentry",)

SIDES: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Customers and contacts"), CUSTOMER_SIDE),
    (_("Opportunities"), SALES_SIDE),
    (_("Contracts and money"), CONTRACT_SIDE),
    (_("Bank statements"), BANK_SIDE),
    (_("Handovers"), HANDOVERS),
    (_("Users and teams"), PEOPLE_SIDE),
    (_("Products"), CATALOG_SIDE),
    (_("Playbook"), PLAYBOOK_SIDE),
    (_("Progress in reading lists"), READING_SIDE),
    (_("Audit"), AUDIT),
)
"""Kinds of records that a role sees equally far, with the name of the whole; each scoped model is in one of them."""

_COLLEAGUES = dict.fromkeys((*PEOPLE_SIDE, *CATALOG_SIDE, *PLAYBOOK_SIDE), Scope.ALL)
_BUSINESS = (*CUSTOMER_SIDE, *SALES_SIDE, *CONTRACT_SIDE, *HANDOVERS)
_WORK = (*_BUSINESS, *READING_SIDE)

SCOPES: Mapping[Role, Mapping[str, Scope]] = {
    Role.REP: _COLLEAGUES | dict.fromkeys(_WORK, Scope.OWN),
    Role.MANAGER: _COLLEAGUES | dict.fromkeys(_WORK, Scope.TEAM),
    Role.OPERATIONS: _COLLEAGUES | dict.fromkeys(_WORK, Scope.ALL),
    Role.FINANCE: _COLLEAGUES
    | dict.fromkeys((*CUSTOMER_SIDE, *CONTRACT_SIDE, *BANK_SIDE), Scope.ALL)
    | dict.fromkeys((*HANDOVERS, *READING_SIDE), Scope.OWN),
    Role.EXECUTIVE: _COLLEAGUES | dict.fromkeys(_BUSINESS, Scope.ALL) | dict.fromkeys(READING_SIDE, Scope.OWN),
    Role.ADMINISTRATOR: _COLLEAGUES | dict.fromkeys((*_WORK, *BANK_SIDE, *AUDIT), Scope.ALL),
    Role.AUDITOR: _COLLEAGUES | dict.fromkeys((*_WORK, *BANK_SIDE, *AUDIT), Scope.ALL),
}

_SUBTREE = """
    WITH RECURSIVE subtree(id) AS (
        SELECT team_id FROM people_membership
        WHERE user_id = %(user)s AND is_lead AND started_on <= %(today)s AND (ended_on IS NULL OR ended_on > %(today)s)
        UNION
        SELECT team.id FROM people_team team JOIN subtree ON team.parent_id = subtree.id
    )
    SELECT DISTINCT user_id FROM people_membership
    WHERE team_id IN (SELECT id FROM subtree)
      AND started_on <= %(today)s AND (ended_on IS NULL OR ended_on > %(today)s)
"""


def scope_for(user: User, label: str) -> Scope:
    """Return the widest scope that the user's roles give among rows of a model."""
    return max((SCOPES[Role(role)].get(label, Scope.NONE) for role in user.roles), default=Scope.NONE)


def people_under(user: User, *, today: dt.date) -> tuple[int, ...]:
    """Ids of the members of all teams the user leads, their sub-teams included, and the user. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_SUBTREE, {"user": user.pk, "today": today})
        return tuple(sorted({user.pk, *(row[0] for row in cursor.fetchall())}))


def reach(user: User, label: str, *, today: dt.date) -> Reach:
    """Say how far the user sees among rows of a model on a day."""
    if not user.is_active:
        return NOTHING
    scope = scope_for(user, label)
    if scope == Scope.ALL:
        return EVERYTHING
    if scope == Scope.TEAM:
        return Reach(user_ids=people_under(user, today=today))
    if scope == Scope.OWN:
        return Reach(user_ids=(user.pk,))
    return NOTHING
