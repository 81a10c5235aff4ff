"""Recording acts: what was done with a contract, when, by which side and whom, on what paper."""

from __future__ import annotations

import datetime as dt

from loudou.contracts.choices import ActKind
from loudou.contracts.errors import FileOfOtherContract
from loudou.contracts.models import Contract, ContractAct, ContractFile, ContractVersion
from loudou.contracts.services import references
from loudou.contracts.services.drafts import ActDraft
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row
from loudou.pipeline.errors import DatesOutOfOrder
from loudou.pipeline.services.valuing import Books


def record_act(
    actor: Actor, contract: Contract, version: ContractVersion, kind: ActKind, draft: ActDraft, *, settlement: str = ""
) -> ContractAct:
    """Append an act. The caller has locked the contract and checked the day.

    Raises InvalidInput (a contact the actor may not see), FileOfOtherContract.
    """
    references.check_contact(actor, draft.contact_id)
    check_document(contract, draft.document_id)
    act = ContractAct(
        contract=contract,
        version=version,
        kind=kind,
        on=draft.on,
        party=draft.party,
        person=draft.person.strip(),
        contact_id=draft.contact_id,
        document_id=draft.document_id,
        note=draft.note.strip(),
        settlement=settlement.strip(),
        actor_id=actor.pk,
    )
    if refusal := clean_row(act):
        raise refusal
    act.save(force_insert=True)
    return act


def check_document(contract: Contract, document_id: int | None) -> None:
    """Refuse a document that is not kept with the contract. Raises FileOfOtherContract."""
    if document_id is not None and not ContractFile.objects.filter(pk=document_id, contract=contract).exists():
        raise FileOfOtherContract(contract=str(contract))


def check_day(books: Books, on: dt.date, *, at: dt.datetime, not_before: dt.date | None = None) -> dt.datetime:
    """Return the instant that a day stands for. Raises DateInFuture, DatesOutOfOrder."""
    instant = books.instant(on, now=at)
    if not_before is not None and on < not_before:
        raise DatesOutOfOrder(later=on, earlier=not_before)
    return instant
