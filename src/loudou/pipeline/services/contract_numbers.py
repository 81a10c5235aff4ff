"""The number of the contract that a sale ended in: given when it is won, or taken from the contract drafted from it."""

from __future__ import annotations

from loudou.pipeline.models import Opportunity


def hold_unnumbered(opportunity_id: int | None) -> Opportunity | None:
    """Lock the sale that a contract comes from if no contract number is on it yet; call it before locking customers."""
    if opportunity_id is None:
        return None
    rows = Opportunity.objects.filter(pk=opportunity_id, contract_reference="")
    return rows.select_for_update(no_key=True, of=("self",)).first()


def keep_contract_number(opportunity: Opportunity | None, number: str) -> None:
    """Put the number of its contract on a sale that has none, so that it is found by it; what was typed in stays."""
    if opportunity is not None and number:
        opportunity.contract_reference = number
        opportunity.save_changes("contract_reference")
