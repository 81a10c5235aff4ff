"""Editing what is being drafted: the contract before its offer, or an amendment before its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loudou.contracts.choices import ContractState
from loudou.contracts.errors import ContractNotEditable
from loudou.contracts.models import Contract, ContractVersion, LineTerms
from loudou.contracts.services import references
from loudou.contracts.services.drafts import ContractChanges, LineDraft, TermsFacts
from loudou.contracts.services.lines import refuse_undercut, reprice, write_lines
from loudou.contracts.services.opening import draft_version, open_contract, save_totals
from loudou.core.actors import Actor
from loudou.core.bulk import clean_row, write_rows
from loudou.core.money import check_currency
from loudou.core.refusals import InvalidInput
from loudou.core.verbs import service

EDITABLE = frozenset(ContractChanges.__annotations__)
TERMS = frozenset(TermsFacts.__annotations__)
OF_THE_DRAFT = frozenset({"title", "kind", "customer_id", "currency", "tax_included"})
"""Fields that are part of what is offered: they are changed in a draft only."""


@service("contracts.draft")
def update_contract(
    actor: Actor, contract_id: int, *, changes: ContractChanges, version: int | None = None
) -> Contract:
    """Change fields of a contract. What is part of the offer changes in a draft only, the rest at any time.

    Raises NotVisible, StaleWrite, ContractNotEditable, InvalidInput, ContractOwnerRefused, UnknownCurrency,
    PermissionRefused (another owner without contracts.assign).
    """
    if unknown := set(changes) - EDITABLE:
        raise TypeError(f"not fields of a contract that can be changed here: {sorted(unknown)}")
    contract = open_contract(actor, contract_id, version)
    given: dict[str, Any] = stripped(changes)
    if "currency" in given:
        given["currency"] = check_currency(given["currency"])
    changed = {name for name, value in given.items() if getattr(contract, name) != value}
    if not changed:
        return contract
    if changed & OF_THE_DRAFT and contract.state != ContractState.DRAFT:
        raise ContractNotEditable(contract=str(contract), state=contract.get_state_display())
    _check_references(actor, contract, given, changed)
    for name in changed:
        setattr(contract, name, given[name])
    if refusal := clean_row(contract):
        raise refusal
    for refusal in write_rows([contract], lambda rows: rows[0].save_changes(*changed)).values():
        raise refusal
    if changed & {"customer_id", "owner_id"}:
        references.let_owner_see(contract, contract.customer)
    if changed & {"currency", "tax_included"}:
        reprice(contract, draft_version(contract))
    return contract


@service("contracts.draft")
def set_lines(
    actor: Actor, contract_id: int, *, lines: Sequence[LineDraft], version: int | None = None
) -> list[LineTerms]:
    """Replace the lines of the version that is being drafted; its amounts follow.

    Raises NotVisible, StaleWrite, ContractNotEditable, LineOfOtherContract, ListedTwice, AmendmentUndercuts,
    InvalidInput (at `lines`).
    """
    contract = open_contract(actor, contract_id, version)
    draft = draft_version(contract)
    rows = write_lines(contract, draft, lines)
    if draft.is_amendment:
        refuse_undercut(contract, draft)
    return rows


@service("contracts.draft")
def set_terms(actor: Actor, contract_id: int, *, changes: TermsFacts, version: int | None = None) -> ContractVersion:
    """Change the terms of the version that is being drafted: when, where and how, quality, warranty, penalty.

    Raises NotVisible, StaleWrite, ContractNotEditable, InvalidInput.
    """
    contract = open_contract(actor, contract_id, version)
    draft = draft_version(contract)
    written = apply_terms(draft, changes)
    if written:
        for refusal in write_rows([draft], lambda rows: save_totals(contract, rows[0], *written)).values():
            raise refusal
    return draft


def apply_terms(draft: ContractVersion, changes: TermsFacts) -> set[str]:
    """Put terms on a version without writing it; return the fields that changed. Raises InvalidInput."""
    if unknown := set(changes) - TERMS:
        raise TypeError(f"not terms of a contract: {sorted(unknown)}")
    given = stripped(changes)
    written = {name for name, value in given.items() if getattr(draft, name) != value}
    for name in written:
        setattr(draft, name, given[name])
    if refusal := clean_row(draft):
        raise refusal
    return written


def stripped(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts without blanks around their texts."""
    return {name: value.strip() if isinstance(value, str) else value for name, value in facts.items()}


def _check_references(actor: Actor, contract: Contract, given: dict[str, Any], changed: set[str]) -> None:
    """Check only what is changed: what is there already may stay."""
    if "customer_id" in changed:
        contract.customer = references.check_customer(actor, given["customer_id"])
        if contract.opportunity_id is not None and "opportunity_id" not in changed:
            raise InvalidInput({"customer": [references.OTHER_CUSTOMER]})
    if "contact_id" in changed:
        references.check_contact(actor, given["contact_id"])
    if "opportunity_id" in changed:
        customer_id = given.get("customer_id", contract.customer_id)
        references.check_opportunity(actor, given["opportunity_id"], customer_id=customer_id)
    if "owner_id" in changed:
        references.check_owner(actor, given["owner_id"], present=contract.owner_id)
