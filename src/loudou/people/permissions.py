"""Every permission of Loudou, and which roles include it: the one table. Code asks for verbs, never for roles."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loudou.people.choices import Role

PERMISSIONS: Mapping[str, Promise] = {
    "home.view": _("Sign in and see the start page"),
    "customers.view": _("See customers and contacts"),
    "customers.add": _("Add customers and contacts"),
    "customers.change": _("Change customers and contacts"),
    "customers.assign": _("Give customers to another owner"),
    "customers.export": _("Export customers and contacts"),
    "customers.verify": _("Record that a customer's need was verified"),
    "customers.policy": _("Set a customer's discount, credit limit, payment and grace days"),
    "customers.hold": _("Put customers on supply hold, and lift it"),
    "customers.request_release": _("Ask for a delivery in spite of a supply hold"),
    "customers.approve_release": _("Approve a delivery in spite of a supply hold"),
    "customers.configure": _("Set up segments and the rules about customers"),
    "pipeline.view": _("See opportunities"),
    "pipeline.add": _("Add opportunities"),
    "pipeline.change": _("Change opportunities and move them through the stages"),
    "pipeline.assign": _("Give opportunities to another owner"),
    "pipeline.waive": _("Let an opportunity pass a stage whose exit criteria are unmet"),
    "pipeline.export": _("Export opportunities"),
    "pipeline.configure": _("Set up sales processes, stages and competitors"),
    "contracts.view": _("See contracts, deliveries and what was paid"),
    "contracts.draft": _("Draft contracts and amendments, and offer them"),
    "contracts.assign": _("Give contracts to another owner"),
    "contracts.sign": _("Record that contracts and amendments were signed"),
    "contracts.deliver": _("Post deliveries, returns and acceptances"),
    "contracts.end": _("Complete and terminate contracts"),
    "contracts.approve": _("Approve discounts beyond the policy"),
    "contracts.export": _("Export contracts"),
    "contracts.post_receipt": _("Post receipts, bills of exchange and bank statements"),
    "contracts.allocate": _("Allocate receipts to instalments, and take allocations back"),
    "contracts.refund": _("Pay money back"),
    "contracts.reverse": _("Reverse receipts and refunds"),
    "contracts.invoice": _("Issue blue and red invoices"),
    "contracts.configure": _("Set up clauses and number series"),
    "insights.view": _("See learned win rates and times"),
    "insights.refresh": _("Recompute learned figures"),
    "catalog.view": _("See products"),
    "catalog.configure": _("Set up products"),
    "catalog.export": _("Export products"),
    "playbook.view": _("Read the playbook"),
    "playbook.keep": _("Write, check and withdraw cards of the playbook, reading lists and questions"),
    "playbook.export": _("Export the playbook"),
    "exchange.import": _("Import files"),
    "exchange.undo": _("Undo an import"),
    "privacy.view": _("See the register of requests about personal data"),
    "privacy.answer": _("Copy and erase the personal data of contacts"),
    "people.view": _("See users and teams"),
    "people.manage": _("Manage users, teams and roles"),
    "people.hand_over": _("Hand over the work of somebody who leaves or changes"),
    "people.own": _("Manage one's own profile, sign-in and API tokens"),
    "audit.view": _("Read the audit"),
    "company.view": _("See the company's settings"),
    "company.configure": _("Change the company's settings and exchange rates"),
}

_EVERYONE = {"home.view", "people.own", "people.view", "catalog.view", "company.view", "playbook.view"}
_SEE_BUSINESS = {"customers.view", "pipeline.view", "contracts.view", "insights.view"}
_SELL = {
    *_SEE_BUSINESS,
    "customers.add",
    "customers.change",
    "customers.verify",
    "customers.request_release",
    "pipeline.add",
    "pipeline.change",
    "contracts.draft",
}
_EXPORT = {"customers.export", "pipeline.export", "contracts.export", "catalog.export", "playbook.export"}
_PERFORM = {"contracts.sign", "contracts.deliver", "contracts.end"}
_POST = {"contracts.post_receipt", "contracts.allocate", "contracts.refund", "contracts.reverse", "contracts.invoice"}

GRANTS: Mapping[Role, frozenset[str]] = {
    Role.REP: frozenset(_EVERYONE | _SELL | _EXPORT),
    Role.MANAGER: frozenset(
        _EVERYONE
        | _SELL
        | _EXPORT
        | _PERFORM
        | {
            "customers.assign",
            "pipeline.assign",
            "pipeline.waive",
            "contracts.assign",
            "contracts.approve",
            "people.hand_over",
            "playbook.keep",
        }
    ),
    Role.OPERATIONS: frozenset(
        _EVERYONE
        | _SELL
        | _EXPORT
        | _PERFORM
        | {
            "customers.assign",
            "customers.policy",
            "customers.configure",
            "pipeline.assign",
            "pipeline.waive",
            "contracts.assign",
            "people.hand_over",
            "exchange.import",
            "exchange.undo",
            "catalog.configure",
            "insights.refresh",
            "privacy.view",
            "privacy.answer",
            "playbook.keep",
        }
    ),
    Role.FINANCE: frozenset(
        _EVERYONE
        | _PERFORM
        | _POST
        | {
            "customers.view",
            "customers.export",
            "customers.policy",
            "customers.hold",
            "customers.request_release",
            "customers.approve_release",
            "contracts.view",
            "contracts.draft",
            "contracts.assign",
            "contracts.export",
            "catalog.export",
            "exchange.import",
            "exchange.undo",
        }
    ),
    Role.EXECUTIVE: frozenset(_EVERYONE | _SEE_BUSINESS | _EXPORT | {"customers.approve_release", "contracts.approve"}),
    Role.ADMINISTRATOR: frozenset(PERMISSIONS),
    Role.AUDITOR: frozenset(_EVERYONE | _SEE_BUSINESS | _EXPORT | {"audit.view", "privacy.view"}),
}


def granted(roles: list[str]) -> frozenset[str]:
    """Return the union of what the roles include; unknown roles include nothing."""
    return _granted(tuple(roles))


@functools.lru_cache(maxsize=256)
def _granted(roles: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*(GRANTS.get(Role(role), frozenset()) for role in roles if role in Role.values))
