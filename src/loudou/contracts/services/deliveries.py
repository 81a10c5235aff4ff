"""Posting what goes to the customer, what comes back, and what the customer says of it. Nothing posted is edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from loudou.contracts.choices import (
    RUNNING,
    AcceptanceOutcome,
    DeliveryKind,
    DocumentKind,
)
from loudou.contracts.errors import (
    DeliveryExceedsOrder,
    DeliveryKeyReused,
    DeliveryNotPossible,
    LineOfOtherContract,
    NothingToDeliver,
    NothingToReturn,
    ReturnExceedsDelivery,
    ReturnOfReturn,
)
from loudou.contracts.models import Contract, ContractLine, Delivery, DeliveryAcceptance, DeliveryLine
from loudou.contracts.selectors.deliveries import finally_accepted_on, returnable
from loudou.contracts.services import references
from loudou.contracts.services.acts import check_day, check_document
from loudou.contracts.services.completion import settle
from loudou.contracts.services.drafts import (
    AcceptanceDraft,
    ActDraft,
    DeliveryDraft,
    DeliveryLineDraft,
    ReturnDraft,
)
from loudou.contracts.services.due_dates import follow_events
from loudou.contracts.services.numbers import next_number
from loudou.contracts.services.opening import open_contract
from loudou.contracts.services.pricing import part_of
from loudou.contracts.services.states import begin, resume
from loudou.contracts.services.supply import pass_supply
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row, write_rows
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.core.verbs import service
from loudou.customers.errors import ReasonMissing
from loudou.customers.phases import EvidenceSubject
from loudou.customers.services.holds import return_delivery as give_back_release
from loudou.pipeline.services.references import refuse_twice
from loudou.pipeline.services.valuing import Books

CAUSE = "delivery"


@service("contracts.deliver")
def post_delivery(actor: Actor, contract_id: int, *, draft: DeliveryDraft, at: dt.datetime) -> Delivery:
    """Post what goes to the customer; without lines, everything that is still open. The same key again returns it.

    The first delivery begins performance. Refused while the customer is on supply hold or beyond the credit limit,
    unless a release covers it. Raises NotVisible, DeliveryNotPossible, NothingToDeliver, DeliveryExceedsOrder,
    LineOfOtherContract, DeliveryKeyReused, SupplyOnHold, CreditLimitExceeded, DateInFuture, DatesOutOfOrder,
    FileOfOtherContract, InvalidInput, SeriesMissing.
    """
    contract = open_contract(actor, contract_id)
    if (posted := _by_key(contract, draft.key, None)) is not None:
        return posted
    if contract.state not in RUNNING:
        raise DeliveryNotPossible(contract=str(contract), state=contract.get_state_display())
    books = Books.load([])
    check_day(books, draft.on, at=at, not_before=contract.signed_on)
    check_document(contract, draft.document_id)
    rows = _outgoing(contract, draft.lines)
    delivery = _post(
        actor, contract, DeliveryKind.DELIVERY, draft, rows, at=at, carrier=draft.carrier, place=draft.place
    )
    pass_supply(actor, contract, delivery, today=books.day(at), at=at)
    begin(actor, contract, ActDraft(draft.on, note=delivery.number))
    follow_deliveries(actor, contract, at=at)
    return delivery


@service("contracts.deliver")
def return_delivery(actor: Actor, delivery_id: int, *, draft: ReturnDraft, at: dt.datetime) -> Delivery:
    """Post what comes back of a delivery, by an entry of its own with the opposite sign. The same key returns it.

    A completed contract goes back into performance. Raises NotVisible, ReturnOfReturn, ReturnExceedsDelivery,
    LineOfOtherContract, DeliveryKeyReused, ReasonMissing, DateInFuture, DatesOutOfOrder, FileOfOtherContract,
    InvalidInput, SeriesMissing.
    """
    origin, contract = _delivery(actor, delivery_id)
    if (posted := _by_key(contract, draft.key, origin)) is not None:
        return posted
    if not draft.reason.strip():
        raise ReasonMissing
    check_day(Books.load([]), draft.on, at=at, not_before=origin.on)
    check_document(contract, draft.document_id)
    rows = _incoming(contract, origin, draft.lines)
    delivery = _post(
        actor, contract, DeliveryKind.RETURN, draft, rows, at=at, returns=origin, reason=draft.reason.strip()
    )
    if not any(open_line.quantity for open_line in returnable(origin)):
        give_back_release(actor, contract.customer_id, subject=EvidenceSubject.of(origin), at=at)
    resume(actor, contract, ActDraft(draft.on, note=delivery.number))
    follow_deliveries(actor, contract, at=at)
    return delivery


@service("contracts.deliver")
def record_acceptance(actor: Actor, delivery_id: int, *, draft: AcceptanceDraft, at: dt.datetime) -> DeliveryAcceptance:
    """Record what the customer says of a delivery; the latest answer counts. The same answer twice is once.

    Raises NotVisible, ReturnOfReturn, DateInFuture, DatesOutOfOrder, FileOfOtherContract, InvalidInput.
    """
    delivery, contract = _delivery(actor, delivery_id)
    check_day(Books.load([]), draft.on, at=at, not_before=delivery.on)
    references.check_contact(actor, draft.contact_id)
    check_document(contract, draft.document_id)
    row = DeliveryAcceptance(
        delivery=delivery,
        outcome=draft.outcome,
        on=draft.on,
        person=draft.person.strip(),
        contact_id=draft.contact_id,
        document_id=draft.document_id,
        note=draft.note.strip(),
        actor_id=actor.pk,
    )
    if refusal := clean_row(row):
        raise refusal
    last = delivery.acceptances.order_by("-id").first()
    told = ("outcome", "on", "person", "contact_id", "document_id", "note")
    if last is not None and all(getattr(last, name) == getattr(row, name) for name in told):
        return last
    row.save(force_insert=True)
    if draft.outcome == AcceptanceOutcome.REJECTED:
        resume(actor, contract, ActDraft(draft.on, note=delivery.number))
    follow_deliveries(actor, contract, at=at)
    return row


def _delivery(actor: Actor, delivery_id: int) -> tuple[Delivery, Contract]:
    """Lock the contract of a delivery. Raises NotVisible, ReturnOfReturn."""
    found = Delivery.objects.visible_to(actor).filter(pk=delivery_id).first()
    if found is None:
        raise NotVisible
    contract = open_contract(actor, found.contract_id)
    if found.kind == DeliveryKind.RETURN:
        raise ReturnOfReturn(number=found.number)
    return found, contract


def _by_key(contract: Contract, key: str, returns: Delivery | None) -> Delivery | None:
    """The posting that a key belongs to, if there is one. Raises DeliveryKeyReused when it was for something else."""
    found = Delivery.objects.filter(key=key).first() if key else None
    if found is not None and (found.contract_id, found.returns_id) != (contract.pk, returns.pk if returns else None):
        raise DeliveryKeyReused(number=found.number)
    return found


def _outgoing(contract: Contract, drafts: Sequence[DeliveryLineDraft]) -> list[DeliveryLine]:
    lines = {line.pk: line for line in ContractLine.objects.filter(contract=contract)}
    wanted = _wanted(contract, drafts, lines)
    if not drafts:
        wanted = {pk: line.ordered - line.delivered for pk, line in lines.items() if line.ordered > line.delivered}
    if not wanted:
        raise NothingToDeliver(contract=str(contract))
    rows = []
    for pk, quantity in sorted(wanted.items()):
        line = lines[pk]
        left = line.ordered - line.delivered
        if not 0 < quantity <= left:
            raise DeliveryExceedsOrder(line=line.number, open=_figure(left), asked=_figure(quantity))
        rows.append(DeliveryLine(line=line, quantity=quantity, amount=_worth(contract, line, quantity)))
    return rows


def _worth(contract: Contract, line: ContractLine, quantity: Decimal) -> Decimal:
    """What a quantity is worth with tax; all deliveries together are worth exactly what the line is."""
    left = line.ordered_amount - line.delivered_amount
    so_far = line.delivered + quantity
    if so_far == line.ordered:
        return left
    worth = part_of(line.ordered_amount, part=so_far, whole=line.ordered, currency=contract.currency)
    return min(max(worth - line.delivered_amount, Decimal(0)), left)


def _incoming(contract: Contract, origin: Delivery, drafts: Sequence[DeliveryLineDraft]) -> list[DeliveryLine]:
    open_lines = {open_line.row.line_id: open_line for open_line in returnable(origin)}
    wanted = _wanted(contract, drafts, open_lines)
    if not drafts:
        wanted = {pk: open_line.quantity for pk, open_line in open_lines.items() if open_line.quantity}
    if not wanted:
        raise NothingToReturn(number=origin.number)
    rows = []
    for pk, quantity in sorted(wanted.items()):
        open_line = open_lines[pk]
        if not 0 < quantity <= open_line.quantity:
            raise ReturnExceedsDelivery(
                line=open_line.row.line.number, open=_figure(open_line.quantity), asked=_figure(quantity)
            )
        amount = part_of(open_line.amount, part=quantity, whole=open_line.quantity, currency=contract.currency)
        rows.append(DeliveryLine(line=open_line.row.line, returns=open_line.row, quantity=-quantity, amount=-amount))
    return rows


def _wanted(contract: Contract, drafts: Sequence[DeliveryLineDraft], known: Mapping[int, object]) -> dict[int, Decimal]:
    refuse_twice([draft.line_id for draft in drafts])
    if any(draft.line_id not in known for draft in drafts):
        raise LineOfOtherContract(contract=str(contract))
    return {draft.line_id: draft.quantity for draft in drafts}


def _post(
    actor: Actor,
    contract: Contract,
    kind: DeliveryKind,
    draft: DeliveryDraft | ReturnDraft,
    rows: list[DeliveryLine],
    *,
    at: dt.datetime,
    returns: Delivery | None = None,
    place: str = "",
    carrier: str = "",
    reason: str = "",
) -> Delivery:
    """Number and write an entry with its lines; the database moves the figures of the contract's lines."""
    delivery = Delivery(
        contract=contract,
        number=draft.number.strip() or next_number(DocumentKind.DELIVERY, on=draft.on),
        kind=kind,
        returns=returns,
        on=draft.on,
        place=place.strip(),
        carrier=carrier.strip(),
        reason=reason,
        note=draft.note.strip(),
        amount=sum((row.amount for row in rows), Decimal(0)),
        document_id=draft.document_id,
        key=draft.key,
        posted_by_id=actor.pk,
        posted_at=at,
    )
    if refusal := clean_row(delivery):
        raise refusal
    for refusal in write_rows([delivery], lambda written: written[0].save(force_insert=True)).values():
        raise refusal
    for row in rows:
        row.delivery = delivery
        if refusal := clean_row(row):
            raise InvalidInput({"lines": [sentence for found in refusal.errors.values() for sentence in found]})
    DeliveryLine.objects.bulk_create(rows)
    return delivery


def follow_deliveries(actor: Actor, contract: Contract, *, at: dt.datetime) -> None:
    """Bring in step what follows from the deliveries: days on the contract, due days, completion.

    Called last by whoever delivers or changes what is ordered, with the contract locked.
    """
    delivered_on, accepted_on = finally_accepted_on(contract)
    if (contract.delivered_on, contract.accepted_on) != (delivered_on, accepted_on):
        contract.delivered_on, contract.accepted_on = delivered_on, accepted_on
        contract.save_changes("delivered_on", "accepted_on")
    follow_events(actor, [contract.pk], at=at, cause=CAUSE)
    settle(actor, contract, at=at)


def _figure(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
