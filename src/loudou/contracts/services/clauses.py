"""The clauses of a contract, and the templates that drafts start with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

from django.db.models import Max

from loudou.contracts.choices import ClauseKey, ContractKind
from loudou.contracts.errors import PlaceholderUnknown
from loudou.contracts.models import ClauseTemplate, Contract, ContractClause, ContractVersion
from loudou.contracts.services.drafts import ClauseDraft
from loudou.contracts.services.opening import draft_version, open_contract
from loudou.contracts.wording import PLACEHOLDERS, unknown_names
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row, write_rows
from loudou.core.refusals import InvalidInput, NotVisible
from loudou.core.verbs import check_version, lock, lock_all, service
from loudou.pipeline.services import references


class TemplateFacts(TypedDict, total=False):
    """What can be set up of a template."""

    key: ClauseKey
    title: str
    title_zh: str
    body: str
    body_zh: str
    is_main: bool
    is_active: bool


@service("contracts.draft")
def set_clauses(
    actor: Actor, contract_id: int, *, clauses: Sequence[ClauseDraft], version: int | None = None
) -> ContractVersion:
    """Replace the clauses of the version that is being drafted.

    Raises NotVisible, StaleWrite, ContractNotEditable, PlaceholderUnknown, InvalidInput (at `clauses`).
    """
    contract = open_contract(actor, contract_id, version)
    draft = draft_version(contract)
    write_clauses(draft, clauses)
    contract.save_changes()
    return draft


@service("contracts.draft")
def restore_clauses(actor: Actor, contract_id: int, *, version: int | None = None) -> ContractVersion:
    """Start the clauses of the draft anew from the templates of its kind.

    Raises NotVisible, StaleWrite, ContractNotEditable.
    """
    contract = open_contract(actor, contract_id, version)
    draft = draft_version(contract)
    write_clauses(draft, from_templates(contract))
    contract.save_changes()
    return draft


@service("contracts.configure")
def create_template(actor: Actor, *, contract_kind: ContractKind, **facts: Unpack[TemplateFacts]) -> ClauseTemplate:
    """Add a clause that drafts of a kind start with, at the end. Raises PlaceholderUnknown, InvalidInput."""
    last = ClauseTemplate.objects.filter(contract_kind=contract_kind).aggregate(last=Max("position"))["last"] or 0
    template = ClauseTemplate(contract_kind=contract_kind, position=last + 1, **facts)
    _write_template(template)
    return template


@service("contracts.configure")
def update_template(
    actor: Actor, template_id: int, *, version: int | None = None, **changes: Unpack[TemplateFacts]
) -> ClauseTemplate:
    """Change a clause that drafts start with; contracts that have it keep theirs.

    Raises NotVisible, StaleWrite, PlaceholderUnknown, InvalidInput.
    """
    template = lock(ClauseTemplate.objects.all(), template_id)
    check_version(template, version)
    written = [name for name, value in changes.items() if getattr(template, name) != value]
    for name in written:
        setattr(template, name, changes[name])  # type: ignore[literal-required]
    if written:
        _write_template(template, *written)
    return template


@service("contracts.configure")
def reorder_templates(
    actor: Actor, *, contract_kind: ContractKind, template_ids: Sequence[int]
) -> list[ClauseTemplate]:
    """Put the clauses of a kind into an order; all of them are named. Raises NotVisible, ListedTwice."""
    references.refuse_twice(template_ids)
    rows = {row.pk: row for row in lock_all(ClauseTemplate.objects.filter(contract_kind=contract_kind), template_ids)}
    if len(rows) != ClauseTemplate.objects.filter(contract_kind=contract_kind).count():
        raise NotVisible
    for position, pk in enumerate(template_ids, start=1):
        rows[pk].position = position
    ClauseTemplate.objects.bulk_update(rows.values(), ["position"])
    return [rows[pk] for pk in template_ids]


@service("contracts.configure")
def remove_template(actor: Actor, template_id: int, *, version: int | None = None) -> None:
    """Remove a clause that drafts start with; contracts that have it keep theirs. Raises NotVisible, StaleWrite."""
    template = lock(ClauseTemplate.objects.all(), template_id)
    check_version(template, version)
    template.delete()


def from_templates(contract: Contract) -> list[ClauseDraft]:
    """The clauses that a draft of the contract's kind starts with. One statement."""
    templates = ClauseTemplate.objects.filter(contract_kind=contract.kind, is_active=True)
    return [
        ClauseDraft(ClauseKey(row.key), row.body, row.body_zh, row.title, row.title_zh, row.is_main)
        for row in templates.order_by("position", "pk")
    ]


def write_clauses(version: ContractVersion, drafts: Sequence[ClauseDraft]) -> None:
    """Replace the clauses of a draft version. Raises PlaceholderUnknown, InvalidInput (at `clauses`)."""
    rows = []
    for position, draft in enumerate(drafts, start=1):
        refuse_unknown_names(draft.body, draft.body_zh)
        row = ContractClause(
            version=version,
            position=position,
            key=draft.key,
            is_main=draft.is_main,
            title=draft.title.strip(),
            title_zh=draft.title_zh.strip(),
            body=draft.body.strip(),
            body_zh=draft.body_zh.strip(),
        )
        if refusal := clean_row(row):
            raise _at_clauses(refusal)
        rows.append(row)
    ContractClause.objects.filter(version=version).delete()
    for refusal in write_rows(rows, ContractClause.objects.bulk_create).values():
        raise _at_clauses(refusal)


def refuse_unknown_names(*texts: str) -> None:
    """Refuse names in curly braces that stand for nothing. Raises PlaceholderUnknown."""
    if unknown := list(dict.fromkeys(name for text in texts for name in unknown_names(text))):
        raise PlaceholderUnknown(
            names=", ".join(f"{{{name}}}" for name in unknown),
            known=", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
        )


def _write_template(template: ClauseTemplate, *fields: str) -> None:
    refuse_unknown_names(template.body, template.body_zh)
    if refusal := clean_row(template):
        raise refusal
    save = (lambda rows: rows[0].save_changes(*fields)) if fields else (lambda rows: rows[0].save(force_insert=True))
    for refusal in write_rows([template], save).values():
        raise refusal


def _at_clauses(refusal: InvalidInput) -> InvalidInput:
    return InvalidInput({"clauses": [sentence for found in refusal.errors.values() for sentence in found]})
