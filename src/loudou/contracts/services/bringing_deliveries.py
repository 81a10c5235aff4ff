"""Bringing along what was delivered, came back and was accepted before, many at a time, and taking it back.

Every rule of a delivery holds: what was ordered net of returns, supply holds, the credit limit. A contract that was
completed by then takes what was delivered up to its end, and stays completed on its day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from loudou.contracts.choices import ContractState
from loudou.contracts.models import Contract, ContractLine, Delivery, DeliveryAcceptance, DeliveryLine
from loudou.contracts.services.bringing import each
from loudou.contracts.services.completion import completed_itself
from loudou.contracts.services.deliveries import follow_deliveries, post_delivery, record_acceptance, return_delivery
from loudou.contracts.services.drafts import AcceptanceDraft, DeliveryDraft, ReturnDraft
from loudou.contracts.services.opening import open_contract
from loudou.core import audit
from loudou.core.actors import Actor
from loudou.core.bulk import Outcome
from loudou.core.verbs import lock_all, service
from loudou.customers.models import Customer, ReleaseUse


@dataclass(frozen=True, slots=True)
class PastDelivery:
    """A delivery of the past, and when the customer accepted it, if they did."""

    contract_id: int
    draft: DeliveryDraft
    acceptance: AcceptanceDraft | None = None


@dataclass(frozen=True, slots=True)
class PastReturn:
    """What came back of a delivery in the past."""

    delivery: Delivery
    draft: ReturnDraft


@service("contracts.deliver")
def bring_deliveries(
    actor: Actor, drafts: Sequence[PastDelivery | PastReturn], *, at: dt.datetime
) -> list[Outcome[Delivery]]:
    """Post deliveries and returns of the past. Refused one by one with what `post_delivery`, `return_delivery` and
    `record_acceptance` raise.
    """
    return each(drafts, lambda draft: _bring(actor, draft, at))


def _bring(actor: Actor, draft: PastDelivery | PastReturn, at: dt.datetime) -> Delivery:
    if isinstance(draft, PastReturn):
        with _in_performance(open_contract(actor, draft.delivery.contract_id), on=draft.draft.on):
            return return_delivery(actor, draft.delivery.pk, draft=draft.draft, at=at)
    with _in_performance(open_contract(actor, draft.contract_id), on=draft.draft.on):
        delivery = post_delivery(actor, draft.contract_id, draft=draft.draft, at=at)
    if draft.acceptance is not None:
        record_acceptance(actor, delivery.pk, draft=draft.acceptance, at=at)
    return delivery


@contextmanager
def _in_performance(contract: Contract, *, on: dt.date) -> Iterator[None]:
    """Let a locked contract that was completed later than a day be in performance meanwhile, without any act."""
    ended_on = contract.ended_on
    if contract.state != ContractState.COMPLETED or ended_on is None or on > ended_on:
        yield
        return
    _move(contract.pk, ContractState.IN_PERFORMANCE, None)
    yield
    _move(contract.pk, ContractState.COMPLETED, ended_on)


def _move(contract_id: int, state: ContractState, ended_on: dt.date | None) -> None:
    contract = Contract.objects.get(pk=contract_id)
    contract.state, contract.ended_on = state, ended_on
    contract.save_changes("state", "ended_on")


@service("contracts.deliver")
def take_back_deliveries(actor: Actor, accepted: Mapping[int, bool], *, at: dt.datetime) -> dict[int, str]:
    """Remove deliveries and returns that an import posted, by id, each with whether it was accepted in posting it.

    Returns why some stay: the actor does not see its contract, something came back of it, the customer said something
    since, a release let it through, its contract completed itself, or more would be delivered than was ordered without
    it.
    """
    rows = list(Delivery.objects.filter(pk__in=accepted))
    contracts = {row.pk: row for row in lock_all(Contract.objects.all(), {row.contract_id for row in rows})}
    lock_all(Customer.objects.all(), {contract.customer_id for contract in contracts.values()})
    seen = set(Contract.objects.visible_to(actor).filter(pk__in=contracts).values_list("pk", flat=True))
    foreign = {row.pk: _("You do not see its contract.") for row in rows if row.contract_id not in seen}
    kept = _kept(rows, accepted, contracts) | foreign
    gone = {row.pk for row in rows} - kept.keys()
    crowded = _crowded(gone)
    kept |= {row.pk: _("Later deliveries rest on it.") for row in rows if row.pk in gone and row.contract_id in crowded}
    gone -= kept.keys()
    with audit.history_may_go():
        for part in (
            DeliveryAcceptance.objects.filter(delivery__in=gone),
            DeliveryLine.objects.filter(delivery__in=gone),
            Delivery.objects.filter(pk__in=gone),
        ):
            part._raw_delete(part.db)
    for pk in sorted({row.contract_id for row in rows if row.pk in gone}):
        follow_deliveries(actor, Contract.objects.get(pk=pk), at=at)
    return kept


def _kept(
    rows: Collection[Delivery], accepted: Mapping[int, bool], contracts: Mapping[int, Contract]
) -> dict[int, str]:
    kept: dict[int, str] = {}
    done = {pk for pk, row in contracts.items() if row.state == ContractState.COMPLETED and completed_itself(row)}
    used = ReleaseUse.objects.filter(subject_model=Delivery._meta.label_lower, subject_id__in=[row.pk for row in rows])
    answers = dict(
        DeliveryAcceptance.objects.filter(delivery__in=rows).order_by().values_list("delivery").annotate(n=Count("pk"))
    )
    reasons: list[tuple[Iterable[int | None], str]] = [
        (
            Delivery.objects.filter(returns__in=rows).exclude(pk__in=accepted).values_list("returns_id", flat=True),
            _("Something of it came back since."),
        ),
        (
            [row.pk for row in rows if answers.get(row.pk, 0) > accepted[row.pk]],
            _("The customer answered since whether they accept it."),
        ),
        (used.values_list("subject_id", flat=True), _("A release of the supply hold was used for it.")),
        ([row.pk for row in rows if row.contract_id in done], _("Its contract was completed since.")),
    ]
    for ids, reason in reasons:
        for pk in ids:
            if pk is not None:
                kept.setdefault(pk, reason)
    # A return stays only together with the delivery that it takes back.
    for row in rows:
        if row.pk in kept and row.returns_id is not None:
            kept.setdefault(row.returns_id, _("Something of it came back since."))
    return kept


def _crowded(gone: Collection[int]) -> set[int]:
    """Contracts of which more would be delivered than was ordered, or less than nothing, without these entries."""
    moved = dict(
        DeliveryLine.objects.filter(delivery__in=gone).order_by().values_list("line").annotate(moved=Sum("quantity"))
    )
    lines = ContractLine.objects.filter(pk__in=moved).values_list("pk", "contract_id", "ordered", "delivered")
    return {contract for pk, contract, ordered, delivered in lines if not 0 <= delivered - moved[pk] <= ordered}
