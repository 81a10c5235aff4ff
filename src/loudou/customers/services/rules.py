"""The company's rules about customers, and the figures of single ones. Thresholds move phases when they change."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, TypedDict

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.core.money import check_currency, round_money
from loudou.core.rates import company
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import check_version, lock, service, validate
from loudou.customers.choices import FUNNEL, PhaseCause
from loudou.customers.models import Customer, CustomerRules
from loudou.customers.services.phases import follow_rules

LANGUAGES = ("en", "zh-hans")
LONGEST_NAME = 40
AT_ONCE = 10_000
"""Customers whose phases are counted again before the page answers; of more, a background job does it."""
THRESHOLDS = frozenset({"horizon_days", "grace_days", "late_counts_days"})


class PolicyFigures(TypedDict, total=False):
    """What a customer is entitled to; None: what the company's rules say. `max_discount_rate` is a share of 0 to 1."""

    max_discount_rate: Decimal | None
    credit_limit: Decimal | None
    credit_currency: str
    payment_days: int | None
    grace_days: int | None


class Rules(TypedDict, total=False):
    """The company's rules: thresholds, names of the phases by code and language, and what is granted by default."""

    horizon_days: int
    grace_days: int
    late_counts_days: int | None
    phase_names: dict[str, dict[str, str]]
    max_discount_rate: Decimal | None
    credit_limit: Decimal | None
    credit_currency: str
    payment_days: int | None


@service("customers.policy")
def set_policy(
    actor: Actor, customer_id: int, *, changes: PolicyFigures, at: dt.datetime, version: int | None = None
) -> Customer:
    """Set what one customer is entitled to; its phase follows from its grace at once.

    Raises NotVisible, StaleWrite, InvalidInput, UnknownCurrency.
    """
    customer = lock(Customer.objects.visible_to(actor), customer_id)
    check_version(customer, version)
    changed = _put(customer, changes, set(PolicyFigures.__annotations__))
    if not changed:
        return customer
    if refusal := clean_row(customer):
        raise refusal
    _refuse_negative(customer.credit_limit)
    customer.save_changes(*changed)
    if "grace_days" in changed:
        follow_rules(at=at, cause=PhaseCause.RULES, among=[customer.pk], actor_id=actor.pk)
        customer.refresh_from_db(fields=["phase", "phase_since"])
    return customer


@service("customers.configure")
def update_rules(actor: Actor, *, changes: Rules, at: dt.datetime, version: int | None = None) -> CustomerRules:
    """Change the company's rules; all phases follow from new thresholds, at once or by a job that begins on commit.

    Raises StaleWrite, InvalidInput, UnknownCurrency.
    """
    CustomerRules.objects.get_or_create(pk=1)
    ours = lock(CustomerRules.objects.all(), 1)
    check_version(ours, version)
    given = dict(changes)
    if "phase_names" in given:
        given["phase_names"] = _names(given["phase_names"])
    changed = _put(ours, given, set(Rules.__annotations__))
    if not changed:
        return ours
    _refuse_negative(ours.credit_limit)
    validate(ours)
    ours.save_changes(*changed)
    if changed & THRESHOLDS:
        if Customer.objects.order_by()[AT_ONCE : AT_ONCE + 1].exists():
            transaction.on_commit(lambda: _follow_soon(actor.pk))
        else:
            follow_rules(at=at, cause=PhaseCause.RULES, actor_id=actor.pk)
    return ours


@service("customers.configure")
def follow_new_rules(actor: Actor, *, at: dt.datetime, actor_id: int | None = None) -> int:
    """Let all phases follow from the thresholds that somebody (`actor_id`) set; return how many moved."""
    return follow_rules(at=at, cause=PhaseCause.RULES, actor_id=actor_id)


def _follow_soon(actor_id: int | None) -> None:
    """Let a worker do it; one that waits already will find the newest thresholds."""
    job = app.configure_task("customers.follow_rules", queue="customers", queueing_lock="customers.follow_rules")
    try:
        with transaction.atomic():
            job.defer(actor_id=actor_id)
    except AlreadyEnqueued:
        return


def _put(row: Any, changes: Any, allowed: set[str]) -> set[str]:
    """Put new values on a row, the credit limit in its currency, and return which fields changed."""
    if unknown := set(changes) - allowed:
        raise TypeError(f"not figures that can be set here: {sorted(unknown)}")
    before = {name: getattr(row, name) for name in (*changes, "credit_limit", "credit_currency")}
    for name, value in changes.items():
        setattr(row, name, value)
    if row.credit_limit is None:
        row.credit_currency = ""
    else:
        row.credit_currency = check_currency(row.credit_currency or company().base_currency)
        row.credit_limit = round_money(row.credit_limit, row.credit_currency)
    return {name for name, old in before.items() if getattr(row, name) != old}


def _refuse_negative(limit: Decimal | None) -> None:
    if limit is not None and limit < 0:
        raise InvalidInput({"credit_limit": [_("A credit limit is zero or more, in a currency.")]})


def _names(given: Any) -> dict[str, dict[str, str]]:
    """Keep the names that say something. Raises InvalidInput."""
    codes = {phase.code for phase in FUNNEL}
    kept: dict[str, dict[str, str]] = {}
    for code, by_language in given.items():
        if code not in codes or set(by_language) - set(LANGUAGES):
            raise InvalidInput({"phase_names": [_("There is no such phase or language.")]})
        if any(len(name) > LONGEST_NAME for name in by_language.values()):
            sentence = _("Use at most %(count)s characters.") % {"count": LONGEST_NAME}
            raise InvalidInput({"phase_names": [sentence]})
        named = {language: name.strip() for language, name in by_language.items() if name.strip()}
        if named:
            kept[code] = named
    return kept
