"""Taking a contract in hand: lock it, look at it fresh, refuse what its state does not allow."""

from __future__ import annotations

from collections.abc import Collection

from loudou.contracts.choices import ContractState, VersionState
from loudou.contracts.errors import ContractNotEditable, ContractStateRefused, NoAmendment
from loudou.contracts.models import Contract, ContractVersion
from loudou.core.actors import Actor
from loudou.core.verbs import check_version, lock


def open_contract(actor: Actor, contract_id: int, version: int | None = None) -> Contract:
    """Lock a contract the actor may see, and check what the actor has read. Raises NotVisible, StaleWrite."""
    contract = lock(Contract.objects.visible_to(actor).select_related("customer", "contact"), contract_id)
    check_version(contract, version)
    return contract


def refuse_unless(contract: Contract, states: Collection[str]) -> None:
    """Refuse an act that the contract's state does not allow. Raises ContractStateRefused."""
    if contract.state not in states:
        raise ContractStateRefused(contract=str(contract), state=contract.get_state_display())


def draft_version(contract: Contract) -> ContractVersion:
    """Return the version that may be edited: the draft itself, or the draft of an amendment.

    Raises ContractNotEditable.
    """
    found = ContractVersion.objects.filter(contract=contract, state=VersionState.DRAFT).first()
    if found is None:
        raise ContractNotEditable(contract=str(contract), state=contract.get_state_display())
    return _of(contract, found)


def first_version(contract: Contract) -> ContractVersion:
    """Return the version that a contract which is not signed yet consists of."""
    return _of(contract, contract.versions.get(sequence=1))


def open_amendment(contract: Contract, *states: str) -> ContractVersion:
    """Return the amendment that is being negotiated, in one of the states. Raises NoAmendment."""
    found = ContractVersion.objects.filter(contract=contract, sequence__gt=1, state__in=states).first()
    if found is None:
        raise NoAmendment(contract=str(contract))
    return _of(contract, found)


def version_in_force(contract: Contract) -> ContractVersion:
    """Return the version that binds. Raises ContractStateRefused when the contract was never signed."""
    if contract.version_in_force is None:
        raise ContractStateRefused(contract=str(contract), state=contract.get_state_display())
    return _of(contract, contract.version_in_force)


def save_totals(contract: Contract, version: ContractVersion, *fields: str) -> None:
    """Write a version and what the contract repeats of it, when it is the one that the contract stands for."""
    version.save_changes("net_amount", "tax_amount", "amount", *fields)
    if contract.state == ContractState.DRAFT:
        repeat(contract, version)
        contract.save_changes(*REPEATED)
    else:
        contract.save_changes()


REPEATED = ("net_amount", "tax_amount", "amount", "effective_on", "expires_on")


def repeat(contract: Contract, version: ContractVersion) -> None:
    """Let the contract say what a version says, without writing it."""
    for name in REPEATED:
        setattr(contract, name, getattr(version, name))


def _of(contract: Contract, version: ContractVersion) -> ContractVersion:
    version.contract = contract  # the locked row, so that whatever reads on sees it fresh
    return version
