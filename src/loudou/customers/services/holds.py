"""Putting customers on supply hold, lifting that, and excepting single deliveries from it.

Receivables will decide about holds; contracts asks `pass_delivery` before it delivers. Lock order: the customer, then
the release.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils.translation import gettext as _

from loudou.core.actors import Actor
from loudou.core.money import Money, check_currency, round_money
from loudou.core.rates import company
from loudou.core.refusals import BusinessRefusal, InvalidInput, NotVisible
from loudou.core.verbs import check_version, lock, service, validate
from loudou.customers.choices import HoldSource, ReleaseState
from loudou.customers.errors import (
    NotOnSupplyHold,
    ReasonMissing,
    ReleaseDayPassed,
    ReleaseDecided,
    ReleaseNeedsAnother,
    SupplyOnHold,
)
from loudou.customers.models import Customer, HoldChange, ReleaseUse, SupplyRelease
from loudou.customers.phases import EvidenceSubject
from loudou.customers.selectors.holds import covering_release, in_currency, present_holds
from loudou.customers.selectors.rules import rules
from loudou.people.choices import NotificationCode
from loudou.people.services.notifications import notify

LONGEST_REASON = 500
_TOLD = {
    ReleaseState.APPROVED: NotificationCode.RELEASE_APPROVED,
    ReleaseState.REJECTED: NotificationCode.RELEASE_REFUSED,
}


@service("customers.hold")
def place_hold(
    actor: Actor, customer_id: int, *, reason: str, at: dt.datetime, source: HoldSource = HoldSource.PERSON
) -> HoldChange:
    """Put a customer on supply hold: nothing is delivered until it is lifted. Twice with one reason is once.

    Raises NotVisible, ReasonMissing.
    """
    customer = lock(Customer.objects.visible_to(actor), customer_id)
    why = _reason(reason)
    standing = next((hold for hold in present_holds(customer.pk) if hold.source == source), None)
    if standing is not None and standing.reason == why:
        return standing
    change = HoldChange.objects.create(
        customer=customer, source=source, is_held=True, reason=why, at=at, actor_id=actor.pk
    )
    if customer.held_since is None:
        customer.held_since = at
        customer.save_changes("held_since")
    return change


@service("customers.hold")
def lift_hold(
    actor: Actor, customer_id: int, *, reason: str, at: dt.datetime, source: HoldSource = HoldSource.PERSON
) -> HoldChange:
    """Lift what a source holds; the customer is supplied again when no other source holds it.

    Raises NotVisible, ReasonMissing, NotOnSupplyHold.
    """
    customer = lock(Customer.objects.visible_to(actor), customer_id)
    why = _reason(reason)
    standing = present_holds(customer.pk)
    if not any(hold.source == source for hold in standing):
        raise NotOnSupplyHold(customer=customer.name)
    change = HoldChange.objects.create(
        customer=customer, source=source, is_held=False, reason=why, at=at, actor_id=actor.pk
    )
    others = [hold.at for hold in standing if hold.source != source]
    if not others:
        customer.held_since = None
        customer.save_changes("held_since")
    return change


@service("customers.request_release")
def request_release(
    actor: Actor,
    customer_id: int,
    *,
    reason: str,
    until_on: dt.date,
    at: dt.datetime,
    amount: Decimal | None = None,
    currency: str = "",
) -> SupplyRelease:
    """Ask that a customer on hold, or at its credit limit, is supplied until a day, up to an amount if one is named.

    Raises NotVisible, NotOnSupplyHold, ReasonMissing, ReleaseDayPassed, InvalidInput, UnknownCurrency.
    """
    customer = lock(Customer.objects.visible_to(actor), customer_id)
    if customer.held_since is None and customer.credit_limit is None and rules().credit_limit is None:
        raise NotOnSupplyHold(customer=customer.name)
    release = SupplyRelease(
        customer=customer,
        reason=_reason(reason),
        until_on=until_on,
        requested_by_id=actor.pk,
        requested_at=at,
    )
    if amount is not None:
        release.currency = check_currency(currency or company().base_currency)
        release.amount = round_money(amount, release.currency)
    _refuse_past(release, at)
    validate(release, exclude=["customer", "requested_by", "decided_by"])
    release.save(force_insert=True)
    return release


@service("customers.approve_release")
def approve_release(
    actor: Actor, release_id: int, *, at: dt.datetime, note: str = "", version: int | None = None
) -> SupplyRelease:
    """Let the deliveries through that were asked for. Nobody approves an own request.

    Raises NotVisible, StaleWrite, ReleaseDecided, ReleaseNeedsAnother, ReleaseDayPassed.
    """
    release = _waiting(actor, release_id, version)
    if release.requested_by_id is not None and release.requested_by_id == actor.pk:
        raise ReleaseNeedsAnother
    _refuse_past(release, at)
    return _decide(actor, release, ReleaseState.APPROVED, at, note)


@service("customers.approve_release")
def reject_release(
    actor: Actor, release_id: int, *, at: dt.datetime, note: str, version: int | None = None
) -> SupplyRelease:
    """Say no, and why. Raises NotVisible, StaleWrite, ReleaseDecided, ReasonMissing."""
    return _decide(actor, _waiting(actor, release_id, version), ReleaseState.REJECTED, at, _reason(note))


@service("customers.request_release")
def withdraw_release(
    actor: Actor, release_id: int, *, at: dt.datetime, note: str = "", version: int | None = None
) -> SupplyRelease:
    """Take a request back before it is decided. Raises NotVisible, StaleWrite, ReleaseDecided."""
    return _decide(actor, _waiting(actor, release_id, version), ReleaseState.WITHDRAWN, at, note)


@service("customers.approve_release")
def end_release(
    actor: Actor, release_id: int, *, at: dt.datetime, note: str, version: int | None = None
) -> SupplyRelease:
    """End an approved release before its day. Raises NotVisible, StaleWrite, ReleaseDecided, ReasonMissing."""
    release = _locked(actor, release_id, version)
    if release.state != ReleaseState.APPROVED:
        raise ReleaseDecided(state=release.get_state_display())
    return _decide(actor, release, ReleaseState.ENDED, at, _reason(note))


def pass_delivery(
    actor: Actor,
    customer_id: int,
    *,
    amount: Money,
    subject: EvidenceSubject,
    at: dt.datetime,
    beyond: BusinessRefusal | None = None,
) -> SupplyRelease | None:
    """Let a delivery through or refuse it; the release that it used up is returned, None when it needs none.

    Not a verb of its own: the service that delivers calls it inside its transaction, after its own locks. The customer
    is locked, so that a hold placed at the same moment comes before or after, and a release is never used twice for
    one amount. The same subject passes once. `beyond` is the refusal of a limit that the caller found exceeded: it
    needs a release as a hold does. Raises SupplyOnHold, or `beyond`.
    """
    customer = lock_customer(customer_id)
    holds = present_holds(customer_id)
    if not holds and beyond is None:
        return None
    used = ReleaseUse.objects.filter(subject_model=subject.model, subject_id=subject.id).select_related("release")
    if used.aggregate(total=Sum("amount"))["total"]:
        return used[0].release
    release = covering_release(customer_id, at=at, amount=amount)
    if release is None:
        if not holds and beyond is not None:
            raise beyond
        zone = ZoneInfo(company().time_zone)
        since = holds[-1].at.astimezone(zone).date()
        raise SupplyOnHold(customer=customer.name, since=since, reason=_sentence(holds[0].reason))
    today = at.astimezone(ZoneInfo(company().time_zone)).date()
    ReleaseUse.objects.create(
        release=release,
        amount=in_currency(amount, release.currency, today),
        subject_model=subject.model,
        subject_id=subject.id,
        subject_label=subject.label[:255],
        at=at,
        actor_id=actor.pk,
    )
    return release


def return_delivery(actor: Actor, customer_id: int, *, subject: EvidenceSubject, at: dt.datetime) -> None:
    """Give back to a release what a delivery used of it, because that was cancelled. Twice is once.

    Not a verb of its own, like `pass_delivery`.
    """
    lock_customer(customer_id)
    used = ReleaseUse.objects.filter(subject_model=subject.model, subject_id=subject.id)
    left = used.order_by().values("release_id").annotate(total=Sum("amount")).exclude(total=0)
    ReleaseUse.objects.bulk_create(
        ReleaseUse(
            release_id=row["release_id"],
            amount=-row["total"],
            subject_model=subject.model,
            subject_id=subject.id,
            subject_label=subject.label[:255],
            at=at,
            actor_id=actor.pk,
        )
        for row in left
    )


def lock_customer(customer_id: int) -> Customer:
    """Lock a customer whom the caller found through its own door, so that what it owes stays. Raises NotVisible."""
    rows = Customer.objects.select_for_update(no_key=True).only(
        "name", "short_name", "held_since", "credit_limit", "credit_currency"
    )
    found = rows.filter(pk=customer_id).first()
    if found is None:
        raise NotVisible
    return found


def _locked(actor: Actor, release_id: int, version: int | None) -> SupplyRelease:
    """Lock the customer of a release, then the release. Raises NotVisible, StaleWrite."""
    customer_id = SupplyRelease.objects.filter(pk=release_id).values_list("customer_id", flat=True).first()
    lock(Customer.objects.visible_to(actor), customer_id)
    release = lock(SupplyRelease.objects.all(), release_id)
    check_version(release, version)
    return release


def _waiting(actor: Actor, release_id: int, version: int | None) -> SupplyRelease:
    release = _locked(actor, release_id, version)
    if release.state != ReleaseState.REQUESTED:
        raise ReleaseDecided(state=release.get_state_display())
    return release


def _decide(actor: Actor, release: SupplyRelease, state: ReleaseState, at: dt.datetime, note: str) -> SupplyRelease:
    release.state, release.decided_at, release.decision_note = state, at, _short(note)
    release.decided_by_id = actor.pk
    release.save_changes("state", "decided_at", "decided_by", "decision_note")
    if state in _TOLD:
        customer = release.customer
        notify(actor, [release.requested_by_id], _TOLD[state], at=at, record_id=customer.pk, customer=str(customer))
    return release


def _refuse_past(release: SupplyRelease, at: dt.datetime) -> None:
    today = at.astimezone(ZoneInfo(company().time_zone)).date()
    if release.until_on < today:
        raise ReleaseDayPassed(on=release.until_on)


def _reason(reason: str) -> str:
    text = _short(reason)
    if not text:
        raise ReasonMissing
    return text


def _short(text: str) -> str:
    """Refuse what the column cannot hold. Raises InvalidInput."""
    if len(text.strip()) > LONGEST_REASON:
        raise InvalidInput({"reason": [_("Use at most %(count)s characters.") % {"count": LONGEST_REASON}]})
    return text.strip()


def _sentence(reason: str) -> str:
    """End a reason like a sentence, so that another can follow."""
    return reason if reason[-1] in ".。!！?？" else f"{reason}."
