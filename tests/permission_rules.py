"""The words that the expectations of `permission_table` are written in: roles, whose records, rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REP, MANAGER, OPERATIONS, FINANCE = "rep", "manager", "operations", "finance"
EXECUTIVE, ADMINISTRATOR, AUDITOR = "executive", "administrator", "auditor"

EVERYBODY = frozenset({REP, MANAGER, OPERATIONS, FINANCE, EXECUTIVE, ADMINISTRATOR, AUDITOR})
SEES_SALES = EVERYBODY - {FINANCE}
SELLS = frozenset({REP, MANAGER, OPERATIONS, ADMINISTRATOR})
ASSIGNS = frozenset({MANAGER, OPERATIONS, ADMINISTRATOR})
IMPORTS = frozenset({OPERATIONS, ADMINISTRATOR})
FILES = IMPORTS | {FINANCE}
ADMINISTERS = frozenset({ADMINISTRATOR})
AUDITS = frozenset({ADMINISTRATOR, AUDITOR})
READS_REQUESTS = frozenset({OPERATIONS, ADMINISTRATOR, AUDITOR})
ANSWERS_REQUESTS = frozenset({OPERATIONS, ADMINISTRATOR})
DRAFTS = SELLS | {FINANCE}
PERFORMS = frozenset({MANAGER, OPERATIONS, FINANCE, ADMINISTRATOR})
POSTS = frozenset({FINANCE, ADMINISTRATOR})
APPROVES = frozenset({MANAGER, EXECUTIVE, ADMINISTRATOR})

OWN, TEAM, FOREIGN = "own", "team", "foreign"
WHOSE = (OWN, TEAM, FOREIGN)
ALL = frozenset(WHOSE)

BUSINESS = {
    REP: {OWN},
    MANAGER: {OWN, TEAM},
    OPERATIONS: ALL,
    FINANCE: ALL,
    EXECUTIVE: ALL,
    ADMINISTRATOR: ALL,
    AUDITOR: ALL,
}
PERSONAL = dict.fromkeys(EVERYBODY, frozenset()) | {REP: frozenset({OWN})}
SIGHT: Mapping[str, Mapping[str, Any]] = {
    "opportunity": BUSINESS,
    "customer": BUSINESS,
    "release": BUSINESS,
    "segment": dict.fromkeys(EVERYBODY, ALL),
    "contact": BUSINESS,
    "contract": BUSINESS,
    "delivery": BUSINESS,
    "discount_request": BUSINESS,
    "contract_file": BUSINESS,
    "receipt": BUSINESS,
    "invoice": BUSINESS,
    "instalment": BUSINESS,
    "allocation": BUSINESS,
    "refund": BUSINESS,
    "post": BUSINESS,
    "file": BUSINESS,
    # Finance imports receipts and invoices; the import here is one of customers, which are not theirs to write.
    "import": dict.fromkeys(EVERYBODY, frozenset()) | {OPERATIONS: ALL, ADMINISTRATOR: ALL},
    "handover": BUSINESS | {FINANCE: frozenset()},
    "letter": BUSINESS,
    "plan": BUSINESS,
    "person": BUSINESS,
    "saved_view": PERSONAL,
    "attempt": BUSINESS | {FINANCE: frozenset(), EXECUTIVE: frozenset()},
    "own_attempt": PERSONAL,
    "notification": PERSONAL,
    "token": PERSONAL | {ADMINISTRATOR: ALL},
}
"""Whose records each role sees. What is not listed is the same for everybody who may open the page."""


@dataclass(frozen=True)
class Rule:
    """What one address expects."""

    may: frozenset[str]
    methods: str = "GET"
    record: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the address besides the record, by name; texts that begin with @ name a record of no one."""
    body: Mapping[str, Any] | None = None
    """What is sent with a change, where an empty body would be refused before the record is looked for."""
    query: str = ""
    answers: int = 200
    """What a GET answers to those who pass."""
    is_public: bool = False
    """Open to anonymous visitors on purpose."""


def page(may: frozenset[str], record: str = "", **facts: Any) -> Rule:
    """A page that is looked at."""
    return Rule(may, "GET", record, **facts)


def form(may: frozenset[str], record: str = "", **facts: Any) -> Rule:
    """A page that is filled in."""
    return Rule(may, "GET POST", record, **facts)


def act(may: frozenset[str], record: str = "", **facts: Any) -> Rule:
    """A button."""
    return Rule(may, "POST", record, **facts)
